// MinHash (Broder 1997) for texts: the set of a text's shingles, hashed; the smallest hashes under many permutations, cut into
// bands whose hashes two similar texts are likely to share (locality-sensitive hashing); and a sketch of the set, to say how
// similar two texts are. Everything is arithmetic on 32-bit integers.
import { random } from '../nodes/random.ts';
import { simplifyUnits } from './simplify.ts';

export interface Shingling {
  /** What a shingle is made of: words of the simplified text, or its UTF-16 code units. */
  unit: 'word' | 'character';
  /** Units in a shingle. */
  size: number;
}

/** Random permutations of the 32-bit integers, h -> multiplier h + shift. */
export interface Permutations {
  multipliers: Int32Array;
  shifts: Int32Array;
}

const SPACE = 32;
const ROLL = 0x2c1b3c6d;

let items = new Int32Array(1 << 14);
/** Units kept for the next text; longer ones get memory of their own. */
const MOST_ITEMS = 1 << 21;

/**
 * The different shingles of a text as 32-bit hashes, ascending. A text of fewer units than a shingle has is one shingle; a text
 * without any word has none.
 */
export function shingles(text: string, { unit, size }: Shingling): Uint32Array {
  const units = simplifyUnits(text);
  if (units.length === 0) return new Uint32Array(0);
  const hashed = unit === 'word' ? hashWords(units) : hashUnits(units);
  const set = roll(hashed, Math.min(size, hashed.length)).sort();
  let count = 0;
  let last = -1;
  for (let i = 0; i < set.length; i++) {
    const hash = set[i] as number;
    if (hash !== last) set[count++] = last = hash;
  }
  return set.subarray(0, count);
}

/** A hash for each word (FNV-1a over its code units). */
function hashWords(units: Uint16Array): Int32Array {
  const hashes = room((units.length >> 1) + 1);
  let count = 0;
  let hash = 0x811c9dc5;
  for (let i = 0; i < units.length; i++) {
    const unit = units[i] as number;
    if (unit === SPACE) {
      hashes[count++] = hash;
      hash = 0x811c9dc5;
    } else hash = Math.imul(hash ^ unit, 0x01000193);
  }
  hashes[count++] = hash;
  return hashes.subarray(0, count);
}

function hashUnits(units: Uint16Array): Int32Array {
  const hashes = room(units.length);
  for (let i = 0; i < units.length; i++) hashes[i] = mix(units[i] as number);
  return hashes.subarray(0, units.length);
}

/** Hashes of all runs of `size` items: a polynomial in the items that moves on by one (Karp & Rabin 1987), then mixed. */
function roll(hashes: Int32Array, size: number): Uint32Array {
  const runs = new Uint32Array(hashes.length - size + 1);
  let leaving = 1;
  for (let i = 0; i < size; i++) leaving = Math.imul(leaving, ROLL | 1);
  let sum = 0;
  for (let i = 0; i < hashes.length; i++) {
    sum = (Math.imul(sum, ROLL | 1) + (hashes[i] as number)) | 0;
    if (i >= size) sum = (sum - Math.imul(leaving, hashes[i - size] as number)) | 0;
    if (i >= size - 1) runs[i - size + 1] = mix(sum);
  }
  return runs;
}

/** Spreads every bit over all (the finalizer of MurmurHash3). */
function mix(hash: number): number {
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return hash ^ (hash >>> 16);
}

function room(length: number): Int32Array {
  if (length > MOST_ITEMS) return new Int32Array(length);
  if (length > items.length) items = new Int32Array(Math.min(MOST_ITEMS, 2 * length));
  return items;
}

export function permutations(count: number, seed: number): Permutations {
  const draw = random(`minhash ${seed}`);
  const integer = () => (draw() * 2 ** 32) | 0;
  return {
    multipliers: Int32Array.from({ length: count }, () => integer() | 1), // odd: a permutation
    shifts: Int32Array.from({ length: count }, integer),
  };
}

/** The smallest hash (as a signed integer) of a set that is not empty, under each permutation. */
export function signature(set: Uint32Array, { multipliers, shifts }: Permutations): Int32Array {
  const smallest = new Int32Array(multipliers.length).fill(0x7fffffff);
  let k = 0;
  // Most of the time of deduplication is spent here. Four at once keep a processor's units busy: twice as fast as one by one.
  for (; k + 4 <= smallest.length; k += 4) {
    const a = multipliers[k] as number;
    const b = multipliers[k + 1] as number;
    const c = multipliers[k + 2] as number;
    const d = multipliers[k + 3] as number;
    const e = shifts[k] as number;
    const f = shifts[k + 1] as number;
    const g = shifts[k + 2] as number;
    const h = shifts[k + 3] as number;
    let leastA = 0x7fffffff;
    let leastB = 0x7fffffff;
    let leastC = 0x7fffffff;
    let leastD = 0x7fffffff;
    for (let i = 0; i < set.length; i++) {
      const hash = (set[i] as number) | 0;
      const w = (Math.imul(a, hash) + e) | 0;
      const x = (Math.imul(b, hash) + f) | 0;
      const y = (Math.imul(c, hash) + g) | 0;
      const z = (Math.imul(d, hash) + h) | 0;
      if (w < leastA) leastA = w;
      if (x < leastB) leastB = x;
      if (y < leastC) leastC = y;
      if (z < leastD) leastD = z;
    }
    smallest[k] = leastA;
    smallest[k + 1] = leastB;
    smallest[k + 2] = leastC;
    smallest[k + 3] = leastD;
  }
  for (; k < smallest.length; k++) {
    const [multiplier, shift] = [multipliers[k] as number, shifts[k] as number];
    for (const hash of set) smallest[k] = Math.min(smallest[k] as number, (Math.imul(multiplier, hash) + shift) | 0);
  }
  return smallest;
}

/** 64 bits for each band of `rows` hashes, as two integers. */
export function bandHashes(smallest: Int32Array, rows: number): Uint32Array {
  const bands = Math.floor(smallest.length / rows);
  const hashes = new Uint32Array(2 * bands);
  for (let band = 0; band < bands; band++) {
    let [low, high] = [0x9e3779b9, 0x7f4a7c15];
    for (let i = band * rows; i < (band + 1) * rows; i++) {
      low = mix(Math.imul(low, 0x01000193) ^ (smallest[i] as number));
      high = mix(Math.imul(high, 0x85ebca6b) + (smallest[i] as number));
    }
    hashes[2 * band] = low;
    hashes[2 * band + 1] = high;
  }
  return hashes;
}

/**
 * What is kept of a set to compare it: its size, then its `most` smallest hashes. As bottom-k sketch (Cohen & Kaplan 2007) of a
 * larger set it estimates similarity with a standard error of sqrt(s (1 - s) / most), at most 0.5 / sqrt(most).
 */
export function sketch(set: Uint32Array, most: number): Uint32Array {
  const kept = set.length > most ? set.subarray(0, most) : set;
  const result = new Uint32Array(1 + kept.length);
  result[0] = set.length;
  result.set(kept, 1);
  return result;
}

/** Jaccard similarity of two sets by their sketches: shared shingles among all of both. Exact where neither was cut short. */
export function similarity(a: Uint32Array, b: Uint32Array): number {
  const whole = (a[0] as number) < a.length && (b[0] as number) < b.length;
  const most = whole ? Infinity : Math.max(a.length, b.length) - 1;
  let [i, j, shared, all] = [1, 1, 0, 0];
  while (all < most && i < a.length && j < b.length) {
    const [x, y] = [a[i] as number, b[j] as number];
    if (x <= y) i++;
    if (y <= x) j++;
    if (x === y) shared++;
    all++;
  }
  // What is left of one has nothing to share.
  return shared / Math.min(most, all + (a.length - i) + (b.length - j));
}
