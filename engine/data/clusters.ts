// Clusters of near-duplicates: rows whose signatures agree in a band belong together, and so do all that are linked through others.
// Band by band, with an open hash table in typed arrays; the links are kept in one array of 4 bytes a row (union-find).
import { similarity } from './minhash.ts';
import type { SignatureFiles } from './signatures.ts';

/** Disjoint sets of rows: each row points to an earlier one of its set, the first to itself. */
export type Links = Int32Array;

export function noLinks(rows: number): Links {
  return Int32Array.from({ length: rows }, (_, row) => row);
}

/** The first row of a row's set. Halves the way for the next who asks (Tarjan & van Leeuwen 1984). */
export function firstOf(links: Links, row: number): number {
  for (let up = links[row] as number; up !== row; up = links[row] as number) {
    const above = links[up] as number;
    links[row] = above;
    row = above;
  }
  return row;
}

/** Joins the sets of two rows. */
export function link(links: Links, a: number, b: number): void {
  const [x, y] = [firstOf(links, a), firstOf(links, b)];
  if (x < y) links[y] = x;
  else links[x] = y;
}

export interface ClusterOptions {
  /** Candidates are linked only where their similarity is this at least; null: all are. */
  threshold: number | null;
  /** Rows whose hashes are in memory at once: 12 to 48 bytes each. */
  most?: number;
  /** Called between pieces of work; may throw to end it. */
  pause: (done: number, total: number) => Promise<void>;
}

/** Rows of one band hash that are told apart by their similarity; a row that resembles none of them stays alone in this band. */
const MOST_APART = 32;

/** For each row the first row of its cluster. Depends on the signatures alone. */
export async function clusters(
  files: SignatureFiles,
  { threshold, most = 1 << 22, pause }: ClusterOptions,
): Promise<Links> {
  const { bands } = files;
  const rows = files.ranges.at(-1)?.end ?? 0;
  const links = noLinks(rows);
  const belong =
    threshold === null
      ? () => true
      : (a: number, b: number) => {
          if (firstOf(links, a) === firstOf(links, b)) return true;
          const [x, y] = [files.sketch(a), files.sketch(b)];
          return x !== null && y !== null && similarity(x, y) >= threshold;
        };
  // Hashes that begin alike are looked at together, and so many at once as memory may hold.
  const slices = Math.max(1, Math.ceil(rows / most));
  const table = openTable(Math.ceil(rows / slices));
  const total = bands * slices * files.ranges.length;
  let done = 0;
  for (let band = 0; band < bands; band++) {
    for (let slice = 0; slice < slices; slice++) {
      table.clear();
      for (const [file, { start }] of files.ranges.entries()) {
        const hashes = files.band(file, band);
        for (let i = 0; i < hashes.length; i += 2) {
          const [low, high] = [hashes[i] as number, hashes[i + 1] as number];
          if ((low === 0 && high === 0) || Math.floor((high / 2 ** 32) * slices) !== slice) continue;
          const row = start + (i >> 1);
          const other = table.find(low, high, row, belong);
          if (other !== row) link(links, row, other);
        }
        await pause(++done, total);
      }
    }
  }
  for (let row = 0; row < rows; row++) links[row] = firstOf(links, row);
  return links;
}

/** A hash table from 64-bit hashes to rows, with linear probing. */
function openTable(expected: number) {
  let capacity = 1024;
  while (capacity < 2 * expected) capacity *= 2;
  let lows = new Uint32Array(capacity);
  let highs = new Uint32Array(capacity);
  let rows = new Int32Array(capacity).fill(-1);
  let count = 0;

  /** Slices are of even size only on the whole. */
  const grow = () => {
    const old = { lows, highs, rows };
    capacity *= 2;
    lows = new Uint32Array(capacity);
    highs = new Uint32Array(capacity);
    rows = new Int32Array(capacity).fill(-1);
    for (const [i, row] of old.rows.entries()) if (row >= 0) put(old.lows[i] as number, old.highs[i] as number, row);
  };
  const put = (low: number, high: number, row: number) => {
    let at = low & (capacity - 1);
    while ((rows[at] as number) >= 0) at = (at + 1) & (capacity - 1);
    lows[at] = low;
    highs[at] = high;
    rows[at] = row;
  };
  return {
    clear() {
      rows.fill(-1);
      count = 0;
    },
    /** The first row of this hash that `row` belongs to; `row` itself, which is put in, where there is none. */
    find(low: number, high: number, row: number, belong: (row: number, other: number) => boolean): number {
      let tried = 0;
      for (let at = low & (capacity - 1); (rows[at] as number) >= 0; at = (at + 1) & (capacity - 1)) {
        if (lows[at] !== low || highs[at] !== high) continue;
        if (belong(row, rows[at] as number)) return rows[at] as number;
        if (++tried === MOST_APART) return row;
      }
      if (2 * ++count > capacity) grow();
      put(low, high, row);
      return row;
    },
  };
}
