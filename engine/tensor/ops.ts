// The differentiable operations of engine/nodes/ops.ts with their backward passes, in terms of kernels: here those that move numbers
// about and the products, the others in ops/. Shapes in comments; n = batch * time.
import type { Ops, Tensor } from '../nodes/ops.ts';
import type { Kernels, T } from './kernels.ts';
import { attending } from './ops/attention.ts';
import { losses } from './ops/losses.ts';
import { again, eachPosition, type Given, making, value } from './ops/making.ts';
import { norms } from './ops/norms.ts';
import { pictures } from './ops/pictures.ts';
import { pointwise } from './ops/pointwise.ts';
import { routing } from './ops/routing.ts';
import { teaching } from './ops/soft.ts';
import { type Tape, Value } from './tape.ts';

export function createOps(k: Kernels, tape: Tape, given: Given | null = null): Ops {
  const made = making(k, tape, given);
  const { one } = made;
  const elements = pointwise(made);

  const reshape = (x: Tensor, shape: number[]): Tensor =>
    one([x], () => ({
      outputs: [k.reshape(value(x).data, shape)],
      backward: ([g]) => [k.reshape(g, x.shape)],
    }));

  const transpose = (x: Tensor, axes: number[]): Tensor =>
    one([x], () => ({
      outputs: [k.transpose(value(x).data, axes)],
      backward: ([g]) => [
        k.transpose(
          g,
          axes.map((_, axis) => axes.indexOf(axis)),
        ),
      ],
    }));

  const embed: Ops['embed'] = (table, ids) =>
    one([table], () => ({
      outputs: [k.gather(value(table).data, value(ids).data)],
      backward: ([g]) => [k.segmentSum(g, value(ids).data, table.shape[0])],
    }));

  const linear: Ops['linear'] = (x, weight, bias) => {
    const [a, w] = [value(x).data, value(weight).data];
    const product = one([x, weight], () => ({
      outputs: [given === null ? k.matmul(a, w, false, true) : abreast(k, a, w, given.threads)],
      // dx = g w, dw = g^T x
      backward: ([g]) => [
        value(x).tracked ? k.matmul(g, w) : null,
        value(weight).tracked ? k.matmul(g, again(k, g, value(x)), true) : null,
      ],
    }));
    if (bias === undefined) return product;
    return one([product, bias], () => ({
      outputs: [k.add(product.data, value(bias).data)],
      backward: ([g]) => [g.clone(), k.sum(g, [0])],
    }));
  };

  return {
    ...elements,
    ...norms(made),
    ...attending(made),
    ...routing(made, { ...elements, linear }),
    ...losses(made),
    ...teaching(made),
    ...pictures(made),
    reshape,
    transpose,
    embed,
    linear,

    constant: (values, shape) =>
      new Value(k.constant(values, shape, values instanceof Float32Array ? 'float32' : 'int32'), false),

    split: (x, sizes, axis = x.shape.length - 1) =>
      tape.apply([value(x)], () => {
        return { outputs: k.split(value(x).data, sizes, axis), backward: (gs) => [k.concat(gs, axis)] };
      }),

    concat: (xs, axis) =>
      one(xs, () => ({
        outputs: [
          k.concat(
            xs.map((x) => value(x).data),
            axis,
          ),
        ],
        backward: ([g]) =>
          k.split(
            g,
            xs.map((x) => x.shape[axis]),
            axis,
          ),
      })),

    repeat: (x, axis, count) =>
      one([x], () => ({
        outputs: [
          k.tile(
            value(x).data,
            x.shape.map((_, i) => (i === axis ? count : 1)),
          ),
        ],
        backward: ([g]) => [k.sum(g, [axis], true)],
      })),

    matmul: (a, b, ta = false, tb = false) =>
      one([a, b], () => {
        const [x, y] = [value(a).data, value(b).data];
        return {
          outputs: [k.batchMatmul(x, y, ta, tb)],
          backward: ([g]) => [
            ta ? k.batchMatmul(y, g, tb, true) : k.batchMatmul(g, y, false, !tb),
            tb ? k.batchMatmul(g, x, true, ta) : k.batchMatmul(x, g, !ta, false),
          ],
        };
      }),

    pool(x, how, batch, time, documents = null) {
      const [dim] = x.shape.slice(1);
      const firsts = (): T =>
        k.constant(
          Int32Array.from({ length: batch }, (_, i) => i * time),
          [batch],
          'int32',
        );
      if (how === 'first') return embed(x, new Value(firsts(), false));
      if (how === 'last') {
        const ids = k.tidy(() => {
          const real = documents && k.reshape(value(documents.real).data, [batch, time]);
          const count = real === null ? k.scalar(time) : k.maximum(k.sum(real, [1]), k.scalar(1));
          return k.add(firsts(), k.toInt(k.sub(count, k.scalar(1))));
        });
        return embed(x, new Value(ids, false));
      }
      return one([x], () => {
        const each = eachPosition(k, documents, batch, time);
        return {
          outputs: [k.sum(k.mul(k.reshape(value(x).data, [batch, time, dim]), each), [1])],
          saved: [each],
          backward: ([g]) => [k.reshape(k.mul(k.tile(k.reshape(g, [batch, 1, dim]), [1, time, 1]), each), x.shape)],
        };
      });
    },
  };
}

/** Fewest numbers of a matrix that are worth a thread. */
const leastShare = 1 << 16;

/**
 * x w^T by threads that each take some rows of w: for few rows of x, TensorFlow uses one thread, which alone cannot read w as fast as
 * memory gives it. Pieces along the first axis are no copies.
 */
function abreast(k: Kernels, x: T, w: T, threads: number): T {
  const [rows, columns] = w.shape as [number, number];
  const count = Math.max(1, Math.min(threads, Math.floor((rows * columns) / leastShare)));
  if (count === 1) return k.matmul(x, w, false, true);
  // Multiples of 16 rows, so that each piece begins where TensorFlow can use it as it is.
  const each = 16 * Math.ceil(rows / count / 16);
  const sizes = Array.from({ length: count }, (_, i) => Math.min(each, rows - i * each)).filter((size) => size > 0);
  const pieces = k.split(w, sizes, 0);
  return k.concat(
    pieces.map((piece) => k.matmul(x, piece, false, true)),
    1,
  );
}
