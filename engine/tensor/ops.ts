// The differentiable operations of module.ts with their backward passes, in terms of kernels. Shapes in comments; n = batch * time.
import type { Documents, Ops, Rope, RouteSpec, Routing, Tensor } from '../nodes/module.ts';
import type { Dispatch, Kernels, T } from './kernels.ts';
import { type Tape, Value } from './tape.ts';

/** What the backward pass should use for a value of the forward pass. */
const again = (k: Kernels, after: T, { data, remake }: Value): T =>
  remake === null ? data : k.again(after, data, remake);

const value = (x: Tensor): Value => {
  if (x instanceof Value) return x;
  throw new Error('an operation was given a tensor that is not of this session');
};

/** Bytes of logits that stand in memory at once. */
const largestLogits = 8 << 20;

export function createOps(k: Kernels, tape: Tape): Ops {
  const one = (inputs: Tensor[], operation: Parameters<Tape['apply']>[1]): Value =>
    tape.apply(inputs.map(value), operation)[0];
  const known = new Map<string, { made: T; of: Value | null }>();
  /**
   * What several layers share, such as rotary tables, made of nothing else or of one value: one node when recording; made anew
   * where a tidy freed it.
   */
  const shared = (key: string, make: () => T, of: Value | null = null): T => {
    const found = known.get(key);
    if (found !== undefined && found.of === of && !found.made.isDisposed) return found.made;
    const made = make();
    known.set(key, { made, of });
    return made;
  };

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

  return {
    reshape,
    transpose,

    embed: (table, ids) =>
      one([table], () => ({
        outputs: [k.gather(value(table).data, value(ids).data)],
        backward: ([g]) => [k.segmentSum(g, value(ids).data, table.shape[0])],
      })),

    linear(x, weight, bias) {
      const [a, w] = [value(x).data, value(weight).data];
      const product = one([x, weight], () => ({
        outputs: [k.matmul(a, w, false, true)],
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
    },

    add: (a, b) =>
      one([a, b], () => ({
        outputs: [k.add(value(a).data, value(b).data)],
        backward: ([g]) => [g.clone(), g.clone()],
      })),

    scale: (x, factor) =>
      one([x], () => ({
        outputs: [k.mul(value(x).data, k.scalar(factor))],
        backward: ([g]) => [k.mul(g, k.scalar(factor))],
      })),

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

    swiglu: (gate, up) =>
      one([gate, up], () => {
        const [a, b] = [value(gate).data, value(up).data];
        const forward = (): T => swiglu(k, a, b);
        return { outputs: [forward()], remake: forward, backward: ([g]) => swigluGradient(k, g, a, b) };
      }),

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

    documents(starts, batch, time) {
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
    },

    rope: (x, rope, at) =>
      one([x], () => {
        const [batch, time, , width] = x.shape;
        const table = (name: string, wave: (angle: number) => number): T => {
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

    attention: (q, kk, v, scale, documents = null) =>
      one([q, kk, v], () => {
        const [batch, heads, time, d] = q.shape;
        const [, kv, past, dv] = v.shape;
        const group = heads / kv; // query heads that share a key head stand below each other in one product
        const shape = [batch, kv, group * time];
        const scaled = k.mul(k.reshape(value(q).data, [...shape, d]), k.scalar(scale));
        const scores = k.reshape(k.batchMatmul(scaled, value(kk).data, false, true), [batch, heads, time, past]);
        const masked =
          time === 1
            ? scores
            : k.select(
                documents === null
                  ? shared(`mask ${time} ${past}`, () => causal(k, time, past))
                  : shared(`mask ${time}`, () => apart(k, documents, batch, time), value(documents.starts)),
                scores,
                k.scalar(-1e30),
              );
        const p = k.softmax(masked); // [batch, heads, time, past]
        const out = k.batchMatmul(k.reshape(p, [...shape, past]), value(v).data); // [batch, kv, group * time, dv]
        return {
          outputs: [k.reshape(out, [batch, heads, time, dv])],
          saved: [scaled, p],
          backward: ([g]) => {
            const go = k.reshape(g, [...shape, dv]);
            const weights = k.reshape(p, [...shape, past]);
            const dweights = k.batchMatmul(go, value(v).data, false, true);
            // softmax: ds = p (dp - sum(dp p)); masked entries have p = 0
            const ds = k.mul(k.sub(dweights, k.sum(k.mul(dweights, weights), [3], true)), weights);
            const dq = k.mul(k.batchMatmul(ds, value(kk).data), k.scalar(scale));
            return [
              k.reshape(dq, q.shape),
              k.batchMatmul(ds, scaled, true, false),
              k.batchMatmul(weights, go, true, false),
            ];
          },
        };
      }),

    route: (x, gate, bias, spec, documents = null) =>
      route(k, tape, value(x), value(gate), value(bias), spec, documents && value(documents.real)),

    experts(x, routing, { gate, up, down }) {
      const active = routing.experts.shape[1];
      const [n] = x.shape;
      const inputs = [x, routing.weights, ...gate, ...up, ...down].map(value);
      return tape.apply(inputs, () => {
        const dispatch = k.dispatch(value(routing.experts).data, gate.length);
        const token = k.floorDiv(dispatch.order, active); // [n * active]
        const weight = k.gather(k.reshape(value(routing.weights).data, [n * active, 1]), dispatch.order); // [n * active, 1]
        const rows = (): T => k.gather(value(x).data, token); // [n * active, dim]
        const gathered = rows();
        const pieces = dispatch.split(gathered);
        const [a, b] = [gate, up].map((weights) => perExpert(k, pieces, weights, true)); // [n * active, h]
        const weighted = (): T => k.mul(swiglu(k, a, b), weight); // [n * active, h]
        const h = weighted();
        const y = perExpert(k, dispatch.split(h), down, true); // [n * active, dim]
        return {
          outputs: [gatherBack(k, y, dispatch, n, active)],
          saved: [dispatch.order, dispatch.inverse, ...dispatch.saved, token, weight, gathered, a, b, h],
          backward: ([g]) => {
            const dy = dispatch.split(k.gather(g, token)); // E x [rows, dim]
            const ddown = pairwise(k, dy, dispatch.split(k.again(g, h, weighted)));
            const dh = perExpert(k, dy, down, false); // [n * active, h]
            const dweight = k.sum(k.mul(dh, swiglu(k, a, b)), [1], true);
            const [da, db] = swigluGradient(k, k.mul(dh, weight), a, b).map((d) => dispatch.split(d)); // E x [rows, h]
            const xs = dispatch.split(k.again(g, gathered, rows));
            const drows = k.add(perExpert(k, da, gate, false), perExpert(k, db, up, false)); // [n * active, dim]
            return [
              gatherBack(k, drows, dispatch, n, active),
              k.reshape(k.gather(dweight, dispatch.inverse), [n, active]),
              ...pairwise(k, da, xs),
              ...pairwise(k, db, xs),
              ...ddown,
            ];
          },
        };
      })[0];
    },

    headLoss: (x, head, targets, learned = null) =>
      one([x, head], () => {
        const [n, vocab] = [x.shape[0], head.shape[0]];
        const w = value(head).data;
        const count = Math.min(n, Math.ceil((4 * n * vocab) / largestLogits));
        const sizes = Array.from(
          { length: count },
          (_, i) => Math.floor(((i + 1) * n) / count) - Math.floor((i * n) / count),
        );
        const learns = tape.recording && (value(x).tracked || value(head).tracked);
        const losses: T[] = [];
        const dx: T[] = [];
        let dw: T | null = null;
        let before: T | null = null;
        const ids = k.split(value(targets).data, sizes, 0);
        const counts = learned === null ? null : k.split(value(learned).data, sizes, 0);
        for (const [i, rows] of k.split(value(x).data, sizes, 0).entries()) {
          // One piece after another; the gradients are computed at once, while the piece's logits are there.
          const piece = (): { losses: T; gradient: T } => k.crossEntropy(k.matmul(rows, w, false, true), ids[i]);
          const { losses: loss, gradient } = before === null ? piece() : k.following(before, piece);
          before = k.sum(counts === null ? loss : k.mul(loss, counts[i]), [0]);
          losses.push(before);
          if (!learns) continue;
          // On the narrow side of the products: the logits' gradient is the widest tensor there is.
          const counted = (t: T): T => (counts === null ? t : k.mul(t, k.reshape(counts[i], [sizes[i], 1])));
          dx.push(counted(k.matmul(gradient, w))); // [rows, dim]
          const part = k.matmul(gradient, counted(rows), true); // [vocab, dim]
          dw = dw === null ? part : k.add(dw, part);
          before = dw;
        }
        if (dw === null) return { outputs: [k.sumAll(losses)], backward: () => [null, null] };
        const [dhidden, dhead] = [k.concat(dx, 0), dw];
        return {
          outputs: [k.sumAll(losses)],
          saved: [dhidden, dhead],
          // Where it is the whole loss there is nothing to multiply with.
          backward: ([g]) => [dhidden, dhead].map((d) => (tape.isSeed(g) ? d.clone() : k.mul(d, g))),
        };
      }),

    balance: (load, speed) => {
      const x = value(load).data;
      const delta = k.tidy(() => k.mul(k.sign(k.sub(k.mean(x, [0], true), x)), k.scalar(speed)));
      return new Value(delta, false);
    },
  };
}

/** All [n, h]. */
function swiglu(k: Kernels, gate: T, up: T): T {
  return k.mul(k.mul(gate, k.sigmoid(gate)), up);
}

/** Of silu(gate) up: d gate = g up (s + gate s (1 - s)) with s = sigmoid(gate); d up = g gate s. */
function swigluGradient(k: Kernels, g: T, gate: T, up: T): [T, T] {
  const s = k.sigmoid(gate);
  const gu = k.mul(g, up);
  const dgate = k.add(k.mul(gu, s), k.sigmoidGradient(s, k.mul(gu, gate)));
  return [dgate, k.mul(g, k.mul(gate, s))];
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

/** cos or sin of position * frequency, [1, time, 1, d] with each pair's value twice, laid out as the channels are. */
function rotary(k: Kernels, rope: Rope, start: number, time: number, wave: (angle: number) => number): T {
  const pairs = rope.frequencies.length;
  const table = new Float32Array(time * pairs);
  for (let t = 0; t < time; t++)
    for (let i = 0; i < pairs; i++) table[t * pairs + i] = wave((start + t) * rope.frequencies[i]) * rope.factor;
  return k.constant(table, [1, time, 1, pairs], 'float32');
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

/** Each expert's rows times its weight, transposed or not, joined again. */
function perExpert(k: Kernels, pieces: T[], weights: Tensor[], transposed: boolean): T {
  return k.concat(
    pieces.map((rows, e) => k.matmul(rows, value(weights[e]).data, false, transposed)),
    0,
  );
}

/** Gradients of the experts' weights: g^T x for each. */
function pairwise(k: Kernels, gs: T[], xs: T[]): T[] {
  return gs.map((g, e) => k.matmul(g, xs[e], true));
}

/** Rows in expert order back to tokens, summed over each token's choices: [n * active, d] -> [n, d]. */
function gatherBack(k: Kernels, rows: T, dispatch: Dispatch, n: number, active: number): T {
  const inTokenOrder = k.gather(rows, dispatch.inverse);
  if (active === 1) return inTokenOrder;
  return k.sum(k.reshape(inTokenOrder, [n, active, rows.shape[1] ?? 0]), [1]);
}

/**
 * DeepSeek-V3 (arXiv 2412.19437, 2.1.2): scores s = sigmoid(x gate^T) in float32; the choice is made on s + bias, by group first
 * (sum of each group's two best), the weights are the unbiased scores of the chosen.
 */
function route(
  k: Kernels,
  tape: Tape,
  x: Value,
  gate: Value,
  bias: Value,
  spec: RouteSpec,
  real: Value | null,
): Routing {
  const [n] = x.shape;
  const [experts] = gate.shape;
  const { active, groups, activeGroups, normalize, scale } = spec;
  const [weights, scores] = tape.apply([x, gate], () => {
    const s = k.sigmoid(k.matmul(x.data, gate.data, false, true)); // [n, experts]
    let biased = k.add(s, bias.data);
    if (groups > 1) {
      const size = experts / groups;
      const grouped = k.reshape(biased, [n, groups, size]);
      const best = k.sum(k.topk(grouped, Math.min(2, size)).values, [2]); // [n, groups]
      const open = k.sum(k.oneHot(k.topk(best, activeGroups).indices, groups), [1]); // [n, groups]
      const mask = k.greater(k.reshape(open, [n, groups, 1]), k.scalar(0.5));
      biased = k.reshape(k.select(mask, grouped, k.scalar(-1e30)), [n, experts]);
    }
    const chosen = k.topk(biased, active).indices; // [n, active]
    const raw = k.gatherColumns(s, chosen); // [n, active]
    const total = k.add(k.sum(raw, [1], true), k.scalar(1e-20)); // [n, 1]
    const w = k.mul(normalize ? k.div(raw, total) : raw, k.scalar(scale));
    return {
      outputs: [w, chosen],
      saved: [s, raw, total],
      backward: ([g]) => {
        const gs = k.mul(g, k.scalar(scale));
        // w = raw / total: draw = (g - sum(g raw) / total) / total
        const draw = normalize ? k.div(k.sub(gs, k.div(k.sum(k.mul(gs, raw), [1], true), total)), total) : gs;
        const hot = k.oneHot(chosen, experts); // [n, active, experts]
        const ds = k.sum(k.mul(hot, k.reshape(draw, [n, active, 1])), [1]); // [n, experts]
        const dlogits = k.mul(ds, k.mul(s, k.sub(k.scalar(1), s)));
        return [k.matmul(dlogits, gate.data), k.matmul(dlogits, x.data, true)];
      },
    };
  });
  const load = k.tidy(() =>
    real === null
      ? k.sum(k.oneHot(k.reshape(scores.data, [n * active]), experts), [0])
      : k.sum(k.mul(k.oneHot(scores.data, experts), k.reshape(real.data, [n, 1, 1])), [0, 1]),
  );
  return { weights, experts: scores, load: new Value(load, false) };
}
