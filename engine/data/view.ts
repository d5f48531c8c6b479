// Reading tables that are not stored: a view is a query over other tables, put into the query that reads it. Only the files at its
// bottom are read; none of its rows is written.
import { InputError } from '../nodes/kind.ts';
import { identifier, literal } from '../nodes/sql.ts';
import { isView, type Table } from '../nodes/values.ts';
import type { Session } from './duckdb.ts';
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
  return `(WITH ${named.join(', ')} ${sql})`;
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
 * Sees that the views at a table's bottom are single SELECTs: they come out of stored results, and what stands in those may have been
 * written by others. Beyond that the session lets them read their own files alone.
 */
export async function checkViews(s: Session, table: Table): Promise<void> {
  if (!isView(table)) return;
  const { tables, sql } = table.view;
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
  for (const each of Object.values(tables)) await checkViews(s, each);
}
