// The header of a safetensors file, checked before anything of a tensor's size is allocated: a file that lies about itself is
// refused, never trusted.
import { ownNames, placedShape } from './families/names.ts';
import type { Source } from './gguf/header.ts';
import { InputError } from './kind.ts';

/** The format's own limit on the header. */
export const LARGEST_HEADER = 100_000_000;

/** Bytes of one value, for every type the format knows. */
export const bytesOf: Record<string, number> = {
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

export interface Entry {
  dtype: string;
  shape: number[];
  /** Where its bytes lie in the file. */
  begin: number;
  end: number;
}

/** Tensors of a file by name. Throws InputError for a file that is cut off or contradicts itself. */
export function readHeader(path: string, source: Source): Map<string, Entry> {
  const { bytes: size } = source;
  if (size < 8) throw wrong(path, `has ${size} bytes: it is cut off, or no safetensors file`);
  const head = source.read(0, 8);
  const length = new DataView(head.buffer, head.byteOffset, 8).getBigUint64(0, true);
  if (length > BigInt(LARGEST_HEADER))
    throw wrong(path, `claims a header of ${length} bytes; ${LARGEST_HEADER} are allowed`);
  const start = 8 + Number(length);
  if (start > size)
    throw wrong(
      path,
      `claims a header of ${length} bytes, but has only ${size} in all: it is cut off, or no safetensors file`,
    );
  const bytes = source.read(8, Number(length));
  const header = parse(bytes, path);
  const twice = repeatedKey(new TextDecoder().decode(bytes));
  if (twice !== null) throw wrong(path, `names the tensor ${twice} twice`);
  const entries = new Map<string, Entry>();
  for (const [name, value] of Object.entries(header)) {
    if (name === '__metadata__') {
      if (!isObject(value) || Object.values(value).some((v) => typeof v !== 'string'))
        throw wrong(path, 'has metadata that is no map of texts');
    } else entries.set(name, readEntry(name, value, start, size, path));
  }
  checkRanges(entries, start, size, path);
  return entries;
}

/**
 * What a set of files holds, under the names that its tensors have here: types and shapes, without their values.
 * Throws InputError as `readHeader`, and where two of them have a tensor of the same name.
 */
export function tensorsIn(sources: Source[]): Map<string, { dtype: string; shape: number[] }> {
  const all = new Map<string, { dtype: string; shape: number[] }>();
  const from = new Map<string, string>();
  for (const source of sources)
    for (const [name, entry] of readHeader(source.name, source)) {
      const before = from.get(name);
      if (before !== undefined) throw wrong(source.name, `repeats the tensor ${name} of ${before}`);
      from.set(name, source.name);
      all.set(name, entry);
    }
  const names = ownNames(all);
  if (names === null) return all;
  return new Map(
    [...names].map(([name, place]) => {
      const { dtype, shape } = all.get(place.stored) as { dtype: string; shape: number[] };
      return [name, { dtype, shape: placedShape(shape, place) }];
    }),
  );
}

/** The files that the text of a `*.safetensors.index.json` names, which lie beside it: each once. */
export function shardsIn(bytes: Uint8Array, path: string): string[] {
  const map = parse(bytes, path).weight_map;
  if (!isObject(map)) throw wrong(path, 'has no `weight_map`');
  const names = [...new Set(Object.values(map))].sort();
  for (const name of names)
    if (typeof name !== 'string' || /[/\\]/.test(name) || !name.endsWith('.safetensors'))
      throw wrong(path, `names ${JSON.stringify(name)}, which is no safetensors file beside it`);
  return names as string[];
}

function readEntry(name: string, value: unknown, start: number, size: number, path: string): Entry {
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
function checkRanges(entries: Map<string, Entry>, start: number, size: number, path: string): void {
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

/** A JSON object, from UTF-8. */
export function parse(bytes: Uint8Array, path: string): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (error) {
    throw wrong(path, `has a header that is no JSON (${(error as Error).message})`);
  }
  if (!isObject(value)) throw wrong(path, 'has a header that is no JSON object');
  return value;
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isCount(value: unknown): boolean {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

export function wrong(path: string, what: string, code = 'weights-broken'): InputError {
  return new InputError({
    code,
    message: `${path.replace(/^.*[/\\]/, '')} ${what}`,
    at: null,
    note: 'fetch or export the file again; weights are read from safetensors files',
  });
}
