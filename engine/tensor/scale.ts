// Dynamic loss scaling for float16, as PyTorch's GradScaler: what the loss is multiplied with for the backward pass, so that small
// gradients are not lost (Micikevicius et al. 2018, arXiv 1710.03740).
import type { Learning } from '../nodes/module.ts';
import { valueOf } from './pass.ts';

export const scaleName = 'loss_scale';
const growthName = 'loss_scale/steps';

/** Steps without a fault after which it doubles. */
const interval = 2000;
/** Where no gradient is finite at a scale this small, it is not the scale. */
const smallest = 2 ** -14;

export class LossScale {
  current: number;
  private fine = 0;

  constructor(first: number) {
    this.current = first;
  }

  /** All gradients were finite. */
  passed(): void {
    this.fine++;
    if (this.fine < interval) return;
    this.current *= 2;
    this.fine = 0;
  }

  /** One was not: halves the scale. False where that helps no more. */
  failed(): boolean {
    this.current /= 2;
    this.fine = 0;
    return this.current >= smallest;
  }

  *state(): Generator<{ name: string; shape: number[]; values: Float32Array }> {
    yield { name: scaleName, shape: [], values: Float32Array.of(this.current) };
    yield { name: growthName, shape: [], values: Float32Array.of(this.fine) };
  }

  load(values: ReadonlyMap<string, Float32Array>): void {
    [this.current] = valueOf(values, scaleName);
    [this.fine] = valueOf(values, growthName);
  }
}

/** GradScaler's 65,536 on the mean: gradients here are those of a sum over about as many rows as the longest input has. */
export function firstScale({ inputs }: Learning): number {
  const rows = Math.max(1, ...inputs.map(({ shape }) => shape[0] ?? 1));
  return 2 ** Math.floor(16 - Math.log2(rows));
}
