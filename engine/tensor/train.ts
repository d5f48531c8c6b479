// Training sessions. Natively: the first batch is run op by op while a recorder listens; every step, the first included, is then
// one call into a TensorFlow graph that holds weights, backward pass and optimizer. On other backends: the same code, op by op.
import {
  NonFiniteError,
  type Ops,
  type Program,
  type StepResult,
  type TrainingOptions,
  type TrainingSession,
  type Updates,
} from '../nodes/module.ts';
import { type Attr, DT } from './graphdef.ts';
import type { Kernels, T, TF } from './kernels.ts';
import { type NodeBackend, nativeKernels } from './native.ts';
import { createOps } from './ops.ts';
import { Recorder } from './record.ts';
import { addDone, addVariables, Session, type Variable } from './session.ts';
import { Tape, Value } from './tape.ts';


interface Traced {
  /** Sum of the losses of all rows, scalar. */
  loss: T;
  /** By weight name; null where no gradient flows. */
  gradients: (T | null)[];
  updates: { name: string; delta: T }[];
  reports: { name: string; value: T }[];
}

/** Forward and backward pass over one batch, in kernels. Gradients are those of the summed loss. */
function trace(k: Kernels, program: Program, weights: T[], ids: T, targets: T, batch: number, context: number): Traced {
  const tape = new Tape(k, true);
  const ops: Ops = createOps(k, tape);
  const values = new Map(program.weights.map((w, i) => [w.name, new Value(weights[i], w.trained)]));
  const updates: Traced['updates'] = [];
  const reports: Traced['reports'] = [];
  const logits = program.logits(new Value(ids, false), {
    ops,
    batch,
    time: context,
    start: 0,
    training: true,
    weight: (name) => {
      const value = values.get(name);
      if (value === undefined) throw new Error(`the model has no weight ${name}`);
      return value;
    },
    cache: () => null,
    update: (name, delta) => updates.push({ name, delta: (delta as Value).data }),
    report: (name, value) => reports.push({ name, value: (value as Value).data }),
  });
  const loss = ops.crossEntropy(logits, new Value(targets, false)) as Value;
  const trained = program.weights.filter((w) => w.trained).map((w) => values.get(w.name) as Value);
  return { loss: loss.data, gradients: tape.gradients(loss, k.scalar(1), trained), updates, reports };
}

/** Factor on the summed gradients that averages over rows and clips the global norm; and that norm. */
function scaling(k: Kernels, gradients: T[], rows: number, clip: number | null): { norm: T; factor: T } {
  const norm = k.mul(k.sqrt(k.sumAll(gradients.map((g) => k.sumOfSquares(g)))), k.scalar(1 / rows));
  if (clip === null) return { norm, factor: k.scalar(1 / rows) };
  // As torch.nn.utils.clip_grad_norm_ does.
  const factor = k.minimum(k.div(k.scalar(clip), k.add(norm, k.scalar(1e-6))), k.scalar(1));
  return { norm, factor: k.mul(factor, k.scalar(1 / rows)) };
}

export function nativeTraining(tf: TF, backend: NodeBackend, options: TrainingOptions, xla: boolean): TrainingSession {
  const { program, optimizer, batch, context, clip } = options;
  const rows = batch * context;
  const scalarNames = Object.keys(optimizer.scalars(1, 1));
  const trained = program.weights.filter((w) => w.trained);
  const slots = trained.flatMap((w) =>
    optimizer.slots.map((slot) => ({ name: `${w.name}/${slot}`, shape: w.shape, zero: true })),
  );
  const variables: Variable[] = [...program.weights.map(({ name, shape }) => ({ name, shape, zero: false })), ...slots];

  const first = program.weights.map(options.initial);
  const recorder = new Recorder(backend, xla);
  let recording = true;
  const k = nativeKernels(tf, backend, () => (recording ? recorder : null));
  const reportNames: string[] = [];
  tf.tidy(() =>
    recorder.record(() => {
      const handles = addVariables(recorder, variables);
      const placeholder = (name: string, dtype: 1 | 3, shape: number[]): string =>
        `${recorder.emit('Placeholder', [], { dtype: { type: dtype }, shape: { shape } }, name)}:0`;
      const bound = (reference: string, tensor: T): T => {
        recorder.bind(tensor, reference);
        return tensor;
      };
      const ids = bound(placeholder('ids', DT.int32, [rows]), tf.zeros([rows], 'int32'));
      // Spread over the vocabulary, so that even routing and all shapes are seen.
      const targets = bound(placeholder('targets', DT.int32, [rows]), tf.zeros([rows], 'int32'));
      const packed = placeholder('scalars', DT.float, [scalarNames.length]);
      const unpacked = recorder.emit('Unpack', [packed], {
        num: { int: scalarNames.length },
        axis: { int: 0 },
        T: { type: DT.float },
      });
      const weights = program.weights.map((w, i) =>
        bound(handles.get(w.name)?.value ?? '', tf.tensor(first[i], w.shape)),
      );
      const traced = trace(k, program, weights, ids, targets, batch, context);
      const gradients = traced.gradients.map((g, i) => g ?? tf.zeros(trained[i].shape));
      const { norm, factor } = scaling(k, gradients, rows, clip);
      const loss = k.mul(traced.loss, k.scalar(1 / rows));

      const float: Record<string, Attr> = { T: { type: DT.float } };
      const check = (tensor: T, what: string): string =>
        recorder.emit('CheckNumerics', [recorder.reference(tensor)], { ...float, message: { text: `dsk:${what}` } });
      const checkedLoss = check(loss, 'loss');
      // The norm is known when every gradient is: no weight is read after it, so updates need no copies.
      const checkedNorm = check(norm, 'gradient');
      const after = [`^${checkedLoss}`, `^${checkedNorm}`];
      recorder.emit('Identity', [`${checkedLoss}:0`], float, 'loss');
      recorder.emit('Identity', [`${checkedNorm}:0`], float, 'norm');

      const done: string[] = [];
      const handle = (name: string): string => {
        const found = handles.get(name);
        if (found === undefined) throw new Error(`no variable ${name}`);
        return found.handle;
      };
      const scalar = (name: string): string => {
        const at = scalarNames.indexOf(name);
        if (at < 0) throw new Error(`the optimizer feeds no scalar ${name}`);
        return `${unpacked}:${at}`;
      };
      const constant = (value: number): string => recorder.reference(k.mul(k.scalar(value), k.scalar(1)));
      gradients.forEach((gradient, i) => {
        const weight = trained[i];
        const scaled = recorder.reference(k.mul(gradient, factor));
        let last: string[] = after;
        const native: Updates<string> = {
          decay: (amount) => {
            const read = recorder.emit('ReadVariableOp', [handle(weight.name), ...last], { dtype: { type: DT.float } });
            const product = recorder.emit('Mul', [`${read}:0`, amount], float);
            const sub = recorder.emit('AssignSubVariableOp', [handle(weight.name), `${product}:0`], {
              dtype: { type: DT.float },
            });
            last = [`^${sub}`];
            done.push(sub);
          },
          adam: (m, v, { rate, beta1, beta2, epsilon }) => {
            const zero = constant(0); // beta powers of 0 switch the op's own bias correction off
            const apply = recorder.emit(
              'ResourceApplyAdam',
              [
                handle(weight.name),
                handle(`${weight.name}/${m}`),
                handle(`${weight.name}/${v}`),
                zero,
                zero,
                rate,
                constant(beta1),
                constant(beta2),
                epsilon,
                scaled,
                ...last,
              ],
              { ...float, use_locking: { bool: false }, use_nesterov: { bool: false } },
            );
            last = [`^${apply}`];
            done.push(apply);
          },
        };
        optimizer.update(native, scalar, weight.shape.length > 1);
      });
      for (const { name, delta } of traced.updates)
        done.push(
          recorder.emit('AssignAddVariableOp', [handle(name), recorder.reference(delta), ...after], {
            dtype: { type: DT.float },
          }),
        );
      for (const { name, value } of traced.reports) {
        recorder.emit('Identity', [recorder.reference(value)], float, `report/${name}`);
        reportNames.push(name);
      }
      addDone(recorder, 'stepped', done);
    }),
  );
  recording = false;
  const session = new Session(backend, recorder, variables);
  const initial = new Map(program.weights.map((w, i) => [w.name, first[i]]));
  session.assign('initialized', (name) => initial.get(name) ?? new Float32Array());
  first.length = 0;
  initial.clear();

  const feeds = (ids: Int32Array, targets: Int32Array) => [
    { name: 'ids', shape: [rows], values: ids },
    { name: 'targets', shape: [rows], values: targets },
  ];
  const fetches = ['loss:0', 'norm:0', 'stepped:0', ...reportNames.map((name) => `report/${name}:0`)];
  return {
    step(ids, targets, scalars) {
      const packed = Float32Array.from(scalarNames, (name) => scalars[name]);
      const [loss, norm, , ...reports] = finite(() =>
        session.run(
          [...feeds(ids, targets), { name: 'scalars', shape: [scalarNames.length], values: packed }],
          fetches,
        ),
      );
      return result(loss[0], norm[0], reportNames, reports as Float32Array[]);
    },
    evaluate: (ids, targets) => finite(() => session.run(feeds(ids, targets), ['loss:0']))[0][0],
    state: () => session.read(),
    load: (values) => session.assign('restored', (name) => valueOf(values, name)),
    dispose: () => session.dispose(),
  };
}

function result(loss: number, norm: number, names: string[], values: Float32Array[]): StepResult {
  return { loss, gradientNorm: norm, reports: new Map(names.map((name, i) => [name, values[i]])) };
}

function valueOf(values: Map<string, Float32Array>, name: string): Float32Array {
  const found = values.get(name);
  if (found === undefined) throw new Error(`the state to go on from has no ${name}`);
  return found;
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
  const { program, optimizer, batch, context, clip } = options;
  const rows = batch * context;
  const state = new Map<string, T>();
  const trained = program.weights.filter((w) => w.trained);
  const set = (name: string, tensor: T): void => {
    state.get(name)?.dispose();
    state.set(name, tf.keep(tensor));
  };
  const get = (name: string): T => {
    const tensor = state.get(name);
    if (tensor === undefined) throw new Error(`no variable ${name}`);
    return tensor;
  };
  for (const w of program.weights) set(w.name, tf.tensor(options.initial(w), w.shape));
  for (const w of trained) for (const slot of optimizer.slots) set(`${w.name}/${slot}`, tf.zeros(w.shape));
  const run = (ids: Int32Array, targets: Int32Array): Traced =>
    trace(
      k,
      program,
      program.weights.map((w) => get(w.name)),
      tf.tensor(ids, [rows], 'int32'),
      tf.tensor(targets, [rows], 'int32'),
      batch,
      context,
    );
  return {
    step(ids, targets, scalars) {
      let outcome: StepResult | undefined;
      tf.tidy(() => {
        const traced = run(ids, targets);
        const gradients = traced.gradients.map((g, i) => g ?? tf.zeros(trained[i].shape));
        const { norm, factor } = scaling(k, gradients, rows, clip);
        const loss = traced.loss.dataSync()[0] / rows;
        const size = norm.dataSync()[0];
        if (!Number.isFinite(loss)) throw new NonFiniteError('loss');
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
          loss,
          size,
          traced.reports.map(({ name }) => name),
          traced.reports.map(({ value }) => value.dataSync() as Float32Array),
        );
      });
      if (outcome === undefined) throw new Error('the step gave no result');
      return outcome;
    },
    evaluate(ids, targets) {
      let loss = Number.NaN;
      tf.tidy(() => {
        loss = run(ids, targets).loss.dataSync()[0] / rows;
      });
      return loss;
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
