// A part of a model as its module sees it: names of its own, under a prefix that the model's passes know them by; and norms.
import { draw } from './draw.ts';
import type { Forward, LayerCache, ProgramForward, Tensor, Weight } from './module.ts';
import type { NormKind } from './values.ts';

/** The surroundings of the part whose names begin with `prefix`. */
export function scoped(
  f: ProgramForward,
  prefix: string,
  { cache = null, both = false }: { cache?: LayerCache | null; both?: boolean } = {},
): Forward {
  const { ops, batch, time, start, documents, memory = null, training, penalty } = f;
  const weight = (name: string): Tensor => f.weight(prefix + name);
  return {
    ops,
    batch,
    time,
    start,
    documents,
    memory,
    both,
    training,
    cache,
    weight,
    linear(x, name, bias = false) {
      const plain = (input: Tensor): Tensor =>
        ops.linear(input, weight(`${name}.weight`), bias ? weight(`${name}.bias`) : undefined);
      return f.linear ? f.linear(x, prefix + name, plain) : plain(x);
    },
    matrix(name) {
      const plain = (): Tensor => weight(`${name}.weight`);
      return f.matrix ? f.matrix(prefix + name, plain) : plain();
    },
    draw: (rate, name) => draw(f, rate, prefix + name),
    penalty,
    update: (name, of, delta) => f.update(prefix + name, of, delta),
    report: (name, value) => f.report(prefix + name, value),
  };
}

export function prefixed(weights: Weight[], prefix: string): Weight[] {
  return weights.map((w) => ({
    ...w,
    name: prefix + w.name,
    ...(w.parts && { parts: w.parts.map((part) => ({ ...part, name: prefix + part.name })) }),
  }));
}

/** A linear layer's matrix [rows, columns] under `NAME.weight`, and its bias. */
export function linearWeights(name: string, rows: number, columns: number, bias: boolean): Weight[] {
  const matrix: Weight = { name: `${name}.weight`, shape: [rows, columns], init: 'normal', trained: true };
  return bias ? [matrix, { name: `${name}.bias`, shape: [rows], init: 'zeros', trained: true }] : [matrix];
}

/** A norm's gain under `NAME.weight`, and the bias of a LayerNorm. */
export function normWeights(name: string, kind: NormKind, dim: number): Weight[] {
  const gain: Weight = { name: `${name}.weight`, shape: [dim], init: 'ones', trained: true };
  return kind === 'layer' ? [gain, { name: `${name}.bias`, shape: [dim], init: 'zeros', trained: true }] : [gain];
}

export function normed(
  f: Pick<Forward, 'ops' | 'weight'>,
  x: Tensor,
  name: string,
  kind: NormKind,
  eps: number,
): Tensor {
  const gain = f.weight(`${name}.weight`);
  return kind === 'layer' ? f.ops.layerNorm(x, gain, f.weight(`${name}.bias`), eps) : f.ops.rmsNorm(x, gain, eps);
}
