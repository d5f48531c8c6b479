// Safetensors: eight bytes of header length, a JSON header of dtypes, shapes and byte ranges, then the raw tensors. Implements
// `WeightFiles` of engine/nodes/context.ts.
import { createReadStream, createWriteStream } from 'node:fs';
import { type FileHandle, open, readFile, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { StoredTensor, WeightFiles, WeightReader } from '../nodes/context.ts';
import { InputError } from '../nodes/kind.ts';
import { replaceFile } from './atomic.ts';
import {
  bytesOf,
  type Entry,
  fill,
  isObject,
  LARGEST_HEADER,
  parse,
  readBytes,
  readHeader,
  wrong,
} from './safetensors-header.ts';

const INDEX = '.index.json';
const ALIGNMENT = 8;
const PIECE = 1 << 22;

/** A tensor, and which of the files holds it. */
interface Placed extends Entry {
  file: number;
}

export const weightFiles: WeightFiles = { open: openWeights, write: writeWeights };

/**
 * Opens safetensors files, or the shards that a `*.safetensors.index.json` names, as one set of tensors.
 * Throws InputError for a file that is truncated, contradicts itself, or repeats a tensor of another.
 */
async function openWeights(paths: string[]): Promise<WeightReader> {
  const files: { path: string; handle: FileHandle }[] = [];
  const tensors = new Map<string, Placed>();
  const close = async () => {
    await Promise.all(files.map(({ handle }) => handle.close()));
  };
  try {
    for (const path of await shards(paths)) {
      const handle = await open(path, 'r').catch((error: NodeJS.ErrnoException) => {
        throw error.code === 'ENOENT' ? wrong(path, 'does not exist', 'path-missing') : error;
      });
      files.push({ path, handle });
      for (const [name, entry] of await readHeader(path, handle)) {
        const before = tensors.get(name);
        if (before) throw wrong(path, `repeats the tensor ${name} of ${basename(files[before.file]?.path ?? '')}`);
        tensors.set(name, { ...entry, file: files.length - 1 });
      }
    }
  } catch (error) {
    await close();
    throw error;
  }
  const find = (name: string): { entry: Placed; path: string; handle: FileHandle } => {
    const entry = tensors.get(name);
    if (!entry)
      throw new InputError({ code: 'tensor-missing', message: `the weights have no tensor ${name}`, at: null });
    return { entry, ...(files[entry.file] as { path: string; handle: FileHandle }) };
  };
  return {
    tensors,
    async raw(name) {
      const { entry, path, handle } = find(name);
      return readBytes(handle, entry.begin, entry.end - entry.begin, path);
    },
    async read(name) {
      const { entry, path, handle } = find(name);
      if (!(entry.dtype in decoders)) {
        throw wrong(path, `holds ${name} as ${entry.dtype}; weights are read as F32, F16, BF16 or F64`);
      }
      return readValues(handle, entry, path);
    },
    close,
  };
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
    const map = (parse(await readFile(path), path) as { weight_map?: unknown }).weight_map;
    if (!isObject(map)) throw wrong(path, 'has no `weight_map`');
    const names = new Set(Object.values(map));
    for (const name of [...names].sort()) {
      if (typeof name !== 'string' || basename(name) !== name || !name.endsWith('.safetensors')) {
        throw wrong(path, `names ${JSON.stringify(name)}, which is no safetensors file beside it`);
      }
      found.push(join(dirname(path), name));
    }
  }
  return [...new Set(found)];
}

const decoders: Record<string, (bytes: Buffer, out: Float32Array, at: number) => void> = {
  F32: (bytes, out, at) => {
    for (let i = 0; i < bytes.length; i += 4) out[at++] = bytes.readFloatLE(i);
  },
  F64: (bytes, out, at) => {
    for (let i = 0; i < bytes.length; i += 8) out[at++] = bytes.readDoubleLE(i);
  },
  // A bfloat16 is the upper half of a float32.
  BF16: (bytes, out, at) => {
    const bits = new Uint32Array(out.buffer, out.byteOffset, out.length);
    for (let i = 0; i < bytes.length; i += 2) bits[at++] = bytes.readUInt16LE(i) << 16;
  },
  F16: (bytes, out, at) => {
    for (let i = 0; i < bytes.length; i += 2) out[at++] = half(bytes.readUInt16LE(i));
  },
};

/** IEEE 754 binary16. */
function half(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 31;
  const fraction = bits & 1023;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 31) return fraction ? Number.NaN : sign * Number.POSITIVE_INFINITY;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

const littleEndian = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1;

async function readValues(handle: FileHandle, entry: Entry, path: string): Promise<Float32Array> {
  const width = bytesOf[entry.dtype] as number;
  const values = new Float32Array((entry.end - entry.begin) / width);
  if (entry.dtype === 'F32' && littleEndian) {
    await fill(handle, Buffer.from(values.buffer), entry.begin, path);
    return values;
  }
  const decode = decoders[entry.dtype] as (typeof decoders)[string];
  for (let at = entry.begin; at < entry.end; at += PIECE) {
    const bytes = await readBytes(handle, at, Math.min(PIECE, entry.end - at), path);
    decode(bytes, values, (at - entry.begin) / width);
  }
  return values;
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
