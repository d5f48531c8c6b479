// Training sessions: every step is one call (with accumulation: one a batch) into a TensorFlow graph that holds weights, backward
// pass and optimizer; the graph is recorded once, by running the step's code on edges instead of tensors.
import { averageOf } from '../nodes/averaging.ts';
import {
  type Feeds,
  type Limits,
  NonFiniteError,
  type StepResult,
  type TrainingOptions,
  type TrainingSession,
  type Weight,
} from '../nodes/module.ts';
import { slotsOf } from '../nodes/optimizer.ts';
import { type Attr, DT } from './graphdef.ts';
import type { Kernels, T } from './kernels.ts';
import { type NodeBackend, nativeKernels } from './native.ts';
import { batchesOf, type Fed, forward, scaling, share, taken, trace, valueOf } from './pass.ts';
import { Recorder } from './record.ts';
import { firstScale, LossScale, scaleName } from './scale.ts';
import { addDone, addSum, addVariables, assign, read, Session, type Variable } from './session.ts';
import { move, moveAverage, type Store } from './updates.ts';

const float: Record<string, Attr> = { T: { type: DT.float } };
const dtype: Record<string, Attr> = { dtype: { type: DT.float } };

type Added = ReturnType<typeof addVariables>;

/** The recorded step of one training session: the graph, and what to fetch. */
function recordStep(
  options: TrainingOptions,
  variables: Variable[],
  scalarNames: string[],
): { recorder: Recorder; reports: string[]; moved: string[] } {
  const {
    learning,
    optimizer,
    clip,
    accumulate = 1,
    average = false,
    checkpointing,
    precision,
    limits = false,
  } = options;
  const recorder = new Recorder();
  const k = nativeKernels(recorder);
  const added = addVariables(recorder, variables);
  const fed: Fed = new Map(
    learning.inputs.map(({ name, shape, dtype }) => [name, recorder.placeholder(name, shape, dtype)]),
  );
  const packed = recorder.reference(recorder.placeholder('scalars', [scalarNames.length], 'float32'));
  const unpacked = recorder.emit('Unpack', [packed], { num: { int: scalarNames.length }, axis: { int: 0 }, ...float });
  const scalar = (name: string): T => {
    const at = scalarNames.indexOf(name);
    if (at < 0) throw new Error(`the optimizer feeds no scalar ${name}`);
    return recorder.edge(`${unpacked}:${at}`, []);
  };

  const weights = (nameOf: (weight: Weight) => string): T[] =>
    learning.weights.map((weight) => recorder.edge(valueOf(added, nameOf(weight)).value, weight.shape));
  const traced = trace(
    k,
    learning,
    weights(({ name }) => name),
    fed,
    { checkpointing, precision, scale: precision === 'fp16' ? recorder.placeholder(scaleName, [], 'float32') : null },
  );
  // What several batches add up to; of one, what it gives.
  const begin: string[] = [];
  const go: string[] = [];
  const summed = (name: string, value: T): T => {
    if (accumulate === 1) return value;
    const sum = addSum(recorder, name, value);
    begin.push(sum.begin);
    go.push(sum.add);
    return k.add(recorder.edge(sum.before, value.shape), value);
  };
  const moved = learning.weights
    .filter((w) => w.trained)
    .flatMap((weight, i) => {
      const gradient = traced.gradients[i];
      return gradient === null ? [] : [{ weight, gradient: summed(`gradient/${weight.name}`, gradient) }];
    });
  const each = share(k, summed('count', traced.count));
  const loss = k.mul(summed('loss', traced.loss), each);
  const reports = traced.reports.map(({ name, value }) => ({ name, value: summed(`report/${name}`, value) }));
  const updates = traced.updates.map((update) => ({ ...update, of: summed(`update/${update.name}`, update.of) }));
  addDone(recorder, 'begun', begin);
  addDone(recorder, 'added', go);

  const gradients = moved.map(({ gradient }) => gradient);
  const { norm, factor } = scaling(k, gradients, each, clip);
  // The same loss without training: what only training needs is no part of what these fetches run.
  const kept = weights((weight) => (average && weight.trained ? averageOf(weight.name) : weight.name));
  const quiet = forward(k, learning, kept, fed, { training: false, precision });
  recorder.emit('Identity', [recorder.reference(k.mul(quiet.sum.data, share(k, quiet.count)))], float, 'measured');
  recorder.emit('Identity', [recorder.reference(quiet.count)], float, 'counted');
  const checked = (tensor: T, what: string): string =>
    recorder.emit('CheckNumerics', [recorder.reference(tensor)], { ...float, message: { text: `dsk:${what}` } });
  const checkedLoss = checked(loss, 'loss');
  // The norm is known when every gradient is: no weight is read after it, so updates need no copies.
  const checkedNorm = checked(norm, 'gradient');
  recorder.emit('Identity', [`${checkedLoss}:0`], float, 'loss');
  recorder.emit('Identity', [`${checkedNorm}:0`], float, 'norm');

  // Each by itself, so that what went wrong can be told by name.
  const squares = gradients.map((gradient) => recorder.reference(k.sumOfSquares(gradient)));
  recorder.emit('Pack', squares, { N: { int: squares.length }, axis: { int: 0 }, ...float }, 'squares');
  recorder.emit('Identity', [recorder.reference(each)], float, 'each');
  recorder.emit('Identity', [recorder.reference(loss)], float, 'unchecked');

  const ready = limits
    ? limited(recorder, k, { loss: checkedLoss, gradient: checkedNorm })
    : [checkedLoss, checkedNorm];
  const { store, last } = storeOf(recorder, k, added, variables, ready);
  // One weight after another: side by side, each would hold temporaries of its size.
  for (const { weight, gradient } of moved)
    recorder.behind(last(), () => {
      move(k, store, optimizer, weight, k.mul(gradient, factor), scalar);
      if (average) moveAverage(k, store, weight, scalar('average'));
    });
  const done = last();
  recorder.behind(ready, () => {
    for (const { name, of, delta } of updates)
      done.push(
        recorder.emit(
          'AssignAddVariableOp',
          [valueOf(added, name).handle, recorder.reference(delta(of)), ...ready.map((node) => `^${node}`)],
          dtype,
        ),
      );
  });
  addDone(recorder, 'stepped', done);
  for (const { name, value } of reports)
    recorder.emit('Identity', [recorder.reference(value)], float, `report/${name}`);
  return { recorder, reports: reports.map(({ name }) => name), moved: moved.map(({ weight }) => weight.name) };
}

/** Fails the step where loss or norm is greater than what is fed as `limits`. @returns the nodes that every update waits for */
function limited(recorder: Recorder, k: Kernels, checked: { loss: string; gradient: string }): string[] {
  const fed = recorder.reference(recorder.placeholder('limits', [2], 'float32'));
  const most = recorder.emit('Unpack', [fed], { num: { int: 2 }, axis: { int: 0 }, ...float });
  const none = recorder.reference(k.scalar(Number.NaN));
  return (['loss', 'gradient'] as const).map((what, i) => {
    const value = `${checked[what]}:0`;
    const beyond = recorder.emit('Greater', [value, `${most}:${i}`], float);
    const judged = recorder.emit('SelectV2', [`${beyond}:0`, none, value], float);
    return recorder.emit('CheckNumerics', [`${judged}:0`], { ...float, message: { text: `dsk:limit ${what}` } });
  });
}

/** The graph's variables, changed one after another, the first after `ready`; and what the next change has to wait for. */
function storeOf(
  recorder: Recorder,
  k: Kernels,
  added: Added,
  variables: Variable[],
  ready: string[],
): { store: Store; last: () => string[] } {
  const shapes = new Map(variables.map(({ name, shape }) => [name, shape]));
  let after = ready;
  const change = (op: string, inputs: string[], attrs: Record<string, Attr>): void => {
    after = [recorder.emit(op, [...inputs, ...after.map((node) => `^${node}`)], attrs)];
  };
  const handle = (name: string): string => valueOf(added, name).handle;
  const store: Store = {
    read: (name) => recorder.edge(read(recorder, handle(name), after), valueOf(shapes, name)),
    assign(name, value) {
      after = [assign(recorder, handle(name), recorder.reference(value), after)];
    },
    subtract: (name, amount) => change('AssignSubVariableOp', [handle(name), recorder.reference(amount)], dtype),
    adam(name, m, v, gradient, { rate, beta1, beta2, epsilon }) {
      const zero = k.scalar(0); // beta powers of 0 switch the op's own bias correction off
      const numbers = [zero, zero, rate, k.scalar(beta1), k.scalar(beta2), epsilon, gradient];
      change('ResourceApplyAdam', [...[name, m, v].map(handle), ...numbers.map((x) => recorder.reference(x))], {
        ...float,
        use_locking: { bool: false },
        use_nesterov: { bool: false },
      });
    },
  };
  return { store, last: () => [...after] };
}

function variablesOf({ learning, optimizer, average = false }: TrainingOptions): Variable[] {
  const trained = learning.weights.filter((w) => w.trained);
  return [
    ...learning.weights.map(({ name, shape, frozen = false }) => ({ name, shape, zero: false, fixed: frozen })),
    ...(average ? trained : []).map(({ name, shape }) => ({
      name: averageOf(name),
      shape,
      zero: false,
      fixed: false,
      as: name,
    })),
    ...trained.flatMap((w) => slotsOf(optimizer, w).map((slot) => ({ ...slot, zero: true, fixed: false }))),
  ];
}

export function nativeTraining(backend: NodeBackend, options: TrainingOptions): TrainingSession {
  const { learning, optimizer, accumulate = 1, average = false, precision, limits: limiting = false } = options;
  const scale = precision === 'fp16' ? new LossScale(firstScale(learning)) : null;
  const scalarNames = [...Object.keys(optimizer.scalars(1, 1)), ...(average ? ['average'] : [])];
  const variables = variablesOf(options);
  const { recorder, reports: reportNames, moved } = recordStep(options, variables, scalarNames);
  const session = new Session(backend, recorder, variables);
  const byName = new Map(learning.weights.map((w) => [w.name, w]));
  session.assign('initialized', (name) => options.initial(valueOf(byName, name)));

  const feeds = (given: Feeds) => [
    ...learning.inputs.map(({ name, shape }) => ({ name, shape, values: taken(given, name) })),
    ...(scale === null ? [] : [{ name: scaleName, shape: [], values: Float32Array.of(scale.current) }]),
  ];
  const fetches = ['loss:0', 'norm:0', ...reportNames.map((name) => `report/${name}:0`)];
  /** Adds up all batches but the last, and gives the inputs of that. */
  const begin = (given: Feeds | readonly Feeds[]) => {
    const batches = batchesOf(given, accumulate);
    batches.slice(0, -1).forEach((batch, i) => session.run(feeds(batch), [i === 0 ? 'begun:0' : 'added:0']));
    return feeds(batches[accumulate - 1]);
  };
  return {
    step(given, scalars, limits = { loss: Infinity, gradient: Infinity }) {
      const fed = begin(given);
      const packed = Float32Array.from(scalarNames, (name) => scalars[name]);
      const numbers = { name: 'scalars', shape: [scalarNames.length], values: packed };
      const most = { name: 'limits', shape: [2], values: Float32Array.of(limits.loss, limits.gradient) };
      const run = (names: string[]) => session.run([...fed, numbers, ...(limiting ? [most] : [])], names);
      const refused = scaled(scale, () => finite(() => run([...fetches, 'stepped:0'])));
      if (refused === null) return skipped;
      // Told by the graph's failure, which gives no numbers: they are computed once more.
      const [loss, norm, ...reports] = typeof refused === 'string' ? session.run(fed, fetches) : refused;
      return {
        loss: loss[0],
        gradientNorm: norm[0],
        reports: new Map(reportNames.map((name, i) => [name, reports[i] as Float32Array])),
        ...(typeof refused === 'string' && { refused }),
      };
    },
    inspect(given) {
      const [loss, squares, each] = session.run(begin(given), ['unchecked:0', 'squares:0', 'each:0']);
      const norms = [...squares].map((square) => Math.sqrt(square) * each[0]);
      return { loss: loss[0], gradients: new Map(moved.map((name, i) => [name, norms[i]])) };
    },
    evaluate(given) {
      const [loss, count] = session.run(feeds(given), ['measured:0', 'counted:0']);
      return { loss: loss[0], count: count[0] };
    },
    *state() {
      yield* session.read();
      if (scale !== null) yield* scale.state();
    },
    load(values) {
      session.assign('restored', (name) => valueOf(values, name));
      scale?.load(values);
    },
    dispose: () => session.dispose(),
  };
}

const skipped: StepResult = { skipped: true, loss: Number.NaN, gradientNorm: Number.NaN, reports: new Map() };

/** Null where a number was not finite and the loss scale was lowered for that. */
function scaled<R>(scale: LossScale | null, run: () => R): R | null {
  if (scale === null) return run();
  try {
    const result = run();
    scale.passed();
    return result;
  } catch (error) {
    if (error instanceof NonFiniteError && scale.failed()) return null;
    throw error;
  }
}

/** Turns the graph's refusal of a non-finite number into our error, and tells which limit it met where that was the reason. */
function finite<R>(run: () => R): R | keyof Limits {
  try {
    return run();
  } catch (error) {
    const [, limit, what] = /dsk:(limit )?(loss|gradient)/.exec(error instanceof Error ? error.message : '') ?? [];
    if (what !== 'loss' && what !== 'gradient') throw error;
    if (limit !== undefined) return what;
    throw new NonFiniteError(what);
  }
}
