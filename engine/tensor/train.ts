// Training sessions. Natively every step is one call into a TensorFlow graph that holds weights, backward pass and optimizer; the
// graph is recorded once, by running the step's code on edges instead of tensors. On other backends: the same code, op by op.
import {
  type Feeds,
  type Hooks,
  type Learning,
  type Measured,
  NonFiniteError,
  type Ops,
  type StepResult,
  type TrainingOptions,
  type TrainingSession,
  type Updates,
  type Weight,
} from '../nodes/module.ts';
import { type Attr, DT } from './graphdef.ts';
import type { Kernels, T, TF } from './kernels.ts';
import { type NodeBackend, nativeKernels } from './native.ts';
import { createOps } from './ops.ts';
import { Recorder } from './record.ts';
import { addDone, addVariables, Session, type Variable } from './session.ts';
import { Tape, Value } from './tape.ts';

/** What is fed, by name. */
type Fed = ReadonlyMap<string, T>;

interface Pass {
  tape: Tape;
  values: Map<string, Value>;
  /** Summed loss, scalar. */
  sum: Value;
  /** How much of it counts, scalar float32. */
  count: T;
  updates: { name: string; delta: T }[];
  reports: { name: string; value: T }[];
}

interface Traced extends Omit<Pass, 'tape' | 'values' | 'sum'> {
  loss: T;
  /** Those of the summed loss, by trained weight in order; null where none flows. */
  gradients: (T | null)[];
}

/** The loss of one batch, in kernels. */
function forward(k: Kernels, { weights, loss }: Learning, data: T[], fed: Fed, training: boolean): Pass {
  const tape = new Tape(k, training);
  const ops: Ops = createOps(k, tape);
  const values = new Map(weights.map((w, i) => [w.name, new Value(data[i], w.trained)]));
  const updates: Traced['updates'] = [];
  const reports: Traced['reports'] = [];
  const hooks: Hooks = {
    ops,
    training,
    input: (name) => new Value(valueOf(fed, name), false),
    weight: (name) => valueOf(values, name),
    cache: () => null,
    update: (name, delta) => updates.push({ name, delta: (delta as Value).data }),
    report: (name, value) => reports.push({ name, value: (value as Value).data }),
  };
  const { sum, count } = loss(hooks);
  const counted = typeof count === 'number' ? k.scalar(count) : (count as Value).data;
  return { tape, values, sum: sum as Value, count: counted, updates, reports };
}

/** Forward and backward pass. */
function trace(k: Kernels, learning: Learning, data: T[], fed: Fed): Traced {
  const { tape, values, sum, count, updates, reports } = forward(k, learning, data, fed, true);
  const trained = learning.weights.filter((w) => w.trained).map((w) => valueOf(values, w.name));
  const gradients = tape.gradients(sum, k.scalar(1), trained);
  return { loss: sum.data, count, gradients, updates, reports };
}

/** What turns a sum over all that counts into their mean; 1 where nothing does. */
function share(k: Kernels, count: T): T {
  return k.div(k.scalar(1), k.maximum(count, k.scalar(1)));
}

/** Factor on the summed gradients that averages over rows and clips the global norm; and that norm. */
function scaling(k: Kernels, gradients: T[], each: T, clip: number | null): { norm: T; factor: T } {
  const norm = k.mul(k.sqrt(k.sumAll(gradients.map((g) => k.sumOfSquares(g)))), each);
  if (clip === null) return { norm, factor: each };
  // As torch.nn.utils.clip_grad_norm_ does.
  const factor = k.minimum(k.div(k.scalar(clip), k.add(norm, k.scalar(1e-6))), k.scalar(1));
  return { norm, factor: k.mul(factor, each) };
}

/** The recorded step of one training session: the graph, and what to fetch. */
function recordStep(
  options: TrainingOptions,
  variables: Variable[],
  scalarNames: string[],
): { recorder: Recorder; reports: string[] } {
  const { learning, optimizer, clip } = options;
  const recorder = new Recorder();
  const k = nativeKernels(recorder);
  const float: Record<string, Attr> = { T: { type: DT.float } };
  const dtype: Record<string, Attr> = { dtype: { type: DT.float } };

  const added = addVariables(recorder, variables);
  const variable = (name: string): { handle: string; value: string } => {
    const found = added.get(name);
    if (found === undefined) throw new Error(`no variable ${name}`);
    return found;
  };
  const fed: Fed = new Map(
    learning.inputs.map(({ name, shape, dtype }) => [name, recorder.placeholder(name, shape, dtype)]),
  );
  const packed = recorder.reference(recorder.placeholder('scalars', [scalarNames.length], 'float32'));
  const unpacked = recorder.emit('Unpack', [packed], { num: { int: scalarNames.length }, axis: { int: 0 }, ...float });
  const scalar = (name: string): string => {
    const at = scalarNames.indexOf(name);
    if (at < 0) throw new Error(`the optimizer feeds no scalar ${name}`);
    return `${unpacked}:${at}`;
  };
  const constant = (value: number): string => recorder.reference(k.scalar(value));

  const weights = learning.weights.map(({ name, shape }) => recorder.edge(variable(name).value, shape));
  const traced = trace(k, learning, weights, fed);
  const trained = learning.weights.filter((w) => w.trained);
  const moved = trained.flatMap((weight, i) => {
    const gradient = traced.gradients[i];
    return gradient === null ? [] : [{ weight, gradient }];
  });
  const each = share(k, traced.count);
  const { norm, factor } = scaling(
    k,
    moved.map(({ gradient }) => gradient),
    each,
    clip,
  );
  const mean = (sum: T): T => k.mul(sum, each);
  // The same loss without training: what only training needs is no part of what these fetches run.
  const quiet = forward(k, learning, weights, fed, false);
  recorder.emit('Identity', [recorder.reference(k.mul(quiet.sum.data, share(k, quiet.count)))], float, 'measured');
  recorder.emit('Identity', [recorder.reference(quiet.count)], float, 'counted');
  const checked = (tensor: T, what: string): string =>
    recorder.emit('CheckNumerics', [recorder.reference(tensor)], { ...float, message: { text: `dsk:${what}` } });
  const checkedLoss = checked(mean(traced.loss), 'loss');
  // The norm is known when every gradient is: no weight is read after it, so updates need no copies.
  const checkedNorm = checked(norm, 'gradient');
  recorder.emit('Identity', [`${checkedLoss}:0`], float, 'loss');
  recorder.emit('Identity', [`${checkedNorm}:0`], float, 'norm');

  const ready = [`^${checkedLoss}`, `^${checkedNorm}`];
  // One weight after another: side by side, each would hold temporaries of its size.
  let after = ready;
  for (const { weight, gradient } of moved) {
    const { handle } = variable(weight.name);
    const scaled = recorder.reference(k.mul(gradient, factor));
    const native: Updates<string> = {
      decay(amount) {
        const read = recorder.emit('ReadVariableOp', [handle, ...after], dtype);
        const part = recorder.emit('Mul', [`${read}:0`, amount], float);
        after = [`^${recorder.emit('AssignSubVariableOp', [handle, `${part}:0`], dtype)}`];
      },
      adam(m, v, { rate, beta1, beta2, epsilon }) {
        const slots = [m, v].map((slot) => variable(`${weight.name}/${slot}`).handle);
        const zero = constant(0); // beta powers of 0 switch the op's own bias correction off
        const inputs = [
          handle,
          ...slots,
          zero,
          zero,
          rate,
          constant(beta1),
          constant(beta2),
          epsilon,
          scaled,
          ...after,
        ];
        const flags: Record<string, Attr> = { use_locking: { bool: false }, use_nesterov: { bool: false } };
        after = [`^${recorder.emit('ResourceApplyAdam', inputs, { ...float, ...flags })}`];
      },
    };
    optimizer.update(native, scalar, weight.shape.length > 1);
  }
  const done = after.map((name) => name.slice(1));
  for (const { name, delta } of traced.updates)
    done.push(
      recorder.emit('AssignAddVariableOp', [variable(name).handle, recorder.reference(delta), ...ready], dtype),
    );
  addDone(recorder, 'stepped', done);
  for (const { name, value } of traced.reports)
    recorder.emit('Identity', [recorder.reference(value)], float, `report/${name}`);
  return { recorder, reports: traced.reports.map(({ name }) => name) };
}

export function nativeTraining(backend: NodeBackend, options: TrainingOptions): TrainingSession {
  const { learning, optimizer } = options;
  const scalarNames = Object.keys(optimizer.scalars(1, 1));
  const weights = learning.weights.map(({ name, shape }) => ({ name, shape, zero: false }));
  const slots = learning.weights
    .filter((w) => w.trained)
    .flatMap((w) => optimizer.slots.map((slot) => ({ name: `${w.name}/${slot}`, shape: w.shape, zero: true })));
  const variables: Variable[] = [...weights, ...slots];
  const { recorder, reports: reportNames } = recordStep(options, variables, scalarNames);
  const session = new Session(backend, recorder, variables);
  const byName = new Map(learning.weights.map((w) => [w.name, w]));
  session.assign('initialized', (name) => options.initial(byName.get(name) as Weight));

  const feeds = (given: Feeds) =>
    learning.inputs.map(({ name, shape }) => ({ name, shape, values: taken(given, name) }));
  const fetches = ['loss:0', 'norm:0', 'stepped:0', ...reportNames.map((name) => `report/${name}:0`)];
  return {
    step(given, scalars) {
      const packed = Float32Array.from(scalarNames, (name) => scalars[name]);
      const [loss, norm, , ...reports] = finite(() =>
        session.run([...feeds(given), { name: 'scalars', shape: [scalarNames.length], values: packed }], fetches),
      );
      return result(loss[0], norm[0], reportNames, reports as Float32Array[]);
    },
    evaluate(given) {
      const [loss, count] = session.run(feeds(given), ['measured:0', 'counted:0']);
      return { loss: loss[0], count: count[0] };
    },
    state: () => session.read(),
    load: (values) => session.assign('restored', (name) => valueOf(values, name)),
    dispose: () => session.dispose(),
  };
}

function result(loss: number, norm: number, names: string[], values: Float32Array[]): StepResult {
  return { loss, gradientNorm: norm, reports: new Map(names.map((name, i) => [name, values[i]])) };
}

function valueOf<V>(values: ReadonlyMap<string, V>, name: string): V {
  const found = values.get(name);
  if (found === undefined) throw new Error(`there is no value for ${name}`);
  return found;
}

function taken(feeds: Feeds, name: string): Feeds[string] {
  const values = feeds[name];
  if (values === undefined) throw new Error(`the step was not fed with ${name}`);
  return values;
}

/** Turns the graph's refusal of a non-finite number into our error. */
function finite<R>(run: () => R): R {
  try {
    return run();
  } catch (error) {
    const what = /dsk:(loss|gradient)/.exec(error instanceof Error ? error.message : '')?.[1];
    if (what === 'loss' || what === 'gradient') throw new NonFiniteError(what);
    throw error;
  }
}

/** Op by op on whatever backend tfjs has; also the referee for the recorded step. */
export function eagerTraining(tf: TF, k: Kernels, options: TrainingOptions): TrainingSession {
  const { learning, optimizer, clip } = options;
  const state = new Map<string, T>();
  const trained = learning.weights.filter((w) => w.trained);
  const set = (name: string, tensor: T): void => {
    state.get(name)?.dispose();
    state.set(name, tf.keep(tensor));
  };
  const get = (name: string): T => {
    const tensor = state.get(name);
    if (tensor === undefined) throw new Error(`no variable ${name}`);
    return tensor;
  };
  for (const w of learning.weights) set(w.name, tf.tensor(options.initial(w), w.shape));
  for (const w of trained) for (const slot of optimizer.slots) set(`${w.name}/${slot}`, tf.zeros(w.shape));
  const fed = (feeds: Feeds): Fed =>
    new Map(learning.inputs.map(({ name, shape, dtype }) => [name, tf.tensor(taken(feeds, name), shape, dtype)]));
  const all = (): T[] => learning.weights.map((w) => get(w.name));
  return {
    step(feeds, scalars) {
      let outcome: StepResult | undefined;
      tf.tidy(() => {
        const traced = trace(k, learning, all(), fed(feeds));
        const gradients = traced.gradients.map((g, i) => g ?? tf.zeros(trained[i].shape));
        const each = share(k, traced.count);
        const { norm, factor } = scaling(k, gradients, each, clip);
        const mean = k.mul(traced.loss, each).dataSync()[0];
        const size = norm.dataSync()[0];
        if (!Number.isFinite(mean)) throw new NonFiniteError('loss');
        if (!Number.isFinite(size)) throw new NonFiniteError('gradient');
        gradients.forEach((gradient, i) => {
          const { name, shape } = trained[i];
          const g = k.mul(gradient, factor);
          const updates: Updates<T> = {
            decay: (amount) => set(name, tf.sub(get(name), tf.mul(get(name), amount))),
            adam: (m, v, { rate, beta1, beta2, epsilon }) => {
              const [mean, square] = [get(`${name}/${m}`), get(`${name}/${v}`)];
              set(`${name}/${m}`, tf.add(mean, tf.mul(tf.sub(g, mean), 1 - beta1)));
              set(`${name}/${v}`, tf.add(square, tf.mul(tf.sub(tf.square(g), square), 1 - beta2)));
              const step = tf.div(get(`${name}/${m}`), tf.add(tf.sqrt(get(`${name}/${v}`)), epsilon));
              set(name, tf.sub(get(name), tf.mul(step, rate)));
            },
          };
          optimizer.update(updates, (scalar) => tf.scalar(scalars[scalar]), shape.length > 1);
        });
        for (const { name, delta } of traced.updates) set(name, tf.add(get(name), delta));
        outcome = result(
          mean,
          size,
          traced.reports.map(({ name }) => name),
          traced.reports.map(({ value }) => value.dataSync() as Float32Array),
        );
      });
      if (outcome === undefined) throw new Error('the step gave no result');
      return outcome;
    },
    evaluate(feeds) {
      let measured: Measured | undefined;
      tf.tidy(() => {
        const { sum, count } = forward(k, learning, all(), fed(feeds), false);
        measured = { loss: k.mul(sum.data, share(k, count)).dataSync()[0], count: count.dataSync()[0] };
      });
      if (measured === undefined) throw new Error('the loss gave no result');
      return measured;
    },
    *state() {
      for (const [name, tensor] of state)
        yield { name, shape: tensor.shape, values: tensor.dataSync() as Float32Array };
    },
    load(values) {
      for (const [name, { shape }] of [...state]) set(name, tf.tensor(valueOf(values, name), shape));
    },
    dispose() {
      for (const tensor of state.values()) tensor.dispose();
    },
  };
}
