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

export function dtypeOf(x: T): DType {
  if (x.dtype === 'float32') return DT.float;
  if (x.dtype === 'int32') return DT.int32;
  if (x.dtype === 'bool') return DT.bool;
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
  const ints = (values: number[]): T => constant(Int32Array.from(values), [values.length], 'int32');
  const index = (value: number): T => constant(Int32Array.of(value), [], 'int32');
  const reduce = (op: string) => (x: T, axes: number[], keep: boolean) =>
    run(op, [x, ints(axes)], [bool('keep_dims', keep), type('T', dtypeOf(x)), type('Tidx', DT.int32)]);
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
    run('Reshape', [x, ints(shape)], [type('T', dtypeOf(x)), type('Tshape', DT.int32)]);
  const splitBy = (x: T, sizes: T, count: number, axis: number): T[] =>
    all('SplitV', [x, sizes, index(axis)], count, [
      int('num_split', count),
      type('T', dtypeOf(x)),
      type('Tlen', DT.int32),
    ]);
  const batchMatmul = (a: T, b: T, ta = false, tb = false): T =>
    run('BatchMatMulV2', [a, b], [type('T', DT.float), bool('adj_x', ta), bool('adj_y', tb)]);

  return {
    matmul: (a, b, ta = false, tb = false) =>
      run('MatMul', [a, b], [bool('transpose_a', ta), bool('transpose_b', tb), type('T', DT.float)]),
    batchMatmul,
    add: binary('AddV2'),
    sub: binary('Sub'),
    mul: binary('Mul'),
    div: binary('RealDiv'),
    maximum: binary('Maximum'),
    minimum: binary('Minimum'),
    greater: binary('Greater'),
    floorDiv: (x, divisor) => run('FloorDiv', [x, index(divisor)], [type('T', DT.int32)]),
    neg: unary('Neg'),
    square: unary('Square'),
    sqrt: unary('Sqrt'),
    rsqrt: unary('Rsqrt'),
    sigmoid: unary('Sigmoid'),
    sigmoidGradient: binary('SigmoidGrad'),
    sign: unary('Sign'),
    toFloat: (x) => run('Cast', [x], [type('SrcT', dtypeOf(x)), type('DstT', DT.float), bool('Truncate', false)]),
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
    oneHot: (indices, depth) =>
      run(
        'OneHot',
        [indices, index(depth), scalar(1), scalar(0)],
        [int('axis', -1), type('T', DT.float), type('TI', DT.int32)],
      ),
    topk(x, k) {
      const [values, indices] = all('TopKV2', [x, index(k)], 2, [
        bool('sorted', true),
        type('T', DT.float),
        type('Tk', DT.int32),
        type('index_type', DT.int32),
      ]);
      return { values, indices };
    },
    split: (x, sizes, axis) => (sizes.length === 1 ? [x.clone()] : splitBy(x, ints(sizes), sizes.length, axis)),
    concat,
    reshape,
    transpose: (x, axes) => run('Transpose', [x, ints(axes)], [type('T', dtypeOf(x)), type('Tperm', DT.int32)]),
    tile: (x, repeats) => run('Tile', [x, ints(repeats)], [type('T', dtypeOf(x)), type('Tmultiples', DT.int32)]),
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
    crossEntropy(logits, targets) {
      const [losses, gradient] = all('SparseSoftmaxCrossEntropyWithLogits', [logits, targets], 2, [
        type('T', DT.float),
        type('Tlabels', DT.int32),
      ]);
      return { losses, gradient };
    },
    again: executor.again,
    following: executor.following,
    tidy: executor.tidy,
    keep: executor.keep,
  };
}
