// Running a model forward: losses, logits, and generation with a cache of what earlier positions left behind. Op by op on every
// backend, since shapes change from call to call; but where TensorFlow is there, one text is written in a graph (write.ts).
import { memoryInputs, memoryOf, tokenScores } from '../nodes/decoder.ts';
import { windowForward } from '../nodes/learning.ts';
import type {
  Generator,
  Hooks,
  InferenceSession,
  LayerCache,
  Measured,
  Memory,
  Opening,
  Output,
  Program,
  Tensor,
  Weight,
} from '../nodes/module.ts';
import type { Kernels, T, TF } from './kernels.ts';
import type { NodeBackend } from './native.ts';
import { createOps } from './ops.ts';
import { Tape, Value } from './tape.ts';
import { recordable, recordedWriter, type Writer } from './write.ts';

/** Scalars of a model for which a graph is made to write with: below, it takes longer to make than it saves. */
const worthRecording = 2e6;

const size = ({ weights }: Program): number =>
  weights.reduce((sum, { shape }) => sum + shape.reduce((a, b) => a * b, 1), 0);

/** @param values of the weights, asked for once each, when they are needed first; `backend`: TensorFlow's, where it is there */
export function inference(
  tf: TF,
  k: Kernels,
  program: Program,
  values: (weight: Weight) => Float32Array,
  backend: NodeBackend | null = null,
): InferenceSession {
  const weights = new Map<string, T>();
  let writer: Writer | null = null;

  function* given(): Iterable<Weight & { values: Float32Array }> {
    for (const weight of program.weights) yield { ...weight, values: values(weight) };
  }

  /** Takes the weights in for what is carried out op by op, if that has not happened yet. */
  function load(): void {
    if (weights.size > 0) return;
    for (const { name, shape, values: each } of writer?.weights() ?? given()) {
      const tensor = tf.keep(tf.tensor(each, shape));
      // tfjs would hold the values beside TensorFlow's copy until the tensor is first used.
      backend?.getInputTensorIds([tensor]);
      weights.set(name, tensor);
    }
  }

  function weight(name: string): Value {
    load();
    const data = weights.get(name);
    if (data === undefined) throw new Error(`the model has no weight ${name}`);
    return new Value(data, false);
  }

  /** Writes in a graph where that can be, and is worth its making; not where the weights are taken in already. */
  function recorded(opening: Opening): Generator | null {
    if (backend === null || weights.size > 0 || (opening.batch ?? 1) > 1 || !recordable(program)) return null;
    if (writer === null && size(program) < worthRecording) return null;
    writer ??= recordedWriter(backend, program, values);
    return writer.begin();
  }

  function hooks(inputs: ReadonlyMap<string, T>, cache: Hooks['cache'] = () => null): Hooks {
    return {
      ops: createOps(k, new Tape(k, false)),
      training: false,
      input(name) {
        const data = inputs.get(name);
        if (data === undefined) throw new Error(`the model was not fed with ${name}`);
        return new Value(data, false);
      },
      has: (name) => inputs.has(name),
      penalty: () => undefined,
      weight,
      cache,
      update: () => undefined,
      report: () => undefined,
    };
  }

  const int32 = (ids: Int32Array | number[]): T => tf.tensor(ids, [ids.length], 'int32');

  /** What an encoder makes of its inputs, held until it is disposed of. */
  function read(f: Hooks, batch: number, time: number): { memory: Memory; held: T[] } {
    const held: T[] = [];
    const keep = (x: Tensor): Value => {
      const kept = tf.keep((x as Value).data.clone());
      held.push(kept);
      return new Value(kept, false);
    };
    let memory: Memory | null = null;
    tf.tidy(() => {
      const padded = f.has(`${memoryInputs}starts`);
      const documents = padded ? f.ops.documents(f.input(`${memoryInputs}starts`), batch, time) : null;
      const found = memoryOf(program, f, { batch, time, documents });
      const { starts, positions, real } = found.documents ?? {};
      memory = {
        states: keep(found.states),
        time: found.time,
        documents:
          starts && positions && real ? { starts: keep(starts), positions: keep(positions), real: keep(real) } : null,
      };
    });
    if (memory === null) throw new Error('the encoder gave nothing');
    return { memory, held };
  }

  return {
    run(inputs, body) {
      let outputs: Output[] = [];
      tf.tidy(() => {
        const fed = new Map(inputs.map(({ name, shape, dtype, values }) => [name, tf.tensor(values, shape, dtype)]));
        outputs = body(hooks(fed)).map((tensor) => {
          const { data } = tensor as Value;
          return { shape: data.shape, values: data.dataSync() as Float32Array | Int32Array };
        });
      });
      return outputs;
    },
    measure({ inputs, loss }, feeds) {
      let measured: Measured | undefined;
      tf.tidy(() => {
        const fed = new Map(
          inputs
            .filter(({ name }) => name in feeds) // what training alone reads, such as draws, need not be fed
            .map(({ name, shape, dtype }) => [name, tf.tensor(feeds[name], shape, dtype)]),
        );
        const { sum, count } = loss(hooks(fed));
        const counted = typeof count === 'number' ? count : (count as Value).data.dataSync()[0];
        measured = { loss: (sum as Value).data.dataSync()[0] / Math.max(1, counted), count: counted };
      });
      if (measured === undefined) throw new Error('the loss gave no result');
      return measured;
    },
    logits(ids, batch, time) {
      let out = new Float32Array();
      tf.tidy(() => {
        const f = hooks(new Map([['ids', int32(ids)]]));
        const hidden = program.hidden(windowForward(f, batch, time, null));
        out = (tokenScores(program, f, hidden) as Value).data.dataSync() as Float32Array<ArrayBuffer>;
      });
      return out;
    },
    generator(opening = {}) {
      const written = recorded(opening);
      if (written !== null) return written;
      const { batch = 1, inputs = [], source = 0 } = opening;
      const layers = new Map<number, Cache>();
      const cache = (layer: number): LayerCache => {
        const found = layers.get(layer) ?? new Cache(k);
        layers.set(layer, found);
        return found;
      };
      const given = new Map(
        inputs.map(({ name, shape, dtype, values }) => [name, tf.keep(tf.tensor(values, shape, dtype))]),
      );
      const encoded = program.encoder && read(hooks(given), batch, source);
      const memory = encoded?.memory ?? null;
      let length = 0;
      return {
        places: program.places && program.places - (program.front?.positions ?? 0),
        get length() {
          return length;
        },
        feed(ids) {
          const time = ids.length / batch;
          let last = new Float32Array();
          tf.tidy(() => {
            const f = hooks(new Map([...given, ['ids', int32(ids)]]), cache);
            const hidden = program.hidden({ ...f, batch, time, start: length, documents: null, memory });
            const ends = Int32Array.from({ length: batch }, (_, row) => (row + 1) * time - 1);
            const rows = f.ops.embed(hidden, f.ops.constant(ends, [batch])); // [batch, dim]
            last = (tokenScores(program, f, rows) as Value).data.dataSync() as Float32Array<ArrayBuffer>;
          });
          length += time;
          return last;
        },
        dispose() {
          for (const each of layers.values()) each.dispose();
          layers.clear();
          for (const tensor of [...given.values(), ...(encoded?.held ?? [])]) tensor.dispose();
        },
      };
    },
    dispose() {
      for (const tensor of weights.values()) tensor.dispose();
      weights.clear();
      writer?.dispose();
    },
  };
}

/** Per name, the rows of all positions so far. */
class Cache implements LayerCache {
  private readonly kernels: Kernels;
  private readonly rows = new Map<string, T>();
  constructor(kernels: Kernels) {
    this.kernels = kernels;
  }
  extend(name: string, rows: Tensor): Tensor {
    const { data } = rows as Value;
    const before = this.rows.get(name);
    const all = this.kernels.keep(before === undefined ? data.clone() : this.kernels.concat([before, data], 1));
    before?.dispose();
    this.rows.set(name, all);
    return new Value(all, false);
  }
  once(name: string, make: () => Tensor): Tensor {
    const found = this.rows.get(name) ?? this.kernels.keep((make() as Value).data.clone());
    this.rows.set(name, found);
    return new Value(found, false);
  }
  dispose(): void {
    for (const tensor of this.rows.values()) tensor.dispose();
    this.rows.clear();
  }
}
