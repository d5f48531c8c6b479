// Trains a byte-level BPE vocabulary (Sennrich et al. 2016; bytes as in GPT-2). Merges and ids are those of Hugging Face's trainer.
// All that grows with the text lies in flat arrays: about a hundred bytes for each different piece.
import { grown, Pairs } from './pairs.ts';

/** Characters that stand for the bytes 0 .. 255 in a vocabulary: printable ones for themselves, the others from U+0100 on. */
export const byteCharacters: readonly string[] = (() => {
  const printable = (byte: number) => (byte >= 33 && byte <= 126) || (byte >= 161 && byte <= 172) || byte >= 174;
  let next = 256;
  return Array.from({ length: 256 }, (_, byte) => String.fromCharCode(printable(byte) ? byte : next++));
})();

export interface Vocabulary {
  /** By id: special tokens, the 256 bytes in the order of their characters, merged entries in the order of their making. */
  entries: string[];
  merges: [string, string][];
}

/** Different pieces of text, and how often each occurs. */
export class Words {
  count = 0;
  /** Bytes of the words, one after another. */
  bytes = new Uint8Array(1 << 16);
  /** Where each word begins; behind the last, where it ends. */
  starts = new Uint32Array(1 << 12);
  weights = new Float64Array(1 << 12);

  /** Adds a piece that was not added before. Those of one byte have nothing to merge. */
  add(bytes: Uint8Array, weight: number): void {
    if (bytes.length < 2) return;
    const start = this.starts[this.count] as number;
    const end = start + bytes.length;
    while (end > this.bytes.length) this.bytes = grown(this.bytes);
    if (this.count + 2 > this.starts.length) {
      this.starts = grown(this.starts);
      this.weights = grown(this.weights);
    }
    this.bytes.set(bytes, start);
    this.weights[this.count++] = weight;
    this.starts[this.count] = end;
  }
}

export interface BpeOptions {
  /** Entries of the vocabulary, at most. */
  size: number;
  special: readonly string[];
  /** How often a pair must occur to be merged. */
  minFrequency: number;
}

/** Merges between two calls of `tick`. */
const TICK = 256;

/**
 * Merges the most frequent pair, again and again, until there are `size` entries or no pair occurs often enough; of pairs that are
 * equally frequent, the one with the smaller first id, then the smaller second id. Counts of pairs are kept up to date from the words
 * that a merge changes, and ordered in a heap whose outdated items are put back when they come up.
 * @param tick told the number of entries now and then; what it throws ends the work
 */
export async function trainBpe(
  words: Words,
  { size, special, minFrequency }: BpeOptions,
  tick?: (entries: number) => void | Promise<void>,
): Promise<Vocabulary> {
  const entries = [...special, ...[...byteCharacters].sort()];
  const ids = new Map(entries.map((entry, id) => [entry, id]));
  const merges: [string, string][] = [];
  const byteIds = Int32Array.from(byteCharacters, (character) => ids.get(character) as number);
  const state = newMerging(words, byteIds, Math.max(size, entries.length), Math.max(1, minFrequency));
  while (entries.length < size) {
    const pair = state.next();
    if (pair < 0) break;
    const left = entries[state.pairs.left[pair] as number] as string;
    const right = entries[state.pairs.right[pair] as number] as string;
    // Two ways to one entry ("ab" + "c", "a" + "bc") share its id.
    let id = ids.get(left + right);
    if (id === undefined) {
      id = entries.push(left + right) - 1;
      ids.set(left + right, id);
    }
    merges.push([left, right]);
    state.merge(pair, id);
    if (tick && merges.length % TICK === 0) await tick(entries.length);
  }
  return { entries, merges };
}

/** The words as ids, and all pairs in them. */
function newMerging({ count, bytes, starts, weights }: Words, byteIds: Int32Array, size: number, least: number) {
  const used = starts[count] as number;
  const symbols = size <= 1 << 16 ? new Uint16Array(used) : new Int32Array(used);
  for (let i = 0; i < used; i++) symbols[i] = byteIds[bytes[i] as number] as number;
  const lengths = new Int32Array(count);

  const pairs = new Pairs();
  let counts = new Float64Array(1 << 10);
  /** By pair, its count when it was put into the heap last. */
  let queued = new Float64Array(1 << 10);
  /** By pair, the last merge that made more of it. */
  let touched = new Int32Array(1 << 10).fill(-1);
  /** Words that a pair was seen in, some perhaps no longer: a chain of links from the head of the pair; -1 ends it. */
  let heads = new Int32Array(1 << 10).fill(-1);
  let linkWord = new Int32Array(1 << 10);
  let linkNext = new Int32Array(1 << 10);
  let links = 0;
  let free = -1;
  let merged = 0;
  let fresh: number[] = [];
  const heap = newHeap(pairs);

  const grow = (left: number, right: number, by: number, word: number) => {
    const pair = pairs.add(left, right);
    if (pair >= counts.length) {
      const had = counts.length;
      counts = grown(counts);
      queued = grown(queued);
      touched = grown(touched).fill(-1, had);
      heads = grown(heads).fill(-1, had);
    }
    counts[pair] = (counts[pair] as number) + by;
    if (touched[pair] !== merged) {
      touched[pair] = merged;
      fresh.push(pair);
    }
    const head = heads[pair] as number;
    if (head >= 0 && linkWord[head] === word) return;
    let link = free;
    if (link >= 0) {
      free = linkNext[link] as number;
    } else {
      if (links === linkWord.length) {
        linkWord = grown(linkWord);
        linkNext = grown(linkNext);
      }
      link = links++;
    }
    linkWord[link] = word;
    linkNext[link] = head;
    heads[pair] = link;
  };
  const shrink = (left: number, right: number, by: number) => {
    const pair = pairs.find(left, right);
    if (pair >= 0) counts[pair] = (counts[pair] as number) - by;
  };
  /** Pairs that are rarer than wanted cannot come up, unless they grow later. */
  const queue = (pair: number) => {
    const count = counts[pair] as number;
    queued[pair] = count >= least ? count : 0;
    if (count >= least) heap.push(pair, count);
  };
  const queueFresh = () => {
    for (const pair of fresh) queue(pair);
    fresh = [];
  };

  for (let w = 0; w < count; w++) {
    const start = starts[w] as number;
    const length = (starts[w + 1] as number) - start;
    lengths[w] = length;
    for (let i = start + 1; i < start + length; i++) {
      grow(symbols[i - 1] as number, symbols[i] as number, weights[w] as number, w);
    }
  }
  queueFresh();

  return {
    pairs,
    /** The pair to merge next, or -1. */
    next(): number {
      for (;;) {
        const pair = heap.pop();
        if (pair < 0) return -1;
        const was = heap.popped();
        if (was !== queued[pair]) continue; // it was queued again since
        if (was === counts[pair]) return pair;
        queue(pair);
      }
    },
    /** Puts `id` in the place of a pair, in all words. */
    merge(pair: number, id: number): void {
      merged++;
      const left = pairs.left[pair] as number;
      const right = pairs.right[pair] as number;
      let link = heads[pair] as number;
      heads[pair] = -1;
      while (link >= 0) {
        const w = linkWord[link] as number;
        const next = linkNext[link] as number;
        linkNext[link] = free;
        free = link;
        link = next;
        const weight = weights[w] as number;
        const start = starts[w] as number;
        const end = start + (lengths[w] as number);
        let to = start;
        for (let from = start; from < end; from++) {
          const symbol = symbols[from] as number;
          if (symbol !== left || from + 1 >= end || symbols[from + 1] !== right) {
            symbols[to++] = symbol;
            continue;
          }
          if (to > start) {
            const before = symbols[to - 1] as number;
            shrink(before, left, weight);
            grow(before, id, weight, w);
          }
          if (from + 2 < end) {
            const after = symbols[from + 2] as number;
            shrink(right, after, weight);
            grow(id, after, weight, w);
          }
          symbols[to++] = id;
          from++;
        }
        lengths[w] = to - start;
      }
      counts[pair] = 0;
      queued[pair] = 0;
      queueFresh();
    },
  };
}

/** A binary heap of pairs with their counts: the most frequent first, then the smallest ids. */
function newHeap(pairs: Pairs) {
  let items = new Int32Array(1 << 10);
  let counts = new Float64Array(1 << 10);
  let size = 0;
  let last = 0;
  const before = (pair: number, count: number, at: number): boolean => {
    const otherCount = counts[at] as number;
    if (count !== otherCount) return count > otherCount;
    const other = items[at] as number;
    const difference = (pairs.left[pair] as number) - (pairs.left[other] as number);
    return difference !== 0 ? difference < 0 : (pairs.right[pair] as number) < (pairs.right[other] as number);
  };
  const put = (at: number, pair: number, count: number) => {
    items[at] = pair;
    counts[at] = count;
  };
  const move = (from: number, to: number) => put(to, items[from] as number, counts[from] as number);
  return {
    push(pair: number, count: number): void {
      if (size === items.length) {
        items = grown(items);
        counts = grown(counts);
      }
      let at = size++;
      while (at > 0) {
        const up = (at - 1) >> 1;
        if (!before(pair, count, up)) break;
        move(up, at);
        at = up;
      }
      put(at, pair, count);
    },
    /** Takes the first pair, or -1. */
    pop(): number {
      if (size === 0) return -1;
      const top = items[0] as number;
      last = counts[0] as number;
      const pair = items[--size] as number;
      const count = counts[size] as number;
      let at = 0;
      for (;;) {
        let down = 2 * at + 1;
        if (down >= size) break;
        if (down + 1 < size && before(items[down + 1] as number, counts[down + 1] as number, down)) down++;
        if (before(pair, count, down)) break;
        move(down, at);
        at = down;
      }
      put(at, pair, count);
      return top;
    },
    /** The count that the pair taken last was put in with. */
    popped: () => last,
  };
}
