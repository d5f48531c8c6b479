// Changes of a series of numbers (Um et al. 2017): noise, another scale, and time that runs faster here and slower there.
import { normals, type Random } from '../nodes/random.ts';

/** Noise: for each value, a number from a normal distribution with mean 0. */
export function noise(count: number, deviation: number, draw: Random): Float32Array {
  return normals(count, deviation, draw);
}

/** A factor for a whole series, from a normal distribution with mean 1. */
export function factor(deviation: number, draw: Random): number {
  return deviation === 0 ? 1 : 1 + (normals(1, deviation, draw)[0] as number);
}

/** Places between the ends at which time's speed is drawn, as in Um et al. */
const knots = 4;

/**
 * A course of time from 0 to 1: increasing, with a steady speed, equal to time itself where the deviation is 0. The logarithm of the
 * speed is drawn at the ends and at four places between (with this standard deviation), and is linear in between.
 */
export function timeWarp(deviation: number, draw: Random): (time: number) => number {
  const speeds = normals(knots + 2, deviation, draw);
  const pieces = speeds.length - 1;
  /** How far time gets in a piece, up to a part of it: the integral of exp(a + (b - a) u) from 0 to `part`. */
  const within = (piece: number, part: number) => {
    const a = speeds[piece] as number;
    const slope = (speeds[piece + 1] as number) - a;
    return Math.abs(slope) < 1e-9 ? Math.exp(a) * part : (Math.exp(a) * Math.expm1(slope * part)) / slope;
  };
  const until = [0];
  for (let piece = 0; piece < pieces; piece++) until.push((until[piece] as number) + within(piece, 1));
  const whole = until.at(-1) as number;
  return (time) => {
    if (time <= 0) return 0;
    if (time >= 1) return 1;
    const piece = Math.floor(time * pieces);
    return ((until[piece] as number) + within(piece, time * pieces - piece)) / whole;
  };
}

/** The value at a place between two values of a series, by linear interpolation; null where one that is needed is missing. */
export function valueAt(series: readonly (number | null)[], place: number): number | null {
  const low = Math.floor(place);
  const part = place - low;
  const before = series[low] ?? null;
  if (part === 0 || before === null) return before;
  const after = series[low + 1] ?? null;
  return after === null ? null : before + part * (after - before);
}
