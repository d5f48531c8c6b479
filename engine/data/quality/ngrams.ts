// Repeated runs of words, counted exactly: runs are looked up by number or hash in typed tables, which are kept from text to text, and
// compared by their characters where hashes agree.
import type { Words } from '../words.ts';
import type { Judged } from './limits.ts';

/** Entries at first; always a power of two. */
const SMALLEST = 1 << 10;

/** Open addressing: slot -> entry + 1, or 0. */
let slots = new Int32Array(SMALLEST);
/** By position of a word. */
let grams = new Int32Array(SMALLEST);
let hashes = new Int32Array(SMALLEST);
let powers = new Int32Array(SMALLEST);
let ends = new Float64Array(SMALLEST);
/** By number of a run: what it is made of, where it stood first, how often it stands. */
let lefts = new Int32Array(SMALLEST);
let rights = new Int32Array(SMALLEST);
let firsts = new Int32Array(SMALLEST);
let counts = new Int32Array(SMALLEST);

/** Makes room for runs that begin at `count` words. */
function reserve(count: number): void {
  if (count < grams.length) return;
  let size = grams.length;
  while (size <= count) size *= 2;
  const make = () => new Int32Array(size);
  [grams, hashes, powers, lefts, rights, firsts, counts] = [make(), make(), make(), make(), make(), make(), make()];
  ends = new Float64Array(size);
  slots = new Int32Array(size * 2);
}

/** Empties the slots for at most so many entries; the mask of those in use. */
function clearSlots(entries: number): number {
  let size = SMALLEST;
  while (size < entries * 2) size *= 2;
  if (size > slots.length) slots = new Int32Array(size);
  else slots.fill(0, 0, size);
  return size - 1;
}

/**
 * For n = first, first + 1, ...: the characters that the most frequent run of n words takes up, single spaces within it counted; of
 * equally frequent ones the first. Ends where the text has fewer than n words.
 */
export function* topRuns({ ids, count, words }: Judged, first: number, sizes: number): Generator<number> {
  reserve(count);
  grams.set(ids.subarray(0, count));
  for (let n = 2; n < first + sizes && n <= count; n++) {
    const known = numberRuns(ids, count, n);
    if (n < first) continue;
    let best = 0;
    for (let gram = 1; gram < known; gram++) {
      if ((counts[gram] as number) > (counts[best] as number)) best = gram;
    }
    yield (n - 1 + charactersAt(ids, firsts[best] as number, n, words)) * (counts[best] as number);
  }
}

/** Replaces the numbers of runs of n - 1 words in `grams` by those of runs of n: equal numbers mean equal words. Gives how many there are. */
function numberRuns(ids: Int32Array, count: number, n: number): number {
  const runs = count - n + 1;
  const mask = clearSlots(runs);
  let known = 0;
  for (let at = 0; at < runs; at++) {
    const left = grams[at] as number;
    const right = ids[at + n - 1] as number;
    let slot = mixed(Math.imul(left, 0x9e3779b1) ^ Math.imul(right, 0x85ebca77)) & mask;
    let gram = (slots[slot] as number) - 1;
    while (gram >= 0 && (lefts[gram] !== left || rights[gram] !== right)) {
      slot = (slot + 1) & mask;
      gram = (slots[slot] as number) - 1;
    }
    if (gram < 0) {
      gram = known++;
      slots[slot] = gram + 1;
      lefts[gram] = left;
      rights[gram] = right;
      firsts[gram] = at;
      counts[gram] = 0;
    }
    counts[gram] = (counts[gram] as number) + 1;
    grams[at] = gram;
  }
  return known;
}

/**
 * For n = first, first + 1, ...: the characters in runs of n words that repeat an earlier one. Runs are equal when their characters
 * are, without the spaces; a repeated one is stepped over as a whole.
 */
export function* repeatedRuns({ ids, count, words }: Judged, first: number, sizes: number): Generator<number> {
  reserve(count);
  // Hash of all the characters before a word, how many there are, and the factor that moves a hash past them.
  hashes[0] = 0;
  powers[0] = 1;
  ends[0] = 0;
  for (let i = 0; i < count; i++) {
    const id = ids[i] as number;
    hashes[i + 1] = (Math.imul(hashes[i] as number, words.power(id)) + words.hash(id)) | 0;
    powers[i + 1] = words.power(id);
    ends[i + 1] = (ends[i] as number) + words.length(id);
  }
  for (let n = first; n < first + sizes; n++) {
    const mask = clearSlots(Math.max(0, count - n + 1));
    let characters = 0;
    let at = 0;
    while (at <= count - n) {
      let power = 1;
      for (let i = 1; i <= n; i++) power = Math.imul(power, powers[at + i] as number);
      const hash = ((hashes[at + n] as number) - Math.imul(hashes[at] as number, power)) | 0;
      let slot = mixed(hash) & mask;
      let held = (slots[slot] as number) - 1;
      while (held >= 0 && (grams[held] !== hash || !isSameText(ids, held, at, n, words))) {
        slot = (slot + 1) & mask;
        held = (slots[slot] as number) - 1;
      }
      if (held >= 0) {
        characters += (ends[at + n] as number) - (ends[at] as number);
        at += n;
      } else {
        slots[slot] = at + 1;
        grams[at] = hash;
        at++;
      }
    }
    yield characters;
  }
}

function isSameText(ids: Int32Array, a: number, b: number, n: number, words: Words): boolean {
  let i = 0;
  while (i < n && ids[a + i] === ids[b + i]) i++;
  return i === n || textAt(ids, a + i, n - i, words) === textAt(ids, b + i, n - i, words);
}

function textAt(ids: Int32Array, at: number, n: number, words: Words): string {
  let text = '';
  for (let i = 0; i < n; i++) text += words.text(ids[at + i] as number);
  return text;
}

function charactersAt(ids: Int32Array, at: number, n: number, words: Words): number {
  let characters = 0;
  for (let i = 0; i < n; i++) characters += words.length(ids[at + i] as number);
  return characters;
}

/** Spreads a hash's upper bits into the lower ones. */
function mixed(hash: number): number {
  const spread = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d);
  return (spread ^ (spread >>> 13)) >>> 0;
}
