// Which rows a step took out of its table, and why. Kinds that only leave rows out keep the others as they are and in order, so
// one pass over the hashes of both tables finds those that are missing; the kind says why (`removes`).

import { openSession, type Session, session } from '../data/duckdb.ts';
import { checkExpression } from '../data/expression.ts';
import type { Removal } from '../nodes/kind.ts';
import { identifier, literal } from '../nodes/sql.ts';
import type { TableArtifact } from '../nodes/values.ts';
import type { RemovedRows } from './contract.ts';
import { cell, columnsOf, cutColumns } from './rows.ts';

const engine = { threads: 2, memory: 1e9, temp: null };
const ROW = 'dsk_row';

/**
 * Numbers of the rows of `before` that are not in `after`, ascending; null where `after` is not `before` without some rows. Of
 * rows that are entirely equal the first count as kept.
 */
export async function removedIndices(before: TableArtifact, after: TableArtifact): Promise<Float64Array | null> {
  const columns = Object.keys(before.columns);
  if (columns.join('\0') !== Object.keys(after.columns).join('\0') || after.rows > before.rows) return null;
  const removed = new Float64Array(before.rows - after.rows);
  let count = 0;
  let row = 0;
  const kept = hashes(after);
  try {
    let next = await kept.next();
    for await (const hash of hashes(before)) {
      if (!next.done && next.value === hash) next = await kept.next();
      else if (count < removed.length) removed[count++] = row;
      else return null;
      row++;
    }
    return next.done ? removed : null;
  } finally {
    await kept.return(undefined);
  }
}

/** A hash of each row, in order. */
async function* hashes(table: TableArtifact): AsyncGenerator<bigint, void, undefined> {
  const s = await openSession(engine, [table.path]);
  try {
    const columns = Object.keys(table.columns).map(identifier).join(', ');
    const result = await s.connection.stream(`SELECT hash(${columns}) FROM read_parquet(${literal(table.path)})`);
    for await (const rows of result.yieldRowsJs()) for (const [hash] of rows) yield hash as bigint;
  } finally {
    s.close();
  }
}

/** Some of the removed rows, with the reasons. */
export async function readRemoved(
  table: TableArtifact,
  indices: Float64Array,
  why: Removal,
  offset: number,
  limit: number,
): Promise<Omit<RemovedRows, 'before' | 'kept'>> {
  const wanted = [...indices.subarray(offset, offset + limit)];
  const columns = columnsOf(table);
  if (wanted.length === 0) return { columns, rows: [], total: indices.length, reasons: [] };
  return session(engine, [table.path], async (s) => {
    const rows = `(SELECT *, row_number() OVER () - 1 AS ${ROW} FROM read_parquet(${literal(table.path)}))`;
    const chosen = `${rows} AS rows WHERE ${ROW} IN (${wanted.join(', ')})`;
    const found = await s.connection.runAndReadAll(
      `SELECT ${ROW}, ${cutColumns(table)} FROM ${chosen} ORDER BY ${ROW}`,
    );
    return {
      columns,
      rows: found.getRowsJS().map(([index, ...cells]) => ({ index: Number(index), cells: cells.map(cell) })),
      total: indices.length,
      reasons: await reasons(s, table, wanted, why, { rows, chosen }),
    };
  });
}

async function reasons(
  s: Session,
  table: TableArtifact,
  wanted: number[],
  why: Removal,
  { rows, chosen }: { rows: string; chosen: string },
): Promise<string[]> {
  if ('unless' in why) {
    await checkExpression(s, why.unless, Object.keys(table.columns));
    const values = await s.rows(`SELECT (\n${why.unless}\n) IS NULL AS unknown FROM ${chosen} ORDER BY ${ROW}`);
    return values.map(({ unknown }) => `${why.unless}: ${unknown ? 'unknown (null)' : 'false'}`);
  }
  const by = why.repeats.length > 0 ? why.repeats : Object.keys(table.columns);
  const what = why.repeats.length > 0 ? `same ${by.join(', ')}` : 'the same in all columns';
  const keys = by.map((name) => `hash(${identifier(name)})`).join(', ');
  const first = await s.rows(`WITH chosen AS (SELECT hash(${keys}) AS h, ${ROW} AS r FROM ${chosen}),
      firsts AS (SELECT hash(${keys}) AS h, min(${ROW}) AS f FROM ${rows} WHERE hash(${keys}) IN (SELECT h FROM chosen) GROUP BY 1)
    SELECT r, f FROM chosen JOIN firsts USING (h) ORDER BY r`);
  const of = new Map(first.map(({ r, f }) => [Number(r), Number(f)]));
  return wanted.map((row) => `${what} as row ${of.get(row) ?? '?'}`);
}
