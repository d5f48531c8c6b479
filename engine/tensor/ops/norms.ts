// Norms over the last axis.
import type { Ops } from '../../nodes/ops.ts';
import type { T } from '../kernels.ts';
import { type Making, value } from './making.ts';

export function norms({ k, one }: Making): Pick<Ops, 'rmsNorm' | 'layerNorm' | 'unit'> {
  return {
    rmsNorm: (x, gain, eps) =>
      one([x, gain], () => {
        const [a, w] = [value(x).data, value(gain).data];
        const inverse = (): T => k.rsqrt(k.add(k.mean(k.square(a), [1], true), k.scalar(eps))); // [n, 1]
        const forward = (): T => k.mul(k.mul(a, inverse()), w);
        return {
          outputs: [forward()],
          remake: forward,
          // With r = 1/rms and y = x r: dx = r (g w - y mean(g w y)); dgain = sum over rows of g y.
          backward: ([g]) => {
            const r = inverse();
            const y = k.mul(a, r);
            const gw = k.mul(g, w);
            const along = k.mean(k.mul(gw, y), [1], true); // [n, 1]
            return [k.mul(k.sub(gw, k.mul(y, along)), r), k.sum(k.mul(g, y), [0])];
          },
        };
      }),

    layerNorm: (x, gain, bias, eps) =>
      one([x, gain, bias], () => {
        const [a, w, b] = [value(x).data, value(gain).data, value(bias).data];
        /** (x - mean) / deviation, and 1 / deviation [n, 1]. */
        const standard = (): { y: T; r: T } => {
          const centred = k.sub(a, k.mean(a, [1], true));
          const r = k.rsqrt(k.add(k.mean(k.square(centred), [1], true), k.scalar(eps)));
          return { y: k.mul(centred, r), r };
        };
        const forward = (): T => k.add(k.mul(standard().y, w), b);
        return {
          outputs: [forward()],
          remake: forward,
          // dx = r (g w - mean(g w) - y mean(g w y)); dgain = sum over rows of g y; dbias = that of g.
          backward: ([g]) => {
            const { y, r } = standard();
            const gw = k.mul(g, w);
            const along = k.mean(k.mul(gw, y), [1], true); // [n, 1]
            const dx = k.mul(k.sub(k.sub(gw, k.mean(gw, [1], true)), k.mul(y, along)), r);
            return [dx, k.sum(k.mul(g, y), [0]), k.sum(g, [0])];
          },
        };
      }),

    unit: (x) =>
      one([x], () => {
        const a = value(x).data;
        const length = (): T => k.maximum(k.sqrt(k.sum(k.square(a), [1], true)), k.scalar(1e-12)); // [n, 1]
        const forward = (): T => k.div(a, length());
        return {
          outputs: [forward()],
          remake: forward,
          // y = x / |x|: dx = (g - y sum(g y)) / |x|
          backward: ([g]) => {
            const l = length();
            const y = k.div(a, l);
            return [k.div(k.sub(g, k.mul(y, k.sum(k.mul(g, y), [1], true))), l)];
          },
        };
      }),
  };
}
