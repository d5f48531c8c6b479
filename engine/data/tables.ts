// Tables on DuckDB: each operation reads Parquet files and writes one, in the order of the rows. Data larger than memory streams
// through or is spilled. Implements `Tables` of engine/nodes/context.ts.
import { mkdir, rm } from 'node:fs/promises';
import type { Tables } from '../nodes/context.ts';
import { InputError } from '../nodes/kind.ts';
import { identifier, literal } from '../nodes/sql.ts';
import type { Table, TableArtifact } from '../nodes/values.ts';
import { type EngineOptions, openSession, session } from './duckdb.ts';
import { bindingFault, checkExpression, expressionType } from './expression.ts';
import { load } from './files/load.ts';
import { save } from './files/save.ts';
import { map, through } from './map.ts';
import { near } from './near.ts';
import { query, sieve, stored, values, view } from './query.ts';
import { requireColumn, store } from './store.ts';
import { twice } from './twice.ts';
import { filesOf, openViews, source } from './view.ts';

export interface TablesOptions extends EngineOptions {
  /** Folder for spilled and rewritten data; made when missing, removed by close(). */
  temp: string;
}

/** Tables with a working folder. Sessions are opened per operation, so nothing is held in memory between them. */
export async function openTables(options: TablesOptions): Promise<Tables & { close(): Promise<void> }> {
  await mkdir(options.temp, { recursive: true });
  return {
    load: (files, format, settings, outs, watch) => load(options, files, format, settings, outs, watch),
    save: (table, path, shape, watch) => save(options, table, path, shape, watch),
    view: (asked, rows, watch) => view(options, asked, rows, watch),
    stored: (table, out, watch) => stored(options, table, out, watch),
    query: (asked, out, watch) => query(options, asked, out, watch),
    sieve: (asked, outs, watch) => sieve(options, asked, outs, watch),
    twice: (asked, below, out, watch) => twice(options, asked, below, out, watch),
    values: (asked, watch) => values(options, asked, watch),
    map: (table, work, out, watch) => map(options, table, work, out, watch),
    through: (table, work, make, out, watch) => through(options, table, work, make, out, watch),
    near: (table, work, out, watch) => near(options, table, work, out, watch),
    filter: (table, where, out) => filter(options, table, where, out),
    texts: (table, column) => texts(options, table, column),
    head: (table, count) =>
      session(options, filesOf(table), async (s) => {
        await openViews(s, table);
        return s.rows(`FROM ${source(table)} LIMIT ${Math.max(0, Math.floor(count))}`);
      }),
    close: () => rm(options.temp, { recursive: true, force: true }),
  };
}

async function filter(engine: TablesOptions, table: Table, where: string, out: string): Promise<TableArtifact> {
  return store(
    engine,
    filesOf(table),
    out,
    async (s) => {
      await openViews(s, table);
      await checkExpression(s, where, Object.keys(table.columns));
      const type = await expressionType(s, where, table.columns);
      if (type !== null && type !== 'boolean') {
        throw new InputError({
          code: 'expression-type',
          message: `the condition is of type ${type}, not true or false`,
          at: 'where',
          note: 'compare it with something, as in `length(text) > 200`',
        });
      }
      return `SELECT * FROM ${source(table)} AS rows WHERE (\n${where}\n)`;
    },
    {
      fault: (error) =>
        /^(Binder|Conversion|Invalid Input|Out of Range) Error/.test(String((error as Error).message)) &&
        !(error instanceof InputError)
          ? bindingFault(error, where)
          : error,
      empty: {
        code: 'data-empty',
        message: `no row of ${table.rows} passes the filter`,
        at: 'where',
        note: 'loosen the condition; null counts as not passing',
      },
    },
  );
}

async function* texts(engine: TablesOptions, table: TableArtifact, column: string): AsyncGenerator<string[]> {
  requireColumn(table, column, 'column');
  if (table.columns[column] !== 'text') {
    throw new InputError({
      code: 'column-type',
      message: `column \`${column}\` holds ${table.columns[column]}, not text`,
      at: 'column',
    });
  }
  const s = await openSession(engine, [table.path]);
  try {
    const query = `SELECT ${identifier(column)} AS text FROM read_parquet(${literal(table.path)})`;
    const result = await s.connection.stream(`${query} WHERE ${identifier(column)} IS NOT NULL`);
    for await (const rows of result.yieldRowsJs()) yield rows.map(([text]) => text as string);
  } finally {
    s.close();
  }
}
