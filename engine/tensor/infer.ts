// Running a model forward: losses, logits, and generation with a cache of what earlier positions left behind. Op by op on every
// backend: the shapes change from call to call, and single tokens are too small for the overhead to matter.
import { windowForward } from '../nodes/learning.ts';
import type {
  Generator,
  Hooks,
  InferenceSession,
  LayerCache,
  Measured,
  Output,
  Program,
  Tensor,
  Weight,
} from '../nodes/module.ts';
import type { Kernels, T, TF } from './kernels.ts';
import { createOps } from './ops.ts';
import { Tape, Value } from './tape.ts';

export function inference(
  tf: TF,
  k: Kernels,
  program: Program,
  values: (weight: Weight) => Float32Array,
): InferenceSession {
  const weights = new Map(program.weights.map((w) => [w.name, tf.keep(tf.tensor(values(w), w.shape))]));

  function weight(name: string): Value {
    const data = weights.get(name);
    if (data === undefined) throw new Error(`the model has no weight ${name}`);
    return new Value(data, false);
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
  /** The weight whose product with hidden states gives logits. */
  function head(): Value {
    if (program.head === null) throw new Error('only a model with an lm_head has logits');
    return weight(program.head);
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
        const fed = new Map(inputs.map(({ name, shape, dtype }) => [name, tf.tensor(feeds[name], shape, dtype)]));
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
        out = (f.ops.linear(hidden, head()) as Value).data.dataSync() as Float32Array<ArrayBuffer>;
      });
      return out;
    },
    generator(): Generator {
      const layers = new Map<number, Cache>();
      let length = 0;
      return {
        get length() {
          return length;
        },
        feed(ids) {
          let last = new Float32Array();
          tf.tidy(() => {
            const cache = (layer: number): LayerCache => {
              const found = layers.get(layer) ?? new Cache(k);
              layers.set(layer, found);
              return found;
            };
            const f = hooks(new Map([['ids', int32(ids)]]), cache);
            const hidden = program.hidden({ ...f, batch: 1, time: ids.length, start: length, documents: null });
            const row = k.gather((hidden as Value).data, int32([ids.length - 1])); // [1, dim]
            last = (f.ops.linear(new Value(row, false), head()) as Value).data.dataSync() as Float32Array<ArrayBuffer>;
          });
          length += ids.length;
          return last;
        },
        dispose() {
          for (const cache of layers.values()) cache.dispose();
          layers.clear();
        },
      };
    },
    dispose() {
      for (const tensor of weights.values()) tensor.dispose();
      weights.clear();
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
