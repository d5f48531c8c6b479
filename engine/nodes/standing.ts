// How a training stands besides its weights: what a checkpoint has to hold so that the run goes on as if it had never stopped.
import type { Course } from './spikes.ts';

export interface Standing {
  loss: number | null;
  valid_loss: number | null;
  /** Of the last steps, for telling spikes. */
  course: Course;
  /** Steps whose updates were refused: all, and those without one between that went through. */
  skipped: number;
  in_row: number;
  /** Batches that were left behind by going back, and how often that was without getting past the place. */
  passed_over: number;
  backs: number;
  /** Step of the spike that was gone back from last. */
  spike: number;
  /** Where it would go back to. */
  back: { step: number; skipped: number; course: Course } | null;
  /** The measurement to be beaten, and how many have not. */
  best: { step: number; loss: number } | null;
  waited: number;
}

export const atStart: Standing = {
  loss: null,
  valid_loss: null,
  course: { losses: [], norms: [] },
  skipped: 0,
  in_row: 0,
  passed_over: 0,
  backs: 0,
  spike: 0,
  back: null,
  best: null,
  waited: 0,
};

/** What a checkpoint holds; one of an older version says less. */
export function standingOf(state: Record<string, unknown>): Standing {
  return { ...atStart, ...(state as Partial<Standing>) };
}

/** The standing after a measurement. Better is what is lower by more than `least`. */
export function measured(standing: Standing, step: number, loss: number, least: number): Standing {
  const { best, waited } = standing;
  const better = best === null || loss < best.loss - least;
  return {
    ...standing,
    valid_loss: loss,
    best: better ? { step, loss } : best,
    waited: better ? 0 : waited + 1,
  };
}

/** Names of what is kept beside the checkpoints. */
export const bestName = (step: number): string => `best-${step}`;
export const backName = (step: number): string => `back-${step}`;
