// Between the weights of a running model and tensors under Hugging Face names: some weights hold several of those, row below row.
import type { WeightFiles, WeightReader } from './context.ts';
import { InputError } from './kind.ts';
import type { Weight } from './module.ts';
import { readStored, storedShape } from './packed.ts';
import { normals, random } from './random.ts';
import type { ModelArtifact } from './values.ts';

export interface NamedTensor {
  name: string;
  shape: number[];
  values: Float32Array;
}

const size = (shape: number[]): number => shape.reduce((a, b) => a * b, 1);

/** Hugging Face names and shapes of a weight's parts, with the row each starts at. */
export function storedParts(weight: Weight): { name: string; shape: number[]; start: number }[] {
  if (weight.parts === undefined) return [{ name: weight.name, shape: weight.shape, start: 0 }];
  let start = 0;
  return weight.parts.map(({ name, rows }) => {
    const part = { name, shape: [rows, ...weight.shape.slice(1)], start };
    start += rows;
    return part;
  });
}

/** A weight's values as tensors to be stored. */
export function* toStored(weight: Weight, values: Float32Array): Generator<NamedTensor> {
  const row = size(weight.shape.slice(1));
  for (const { name, shape, start } of storedParts(weight))
    yield { name, shape, values: values.subarray(start * row, start * row + size(shape)) };
}

/** Checks that files hold every weight in its shape. Throws InputError naming the first that is missing or differs. */
export function checkStored(weights: Weight[], reader: Pick<WeightReader, 'tensors'>, where: string, at: string): void {
  for (const weight of weights)
    for (const { name, shape } of storedParts(weight)) {
      const found = storedShape(reader, name);
      const expected = `[${shape.join(', ')}]`;
      if (found === undefined)
        throw new InputError({
          code: 'tensor-missing',
          at,
          message: `${where} has no tensor ${name} (expected with shape ${expected})`,
          note: 'the weights and config.json do not belong together, or a file of the set is missing',
        });
      if (found.join() !== shape.join())
        throw new InputError({
          code: 'tensor-shape',
          at,
          message: `${where}: tensor ${name} has shape [${found.join(', ')}], but config.json asks for ${expected}`,
          note: 'the weights and config.json do not belong together',
        });
    }
}

/** Reads a weight from the tensors it is stored as. */
export function fromStored(weight: Weight, reader: WeightReader): Float32Array {
  const values = new Float32Array(size(weight.shape));
  const row = size(weight.shape.slice(1));
  for (const { name, shape, start } of storedParts(weight))
    readStored(reader, name, values.subarray(start * row, start * row + size(shape)));
  return values;
}

/** A weight's first values: drawn by its name and the seed, whatever the other weights are. */
export function initialValues(weight: Weight, deviation: number, seed: number): Float32Array {
  const count = size(weight.shape);
  if (weight.init === 'uniform') {
    const [bound, draw] = [1 / Math.sqrt(size(weight.shape.slice(1))), random(`weight ${seed} ${weight.name}`)];
    return Float32Array.from({ length: count }, () => bound * (2 * draw() - 1));
  }
  if (weight.init === 'normal') return normals(count, deviation, random(`weight ${seed} ${weight.name}`));
  return new Float32Array(count).fill(weight.init === 'ones' ? 1 : 0);
}

/** The files of a model that stay as they are when it is trained on: those that its adapters, in the last one, stand beside. */
export function baseFiles({ architecture, weights }: ModelArtifact): string[] {
  return architecture.adapters ? weights.slice(0, -1) : [];
}

/**
 * Weights from files, as a look-up: each is read when it is asked for, once, so that no second copy of the model is ever held. The
 * files are closed when the last one was asked for.
 */
export async function openWeights(
  files: WeightFiles,
  weights: Weight[],
  paths: string[],
): Promise<(weight: Weight) => Float32Array> {
  const reader = await files.open(paths);
  const left = new Map(weights.map((weight) => [weight.name, weight]));
  return ({ name }) => {
    const weight = left.get(name);
    if (weight === undefined) throw new Error(`no values for ${name}`);
    left.delete(name);
    const values = fromStored(weight, reader);
    if (left.size === 0) reader.close();
    return values;
  };
}
