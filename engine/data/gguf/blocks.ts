// Values of GGUF's tensor types as float32: blocks of small whole numbers with scales (ggml-quants.c). Each step is rounded to float32 as
// the Python package `gguf` does it, so the values are the same to the last bit.

/** Decodes `bytes`, whole blocks of one type, into `out` from `at` on. */
type Decode = (bytes: DataView, out: Float32Array, at: number) => void;

const { fround } = Math;

/** Every binary16 as a number. */
const halves = Float32Array.from({ length: 1 << 16 }, (_, bits) => {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 31;
  const fraction = bits & 1023;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 31) return fraction ? Number.NaN : sign * Number.POSITIVE_INFINITY;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
});

const half = (bytes: DataView, at: number): number => halves[bytes.getUint16(at, true)] as number;

const decoders: Record<string, { values: number; bytes: number; decode: Decode }> = {
  F32: {
    values: 1,
    bytes: 4,
    decode(bytes, out, at) {
      for (let i = 0; i < bytes.byteLength; i += 4) out[at++] = bytes.getFloat32(i, true);
    },
  },
  F16: {
    values: 1,
    bytes: 2,
    decode(bytes, out, at) {
      for (let i = 0; i < bytes.byteLength; i += 2) out[at++] = half(bytes, i);
    },
  },
  // A bfloat16 is the upper half of a float32.
  BF16: {
    values: 1,
    bytes: 2,
    decode(bytes, out, at) {
      const bits = new Uint32Array(out.buffer, out.byteOffset, out.length);
      for (let i = 0; i < bytes.byteLength; i += 2) bits[at++] = bytes.getUint16(i, true) << 16;
    },
  },
  // A scale and 32 signed bytes.
  Q8_0: {
    values: 32,
    bytes: 34,
    decode(bytes, out, at) {
      for (let block = 0; block < bytes.byteLength; block += 34) {
        const scale = half(bytes, block);
        for (let i = 0; i < 32; i++) out[at++] = bytes.getInt8(block + 2 + i) * scale;
      }
    },
  },
  // A scale and 32 nibbles less 8: the lower ones first.
  Q4_0: {
    values: 32,
    bytes: 18,
    decode(bytes, out, at) {
      for (let block = 0; block < bytes.byteLength; block += 18, at += 32) {
        const scale = half(bytes, block);
        for (let i = 0; i < 16; i++) {
          const byte = bytes.getUint8(block + 2 + i);
          out[at + i] = ((byte & 15) - 8) * scale;
          out[at + 16 + i] = ((byte >> 4) - 8) * scale;
        }
      }
    },
  },
  // A scale, a least value and 32 nibbles.
  Q4_1: {
    values: 32,
    bytes: 20,
    decode(bytes, out, at) {
      for (let block = 0; block < bytes.byteLength; block += 20, at += 32) {
        const scale = half(bytes, block);
        const least = half(bytes, block + 2);
        for (let i = 0; i < 16; i++) {
          const byte = bytes.getUint8(block + 4 + i);
          out[at + i] = fround((byte & 15) * scale) + least;
          out[at + 16 + i] = fround((byte >> 4) * scale) + least;
        }
      }
    },
  },
  // Eight parts of 32 nibbles with a scale and a least value of 6 bits each, under two common scales.
  Q4_K: {
    values: 256,
    bytes: 144,
    decode(bytes, out, at) {
      for (let block = 0; block < bytes.byteLength; block += 144) {
        const scale = half(bytes, block);
        const least = half(bytes, block + 2);
        for (let part = 0; part < 8; part++) {
          const [low, high] = [block + 4 + (part & 3), block + 8 + (part & 3)];
          const [a, b] = [bytes.getUint8(low), bytes.getUint8(high)];
          const joint = bytes.getUint8(low + 8);
          const six = part < 4 ? a & 63 : (joint & 15) | ((a >> 2) & 48);
          const off = part < 4 ? b & 63 : (joint >> 4) | ((b >> 2) & 48);
          const [d, m] = [fround(scale * six), fround(least * off)];
          const from = block + 16 + (part >> 1) * 32;
          const shift = (part & 1) * 4;
          for (let i = 0; i < 32; i++) out[at++] = fround(d * ((bytes.getUint8(from + i) >> shift) & 15)) - m;
        }
      }
    },
  },
  // Sixteen parts of 16 numbers of 6 bits (four of them apart from two), less 32, with a signed scale each, under a common one.
  Q6_K: {
    values: 256,
    bytes: 210,
    decode(bytes, out, at) {
      for (let block = 0; block < bytes.byteLength; block += 210) {
        const scale = half(bytes, block + 208);
        for (let i = 0; i < 256; i++) {
          const [wide, within] = [i >> 7, i & 127]; // halves of 128 values
          const low = bytes.getUint8(block + wide * 64 + (within & 63)) >> ((within >> 6) * 4);
          const high = bytes.getUint8(block + 128 + wide * 32 + (within & 31)) >> ((within >> 5) * 2);
          const number = ((low & 15) | ((high & 3) << 4)) - 32;
          out[at++] = fround(scale * bytes.getInt8(block + 192 + (i >> 4))) * number;
        }
      }
    },
  },
};

/** Values in a block of a type, and its bytes; undefined for types that are not read. */
export function blockOf(type: string): { values: number; bytes: number } | undefined {
  return Object.hasOwn(decoders, type) ? decoders[type] : undefined;
}

/** Decodes whole blocks. */
export function decodeBlocks(type: string, bytes: DataView, out: Float32Array, at: number): void {
  decoders[type]?.decode(bytes, out, at);
}
