// What the operations are made with.
import type { Documents, Draw, Rope, Tensor } from '../../nodes/ops.ts';
import type { Kernels, T } from '../kernels.ts';
import { type Operation, type Tape, Value } from '../tape.ts';

/** What is fed instead of computed where the place in the text is open (see write.ts). */
export interface Given {
  /** True where a query may look at a key, [time, past]; null: everywhere. */
  seen: T | null;
  /** cos or sin of position * frequency for the positions of the pass, [1, time, 1, d/2]. */
  rotary(rope: Rope, wave: (angle: number) => number): T;
  /** How many products may be worked on at once. */
  threads: number;
}

export interface Making {
  k: Kernels;
  tape: Tape;
  given: Given | null;
  /** An operation with one output. */
  one(inputs: Tensor[], operation: () => Operation): Value;
  /**
   * What several layers share, such as rotary tables, made of nothing else or of one value: one node when recording; made anew
   * where a tidy freed it.
   */
  shared(key: string, make: () => T, of?: Value | null): T;
}

export function making(k: Kernels, tape: Tape, given: Given | null): Making {
  const known = new Map<string, { made: T; of: Value | null }>();
  return {
    k,
    tape,
    given,
    one: (inputs, operation) => tape.apply(inputs.map(value), operation)[0],
    shared(key, make, of = null) {
      const found = known.get(key);
      if (found !== undefined && found.of === of && !found.made.isDisposed) return found.made;
      const made = make();
      known.set(key, { made, of });
      return made;
    },
  };
}

export const value = (x: Tensor): Value => {
  if (x instanceof Value) return x;
  throw new Error('an operation was given a tensor that is not of this session');
};

/** What the backward pass should use for a value of the forward pass. */
export const again = (k: Kernels, after: T, { data, remake }: Value): T =>
  remake === null ? data : k.again(after, data, remake);

/** Sizes of pieces of rows, as equal as they can be, whose logits over `vocab` take about so many bytes. */
export function pieces(rows: number, vocab: number, bytes: number): number[] {
  const count = Math.min(rows, Math.ceil((4 * rows * vocab) / bytes));
  const end = (i: number): number => Math.floor((i * rows) / count);
  return Array.from({ length: count }, (_, i) => end(i + 1) - end(i));
}

/** rows head^T + bias. [rows, vocab] */
export function logitsOf(k: Kernels, rows: T, head: T, bias: Tensor | null): T {
  const products = k.matmul(rows, head, false, true);
  return bias === null ? products : k.add(products, value(bias).data);
}

/** What each position counts in its window's mean, padding nothing. [batch, time, 1] */
export function eachPosition(k: Kernels, documents: Documents | null, batch: number, time: number): T {
  if (documents === null) return k.constant(new Float32Array(batch * time).fill(1 / time), [batch, time, 1], 'float32');
  const real = k.reshape(value(documents.real).data, [batch, time, 1]);
  return k.div(real, k.maximum(k.sum(real, [1], true), k.scalar(1)));
}

/** A gradient of what was broadcast, summed back to the shape it had. */
export function shrink(k: Kernels, g: T, shape: number[]): T {
  const extra = g.shape.length - shape.length;
  const axes = g.shape.flatMap((size, axis) =>
    axis < extra || (size !== 1 && shape[axis - extra] === 1) ? [axis] : [],
  );
  return axes.length === 0 ? g.clone() : k.reshape(k.sum(g, axes), shape);
}

/** True for the elements that dropout leaves. */
export function kept(k: Kernels, { rate, seed, site }: Draw, shape: number[]): T {
  return k.greater(k.uniform(value(seed).data, site, shape), k.scalar(rate));
}

/** x where `mask` is true, times 1 / (1 - rate); 0 elsewhere. */
export function dropped(k: Kernels, x: T, mask: T, rate: number): T {
  return k.select(mask, k.mul(x, k.scalar(1 / (1 - rate))), k.scalar(0));
}
