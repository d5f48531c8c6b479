// GGUF, the file format of llama.cpp (its document: ggml/docs/gguf.md): metadata and the places of tensors, little-endian. Everything is
// checked against the file's size before anything of that size is allocated; tensors themselves are not touched.
import { InputError } from '../kind.ts';

/** A file that is read by position. */
export interface Source {
  /** What to call it in messages. */
  name: string;
  bytes: number;
  read(at: number, length: number): Uint8Array;
}

export type Scalar = number | bigint | boolean | string;

/** A list of metadata; its entries are read when they are asked for. */
export interface List {
  count: number;
  entries(): Scalar[];
}

export interface GgufTensor {
  /** Name of its type, such as "Q4_K"; `type N` where it is unknown here. */
  type: string;
  /** Row-major, as other programs give it: the file has it the other way round. */
  shape: number[];
  /** Where its bytes lie in the file. */
  begin: number;
  end: number;
}

export interface Gguf {
  metadata: Map<string, Scalar | List>;
  tensors: Map<string, GgufTensor>;
}

/** Values in a block, and bytes of one, by the number of the type; the names are ggml's. */
const types: Record<number, { name: string; values: number; bytes: number }> = {
  0: { name: 'F32', values: 1, bytes: 4 },
  1: { name: 'F16', values: 1, bytes: 2 },
  2: { name: 'Q4_0', values: 32, bytes: 18 },
  3: { name: 'Q4_1', values: 32, bytes: 20 },
  8: { name: 'Q8_0', values: 32, bytes: 34 },
  12: { name: 'Q4_K', values: 256, bytes: 144 },
  14: { name: 'Q6_K', values: 256, bytes: 210 },
  30: { name: 'BF16', values: 1, bytes: 2 },
};
/** Types that are known by name and not read. */
const others: Record<number, string> = {
  6: 'Q5_0',
  7: 'Q5_1',
  9: 'Q8_1',
  10: 'Q2_K',
  11: 'Q3_K',
  13: 'Q5_K',
  15: 'Q8_K',
  16: 'IQ2_XXS',
  17: 'IQ2_XS',
  18: 'IQ3_XXS',
  19: 'IQ1_S',
  20: 'IQ4_NL',
  21: 'IQ3_S',
  22: 'IQ2_S',
  23: 'IQ4_XS',
  24: 'I8',
  25: 'I16',
  26: 'I32',
  27: 'I64',
  28: 'F64',
  29: 'IQ1_M',
  34: 'TQ1_0',
  35: 'TQ2_0',
  39: 'MXFP4',
};
export const readTypes = Object.values(types).map(({ name }) => name);

/** Metadata of known models takes a tenth of it. */
const LARGEST_HEADER = 256e6;
const CHUNK = 1 << 22;
const MOST_TENSORS = 1 << 17;
const MOST_KEYS = 1 << 16;

export function wrong(name: string, what: string, note = 'fetch the file again'): InputError {
  return new InputError({ code: 'weights-broken', message: `${name} ${what}`, at: 'path', note });
}

/** Bytes of the metadata types that have a fixed width; 8 is text and 9 a list. */
const widths: Record<number, number> = { 0: 1, 1: 1, 2: 2, 3: 2, 4: 4, 5: 4, 6: 4, 7: 1, 10: 8, 11: 8, 12: 8 };

const utf8 = new TextDecoder();

/** Reads forward through the beginning of a file, a chunk at a time. */
function cursor(source: Source) {
  let bytes: Uint8Array = new Uint8Array(0);
  let view = new DataView(bytes.buffer);
  let at = 0;
  /** Makes sure that the next `length` bytes are there. */
  const need = (length: number, what: string): number => {
    if (!(length <= source.bytes - at)) throw wrong(source.name, `ends within ${what}: it is cut off or damaged`);
    if (at + length > LARGEST_HEADER)
      throw wrong(source.name, `has more than ${LARGEST_HEADER} bytes before its tensors`);
    if (at + length > bytes.length) {
      const more = new Uint8Array(Math.min(source.bytes, Math.max(bytes.length * 2, at + length, CHUNK)));
      more.set(bytes);
      more.set(source.read(bytes.length, more.length - bytes.length), bytes.length);
      bytes = more;
      view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    }
    at += length;
    return at - length;
  };
  const uint32 = (what: string): number => {
    const from = need(4, what); // which may replace the view
    return view.getUint32(from, true);
  };
  /** A count or a place; more than 2^53 lies in no file. */
  const uint64 = (what: string): number => {
    const from = need(8, what);
    return Number(view.getBigUint64(from, true));
  };
  const scalar = (type: number, from: number): Scalar => {
    switch (type) {
      case 0:
        return view.getUint8(from);
      case 1:
        return view.getInt8(from);
      case 2:
        return view.getUint16(from, true);
      case 3:
        return view.getInt16(from, true);
      case 4:
        return view.getUint32(from, true);
      case 5:
        return view.getInt32(from, true);
      case 6:
        return view.getFloat32(from, true);
      case 7:
        return view.getUint8(from) !== 0;
      case 10:
        return view.getBigUint64(from, true);
      case 11:
        return view.getBigInt64(from, true);
      default:
        return view.getFloat64(from, true);
    }
  };
  const text = (what: string): string => {
    const length = uint64(what);
    const from = need(length, what);
    return utf8.decode(bytes.subarray(from, from + length));
  };
  const list = (what: string): List => {
    const type = uint32(what);
    const count = uint64(what);
    const width = type === 8 ? 8 : widths[type];
    if (width === undefined)
      throw wrong(source.name, `has a list of type ${type} in ${what}; lists of numbers and texts are read`);
    if (!(count * width <= source.bytes - at))
      throw wrong(source.name, `claims ${count} entries in ${what}, more than it has room for`);
    const from = at;
    if (type === 8) for (let i = 0; i < count; i++) need(uint64(what), what);
    else need(count * width, what);
    return {
      count,
      entries() {
        if (type !== 8) return Array.from({ length: count }, (_, i) => scalar(type, from + i * width));
        let place = from;
        return Array.from({ length: count }, () => {
          const length = Number(view.getBigUint64(place, true));
          place += 8 + length;
          return utf8.decode(bytes.subarray(place - length, place));
        });
      },
    };
  };
  return {
    place: () => at,
    uint32,
    uint64,
    text,
    value(what: string): Scalar | List {
      const type = uint32(what);
      if (type === 8) return text(what);
      if (type === 9) return list(what);
      const width = widths[type];
      if (width === undefined) throw wrong(source.name, `has metadata of the unknown type ${type} in ${what}`);
      return scalar(type, need(width, what));
    },
  };
}

/** Metadata and tensors of a file. Throws InputError for one that is cut off, lies about itself, or is no GGUF. */
export function readGguf(source: Source): Gguf {
  const { name } = source;
  const from = cursor(source);
  if (source.bytes < 24 || from.uint32('its first bytes') !== 0x46554747)
    throw wrong(name, 'is no GGUF file', 'a .gguf file as llama.cpp writes it is needed');
  const version = from.uint32('its version');
  if (version !== 2 && version !== 3) {
    const swapped = version > 0xffff;
    throw wrong(
      name,
      swapped ? 'is a big-endian GGUF file' : `is a GGUF file of version ${version}`,
      'little-endian files of versions 2 and 3 are read',
    );
  }
  const tensorCount = from.uint64('its counts');
  const keyCount = from.uint64('its counts');
  if (tensorCount > MOST_TENSORS || keyCount > MOST_KEYS)
    throw wrong(name, `claims ${tensorCount} tensors and ${keyCount} keys; ${MOST_TENSORS} and ${MOST_KEYS} are read`);
  const metadata = new Map<string, Scalar | List>();
  for (let i = 0; i < keyCount; i++) {
    const key = from.text('the name of a key');
    if (metadata.has(key)) throw wrong(name, `has the key ${key.slice(0, 80)} twice`);
    metadata.set(key, from.value(`the value of ${key.slice(0, 80)}`));
  }
  const alignment = Number(metadata.get('general.alignment') ?? 32);
  if (!Number.isInteger(alignment) || alignment < 8 || alignment > 1 << 20 || alignment % 8 !== 0)
    throw wrong(name, `aligns its tensors to ${alignment} bytes, which is no alignment`);
  const found: (Omit<GgufTensor, 'begin' | 'end'> & { name: string; offset: number; bytes: number })[] = [];
  const names = new Set<string>();
  for (let i = 0; i < tensorCount; i++) {
    const tensor = from.text('the name of a tensor');
    if (names.has(tensor)) throw wrong(name, `has the tensor ${tensor.slice(0, 80)} twice`);
    names.add(tensor);
    found.push({ name: tensor, ...entry(tensor.slice(0, 80)) });
  }
  function entry(tensor: string) {
    const axes = from.uint32(`the description of ${tensor}`);
    if (axes > 4) throw wrong(name, `gives ${tensor} ${axes} axes; there are at most 4`);
    const sides = Array.from({ length: axes }, () => from.uint64(`the shape of ${tensor}`));
    const number = from.uint32(`the type of ${tensor}`);
    const offset = from.uint64(`the place of ${tensor}`);
    const count = sides.reduce((product, side) => product * side, 1);
    if (!Number.isSafeInteger(count * 4))
      throw wrong(name, `gives ${tensor} the shape [${sides.join(', ')}], which is impossibly large`);
    const type = types[number];
    if (type === undefined) {
      const title = others[number];
      if (title === undefined) throw wrong(name, `gives ${tensor} the type ${number}, which does not exist`);
      throw wrong(
        name,
        `holds ${tensor} as ${title}; read are ${readTypes.join(', ')}`,
        `quantize it to one of these, for instance to Q4_K_M or Q8_0; other files of the same model may have it so`,
      );
    }
    if ((sides[0] ?? 1) % type.values !== 0)
      throw wrong(name, `gives ${tensor} rows of ${sides[0]} values; ${type.name} has blocks of ${type.values}`);
    return { type: type.name, shape: sides.reverse(), offset, bytes: (count / type.values) * type.bytes };
  }
  const start = Math.ceil(from.place() / alignment) * alignment;
  let last = { name: '', end: start };
  const tensors = new Map<string, GgufTensor>();
  for (const { name: tensor, type, shape, offset, bytes } of found.sort((a, b) => a.offset - b.offset)) {
    const begin = start + offset;
    const end = begin + bytes;
    if (offset % alignment !== 0) throw wrong(name, `puts ${tensor} at ${offset}, no multiple of ${alignment}`);
    if (begin < last.end) throw wrong(name, `lets ${tensor} overlap ${last.name}`);
    if (!(end <= source.bytes))
      throw wrong(
        name,
        `puts ${tensor} at bytes ${begin} to ${end}, but has ${source.bytes} in all: it is cut off or damaged`,
      );
    last = { name: tensor, end };
    tensors.set(tensor, { type, shape, begin, end });
  }
  return { metadata, tensors };
}
