// Computing in two precisions: products of matrices in float16 or bfloat16, everything else in float32. Casts stand where the
// kernels meet, so operations and their backward passes are the same. What the backward pass needs of a product is its narrow operand,
// which takes half the memory; the weights themselves stay float32. Where PyTorch's autocast casts, this does (Micikevicius et al. 2018).
import type { Kernels, T } from './kernels.ts';

export type Half = 'float16' | 'bfloat16';

export function isHalf(x: T): boolean {
  const dtype: string = x.dtype;
  return dtype === 'float16' || dtype === 'bfloat16';
}

export function mixedKernels(k: Kernels, half: Half): Kernels {
  const narrowed = new WeakMap<T, T>();
  /** One cast of a tensor for all that multiply with it, the backward pass among them: nothing else of it need be kept. */
  const narrow = (x: T): T => {
    if (isHalf(x)) return x;
    const known = narrowed.get(x);
    if (known !== undefined) return known;
    const made = k.cast(x, half);
    narrowed.set(x, made);
    return made;
  };
  const wide = <X>(x: X): X => {
    if (Array.isArray(x)) return x.map(wide) as X;
    return isTensor(x) && isHalf(x) ? (k.cast(x, 'float32') as typeof x) : x;
  };
  const widened = Object.fromEntries(
    Object.entries(k).map(([name, kernel]) => {
      const called = kernel as (...given: unknown[]) => unknown;
      return [name, (...given: unknown[]) => called(...given.map(wide))];
    }),
  ) as unknown as Kernels;
  const { reshape, transpose, tile, gather, split, again, following, tidy, keep, constant, scalar, cast } = k;
  return {
    ...widened,
    // These move numbers about, whatever they are, or compute nothing.
    ...{ reshape, transpose, tile, gather, split, again, following, tidy, keep, constant, scalar, cast },
    concat: (xs, axis) => k.concat(xs.every(isHalf) ? xs : xs.map(wide), axis),
    compact: narrow,
    matmul: (a, b, ta, tb) => k.matmul(narrow(a), narrow(b), ta, tb),
    batchMatmul: (a, b, ta, tb) => k.batchMatmul(narrow(a), narrow(b), ta, tb),
  };
}

function isTensor(x: unknown): x is T {
  return typeof x === 'object' && x !== null && 'dtype' in x && 'shape' in x;
}
