// Trains a byte-level BPE vocabulary (Sennrich et al. 2016; bytes as in GPT-2). Merges and ids are those of Hugging Face's trainer.

/**
 * How text is cut into pieces that merges never cross, in Oniguruma's syntax: an optional mark with letters, up to three digits,
 * punctuation with a leading space and the line breaks after it, line breaks, spaces (the last one goes to the next word).
 */
export const piecePattern =
  '[^\\r\\n\\p{L}\\p{N}]?[\\p{L}\\p{M}]+|\\p{N}{1,3}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+';

/** The same for JavaScript, whose \s means other characters (U+FEFF, but not U+0085). */
const pieces = new RegExp(
  piecePattern.replaceAll('\\s', '\\p{White_Space}').replaceAll('\\S', '\\P{White_Space}'),
  'gu',
);

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

export interface Trainer {
  /** Counts the pieces of some texts. */
  add(texts: readonly string[]): void;
  /** Merges until there are `size` entries or no pair occurs often enough. */
  train(
    options: { size: number; special: readonly string[]; minFrequency: number },
    progress?: (fraction: number) => void,
  ): Vocabulary;
}

/** Collects texts; only the distinct pieces and their counts are kept. */
export function newTrainer(): Trainer {
  const counts = new Map<string, number>();
  return {
    add(texts) {
      for (const text of texts) {
        for (const piece of text.match(pieces) ?? []) counts.set(piece, (counts.get(piece) ?? 0) + 1);
      }
    },
    train: (options, progress) => merge(counts, options, progress),
  };
}

/**
 * Merges the most frequent pair, again and again; of pairs that are equally frequent, the one with the smaller first id, then the
 * smaller second id. Counts of pairs are kept up to date from the pieces that a merge changes, and ordered in a heap whose outdated
 * entries are put back when they come up.
 */
function merge(
  counts: ReadonlyMap<string, number>,
  { size, special, minFrequency }: { size: number; special: readonly string[]; minFrequency: number },
  progress?: (fraction: number) => void,
): Vocabulary {
  const entries = [...special, ...[...byteCharacters].sort()];
  const ids = new Map(entries.map((entry, id) => [entry, id]));
  const byteIds = byteCharacters.map((character) => ids.get(character) as number);
  const merges: [string, string][] = [];

  const words: Int32Array[] = [];
  const lengths: number[] = [];
  const weights: number[] = [];
  const encoder = new TextEncoder();
  for (const [piece, count] of counts) {
    const word = Int32Array.from(encoder.encode(piece), (byte) => byteIds[byte] as number);
    if (word.length < 2) continue;
    words.push(word);
    lengths.push(word.length);
    weights.push(count);
  }

  const base = Math.max(size, entries.length) + 1;
  const pairs = new Map<number, Pair>();
  const change = (left: number, right: number, by: number, word: number): Pair => {
    const key = left * base + right;
    let pair = pairs.get(key);
    if (pair === undefined) pairs.set(key, (pair = { key, count: 0, words: [], queued: 0 }));
    pair.count += by;
    if (by > 0 && pair.words.at(-1) !== word) pair.words.push(word);
    return pair;
  };
  for (const [w, word] of words.entries()) {
    for (let i = 1; i < word.length; i++) change(word[i - 1] as number, word[i] as number, weights[w] as number, w);
  }
  const heap = newHeap();
  for (const pair of pairs.values()) heap.push(pair);

  const least = Math.max(1, minFrequency);
  while (entries.length < size) {
    const top = heap.pop();
    if (top === undefined) break;
    if (top.count !== top.queued) {
      if (top.count > 0) heap.push(top);
      continue;
    }
    if (top.count < least) break;
    const left = Math.floor(top.key / base);
    const right = top.key % base;
    const entry = (entries[left] as string) + (entries[right] as string);
    // Two ways to one entry ("ab" + "c", "a" + "bc") share its id.
    let id = ids.get(entry);
    if (id === undefined) {
      id = entries.push(entry) - 1;
      ids.set(entry, id);
    }
    merges.push([entries[left] as string, entries[right] as string]);
    pairs.delete(top.key);

    const grown = new Set<Pair>();
    for (const w of new Set(top.words)) {
      const word = words[w] as Int32Array;
      const weight = weights[w] as number;
      const length = lengths[w] as number;
      let to = 0;
      for (let from = 0; from < length; from++) {
        const symbol = word[from] as number;
        if (symbol !== left || from + 1 >= length || word[from + 1] !== right) {
          word[to++] = symbol;
          continue;
        }
        if (to > 0) {
          const before = word[to - 1] as number;
          shrink(pairs, before * base + left, weight);
          grown.add(change(before, id, weight, w));
        }
        if (from + 2 < length) {
          const after = word[from + 2] as number;
          shrink(pairs, right * base + after, weight);
          grown.add(change(id, after, weight, w));
        }
        word[to++] = id;
        from++;
      }
      lengths[w] = to;
    }
    for (const pair of grown) if (pair.count > 0) heap.push(pair);
    if (progress && entries.length % 256 === 0) progress(entries.length / size);
  }
  return { entries, merges };
}

interface Pair {
  /** left * base + right: orders like (left, right). */
  key: number;
  count: number;
  /** Pieces it was seen in, some perhaps no longer or twice. */
  words: number[];
  /** Its count when it was put into the heap last. */
  queued: number;
}

function shrink(pairs: Map<number, Pair>, key: number, by: number): void {
  const pair = pairs.get(key);
  if (pair !== undefined) pair.count -= by;
}

/** A binary heap of pairs: the most frequent first, then the smallest key. */
function newHeap() {
  const items: { pair: Pair; count: number }[] = [];
  const before = (a: { pair: Pair; count: number }, b: { pair: Pair; count: number }) =>
    a.count > b.count || (a.count === b.count && a.pair.key < b.pair.key);
  return {
    push(pair: Pair): void {
      const item = { pair, count: pair.count };
      pair.queued = pair.count;
      let at = items.push(item) - 1;
      while (at > 0) {
        const up = (at - 1) >> 1;
        const parent = items[up] as typeof item;
        if (!before(item, parent)) break;
        items[at] = parent;
        at = up;
      }
      items[at] = item;
    },
    pop(): Pair | undefined {
      for (;;) {
        const top = items[0];
        const last = items.pop();
        if (top === undefined || last === undefined) return undefined;
        if (items.length > 0) sink(items, last, before);
        // A pair that was queued again since has a newer entry.
        if (top.count === top.pair.queued) return top.pair;
      }
    },
  };
}

function sink<T>(items: T[], item: T, before: (a: T, b: T) => boolean): void {
  let at = 0;
  for (;;) {
    let down = 2 * at + 1;
    if (down >= items.length) break;
    if (down + 1 < items.length && before(items[down + 1] as T, items[down] as T)) down++;
    const child = items[down] as T;
    if (!before(child, item)) break;
    items[at] = child;
    at = down;
  }
  items[at] = item;
}
