// Learning from a teacher's shares of its likeliest tokens (Hinton et al., arXiv 1503.02531). All tokens that are not among those
// count as one more event, so that what is minimised is the divergence of two whole distributions: with all tokens given it is
// Hinton's, with fewer it is smaller.
import type { Ops, Soft } from '../../nodes/ops.ts';
import type { Kernels, T } from '../kernels.ts';
import { logitsOf, type Making, pieces, value } from './making.ts';

/** Bytes of logits that stand in memory at once. */
const largestLogits = 32 << 20;
/** Least share of all other tokens: 1 - sum is not known better in float32. */
const leastRest = 1e-7;
const leastShare = 1e-30;

export function teaching({ k, tape }: Making): Pick<Ops, 'likeliest'> {
  return {
    likeliest(x, head, { count, vocab, temperature, bias = null }) {
      const [n, all] = [x.shape[0], head.shape[0]];
      const [rows, weight] = [value(x).data, value(head).data];
      const [ids, shares, rest] = tape.apply([], () => {
        let before: T | null = null;
        const found: T[][] = [];
        for (const piece of k.split(rows, pieces(n, all, largestLogits), 0)) {
          const body = (): T[] =>
            k.tidy(() => {
              const logits = logitsOf(k, piece, weight, bias);
              const known = vocab === all ? logits : k.split(logits, [vocab, all - vocab], 1)[0];
              const q = k.softmax(k.mul(known, k.scalar(1 / temperature)));
              const best = k.topk(q, count);
              const left = k.maximum(k.sub(k.scalar(1), k.sum(best.values, [1])), k.scalar(0));
              return [best.indices, best.values, left];
            });
          const one: T[] = before === null ? body() : k.following(before, body);
          before = one[1];
          found.push(one);
        }
        const joined = [0, 1, 2].map((i) =>
          k.concat(
            found.map((one) => one[i]),
            0,
          ),
        );
        return { outputs: joined, backward: () => [] };
      });
      return { ids, shares, rest };
    },
  };
}

/** A piece of what is learned from a teacher: ids int32 [rows, k], shares [rows, k], rest [rows]. */
export interface SoftPiece {
  ids: T;
  shares: T;
  rest: T;
}

/** The teacher's rows in pieces. */
export function softPieces(k: Kernels, { ids, shares, rest }: Soft, sizes: number[]): SoftPiece[] {
  const [a, b, c] = [ids, shares, rest].map((all) => k.split(value(all).data, sizes, 0));
  return sizes.map((_, i) => ({ ids: a[i], shares: b[i], rest: c[i] }));
}

/**
 * alpha T^2 KL(teacher || student, both at temperature T) + (1 - alpha) of the loss on the targets, for each row [rows], and the
 * gradient of their sum with respect to the logits [rows, vocab].
 */
export function softened(
  k: Kernels,
  logits: T,
  hard: { losses: T; gradient: T },
  { ids, shares, rest }: SoftPiece,
  { temperature, alpha }: Pick<Soft, 'temperature' | 'alpha'>,
): { losses: T; gradient: T } {
  const [rows, vocab] = logits.shape as [number, number];
  const width = ids.shape[1] as number;
  const log = (x: T, least: number): T => k.log(k.maximum(x, k.scalar(least)));
  const q = k.softmax(k.mul(logits, k.scalar(1 / temperature)));
  const own = k.gatherColumns(q, ids); // [rows, k]
  const left = k.maximum(k.sub(k.scalar(1), k.sum(own, [1])), k.scalar(leastRest)); // [rows]
  const ratio = k.reshape(k.div(rest, left), [rows, 1]);
  const named = k.sum(k.mul(shares, k.sub(log(shares, leastShare), log(own, leastShare))), [1]);
  const others = k.mul(rest, k.sub(log(rest, leastShare), k.log(left)));
  const divergence = k.add(named, others); // [rows]
  // With z the logits over T: d/dz = q - p q / q(event), where every token outside is part of one event.
  const first = Int32Array.from({ length: rows }, (_, row) => row * vocab);
  const places = k.reshape(k.add(ids, k.constant(first, [rows, 1], 'int32')), [rows * width]);
  const put = k.reshape(k.sub(k.mul(own, ratio), shares), [rows * width]);
  const inside = k.reshape(k.segmentSum(put, places, rows * vocab), [rows, vocab]);
  const slope = k.add(k.mul(q, k.sub(k.scalar(1), ratio)), inside);
  const mixed = (soft: T, factor: number, given: T): T =>
    k.add(k.mul(soft, k.scalar(alpha * factor)), k.mul(given, k.scalar(1 - alpha)));
  return {
    losses: mixed(divergence, temperature ** 2, hard.losses),
    gradient: mixed(slope, temperature, hard.gradient),
  };
}
