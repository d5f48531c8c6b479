// One TensorFlow graph session with its variables: weights and optimizer state live in it from the first step to the last.
import { type Attr, type Binding, DT, openSession, type TensorInfo } from './graphdef.ts';
import type { T, Values } from './kernels.ts';
import type { NodeBackend } from './native.ts';
import type { Recorder } from './record.ts';

export interface Variable {
  name: string;
  shape: number[];
  /** Starts as zeros, without being fed. */
  zero: boolean;
  /** Set once, and no part of what is read and restored. */
  fixed: boolean;
  /** Starts as this other one, without being fed. */
  as?: string;
}

const dtype: Attr = { type: DT.float };

/** Adds a float32 variable; its handle. */
export function addVariable(recorder: Recorder, name: string, shape: number[]): string {
  const attrs = { dtype, shape: { shape }, shared_name: { text: name }, container: { text: '' } };
  return `${recorder.emit('VarHandleOp', [], attrs)}:0`;
}

/** What a variable holds when the nodes `after` have run. */
export function read(recorder: Recorder, handle: string, after: string[] = []): string {
  return `${recorder.emit('ReadVariableOp', [handle, ...after.map((node) => `^${node}`)], { dtype })}:0`;
}

/** The node that sets a variable, when the nodes `after` have run. */
export function assign(recorder: Recorder, handle: string, value: string, after: string[] = []): string {
  const inputs = [handle, value, ...after.map((node) => `^${node}`)];
  return recorder.emit('AssignVariableOp', inputs, { dtype, validate_shape: { bool: false } });
}

/**
 * Adds variables to the graph being recorded, and two ways to set them in one call: those that may change from values that are
 * fed (`restored`), and all of them from values for those without `zero`, the others being filled with zeros (`initialized`).
 * TensorFlow prepares every combination of fetches anew, which takes longer than a training step: so never one variable a call.
 */
export function addVariables(
  recorder: Recorder,
  variables: Variable[],
): Map<string, { handle: string; value: string }> {
  const initialize: string[] = [];
  const restore: string[] = [];
  const added = new Map<string, { handle: string; value: string }>();
  const given = new Map<string, string>();
  for (const { name, shape, zero, fixed, as } of variables) {
    const handle = addVariable(recorder, name, shape);
    const value = `${recorder.emit('ReadVariableOp', [handle], { dtype }, `read/${name}`)}:0`;
    added.set(name, { handle, value });
    const fed = `${recorder.emit('Placeholder', [], { dtype, shape: { shape } }, `given/${name}`)}:0`;
    given.set(name, fed);
    const set = assign(recorder, handle, fed);
    if (!fixed) restore.push(set);
    if (zero) initialize.push(assign(recorder, handle, zeros(recorder, shape)));
    else initialize.push(as === undefined ? set : assign(recorder, handle, given.get(as) ?? fed));
  }
  addDone(recorder, 'initialized', initialize);
  addDone(recorder, 'restored', restore);
  return added;
}

/** A tensor of zeros. */
export function zeros(recorder: Recorder, shape: number[]): string {
  const dims = recorder.reference(recorder.constant(Int32Array.from(shape), [shape.length], 'int32'));
  const zero = recorder.reference(recorder.constant(Float32Array.of(0), [], 'float32'));
  return `${recorder.emit('Fill', [dims, zero], { T: { type: DT.float }, index_type: { type: DT.int32 } })}:0`;
}

/**
 * Adds a variable that sums a value over several calls: the nodes that set it in the first (`begin`) and add to it in the others,
 * and what it holds (`before`). It is no part of the state.
 */
export function addSum(recorder: Recorder, name: string, value: T): { begin: string; add: string; before: string } {
  const handle = addVariable(recorder, `sum/${name}`, value.shape);
  const given = recorder.reference(value);
  return {
    begin: assign(recorder, handle, given),
    add: recorder.emit('AssignAddVariableOp', [handle, given], { dtype }),
    before: read(recorder, handle),
  };
}

/** A scalar that is ready when the named nodes have run: sessions fetch tensors, not operations. */
export function addDone(recorder: Recorder, name: string, after: string[]): void {
  const attr: Attr = { tensor: { dtype: DT.int32, shape: [], values: Int32Array.of(1) } };
  const inputs = after.map((node) => `^${node}`);
  recorder.emit('Const', inputs, { dtype: { type: DT.int32 }, value: attr }, name);
}

export class Session {
  private readonly binding: Binding;
  private readonly id: number;
  private readonly variables: Variable[];

  constructor(backend: NodeBackend, recorder: Recorder, variables: Variable[]) {
    this.binding = backend.binding;
    this.id = openSession(backend.binding, recorder.graph());
    this.variables = variables;
  }

  /** Sets variables: all that may change (`restored`), or those that do not start at zero (`initialized`). */
  assign(how: 'initialized' | 'restored', values: (name: string) => Float32Array): void {
    const set = this.variables.filter(({ zero, fixed, as }) =>
      how === 'restored' ? !fixed : !zero && as === undefined,
    );
    // One after another, so that the values of the first are free when the last are asked for.
    const feeds = set.map(({ name, shape }) => ({
      name: `given/${name}`,
      id: this.binding.createTensor(shape, DT.float, values(name)),
    }));
    this.fetch(feeds, [`${how}:0`]);
  }

  /** All variables that may change, copied one by one. Take them all before the next step: until then it would have to copy them too. */
  *read(): Generator<{ name: string; shape: number[]; values: Float32Array }> {
    const changing = this.variables.filter(({ fixed }) => !fixed);
    const names = changing.map(({ name }) => `read/${name}:0`).join();
    const outputs = this.binding.runSavedModel(this.id, [], '', names);
    try {
      for (const [i, { name, shape }] of changing.entries())
        yield { name, shape, values: this.binding.tensorDataSync(outputs[i].id) as Float32Array };
    } finally {
      for (const { id } of outputs) this.binding.deleteTensor(id);
    }
  }

  /** Runs the part of the graph that the fetches need; copies of the fetched tensors. */
  run(feeds: { name: string; shape: number[]; values: Values }[], fetches: string[]): Values[] {
    const made = feeds.map(({ name, shape, values }) => ({
      name,
      id: this.binding.createTensor(shape, values instanceof Float32Array ? DT.float : DT.int32, values),
    }));
    return this.fetch(made, fetches);
  }

  private fetch(feeds: { name: string; id: number }[], fetches: string[]): Values[] {
    let outputs: TensorInfo[] = [];
    try {
      const names = feeds.map(({ name }) => `${name}:0`).join();
      const inputs = feeds.map(({ id }) => id);
      outputs = this.binding.runSavedModel(this.id, inputs, names, fetches.join());
      return outputs.map(({ id }) => this.binding.tensorDataSync(id));
    } finally {
      for (const { id } of feeds) this.binding.deleteTensor(id);
      for (const { id } of outputs) this.binding.deleteTensor(id);
    }
  }

  dispose(): void {
    this.binding.deleteSavedModel(this.id);
  }
}
