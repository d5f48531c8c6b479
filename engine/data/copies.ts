// Copies of rows, drawn by seed and position: what the row functions that augment have in common.
import { type Random, random } from '../nodes/random.ts';
import type { Columns, Made } from './rows/rows.ts';

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
 * @param values the column that is changed
 * @param change a copy's value; null where it comes out as the original, which leaves the copy out. Not asked for null values.
 */
export async function copyRows<V>(
  batch: Columns,
  first: number,
  column: string,
  { kind, copies, originals, seed }: CopyWork,
  change: (value: V, draw: Random, row: number, copy: number) => V | null | Promise<V | null>,
): Promise<Made> {
  const values = batch[column] as (V | null)[];
  const made: (V | null)[] = [];
  const augmented: (string | null)[] = [];
  const original: number[] = [];
  const from: number[] = [];
  const add = (row: number, value: V | null, mark: string | null) => {
    const before = batch.augmented?.[row] ?? null;
    made.push(value);
    augmented.push([before, mark].filter((name) => name !== null).join(', ') || null);
    original.push((batch.original?.[row] as number | undefined) ?? first + row);
    from.push(row);
  };
  for (const [row, value] of values.entries()) {
    if (originals) add(row, value, null);
    if (value === null) continue;
    for (let copy = 1; copy <= copies; copy++) {
      const draw = random(`${kind} ${seed} ${first + row} ${copy}`);
      const changed = await change(value, draw, first + row, copy);
      if (changed !== null) add(row, changed, `${kind} ${copy}`);
    }
  }
  return { columns: { [column]: made, augmented, original }, from };
}
