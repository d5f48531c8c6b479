// Every kernel four ways: TensorFlow's ops, plain tfjs functions, recorded into a session, and the shapes that recording foretells.
import { describe, expect, test } from 'vitest';
import { loadTensorflow } from '../../engine/native/load.ts';
import { normals, permutation, random } from '../../engine/nodes/random.ts';
import { type Kernels, plainKernels, type T } from '../../engine/tensor/kernels.ts';
import { dtypeOf, eagerExecutor, type NodeBackend, nativeKernels } from '../../engine/tensor/native.ts';
import { Recorder } from '../../engine/tensor/record.ts';
import { Session } from '../../engine/tensor/session.ts';
import { largest } from './setting.ts';

const { tf, native } = await loadTensorflow();

/** Inputs of a kernel: the same values on every backend, edges without values when recording. */
interface Given {
  /** A length from 1 to 5, and one from 2 to 6. */
  some(): number;
  more(): number;
  floats(...shape: number[]): T;
  /** Above zero. */
  positive(...shape: number[]): T;
  ids(bound: number, ...shape: number[]): T;
  order(count: number): T;
}

const size = (shape: number[]): number => shape.reduce((a, b) => a * b, 1);

function given(seed: number, place: (values: Float32Array | Int32Array, shape: number[]) => T): Given {
  const draw = random(`kernels ${seed}`);
  const floats = (...shape: number[]): T => place(normals(size(shape), 1, draw), shape);
  return {
    some: () => 1 + Math.floor(draw() * 5),
    more: () => 2 + Math.floor(draw() * 5),
    floats,
    positive: (...shape) =>
      place(
        normals(size(shape), 1, draw).map((x) => Math.abs(x) + 0.1),
        shape,
      ),
    ids: (bound, ...shape) =>
      place(
        Int32Array.from({ length: size(shape) }, () => Math.floor(draw() * bound)),
        shape,
      ),
    order: (count) => place(Int32Array.from(permutation(count, draw)), [count]),
  };
}

type Unary = 'neg' | 'square' | 'sigmoid' | 'sign' | 'round' | 'softmax' | 'exp' | 'tanh' | 'erf';
const unary = (kernel: Unary) => (k: Kernels, g: Given) => [k[kernel](g.floats(g.some(), g.more()))];
const roots = (kernel: 'sqrt' | 'rsqrt') => (k: Kernels, g: Given) => [k[kernel](g.positive(g.some(), g.some()))];
/** Equal shapes, a row, a column, a scalar. */
const binary =
  (kernel: 'add' | 'sub' | 'mul' | 'div' | 'maximum' | 'minimum' | 'greater') => (k: Kernels, g: Given) => {
    const [a, b, c] = [g.some(), g.some(), g.some()];
    const x = g.floats(a, b, c);
    const others = [g.positive(a, b, c), g.positive(c), g.positive(a, 1, 1), g.positive(), g.positive(b, 1)];
    return [...others.map((y) => k[kernel](x, y)), k[kernel](g.floats(1, b, 1), g.positive(a, 1, c))];
  };
const both = [false, true];
const reduce = (kernel: 'sum' | 'mean') => (k: Kernels, g: Given) => {
  const x = g.floats(g.some(), g.some(), g.some());
  return [[0], [1], [2], [0, 2], [0, 1, 2]].flatMap((axes) => [k[kernel](x, axes), k[kernel](x, axes, true)]);
};

/** A picture, a filter, a step, and something in the shape of their convolution. */
function picture(g: Given): { x: T; filter: T; stride: [number, number]; y: T } {
  const [batch, from, to, rows, columns, down, right, more, beside] = Array.from({ length: 9 }, () => g.some());
  const [height, width] = [rows + more - 1, columns + beside - 1];
  const places = (size: number, own: number, step: number): number => Math.floor((size - own) / step) + 1;
  return {
    x: g.floats(batch, height, width, from),
    filter: g.floats(rows, columns, from, to),
    stride: [down, right],
    y: g.floats(batch, places(height, rows, down), places(width, columns, right), to),
  };
}

const cases: Record<string, (k: Kernels, g: Given) => T[]> = {
  matmul(k, g) {
    const [m, n, l] = [g.some(), g.some(), g.some()];
    return both.flatMap((ta) =>
      both.map((tb) => k.matmul(g.floats(...(ta ? [l, m] : [m, l])), g.floats(...(tb ? [n, l] : [l, n])), ta, tb)),
    );
  },
  batchMatmul(k, g) {
    const [a, b, m, n, l] = [g.some(), g.some(), g.some(), g.some(), g.some()];
    return both.flatMap((ta) =>
      both.map((tb) =>
        k.batchMatmul(g.floats(a, b, ...(ta ? [l, m] : [m, l])), g.floats(a, b, ...(tb ? [n, l] : [l, n])), ta, tb),
      ),
    );
  },
  add: binary('add'),
  sub: binary('sub'),
  mul: binary('mul'),
  div: binary('div'),
  maximum: binary('maximum'),
  minimum: binary('minimum'),
  greater: binary('greater'),
  equal: (k, g) => {
    const [a, b] = [g.more(), g.more()];
    const x = g.ids(3, a, b);
    return [k.equal(x, g.ids(3, a, b)), k.equal(x, g.ids(3, b)), k.equal(k.reshape(x, [a, b, 1]), g.ids(3, 1, a))];
  },
  floorDiv: (k, g) => [k.floorDiv(g.ids(50, g.more()), g.more())],
  neg: unary('neg'),
  square: unary('square'),
  sqrt: roots('sqrt'),
  rsqrt: roots('rsqrt'),
  sigmoid: unary('sigmoid'),
  sigmoidGradient(k, g) {
    const shape = [g.some(), g.some()];
    return [k.sigmoidGradient(k.sigmoid(g.floats(...shape)), g.floats(...shape))];
  },
  sign: unary('sign'),
  round: unary('round'),
  exp: unary('exp'),
  log: (k, g) => [k.log(g.positive(g.some(), g.some()))],
  tanh: unary('tanh'),
  erf: unary('erf'),
  // To narrower floats there is no tfjs to compare with: test/tensor/precision.test.ts does with torch.
  cast: (k, g) => [k.cast(g.floats(g.some(), g.more()), 'float32')],
  compact: (k, g) => [k.compact(g.floats(g.some(), g.more()))],
  toInt: (k, g) => [k.toInt(k.toFloat(g.ids(9, g.some(), g.some()))), k.toInt(g.positive(g.some()))],
  // The numbers differ; what they have in common is that they are spread over [0, 1).
  uniform(k, g) {
    const u = k.uniform(g.ids(99, 2), 7, [20, 50]);
    const near = (x: T, wanted: number): T =>
      k.greater(k.scalar(0.05), k.maximum(k.sub(x, k.scalar(wanted)), k.neg(k.sub(x, k.scalar(wanted)))));
    return [
      k.greater(u, k.scalar(-1e-9)),
      k.greater(k.scalar(1), u),
      near(k.mean(u, [0, 1]), 1 / 2),
      near(k.mean(k.square(u), [0, 1]), 1 / 3),
    ];
  },
  toFloat: (k, g) => [k.toFloat(g.ids(9, g.some(), g.some()))],
  softmax: unary('softmax'),
  sum: reduce('sum'),
  mean: reduce('mean'),
  sumOfSquares: (k, g) => [k.sumOfSquares(g.floats(g.some(), g.some()))],
  sumAll(k, g) {
    const shape = [g.some(), g.some()];
    return [k.sumAll([g.floats(...shape)]), k.sumAll([1, 2, 3].map(() => g.floats(...shape)))];
  },
  gather(k, g) {
    const rows = g.some();
    return [k.gather(g.floats(rows, g.some()), g.ids(rows, g.some())), k.gather(g.ids(7, rows), g.ids(rows, g.some()))];
  },
  gatherColumns(k, g) {
    const [rows, columns] = [g.some(), g.some()];
    return [k.gatherColumns(g.floats(rows, columns), g.ids(columns, rows, g.some()))];
  },
  segmentSum(k, g) {
    const [rows, count] = [g.some(), g.some()];
    return [k.segmentSum(g.floats(rows, g.some()), g.ids(count, rows), count)];
  },
  oneHot(k, g) {
    const depth = g.more();
    return [k.oneHot(g.ids(depth, g.some()), depth), k.oneHot(g.ids(depth, g.some(), g.some()), depth)];
  },
  topk(k, g) {
    const width = g.more();
    const { values, indices } = k.topk(g.floats(g.some(), g.some(), width), 1 + (width % 2));
    return [values, indices];
  },
  split(k, g) {
    const sizes = [g.some(), g.some(), g.some()];
    const total = size([sizes.reduce((a, b) => a + b)]);
    const x = g.floats(2, total, 3);
    return [
      ...k.split(x, sizes, 1),
      ...k.split(x, [total], 1),
      ...k.split(x, [1, 2], 2),
      ...k.split(g.ids(9, 4), [1, 3], 0),
    ];
  },
  concat(k, g) {
    const [a, b] = [g.some(), g.some()];
    const xs = [g.some(), g.some()].map((n) => g.floats(a, n, b));
    return [k.concat(xs, 1), k.concat([xs[0]], 1), k.concat([g.ids(5, a), g.ids(5, b)], 0)];
  },
  reshape(k, g) {
    const [a, b, c] = [g.some(), g.some(), g.some()];
    return [k.reshape(g.floats(a, b, c), [c, a * b]), k.reshape(g.ids(3, a, b), [a * b])];
  },
  transpose: (k, g) => [
    k.transpose(g.floats(g.some(), g.some(), g.some()), [2, 0, 1]),
    k.transpose(g.floats(g.some(), g.some(), g.some(), g.some()), [0, 2, 1, 3]),
  ],
  tile: (k, g) => [k.tile(g.floats(g.some(), 1, g.some()), [1, g.some(), 2])],
  select(k, g) {
    const [a, b] = [g.some(), g.some()];
    const mask = k.greater(g.floats(a, b), k.scalar(0));
    return [k.select(mask, g.floats(3, a, b), k.scalar(-1e30)), k.select(mask, g.floats(a, b), g.floats(a, b))];
  },
  dispatch(k, g) {
    const [n, active, count] = [g.some(), g.some(), g.some()];
    const { order, inverse, split } = k.dispatch(g.ids(count, n, active), count);
    return [order, inverse, ...split(k.gather(g.floats(n * active, 3), order))];
  },
  crossEntropy(k, g) {
    const [n, vocab] = [g.some(), g.more()];
    const [hard, soft] = [0, 0.1].map((smoothing) => k.crossEntropy(g.floats(n, vocab), g.ids(vocab, n), smoothing));
    return [hard.losses, hard.gradient, soft.losses, soft.gradient];
  },
  pad: (k, g) => [
    k.pad(g.floats(g.some(), g.some()), [
      [g.some(), 0],
      [0, g.some()],
    ]),
  ],
  convolve(k, g) {
    const { x, filter, stride } = picture(g);
    return [k.convolve(x, filter, stride)];
  },
  convolveInput(k, g) {
    const { x, filter, stride, y } = picture(g);
    return [k.convolveInput(y, filter, x.shape, stride)];
  },
  convolveFilter(k, g) {
    const { x, filter, stride, y } = picture(g);
    return [k.convolveFilter(x, y, filter.shape, stride)];
  },
  largest: (k, g) => [k.largest(g.floats(g.some(), 4, 7, g.some()), [2, 3])],
  largestGradient(k, g) {
    const [batch, channels] = [g.some(), g.some()];
    const x = g.floats(batch, 5, 6, channels);
    return [k.largestGradient(x, k.largest(x, [2, 2]), g.floats(batch, 2, 3, channels), [2, 2])];
  },
  constant: (k, g) => [
    k.constant(
      Float32Array.from({ length: 6 }, (_, i) => i),
      [2, 3],
      'float32',
    ),
    k.constant(Int32Array.of(g.some()), [], 'int32'),
    k.constant(Uint8Array.of(1, 0), [2, 1], 'bool'),
  ],
  scalar: (k) => [k.scalar(2.5)],
  again: (k, g) => {
    const x = g.floats(g.some(), g.some());
    return [k.again(x, k.square(x), () => k.square(x))];
  },
  following: (k, g) => {
    const x = g.floats(g.some(), g.some());
    return [k.following(x, () => k.square(x))];
  },
  tidy: (k, g) => [k.tidy(() => k.neg(k.square(g.floats(g.some()))))],
  keep: (k, g) => [k.keep(k.neg(g.floats(g.some())))],
};

const eager = (values: Float32Array | Int32Array, shape: number[]): T =>
  tf.tensor(values, shape, values instanceof Float32Array ? 'float32' : 'int32');

const plain = plainKernels(tf);

test('every kernel has a case', () => {
  expect(Object.keys(cases).sort()).toEqual(Object.keys(plain).sort());
});

describe.skipIf(!native)('natively', () => {
  const k = native ? nativeKernels(eagerExecutor(tf, tf.backend() as unknown as NodeBackend)) : plain;

  test.each(Object.keys(cases))('%s gives what plain tfjs gives', (name) => {
    for (let seed = 0; seed < 8; seed++)
      tf.tidy(() => {
        const [ours, theirs] = [k, plain].map((kernels) => cases[name](kernels, given(seed, eager)));
        expect(ours.map((x) => [x.dtype, x.shape])).toEqual(theirs.map((x) => [x.dtype, x.shape]));
        ours.forEach((x, i) => expect(largest(x.dataSync(), theirs[i].dataSync())).toBeLessThan(1e-5));
      });
  });

  test.each(Object.keys(cases))('%s has the shapes that recording foretells', (name) => {
    for (let seed = 0; seed < 8; seed++) {
      const real = tf.tidy(() => cases[name](k, given(seed, eager)).map(({ shape, dtype }) => ({ shape, dtype })));
      const recorder = new Recorder();
      let fed = 0;
      const placeholder = (values: Float32Array | Int32Array, shape: number[]): T =>
        recorder.placeholder(`fed_${fed++}`, shape, values instanceof Float32Array ? 'float32' : 'int32');
      const told = cases[name](nativeKernels(recorder), given(seed, placeholder));
      expect(told.map(({ dtype }) => dtype)).toEqual(real.map(({ dtype }) => dtype));
      told.forEach(({ shape }, i) => {
        expect(shape.length).toBe(real[i].shape.length);
        shape.forEach((length, axis) => {
          // Only rows sorted by experts may have a length that is not known.
          if (length === -1) expect(name).toBe('dispatch');
          else expect(length).toBe(real[i].shape[axis]);
        });
      });
    }
  });

  test.each(Object.keys(cases))('%s gives the same from a session', (name) => {
    const backend = tf.backend() as unknown as NodeBackend;
    for (let seed = 0; seed < 2; seed++) {
      const recorder = new Recorder();
      const feeds: Parameters<Session['run']>[0] = [];
      const feed = (values: Float32Array | Int32Array, shape: number[]): T => {
        feeds.push({ name: `fed_${feeds.length}`, shape, values });
        const dtype = values instanceof Float32Array ? 'float32' : 'int32';
        return recorder.placeholder(feeds[feeds.length - 1].name, shape, dtype);
      };
      const told = cases[name](nativeKernels(recorder), given(seed, feed));
      // An input that is handed through may not be fetched itself.
      const fetches = told.map((x) => {
        const type = { T: { type: dtypeOf(x) } };
        return `${recorder.emit('Identity', [recorder.reference(x)], type)}:0`;
      });
      const session = new Session(backend, recorder, []);
      const fetched = session.run(feeds, fetches);
      session.dispose();
      const real = tf.tidy(() => cases[name](k, given(seed, eager)).map((x) => x.dataSync()));
      fetched.forEach((values, i) => {
        expect(values.length).toBe(real[i].length);
        expect(largest(values, real[i])).toBeLessThan(1e-5);
      });
    }
  });

  test('what is drawn depends on seed, step and site alone', () => {
    const drawn = (kernels: Kernels, seed: number, step: number, site: number): string =>
      tf.tidy(() =>
        kernels
          .uniform(eager(Int32Array.of(seed, step), [2]), site, [4])
          .dataSync()
          .join(),
      );
    for (const kernels of [k, plain]) {
      const all = [drawn(kernels, 1, 2, 3), drawn(kernels, 2, 2, 3), drawn(kernels, 1, 3, 3), drawn(kernels, 1, 2, -4)];
      expect(new Set(all).size).toBe(4);
      expect(drawn(kernels, 1, 2, 3)).toBe(all[0]);
    }
    const recorder = new Recorder();
    const u = nativeKernels(recorder).uniform(recorder.placeholder('seed', [2], 'int32'), 3, [4]);
    const session = new Session(tf.backend() as unknown as NodeBackend, recorder, []);
    const [values] = session.run([{ name: 'seed', shape: [2], values: Int32Array.of(1, 2) }], [recorder.reference(u)]);
    session.dispose();
    expect(values.join()).toBe(drawn(k, 1, 2, 3));
  });

  test('what does not fit is refused while recording, too', () => {
    const recorder = new Recorder();
    const recorded = nativeKernels(recorder);
    const x = recorder.placeholder('x', [2, 3], 'float32');
    const y = recorder.placeholder('y', [2, 4], 'float32');
    expect(() => recorded.add(x, y)).toThrow('do not fit');
    expect(() => recorded.matmul(x, y)).toThrow('cannot be multiplied: 3 is not 2');
    expect(() => recorded.neg(tf.scalar(1))).toThrow('kernels.constant');
  });
});
