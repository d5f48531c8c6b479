// Training op by op, on whatever backend tfjs has; also the referee for the recorded step.
import { averageOf } from '../nodes/averaging.ts';
import {
  type Feeds,
  type Inspection,
  type Measured,
  NonFiniteError,
  type StepResult,
  type TrainingOptions,
  type TrainingSession,
} from '../nodes/module.ts';
import { slotsOf } from '../nodes/optimizer.ts';
import type { Kernels, T, TF } from './kernels.ts';
import { batchesOf, type Fed, forward, scaling, share, type Traced, taken, trace, valueOf } from './pass.ts';
import { adamStep, move, moveAverage, type Store } from './updates.ts';

export function eagerTraining(tf: TF, k: Kernels, options: TrainingOptions): TrainingSession {
  const { learning, optimizer, clip, accumulate = 1, average = false, checkpointing } = options;
  const state = new Map<string, T>();
  const trained = learning.weights.filter((w) => w.trained);
  const set = (name: string, tensor: T): void => {
    state.get(name)?.dispose();
    state.set(name, tf.keep(tensor));
  };
  const store: Store = {
    read: (name) => valueOf(state, name),
    assign: set,
    subtract: (name, change) => set(name, k.sub(valueOf(state, name), change)),
    adam: (name, m, v, gradient, scalars) => store.subtract(name, adamStep(k, store, m, v, gradient, scalars)),
  };
  for (const w of learning.weights) set(w.name, tf.tensor(options.initial(w), w.shape));
  for (const w of trained) {
    if (average) set(averageOf(w.name), store.read(w.name).clone());
    for (const { name, shape } of slotsOf(optimizer, w)) set(name, tf.zeros(shape));
  }
  const fed = (feeds: Feeds): Fed =>
    new Map(learning.inputs.map(({ name, shape, dtype }) => [name, tf.tensor(taken(feeds, name), shape, dtype)]));
  const frozen = new Set(learning.weights.filter((w) => w.frozen).map((w) => w.name));
  const changing = (): [string, T][] => [...state].filter(([name]) => !frozen.has(name));
  const all = (): T[] => learning.weights.map((w) => store.read(w.name));
  const measured = (): T[] =>
    learning.weights.map((w) => store.read(average && w.trained ? averageOf(w.name) : w.name));

  /** What the batches give together. */
  function summed(batches: readonly Feeds[]): Traced {
    const [first, ...others] = batches.map((feeds) => trace(k, learning, all(), fed(feeds), { checkpointing }));
    return others.reduce(
      (sum, { gradients, loss, count, reports, updates }) => ({
        gradients: sum.gradients.map((g, i) => {
          const other = gradients[i];
          return g === null || other === null ? (g ?? other) : k.add(g, other);
        }),
        loss: k.add(sum.loss, loss),
        count: k.add(sum.count, count),
        reports: sum.reports.map(({ name, value }, i) => ({ name, value: k.add(value, reports[i].value) })),
        updates: sum.updates.map((update, i) => ({ ...update, of: k.add(update.of, updates[i].of) })),
      }),
      first,
    );
  }

  return {
    step(given, scalars, limits) {
      let outcome: StepResult | undefined;
      tf.tidy(() => {
        const traced = summed(batchesOf(given, accumulate));
        const gradients = traced.gradients.map((g, i) => g ?? tf.zeros(trained[i].shape));
        const each = share(k, traced.count);
        const { norm, factor } = scaling(k, gradients, each, clip);
        const mean = k.mul(traced.loss, each).dataSync()[0];
        const size = norm.dataSync()[0];
        if (!Number.isFinite(mean)) throw new NonFiniteError('loss');
        if (!Number.isFinite(size)) throw new NonFiniteError('gradient');
        const reports = new Map(traced.reports.map(({ name, value }) => [name, value.dataSync() as Float32Array]));
        outcome = { loss: mean, gradientNorm: size, reports };
        // As float32, in which they are compared in a graph.
        const beyond = (value: number, most = Number.POSITIVE_INFINITY): boolean => value > Math.fround(most);
        if (beyond(mean, limits?.loss)) outcome.refused = 'loss';
        else if (beyond(size, limits?.gradient)) outcome.refused = 'gradient';
        if (outcome.refused) return;
        const scalar = (name: string): T => k.scalar(scalars[name]);
        gradients.forEach((gradient, i) => {
          move(k, store, optimizer, trained[i], k.mul(gradient, factor), scalar);
          if (average) moveAverage(k, store, trained[i], scalar('average'));
        });
        for (const { name, of, delta } of traced.updates) set(name, k.add(store.read(name), delta(of)));
      });
      if (outcome === undefined) throw new Error('the step gave no result');
      return outcome;
    },
    inspect(given) {
      const found: Inspection = { loss: Number.NaN, gradients: new Map() };
      tf.tidy(() => {
        const { gradients, loss, count } = summed(batchesOf(given, accumulate));
        const each = share(k, count);
        found.loss = k.mul(loss, each).dataSync()[0];
        gradients.forEach((gradient, i) => {
          if (gradient === null) return;
          const norm = k.mul(k.sqrt(k.sumOfSquares(gradient)), each).dataSync()[0];
          found.gradients.set(trained[i].name, norm);
        });
      });
      return found;
    },
    evaluate(feeds) {
      let result: Measured | undefined;
      tf.tidy(() => {
        const { sum, count } = forward(k, learning, measured(), fed(feeds), { training: false });
        result = { loss: k.mul(sum.data, share(k, count)).dataSync()[0], count: count.dataSync()[0] };
      });
      if (result === undefined) throw new Error('the loss gave no result');
      return result;
    },
    *state() {
      for (const [name, tensor] of changing())
        yield { name, shape: tensor.shape, values: tensor.dataSync() as Float32Array };
    },
    load(values) {
      for (const [name, { shape }] of changing()) set(name, tf.tensor(valueOf(values, name), shape));
    },
    dispose() {
      for (const tensor of state.values()) tensor.dispose();
    },
  };
}
