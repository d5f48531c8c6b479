// What linear layers of a model get to see on text: second moments of their inputs, and how large these are.

import { type Layout, windowForward } from './learning.ts';
import type { Batch, Documents, Hooks, InferenceSession, Input, Program, Tensor } from './module.ts';
import type { Windows } from './windows.ts';
import { emptyBatch } from './windows.ts';

/** Windows at a time. */
const windowsAtOnce = 4;

/** Evenly spread windows, a few at a time. */
export function* spread(windows: Windows, most: number): Generator<{ batch: Batch; layout: Layout }> {
  const count = Math.min(most, windows.count);
  for (let first = 0; first < count; first += windowsAtOnce) {
    const size = Math.min(windowsAtOnce, count - first);
    const batch = emptyBatch(windows, size);
    for (let row = 0; row < size; row++) windows.fill(Math.floor(((first + row) * windows.count) / count), batch, row);
    const { context, learned, documents } = windows;
    yield { batch, layout: { batch: size, context, learned, documents } };
  }
}

/**
 * Runs the model over a batch and gives, for each linear layer that is wanted, what `make` makes of its input [n, columns], padding
 * being 0.
 */
function observe(
  session: InferenceSession,
  program: Program,
  { batch, layout }: { batch: Batch; layout: Layout },
  wanted: ReadonlySet<string>,
  make: (x: Tensor, f: Hooks) => Tensor,
): Map<string, Float32Array> {
  const names: string[] = [];
  const shape = [layout.batch * layout.context];
  const inputs: (Input & { values: Int32Array })[] = [
    { name: 'ids', shape, dtype: 'int32', values: batch.ids },
    ...(batch.starts ? [{ name: 'starts', shape, dtype: 'int32' as const, values: batch.starts }] : []),
  ];
  const outputs = session.run(inputs, (f) => {
    const made: Tensor[] = [];
    const held: Documents | null = batch.starts
      ? f.ops.documents(f.input('starts'), layout.batch, layout.context)
      : null;
    const watching: Hooks = {
      ...f,
      linear(x, name, plain) {
        if (wanted.has(name) && !names.includes(name)) {
          names.push(name);
          made.push(make(held ? f.ops.mul(x, f.ops.reshape(held.real, [x.shape[0], 1])) : x, f));
        }
        return plain(x);
      },
    };
    program.hidden(windowForward(watching, layout.batch, layout.context, held));
    return made;
  });
  return new Map(names.map((name, i) => [name, outputs[i]?.values as Float32Array]));
}

/** Sum of x x^T over all inputs x of each layer: [columns, columns]. */
export async function secondMoments(
  session: InferenceSession,
  program: Program,
  windows: Windows,
  most: number,
  wanted: ReadonlySet<string>,
  pause: (done: number, total: number) => Promise<void>,
): Promise<Map<string, Float64Array>> {
  const sums = new Map<string, Float64Array>();
  let done = 0;
  for (const piece of spread(windows, most)) {
    const found = observe(session, program, piece, wanted, (x, { ops }) => {
      const rows = ops.reshape(x, [1, ...x.shape]);
      return ops.matmul(rows, rows, true, false);
    });
    for (const [name, values] of found) {
      const sum = sums.get(name) ?? new Float64Array(values.length);
      sums.set(name, sum);
      for (let i = 0; i < values.length; i++) (sum[i] as number) += values[i] as number;
    }
    done += piece.layout.batch;
    await pause(done, Math.min(most, windows.count));
  }
  return sums;
}

const bins = 4096;

/** Counts of magnitudes, in bins whose width doubles when a larger one comes. */
class Magnitudes {
  private counts = new Float64Array(bins);
  private width = 0;
  private largest = 0;
  private total = 0;

  add(values: Float32Array): void {
    for (const signed of values) {
      const value = Math.abs(signed);
      if (value === 0) continue; // padding, and nothing that a range is needed for
      if (this.width === 0) this.width = value / (bins / 2);
      while (value >= this.width * bins) this.widen();
      (this.counts[Math.floor(value / this.width)] as number)++;
      this.total++;
      if (value > this.largest) this.largest = value;
    }
  }

  private widen(): void {
    const wider = new Float64Array(bins);
    this.counts.forEach((count, i) => {
      (wider[i >> 1] as number) += count;
    });
    this.counts = wider;
    this.width *= 2;
  }

  /** The magnitude below which this share of all lies, in percent; 100: the largest. */
  percentile(percent: number): number {
    if (percent >= 100 || this.total === 0) return this.largest;
    let below = 0;
    for (let i = 0; i < bins; i++) {
      below += this.counts[i] as number;
      if (below >= (percent / 100) * this.total) return Math.min(this.largest, (i + 1) * this.width);
    }
    return this.largest;
  }
}

/** The magnitude that this percentile of each layer's inputs has. */
export async function magnitudes(
  session: InferenceSession,
  program: Program,
  windows: Windows,
  most: number,
  wanted: ReadonlySet<string>,
  percent: number,
  pause: (done: number, total: number) => Promise<void>,
): Promise<Map<string, number>> {
  const found = new Map<string, Magnitudes>();
  let done = 0;
  for (const piece of spread(windows, most)) {
    for (const [name, values] of observe(session, program, piece, wanted, (x, { ops }) => ops.scale(x, 1))) {
      const counts = found.get(name) ?? new Magnitudes();
      found.set(name, counts);
      counts.add(values);
    }
    done += piece.layout.batch;
    await pause(done, Math.min(most, windows.count));
  }
  return new Map([...found].map(([name, counts]) => [name, counts.percentile(percent)]));
}
