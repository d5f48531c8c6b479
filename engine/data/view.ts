// Reading tables that are not stored: a view is a query over other tables, put into the query that reads it. Only the files at its
// bottom are read; none of its rows is written.
import { BLOCK, LAST } from '../nodes/bits.ts';
import { InputError } from '../nodes/kind.ts';
import { identifier, literal } from '../nodes/sql.ts';
import { isView, type Table, type TableArtifact } from '../nodes/values.ts';
import type { Session } from './duckdb.ts';
import { hashValue } from './hash.ts';
import { parquet, ROW } from './store.ts';

/** The files that a table's rows come from. */
export function filesOf(table: Table): string[] {
  return isView(table) ? [...new Set(Object.values(table.view.tables).flatMap(filesOf))] : [table.path];
}

/** SQL: a table in a FROM clause; its own columns, rows in order. */
export function source(table: Table): string {
  if (!isView(table)) return parquet(table.path);
  const { tables, sql } = table.view;
  // Not materialized: DuckDB would hold all rows of what is named twice.
  const named = Object.entries(tables).map(
    ([name, each]) => `${identifier(name)} AS NOT MATERIALIZED (${numbered(each, namesRow(sql))})`,
  );
  const own = (table.view.bits ?? []).reduce(
    (text, name) => text.replaceAll(`dsk_bit_${name}(`, `${lookup(tables[name])}(`),
    sql,
  );
  return `(WITH ${named.join(', ')} ${own})`;
}

/**
 * A query for a table's rows, in order, with `dsk_row`.
 * @param used whether anything looks at it: numbering the rows of a view takes one thread, so that it is null where nothing does
 */
export function numbered(table: Table, used: boolean): string {
  if (isView(table))
    return `SELECT *, ${used ? 'row_number() OVER () - 1' : 'NULL::BIGINT'} AS dsk_row FROM ${source(table)}`;
  // DuckDB's own numbering is the quicker one, and refuses a table with a column of that name.
  return Object.keys(table.columns).some((column) => column.toLowerCase() === ROW)
    ? `SELECT *, row_number() OVER () - 1 AS dsk_row FROM ${parquet(table.path)}`
    : `SELECT * EXCLUDE ${ROW}, ${ROW}::BIGINT AS dsk_row FROM ${parquet(table.path, 'file_row_number = true')}`;
}

/** Whether a query does more with the numbers of rows than leave them out. */
export function namesRow(sql: string): boolean {
  return sql.replaceAll(/EXCLUDE (\(dsk_row\)|dsk_row\b)/g, '').includes('dsk_row');
}

/**
 * Makes views ready to be read in a session. Sees first that they are single SELECTs: they come out of stored results, and what stands
 * in those may have been written by others. Beyond that the session lets them read their own files alone.
 */
export async function openViews(s: Session, table: Table): Promise<void> {
  if (!isView(table)) return;
  const { tables, sql, bits = [] } = table.view;
  const [row] = await s.rows(`SELECT json_serialize_sql(${literal(sql)}) AS tree`);
  const tree = JSON.parse(String(row?.tree)) as { error: boolean; statements?: unknown[] };
  if (tree.error || tree.statements?.length !== 1) {
    throw new InputError({
      code: 'cache-damaged',
      message: 'a stored result is to be computed by something else than one SELECT',
      at: null,
      note: '`dsk clean --cache` removes all stored results',
    });
  }
  for (const each of Object.values(tables)) await openViews(s, each);
  for (const name of bits) await openBits(s, tables[name]);
}

/**
 * Defines the function that gives the bit of a number. Each block is a constant of its own: DuckDB copies constants for every two
 * thousand rows, and looks only at those that the rows need.
 */
async function openBits(s: Session, table: Table | undefined): Promise<void> {
  const name = lookup(table);
  const { path, rows } = table as TableArtifact;
  const [found] = await s.rows(`SELECT count(*) AS blocks FROM ${parquet(path)}`);
  if (Number(found?.blocks) !== rows)
    throw new Error(`${path} has ${String(found?.blocks)} blocks of bits, not ${rows}`);
  const cases: string[] = [];
  for (let block = 0; block < rows; block++) {
    const value = `${name}_${block}`;
    await s.run(`SET VARIABLE ${value} = (SELECT bits::BIT FROM ${parquet(path)} WHERE block = ${block})`);
    cases.push(`WHEN ${block} THEN get_bit(getvariable(${literal(value)}), (number & ${LAST})::INTEGER)`);
  }
  await s.run(`CREATE OR REPLACE TEMP MACRO ${name}(number) AS CASE number >> ${BLOCK} ${cases.join(' ')} END`);
}

/** The function's name: by the file, since a session may have several. */
function lookup(table: Table | undefined): string {
  if (!table || isView(table)) throw new Error('bits are a stored table');
  return `dsk_bit_${hashValue(table.path).slice(0, 16)}`;
}
