// Spikes of a training: a loss, or a gradient, that stands out of those of the steps before by many standard deviations.
import type { Limits } from './module.ts';

export interface SpikeOptions {
  /** Steps that are looked back on. */
  window: number;
  /** Standard deviations above their mean from which a number is a spike. */
  sigma: number;
}

/** Plain data, so that it goes into a checkpoint: the numbers of the last steps that were none. */
export interface Course {
  losses: number[];
  norms: number[];
}

// With fewer numbers than this, or this part of the window, there is nothing to stand out of.
const FEWEST = 10;
const PART = 0.5;
/** Numbers that hardly differ do not make the next one a spike: a part of the mean that counts as one deviation at least. */
const LEAST = 1e-3;

/** What the next step may not exceed. */
export function spikeLimits({ losses, norms }: Course, { window, sigma }: SpikeOptions): Limits {
  const enough = losses.length >= Math.max(FEWEST, PART * window);
  const above = (values: readonly number[]): number => {
    if (!enough) return Number.POSITIVE_INFINITY;
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
    return mean + sigma * Math.max(Math.sqrt(variance), LEAST * Math.abs(mean));
  };
  return { loss: above(losses), gradient: above(norms) };
}

/** The course with one more step, that was no spike. */
export function along({ losses, norms }: Course, loss: number, norm: number, { window }: SpikeOptions): Course {
  const add = (values: readonly number[], value: number) => [...values.slice(-(window - 1)), value];
  return { losses: add(losses, loss), norms: add(norms, norm) };
}
