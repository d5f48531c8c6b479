// Reverse-mode differentiation over a handful of large operations: each records how to turn the gradients of its outputs into
// those of its inputs. Much less to keep and to run than a tape over single tfjs ops.
import type { Tensor } from '../nodes/module.ts';
import type { Kernels, T } from './kernels.ts';

/** A tensor with a place on the tape. */
export class Value implements Tensor {
  readonly data: T;
  /** Whether a gradient reaches it. */
  readonly tracked: boolean;
  /** Computes `data` again from what is kept anyway. */
  readonly remake: (() => T) | null;
  constructor(data: T, tracked: boolean, remake: (() => T) | null = null) {
    this.data = data;
    this.tracked = tracked;
    this.remake = remake;
  }
  get shape(): number[] {
    return this.data.shape;
  }
  get dtype(): string {
    return this.data.dtype;
  }
}

interface Entry {
  inputs: Value[];
  outputs: Value[];
  /** Freed once the entry's gradients are known. */
  saved: T[];
  backward(gradients: T[]): (T | null)[];
}

export interface Operation {
  outputs: T[];
  /** Computes the first output again, where that is cheaper than keeping it. */
  remake?: () => T;
  /** What the backward pass needs besides inputs and outputs. */
  saved?: T[];
  /** Gradients of the outputs -> those of the inputs, null where none flows. Each must be a tensor of its own (clone to pass one on). */
  backward(gradients: T[]): (T | null)[];
}

export class Tape {
  readonly kernels: Kernels;
  private entries: Entry[] | null;
  private seed: T | null = null;
  /** What all gradients are multiplied with, so that small ones are not lost in float16; null: nothing. */
  private readonly scale: T | null;
  private readonly apart: boolean;
  /** While a segment runs forward: what it reads of what is outside. */
  private read: Set<Value> | null = null;
  private again = false;

  /**
   * With `record` false nothing is kept: for inference.
   * @param apart keep what the backward pass computes of values of the forward pass (a cast of them) from being merged with what the
   *   forward pass computed of them, which would be held until then
   */
  constructor(
    kernels: Kernels,
    record: boolean,
    { apart = false, scale = null }: { apart?: boolean; scale?: T | null } = {},
  ) {
    this.kernels = kernels;
    this.apart = apart;
    this.scale = scale;
    this.entries = record ? [] : null;
  }

  get recording(): boolean {
    return this.entries !== null;
  }

  /** Whether what runs has run before: a segment's second pass. */
  get repeating(): boolean {
    return this.again;
  }

  /** A gradient that was computed ahead of the backward pass, as that begins with it. */
  ahead(gradient: T): T {
    return this.scale === null ? gradient : this.kernels.mul(gradient, this.scale);
  }

  /** Such a gradient times that of the result. Where the result is the whole loss there is nothing to multiply with. */
  times(ahead: T, gradient: T): T {
    if (gradient === this.seed) return ahead.clone();
    return this.kernels.mul(ahead, this.scale === null ? gradient : this.kernels.div(gradient, this.scale));
  }

  /** Runs an operation and notes its backward pass if any input is tracked. */
  apply(inputs: Value[], operation: () => Operation): Value[] {
    const tracked = this.entries !== null && inputs.some((input) => input.tracked);
    if (this.read !== null) for (const input of inputs) if (input.tracked) this.read.add(input);
    // What tidy must not free is what it returns: outputs, and saved tensors where there will be a backward pass.
    let backward: Operation['backward'] | null = null;
    let remake: (() => T) | null = null;
    const kept = this.kernels.tidy(() => {
      const { outputs, saved = [], ...passes } = operation();
      backward = passes.backward;
      remake = passes.remake ?? null;
      return { outputs, saved: tracked ? saved : [] };
    });
    const outputs = kept.outputs.map((data, i) => new Value(data, tracked, i === 0 ? remake : null));
    if (tracked && backward !== null) this.entries?.push({ inputs, outputs, saved: kept.saved, backward });
    return outputs;
  }

  /**
   * Runs `body` without keeping what its backward pass needs: all of it is computed once more when the backward pass comes to it (Chen
   * et al. 2016, arXiv 1604.06174). What it reads of outside is found out by itself.
   * @param aside tensors that `body` leaves elsewhere in its first pass
   */
  segment(body: () => Value[], aside: () => T[] = () => []): Value[] {
    const { entries } = this;
    if (entries === null) return body();
    const read = new Set<Value>();
    this.entries = null;
    this.read = read;
    // Nothing that is computed in it is tracked: every tracked value that it reads comes from outside.
    const { outputs } = this.kernels.tidy(() => ({ outputs: body().map(({ data }) => data), aside: aside() }));
    this.read = null;
    this.entries = entries;
    const inputs = [...read];
    const given = outputs.map((data) => new Value(data, inputs.length > 0));
    const repeat = (gradients: T[]): (T | null)[] => {
      const outer = this.entries;
      this.entries = [];
      this.again = true;
      const made = body();
      const flows = this.flow(new Map(made.map((output, i) => [output, gradients[i].clone()])), inputs);
      this.again = false;
      this.entries = outer;
      return flows;
    };
    // When recording, the control dependency keeps TensorFlow from merging the second pass with the first, and from beginning early.
    const backward = (gradients: T[]): (T | null)[] => this.kernels.following(gradients[0], () => repeat(gradients));
    if (inputs.length > 0) entries.push({ inputs, outputs: given, saved: [], backward });
    return given;
  }

  /**
   * Gradients of `loss` (seeded with `seed`, the scale or a scalar 1) with respect to `wanted`, in order; null where none flows.
   * Empties the tape.
   */
  gradients(loss: Value, seed: T, wanted: Value[]): (T | null)[] {
    this.seed = seed;
    return this.flow(new Map([[loss, seed]]), wanted);
  }

  private flow(gradients: Map<Value, T>, wanted: Value[]): (T | null)[] {
    const keep = new Set(wanted);
    const entries = this.entries ?? [];
    for (let entry = entries.pop(); entry !== undefined; entry = entries.pop()) {
      const { inputs, outputs, saved, backward } = entry;
      if (outputs.some((output) => gradients.has(output))) {
        const incoming = outputs.map((output) => gradients.get(output) ?? this.zeros(output.data));
        const flow = (): T[] => backward(incoming) as T[];
        const results = this.kernels.tidy(() =>
          this.apart ? this.kernels.following(incoming[0], flow) : flow(),
        ) as (T | null)[];
        inputs.forEach((input, i) => {
          const gradient = results[i];
          if (gradient === null) return;
          if (!input.tracked) return gradient.dispose();
          const before = gradients.get(input);
          if (before === undefined) return void gradients.set(input, gradient);
          gradients.set(input, this.kernels.add(before, gradient));
          before.dispose();
          gradient.dispose();
        });
        outputs.forEach((output, i) => {
          if (keep.has(output)) return;
          incoming[i].dispose();
          gradients.delete(output);
        });
      }
      for (const tensor of saved) tensor.dispose();
    }
    return wanted.map((value) => gradients.get(value) ?? null);
  }

  private zeros(like: T): T {
    const { constant, tile, tidy } = this.kernels;
    const ones = like.shape.map(() => 1);
    return tidy(() => tile(constant(new Float32Array(1), ones, 'float32'), like.shape));
  }
}
