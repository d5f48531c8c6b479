// The kernels as TensorFlow ops. An executor carries each op out at once, or a recorder notes it down.
import { type Binding, DT, type DType, type OpAttr } from './graphdef.ts';
import type { Kernels, T, TF, Values } from './kernels.ts';

/** Carries ops out, or notes them down (record.ts). */
export interface Executor {
  execute(op: string, inputs: T[], attrs: OpAttr[], outputs: number): T[];
  constant(values: Values, shape: number[], dtype: 'float32' | 'int32' | 'bool'): T;
  again: Kernels['again'];
  following: Kernels['following'];
  tidy: Kernels['tidy'];
  keep: Kernels['keep'];
}

/** The part of tfjs-node's backend that is used. */
export interface NodeBackend {
  binding: Binding & Record<string, unknown>;
  /** Hands values over to TensorFlow, where that has not happened yet, and frees them. */
  getInputTensorIds(tensors: T[]): number[];
  executeMultipleOutputs(name: string, attrs: OpAttr[], inputs: T[], outputs: number): T[];
}

/** Op by op through the addon. */
export function eagerExecutor(tf: TF, backend: NodeBackend): Executor {
  return {
    execute: (op, inputs, attrs, outputs) => backend.executeMultipleOutputs(op, attrs, inputs, outputs),
    constant: (values, shape, dtype) => tf.tensor(values, shape, dtype),
    again: (_, kept) => kept.clone(),
    following: (_, body) => body(),
    tidy: (body) => tf.tidy(body),
    keep: (x) => tf.keep(x),
  };
}

const ATTR = { string: 0, int: 1, float: 2, bool: 3, type: 4, shape: 5 } as const;
const type = (name: string, value: DType): OpAttr => ({ name, type: ATTR.type, value });
const bool = (name: string, value: boolean): OpAttr => ({ name, type: ATTR.bool, value });
const int = (name: string, value: number): OpAttr => ({ name, type: ATTR.int, value });
const ints = (name: string, value: number[]): OpAttr => ({ name, type: ATTR.int, value });
const text = (name: string, value: string): OpAttr => ({ name, type: ATTR.string, value });

/** TensorFlow's number of each type that tensors have. */
export const types: Readonly<Record<string, DType>> = {
  float32: DT.float,
  float16: DT.float16,
  bfloat16: DT.bfloat16,
  int32: DT.int32,
  bool: DT.bool,
};

export function dtypeOf(x: T): DType {
  const found = types[x.dtype];
  if (found !== undefined) return found;
  throw new Error(`no kernel takes ${x.dtype} tensors`);
}

export function nativeKernels(executor: Executor): Kernels {
  const { constant } = executor;
  const all = (op: string, inputs: T[], outputs: number, attrs: OpAttr[]): T[] =>
    executor.execute(op, inputs, attrs, outputs);
  const run = (op: string, inputs: T[], attrs: OpAttr[]): T => all(op, inputs, 1, attrs)[0];
  const unary = (op: string) => (x: T) => run(op, [x], [type('T', dtypeOf(x))]);
  const binary = (op: string) => (a: T, b: T) => run(op, [a, b], [type('T', dtypeOf(a))]);
  const scalar = (value: number): T => constant(Float32Array.of(value), [], 'float32');
  const whole = (values: number[]): T => constant(Int32Array.from(values), [values.length], 'int32');
  const index = (value: number): T => constant(Int32Array.of(value), [], 'int32');
  const reduce = (op: string) => (x: T, axes: number[], keep: boolean) =>
    run(op, [x, whole(axes)], [bool('keep_dims', keep), type('T', dtypeOf(x)), type('Tidx', DT.int32)]);
  const cast = (x: T, to: DType): T =>
    run('Cast', [x], [type('SrcT', dtypeOf(x)), type('DstT', to), bool('Truncate', false)]);
  const sum = reduce('Sum');
  const mean = reduce('Mean');
  const gather = (x: T, indices: T, axis: number, batch: number): T =>
    run(
      'GatherV2',
      [x, indices, index(axis)],
      [type('Tparams', dtypeOf(x)), type('Tindices', DT.int32), type('Taxis', DT.int32), int('batch_dims', batch)],
    );
  const concat = (xs: T[], axis: number): T =>
    xs.length === 1
      ? xs[0].clone()
      : run('ConcatV2', [...xs, index(axis)], [int('N', xs.length), type('T', dtypeOf(xs[0])), type('Tidx', DT.int32)]);
  const reshape = (x: T, shape: number[]): T =>
    run('Reshape', [x, whole(shape)], [type('T', dtypeOf(x)), type('Tshape', DT.int32)]);
  const splitBy = (x: T, sizes: T, count: number, axis: number): T[] =>
    all('SplitV', [x, sizes, index(axis)], count, [
      int('num_split', count),
      type('T', dtypeOf(x)),
      type('Tlen', DT.int32),
    ]);
  const oneHot = (indices: T, depth: number, on: number, off: number): T =>
    run(
      'OneHot',
      [indices, index(depth), scalar(on), scalar(off)],
      [int('axis', -1), type('T', DT.float), type('TI', DT.int32)],
    );
  const batchMatmul = (a: T, b: T, ta = false, tb = false): T =>
    run('BatchMatMulV2', [a, b], [type('T', dtypeOf(a)), bool('adj_x', ta), bool('adj_y', tb)]);

  return {
    matmul: (a, b, ta = false, tb = false) =>
      run('MatMul', [a, b], [bool('transpose_a', ta), bool('transpose_b', tb), type('T', dtypeOf(a))]),
    batchMatmul,
    add: binary('AddV2'),
    sub: binary('Sub'),
    mul: binary('Mul'),
    div: binary('RealDiv'),
    maximum: binary('Maximum'),
    minimum: binary('Minimum'),
    greater: binary('Greater'),
    equal: (a, b) => run('Equal', [a, b], [type('T', dtypeOf(a)), bool('incompatible_shape_error', true)]),
    floorDiv: (x, divisor) => run('FloorDiv', [x, index(divisor)], [type('T', DT.int32)]),
    neg: unary('Neg'),
    square: unary('Square'),
    sqrt: unary('Sqrt'),
    rsqrt: unary('Rsqrt'),
    sigmoid: unary('Sigmoid'),
    sigmoidGradient: binary('SigmoidGrad'),
    sign: unary('Sign'),
    round: unary('Round'),
    exp: unary('Exp'),
    log: unary('Log'),
    tanh: unary('Tanh'),
    erf: unary('Erf'),
    cast: (x, to) => cast(x, types[to] ?? DT.float),
    compact: (x) => x,
    toFloat: (x) => cast(x, DT.float),
    toInt: (x) => cast(x, DT.int32),
    uniform: (seed, site, shape) =>
      run(
        'StatelessRandomUniform',
        [whole(shape), run('AddV2', [seed, whole([site, 0])], [type('T', DT.int32)])],
        [type('dtype', DT.float), type('T', DT.int32), type('Tseed', DT.int32)],
      ),
    softmax: unary('Softmax'),
    sum: (x, axes, keep = false) => sum(x, axes, keep),
    mean: (x, axes, keep = false) => mean(x, axes, keep),
    sumOfSquares: (x) => run('Mul', [run('L2Loss', [x], [type('T', DT.float)]), scalar(2)], [type('T', DT.float)]),
    sumAll: (xs) => (xs.length === 1 ? xs[0].clone() : run('AddN', xs, [int('N', xs.length), type('T', DT.float)])),
    gather: (x, indices) => gather(x, indices, 0, 0),
    gatherColumns: (x, indices) => gather(x, indices, 1, 1),
    segmentSum: (rows, ids, count) =>
      run(
        'UnsortedSegmentSum',
        [rows, ids, index(count)],
        [type('T', dtypeOf(rows)), type('Tindices', DT.int32), type('Tnumsegments', DT.int32)],
      ),
    oneHot: (indices, depth) => oneHot(indices, depth, 1, 0),
    topk(x, k) {
      const [values, indices] = all('TopKV2', [x, index(k)], 2, [
        bool('sorted', true),
        type('T', DT.float),
        type('Tk', DT.int32),
        type('index_type', DT.int32),
      ]);
      return { values, indices };
    },
    split: (x, sizes, axis) => (sizes.length === 1 ? [x.clone()] : splitBy(x, whole(sizes), sizes.length, axis)),
    concat,
    reshape,
    transpose: (x, axes) => run('Transpose', [x, whole(axes)], [type('T', dtypeOf(x)), type('Tperm', DT.int32)]),
    tile: (x, repeats) => run('Tile', [x, whole(repeats)], [type('T', dtypeOf(x)), type('Tmultiples', DT.int32)]),
    select: (mask, a, b) => run('SelectV2', [mask, a, b], [type('T', dtypeOf(a))]),
    constant,
    scalar,
    dispatch(experts, count) {
      const flat = reshape(experts, [experts.size]);
      const positions = constant(
        Int32Array.from({ length: experts.size }, (_, i) => i),
        [experts.size],
        'int32',
      );
      const pieces = all('DynamicPartition', [positions, flat], count, [
        int('num_partitions', count),
        type('T', DT.int32),
      ]);
      const order = concat(pieces, 0);
      const inverse = run('InvertPermutation', [order], [type('T', DT.int32)]);
      const sizes = run(
        'Bincount',
        [flat, index(count), constant(new Int32Array(0), [0], 'int32')],
        [type('T', DT.int32)],
      );
      return {
        order,
        inverse,
        saved: [sizes],
        split: (rows) => (count === 1 ? [rows.clone()] : splitBy(rows, sizes, count, 0)),
      };
    },
    crossEntropy(logits, targets, smoothing) {
      if (smoothing > 0) {
        const classes = logits.shape[1] ?? 0;
        const spread = smoothing / classes;
        const labels = oneHot(targets, classes, 1 - smoothing + spread, spread);
        const [losses, gradient] = all('SoftmaxCrossEntropyWithLogits', [logits, labels], 2, [type('T', DT.float)]);
        return { losses, gradient };
      }
      const [losses, gradient] = all('SparseSoftmaxCrossEntropyWithLogits', [logits, targets], 2, [
        type('T', DT.float),
        type('Tlabels', DT.int32),
      ]);
      return { losses, gradient };
    },
    pad: (x, sizes) =>
      run(
        'Pad',
        [x, constant(Int32Array.from(sizes.flat()), [sizes.length, 2], 'int32')],
        [type('T', dtypeOf(x)), type('Tpaddings', DT.int32)],
      ),
    convolve: (x, filter, stride) => run('Conv2D', [x, filter], convolution(stride)),
    convolveInput: (g, filter, shape, stride) =>
      run('Conv2DBackpropInput', [whole(shape), filter, g], convolution(stride)),
    convolveFilter: (x, g, shape, stride) => run('Conv2DBackpropFilter', [x, whole(shape), g], convolution(stride)),
    largest: (x, size) => run('MaxPool', [x], pooling(size)),
    largestGradient: (x, y, g, size) => run('MaxPoolGrad', [x, y, g], pooling(size)),
    again: executor.again,
    following: executor.following,
    tidy: executor.tidy,
    keep: executor.keep,
  };
}

/** Attributes of the convolutions: over pictures [batch, height, width, channels], without padding. */
const convolution = ([rows, columns]: [number, number]): OpAttr[] => [
  type('T', DT.float),
  ints('strides', [1, rows, columns, 1]),
  ints('dilations', [1, 1, 1, 1]),
  text('padding', 'VALID'),
  text('data_format', 'NHWC'),
  bool('use_cudnn_on_gpu', true),
];

/** Those of pooling in blocks side by side. */
const pooling = ([rows, columns]: [number, number]): OpAttr[] => [
  type('T', DT.float),
  ints('ksize', [1, rows, columns, 1]),
  ints('strides', [1, rows, columns, 1]),
  text('padding', 'VALID'),
  text('data_format', 'NHWC'),
];
