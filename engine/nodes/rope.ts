// Rotary frequencies, and their scaling for contexts longer than the model was first trained on: YaRN's and LLaMA 3's.
import type { Rope } from './ops.ts';

export interface Yarn {
  factor: number;
  /** Context the model was first trained with, in tokens. */
  originalContext: number;
  betaFast: number;
  betaSlow: number;
  mscale: number;
  mscaleAllDim: number;
}

/** LLaMA 3.1's: slow waves are stretched, fast ones kept, those between blended. */
export interface Llama3 {
  factor: number;
  /** Context the model was first trained with, in tokens. */
  originalContext: number;
  /** Turns in that context below which a wave is slow, and above which it is fast. */
  low: number;
  high: number;
}

/** YaRN's attention factor: 0.1 m ln(factor) + 1 (Peng et al. 2023). */
export function yarnScale(factor: number, mscale: number): number {
  return factor <= 1 ? 1 : 0.1 * mscale * Math.log(factor) + 1;
}

/** Inverse frequencies theta^(-2i/d) for a rotary width d (Su et al. 2021). */
const plain = (width: number, theta: number): number[] =>
  Array.from({ length: width / 2 }, (_, i) => theta ** ((-2 * i) / width));

/** Rotary frequencies for this width; YaRN blends interpolated and original ones by a ramp. */
export function rope(width: number, theta: number, interleaved: boolean, yarn: Yarn | null): Rope {
  const base = plain(width, theta);
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

/** Rotary frequencies with LLaMA 3.1's scaling (Grattafiori et al., arXiv 2407.21783; as in transformers). */
export function llama3Rope(width: number, theta: number, { factor, originalContext, low, high }: Llama3): Rope {
  const frequencies = plain(width, theta).map((frequency) => {
    const turns = (originalContext * frequency) / (2 * Math.PI);
    if (turns < low) return frequency / factor;
    if (turns > high) return frequency;
    const smooth = (turns - low) / (high - low);
    return (frequency / factor) * (1 - smooth) + frequency * smooth;
  });
  return { frequencies, factor: 1, interleaved: false };
}
