// Merging the bytes of a piece with a trained vocabulary: always the pair whose merge was made first, the leftmost of equal ones.
import { byteCharacters } from './bpe.ts';
import { Pairs } from './pairs.ts';
import type { Merges, TokenizerJson } from './tokenizer-json.ts';

/** Bytes of a piece up to which looking through all of its pairs is quicker than keeping them in order. */
const SHORT = 128;
/** Above every rank. */
const NONE = 0x7fffffff;

/** Gives a function from a piece's bytes to ids. */
export function merger(model: TokenizerJson['model'], { left, right, makes }: Merges): (bytes: Uint8Array) => number[] {
  const { vocab } = model;
  const pairs = new Pairs();
  const ranks = new Int32Array(makes.length);
  // A merge given twice counts by its last place, as in the library.
  for (let rank = 0; rank < makes.length; rank++) ranks[pairs.add(left[rank] as number, right[rank] as number)] = rank;
  const rankOf = (a: number, b: number): number => {
    const pair = pairs.find(a, b);
    return pair < 0 ? NONE : (ranks[pair] as number);
  };
  const byteIds = Int32Array.from(byteCharacters, (character) => vocab[character] as number);
  const whole = model.ignore_merges === true;
  return (bytes) => {
    if (whole) {
      const entry = Array.from(bytes, (byte) => byteCharacters[byte]).join('');
      if (Object.hasOwn(vocab, entry)) return [vocab[entry] as number];
    }
    const ids = Int32Array.from(bytes, (byte) => byteIds[byte] as number);
    return bytes.length <= SHORT ? mergeShort(ids, rankOf, makes) : mergeLong(ids, rankOf, makes);
  };
}

type RankOf = (left: number, right: number) => number;

/** Looks for the next merge among all pairs each time. */
function mergeShort(ids: Int32Array, rankOf: RankOf, makes: Int32Array): number[] {
  let length = ids.length;
  const ranks = new Int32Array(length);
  for (let i = 0; i + 1 < length; i++) ranks[i] = rankOf(ids[i] as number, ids[i + 1] as number);
  for (;;) {
    let best = NONE;
    let at = -1;
    for (let i = 0; i + 1 < length; i++) {
      const rank = ranks[i] as number;
      if (rank < best) {
        best = rank;
        at = i;
      }
    }
    if (at < 0) return Array.from(ids.subarray(0, length));
    ids[at] = makes[best] as number;
    ids.copyWithin(at + 1, at + 2, length);
    ranks.copyWithin(at + 1, at + 2, length);
    length--;
    if (at > 0) ranks[at - 1] = rankOf(ids[at - 1] as number, ids[at] as number);
    if (at + 1 < length) ranks[at] = rankOf(ids[at] as number, ids[at + 1] as number);
  }
}

/** Keeps pairs in a heap by rank and place: n log n, for pieces of any length. Symbols are a chain, merged into the left one. */
function mergeLong(ids: Int32Array, rankOf: RankOf, makes: Int32Array): number[] {
  const { length } = ids;
  const next = Int32Array.from(ids, (_, i) => (i + 1 < length ? i + 1 : -1));
  const before = Int32Array.from(ids, (_, i) => i - 1);
  const heap = newHeap();
  const queue = (at: number) => {
    const right = next[at] as number;
    const rank = right < 0 ? NONE : rankOf(ids[at] as number, ids[right] as number);
    if (rank !== NONE) heap.push(rank * PLACES + at);
  };
  for (let i = 0; i < length; i++) queue(i);
  for (let item = heap.pop(); item >= 0; item = heap.pop()) {
    const at = item % PLACES;
    const rank = (item - at) / PLACES;
    const right = next[at] as number;
    // The pair is no longer there: one of its sides was merged into another.
    if ((ids[at] as number) < 0 || right < 0 || rankOf(ids[at] as number, ids[right] as number) !== rank) continue;
    ids[at] = makes[rank] as number;
    ids[right] = -1;
    const behind = next[right] as number;
    next[at] = behind;
    if (behind >= 0) before[behind] = at;
    queue(at);
    const left = before[at] as number;
    if (left >= 0) queue(left);
  }
  return Array.from(ids.filter((id) => id >= 0));
}

/** More than a piece has bytes; ranks times it are exact in a double. */
const PLACES = 2 ** 30;

/** A binary heap of numbers, the smallest first. */
function newHeap() {
  const items: number[] = [];
  return {
    push(item: number): void {
      let at = items.push(item) - 1;
      while (at > 0) {
        const up = (at - 1) >> 1;
        if ((items[up] as number) <= item) break;
        items[at] = items[up] as number;
        at = up;
      }
      items[at] = item;
    },
    /** The smallest, or -1. */
    pop(): number {
      const top = items[0];
      const item = items.pop();
      if (top === undefined || item === undefined) return -1;
      const size = items.length;
      if (size === 0) return top;
      let at = 0;
      for (;;) {
        let down = 2 * at + 1;
        if (down >= size) break;
        if (down + 1 < size && (items[down + 1] as number) < (items[down] as number)) down++;
        if (item <= (items[down] as number)) break;
        items[at] = items[down] as number;
        at = down;
      }
      items[at] = item;
      return top;
    },
  };
}
