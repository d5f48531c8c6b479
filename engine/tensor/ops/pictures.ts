// Convolutions and what belongs to them, over pictures [batch, height, width, channels].
import type { Ops } from '../../nodes/ops.ts';
import type { T } from '../kernels.ts';
import { type Making, value } from './making.ts';

export function pictures({ k, one }: Making): Pick<Ops, 'convolve' | 'largest'> {
  return {
    convolve: (x, weight, stride, [rows, columns]) =>
      one([x, weight], () => {
        const [batch, height, width, channels] = x.shape;
        const padded = (): T =>
          rows === 0 && columns === 0
            ? value(x).data
            : k.pad(value(x).data, [
                [0, 0],
                [rows, rows],
                [columns, columns],
                [0, 0],
              ]);
        const filter = k.transpose(value(weight).data, [2, 3, 1, 0]); // [rows, columns, in, out]
        return {
          outputs: [k.convolve(padded(), filter, stride)],
          saved: [filter],
          backward: ([g]) => {
            const outer = [batch, height + 2 * rows, width + 2 * columns, channels];
            /** Without the padding of an axis. */
            const inside = (t: T, axis: number, padding: number, size: number): T =>
              padding === 0 ? t : k.split(t, [padding, size, padding], axis)[1];
            const dx = (): T =>
              inside(inside(k.convolveInput(g, filter, outer, stride), 1, rows, height), 2, columns, width);
            return [
              value(x).tracked ? dx() : null,
              k.transpose(k.convolveFilter(padded(), g, filter.shape, stride), [3, 2, 0, 1]),
            ];
          },
        };
      }),

    largest: (x, size) =>
      one([x], () => {
        const a = value(x).data;
        const y = k.largest(a, size);
        return { outputs: [y], backward: ([g]) => [k.largestGradient(a, y, g, size)] };
      }),
  };
}
