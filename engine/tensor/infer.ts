// Running a model forward: losses, logits, and generation with a cache of what earlier positions left behind. Op by op on every
// backend: the shapes change from call to call, and single tokens are too small for the overhead to matter.
import type { Batch, Generator, InferenceSession, LayerCache, Ops, Program, Tensor, Weight } from '../nodes/module.ts';
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

  function forward(
    ids: T,
    batch: number,
    time: number,
    start: number,
    cache: (l: number) => LayerCache | null,
    starts?: Int32Array,
  ): Out {
    const ops = createOps(k, new Tape(k, false));
    const documents = starts ? ops.documents(new Value(int32(starts), false), batch, time) : null;
    const hidden = program.hidden(new Value(ids, false), {
      ops,
      batch,
      time,
      start,
      documents,
      training: false,
      weight,
      cache,
      update: () => undefined,
      report: () => undefined,
    });
    return { ops, hidden, head: weight(program.head) };
  }

  const none = (): null => null;
  const int32 = (ids: Int32Array | number[]): T => tf.tensor(ids, [ids.length], 'int32');

  return {
    loss({ ids, targets, learned, starts }: Batch, windows, time) {
      let loss = Number.NaN;
      tf.tidy(() => {
        const { ops, hidden, head } = forward(int32(ids), windows, time, 0, none, starts);
        const counts = learned ? new Value(tf.tensor1d(learned), false) : null;
        const sum = ops.headLoss(hidden, head, new Value(int32(targets), false), counts) as Value;
        const count = learned ? learned.reduce((a, b) => a + b, 0) : ids.length;
        loss = sum.data.dataSync()[0] / Math.max(1, count);
      });
      return loss;
    },
    logits(ids, batch, time) {
      let out = new Float32Array();
      tf.tidy(() => {
        const { ops, hidden, head } = forward(int32(ids), batch, time, 0, none);
        out = (ops.linear(hidden, head) as Value).data.dataSync() as Float32Array<ArrayBuffer>;
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
            const { ops, hidden, head } = forward(int32(ids), 1, ids.length, length, cache);
            const row = k.gather((hidden as Value).data, int32([ids.length - 1])); // [1, dim]
            last = (ops.linear(new Value(row, false), head) as Value).data.dataSync() as Float32Array<ArrayBuffer>;
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

interface Out {
  ops: Ops;
  /** [batch * time, dim] */
  hidden: Tensor;
  head: Value;
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
  dispose(): void {
    for (const tensor of this.rows.values()) tensor.dispose();
    this.rows.clear();
  }
}
