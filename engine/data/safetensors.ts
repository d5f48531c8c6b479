// Safetensors: eight bytes of header length, a JSON header of dtypes, shapes and byte ranges, then the raw tensors. Reading checks
// all of the header before anything of a tensor's size is allocated; a file that lies about itself is refused, never trusted.
import { createReadStream, createWriteStream } from 'node:fs';
import { type FileHandle, open, readFile, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { WeightFiles, WeightReader } from '../nodes/context.ts';
import { InputError } from '../nodes/kind.ts';
import { replaceFile } from './atomic.ts';

/** The format's own limit on the header. */
const LARGEST_HEADER = 100_000_000;
const INDEX = '.index.json';
const ALIGNMENT = 8;
const PIECE = 1 << 22;

/** Bytes of one value, for every type the format knows. */
const bytesOf: Record<string, number> = {
  BOOL: 1,
  U8: 1,
  I8: 1,
  F8_E4M3: 1,
  F8_E5M2: 1,
  I16: 2,
  U16: 2,
  F16: 2,
  BF16: 2,
  I32: 4,
  U32: 4,
  F32: 4,
  I64: 8,
  U64: 8,
  F64: 8,
};

interface Entry {
  dtype: string;
  shape: number[];
  /** Where its bytes lie in the file. */
  begin: number;
  end: number;
  file: number;
}

export const weightFiles: WeightFiles = { open: openWeights, write: writeWeights };

/**
 * Opens safetensors files, or the shards that a `*.safetensors.index.json` names, as one set of tensors.
 * Throws InputError for a file that is truncated, contradicts itself, or repeats a tensor of another.
 */
async function openWeights(paths: string[]): Promise<WeightReader> {
  const files: { path: string; handle: FileHandle }[] = [];
  const tensors = new Map<string, Entry>();
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
  return {
    tensors,
    async read(name) {
      const entry = tensors.get(name);
      if (!entry)
        throw new InputError({ code: 'tensor-missing', message: `the weights have no tensor ${name}`, at: null });
      const { path, handle } = files[entry.file] as { path: string; handle: FileHandle };
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

async function readHeader(path: string, handle: FileHandle): Promise<Map<string, Omit<Entry, 'file'>>> {
  const { size } = await handle.stat();
  if (size < ALIGNMENT) throw wrong(path, `has ${size} bytes: it is cut off, or no safetensors file`);
  const length = (await readBytes(handle, 0, 8, path)).readBigUInt64LE();
  if (length > BigInt(LARGEST_HEADER))
    throw wrong(path, `claims a header of ${length} bytes; ${LARGEST_HEADER} are allowed`);
  const start = 8 + Number(length);
  if (start > size)
    throw wrong(
      path,
      `claims a header of ${length} bytes, but has only ${size} in all: it is cut off, or no safetensors file`,
    );
  const bytes = await readBytes(handle, 8, Number(length), path);
  const header = parse(bytes, path);
  const twice = repeatedKey(bytes.toString('utf8'));
  if (twice !== null) throw wrong(path, `names the tensor ${twice} twice`);
  const entries = new Map<string, Omit<Entry, 'file'>>();
  for (const [name, value] of Object.entries(header)) {
    if (name === '__metadata__') {
      if (!isObject(value) || Object.values(value).some((v) => typeof v !== 'string'))
        throw wrong(path, 'has metadata that is no map of texts');
    } else entries.set(name, readEntry(name, value, start, size, path));
  }
  checkRanges(entries, start, size, path);
  return entries;
}

function readEntry(name: string, value: unknown, start: number, size: number, path: string): Omit<Entry, 'file'> {
  if (!isObject(value)) throw wrong(path, `describes ${name} by no object`);
  const { dtype, shape, data_offsets: offsets } = value;
  const width = typeof dtype === 'string' ? bytesOf[dtype] : undefined;
  if (width === undefined || !Object.hasOwn(bytesOf, dtype as string))
    throw wrong(path, `gives ${name} the type ${JSON.stringify(dtype)}, which does not exist`);
  if (!Array.isArray(shape) || shape.length > 16 || !shape.every(isCount)) {
    throw wrong(path, `gives ${name} the shape ${JSON.stringify(shape)}; lengths are whole numbers`);
  }
  let count = 1;
  for (const side of shape as number[]) {
    count *= side;
    if (!Number.isSafeInteger(count * width))
      throw wrong(path, `gives ${name} the shape ${JSON.stringify(shape)}, which is impossibly large`);
  }
  if (!Array.isArray(offsets) || offsets.length !== 2 || !offsets.every(isCount)) {
    throw wrong(path, `gives ${name} the offsets ${JSON.stringify(offsets)}; two whole numbers are needed`);
  }
  const [from, to] = offsets as [number, number];
  if (from > to || start + to > size) {
    throw wrong(
      path,
      `puts ${name} at bytes ${from} to ${to}, but holds ${size - start} bytes of tensors: it is cut off or damaged`,
    );
  }
  if (to - from !== count * width) {
    throw wrong(
      path,
      `gives ${name} ${to - from} bytes; ${dtype} of shape [${shape.join(', ')}] takes ${count * width}`,
    );
  }
  return { dtype: dtype as string, shape: shape as number[], begin: start + from, end: start + to };
}

/** Tensors must cover the rest of the file exactly: no overlap, no hole, nothing after them. */
function checkRanges(entries: Map<string, Omit<Entry, 'file'>>, start: number, size: number, path: string): void {
  const sorted = [...entries].sort(([, a], [, b]) => a.begin - b.begin || a.end - b.end);
  let at = start;
  let last = '';
  for (const [name, { begin, end }] of sorted) {
    if (begin < at) throw wrong(path, `lets ${name} overlap ${last}`);
    if (begin > at) throw wrong(path, `leaves a hole of ${begin - at} bytes before ${name}`);
    at = end;
    last = name;
  }
  if (at !== size) throw wrong(path, `has ${size - at} bytes after its last tensor`);
}

/** A key that the top level of a JSON object has twice (JSON.parse keeps the last silently), or null. */
function repeatedKey(json: string): string | null {
  const seen = new Set<string>();
  let depth = 0;
  // Keys and texts are the only strings; at depth 1 a string followed by a colon is a key.
  for (const [token, colon] of json.matchAll(/"(?:[^"\\]|\\.)*"(\s*:)?|[{}[\]]/gs)) {
    if (token === '{' || token === '[') depth++;
    else if (token === '}' || token === ']') depth--;
    else if (depth === 1 && colon !== undefined) {
      const key = JSON.parse(token.slice(0, token.length - colon.length)) as string;
      if (seen.has(key)) return key;
      seen.add(key);
    }
  }
  return null;
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

async function readBytes(handle: FileHandle, at: number, length: number, path: string): Promise<Buffer> {
  return fill(handle, Buffer.allocUnsafe(length), at, path);
}

async function fill(handle: FileHandle, bytes: Buffer, at: number, path: string): Promise<Buffer> {
  for (let done = 0; done < bytes.length; ) {
    const { bytesRead } = await handle.read(bytes, done, Math.min(bytes.length - done, 1 << 30), at + done);
    if (bytesRead === 0) throw wrong(path, 'became shorter while it was read');
    done += bytesRead;
  }
  return bytes;
}

/**
 * Writes float32 tensors under their names, in the given order, atomically. One tensor is held at a time: they go to a file of
 * their own first, because the header, which comes before them, needs all of their sizes. Throws Error for a name given twice or
 * values that do not fill the shape (a mistake of the caller).
 */
async function writeWeights(
  path: string,
  tensors: Iterable<{ name: string; shape: number[]; values: Float32Array }>,
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
function* tensorBytes(
  tensors: Iterable<{ name: string; shape: number[]; values: Float32Array }>,
  header: Record<string, unknown>,
): Generator<Buffer> {
  let offset = 0;
  for (const { name, shape, values } of tensors) {
    if (Object.hasOwn(header, name)) throw new Error(`the tensor ${name} is written twice`);
    if (shape.reduce((product, side) => product * side, 1) !== values.length) {
      throw new Error(`the tensor ${name} has ${values.length} values, not shape [${shape.join(', ')}]`);
    }
    header[name] = { dtype: 'F32', shape, data_offsets: [offset, offset + values.byteLength] };
    offset += values.byteLength;
    const bytes = Buffer.from(values.buffer, values.byteOffset, values.byteLength);
    if (bytes.length > 0) yield littleEndian ? bytes : Buffer.from(bytes).swap32();
  }
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

function parse(bytes: Buffer, path: string): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (error) {
    throw wrong(path, `has a header that is no JSON (${(error as Error).message})`);
  }
  if (!isObject(value)) throw wrong(path, 'has a header that is no JSON object');
  return value;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isCount(value: unknown): boolean {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

function wrong(path: string, what: string, code = 'weights-broken'): InputError {
  return new InputError({
    code,
    message: `${basename(path)} ${what}`,
    at: null,
    note: 'fetch or export the file again; weights are read from safetensors files',
  });
}
