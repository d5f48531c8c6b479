// Which rows a step took out of its table, and why. Kinds that say so leave the rows in their output `removed`, with a last column
// `reason`. For kinds that only leave rows out (`removes`), one pass over the hashes of both tables finds those that are missing.
import { openSession } from '../data/duckdb.ts';
import { checkExpression } from '../data/expression.ts';
import { filesOf, openViews, source } from '../data/view.ts';
import type { Removal } from '../nodes/kind.ts';
import { identifier, literal } from '../nodes/sql.ts';
import type { Table } from '../nodes/values.ts';
import type { Reason, RemovedRows } from './contract.ts';
import { cellsOf, columnsOf, mostColumns, reading } from './rows.ts';

const engine = { threads: 2, memory: 1e9, temp: null };
const ROW = 'dsk_row';
/** Reasons that are told apart; the rest is not listed. */
const mostReasons = 100;

export interface Removed {
  total: number;
  columns: Table['columns'];
  /** Whether `read` can tell the rows of one reason apart. */
  apart: boolean;
  /** The most frequent first. */
  reasons: Reason[];
  read(offset: number, limit: number, reason: string | null, from: number): Promise<Page>;
}

type Page = Pick<RemovedRows, 'columns' | 'rows' | 'total' | 'reasons'>;

/** SQL: what a reason has in common with others: the numbers and quoted texts in it are left open. */
function common(reason: string): string {
  const quoted = `regexp_replace(${reason}, '"[^"]*"', '"…"', 'g')`;
  // Twice, since a number may stand directly behind another. Those in words, as in "5-gram", stay.
  const number = String.raw`(^|[^\w.,-])[-+]?\d+(?:[.,]\d+)*(%|[^\w-]|$)`;
  return [1, 2].reduce((text) => `regexp_replace(${text}, '${number}', '\\1…\\2', 'g')`, quoted);
}

/** Rows that a step left in its output `removed`, or `rejected`: the column `reason` says why. */
export async function storedRows(table: Table): Promise<Removed> {
  const reasons = await reading(engine, table, (s, from) =>
    s.rows(`SELECT ${common('reason')} AS common, min(reason) AS first, max(reason) AS last, count(*) AS rows
      FROM ${from} GROUP BY common ORDER BY rows DESC, common LIMIT ${mostReasons}`),
  );
  const all = columnsOf(table).filter(({ name }) => name !== 'reason');
  return {
    total: table.rows,
    columns: Object.fromEntries(all.map(({ name, type }) => [name, type])),
    apart: true,
    reasons: reasons.map((row) => ({
      reason: String(row.common),
      shown: String(row.first === row.last ? row.first : row.common),
      rows: Number(row.rows),
    })),
    async read(offset, limit, reason, first) {
      const columns = all.slice(first, first + mostColumns);
      const where = reason === null ? '' : `WHERE ${common('reason')} = ${literal(reason)}`;
      const told = [{ name: ROW, type: 'integer' as const }, { name: 'reason', type: 'text' as const }, ...columns];
      const cells = await reading(engine, table, (s, from) => {
        const numbered = `SELECT *, row_number() OVER () - 1 AS ${ROW} FROM ${from}`;
        return cellsOf(s, told, `FROM (FROM (${numbered}) ${where} LIMIT ${limit} OFFSET ${offset})`);
      });
      return {
        columns,
        rows: cells.map(([index, , ...rest]) => ({ index: Number(index), cells: rest })),
        total: reason === null ? table.rows : Number(reasons.find((row) => row.common === reason)?.rows ?? 0),
        reasons: cells.map(([, why]) => String(why)),
      };
    },
  };
}

/** Rows of `before` that are not in `after`; null where `after` is not `before` without some rows. */
export async function missingRows(before: Table, after: Table, why: Removal): Promise<Removed | null> {
  const indices = await removedIndices(before, after);
  if (indices === null) return null;
  return {
    total: indices.length,
    columns: before.columns,
    apart: false,
    reasons: await summary(before, indices.length, why),
    read: (offset, limit, _reason, from) => readMissing(before, indices, why, offset, limit, from),
  };
}

/**
 * Numbers of the rows of `before` that are not in `after`, ascending; null where `after` is not `before` without some rows. Of
 * rows that are entirely equal the first count as kept.
 */
export async function removedIndices(before: Table, after: Table): Promise<Float64Array | null> {
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
async function* hashes(table: Table): AsyncGenerator<bigint, void, undefined> {
  const s = await openSession(engine, filesOf(table));
  try {
    await openViews(s, table);
    const columns = Object.keys(table.columns).map(identifier).join(', ');
    const result = await s.connection.stream(`SELECT hash(${columns}) FROM ${source(table)}`);
    for await (const rows of result.yieldRowsJs()) for (const [hash] of rows) yield hash as bigint;
  } finally {
    s.close();
  }
}

async function summary(table: Table, total: number, { unless }: Removal): Promise<Reason[]> {
  const unknown = await reading(engine, table, async (s, from) => {
    await checkExpression(s, unless, Object.keys(table.columns));
    const [found] = await s.rows(`SELECT count(*) FILTER ((\n${unless}\n) IS NULL) AS unknown FROM ${from} AS rows`);
    return Number(found?.unknown);
  });
  return [
    { ...said(unless, false), rows: total - unknown },
    { ...said(unless, true), rows: unknown },
  ]
    .filter(({ rows }) => rows > 0)
    .sort((a, b) => b.rows - a.rows);
}

function said(expression: string, unknown: boolean): Omit<Reason, 'rows'> {
  const reason = `${expression}: ${unknown ? 'unknown (null)' : 'false'}`;
  return { reason, shown: reason };
}

async function readMissing(
  table: Table,
  indices: Float64Array,
  { unless }: Removal,
  offset: number,
  limit: number,
  from: number,
): Promise<Page> {
  const wanted = [...indices.subarray(offset, offset + limit)];
  const columns = columnsOf(table).slice(from, from + mostColumns);
  if (wanted.length === 0) return { columns, rows: [], total: indices.length, reasons: [] };
  return reading(engine, table, async (s, source) => {
    await checkExpression(s, unless, Object.keys(table.columns));
    const numbered = `SELECT *, row_number() OVER () - 1 AS ${ROW} FROM ${source}`;
    const chosen = `FROM (${numbered}) AS rows WHERE ${ROW} IN (${wanted.join(', ')}) ORDER BY ${ROW}`;
    const told = [{ name: ROW, type: 'integer' as const }, ...columns];
    const cells = await cellsOf(s, told, chosen);
    const unknown = await s.rows(`SELECT (\n${unless}\n) IS NULL AS unknown ${chosen}`);
    return {
      columns,
      rows: cells.map(([index, ...rest]) => ({ index: Number(index), cells: rest })),
      total: indices.length,
      reasons: unknown.map((row) => said(unless, row.unknown === true).reason),
    };
  });
}
