// Carries optimizers' rules out on variables: the graph's when recording, tensors that are kept otherwise.

import { averageOf } from '../nodes/averaging.ts';
import type { Weight } from '../nodes/module.ts';
import type { Tensor } from '../nodes/ops.ts';
import { type Arithmetic, type Moved, movedBy, type OptimizerRule, type Updates } from '../nodes/optimizer.ts';
import type { Kernels, T } from './kernels.ts';

/** Variables by name: weights, and slots as `WEIGHT/SLOT`. */
export interface Store {
  read(name: string): T;
  assign(name: string, value: T): void;
  subtract(name: string, change: T): void;
  /** See Updates.adam; `m` and `v` are names of variables. */
  adam(name: string, m: string, v: string, gradient: T, scalars: AdamScalars): void;
}

export interface AdamScalars {
  rate: T;
  beta1: number;
  beta2: number;
  epsilon: T;
}

/** Moves one weight. `gradient` is the mean, clipped. */
export function move(
  k: Kernels,
  store: Store,
  rule: OptimizerRule,
  weight: Weight,
  gradient: T,
  scalar: (name: string) => T,
): void {
  const base = arithmetic(k);
  const slots = ({ name }: Moved): Pick<Updates, 'slot' | 'keep' | 'scalar'> => ({
    slot: (slot) => store.read(`${name}/${slot}`),
    keep: (slot, value) => store.assign(`${name}/${slot}`, value as T),
    scalar,
  });
  const all = movedBy(rule, weight);
  if (all.length === 1) {
    const [moved] = all;
    const { name } = weight;
    const u: Updates = {
      ...base,
      ...slots(moved),
      gradient,
      weight: () => store.read(name),
      subtract: (change) => store.subtract(name, change as T),
      decay: (amount) => store.subtract(name, k.mul(store.read(name), amount as T)),
      adam: (m, v, scalars) =>
        store.adam(name, `${moved.name}/${m}`, `${moved.name}/${v}`, gradient, scalars as AdamScalars),
    };
    return rule.update(u, moved);
  }
  const rows = all.map(({ shape }) => shape[0]);
  const gradients = k.split(gradient, rows, 0);
  const pieces = k.split(store.read(weight.name), rows, 0).map((piece, i) => {
    let w = piece;
    const u: Updates = {
      ...base,
      ...slots(all[i]),
      gradient: gradients[i],
      weight: () => w,
      subtract: (change) => (w = k.sub(w, change as T)),
      decay: (amount) => (w = k.sub(w, k.mul(w, amount as T))),
      adam(m, v, scalars) {
        const [mean, square] = [m, v].map((slot) => `${all[i].name}/${slot}`);
        w = k.sub(w, adamStep(k, store, mean, square, gradients[i], scalars as AdamScalars));
      },
    };
    rule.update(u, all[i]);
    return w;
  });
  store.assign(weight.name, k.concat(pieces, 0));
}

/** Adam's step from its running means, which are moved. */
export function adamStep(
  k: Kernels,
  store: Pick<Store, 'read' | 'assign'>,
  m: string,
  v: string,
  gradient: T,
  { rate, beta1, beta2, epsilon }: AdamScalars,
): T {
  const towards = (x: T, y: T, share: number): T => k.add(x, k.mul(k.sub(y, x), k.scalar(share)));
  const mean = towards(store.read(m), gradient, 1 - beta1);
  const square = towards(store.read(v), k.square(gradient), 1 - beta2);
  store.assign(m, mean);
  store.assign(v, square);
  return k.mul(k.div(mean, k.add(k.sqrt(square), epsilon)), rate);
}

/** The running mean of a weight, moved towards it by this share. */
export function moveAverage(k: Kernels, store: Store, weight: Weight, share: T): void {
  const name = averageOf(weight.name);
  store.subtract(name, k.mul(k.sub(store.read(name), store.read(weight.name)), share));
}

function arithmetic(k: Kernels): Arithmetic {
  const t = (x: Tensor): T => x as T;
  return {
    number: (value) => k.scalar(value),
    add: (a, b) => k.add(t(a), t(b)),
    sub: (a, b) => k.sub(t(a), t(b)),
    mul: (a, b) => k.mul(t(a), t(b)),
    div: (a, b) => k.div(t(a), t(b)),
    maximum: (a, b) => k.maximum(t(a), t(b)),
    sqrt: (x) => k.sqrt(t(x)),
    rsqrt: (x) => k.rsqrt(t(x)),
    square: (x) => k.square(t(x)),
    mean: (x, axes, keep) => k.mean(t(x), axes, keep),
    sumOfSquares: (x) => k.sumOfSquares(t(x)),
    matmul: (a, b, ta, tb) => k.matmul(t(a), t(b), ta, tb),
    reshape: (x, shape) => k.reshape(t(x), shape),
    where: (x, a, b) => k.select(k.greater(t(x), k.scalar(0)), t(a), t(b)),
  };
}
