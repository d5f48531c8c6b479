// Files of MinHash signatures: one for each part of a table, its numbers lying by band, so that a band of all rows is read without
// the others. Numbers are unsigned 32-bit integers in the machine's order: the files live no longer than their step.
import { closeSync, openSync, readSync } from 'node:fs';
import type { SignaturePlace } from '../nodes/context.ts';
import type { Range } from './parts.ts';

/** Signatures of the rows of a part. */
export interface Signatures {
  /** Hashes of bands by row, two numbers each (`bandHashes` of minhash.ts); null for a row without shingles. */
  bands: (Uint32Array | null)[];
  /** By row (`sketch` of minhash.ts); null for a row without shingles. */
  sketches: (Uint32Array | null)[];
}

/** A part's file: where each row's sketch begins and the last one ends, the bands' hashes, the sketches. */
export function encodeSignatures({ bands, sketches }: Signatures, bandCount: number): Uint8Array {
  const rows = bands.length;
  const before = rows + 1 + 2 * rows * bandCount;
  const numbers = new Uint32Array(sketches.reduce((sum, sketch) => sum + (sketch?.length ?? 0), before));
  let end = 0;
  for (const [row, sketch] of sketches.entries()) {
    if (sketch) numbers.set(sketch, before + end);
    end += sketch?.length ?? 0;
    numbers[row + 1] = end;
  }
  for (const [row, hash] of bands.entries()) {
    if (hash === null) continue; // 0, 0 stands for none
    for (let band = 0; band < bandCount; band++) {
      const at = rows + 1 + 2 * (band * rows + row);
      numbers[at] = hash[2 * band] as number;
      numbers[at + 1] = hash[2 * band + 1] as number;
    }
  }
  return bytesOf(numbers);
}

export interface SignatureFiles {
  /** Rows of each file, in order. */
  readonly ranges: readonly Range[];
  /** Bands of a signature. */
  readonly bands: number;
  /** Hashes of one band for the rows of one file, two numbers each; 0, 0 for a row without shingles. */
  band(file: number, band: number): Uint32Array;
  /** Null for a row without shingles. */
  sketch(row: number): Uint32Array | null;
  close(): void;
}

/** Files kept open for reading sketches here and there. */
const MOST_OPEN = 64;

/** @param place `ranges` lie without gaps from row 0 on, `files` in their order */
export function openSignatures({ files, ranges, bands }: SignaturePlace): SignatureFiles {
  const handles = new Map<number, number>();
  const handle = (file: number): number => {
    const known = handles.get(file);
    if (known !== undefined) return known;
    if (handles.size >= MOST_OPEN) {
      const [oldest, number] = handles.entries().next().value as [number, number];
      closeSync(number);
      handles.delete(oldest);
    }
    const opened = openSync(files[file] as string, 'r');
    handles.set(file, opened);
    return opened;
  };
  return {
    ranges,
    bands,
    band(file, band) {
      const { start, end } = ranges[file] as Range;
      const rows = end - start;
      return readNumbers(handle(file), rows + 1 + 2 * rows * band, 2 * rows);
    },
    sketch(row) {
      const file = fileOf(ranges, row);
      const { start, end } = ranges[file] as Range;
      const rows = end - start;
      const [first, last] = readNumbers(handle(file), row - start, 2) as unknown as [number, number];
      return first === last ? null : readNumbers(handle(file), rows + 1 + 2 * rows * bands + first, last - first);
    },
    close() {
      for (const number of handles.values()) closeSync(number);
      handles.clear();
    },
  };
}

function fileOf(ranges: readonly Range[], row: number): number {
  let [low, high] = [0, ranges.length - 1];
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((ranges[middle] as Range).start <= row) low = middle;
    else high = middle - 1;
  }
  return low;
}

function readNumbers(handle: number, first: number, count: number): Uint32Array {
  const numbers = new Uint32Array(count);
  const bytes = bytesOf(numbers);
  for (let done = 0; done < bytes.length; ) {
    const read = readSync(handle, bytes, done, bytes.length - done, 4 * first + done);
    if (read === 0) throw new Error('a file of signatures ends too early');
    done += read;
  }
  return numbers;
}

const bytesOf = ({ buffer, byteOffset, byteLength }: Uint32Array) => new Uint8Array(buffer, byteOffset, byteLength);
