// The operations that models and losses are written in. engine/tensor/ops.ts carries them out, each with a backward pass.

import type { Pool } from './values.ts';

/** A tensor on the device. Shapes in comments read [rows, columns]; n stands for batch * time. */
export interface Tensor {
  readonly shape: number[];
  readonly dtype: string;
}

/** Documents that share windows, as a forward pass needs them. */
export interface Documents {
  /** As in Batch, int32 [n]. */
  starts: Tensor;
  /** Place of each token in its document, int32 [n]. */
  positions: Tensor;
  /** 1 for tokens, 0 for padding, float32 [n]. */
  real: Tensor;
}

/** Rotary position embedding: inverse frequencies with their scaling (YaRN, LLaMA 3) already applied. */
export interface Rope {
  /** One per pair of channels, radians per position. */
  frequencies: number[];
  /** Factor on cos and sin (YaRN's attention factor; 1 without). */
  factor: number;
  /** True: rotates channels (2i, 2i+1), as DeepSeek does; false: (i, i + d/2), as LLaMA does. */
  interleaved: boolean;
}

/** What is dropped while training: the same at each of its sites in each step, however often it is computed. */
export interface Draw {
  /** Share that is dropped. */
  rate: number;
  /** What is fed: seed and step, int32 [2]. */
  seed: Tensor;
  /** Tells apart the places of a model that draw. */
  site: number;
}

export interface Attending {
  /** Of windows that hold several, where past is time: no token sees another document's. */
  documents?: Documents | null;
  /** Every position sees all others (of its document), not those before it alone. */
  both?: boolean;
  /** Of keys that are not the queries' own: their padding is not seen. Past may be anything then. */
  keys?: Documents | null;
  /** On the shares of attention. */
  dropout?: Draw | null;
}

export interface RouteSpec {
  /** Experts each token goes to. */
  active: number;
  groups: number;
  /** Groups that may be chosen from. */
  activeGroups: number;
  /** Weights of the chosen sum to `scale` when set; raw scores times `scale` otherwise. */
  normalize: boolean;
  scale: number;
  /** What makes scores of the router's products. Default: sigmoid, and a group counts as much as its two best (DeepSeek-V3). With
   * softmax a group counts as much as its best (DeepSeek-V2). */
  scores?: 'softmax';
}

export interface Routing {
  /** Chosen experts, int32 [n, active]. */
  experts: Tensor;
  /** Their weights, float32 [n, active]; differentiable. */
  weights: Tensor;
  /** Tokens each expert got, float32 [experts]. */
  load: Tensor;
  /** Every expert's score, without the bias, float32 [n, experts]; differentiable. */
  scores: Tensor;
}

export interface Counted {
  /** Factor on each row's loss, float32 [n]. Absent: 1. */
  learned?: Tensor | null;
  /** Share of the target that is spread evenly over all classes (Szegedy et al. 2016). */
  smoothing?: number;
}

/** What a teacher says of each row: shares [n, k] of its k likeliest tokens, ids int32 [n, k], and what is left for all others, [n]. */
export interface Likeliest {
  ids: Tensor;
  shares: Tensor;
  rest: Tensor;
}

/** How much of a loss is learning from a teacher: alpha T^2 KL + (1 - alpha) of the rest (Hinton et al. 2015). */
export interface Soft extends Likeliest {
  /** At which the teacher's shares were taken. */
  temperature: number;
  alpha: number;
}

/** Differentiable operations, each with a backward pass of its own. */
export interface Ops {
  /** A tensor that depends on nothing. */
  constant(values: Float32Array | Int32Array, shape: number[]): Tensor;
  /** Rows of x [rows, dim] at ids int32 [n] -> [n, dim]; of a vector, its elements. */
  embed(x: Tensor, ids: Tensor): Tensor;
  /** x [n, in] times weight [out, in] transposed, plus bias [out] -> [n, out]. */
  linear(x: Tensor, weight: Tensor, bias?: Tensor): Tensor;
  /** x [n, dim] / sqrt(mean(x^2) + eps) * gain over the last axis (Zhang & Sennrich 2019). */
  rmsNorm(x: Tensor, gain: Tensor, eps: number): Tensor;
  /** (x - mean) / sqrt(variance + eps) * gain + bias over the last axis of x [n, dim] (Ba et al. 2016). */
  layerNorm(x: Tensor, gain: Tensor, bias: Tensor, eps: number): Tensor;
  /** x / max(length, 1e-12) over the last axis of x [n, dim]. */
  unit(x: Tensor): Tensor;
  /** Elementwise; the smaller broadcasts, as in the three below. */
  add(a: Tensor, b: Tensor): Tensor;
  sub(a: Tensor, b: Tensor): Tensor;
  mul(a: Tensor, b: Tensor): Tensor;
  div(a: Tensor, b: Tensor): Tensor;
  /** 1 where two int32 tensors are equal, 0 elsewhere, float32 (no gradient). */
  same(a: Tensor, b: Tensor): Tensor;
  /** The larger of x and a number (no gradient). */
  atLeast(x: Tensor, least: number): Tensor;
  /** x times a number. */
  scale(x: Tensor, factor: number): Tensor;
  /** Sum of all elements, scalar. */
  total(x: Tensor): Tensor;
  /** silu(gate) * up, all [n, h] (Shazeer 2020). */
  swiglu(gate: Tensor, up: Tensor): Tensor;
  /** x times the normal distribution's share below x (Hendrycks & Gimpel 2016): exact, or by their tanh. */
  gelu(x: Tensor, approximate?: 'tanh'): Tensor;
  relu(x: Tensor): Tensor;
  tanh(x: Tensor): Tensor;
  sigmoid(x: Tensor): Tensor;
  /**
   * x [n, dim] in whole multiples, -128 to 127, of a step [1 or more equal ones], or of each row's own: its largest magnitude / 127.
   * No gradient passes.
   */
  round(x: Tensor, step: Tensor | null): Tensor;
  /** Softmax over the last axis. */
  softmax(x: Tensor): Tensor;
  /** Zeros in the place of some elements, the others times 1 / (1 - rate) (Srivastava et al. 2014); x itself without a draw. */
  dropout(x: Tensor, draw: Draw | null): Tensor;
  /** Cuts an axis (the last one unless given) into pieces of these sizes. */
  split(x: Tensor, sizes: number[], axis?: number): Tensor[];
  reshape(x: Tensor, shape: number[]): Tensor;
  transpose(x: Tensor, axes: number[]): Tensor;
  concat(xs: Tensor[], axis: number): Tensor;
  /** Repeats axis of length 1. */
  repeat(x: Tensor, axis: number, count: number): Tensor;
  /** Batched product over the last two axes. */
  matmul(a: Tensor, b: Tensor, transposeA?: boolean, transposeB?: boolean): Tensor;
  /** What `starts`, int32 [batch * time], says of a batch. */
  documents(starts: Tensor, batch: number, time: number): Documents;
  /** The same windows with `ahead` further places in front of each, which belong to its only document. */
  behind(documents: Documents, batch: number, time: number, ahead: number): Documents;
  /** Of x [batch * time, dim]: one vector for each window, [batch, dim]. */
  pool(x: Tensor, how: Pool, batch: number, time: number, documents?: Documents | null): Tensor;
  /**
   * x [batch, time, heads, d] rotated (Su et al. 2021): at positions at .. at + time - 1, or at these, int32 [batch * time], all
   * below `time`.
   */
  rope(x: Tensor, rope: Rope, at: number | Tensor): Tensor;
  /**
   * Causal softmax(q k^T scale) v. q [batch, heads, time, d], k [batch, kv, past, d], v [batch, kv, past, dv] with kv dividing
   * heads and past >= time (queries are the last positions) -> [batch, heads, time, dv].
   */
  attention(q: Tensor, k: Tensor, v: Tensor, scale: number, more?: Attending): Tensor;
  /**
   * DeepSeek's router. The bias, where there is one, takes part in the choice only. x [n, dim], gate [experts, dim], bias [experts].
   * The load counts no padding.
   */
  route(x: Tensor, gate: Tensor, bias: Tensor | null, spec: RouteSpec, documents?: Documents | null): Routing;
  /** Dropless SwiGLU experts: x [n, dim], gate and up E x [h, dim], down E x [dim, h] -> weighted sum [n, dim]. */
  experts(x: Tensor, routing: Routing, weights: { gate: Tensor[]; up: Tensor[]; down: Tensor[] }): Tensor;
  /**
   * How unevenly each window's tokens go to experts, mean over windows, scalar: sum over experts of f P, where f is their share of the
   * tokens' choices times the number of experts, and P their mean share of the scores. A choice is the `active` best scores (`best`:
   * DeepSeek-V3, arXiv 2412.19437, equations 17 to 20), or what was chosen (DeepSeek-V2, arXiv 2405.04434, 2.2.3).
   */
  sequenceBalance(routing: Routing, choice: 'best' | 'chosen', batch: number, documents?: Documents | null): Tensor;
  /**
   * Sum over rows of -log softmax(x head^T + bias)[target], scalar. x [n, dim], head [vocab, dim], targets int32 [n]. Works through
   * the rows in pieces: logits and their gradient never stand in memory as a whole.
   */
  headLoss(
    x: Tensor,
    head: Tensor,
    targets: Tensor,
    more?: Counted & { bias?: Tensor | null; soft?: Soft | null },
  ): Tensor;
  /**
   * The `count` likeliest of the first `vocab` tokens by softmax((x head^T + bias) / temperature), x [n, dim]. Nothing learns from it.
   */
  likeliest(
    x: Tensor,
    head: Tensor,
    how: { count: number; vocab: number; temperature: number; bias?: Tensor | null },
  ): Likeliest;
  /** Sum over rows of -log softmax(logits)[target], scalar. logits [n, classes], targets int32 [n]. */
  crossEntropy(logits: Tensor, targets: Tensor, more?: Counted): Tensor;
  /**
   * Sum of squared differences of x and target [n, columns], or with `delta` of Huber's: d^2 / 2 where |d| < delta, else
   * delta (|d| - delta / 2); scalar. Each row times `learned` where that is given.
   */
  squaredError(x: Tensor, target: Tensor, more?: { delta?: number | null; learned?: Tensor | null }): Tensor;
  /**
   * x [batch, height, width, in] convolved with weight [out, in, rows, columns] (no bias), `padding` zeros around it ->
   * [batch, height', width', out] with height' = floor((height + 2 padding - rows) / stride) + 1. Steps and padding: [rows, columns].
   */
  convolve(x: Tensor, weight: Tensor, stride: [number, number], padding: [number, number]): Tensor;
  /** Largest of each block of this size, [rows, columns], side by side; what does not fill a block is left out. */
  largest(x: Tensor, size: [number, number]): Tensor;
  /** Sign of (mean - x) times speed: DeepSeek-V3's bias update from expert loads (no gradient). */
  balance(load: Tensor, speed: number): Tensor;
}
