// A dictionary from pieces of text to lists of numbers that is looked up by the characters where they stand, without cutting a string
// out: most words of a text were seen before.

/** Pieces that are kept, and their longest. */
const MOST = 1 << 17;
export const LONGEST_PIECE = 40;
/** Of hashes: a large odd number. */
export const BASE = 0x01000193;

export interface Pieces {
  /** Where a piece is kept, or -1. `hash` is that of its characters, by `hashed`. */
  find(text: string, start: number, end: number, hash: number): number;
  /** The list of a piece, as positions in `lists`. */
  start(entry: number): number;
  end(entry: number): number;
  readonly lists: Int32Array;
  /** Keeps a piece of at most LONGEST_PIECE characters. False when there is no room left. */
  add(text: string, start: number, end: number, hash: number, list: readonly number[]): boolean;
  clear(): void;
}

/** The hash of some characters and one more; of none it is 0. */
export const hashed = (hash: number, code: number): number => (Math.imul(hash, BASE) + code) | 0;

export function openPieces(): Pieces {
  const slots = new Int32Array(MOST * 2);
  const hashes = new Int32Array(MOST);
  const characters = new Uint16Array(MOST * 16);
  /** Where an entry's characters and list begin; those of the next one is where they end. */
  const texts = new Int32Array(MOST + 1);
  const ends = new Int32Array(MOST + 1);
  let lists = new Int32Array(MOST * 2);
  let count = 0;

  const slotOf = (hash: number) => (Math.imul(hash ^ (hash >>> 16), 0x2c1b3c6d) >>> 14) & (MOST * 2 - 1);

  const isSame = (entry: number, text: string, start: number, length: number) => {
    const at = texts[entry] as number;
    if ((texts[entry + 1] as number) - at !== length) return false;
    for (let i = 0; i < length; i++) if (characters[at + i] !== text.charCodeAt(start + i)) return false;
    return true;
  };

  return {
    find(text, start, end, hash) {
      const length = end - start;
      if (length > LONGEST_PIECE) return -1;
      let slot = slotOf(hash);
      for (;;) {
        const entry = (slots[slot] as number) - 1;
        if (entry < 0 || (hashes[entry] === hash && isSame(entry, text, start, length))) return entry;
        slot = (slot + 1) & (MOST * 2 - 1);
      }
    },
    start: (entry) => ends[entry] as number,
    end: (entry) => ends[entry + 1] as number,
    get lists() {
      return lists;
    },
    add(text, start, end, hash, list) {
      const at = texts[count] as number;
      if (count === MOST || at + LONGEST_PIECE > characters.length) return false;
      for (let i = start; i < end; i++) characters[at + i - start] = text.charCodeAt(i);
      const first = ends[count] as number;
      if (first + list.length > lists.length) {
        const longer = new Int32Array(lists.length * 2);
        longer.set(lists);
        lists = longer;
      }
      lists.set(list, first);
      let slot = slotOf(hash);
      while (slots[slot] !== 0) slot = (slot + 1) & (MOST * 2 - 1);
      hashes[count] = hash;
      count++;
      slots[slot] = count;
      texts[count] = at + end - start;
      ends[count] = first + list.length;
      return true;
    },
    clear() {
      slots.fill(0);
      count = 0;
    },
  };
}
