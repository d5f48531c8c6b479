// Training sessions. Natively every step is one call into a TensorFlow graph that holds weights, backward pass and optimizer; the
// graph is recorded once, by running the step's code on edges instead of tensors. On other backends: the same code, op by op.
import {
  type Batch,
  NonFiniteError,
  type Ops,
  type Program,
  type StepResult,
  type TrainingOptions,
  type TrainingSession,
  type Updates,
  type Weight,
} from '../nodes/module.ts';
import { type Attr, DT } from './graphdef.ts';
import type { Kernels, T, TF, Values } from './kernels.ts';
import { type NodeBackend, nativeKernels } from './native.ts';
import { createOps } from './ops.ts';
import { Recorder } from './record.ts';
import { addDone, addVariables, Session, type Variable } from './session.ts';
import { Tape, Value } from './tape.ts';

/** A batch on the device; what is absent is null. */
interface Fed {
  ids: T;
  targets: T;
  learned: T | null;
  starts: T | null;
}

interface Traced {
  /** Sum of the losses of all rows that count, scalar. */
  loss: T;
  /** By weight name; null where no gradient flows. */
  gradients: (T | null)[];
  updates: { name: string; delta: T }[];
  reports: { name: string; value: T }[];
  /** Last hidden state [rows, dim]. */
  hidden: T;
}

interface Pass {
  ops: Ops;
  tape: Tape;
  values: Map<string, Value>;
  hidden: Value;
  updates: Traced['updates'];
  reports: Traced['reports'];
}

/** The model's forward pass over one batch, in kernels. */
function forward(
  k: Kernels,
  program: Program,
  weights: T[],
  { ids, starts }: Fed,
  batch: number,
  context: number,
  learns: boolean,
): Pass {
  const tape = new Tape(k, learns);
  const ops: Ops = createOps(k, tape);
  const values = new Map(program.weights.map((w, i) => [w.name, new Value(weights[i], w.trained)]));
  const updates: Traced['updates'] = [];
  const reports: Traced['reports'] = [];
  const hidden = program.hidden(new Value(ids, false), {
    ops,
    batch,
    time: context,
    start: 0,
    documents: starts && ops.documents(new Value(starts, false), batch, context),
    training: learns,
    weight: (name) => valueOf(values, name),
    cache: () => null,
    update: (name, delta) => updates.push({ name, delta: (delta as Value).data }),
    report: (name, value) => reports.push({ name, value: (value as Value).data }),
  }) as Value;
  return { ops, tape, values, hidden, updates, reports };
}

/** Forward and backward pass. Gradients are those of the summed loss. */
function trace(k: Kernels, program: Program, weights: T[], fed: Fed, batch: number, context: number): Traced {
  const { ops, tape, values, hidden, updates, reports } = forward(k, program, weights, fed, batch, context, true);
  const head = valueOf(values, program.head);
  const loss = ops.headLoss(hidden, head, ...wanted(fed)) as Value;
  const trained = program.weights.filter((w) => w.trained).map((w) => valueOf(values, w.name));
  const gradients = tape.gradients(loss, k.scalar(1), trained);
  return { loss: loss.data, gradients, updates, reports, hidden: hidden.data };
}

/** What the loss is taken of. */
const wanted = ({ targets, learned }: Fed): [Value, Value | null] => [
  new Value(targets, false),
  learned && new Value(learned, false),
];

/** The summed loss alone. */
function loss(k: Kernels, hidden: T, head: T, fed: Fed): T {
  const ops = createOps(k, new Tape(k, false));
  const [x, w] = [hidden, head].map((tensor) => new Value(tensor, false));
  return (ops.headLoss(x, w, ...wanted(fed)) as Value).data;
}

/** What turns a sum over the rows that count into their mean; 1 where none does. */
function share(k: Kernels, learned: T | null, rows: number): T {
  return learned === null ? k.scalar(1 / rows) : k.div(k.scalar(1), k.maximum(k.sum(learned, [0]), k.scalar(1)));
}

/** Factor on the summed gradients that averages over rows and clips the global norm; and that norm. */
function scaling(k: Kernels, gradients: T[], each: T, clip: number | null): { norm: T; factor: T } {
  const norm = k.mul(k.sqrt(k.sumAll(gradients.map((g) => k.sumOfSquares(g)))), each);
  if (clip === null) return { norm, factor: each };
  // As torch.nn.utils.clip_grad_norm_ does.
  const factor = k.minimum(k.div(k.scalar(clip), k.add(norm, k.scalar(1e-6))), k.scalar(1));
  return { norm, factor: k.mul(factor, each) };
}

/** The batch with what it leaves open filled in; throws where it has what the session was not opened for. */
function filled(batch: Batch, options: TrainingOptions): Batch {
  const { learned = false, documents = false } = options;
  if (batch.learned !== undefined && !learned)
    throw new Error('this session was opened for batches that count as a whole');
  if (batch.starts !== undefined && !documents)
    throw new Error('this session was opened for windows of one document each');
  return {
    ids: batch.ids,
    targets: batch.targets,
    ...(learned && { learned: batch.learned ?? new Float32Array(batch.ids.length).fill(1) }),
    ...(documents && { starts: batch.starts ?? new Int32Array(batch.ids.length) }),
  };
}

/** The recorded step of one training session: the graph, and what to fetch. */
function recordStep(
  options: TrainingOptions,
  variables: Variable[],
  scalarNames: string[],
): { recorder: Recorder; reports: string[] } {
  const { program, optimizer, batch, context, clip } = options;
  const rows = batch * context;
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
  const fed: Fed = {
    ids: recorder.placeholder('ids', [rows], 'int32'),
    targets: recorder.placeholder('targets', [rows], 'int32'),
    learned: options.learned ? recorder.placeholder('learned', [rows], 'float32') : null,
    starts: options.documents ? recorder.placeholder('starts', [rows], 'int32') : null,
  };
  const packed = recorder.reference(recorder.placeholder('scalars', [scalarNames.length], 'float32'));
  const unpacked = recorder.emit('Unpack', [packed], { num: { int: scalarNames.length }, axis: { int: 0 }, ...float });
  const scalar = (name: string): string => {
    const at = scalarNames.indexOf(name);
    if (at < 0) throw new Error(`the optimizer feeds no scalar ${name}`);
    return `${unpacked}:${at}`;
  };
  const constant = (value: number): string => recorder.reference(k.scalar(value));

  const weights = program.weights.map(({ name, shape }) => recorder.edge(variable(name).value, shape));
  const traced = trace(k, program, weights, fed, batch, context);
  const trained = program.weights.filter((w) => w.trained);
  const moved = trained.flatMap((weight, i) => {
    const gradient = traced.gradients[i];
    return gradient === null ? [] : [{ weight, gradient }];
  });
  const each = share(k, fed.learned, rows);
  const { norm, factor } = scaling(
    k,
    moved.map(({ gradient }) => gradient),
    each,
    clip,
  );
  const mean = (sum: T): T => k.mul(sum, each);
  const head = weights[program.weights.findIndex(({ name }) => name === program.head)];
  recorder.emit('Identity', [recorder.reference(mean(loss(k, traced.hidden, head, fed)))], float, 'measured');
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
  const { program, optimizer, batch, context } = options;
  const rows = batch * context;
  const scalarNames = Object.keys(optimizer.scalars(1, 1));
  const weights = program.weights.map(({ name, shape }) => ({ name, shape, zero: false }));
  const slots = program.weights
    .filter((w) => w.trained)
    .flatMap((w) => optimizer.slots.map((slot) => ({ name: `${w.name}/${slot}`, shape: w.shape, zero: true })));
  const variables: Variable[] = [...weights, ...slots];
  const { recorder, reports: reportNames } = recordStep(options, variables, scalarNames);
  const session = new Session(backend, recorder, variables);
  const byName = new Map(program.weights.map((w) => [w.name, w]));
  session.assign('initialized', (name) => options.initial(byName.get(name) as Weight));

  const feeds = (batch: Batch) =>
    Object.entries<Values>({ ...filled(batch, options) }).map(([name, values]) => ({
      name,
      shape: [rows],
      values,
    }));
  const fetches = ['loss:0', 'norm:0', 'stepped:0', ...reportNames.map((name) => `report/${name}:0`)];
  return {
    step(batch, scalars) {
      const packed = Float32Array.from(scalarNames, (name) => scalars[name]);
      const [loss, norm, , ...reports] = finite(() =>
        session.run([...feeds(batch), { name: 'scalars', shape: [scalarNames.length], values: packed }], fetches),
      );
      return result(loss[0], norm[0], reportNames, reports as Float32Array[]);
    },
    evaluate: (batch) => session.run(feeds(batch), ['measured:0'])[0][0],
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
  const given = (values: Batch): Fed => {
    const { ids, targets, learned, starts } = filled(values, options);
    return {
      ids: tf.tensor(ids, [rows], 'int32'),
      targets: tf.tensor(targets, [rows], 'int32'),
      learned: learned ? tf.tensor(learned, [rows], 'float32') : null,
      starts: starts ? tf.tensor(starts, [rows], 'int32') : null,
    };
  };
  const all = (): T[] => program.weights.map((w) => get(w.name));
  return {
    step(values, scalars) {
      let outcome: StepResult | undefined;
      tf.tidy(() => {
        const fed = given(values);
        const traced = trace(k, program, all(), fed, batch, context);
        const gradients = traced.gradients.map((g, i) => g ?? tf.zeros(trained[i].shape));
        const each = share(k, fed.learned, rows);
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
    evaluate(values) {
      let mean = Number.NaN;
      tf.tidy(() => {
        const fed = given(values);
        const { hidden } = forward(k, program, all(), fed, batch, context, false);
        mean = k.mul(loss(k, hidden.data, get(program.head), fed), share(k, fed.learned, rows)).dataSync()[0];
      });
      return mean;
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
