// LoRA (Hu et al., arXiv 2106.09685): beside a linear layer W stand two narrow ones, and the layer gives W x + scale B A x. W stays as
// it is; only A and B learn. A model with adapters is the plain one with another hook at its linear layers.
import { draw } from './draw.ts';
import type { Hooks, Program, Weight } from './module.ts';
import type { Ops, Tensor } from './ops.ts';
import type { Adapters } from './values.ts';
import { storedParts } from './weights.ts';

/** A linear layer under the name it has on disk. Several of them may lie in one weight, row below row. */
interface Layer {
  /** Full name, without `.weight`. */
  name: string;
  rows: number;
  columns: number;
}

/** Matrices that are no linear layers, beside those of a `use`: places and segments, routers, and experts, which work on rows of their own. */
const others = /(?:^|\.)(?:wpe|\w+_embeddings|gate)\.weight$|\.experts\.\d+\./;

/** Layers of one weight, in the order of their rows; none where it is no linear layer. */
function layersOf(weight: Weight): Layer[] {
  const { name, shape, use } = weight;
  if (shape.length !== 2 || use !== undefined || !name.endsWith('.weight') || others.test(name)) return [];
  return storedParts(weight).map((part) => ({ name: stem(part.name), rows: part.shape[0], columns: part.shape[1] }));
}

const stem = (name: string): string => name.slice(0, -'.weight'.length);

/** Names of the linear layers that adapters can stand beside: all that go through `Forward.linear`. */
export function linearLayers(weights: Weight[]): string[] {
  return weights.flatMap((weight) => layersOf(weight).map(({ name }) => name));
}

/** Whether a target means a layer: by its full name, or by the end of it, as peft has it. */
export function means(target: string, layer: string): boolean {
  return target === layer || layer.endsWith(`.${target}`);
}

const adapts = ({ targets }: Adapters, { name }: Layer): boolean => targets.some((target) => means(target, name));

const nameA = (layer: string): string => `${layer}.lora_A.weight`;
const nameB = (layer: string): string => `${layer}.lora_B.weight`;

/** The weights that adapters add to a model's: A [rank, columns] and B [rows, rank] of each layer. B starts at zero. */
export function adapterWeights(weights: Weight[], adapters: Adapters): Weight[] {
  return weights.flatMap(layersOf).flatMap((layer): Weight[] => {
    if (!adapts(adapters, layer)) return [];
    const { name, rows, columns } = layer;
    return [
      { name: nameA(name), shape: [adapters.rank, columns], init: 'uniform', trained: true },
      { name: nameB(name), shape: [rows, adapters.rank], init: 'zeros', trained: true },
    ];
  });
}

/** The layers of a weight, and which of them have an adapter. */
type Beside = (Layer & { adapted: boolean })[];

/** The same model with adapters beside its linear layers, which alone learn. */
export function adapted(program: Program, adapters: Adapters): Program {
  const { scale, dropout } = adapters;
  const beside = new Map<string, Beside>();
  for (const weight of program.weights) {
    const layers = layersOf(weight).map((layer) => ({ ...layer, adapted: adapts(adapters, layer) }));
    if (layers.some((layer) => layer.adapted)) beside.set(stem(weight.name), layers);
  }
  /** What is computed with adapters beside the layers. */
  const within = <F extends Hooks>(f: F): F => ({
    ...f,
    update: () => undefined, // such as the router's bias: the base stays as it is
    linear(x, name, plain) {
      const base = f.linear ? f.linear(x, name, plain) : plain(x);
      const layers = beside.get(name);
      if (layers === undefined) return base;
      const { a, b } = factors(f, layers, scale);
      const dropped = f.ops.dropout(x, draw(f, dropout, `${name}.lora`));
      return f.ops.add(base, f.ops.linear(f.ops.linear(dropped, a), b));
    },
    matrix(name, plain) {
      const base = f.matrix ? f.matrix(name, plain) : plain();
      const layers = beside.get(name);
      if (layers === undefined) return base;
      const { a, b } = factors(f, layers, scale);
      return f.ops.add(base, f.ops.matmul(b, a));
    },
  });
  const changed = (program: Program): Program => {
    const { further, encoder } = program;
    return {
      ...program,
      hidden: (f) => program.hidden(within(f)),
      top: (f, rows) => program.top(within(f), rows),
      answer: (f, hidden) => program.answer(within(f), hidden),
      further: further && { ...further, module: (f, ...given) => further.module(within(f), ...given) },
      encoder: encoder && changed(encoder),
    };
  };
  return {
    ...changed(program),
    draws: program.draws || dropout > 0,
    weights: [
      ...program.weights.map((weight) => ({ ...weight, trained: false, frozen: true })),
      ...adapterWeights(program.weights, adapters),
    ],
  };
}

/**
 * A and scaled B of all the layers of a weight together: A [k rank, columns] of the k that have an adapter below each other, B
 * [rows, k rank] with each one's in its own rows and columns, zeros elsewhere.
 */
function factors({ ops, weight }: Hooks, layers: Beside, scale: number): { a: Tensor; b: Tensor } {
  const those = layers.filter((layer) => layer.adapted);
  const as = those.map(({ name }) => weight(nameA(name)));
  const [rank] = as[0].shape;
  const bands = layers.map((layer) => {
    const at = those.indexOf(layer);
    if (at < 0) return zeros(ops, [layer.rows, those.length * rank]);
    const b = weight(nameB(layer.name));
    const [before, after] = [at, those.length - at - 1].map((count) => count * rank);
    const wide = [before, after].map((width) => (width > 0 ? [zeros(ops, [layer.rows, width])] : []));
    return wide.every((zeros) => zeros.length === 0) ? b : ops.concat([...wide[0], b, ...wide[1]], 1);
  });
  const b = bands.length === 1 ? bands[0] : ops.concat(bands, 0);
  return { a: as.length === 1 ? as[0] : ops.concat(as, 0), b: ops.scale(b, scale) };
}

/**
 * Adds scale B A to the rows of a weight that its adapted layers have, in place.
 * @param read values of an adapter's weight by name
 */
export function mergeInto(
  weight: Weight,
  values: Float32Array,
  adapters: Adapters,
  read: (name: string) => Float32Array,
): void {
  const { rank, scale } = adapters;
  let start = 0;
  for (const layer of layersOf(weight)) {
    const { name, rows, columns } = layer;
    if (adapts(adapters, layer)) {
      const [a, b] = [read(nameA(name)), read(nameB(name))];
      for (let row = 0; row < rows; row++) {
        const out = values.subarray((start + row) * columns, (start + row + 1) * columns);
        for (let r = 0; r < rank; r++) {
          const factor = scale * b[row * rank + r];
          const from = r * columns;
          for (let column = 0; column < columns; column++) out[column] += factor * a[from + column];
        }
      }
    }
    start += rows;
  }
}

function zeros(ops: Ops, shape: number[]): Tensor {
  return ops.constant(new Float32Array(shape.reduce((a, b) => a * b, 1)), shape);
}
