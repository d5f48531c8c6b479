// What schedules share: lengths that are a share of all steps or a number of them, and the rise at the beginning.
import type { Param } from './kind.ts';
import type { Schedule } from './optimizer.ts';

/** Below 1 a share of all steps, else a number of them. */
export function lengthIn(steps: number, length: number): number {
  return length < 1 ? Math.round(length * steps) : length;
}

export const warmupParam: Param = {
  type: 'number',
  minimum: 0,
  default: 0.05,
  unit: 'steps',
  description: 'Length of the rise: below 1 a share of all steps (10%), else a number of steps.',
};

export const floorParam: Param = {
  type: 'number',
  minimum: 0,
  maximum: 1,
  default: 0.1,
  description: 'Share of the rate that is left at the end.',
};

/**
 * Rises in a line from 0, then `course` from 0 (the top) to 1 (the last step). Step 1 is the first that moves anything: what
 * transformers' schedules give at number `step`, whose own first step is one at a rate of 0.
 */
export function afterWarmup(warmup: number, course: (share: number) => number): Schedule {
  return (step, steps) => {
    const rise = lengthIn(steps, warmup);
    if (step < rise) return step / rise;
    return course(steps > rise ? Math.min((step - rise) / (steps - rise), 1) : 1);
  };
}

export const shapes = ['cosine', 'linear', 'root'] as const;
export type Shape = (typeof shapes)[number];

/** How much is left of a fall of this shape after this share of it: 1 .. 0. */
export function falling(shape: Shape, share: number): number {
  if (shape === 'cosine') return 0.5 * (1 + Math.cos(Math.PI * share));
  return shape === 'linear' ? 1 - share : 1 - Math.sqrt(share);
}
