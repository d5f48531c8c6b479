// Every operation, forward and backward, against the same thing said naively in tfjs and differentiated by tfjs: on the kernels of
// TensorFlow and on the plain ones, with random shapes and values.
import type * as tfjs from '@tensorflow/tfjs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { loadTensorflow } from '../../engine/native/load.ts';
import type { Draw, Ops, Rope, Tensor } from '../../engine/nodes/module.ts';
import { normals, random } from '../../engine/nodes/random.ts';
import type { Pool } from '../../engine/nodes/values.ts';
import { type Kernels, plainKernels, type T } from '../../engine/tensor/kernels.ts';
import { eagerExecutor, type NodeBackend, nativeKernels } from '../../engine/tensor/native.ts';
import { createOps } from '../../engine/tensor/ops.ts';
import { Tape, Value } from '../../engine/tensor/tape.ts';
import { largest } from './setting.ts';

const { tf, native } = await loadTensorflow();
const backend = tf.backend() as unknown as NodeBackend;
const sets: [string, Kernels][] = [
  ...(native ? [['TensorFlow', nativeKernels(eagerExecutor(tf, backend))] as [string, Kernels]] : []),
  ['plain', plainKernels(tf)],
];

type Shapes = number[][];
/** What an operation is given besides its differentiable inputs: integers below a bound. */
type Whole = (shape: number[], bound: number) => T;

interface Case {
  /** Shapes of the differentiable inputs. */
  shapes: Shapes;
  ours(ops: Ops, xs: Tensor[], whole: (shape: number[], bound: number) => Tensor): Tensor;
  naive(xs: tfjs.Tensor[], whole: Whole): tfjs.Tensor;
  /** Seeds the backward pass with 1 instead of random numbers. */
  one?: boolean;
}

const size = (shape: number[]): number => shape.reduce((a, b) => a * b, 1);

/** The same draws for both sides. */
function drawing(seed: number): Whole {
  const draw = random(`whole ${seed}`);
  return (shape, bound) => {
    const values = Int32Array.from({ length: size(shape) }, () => Math.floor(draw() * bound));
    return tf.tensor(values, shape, 'int32');
  };
}

/** Largest difference of results and gradients, relative to the largest value (at least 1) of each. */
function compare(k: Kernels, { shapes, ours, naive, one = false }: Case, seed: number): number {
  const differences: number[] = [];
  const gap = (a: tfjs.Tensor, b: tfjs.Tensor, what: string): void => {
    expect(a.shape, what).toEqual(b.shape);
    const [x, y] = [a.dataSync(), b.dataSync()];
    differences.push(largest(x, y) / Math.max(1, ...y.map(Math.abs)));
  };
  tf.tidy(() => {
    const values = shapes.map((shape, i) => tf.tensor(normals(size(shape), 1, random(`${seed} ${i}`)), shape));
    const tape = new Tape(k, true);
    const inputs = values.map((data) => new Value(data, true));
    const whole = drawing(seed);
    const out = ours(createOps(k, tape), inputs, (shape, bound) => new Value(whole(shape, bound), false)) as Value;
    const again = (xs: tfjs.Tensor[]): tfjs.Tensor => naive(xs, drawing(seed));
    gap(out.data, again(values), 'result');
    const upstream = one
      ? tf.onesLike(out.data)
      : tf.tensor(normals(out.data.size, 1, random(`${seed} up`)), out.shape);
    const expected = tf.grads((...xs: tfjs.Tensor[]) => again(xs))(values, upstream);
    const found = tape.gradients(out, upstream.clone(), inputs);
    found.forEach((gradient, i) => gap(gradient ?? tf.zeros(shapes[i]), expected[i], `gradient ${i}`));
  });
  return Math.max(...differences);
}

function agrees<P>(k: Kernels, sizes: fc.Arbitrary<P>, make: (sizes: P) => Case, runs = 12): void {
  fc.assert(
    fc.property(sizes, fc.nat(1e6), (chosen, seed) => {
      expect(compare(k, make(chosen), seed)).toBeLessThan(2e-5);
    }),
    { numRuns: runs },
  );
}

const few = fc.integer({ min: 1, max: 5 });
const sizes = (count: number) => fc.tuple(...Array.from({ length: count }, () => few));

/** 1 where an id is the column's number. (tfjs's own refuses a single column.) */
function hot(ids: tfjs.Tensor, depth: number): tfjs.Tensor {
  return tf.cast(tf.equal(tf.expandDims(ids, -1), tf.range(0, depth, 1, 'int32')), 'float32');
}

/** One rotation matrix a position, [time, d, d], for row vectors. */
function rotations({ frequencies, factor, interleaved }: Rope, start: number, time: number): tfjs.Tensor3D {
  const half = frequencies.length;
  const d = 2 * half;
  return tf.tensor3d(
    Array.from({ length: time }, (_, t) => {
      const matrix = Array.from({ length: d }, () => new Array<number>(d).fill(0));
      frequencies.forEach((frequency, i) => {
        const [a, b] = interleaved ? [2 * i, 2 * i + 1] : [i, i + half];
        const angle = (start + t) * frequency;
        matrix[a][a] = matrix[b][b] = factor * Math.cos(angle);
        matrix[a][b] = factor * Math.sin(angle);
        matrix[b][a] = -factor * Math.sin(angle);
      });
      return matrix;
    }),
  );
}

/** Which experts each token goes to, as DeepSeek-V3 has it, by sorting. */
function choose(scores: number[], bias: number[], active: number, groups: number, open: number): number[] {
  const biased = scores.map((s, e) => s + bias[e]);
  const each = scores.length / groups;
  const best = (values: number[], count: number): number[] =>
    values
      .map((v, i) => [v, i])
      .sort((a, b) => b[0] - a[0])
      .slice(0, count)
      .map(([, i]) => i);
  const worth = Array.from({ length: groups }, (_, g) => {
    const own = biased.slice(g * each, (g + 1) * each);
    return best(own, 2).reduce((sum, i) => sum + own[i], 0);
  });
  const chosen = best(worth, open);
  return best(
    biased.map((b, e) => (chosen.includes(Math.floor(e / each)) ? b : Number.NEGATIVE_INFINITY)),
    active,
  );
}

describe.each(sets)('on %s kernels', (_, k) => {
  test('embed', () =>
    agrees(k, sizes(3), ([vocab, dim, n]) => ({
      shapes: [[vocab, dim]],
      ours: (ops, [table], whole) => ops.embed(table, whole([n], vocab)),
      naive: ([table], whole) => tf.gather(table, whole([n], vocab) as tfjs.Tensor1D),
    })));

  test('linear', () =>
    agrees(k, sizes(3), ([n, from, to]) => ({
      shapes: [
        [n, from],
        [to, from],
      ],
      ours: (ops, [x, w]) => ops.linear(x, w),
      naive: ([x, w]) => tf.matMul(x, w, false, true),
    })));

  test('linear with a bias', () =>
    agrees(k, sizes(3), ([n, from, to]) => ({
      shapes: [[n, from], [to, from], [to]],
      ours: (ops, [x, w, b]) => ops.linear(x, w, b),
      naive: ([x, w, b]) => tf.add(tf.matMul(x, w, false, true), b),
    })));

  test('add, and what is used twice', () =>
    agrees(k, sizes(2), ([n, dim]) => ({
      shapes: [
        [n, dim],
        [dim, dim],
      ],
      ours: (ops, [x, w]) => ops.add(ops.linear(ops.add(x, x), w), x),
      naive: ([x, w]) => tf.add(tf.matMul(tf.mul(x, 2), w, false, true), x),
    })));

  test('rmsNorm', () =>
    agrees(k, sizes(2), ([n, dim]) => ({
      shapes: [[n, dim], [dim]],
      ours: (ops, [x, gain]) => ops.rmsNorm(x, gain, 1e-3),
      naive: ([x, gain]) => tf.mul(tf.div(x, tf.sqrt(tf.add(tf.mean(tf.square(x), 1, true), 1e-3))), gain),
    })));

  test('swiglu', () =>
    agrees(k, sizes(2), ([n, h]) => ({
      shapes: [
        [n, h],
        [n, h],
      ],
      ours: (ops, [gate, up]) => ops.swiglu(gate, up),
      naive: ([gate, up]) => tf.mul(tf.mul(gate, tf.sigmoid(gate)), up),
    })));

  test('a norm and a gate that are computed again for the backward pass', () =>
    agrees(k, sizes(3), ([n, dim, h]) => ({
      shapes: [[n, dim], [dim], [h, dim], [h, dim], [dim, h]],
      ours: (ops, [x, gain, gate, up, down]) => {
        const y = ops.rmsNorm(x, gain, 1e-3);
        return ops.linear(ops.swiglu(ops.linear(y, gate), ops.linear(y, up)), down);
      },
      naive: ([x, gain, gate, up, down]) => {
        const y = tf.mul(tf.div(x, tf.sqrt(tf.add(tf.mean(tf.square(x), 1, true), 1e-3))), gain);
        const g = tf.matMul(y, gate, false, true);
        return tf.matMul(tf.mul(tf.mul(g, tf.sigmoid(g)), tf.matMul(y, up, false, true)), down, false, true);
      },
    })));

  test('reshape, transpose, repeat, split and concat', () =>
    agrees(k, sizes(3), ([a, b, c]) => ({
      shapes: [[a, b, c + 2], [a * b]],
      ours: (ops, [x, y]) => {
        const [left, right] = ops.split(x, [2, c]); // the last axis
        const [top, rest] =
          a > 1 ? ops.split(ops.concat([right, left], 2), [1, a - 1], 0) : [ops.concat([right, left], 2)];
        const joined = rest === undefined ? top : ops.concat([rest, top], 0); // [a, b, c + 2]
        const wide = ops.repeat(ops.reshape(y, [a, b, 1]), 2, c + 2);
        return ops.transpose(ops.add(joined, wide), [2, 0, 1]);
      },
      naive: ([x, y]) => {
        const turned = tf.concat([tf.slice(x, [0, 0, 2]), tf.slice(x, [0, 0, 0], [a, b, 2])], 2);
        const joined =
          a > 1 ? tf.concat([tf.slice(turned, [1, 0, 0]), tf.slice(turned, [0, 0, 0], [1, b, c + 2])], 0) : turned;
        return tf.transpose(tf.add(joined, tf.reshape(y, [a, b, 1])), [2, 0, 1]);
      },
    })));

  test.each([
    [false, false],
    [false, true],
    [true, false],
    [true, true],
  ])('matmul, transposed %s and %s', (ta, tb) =>
    agrees(
      k,
      sizes(4),
      ([batch, m, inner, n]) => ({
        shapes: [
          [batch, 2, ...(ta ? [inner, m] : [m, inner])],
          [batch, 2, ...(tb ? [n, inner] : [inner, n])],
        ],
        ours: (ops, [a, b]) => ops.matmul(a, b, ta, tb),
        naive: ([a, b]) => tf.matMul(a, b, ta, tb),
      }),
      6,
    ),
  );

  test.each([
    ['neighbouring channels', true],
    ['halves', false],
  ])('rope of %s', (_name, interleaved) =>
    agrees(k, fc.tuple(sizes(4), fc.nat(1000)), ([[batch, time, heads, half], start]) => {
      const frequencies = Array.from({ length: half }, (__, i) => 100 ** (-i / half));
      const rope = { frequencies, factor: 1.3, interleaved };
      return {
        shapes: [[batch, time, heads, 2 * half]],
        ours: (ops, [x]) => ops.rope(x, rope, start),
        naive: ([x]) => {
          const byTime = tf.reshape(tf.transpose(x, [1, 0, 2, 3]), [time, batch * heads, 2 * half]);
          const turned = tf.reshape(tf.matMul(byTime, rotations(rope, start, time)), [time, batch, heads, 2 * half]);
          return tf.transpose(turned, [1, 0, 2, 3]);
        },
      };
    }),
  );

  test('attention, with shared key heads and earlier positions', () =>
    agrees(k, sizes(7), ([batch, kv, group, time, before, d, dv]) => {
      const past = time + before - 1;
      return {
        shapes: [
          [batch, kv * group, time, d],
          [batch, kv, past, d],
          [batch, kv, past, dv],
        ],
        ours: (ops, [q, keys, v]) => ops.attention(q, keys, v, 0.7),
        naive: ([q, keys, v]) => {
          const owner = tf.tensor1d(
            Array.from({ length: kv * group }, (__, h) => Math.floor(h / group)),
            'int32',
          );
          const hidden = Array.from({ length: time }, (__, i) =>
            Array.from({ length: past }, (___, j) => (j - (past - time) > i ? -1e9 : 0)),
          );
          const scores = tf.mul(tf.matMul(q, tf.gather(keys, owner, 1), false, true), 0.7);
          const p = tf.softmax(tf.add(scores, tf.tensor2d(hidden)));
          return tf.matMul(p, tf.gather(v, owner, 1));
        },
      };
    }));

  /** Where documents of these lengths begin, padding behind them, a window after another: [batch * time]. */
  const startsOf = (windows: number[][], time: number): number[] =>
    windows.flatMap((lengths) => {
      const places = lengths.flatMap((length, i) => {
        const start = lengths.slice(0, i).reduce((sum, each) => sum + each, 0);
        return Array.from({ length }, () => start);
      });
      return Array.from({ length: time }, (__, i) => places[i] ?? -1);
    });
  const shared = fc.array(fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 2 }), {
    minLength: 1,
    maxLength: 3,
  });
  const time = 9;

  test('attention and positions of documents that share windows', () =>
    agrees(k, fc.tuple(shared, sizes(3)), ([windows, [heads, half, dv]]) => {
      const batch = windows.length;
      const d = 2 * half;
      const starts = startsOf(windows, time);
      const rope = {
        frequencies: Array.from({ length: half }, (__, i) => 10 ** (-i / half)),
        factor: 1,
        interleaved: true,
      };
      const given = (ops: Ops) => ops.documents(new Value(tf.tensor1d(starts, 'int32'), false), batch, time);
      return {
        shapes: [
          [batch, time, heads, d],
          [batch, heads, time, d],
          [batch, heads, time, dv],
        ],
        ours: (ops, [x, keys, v]) => {
          const documents = given(ops);
          const q = ops.transpose(ops.rope(x, rope, documents.positions), [0, 2, 1, 3]);
          return ops.attention(q, keys, v, 0.7, { documents });
        },
        naive: ([x, keys, v]) => {
          const places = starts.map((start, i) => (i % time) - Math.max(0, start));
          const turns = tf.gather(rotations(rope, 0, time), tf.tensor1d(places, 'int32')); // [batch * time, d, d]
          const turned = tf.matMul(tf.reshape(x, [batch * time, heads, d]), turns);
          const q = tf.transpose(tf.reshape(turned, [batch, time, heads, d]), [0, 2, 1, 3]);
          const hidden = starts.map((start, i) =>
            Array.from({ length: time }, (__, j) => (j <= i % time && j >= start ? 0 : -1e9)),
          );
          const mask = tf.reshape(tf.tensor2d(hidden), [batch, 1, time, time]);
          const p = tf.softmax(tf.add(tf.mul(tf.matMul(q, keys, false, true), 0.7), mask));
          return tf.matMul(p, v);
        },
      };
    }));

  test.each([
    ['raw', false, 1],
    ['normalised', true, 1],
    ['raw, by groups', false, 3],
    ['normalised, by groups', true, 3],
  ])('route with weights %s', (_name, normalize, groups) =>
    agrees(k, sizes(4), ([n, dim, each, most]) => {
      const experts = groups * each;
      const activeGroups = Math.min(2, groups);
      const active = Math.min(most, each * activeGroups);
      const spec = { active, groups, activeGroups, normalize, scale: 2.5 };
      const bias = normals(experts, 0.3, random(`bias ${n} ${dim} ${each}`));
      return {
        shapes: [
          [n, dim],
          [experts, dim],
        ],
        ours: (ops, [x, gate]) => {
          const routing = ops.route(x, gate, new Value(tf.tensor1d(bias), false), spec);
          const chosen = (routing.experts as Value).data.dataSync();
          const load = Array.from({ length: experts }, (__, e) => chosen.filter((c) => c === e).length);
          expect(Array.from((routing.load as Value).data.dataSync())).toEqual(load);
          return routing.weights;
        },
        naive: ([x, gate]) => {
          const s = tf.sigmoid(tf.matMul(x, gate, false, true));
          const rows = tf.tidy(() => s.arraySync() as number[][]);
          const chosen = rows.map((row) => choose(row, [...bias], active, groups, activeGroups));
          const raw = tf.sum(tf.mul(hot(tf.tensor2d(chosen, [n, active], 'int32'), experts), tf.expandDims(s, 1)), 2);
          return tf.mul(normalize ? tf.div(raw, tf.sum(raw, 1, true)) : raw, 2.5);
        },
      };
    }),
  );

  test('experts', () =>
    agrees(k, sizes(5), ([n, dim, h, count, most]) => {
      const active = Math.min(count, most);
      /** Different experts for each token, from one draw a token. */
      const chosen = (firsts: ArrayLike<number>): number[][] =>
        Array.from({ length: n }, (__, i) => Array.from({ length: active }, (___, a) => (firsts[i] + a) % count));
      const each = <R>(make: (e: number) => R): R[] => Array.from({ length: count }, (__, e) => make(e));
      return {
        shapes: [[n, dim], [n, active], ...each(() => [h, dim]), ...each(() => [h, dim]), ...each(() => [dim, h])],
        ours: (ops, [x, weights, ...rest], whole) => {
          const ids = tf.tensor2d(chosen((whole([n], count) as Value).data.dataSync()), [n, active], 'int32');
          const routing = { experts: new Value(ids, false), weights, load: weights, scores: weights };
          const [gate, up, down] = [0, 1, 2].map((part) => rest.slice(part * count, (part + 1) * count));
          return ops.experts(x, routing, { gate, up, down });
        },
        naive: ([x, weights, ...rest], whole) => {
          const ids = chosen(whole([n], count).dataSync());
          return tf.addN(
            each((e) => {
              const [gate, up, down] = [0, 1, 2].map((part) => rest[part * count + e]);
              const own = tf.tensor2d(
                ids.map((row) => row.map((id) => (id === e ? 1 : 0))),
                [n, active],
              );
              const g = tf.matMul(x, gate, false, true);
              const inner = tf.mul(tf.mul(g, tf.sigmoid(g)), tf.matMul(x, up, false, true));
              return tf.mul(tf.matMul(inner, down, false, true), tf.sum(tf.mul(own, weights), 1, true));
            }),
          );
        },
      };
    }));

  const lossCase = (n: number, dim: number, vocab: number): Case => ({
    one: true,
    shapes: [
      [n, dim],
      [vocab, dim],
    ],
    ours: (ops, [x, head], whole) => ops.headLoss(x, head, whole([n], vocab)),
    naive: ([x, head], whole) => {
      const scores = tf.logSoftmax(tf.matMul(x, head, false, true));
      return tf.neg(tf.sum(tf.mul(scores, hot(whole([n], vocab), vocab))));
    },
  });

  test('headLoss', () => agrees(k, sizes(3), ([n, dim, vocab]) => lossCase(n, dim, vocab)));

  test('headLoss of more logits than stand in memory at once', () =>
    agrees(k, fc.integer({ min: 90, max: 130 }), (n) => lossCase(n, 2, 30_011), 2));

  test('headLoss of some targets', () =>
    agrees(k, sizes(3), ([n, dim, vocab]) => ({
      ...lossCase(n, dim, vocab),
      ours: (ops, [x, head], whole) => {
        const targets = whole([n], vocab);
        const learned = new Value(tf.cast((whole([n], 2) as Value).data, 'float32'), false);
        return ops.headLoss(x, head, targets, { learned });
      },
      naive: ([x, head], whole) => {
        const scores = tf.logSoftmax(tf.matMul(x, head, false, true));
        const losses = tf.sum(tf.mul(scores, hot(whole([n], vocab), vocab)), 1);
        return tf.neg(tf.sum(tf.mul(losses, tf.cast(whole([n], 2), 'float32'))));
      },
    })));

  test('layerNorm', () =>
    agrees(k, sizes(2), ([n, dim]) => ({
      shapes: [[n, dim], [dim], [dim]],
      ours: (ops, [x, gain, bias]) => ops.layerNorm(x, gain, bias, 1e-2),
      naive: ([x, gain, bias]) => {
        const centred = tf.sub(x, tf.mean(x, 1, true));
        const deviation = tf.sqrt(tf.add(tf.mean(tf.square(centred), 1, true), 1e-2));
        return tf.add(tf.mul(tf.div(centred, deviation), gain), bias);
      },
    })));

  test('unit', () =>
    agrees(k, sizes(2), ([n, dim]) => ({
      shapes: [[n, dim]],
      ours: (ops, [x]) => ops.unit(x),
      naive: ([x]) => tf.div(x, tf.sqrt(tf.sum(tf.square(x), 1, true))),
    })));

  test.each<[string, (ops: Ops, x: Tensor) => Tensor, (x: tfjs.Tensor) => tfjs.Tensor]>([
    ['gelu', (ops, x) => ops.gelu(x), (x) => tf.mul(tf.mul(x, 0.5), tf.add(1, tf.erf(tf.div(x, Math.SQRT2))))],
    [
      'gelu by tanh',
      (ops, x) => ops.gelu(x, 'tanh'),
      (x) => {
        const inner = tf.mul(Math.sqrt(2 / Math.PI), tf.add(x, tf.mul(0.044715, tf.pow(x, 3))));
        return tf.mul(tf.mul(x, 0.5), tf.add(1, tf.tanh(inner)));
      },
    ],
    ['relu', (ops, x) => ops.relu(x), (x) => tf.relu(x)],
    ['tanh', (ops, x) => ops.tanh(x), (x) => tf.tanh(x)],
    ['sigmoid', (ops, x) => ops.sigmoid(x), (x) => tf.sigmoid(x)],
    ['softmax', (ops, x) => ops.softmax(x), (x) => tf.softmax(x)],
  ])('%s', (_name, ours, naive) =>
    agrees(k, sizes(2), ([n, dim]) => ({
      shapes: [
        [n, dim],
        [dim, dim],
      ],
      // The product behind it has it computed again for its own backward pass.
      ours: (ops, [x, w]) => ops.linear(ours(ops, x), w),
      naive: ([x, w]) => tf.matMul(naive(x), w, false, true),
    })),
  );

  test('sums, differences, products and quotients, of what broadcasts too', () =>
    agrees(k, sizes(2), ([n, dim]) => ({
      shapes: [[n, dim], [dim], [n, 1], [1, 1]],
      ours: (ops, [x, row, column, one]) =>
        ops.div(
          ops.sub(ops.mul(ops.add(x, row), column), ops.mul(x, x)),
          ops.add(ops.mul(one, one), ops.mul(row, row)),
        ),
      naive: ([x, row, column, one]) =>
        tf.div(tf.sub(tf.mul(tf.add(x, row), column), tf.square(x)), tf.add(tf.square(one), tf.square(row))),
    })));

  const draw = (rate: number, site = 3): Draw => ({ rate, seed: new Value(tf.tensor1d([5, 9], 'int32'), false), site });
  /** What dropout leaves of ones. */
  const left = (shape: number[], rate: number): tfjs.Tensor => {
    const ops = createOps(k, new Tape(k, false));
    return (ops.dropout(new Value(tf.ones(shape), false), draw(rate)) as Value).data;
  };

  test('dropout, forward and backward alike', () =>
    agrees(k, sizes(2), ([n, dim]) => ({
      shapes: [
        [n, dim],
        [dim, dim],
      ],
      ours: (ops, [x, w]) => ops.linear(ops.dropout(x, draw(0.4)), w),
      naive: ([x, w]) => tf.matMul(tf.mul(x, left([n, dim], 0.4)), w, false, true),
    })));

  test('dropout keeps the share it should, and the mean', () => {
    tf.tidy(() => {
      const kept = left([100, 100], 0.3);
      const [zeros, mean] = [tf.mean(tf.cast(tf.equal(kept, 0), 'float32')), tf.mean(kept)].map((x) => x.dataSync()[0]);
      expect(Math.abs(zeros - 0.3)).toBeLessThan(0.02);
      expect(Math.abs(mean - 1)).toBeLessThan(0.03);
      const x = new Value(tf.ones([2]), false);
      expect(createOps(k, new Tape(k, false)).dropout(x, null)).toBe(x);
    });
  });

  test('attention both ways, over other keys some of which are padding, and with dropout', () =>
    agrees(k, sizes(6), ([batch, kv, group, time, d, more]) => {
      const past = time + more; // the first of them is no padding
      const real = Array.from({ length: batch }, (__, b) => 1 + ((b * 3 + more) % past));
      const starts = startsOf(
        real.map((count) => [count]),
        past,
      );
      const heads = kv * group;
      return {
        shapes: [
          [batch, heads, time, d],
          [batch, kv, past, d],
          [batch, kv, past, d],
        ],
        ours: (ops, [q, keys, v]) =>
          ops.attention(q, keys, v, 0.7, {
            both: true,
            keys: ops.documents(new Value(tf.tensor1d(starts, 'int32'), false), batch, past),
            dropout: draw(0.3),
          }),
        naive: ([q, keys, v]) => {
          const owner = tf.tensor1d(
            Array.from({ length: heads }, (__, h) => Math.floor(h / group)),
            'int32',
          );
          const hidden = tf.reshape(tf.tensor1d(starts.map((start) => start * 1e9)), [batch, 1, 1, past]);
          const scores = tf.mul(tf.matMul(q, tf.gather(keys, owner, 1), false, true), 0.7);
          const p = tf.mul(tf.softmax(tf.add(scores, hidden)), left([batch, heads, time, past], 0.3));
          return tf.matMul(p, tf.gather(v, owner, 1));
        },
      };
    }));

  test('attention both ways within documents', () =>
    agrees(k, fc.tuple(shared, sizes(3)), ([windows, [heads, d, dv]]) => {
      const batch = windows.length;
      const starts = startsOf(windows, time);
      return {
        shapes: [
          [batch, heads, time, d],
          [batch, heads, time, d],
          [batch, heads, time, dv],
        ],
        ours: (ops, [q, keys, v]) =>
          ops.attention(q, keys, v, 0.7, {
            both: true,
            documents: ops.documents(new Value(tf.tensor1d(starts, 'int32'), false), batch, time),
          }),
        naive: ([q, keys, v]) => {
          const hidden = starts.map((start, i) => {
            const own = starts.slice(i - (i % time), i - (i % time) + time);
            return own.map((other) => (other === start ? 0 : -1e9));
          });
          const mask = tf.reshape(tf.tensor2d(hidden), [batch, 1, time, time]);
          return tf.matMul(tf.softmax(tf.add(tf.mul(tf.matMul(q, keys, false, true), 0.7), mask)), v);
        },
      };
    }));

  test.each<Pool>(['first', 'last', 'mean'])('pool: %s', (how) =>
    agrees(
      k,
      fc.tuple(fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 1, maxLength: 4 }), few, fc.boolean()),
      ([lengths, dim, padded]) => {
        const [batch, places] = [lengths.length, 5];
        const counts = padded ? lengths : lengths.map(() => places);
        const starts = startsOf(
          counts.map((count) => [count]),
          places,
        );
        const weights = counts.map((count) =>
          Array.from({ length: places }, (__, i) => {
            if (how === 'mean') return i < count ? 1 / count : 0;
            return i === (how === 'first' ? 0 : count - 1) ? 1 : 0;
          }),
        );
        return {
          shapes: [[batch * places, dim]],
          ours: (ops, [x]) => {
            const documents = padded
              ? ops.documents(new Value(tf.tensor1d(starts, 'int32'), false), batch, places)
              : null;
            return ops.pool(x, how, batch, places, documents);
          },
          naive: ([x]) =>
            tf.reshape(
              tf.matMul(tf.reshape(tf.tensor2d(weights), [batch, 1, places]), tf.reshape(x, [batch, places, dim])),
              [batch, dim],
            ),
        };
      },
    ),
  );

  test('places in front of documents', () => {
    tf.tidy(() => {
      const ops = createOps(k, new Tape(k, false));
      const starts = new Value(tf.tensor1d([0, 0, -1, 0, 0, 0], 'int32'), false);
      const behind = ops.behind(ops.documents(starts, 2, 3), 2, 3, 2);
      const read = (x: Tensor): number[] => Array.from((x as Value).data.dataSync());
      expect(read(behind.starts)).toEqual([0, 0, 0, 0, -1, 0, 0, 0, 0, 0]);
      expect(read(behind.positions)).toEqual([0, 1, 2, 3, 4, 0, 1, 2, 3, 4]);
      expect(read(behind.real)).toEqual([1, 1, 1, 1, 0, 1, 1, 1, 1, 1]);
    });
  });

  test('route by softmax, groups by their best', () =>
    agrees(k, sizes(3), ([n, dim, each]) => {
      const [groups, experts] = [3, 3 * (each + 1)];
      const spec = { active: 2, groups, activeGroups: 2, normalize: false, scale: 1.5, scores: 'softmax' } as const;
      return {
        shapes: [
          [n, dim],
          [experts, dim],
        ],
        ours: (ops, [x, gate]) => ops.route(x, gate, null, spec).weights,
        naive: ([x, gate]) => {
          const s = tf.softmax(tf.matMul(x, gate, false, true));
          const chosen = (tf.tidy(() => s.arraySync()) as number[][]).map((row) => {
            const best = Array.from({ length: groups }, (__, g) =>
              Math.max(...row.slice(g * (each + 1), (g + 1) * (each + 1))),
            );
            const worst = best.indexOf(Math.min(...best));
            const open = row.map((score, e) => (Math.floor(e / (each + 1)) === worst ? -1 : score));
            return open
              .map((score, e) => [score, e])
              .sort((a, b) => b[0] - a[0])
              .slice(0, 2)
              .map(([, e]) => e);
          });
          const picked = hot(tf.tensor2d(chosen, [n, 2], 'int32'), experts);
          return tf.mul(tf.sum(tf.mul(picked, tf.expandDims(s, 1)), 2), 1.5);
        },
      };
    }));

  test.each(['best', 'chosen'] as const)('sequenceBalance of what is %s', (choice) =>
    agrees(k, fc.tuple(sizes(3), fc.boolean()), ([[batch, places, more], padded]) => {
      const experts = 2 + more;
      const counts = Array.from({ length: batch }, (__, b) => (padded ? 1 + (b % places) : places));
      const starts = startsOf(
        counts.map((count) => [count]),
        places,
      );
      const n = batch * places;
      return {
        one: true,
        shapes: [[n, experts]],
        ours: (ops, [x], whole) => {
          const scores = ops.sigmoid(x);
          const routing = { experts: whole([n, 2], experts), weights: scores, load: scores, scores };
          const documents = padded
            ? ops.documents(new Value(tf.tensor1d(starts, 'int32'), false), batch, places)
            : null;
          return ops.sequenceBalance(routing, choice, batch, documents);
        },
        naive: ([x], whole) => {
          const s = tf.sigmoid(x);
          const given = whole([n, 2], experts).dataSync();
          const rows = tf.tidy(() => s.arraySync() as number[][]);
          const chosen = rows.map((row, i) =>
            choice === 'chosen'
              ? [given[2 * i], given[2 * i + 1]]
              : row
                  .map((score, e) => [score, e])
                  .sort((a, b) => b[0] - a[0])
                  .slice(0, 2)
                  .map(([, e]) => e),
          );
          const shares = tf.div(s, tf.sum(s, 1, true));
          // Term by term: alpha sum_i f_i P_i of each sequence, in the paper's words.
          const factors = chosen.map((__, i) => {
            const b = Math.floor(i / places);
            const own = chosen.slice(b * places, b * places + counts[b]).flat();
            const f = Array.from(
              { length: experts },
              (___, e) => (experts / (2 * counts[b])) * own.filter((c) => c === e).length,
            );
            return f.map((value) => (i % places < counts[b] ? value / counts[b] / batch : 0));
          });
          return tf.sum(tf.mul(shares, tf.tensor2d(factors, [n, experts])));
        },
      };
    }),
  );

  test('headLoss with a bias and smoothed targets', () =>
    agrees(k, fc.tuple(sizes(3), fc.boolean()), ([[n, dim, vocab], some]) => ({
      one: true,
      shapes: [[n, dim], [vocab, dim], [vocab]],
      ours: (ops, [x, head, bias], whole) => {
        const targets = whole([n], vocab);
        const learned = some ? new Value(tf.cast((whole([n], 2) as Value).data, 'float32'), false) : null;
        return ops.headLoss(x, head, targets, { learned, bias, smoothing: 0.2 });
      },
      naive: ([x, head, bias], whole) => {
        const scores = tf.logSoftmax(tf.add(tf.matMul(x, head, false, true), bias));
        const goal = tf.add(tf.mul(hot(whole([n], vocab), vocab), 0.8), 0.2 / vocab);
        const losses = tf.neg(tf.sum(tf.mul(scores, goal), 1));
        return tf.sum(some ? tf.mul(losses, tf.cast(whole([n], 2), 'float32')) : losses);
      },
    })));

  test.each([0, 0.2])('crossEntropy, smoothed by %s', (smoothing) =>
    agrees(k, fc.tuple(sizes(2), fc.boolean()), ([[n, classes], some]) => ({
      shapes: [[n, classes]],
      ours: (ops, [x], whole) => {
        const targets = whole([n], classes);
        const learned = some ? new Value(tf.cast((whole([n], 2) as Value).data, 'float32'), false) : null;
        return ops.crossEntropy(x, targets, { learned, smoothing });
      },
      naive: ([x], whole) => {
        const goal = tf.add(tf.mul(hot(whole([n], classes), classes), 1 - smoothing), smoothing / classes);
        const losses = tf.neg(tf.sum(tf.mul(tf.logSoftmax(x), goal), 1));
        return tf.sum(some ? tf.mul(losses, tf.cast(whole([n], 2), 'float32')) : losses);
      },
    })),
  );

  test.each([null, 0.5])('squaredError, within %s', (delta) =>
    agrees(k, fc.tuple(sizes(2), fc.boolean()), ([[n, width], some]) => ({
      shapes: [
        [n, width],
        [n, width],
      ],
      ours: (ops, [x, y], whole) => {
        const learned = some ? new Value(tf.cast((whole([n], 2) as Value).data, 'float32'), false) : null;
        return ops.squaredError(x, y, { delta, learned });
      },
      naive: ([x, y], whole) => {
        const d = tf.sub(x, y);
        const far = tf.mul(delta ?? 1, tf.sub(tf.abs(d), (delta ?? 1) / 2));
        const near = tf.tensor(
          Array.from(d.dataSync(), (x) => Number(Math.abs(x) < (delta ?? 1))),
          d.shape,
        );
        const huber = tf.add(tf.mul(near, tf.div(tf.square(d), 2)), tf.mul(tf.sub(1, near), far));
        const each = delta === null ? tf.square(d) : huber;
        return tf.sum(some ? tf.mul(each, tf.expandDims(tf.cast(whole([n], 2), 'float32'), 1)) : each);
      },
    })),
  );

  test('convolve, with padding and steps', () =>
    agrees(
      k,
      fc.tuple(sizes(6), sizes(4)),
      ([[batch, from, to, rows, columns, more], [beside, down, right, around]]) => {
        const [height, width] = [rows + more - 1, columns + beside - 1];
        const padding: [number, number] = [around - 1, more - 1];
        return {
          shapes: [
            [batch, height, width, from],
            [to, from, rows, columns],
          ],
          ours: (ops, [x, w]) => ops.convolve(x, w, [down, right], padding),
          naive: ([x, w]) => {
            const wide = tf.pad(x, [
              [0, 0],
              [padding[0], padding[0]],
              [padding[1], padding[1]],
              [0, 0],
            ]) as tfjs.Tensor4D;
            return tf.conv2d(wide, tf.transpose(w, [2, 3, 1, 0]) as tfjs.Tensor4D, [down, right], 'valid');
          },
        };
      },
    ));

  test('largest', () =>
    agrees(k, sizes(4), ([batch, channels, more, beside]) => ({
      shapes: [[batch, 1 + more, 2 + beside, channels]],
      ours: (ops, [x]) => ops.largest(x, [2, 3]),
      naive: ([x]) => tf.maxPool(x as tfjs.Tensor4D, [2, 3], [2, 3], 'valid'),
    })));

  test('balance', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(20), { minLength: 1, maxLength: 9 }), (load) => {
        const mean = load.reduce((a, b) => a + b) / load.length;
        // Where a load equals the mean up to rounding, either sign is right.
        const clear = load.map((rows) => Math.abs(mean - rows) > 1e-4 || mean === rows);
        const values = tf.tidy(() => {
          const given = new Value(tf.tensor1d(load), false);
          return (createOps(k, new Tape(k, false)).balance(given, 0.01) as Value).data.dataSync();
        });
        load.forEach((rows, e) => {
          if (clear[e] && Number.isInteger(mean)) expect(values[e]).toBeCloseTo(0.01 * Math.sign(mean - rows), 7);
        });
        expect(values.length).toBe(load.length);
      }),
    );
  });

  test('a backward pass frees what it does not return', () => {
    const before = tf.memory().numTensors;
    const tape = new Tape(k, true);
    const ops = createOps(k, tape);
    const shapes = [[6, 4], [4], [3, 4], [3, 4], [4, 3], [5, 4]];
    const data = shapes.map((shape, i) => tf.tensor(normals(size(shape), 1, random(i)), shape));
    const xs = data.map((each) => new Value(each, true));
    const [x, gain, gate, up, down, head] = xs;
    const y = ops.rmsNorm(x, gain, 1e-3);
    const z = ops.add(x, ops.linear(ops.swiglu(ops.linear(y, gate), ops.linear(y, up)), down));
    const targets = tf.tensor1d([0, 1, 2, 3, 4, 0], 'int32');
    const loss = ops.headLoss(z, head, new Value(targets, false)) as Value;
    const held = tf.memory().numTensors;
    const seed = k.scalar(1);
    const gradients = tape.gradients(loss, seed, xs);
    expect(gradients.every((gradient) => gradient !== null)).toBe(true);
    // Gradients have come; the two that the loss had saved have gone, and the seed.
    expect(tf.memory().numTensors - held).toBe(gradients.length - 2);
    for (const gradient of gradients) gradient?.dispose();
    expect(tf.memory().numTensors).toBeLessThan(held);
    expect(before).toBeLessThan(held);
  });
});
