// The loss of a batch and its gradients, in kernels: recorded into the graph or carried out, as the kernels are.
import type { Feeds, Hooks, Learning } from '../nodes/module.ts';
import type { Ops, Tensor } from '../nodes/ops.ts';
import type { Kernels, T } from './kernels.ts';
import { isHalf, mixedKernels } from './mixed.ts';
import { createOps } from './ops.ts';
import { Tape, Value } from './tape.ts';

/** What is fed, by name. */
export type Fed = ReadonlyMap<string, T>;

/** In which way a pass is gone through. */
export interface How {
  training: boolean;
  /** See TrainingOptions. */
  checkpointing?: boolean;
  /** See TrainingOptions; only when recording. */
  precision?: 'bf16' | 'fp16';
  /** In float16: what the loss is multiplied with for the backward pass, a scalar. */
  scale?: T | null;
}

/** A weight that is not trained moves after the step by what is made of `of`, summed over the batch. */
export interface Update {
  name: string;
  of: T;
  delta(sum: T): T;
}

export interface Pass {
  tape: Tape;
  values: Map<string, Value>;
  /** Summed loss, scalar. */
  sum: Value;
  /** What is minimised: the same, and what is added to the mean times what counts. */
  minimised: Value;
  /** How much of it counts, scalar float32. */
  count: T;
  updates: Update[];
  reports: { name: string; value: T }[];
}

export interface Traced extends Omit<Pass, 'tape' | 'values' | 'sum' | 'minimised'> {
  loss: T;
  /** Those of the summed loss, by trained weight in order; null where none flows. */
  gradients: (T | null)[];
}

/** The loss of one batch. `data`: the weights, in order. */
export function forward(base: Kernels, { weights, loss }: Learning, data: T[], fed: Fed, how: How): Pass {
  const { training, checkpointing = false, scale = null } = how;
  const k = kernelsOf(base, how);
  const tape = new Tape(k, training, { apart: how.precision !== undefined, scale });
  const ops: Ops = createOps(k, tape);
  const values = new Map(weights.map((w, i) => [w.name, new Value(data[i], w.trained)]));
  const updates: Update[] = [];
  const reports: Pass['reports'] = [];
  let penalties: Tensor[] = [];
  const hooks: Hooks = {
    ops,
    training,
    input: (name) => new Value(valueOf(fed, name), false),
    has: (name) => fed.has(name),
    weight: (name) => valueOf(values, name),
    cache: () => null,
    update(name, of, delta) {
      if (tape.repeating) return;
      const change = (sum: T): T => (delta(new Value(sum, false)) as Value).data;
      updates.push({ name, of: (of as Value).data, delta: change });
    },
    report: (name, value) => void (tape.repeating || reports.push({ name, value: (value as Value).data })),
    penalty: (loss) => void (training && penalties.push(loss)),
    ...(checkpointing && { segment }),
  };
  /** Penalties are part of what flows through a segment; updates and reports are left aside. */
  function segment(body: () => Tensor): Tensor {
    const before = [updates.length, reports.length];
    const whole = (): Value[] => {
      const outer = penalties;
      penalties = [];
      const made = body();
      const own = penalties;
      penalties = outer;
      return [made, ...own] as Value[];
    };
    const [made, ...own] = tape.segment(whole, () => [
      ...updates.slice(before[0]).map(({ of }) => of),
      ...reports.slice(before[1]).map(({ value }) => value),
    ]);
    penalties.push(...own);
    return made;
  }
  const { sum, count } = loss(hooks);
  const counted = typeof count === 'number' ? k.scalar(count) : (count as Value).data;
  const minimised = penalties.reduce((all, each) => ops.add(all, ops.mul(each, new Value(counted, false))), sum);
  return { tape, values, sum: sum as Value, minimised: minimised as Value, count: counted, updates, reports };
}

function kernelsOf(k: Kernels, { precision }: How): Kernels {
  if (precision === undefined) return k;
  return mixedKernels(k, precision === 'fp16' ? 'float16' : 'bfloat16');
}

/** Forward and backward pass. */
export function trace(k: Kernels, learning: Learning, data: T[], fed: Fed, how: Omit<How, 'training'>): Traced {
  const { tape, values, sum, minimised, count, updates, reports } = forward(k, learning, data, fed, {
    ...how,
    training: true,
  });
  const trained = learning.weights.filter((w) => w.trained).map((w) => valueOf(values, w.name));
  const { scale = null } = how;
  const unscaled = (g: T): T => {
    const whole = isHalf(g) ? k.toFloat(g) : g;
    return scale === null ? whole : k.div(whole, scale);
  };
  const gradients = tape.gradients(minimised, scale ?? k.scalar(1), trained).map((g) => g && unscaled(g));
  return { loss: sum.data, count, gradients, updates, reports };
}

/** What turns a sum over all that counts into their mean; 1 where nothing does. */
export function share(k: Kernels, count: T): T {
  return k.div(k.scalar(1), k.maximum(count, k.scalar(1)));
}

/** Factor on the summed gradients that averages over what counts and clips the global norm; and that norm. */
export function scaling(k: Kernels, gradients: T[], each: T, clip: number | null): { norm: T; factor: T } {
  const norm = k.mul(k.sqrt(k.sumAll(gradients.map((g) => k.sumOfSquares(g)))), each);
  if (clip === null) return { norm, factor: each };
  // As torch.nn.utils.clip_grad_norm_ does.
  const factor = k.minimum(k.div(k.scalar(clip), k.add(norm, k.scalar(1e-6))), k.scalar(1));
  return { norm, factor: k.mul(factor, each) };
}

export function valueOf<V>(values: ReadonlyMap<string, V>, name: string): V {
  const found = values.get(name);
  if (found === undefined) throw new Error(`there is no value for ${name}`);
  return found;
}

export function taken(feeds: Feeds, name: string): Feeds[string] {
  const values = feeds[name];
  if (values === undefined) throw new Error(`the step was not fed with ${name}`);
  return values;
}

/** The batches of a step, as many as its gradients are summed over. */
export function batchesOf(feeds: Feeds | readonly Feeds[], accumulate: number): readonly Feeds[] {
  const batches = Array.isArray(feeds) ? (feeds as readonly Feeds[]) : [feeds as Feeds];
  if (batches.length !== accumulate)
    throw new Error(`a step takes ${accumulate} batches, and was fed with ${batches.length}`);
  return batches;
}
