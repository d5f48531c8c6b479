// Shapes of the ops that kernels are made of, by the rules of TensorFlow's op definitions. -1 stands for a length that only running
// tells (the rows an expert gets).
import { DT, type DType } from './graphdef.ts';
import type { Values } from './kernels.ts';

export interface Sketched {
  shape: number[];
  dtype: DType;
}
export interface SketchedInput extends Sketched {
  /** Where the input is a constant. */
  values: Values | null;
}
type Attrs = Record<string, unknown>;

function broadcast(...shapes: number[][]): number[] {
  const rank = Math.max(...shapes.map((shape) => shape.length));
  return Array.from({ length: rank }, (_, i) => {
    let size = 1;
    for (const shape of shapes) {
      const own = shape[i - rank + shape.length] ?? 1;
      if (own === 1 || own === size) continue;
      if (size !== 1 && size !== -1 && own !== -1)
        throw new Error(`shapes ${shapes.map((s) => `[${s}]`).join(' and ')} do not fit`);
      size = own;
    }
    return size;
  });
}

/** Values of an input that must be constant: axes, sizes, permutations. */
function known(input: SketchedInput): number[] {
  if (input.values === null) throw new Error('an axis or a size must be a constant');
  return Array.from(input.values);
}

const same = ([x]: SketchedInput[]): number[] => x.shape;
const both = ([a, b]: SketchedInput[]): number[] => broadcast(a.shape, b.shape);
const from = (axis: number, rank: number): number => (axis < 0 ? axis + rank : axis);

function reduced([x, axes]: SketchedInput[], attrs: Attrs): number[] {
  const gone = new Set(known(axes).map((axis) => from(axis, x.shape.length)));
  return x.shape.flatMap((size, axis) => (gone.has(axis) ? (attrs.keep_dims ? [1] : []) : [size]));
}

function product(a: number[], b: number[], transposeA: unknown, transposeB: unknown): number[] {
  const [m, k] = transposeA ? [a[1], a[0]] : a;
  const [l, n] = transposeB ? [b[1], b[0]] : b;
  if (k !== l && k !== -1 && l !== -1)
    throw new Error(`matrices [${a}] and [${b}] cannot be multiplied: ${k} is not ${l}`);
  return [m, n];
}

function gathered([x, indices, axis]: SketchedInput[], attrs: Attrs): number[] {
  const [at] = known(axis);
  const batch = Number(attrs.batch_dims);
  return [...x.shape.slice(0, at), ...indices.shape.slice(batch), ...x.shape.slice(at + 1)];
}

function concatenated(inputs: SketchedInput[]): number[] {
  const parts = inputs.slice(0, -1).map(({ shape }) => shape);
  const axis = from(known(inputs[inputs.length - 1])[0], parts[0].length);
  const lengths = parts.map((shape) => shape[axis]);
  const length = lengths.includes(-1) ? -1 : lengths.reduce((a, b) => a + b, 0);
  return parts[0].map((size, i) => (i === axis ? length : size));
}

function pieces([x, sizes, axis]: SketchedInput[], count: number): Sketched[] {
  const at = from(known(axis)[0], x.shape.length);
  return Array.from({ length: count }, (_, i) => ({
    shape: x.shape.map((size, a) => (a === at ? (sizes.values === null ? -1 : sizes.values[i]) : size)),
    dtype: x.dtype,
  }));
}

const unary = [
  'Neg',
  'Square',
  'Sqrt',
  'Rsqrt',
  'Sigmoid',
  'SigmoidGrad',
  'Sign',
  'Exp',
  'Log',
  'Tanh',
  'Erf',
  'Softmax',
  'Round',
  'InvertPermutation',
  'Cast',
  'Identity',
  'AddN',
];
const binary = ['AddV2', 'Sub', 'Mul', 'RealDiv', 'Maximum', 'Minimum', 'FloorDiv', 'Greater', 'Equal'];

/** First output's shape, by op. */
const rules: Record<string, (inputs: SketchedInput[], attrs: Attrs) => number[]> = {
  ...Object.fromEntries(unary.map((op) => [op, same])),
  ...Object.fromEntries(binary.map((op) => [op, both])),
  SelectV2: ([mask, a, b]) => broadcast(mask.shape, a.shape, b.shape),
  MatMul: ([a, b], attrs) => product(a.shape, b.shape, attrs.transpose_a, attrs.transpose_b),
  BatchMatMulV2: ([a, b], attrs) => [
    ...broadcast(a.shape.slice(0, -2), b.shape.slice(0, -2)),
    ...product(a.shape.slice(-2), b.shape.slice(-2), attrs.adj_x, attrs.adj_y),
  ],
  Sum: reduced,
  Mean: reduced,
  L2Loss: () => [],
  GatherV2: gathered,
  ConcatV2: concatenated,
  Reshape: ([, shape]) => known(shape),
  Transpose: ([x, axes]) => known(axes).map((axis) => x.shape[axis]),
  Tile: ([x, repeats]) => known(repeats).map((times, i) => times * x.shape[i]),
  UnsortedSegmentSum: ([rows, ids, count]) => [...known(count), ...rows.shape.slice(ids.shape.length)],
  OneHot: ([indices, depth]) => [...indices.shape, ...known(depth)],
  Bincount: ([, size]) => known(size),
  StatelessRandomUniform: ([shape]) => known(shape),
  Pad: ([x, sizes]) => {
    const around = known(sizes);
    return x.shape.map((size, axis) => around[2 * axis] + size + around[2 * axis + 1]);
  },
  Conv2D: ([x, filter], attrs) => {
    const [rows, columns, , channels] = filter.shape;
    return [x.shape[0], ...windows(x.shape, [rows, columns], attrs.strides as number[]), channels];
  },
  Conv2DBackpropInput: ([shape]) => known(shape),
  Conv2DBackpropFilter: ([, shape]) => known(shape),
  MaxPool: ([x], attrs) => {
    const [, rows, columns] = attrs.ksize as number[];
    return [x.shape[0], ...windows(x.shape, [rows, columns], attrs.strides as number[]), x.shape[3]];
  },
  MaxPoolGrad: same,
};

/** Places of a window of this size within a picture [batch, height, width, channels]. */
function windows([, height, width]: number[], [rows, columns]: number[], [, down, right]: number[]): number[] {
  return [Math.floor((height - rows) / down) + 1, Math.floor((width - columns) / right) + 1];
}

/** What an op of the kernels gives for these inputs. Throws where they do not fit or the op is not known. */
export function sketch(op: string, inputs: SketchedInput[], attrs: Attrs, outputs: number): Sketched[] {
  if (op === 'SplitV') return pieces(inputs, outputs);
  if (op === 'DynamicPartition')
    return Array.from({ length: outputs }, () => ({ shape: [-1], dtype: inputs[0].dtype }));
  if (op === 'TopKV2') {
    const shape = [...inputs[0].shape.slice(0, -1), ...known(inputs[1])];
    return [
      { shape, dtype: DT.float },
      { shape, dtype: DT.int32 },
    ];
  }
  if (op === 'SparseSoftmaxCrossEntropyWithLogits' || op === 'SoftmaxCrossEntropyWithLogits')
    return [
      { shape: inputs[0].shape.slice(0, 1), dtype: DT.float },
      { shape: inputs[0].shape, dtype: DT.float },
    ];
  const rule = rules[op];
  if (rule === undefined) throw new Error(`no shape rule for op ${op}`);
  const types: Record<string, DType> = {
    Greater: DT.bool,
    Equal: DT.bool,
    OneHot: DT.float,
    StatelessRandomUniform: DT.float,
    Conv2DBackpropInput: DT.float,
  };
  const dtype =
    op === 'Cast' ? (attrs.DstT as DType) : (types[op] ?? (op === 'SelectV2' ? inputs[1].dtype : inputs[0].dtype));
  return [{ shape: rule(inputs, attrs), dtype }];
}
