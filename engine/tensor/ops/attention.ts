// Attention, rotary positions, and what documents that share windows mean for both.
import type { Attending, Documents, Ops, Rope } from '../../nodes/ops.ts';
import type { Kernels, T } from '../kernels.ts';
import { Value } from '../tape.ts';
import { dropped, kept, type Making, value } from './making.ts';

export function attending(making: Making): Pick<Ops, 'documents' | 'behind' | 'rope' | 'attention'> {
  const { k, tape, one, shared, given } = making;
  const documents: Ops['documents'] = (starts, batch, time) => {
    const places = Int32Array.from({ length: batch * time }, (_, i) => i % time);
    const whole = (values: Int32Array): T => k.constant(values, [values.length], 'int32');
    const [positions, real] = tape.apply([value(starts)], () => {
      const from = value(starts).data;
      return {
        outputs: [
          k.sub(whole(places), k.maximum(from, whole(Int32Array.of(0)))),
          k.toFloat(k.greater(from, whole(Int32Array.of(-1)))),
        ],
        backward: () => [null],
      };
    });
    return { starts, positions, real };
  };
  return {
    documents,

    behind({ starts }, batch, time, ahead) {
      const joined = k.tidy(() => {
        const own = k.minimum(k.reshape(value(starts).data, [batch, time]), k.constant(Int32Array.of(0), [], 'int32'));
        const front = k.constant(new Int32Array(batch * ahead), [batch, ahead], 'int32');
        return k.reshape(k.concat([front, own], 1), [batch * (ahead + time)]);
      });
      return documents(new Value(joined, false), batch, ahead + time);
    },

    rope: (x, rope, at) =>
      one([x], () => {
        const [batch, time, , width] = x.shape;
        const table = (name: string, wave: (angle: number) => number): T => {
          if (given) return given.rotary(rope, wave);
          const start = typeof at === 'number' ? at : 0;
          const key = `${name} ${JSON.stringify([start, time, rope])}`;
          const rows = (): T => rotary(k, rope, start, time, wave); // [1, time, 1, d/2]
          if (typeof at === 'number') return shared(key, rows);
          const pick = (): T => {
            const flat = k.reshape(rows(), [time, width / 2]);
            return k.reshape(k.gather(flat, value(at).data), [batch, time, 1, width / 2]);
          };
          return shared(`${key} at`, pick, value(at));
        };
        const cos = (): T => table('cos', Math.cos);
        const sin = (): T => table('sin', Math.sin);
        return {
          outputs: [rotate(k, value(x).data, cos(), sin(), width, rope.interleaved, 1)],
          // A rotation's transpose is the rotation back.
          backward: ([g]) => [rotate(k, g, cos(), sin(), width, rope.interleaved, -1)],
        };
      }),

    attention: (q, kk, v, scale, more = {}) =>
      one([q, kk, v], () => {
        const [batch, heads, time, d] = q.shape;
        const [, kv, past, dv] = v.shape;
        const { dropout = null } = more;
        const group = heads / kv; // query heads that share a key head stand below each other in one product
        const shape = [batch, kv, group * time];
        const scaled = k.mul(k.reshape(value(q).data, [...shape, d]), k.scalar(scale));
        const scores = k.reshape(k.batchMatmul(scaled, value(kk).data, false, true), [batch, heads, time, past]);
        const mask = seen(making, more, batch, time, past);
        const p = k.compact(k.softmax(mask === null ? scores : k.select(mask, scores, k.scalar(-1e30)))); // [batch, heads, time, past]
        const left = dropout === null ? null : kept(k, dropout, p.shape);
        const thinned = (x: T): T => (left === null ? x : dropped(k, x, left, dropout?.rate ?? 0));
        const weights = (): T => k.reshape(thinned(p), [...shape, past]);
        const out = k.batchMatmul(weights(), value(v).data); // [batch, kv, group * time, dv]
        return {
          outputs: [k.reshape(out, [batch, heads, time, dv])],
          saved: [scaled, p, ...(left === null ? [] : [left])],
          backward: ([g]) => {
            const go = k.reshape(g, [...shape, dv]);
            const dweights = k.reshape(k.batchMatmul(go, value(v).data, false, true), p.shape);
            // softmax: ds = p (dp - sum(dp p)); masked entries have p = 0
            const dp = thinned(dweights);
            const ds = k.reshape(k.mul(k.sub(dp, k.sum(k.mul(dp, p), [3], true)), p), [...shape, past]);
            const dq = k.mul(k.batchMatmul(ds, value(kk).data), k.scalar(scale));
            return [
              k.reshape(dq, q.shape),
              k.batchMatmul(ds, scaled, true, false),
              k.batchMatmul(weights(), go, true, false),
            ];
          },
        };
      }),
  };
}

/** True where a query may look at a key, broadcast to [batch, heads, time, past]; null where it may everywhere. */
function seen({ k, shared, given }: Making, more: Attending, batch: number, time: number, past: number): T | null {
  const { documents = null, keys = null, both = false } = more;
  if (keys !== null) return shared(`keys ${past}`, () => real(k, keys, batch, past), value(keys.starts));
  if (documents !== null)
    return shared(
      `mask ${time} ${both}`,
      () => (both ? together(k, documents, batch, time) : apart(k, documents, batch, time)),
      value(documents.starts),
    );
  if (given) return given.seen;
  if (both || time === 1) return null;
  return shared(`mask ${time} ${past}`, () => causal(k, time, past));
}

/** Keys that are no padding. [batch, 1, 1, past] */
function real(k: Kernels, { starts }: Documents, batch: number, past: number): T {
  return k.reshape(k.greater(value(starts).data, k.constant(Int32Array.of(-1), [], 'int32')), [batch, 1, 1, past]);
}

/** Positions of the same document. [batch, 1, time, time] */
function together(k: Kernels, { starts }: Documents, batch: number, time: number): T {
  const { data } = value(starts);
  return k.equal(k.reshape(data, [batch, 1, time, 1]), k.reshape(data, [batch, 1, 1, time]));
}

/** True where query i of the last `time` positions may look at key j. [time, past] */
function causal(k: Kernels, time: number, past: number): T {
  const mask = new Uint8Array(time * past);
  for (let i = 0; i < time; i++) mask.fill(1, i * past, i * past + past - time + i + 1);
  return k.constant(mask, [time, past], 'bool');
}

/** As `causal`, within each document alone. [batch, 1, time, time] */
function apart(k: Kernels, { starts }: Documents, batch: number, time: number): T {
  // One more than the place of each key that a query may look at, -1 for the others; the document begins before that.
  const reach = new Int32Array(time * time).fill(-1);
  for (let i = 0; i < time; i++) for (let j = 0; j <= i; j++) reach[i * time + j] = j + 1;
  const places = k.constant(reach, [1, 1, time, time], 'int32');
  return k.greater(places, k.reshape(value(starts).data, [batch, 1, time, 1]));
}

/** cos or sin of position * frequency, [1, time, 1, d/2]. */
export function rotaryValues(
  { frequencies, factor }: Rope,
  start: number,
  time: number,
  wave: (angle: number) => number,
): Float32Array {
  const pairs = frequencies.length;
  const table = new Float32Array(time * pairs);
  for (let t = 0; t < time; t++)
    for (let i = 0; i < pairs; i++) table[t * pairs + i] = wave((start + t) * frequencies[i]) * factor;
  return table;
}

function rotary(k: Kernels, rope: Rope, start: number, time: number, wave: (angle: number) => number): T {
  return k.constant(rotaryValues(rope, start, time, wave), [1, time, 1, rope.frequencies.length], 'float32');
}

/** Rotates channel pairs by the angles (direction 1) or back (-1). x [batch, time, heads, d], tables [1, time, 1, d/2]. */
function rotate(k: Kernels, x: T, cos: T, sin: T, width: number, interleaved: boolean, direction: 1 | -1): T {
  const [batch, time, heads] = x.shape as number[];
  const half = width / 2;
  // [batch, time, heads, half, 2] or [.., 2, half]: a pair's members lie along the axis of length 2.
  const axis = interleaved ? 4 : 3;
  const pairs = k.reshape(x, interleaved ? [batch, time, heads, half, 2] : [batch, time, heads, 2, half]);
  const squeeze = [batch, time, heads, half];
  const [a, b] = k.split(pairs, [1, 1], axis).map((part) => k.reshape(part, squeeze));
  const [ac, bs, as, bc] = [k.mul(a, cos), k.mul(b, sin), k.mul(a, sin), k.mul(b, cos)];
  const [first, second] = direction === 1 ? [k.sub(ac, bs), k.add(as, bc)] : [k.add(ac, bs), k.sub(bc, as)];
  const expand = interleaved ? [batch, time, heads, half, 1] : [batch, time, heads, 1, half];
  const joined = k.concat([k.reshape(first, expand), k.reshape(second, expand)], axis);
  return k.reshape(joined, [batch, time, heads, width]);
}
