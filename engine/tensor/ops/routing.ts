// Mixtures of experts: the router, the experts, and what keeps them in balance.
import type { Ops, RouteSpec, Routing, Tensor } from '../../nodes/ops.ts';
import type { Dispatch, Kernels, T } from '../kernels.ts';
import { Value } from '../tape.ts';
import { eachPosition, type Making, value } from './making.ts';
import { swiglu, swigluGradient } from './pointwise.ts';

export function routing(
  making: Making,
  { linear, sigmoid, softmax }: Pick<Ops, 'linear' | 'sigmoid' | 'softmax'>,
): Pick<Ops, 'route' | 'experts' | 'balance' | 'sequenceBalance'> {
  const { k, tape, one } = making;
  return {
    route(x, gate, bias, spec, documents = null) {
      const products = linear(x, gate); // [n, experts]
      const scores = spec.scores === 'softmax' ? softmax(products) : sigmoid(products);
      return route(making, value(scores), bias && value(bias), spec, documents && value(documents.real));
    },

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

    balance: (load, speed) => {
      const x = value(load).data;
      const delta = k.tidy(() => k.mul(k.sign(k.sub(k.mean(x, [0], true), x)), k.scalar(speed)));
      return new Value(delta, false);
    },

    sequenceBalance: ({ scores, experts: chosen }, choice, batch, documents = null) =>
      one([scores], () => {
        const s = value(scores).data;
        const [n, experts] = scores.shape;
        const [, active] = chosen.shape;
        const shape = [batch, n / batch, experts];
        const sums = k.add(k.sum(s, [1], true), k.scalar(1e-20)); // [n, 1]
        const shares = k.div(s, sums);
        const choices = choice === 'best' ? k.topk(s, active).indices : value(chosen).data;
        const hits = k.sum(k.oneHot(choices, experts), [1]); // [n, experts]
        const each = eachPosition(k, documents, batch, n / batch); // [batch, time, 1], of sum 1 in a window
        const f = k.mul(k.sum(k.mul(k.reshape(hits, shape), each), [1], true), k.scalar(experts / active)); // [batch, 1, experts]
        const p = k.sum(k.mul(k.reshape(shares, shape), each), [1], true); // [batch, 1, experts]
        return {
          outputs: [k.mul(k.sum(k.mul(f, p), [0, 1, 2]), k.scalar(1 / batch))],
          saved: [sums, shares, each, f],
          backward: ([g]) => {
            const dshares = k.reshape(k.mul(k.mul(each, f), k.mul(g, k.scalar(1 / batch))), [n, experts]);
            // shares = s / sum(s)
            return [k.div(k.sub(dshares, k.sum(k.mul(dshares, shares), [1], true)), sums)];
          },
        };
      }),
  };
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
 * DeepSeek-V3 (arXiv 2412.19437, 2.1.2): the choice is made on scores + bias, by group first (sum of each group's two best), the
 * weights are the unbiased scores of the chosen. DeepSeek-V2 (arXiv 2405.04434, 2.2): softmax scores, and a group's best.
 */
function route({ k, tape }: Making, scores: Value, bias: Value | null, spec: RouteSpec, real: Value | null): Routing {
  const [n, experts] = scores.shape;
  const { active, groups, activeGroups, normalize, scale } = spec;
  const [weights, chosen] = tape.apply([scores], () => {
    const s = scores.data;
    let open = bias === null ? s : k.add(s, bias.data);
    if (groups > 1 && activeGroups < groups) {
      const size = experts / groups;
      const grouped = k.reshape(open, [n, groups, size]);
      const counted = spec.scores === 'softmax' ? 1 : Math.min(2, size);
      const best = k.sum(k.topk(grouped, counted).values, [2]); // [n, groups]
      const left = k.sum(k.oneHot(k.topk(best, activeGroups).indices, groups), [1]); // [n, groups]
      const mask = k.greater(k.reshape(left, [n, groups, 1]), k.scalar(0.5));
      open = k.reshape(k.select(mask, grouped, k.scalar(-1e30)), [n, experts]);
    }
    const indices = k.topk(open, active).indices; // [n, active]
    const raw = k.gatherColumns(s, indices); // [n, active]
    const total = k.add(k.sum(raw, [1], true), k.scalar(1e-20)); // [n, 1]
    const w = k.mul(normalize ? k.div(raw, total) : raw, k.scalar(scale));
    return {
      outputs: [w, indices],
      saved: [raw, total],
      backward: ([g]) => {
        const gs = k.mul(g, k.scalar(scale));
        // w = raw / total: draw = (g - sum(g raw) / total) / total
        const draw = normalize ? k.div(k.sub(gs, k.div(k.sum(k.mul(gs, raw), [1], true), total)), total) : gs;
        const hot = k.oneHot(indices, experts); // [n, active, experts]
        return [k.sum(k.mul(hot, k.reshape(draw, [n, active, 1])), [1])]; // [n, experts]
      },
    };
  });
  const load = k.tidy(() =>
    real === null
      ? k.sum(k.oneHot(k.reshape(chosen.data, [n * active]), experts), [0])
      : k.sum(k.mul(k.oneHot(chosen.data, experts), k.reshape(real.data, [n, 1, 1])), [0, 1]),
  );
  return { weights, experts: chosen, load: new Value(load, false), scores };
}
