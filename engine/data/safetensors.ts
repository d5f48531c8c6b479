// Safetensors: eight bytes of header length, a JSON header of dtypes, shapes and byte ranges, then the raw tensors. Implements
// `WeightFiles` of engine/nodes/context.ts.
import { createReadStream, createWriteStream } from 'node:fs';
import { readFile, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { StoredTensor, WeightFiles, WeightReader } from '../nodes/context.ts';
import { ownNames, placedShape, take } from '../nodes/families/names.ts';
import { isGguf } from '../nodes/gguf/gguf.ts';
import { InputError } from '../nodes/kind.ts';
import { bytesOf, type Entry, LARGEST_HEADER, readHeader, shardsIn, wrong } from '../nodes/safetensors.ts';
import { replaceFile } from './atomic.ts';
import { decodeBlocks } from './gguf/blocks.ts';
import { ggufTensors } from './gguf/reader.ts';

import { type FileSource, openSource } from './source.ts';

const INDEX = '.index.json';
const ALIGNMENT = 8;
const PIECE = 1 << 22;

/** A tensor, and how it is read: values into `out`, and its bytes as they are stored. */
interface Placed {
  dtype: string;
  shape: number[];
  fill(out: Float32Array): void;
  raw(): Uint8Array;
}

export const weightFiles: WeightFiles = { open: openWeights, source: openFile, write: writeWeights };

/**
 * Opens safetensors files, the shards that a `*.safetensors.index.json` names, or a GGUF file, as one set of tensors.
 * Throws InputError for a file that is truncated, contradicts itself, or repeats a tensor of another.
 */
async function openWeights(paths: string[]): Promise<WeightReader> {
  const files: FileSource[] = [];
  const found = new Map<string, Placed & { file: string }>();
  const close = (): void => {
    for (const file of files.splice(0)) file.close();
  };
  try {
    for (const path of await shards(paths)) {
      const file = openFile(path);
      files.push(file);
      for (const [name, tensor] of isGguf(path) ? ggufPlaced(file) : placed(path, file)) {
        const before = found.get(name);
        if (before) throw wrong(path, `repeats the tensor ${name} of ${before.file}`);
        found.set(name, { ...tensor, file: file.name });
      }
    }
  } catch (error) {
    close();
    throw error;
  }
  const tensors = renamed(inBlocks(found));
  const find = (name: string): Placed => {
    const tensor = tensors.get(name);
    if (tensor) return tensor;
    throw new InputError({ code: 'tensor-missing', message: `the weights have no tensor ${name}`, at: null });
  };
  return {
    tensors,
    raw: (name) => find(name).raw(),
    read(name, into) {
      const { shape, fill } = find(name);
      const out = into ?? new Float32Array(shape.reduce((product, side) => product * side, 1));
      fill(out);
      return out;
    },
    close,
  };
}

function openFile(path: string): FileSource {
  try {
    return openSource(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') throw wrong(path, 'does not exist', 'path-missing');
    throw error;
  }
}

function* placed(path: string, file: FileSource): Generator<[string, Placed]> {
  for (const [name, entry] of readHeader(path, file)) {
    const { dtype, shape } = entry;
    yield [
      name,
      {
        dtype,
        shape,
        raw: () => file.read(entry.begin, entry.end - entry.begin),
        fill(out) {
          if (!(dtype in decoders))
            throw wrong(path, `holds ${name} as ${dtype}; weights are read as ${Object.keys(decoders).join(', ')}`);
          fillValues(file, entry, out);
        },
      },
    ];
  }
}

function* ggufPlaced(file: FileSource): Generator<[string, Placed]> {
  const { tensors, fill } = ggufTensors(file);
  for (const [name, { dtype, shape, begin, end }] of tensors)
    yield [name, { dtype, shape, fill: (out) => fill(name, out), raw: () => file.read(begin, end - begin) }];
}

/** Tensors of families that store them in another form (see names.ts) as they are here. */
function renamed(tensors: Map<string, Placed>): Map<string, Placed> {
  const names = ownNames(tensors);
  if (names === null) return tensors;
  return new Map(
    [...names].map(([name, place]) => {
      const stored = tensors.get(place.stored) as Placed;
      if (place.of === 1 && !place.turned) return [name, stored];
      const fill = (out: Float32Array): void => {
        const whole = new Float32Array(stored.shape.reduce((product, side) => product * side, 1));
        stored.fill(whole);
        take(whole, stored.shape, place, out);
      };
      return [name, { ...stored, shape: placedShape(stored.shape, place), fill }];
    }),
  );
}

/** Side of the blocks that share a scale in DeepSeek-V3's files. */
const BLOCK = 128;
const INVERSE = '_scale_inv';

/** Matrices in FP8 with a factor for each block of 128 x 128, in a tensor of their own: as the products of both. */
function inBlocks<T extends Placed>(tensors: Map<string, T>): Map<string, Placed> {
  const all = new Map<string, Placed>(tensors);
  for (const [name, scales] of tensors) {
    if (!name.endsWith(INVERSE)) continue;
    const of = name.slice(0, -INVERSE.length);
    const matrix = tensors.get(of);
    if (matrix === undefined || !matrix.dtype.startsWith('F8')) continue;
    const [rows = 0, columns = 0] = matrix.shape;
    const [down = 0, across = 0] = [rows, columns].map((side) => Math.ceil(side / BLOCK));
    if (matrix.shape.length !== 2 || scales.shape.join() !== `${down},${across}`)
      throw new InputError({
        code: 'tensor-shape',
        message: `${name} has shape [${scales.shape.join(', ')}]; ${of} of shape [${matrix.shape.join(', ')}] needs [${down}, ${across}], a factor for each block of ${BLOCK} x ${BLOCK}`,
        at: null,
        note: 'other ways of storing FP8 are not read; convert the model to bfloat16 first',
      });
    all.delete(name);
    all.set(of, {
      ...matrix,
      fill(out) {
        matrix.fill(out);
        const factors = new Float32Array(down * across);
        scales.fill(factors);
        for (let i = 0; i < out.length; i++) {
          const row = Math.floor(i / columns);
          const column = i - row * columns;
          const factor = factors[(row >> 7) * across + (column >> 7)] as number;
          out[i] = (out[i] as number) * factor;
        }
      },
    });
  }
  return all;
}

/** Replaces an index file by the shards it names, each once. They lie beside it. */
async function shards(paths: string[]): Promise<string[]> {
  const found: string[] = [];
  for (const path of paths) {
    if (!path.endsWith(INDEX)) {
      found.push(path);
      continue;
    }
    if ((await stat(path)).size > LARGEST_HEADER) throw wrong(path, 'is too large for an index');
    for (const name of shardsIn(await readFile(path), path)) found.push(join(dirname(path), name));
  }
  return [...new Set(found)];
}

const decoders: Record<string, (bytes: DataView, out: Float32Array, at: number) => void> = {
  ...Object.fromEntries(
    ['F32', 'F16', 'BF16'].map((type) => [
      type,
      (bytes: DataView, out: Float32Array, at: number) => decodeBlocks(type, bytes, out, at),
    ]),
  ),
  F64: (bytes, out, at) => {
    for (let i = 0; i < bytes.byteLength; i += 8) out[at++] = bytes.getFloat64(i, true);
  },
  F8_E4M3: (bytes, out, at) => {
    for (let i = 0; i < bytes.byteLength; i++) out[at++] = eights[bytes.getUint8(i)] as number;
  },
};

/** Every number of FP8 E4M3 without infinities (Micikevicius et al., arXiv 2209.05433). */
const eights = Float32Array.from({ length: 256 }, (_, bits) => {
  const sign = bits & 128 ? -1 : 1;
  const [exponent, fraction] = [(bits >> 3) & 15, bits & 7];
  if (exponent === 15 && fraction === 7) return Number.NaN;
  return sign * (exponent === 0 ? fraction * 2 ** -9 : (1 + fraction / 8) * 2 ** (exponent - 7));
});

const littleEndian = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1;

function fillValues(file: FileSource, { dtype, begin, end }: Entry, out: Float32Array): void {
  if (dtype === 'F32' && littleEndian) {
    file.fill(new Uint8Array(out.buffer, out.byteOffset, out.byteLength), begin);
    return;
  }
  const width = bytesOf[dtype] as number;
  const decode = decoders[dtype] as (typeof decoders)[string];
  for (let at = begin; at < end; at += PIECE) {
    const bytes = file.read(at, Math.min(PIECE, end - at));
    decode(new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength), out, (at - begin) / width);
  }
}

/**
 * Writes tensors under their names, in the given order, atomically. One tensor is held at a time: they go to a file of
 * their own first, because the header, which comes before them, needs all of their sizes. Throws Error for a name given twice or
 * values that do not fill the shape (a mistake of the caller).
 */
async function writeWeights(
  path: string,
  tensors: Iterable<StoredTensor>,
  metadata?: Record<string, string>,
): Promise<void> {
  await replaceFile(path, async (temporary) => {
    const data = `${temporary}-data`;
    try {
      const header: Record<string, unknown> = metadata === undefined ? {} : { __metadata__: metadata };
      await pipeline(tensorBytes(tensors, header), createWriteStream(data));
      await pipeline(headed(header, data), createWriteStream(temporary));
    } finally {
      await rm(data, { force: true });
    }
  });
}

/** Bytes of the tensors one after another; enters them into the header. */
function* tensorBytes(tensors: Iterable<StoredTensor>, header: Record<string, unknown>): Generator<Buffer> {
  let offset = 0;
  for (const { name, shape, values, as } of tensors) {
    if (Object.hasOwn(header, name)) throw new Error(`the tensor ${name} is written twice`);
    if (shape.reduce((product, side) => product * side, 1) !== values.length) {
      throw new Error(`the tensor ${name} has ${values.length} values, not shape [${shape.join(', ')}]`);
    }
    const { dtype, bytes } = as === 'BF16' ? { dtype: as, bytes: bfloat16(values) } : plain(values);
    header[name] = { dtype, shape, data_offsets: [offset, offset + bytes.length] };
    offset += bytes.length;
    if (bytes.length > 0) yield bytes;
  }
}

function plain(values: StoredTensor['values']): { dtype: string; bytes: Buffer } {
  const bytes = Buffer.from(values.buffer, values.byteOffset, values.byteLength);
  if (values instanceof Int8Array) return { dtype: 'I8', bytes };
  if (values instanceof BigInt64Array)
    return { dtype: 'I64', bytes: littleEndian ? bytes : Buffer.from(bytes).swap64() };
  const dtype = values instanceof Int32Array ? 'I32' : 'F32';
  return { dtype, bytes: littleEndian ? bytes : Buffer.from(bytes).swap32() };
}

/** The upper halves: for values that bfloat16 holds exactly. */
function bfloat16(values: StoredTensor['values']): Buffer {
  const bytes = Buffer.alloc(values.length * 2);
  const bits = new DataView(values.buffer, values.byteOffset, values.byteLength);
  for (let i = 0; i < values.length; i++) bytes.writeUInt16LE(bits.getUint32(i * 4, littleEndian) >>> 16, i * 2);
  return bytes;
}

async function* headed(header: Record<string, unknown>, data: string): AsyncGenerator<Buffer> {
  const json = Buffer.from(JSON.stringify(header));
  // Padded with spaces, so that the tensors start at a multiple of eight.
  const start = Buffer.alloc(8 + Math.ceil(json.length / ALIGNMENT) * ALIGNMENT, ' ');
  start.writeBigUInt64LE(BigInt(start.length - 8));
  json.copy(start, 8);
  yield start;
  for await (const piece of createReadStream(data, { highWaterMark: PIECE })) yield piece as Buffer;
}
