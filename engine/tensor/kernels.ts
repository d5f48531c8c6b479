// The few dozen kernels that models are made of, without gradients: TensorFlow's own ops on the native backend, plain tfjs
// functions elsewhere. Everything above (ops.ts) is written once, in terms of these.
import type * as tfjs from '@tensorflow/tfjs-core';
import { random } from '../nodes/random.ts';

export type T = tfjs.Tensor;
export type TF = typeof tfjs;
export type Values = Float32Array | Int32Array | Uint8Array;

/** Rows sorted by the expert they go to. */
export interface Dispatch {
  /** Assignment numbers (token * active + choice) in the order of their experts, int32 [n * active]. */
  order: T;
  /** Where each assignment stands in that order, int32 [n * active]. */
  inverse: T;
  /** Tensors that `split` needs. */
  saved: T[];
  /** Cuts [n * active, width] rows in that order into one piece per expert. */
  split(rows: T): T[];
}

export interface Kernels {
  /** a [m, k] (or transposed) times b [k, n] (or transposed). */
  matmul(a: T, b: T, transposeA?: boolean, transposeB?: boolean): T;
  /** Over the last two axes; leading axes broadcast. */
  batchMatmul(a: T, b: T, transposeA?: boolean, transposeB?: boolean): T;
  add(a: T, b: T): T;
  sub(a: T, b: T): T;
  mul(a: T, b: T): T;
  div(a: T, b: T): T;
  maximum(a: T, b: T): T;
  minimum(a: T, b: T): T;
  greater(a: T, b: T): T;
  equal(a: T, b: T): T;
  /** int32 x divided by a constant, rounded down. */
  floorDiv(x: T, divisor: number): T;
  neg(x: T): T;
  square(x: T): T;
  sqrt(x: T): T;
  rsqrt(x: T): T;
  sigmoid(x: T): T;
  /** Gradient of sigmoid, from its result y: g y (1 - y). */
  sigmoidGradient(y: T, g: T): T;
  sign(x: T): T;
  /** To the nearest whole number, halves to even. */
  round(x: T): T;
  exp(x: T): T;
  log(x: T): T;
  tanh(x: T): T;
  erf(x: T): T;
  /** Rounds to another float; only when recording to one that is narrower than float32. */
  cast(x: T, to: 'float32' | 'float16' | 'bfloat16'): T;
  /** What is large and multiplies matrices: in two precisions the narrow one, which is then kept for the backward pass. Else x itself. */
  compact(x: T): T;
  toFloat(x: T): T;
  toInt(x: T): T;
  /** Evenly distributed in [0, 1): depends on seed, int32 [2], and site alone. */
  uniform(seed: T, site: number, shape: number[]): T;
  softmax(x: T): T;
  sum(x: T, axes: number[], keep?: boolean): T;
  mean(x: T, axes: number[], keep?: boolean): T;
  /** Sum of squares of all elements, scalar. */
  sumOfSquares(x: T): T;
  sumAll(xs: T[]): T;
  /** Rows of x at int32 indices. */
  gather(x: T, indices: T): T;
  /** x [n, m], indices [n, k] -> [n, k]. */
  gatherColumns(x: T, indices: T): T;
  /** Sums rows by id: [n, d], ids [n] -> [count, d]. */
  segmentSum(rows: T, ids: T, count: number): T;
  oneHot(indices: T, depth: number): T;
  topk(x: T, k: number): { values: T; indices: T };
  split(x: T, sizes: number[], axis: number): T[];
  concat(xs: T[], axis: number): T;
  reshape(x: T, shape: number[]): T;
  transpose(x: T, axes: number[]): T;
  tile(x: T, repeats: number[]): T;
  /** Elements of a where mask is true, of b elsewhere; all broadcast. */
  select(mask: T, a: T, b: T): T;
  constant(values: Values, shape: number[], dtype: 'float32' | 'int32' | 'bool'): T;
  scalar(value: number): T;
  dispatch(experts: T, count: number): Dispatch;
  /** Losses [n] and the gradient of their sum with respect to the logits [n, vocab]. */
  crossEntropy(logits: T, targets: T, smoothing: number): { losses: T; gradient: T };
  /** Zeros around: [before, behind] for each axis. */
  pad(x: T, sizes: [number, number][]): T;
  /** x [batch, height, width, in] with filter [rows, columns, in, out], no padding. */
  convolve(x: T, filter: T, stride: [number, number]): T;
  /** Gradient of x of this shape, from the result's. */
  convolveInput(g: T, filter: T, shape: number[], stride: [number, number]): T;
  /** Gradient of a filter of this shape. */
  convolveFilter(x: T, g: T, shape: number[], stride: [number, number]): T;
  /** Largest of each block. */
  largest(x: T, size: [number, number]): T;
  /** Gradient of x, from the result y and its gradient. */
  largestGradient(x: T, y: T, g: T, size: [number, number]): T;
  /**
   * `kept`, or when recording: `remake`'s equal result, computed anew once `after` is known. So what is cheap to compute again need
   * not be held in memory until the backward pass comes to it.
   */
  again(after: T, kept: T, remake: () => T): T;
  /** Runs `body`, when recording so that its work does not begin before `after` is known: to bound what is in memory at once. */
  following<R>(after: T, body: () => R): R;
  /** Frees what was made inside except what is returned. */
  tidy<R extends tfjs.TensorContainer>(body: () => R): R;
  /** Exempts a tensor from every surrounding tidy. */
  keep(x: T): T;
}

/** On any tfjs backend, in plain tfjs functions. */
export function plainKernels(tf: TF): Kernels {
  const constant: Kernels['constant'] = (values, shape, dtype) => tf.tensor(values, shape, dtype);
  // tf.oneHot refuses a single class, which a model of one expert has.
  const oneHot: Kernels['oneHot'] = (indices, depth) =>
    depth === 1 ? tf.ones([...indices.shape, 1]) : tf.cast(tf.oneHot(indices, depth), 'float32');
  const convolve = (x: T, filter: T, stride: [number, number]): T =>
    tf.conv2d(x as tfjs.Tensor4D, filter as tfjs.Tensor4D, stride, 'valid');
  const largest = (x: T, size: [number, number]): T => tf.maxPool(x as tfjs.Tensor4D, size, size, 'valid');
  return {
    matmul: (a, b, ta = false, tb = false) => tf.matMul(a as tfjs.Tensor2D, b as tfjs.Tensor2D, ta, tb),
    batchMatmul: (a, b, ta = false, tb = false) => tf.matMul(a, b, ta, tb),
    add: tf.add,
    sub: tf.sub,
    mul: tf.mul,
    div: tf.div,
    maximum: tf.maximum,
    minimum: tf.minimum,
    greater: tf.greater,
    equal: tf.equal,
    floorDiv: (x, divisor) => tf.floorDiv(x, tf.scalar(divisor, 'int32')),
    neg: tf.neg,
    square: tf.square,
    sqrt: tf.sqrt,
    rsqrt: tf.rsqrt,
    sigmoid: tf.sigmoid,
    sigmoidGradient: (y, g) => tf.mul(g, tf.sub(y, tf.square(y))),
    sign: tf.sign,
    round: tf.round,
    exp: tf.exp,
    log: tf.log,
    tanh: tf.tanh,
    erf: tf.erf,
    cast(x, to) {
      if (to !== 'float32') throw new Error(`tfjs has no ${to}`);
      return tf.cast(x, to);
    },
    compact: (x) => x,
    toFloat: (x) => tf.cast(x, 'float32'),
    toInt: (x) => tf.cast(x, 'int32'),
    uniform(seed, site, shape) {
      const draw = random(`${seed.dataSync().join(' ')} ${site}`);
      const size = shape.reduce((a, b) => a * b, 1);
      return constant(Float32Array.from({ length: size }, draw), shape, 'float32');
    },
    softmax: (x) => tf.softmax(x),
    sum: (x, axes, keep = false) => tf.sum(x, axes, keep),
    mean: (x, axes, keep = false) => tf.mean(x, axes, keep),
    sumOfSquares: (x) => tf.sum(tf.square(x)),
    sumAll: (xs) => (xs.length === 1 ? tf.clone(xs[0]) : tf.addN(xs)),
    gather: (x, indices) => tf.gather(x, indices as tfjs.Tensor1D),
    gatherColumns: (x, indices) => tf.gather(x, indices as tfjs.Tensor2D, 1, 1),
    segmentSum: (rows, ids, count) => tf.unsortedSegmentSum(rows, ids as tfjs.Tensor1D, count),
    oneHot,
    topk: (x, k) => tf.topk(x, k),
    split: (x, sizes, axis) => tf.split(x, sizes, axis),
    concat: (xs, axis) => tf.concat(xs, axis),
    reshape: (x, shape) => tf.reshape(x, shape),
    transpose: (x, axes) => tf.transpose(x, axes),
    tile: (x, repeats) => tf.tile(x, repeats),
    select: (mask, a, b) => tf.where(mask, a, b),
    constant,
    scalar: (value) => tf.scalar(value),
    dispatch(experts, count) {
      const chosen = experts.dataSync();
      const sizes = new Array<number>(count).fill(0);
      for (const expert of chosen) sizes[expert]++;
      const starts = sizes.map(
        (
          (sum) => (size: number) =>
            (sum += size) - size
        )(0),
      );
      const order = new Int32Array(chosen.length);
      const inverse = new Int32Array(chosen.length);
      for (let i = 0; i < chosen.length; i++) {
        const place = starts[chosen[i]]++;
        order[place] = i;
        inverse[i] = place;
      }
      return {
        order: constant(order, [order.length], 'int32'),
        inverse: constant(inverse, [order.length], 'int32'),
        saved: [],
        // tf.split refuses empty pieces: cut with slices.
        split(rows) {
          let start = 0;
          return sizes.map((size) => {
            const piece = tf.slice(rows, [start, 0], [size, rows.shape[1] ?? 0]);
            start += size;
            return piece;
          });
        },
      };
    },
    crossEntropy(logits, targets, smoothing) {
      const vocab = logits.shape[1] ?? 0;
      const logp = tf.logSoftmax(logits);
      const hot = tf.add(tf.mul(oneHot(targets, vocab), 1 - smoothing), smoothing / vocab);
      return { losses: tf.neg(tf.sum(tf.mul(logp, hot), 1)), gradient: tf.sub(tf.exp(logp), hot) };
    },
    pad: (x, sizes) => tf.pad(x, sizes),
    convolve,
    convolveInput: (g, filter, shape, stride) => tf.grad((x) => convolve(x, filter, stride))(tf.zeros(shape), g),
    convolveFilter: (x, g, shape, stride) => tf.grad((filter) => convolve(x, filter, stride))(tf.zeros(shape), g),
    largest,
    largestGradient: (x, _, g, size) => tf.grad((each) => largest(each, size))(x, g),
    again: (_, kept) => kept.clone(),
    following: (_, body) => body(),
    tidy: (body) => tf.tidy(body),
    keep: (x) => tf.keep(x),
  };
}
