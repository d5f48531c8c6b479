// Rotary frequencies, with YaRN's scaling for contexts longer than the model was first trained on.
import type { Rope } from './module.ts';

export interface Yarn {
  factor: number;
  /** Context the model was first trained with, in tokens. */
  originalContext: number;
  betaFast: number;
  betaSlow: number;
  mscale: number;
  mscaleAllDim: number;
}

/** YaRN's attention factor: 0.1 m ln(factor) + 1 (Peng et al. 2023). */
export function yarnScale(factor: number, mscale: number): number {
  return factor <= 1 ? 1 : 0.1 * mscale * Math.log(factor) + 1;
}

/** Inverse frequencies theta^(-2i/d) for a rotary width d (Su et al. 2021); YaRN blends interpolated and original ones by a ramp. */
export function rope(width: number, theta: number, interleaved: boolean, yarn: Yarn | null): Rope {
  const pairs = width / 2;
  const base = Array.from({ length: pairs }, (_, i) => theta ** ((-2 * i) / width));
  if (yarn === null) return { frequencies: base, factor: 1, interleaved };
  // The channel whose wave turns `rotations` times over the original context.
  const channel = (rotations: number): number =>
    (width * Math.log(yarn.originalContext / (rotations * 2 * Math.PI))) / (2 * Math.log(theta));
  const low = Math.max(Math.floor(channel(yarn.betaFast)), 0);
  const high = Math.min(Math.ceil(channel(yarn.betaSlow)), width - 1);
  const frequencies = base.map((frequency, i) => {
    const ramp = Math.min(Math.max((i - low) / Math.max(high - low, 0.001), 0), 1); // 0: keep, 1: interpolate
    return (frequency / yarn.factor) * ramp + frequency * (1 - ramp);
  });
  return {
    frequencies,
    factor: yarnScale(yarn.factor, yarn.mscale) / yarnScale(yarn.factor, yarn.mscaleAllDim),
    interleaved,
  };
}
