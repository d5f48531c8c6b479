// Exponential smoothing of a curve that grows: what was smoothed already is not done again.
import { type Growing, growing, push } from '../runs/series.ts';

export interface Smoothed {
  readonly weight: number;
  readonly values: Growing;
  /** Sum so far and what it would be of ones: dividing the two takes the beginning's bias out (as Adam does). */
  sum: number;
  norm: number;
}

/** @param weight of what came before, 0 to below 1 */
export function newSmoothed(weight: number): Smoothed {
  return { weight, values: growing(), sum: 0, norm: 0 };
}

/** Goes on to the end of `raw`. A gap stays a gap and counts for nothing. */
export function extend(smoothed: Smoothed, raw: Float64Array): Float64Array {
  const { weight, values } = smoothed;
  for (let i = values.length; i < raw.length; i++) {
    const value = raw[i] as number;
    if (!Number.isFinite(value)) {
      push(values, Number.NaN);
      continue;
    }
    smoothed.sum = weight * smoothed.sum + (1 - weight) * value;
    smoothed.norm = weight * smoothed.norm + (1 - weight);
    push(values, smoothed.sum / smoothed.norm);
  }
  return values.values.subarray(0, values.length);
}
