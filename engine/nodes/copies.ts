// Copies of rows, drawn by seed and position: what the row functions that augment have in common.
import type { Columns, Made } from '../data/rows/rows.ts';
import { type Random, random } from './random.ts';

export interface CopyWork {
  /** The kind, as copies are marked. */
  kind: string;
  copies: number;
  originals: boolean;
  seed: number;
}

/**
 * Each row, where the originals are kept, and behind it its copies, with the columns `augmented` and `original`. A copy of a copy
 * keeps its first original.
 * @param columns those that are changed
 * @param change values of a copy of row `at` of the batch, one for each of the columns; null where it would be as the row is, which
 *   leaves the copy out
 */
export async function copyRows(
  batch: Columns,
  first: number,
  columns: readonly string[],
  { kind, copies, originals, seed }: CopyWork,
  change: (at: number, draw: Random, copy: number) => unknown[] | null | Promise<unknown[] | null>,
): Promise<Made> {
  const made: unknown[][] = columns.map(() => []);
  const augmented: (string | null)[] = [];
  const original: number[] = [];
  const from: number[] = [];
  const add = (at: number, values: unknown[], mark: string | null) => {
    const before = batch.augmented?.[at] ?? null;
    for (const [i, value] of values.entries()) made[i]?.push(value);
    augmented.push([before, mark].filter((name) => name !== null).join(', ') || null);
    original.push((batch.original?.[at] as number | undefined) ?? first + at);
    from.push(at);
  };
  const count = Math.max(0, ...Object.values(batch).map(({ length }) => length));
  for (let at = 0; at < count; at++) {
    if (originals) {
      const values = columns.map((column) => batch[column]?.[at] ?? null);
      add(at, values, null);
    }
    for (let copy = 1; copy <= copies; copy++) {
      const values = await change(at, random(`${kind} ${seed} ${first + at} ${copy}`), copy);
      if (values !== null) add(at, values, `${kind} ${copy}`);
    }
  }
  return {
    columns: { ...Object.fromEntries(columns.map((name, i) => [name, made[i] as unknown[]])), augmented, original },
    from,
  };
}

/** As `copyRows` for one column; `change` is not asked for null values, of which there are no copies. */
export function copyValues<V>(
  batch: Columns,
  first: number,
  column: string,
  work: CopyWork,
  change: (value: V, draw: Random, row: number) => V | null | Promise<V | null>,
): Promise<Made> {
  return copyRows(batch, first, [column], work, async (at, draw) => {
    const value = batch[column]?.[at] as V | null | undefined;
    const changed = value === null || value === undefined ? null : await change(value, draw, first + at);
    return changed === null ? null : [changed];
  });
}
