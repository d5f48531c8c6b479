// One TensorFlow graph session with its variables: weights and optimizer state live in it from the first step to the last.
import { type Attr, type Binding, DT, openSession, type TensorInfo } from './graphdef.ts';
import type { Values } from './kernels.ts';
import type { NodeBackend } from './native.ts';
import type { Recorder } from './record.ts';

export interface Variable {
  name: string;
  shape: number[];
}

/** Adds a variable to the graph being recorded: its handle, its value, and nodes that set it. Returns `handle` and `value` references. */
export function addVariable(recorder: Recorder, { name, shape }: Variable): { handle: string; value: string } {
  const dtype: Attr = { type: DT.float };
  const handle = `${recorder.emit(
    'VarHandleOp',
    [],
    { dtype, shape: { shape }, shared_name: { text: name }, container: { text: '' } },
    `variable/${name}`,
  )}:0`;
  const value = `${recorder.emit('ReadVariableOp', [handle], { dtype }, `read/${name}`)}:0`;
  const given = recorder.emit('Placeholder', [], { dtype, shape: { shape } }, `given/${name}`);
  const assign = recorder.emit(
    'AssignVariableOp',
    [handle, `${given}:0`],
    { dtype, validate_shape: { bool: false } },
    `assign/${name}`,
  );
  addDone(recorder, `assigned/${name}`, [assign]);
  return { handle, value };
}

/** A scalar that is ready when the named nodes have run: sessions fetch tensors, not operations. */
export function addDone(recorder: Recorder, name: string, after: string[]): void {
  const attr: Attr = { tensor: { dtype: DT.int32, shape: [], values: Int32Array.of(1) } };
  recorder.emit(
    'Const',
    after.map((node) => `^${node}`),
    { dtype: { type: DT.int32 }, value: attr },
    name,
  );
}

export class Session {
  private readonly binding: Binding;
  private readonly id: number;

  constructor(backend: NodeBackend, recorder: Recorder) {
    this.binding = backend.binding;
    this.id = openSession(backend.binding, recorder.graph());
  }

  /** Sets a variable. */
  assign({ name, shape }: Variable, values: Float32Array): void {
    this.run([{ name: `given/${name}`, shape, values }], [`assigned/${name}:0`]);
  }

  /** A variable's value, copied. */
  read(name: string): Float32Array {
    return this.run([], [`read/${name}:0`])[0] as Float32Array;
  }

  /** Runs the part of the graph that the fetches need; copies of the fetched tensors. */
  run(feeds: { name: string; shape: number[]; values: Values }[], fetches: string[]): Values[] {
    const inputs = feeds.map(({ shape, values }) =>
      this.binding.createTensor(shape, values instanceof Float32Array ? DT.float : DT.int32, values),
    );
    let outputs: TensorInfo[] = [];
    try {
      const names = feeds.map(({ name }) => `${name}:0`).join();
      outputs = this.binding.runSavedModel(this.id, inputs, names, fetches.join());
      return outputs.map(({ id }) => this.binding.tensorDataSync(id));
    } finally {
      for (const id of inputs) this.binding.deleteTensor(id);
      for (const { id } of outputs) this.binding.deleteTensor(id);
    }
  }

  dispose(): void {
    this.binding.deleteSavedModel(this.id);
  }
}
