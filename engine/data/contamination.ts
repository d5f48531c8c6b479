// Runs of words that texts share with the texts of an evaluation. Words are compared without case and punctuation, as GPT-3 was
// decontaminated (Brown et al. 2020, arXiv:2005.14165, appendix C); characters of scripts without spaces are words of their own.
// Runs are known by 64 bits of hash, rolled along the text, so that a text is read once whatever the length of runs.

export interface Shared {
  /** Row of the evaluation, from 0. */
  row: number;
  /** Words they share, and where these stand in the text. */
  words: number;
  start: number;
  end: number;
}

export interface Evaluation {
  add(text: string, row: number): void;
  /** Runs that are known. */
  readonly size: number;
  /** The first run of a text that the evaluation has as well, or null; those in `common` do not count. */
  find(text: string, common?: ReadonlySet<number>): Shared | null;
  /** Numbers of all runs of a text that the evaluation has as well, each once: the same for the same evaluation. */
  runs(text: string): number[];
}

const FIRST = 0x01000193;
const SECOND = 0x2c1b3c6d | 1;

/**
 * @param n words in a run
 * @param shortest a text of the evaluation with fewer than n words but at least so many is one run
 */
export function openEvaluation(n: number, shortest: number): Evaluation {
  const table = openTable();
  /** Lengths of runs that are known: n, and those of short texts. */
  const lengths: number[] = [];
  const words = openWordHashes();
  return {
    add(text, row) {
      words.read(text);
      if (words.count < Math.min(n, shortest)) return;
      const length = Math.min(n, words.count);
      if (!lengths.includes(length)) lengths.push(length);
      lengths.sort((a, b) => b - a);
      words.roll(length, (first, second) => {
        table.put(first, second, row);
        return false;
      });
    },
    get size() {
      return table.size;
    },
    find(text, common) {
      words.read(text);
      for (const length of lengths) {
        let run = -1;
        const at = words.roll(length, (first, second) => {
          run = table.get(first, second);
          return run >= 0 && !common?.has(run);
        });
        if (at >= 0) return { row: table.rowOf(run), words: length, ...words.place(at, length) };
      }
      return null;
    },
    runs(text) {
      words.read(text);
      const found = new Set<number>();
      for (const length of lengths) {
        words.roll(length, (first, second) => {
          const run = table.get(first, second);
          if (run >= 0) found.add(run);
          return false;
        });
      }
      return [...found];
    },
  };
}

/** Hashes of runs, numbered in the order in which they came, and the row each came with first. */
function openTable() {
  let size = 0;
  let mask = (1 << 12) - 1;
  let firsts = new Int32Array(mask + 1);
  let seconds = new Int32Array(mask + 1);
  /** The run's number + 1; 0 where the slot is free. */
  let runs = new Int32Array(mask + 1);
  /** By the run's number; half as long as the slots are many. */
  let rows = new Int32Array((mask + 1) / 2);
  const find = (first: number, second: number) => {
    let slot = (first ^ (second >>> 7)) & mask;
    while (runs[slot] !== 0 && (firsts[slot] !== first || seconds[slot] !== second)) slot = (slot + 1) & mask;
    return slot;
  };
  const put = (first: number, second: number, run: number): boolean => {
    const slot = find(first, second);
    if (runs[slot] !== 0) return false;
    firsts[slot] = first;
    seconds[slot] = second;
    runs[slot] = run + 1;
    return true;
  };
  const grow = () => {
    const [oldFirsts, oldSeconds, oldRuns, oldRows] = [firsts, seconds, runs, rows];
    mask = mask * 2 + 1;
    [firsts, seconds, runs] = [new Int32Array(mask + 1), new Int32Array(mask + 1), new Int32Array(mask + 1)];
    rows = new Int32Array((mask + 1) / 2);
    rows.set(oldRows);
    for (const [slot, run] of oldRuns.entries()) {
      if (run !== 0) put(oldFirsts[slot] as number, oldSeconds[slot] as number, run - 1);
    }
  };
  return {
    get size() {
      return size;
    },
    put(first: number, second: number, row: number) {
      if (size * 2 > mask) grow();
      if (put(first, second, size)) rows[size++] = row;
    },
    /** The run's number, or -1. */
    get: (first: number, second: number) => (runs[find(first, second)] as number) - 1,
    rowOf: (run: number) => rows[run] as number,
  };
}

/** Kinds of characters. */
const GAP = 1;
const LETTER = 2;
const ALONE = 3;
const kinds = new Uint8Array(1 << 16);
const letter = /[\p{L}\p{M}\p{N}]/u;
const alone =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}]/u;

function kindOf(code: number): number {
  const known = kinds[code] as number;
  if (known !== 0) return known;
  const text = String.fromCharCode(code);
  // Halves of characters beyond the first plane count as letters, each of its own.
  const kind = code >= 0xd800 && code < 0xe000 ? ALONE : alone.test(text) ? ALONE : letter.test(text) ? LETTER : GAP;
  kinds[code] = kind;
  return kind;
}

/** The words of one text at a time: two hashes of each, and where they stand. */
function openWordHashes() {
  let count = 0;
  let firsts = new Int32Array(1 << 12);
  let seconds = new Int32Array(1 << 12);
  let starts = new Int32Array(1 << 12);
  let ends = new Int32Array(1 << 12);

  const push = (first: number, second: number, start: number, end: number) => {
    if (count === firsts.length) {
      const longer = (old: Int32Array) => {
        const array = new Int32Array(old.length * 2);
        array.set(old);
        return array;
      };
      [firsts, seconds, starts, ends] = [longer(firsts), longer(seconds), longer(starts), longer(ends)];
    }
    firsts[count] = mixed(first);
    seconds[count] = mixed(second ^ 0x5bd1e995);
    starts[count] = start;
    ends[count] = end;
    count++;
  };

  return {
    get count() {
      return count;
    },
    read(original: string) {
      count = 0;
      // Lower case may be longer in a few scripts: then places are off by as much, in what the reason quotes.
      const text = original.toLowerCase();
      const { length } = text;
      for (let at = 0; at < length; ) {
        const kind = kindOf(text.charCodeAt(at));
        if (kind === GAP) {
          at++;
          continue;
        }
        const start = at;
        let first = 0;
        let second = 0;
        do {
          const code = text.charCodeAt(at++);
          first = (Math.imul(first, FIRST) + code) | 0;
          second = (Math.imul(second, SECOND) + code) | 0;
        } while (kind === LETTER && at < length && kindOf(text.charCodeAt(at)) === LETTER);
        push(first, second, start, at);
      }
    },
    /** Hands the hashes of each run of so many words to `stop`, until it says so; the run where it did, or -1. */
    roll(length: number, stop: (first: number, second: number) => boolean): number {
      let [first, second] = [0, 0];
      let [firstPower, secondPower] = [1, 1];
      for (let i = 0; i < length; i++) {
        firstPower = Math.imul(firstPower, FIRST);
        secondPower = Math.imul(secondPower, SECOND);
      }
      for (let i = 0; i < count; i++) {
        first = (Math.imul(first, FIRST) + (firsts[i] as number)) | 0;
        second = (Math.imul(second, SECOND) + (seconds[i] as number)) | 0;
        if (i >= length) {
          first = (first - Math.imul(firstPower, firsts[i - length] as number)) | 0;
          second = (second - Math.imul(secondPower, seconds[i - length] as number)) | 0;
        }
        if (i >= length - 1 && stop(mixed(first ^ length), second)) return i - length + 1;
      }
      return -1;
    },
    place: (at: number, length: number) => ({
      start: starts[at] as number,
      end: ends[at + length - 1] as number,
    }),
  };
}

/** Spreads the bits of a hash. */
function mixed(hash: number): number {
  let spread = Math.imul(hash ^ (hash >>> 16), 0x7feb352d);
  spread = Math.imul(spread ^ (spread >>> 15), 0x846ca68b);
  return spread ^ (spread >>> 16);
}
