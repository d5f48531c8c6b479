// Rounded weights on disk, named and packed as compressed-tensors does (its formats int-quantized and pack-quantized): 8 bits as
// `X.weight` int8 [rows, columns] beside `X.weight_scale` [rows, 1]; 4 bits as `X.weight_packed` int32 [rows, columns / 8] beside
// `X.weight_scale` [rows, groups] and `X.weight_shape`.
import type { StoredTensor, WeightReader } from './context.ts';
import { InputError } from './kind.ts';
import { pack, type Rounded, restored, unpack } from './rounding.ts';

/** A linear layer's name: that of its weight without the ending. */
export const stemOf = (name: string): string => name.replace(/\.weight$/, '');

/** A rounded weight of this name as tensors to be stored. */
export function* packed(name: string, rounded: Rounded): Generator<StoredTensor> {
  const { bits, rows, columns, group, numbers, scales } = rounded;
  const stem = stemOf(name);
  if (bits === 8) yield { name: `${stem}.weight`, shape: [rows, columns], values: numbers };
  else {
    yield { name: `${stem}.weight_packed`, shape: [rows, columns / 8], values: pack(rounded) };
    yield { name: `${stem}.weight_shape`, shape: [2], values: BigInt64Array.of(BigInt(rows), BigInt(columns)) };
  }
  yield { name: `${stem}.weight_scale`, shape: [rows, columns / group], values: scales, as: 'BF16' };
}

/** Bytes a rounded weight takes on disk. */
export function packedBytes({ bits, rows, columns, scales }: Rounded): number {
  return (rows * columns * bits) / 8 + 2 * scales.length + (bits === 4 ? 16 : 0);
}

/** The shape of a weight, rounded or not; undefined where there is none of this name. */
export function storedShape({ tensors }: Pick<WeightReader, 'tensors'>, name: string): number[] | undefined {
  const words = tensors.get(`${stemOf(name)}.weight_packed`);
  if (words === undefined) return tensors.get(name)?.shape;
  const [rows = 0, count = 0] = words.shape;
  return [rows, count * 8];
}

/** Reads a weight, rounded or not, as float32, into `into`. Throws InputError where a rounded one lacks its scales, or they do not fit. */
export function readStored(reader: WeightReader, name: string, into: Float32Array): void {
  const rounded = readRounded(reader, name);
  if (rounded === null) reader.read(name, into);
  else into.set(restored(rounded));
}

/** A rounded weight as it is stored; null for others. Throws InputError where it lacks its scales, or they do not fit. */
export function readRounded(reader: WeightReader, name: string): Rounded | null {
  const stem = stemOf(name);
  const words = reader.tensors.has(`${stem}.weight_packed`);
  if (!words && reader.tensors.get(name)?.dtype !== 'I8') return null;
  const [rows = 0, columns = 0] = storedShape(reader, name) ?? [];
  const found = reader.tensors.get(`${stem}.weight_scale`)?.shape ?? [];
  const groups = found.length === 2 && found[0] === rows ? (found[1] as number) : 0;
  if (groups === 0 || columns % groups !== 0)
    throw new InputError({
      code: 'tensor-shape',
      at: null,
      message: `the weights hold ${stem} in fewer bits, but their ${stem}.weight_scale ${found.length === 0 ? 'is missing' : `has shape [${found.join(', ')}], which does not fit [${rows}, ${columns}]`}`,
      note: 'the file is damaged, or was rounded in a way that is not read here',
    });
  const bytes = reader.raw(words ? `${stem}.weight_packed` : name);
  const own = bytes.slice(); // aligned
  const numbers = words
    ? unpack(new Int32Array(own.buffer), rows, columns)
    : new Int8Array(own.buffer, own.byteOffset, own.length);
  return {
    bits: words ? 4 : 8,
    rows,
    columns,
    group: columns / groups,
    numbers,
    scales: reader.read(`${stem}.weight_scale`),
  };
}
