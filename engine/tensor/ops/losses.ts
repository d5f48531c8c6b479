// Losses: sums over rows, so that whoever counts them decides what the mean is.
import type { Ops } from '../../nodes/ops.ts';
import type { T } from '../kernels.ts';
import { logitsOf, type Making, pieces, value } from './making.ts';
import { softened, softPieces } from './soft.ts';

/** Bytes of logits that stand in memory at once. */
const largestLogits = 8 << 20;

export function losses({ k, tape, one }: Making): Pick<Ops, 'total' | 'headLoss' | 'crossEntropy' | 'squaredError'> {
  return {
    total: (x) =>
      one([x], () => {
        const axes = x.shape.map((_, axis) => axis);
        return {
          outputs: [axes.length === 0 ? value(x).data.clone() : k.sum(value(x).data, axes)],
          backward: ([g]) => [
            k.tile(
              k.reshape(
                g,
                axes.map(() => 1),
              ),
              x.shape,
            ),
          ],
        };
      }),

    headLoss: (x, head, targets, { learned = null, bias = null, smoothing = 0, soft = null } = {}) =>
      one([x, head, ...(bias === null ? [] : [bias])], () => {
        const [n, vocab] = [x.shape[0], head.shape[0]];
        const w = value(head).data;
        const sizes = pieces(n, vocab, largestLogits);
        const learns = tape.recording && (value(x).tracked || value(head).tracked);
        const sums: T[] = [];
        const dx: T[] = [];
        /** Of head and bias, added up piece by piece. */
        const summed: (T | null)[] = [null, null];
        let before: T | null = null;
        const ids = k.split(value(targets).data, sizes, 0);
        const counts = learned === null ? null : k.split(value(learned).data, sizes, 0);
        const taught = soft && softPieces(k, soft, sizes);
        for (const [i, rows] of k.split(value(x).data, sizes, 0).entries()) {
          // One piece after another; the gradients are computed at once, while the piece's logits are there.
          const piece = (): { losses: T; gradient: T } => {
            const logits = logitsOf(k, rows, w, bias);
            const hard = k.crossEntropy(logits, ids[i], smoothing);
            const { losses, gradient } = soft && taught ? softened(k, logits, hard, taught[i], soft) : hard;
            return { losses, gradient: learns ? tape.ahead(gradient) : gradient };
          };
          const { losses: loss, gradient } = before === null ? piece() : k.following(before, piece);
          before = k.sum(counts === null ? loss : k.mul(loss, counts[i]), [0]);
          sums.push(before);
          if (!learns) continue;
          // On the narrow side of the products: the logits' gradient is the widest tensor there is.
          const counted = (t: T): T => (counts === null ? t : k.mul(t, k.reshape(counts[i], [sizes[i], 1])));
          dx.push(counted(k.matmul(gradient, w))); // [rows, dim]
          const add = (at: number, part: T): T => {
            const sofar = summed[at];
            const sum = sofar === null ? part : k.add(sofar, part);
            summed[at] = sum;
            return sum;
          };
          before = dx[i];
          // Beside adapters the head stays as it is.
          if (value(head).tracked) before = add(0, k.matmul(gradient, counted(rows), true)); // [vocab, dim]
          if (bias === null || !value(bias).tracked) continue;
          const each =
            counts === null
              ? k.constant(new Float32Array(sizes[i]).fill(1), [1, sizes[i]], 'float32')
              : k.reshape(counts[i], [1, sizes[i]]);
          before = add(1, k.reshape(k.matmul(each, gradient), [vocab]));
        }
        if (!learns) return { outputs: [k.sumAll(sums)], backward: () => [] };
        const gradients = [k.concat(dx, 0), ...summed];
        return {
          outputs: [k.sumAll(sums)],
          saved: gradients.filter((d) => d !== null),
          backward: ([g]) => gradients.map((d) => d && tape.times(d, g)),
        };
      }),

    crossEntropy: (logits, targets, { learned = null, smoothing = 0 } = {}) =>
      one([logits], () => {
        const { losses: each, gradient } = k.crossEntropy(value(logits).data, value(targets).data, smoothing);
        const counts = learned === null ? null : value(learned).data;
        const d = counts === null ? gradient : k.mul(gradient, k.reshape(counts, [logits.shape[0], 1]));
        return {
          outputs: [k.sum(counts === null ? each : k.mul(each, counts), [0])],
          saved: [d],
          backward: ([g]) => [k.mul(d, g)],
        };
      }),

    squaredError: (x, target, { delta = null, learned = null } = {}) =>
      one([x, target], () => {
        const [a, b] = [value(x), value(target)];
        const gap = (): T => k.sub(a.data, b.data);
        const counted = (t: T): T => (learned === null ? t : k.mul(t, k.reshape(value(learned).data, [x.shape[0], 1])));
        const axes = x.shape.map((_, axis) => axis);
        const squared = (d: T): T => {
          if (delta === null) return k.square(d);
          const size = k.maximum(d, k.neg(d));
          const within = k.minimum(size, k.scalar(delta));
          return k.mul(within, k.sub(size, k.mul(within, k.scalar(0.5))));
        };
        return {
          outputs: [k.sum(counted(squared(gap())), axes)],
          backward: ([g]) => {
            const d = gap();
            const slope =
              delta === null ? k.mul(d, k.scalar(2)) : k.maximum(k.minimum(d, k.scalar(delta)), k.scalar(-delta));
            const dx = k.mul(counted(slope), g);
            return [a.tracked ? dx : null, b.tracked ? k.neg(dx) : null];
          },
        };
      }),
  };
}
