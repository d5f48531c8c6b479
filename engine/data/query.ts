// Queries that kinds make: their tables put at hand under names, the graph's expressions in them checked, the result stored.
import { rm } from 'node:fs/promises';
import type { Expression, Query, Watch } from '../nodes/context.ts';
import { type Complaint, InputError } from '../nodes/kind.ts';
import { identifier } from '../nodes/sql.ts';
import type { TableArtifact, ViewArtifact } from '../nodes/values.ts';
import { temporaryName } from './atomic.ts';
import { describe, type EngineOptions, type Session, session } from './duckdb.ts';
import { bindingFault, expressionType } from './expression.ts';
import { parquet, store } from './store.ts';
import { filesOf, namesRow, numbered, openViews, source } from './view.ts';

/** Stores a query's rows. */
export function query(engine: EngineOptions, query: Query, out: string, { signal }: Watch): Promise<TableArtifact> {
  return store(engine, pathsOf(query), out, (s) => prepared(s, query), {
    signal,
    fault: (error) => valueFault(error, query.expressions ?? []),
    empty: query.empty === undefined ? noneLeft(query) : query.empty,
  });
}

/** As `Tables.view`. */
export function view(
  engine: EngineOptions,
  view: ViewArtifact['view'],
  rows: number,
  { signal }: Watch,
): Promise<ViewArtifact> {
  const table: ViewArtifact = { type: 'table', rows, columns: {}, view };
  return session({ ...engine, signal }, filesOf(table), async (s) => {
    await openViews(s, table);
    return { ...table, columns: await describe(s, `FROM ${source(table)}`) };
  });
}

/** As `Tables.stored`. */
export function stored(
  engine: EngineOptions,
  table: ViewArtifact,
  out: string,
  { signal }: Pick<Watch, 'signal'>,
): Promise<TableArtifact> {
  const read = async (s: Session) => {
    await openViews(s, table);
    return `FROM ${source(table)}`;
  };
  return store(engine, filesOf(table), out, read, { signal, empty: null });
}

/** Stores the rows whose `reason` is null apart from the others, which keep it. */
export async function sieve(
  engine: EngineOptions,
  asked: Query,
  outs: { table: string; removed: string },
  watch: Watch,
): Promise<{ table: TableArtifact; removed: TableArtifact }> {
  const all = temporaryName(outs.table);
  try {
    const { path } = await query(engine, asked, all, watch);
    const { signal } = watch;
    const rest = `SELECT * EXCLUDE reason, reason::VARCHAR AS reason FROM ${parquet(path)} WHERE reason IS NOT NULL`;
    const removed = await store(engine, [path], outs.removed, () => rest, { signal, empty: null });
    const kept = `SELECT * EXCLUDE reason FROM ${parquet(path)} WHERE reason IS NULL`;
    const empty = asked.empty === undefined ? noneLeft(asked) : asked.empty;
    return { table: await store(engine, [path], outs.table, () => kept, { signal, empty }), removed };
  } finally {
    await rm(all, { force: true });
  }
}

/** A few rows computed from tables. */
export function values(
  engine: EngineOptions,
  asked: Omit<Query, 'empty'>,
  { signal }: Watch,
): Promise<Record<string, unknown>[]> {
  return session({ ...engine, signal }, pathsOf(asked), async (s) => {
    const sql = await prepared(s, asked);
    return s.rows(sql).catch((error: unknown) => {
      throw valueFault(error, asked.expressions ?? []);
    });
  });
}

export const pathsOf = ({ tables }: Pick<Query, 'tables'>): string[] => [
  ...new Set(Object.values(tables).flatMap(filesOf)),
];

/** Makes the tables readable under their names and checks the expressions; gives the query. */
export async function prepared(s: Session, { tables, sql, expressions = [] }: Omit<Query, 'empty'>): Promise<string> {
  for (const expression of expressions) await check(s, expression);
  for (const [name, table] of Object.entries(tables)) {
    await openViews(s, table);
    await s.run(`CREATE TEMP VIEW ${identifier(name)} AS ${numbered(table, namesRow(sql))}`);
  }
  return sql;
}

async function check(s: Session, { text, at, columns, type }: Expression): Promise<void> {
  const found = await expressionType(s, text, columns, at);
  if (type === undefined || found === null || found === type) return;
  const whole = type === 'number' && found === 'integer';
  if (!whole) {
    throw new InputError({
      code: 'expression-type',
      message: `\`${text}\` gives ${found === 'boolean' ? 'true or false' : found}, not ${type === 'boolean' ? 'true or false' : type}`,
      at,
      note:
        type === 'boolean' ? 'compare it with something, as in `length(text) > 200`' : `cast it: \`(${text})::...\``,
    });
  }
}

/** A value that a graph's expression cannot be computed from; anything else as it is. */
function valueFault(error: unknown, expressions: readonly Expression[]): unknown {
  const [first] = expressions;
  if (error instanceof InputError || !first) return error;
  const isUsers = /^(Binder|Conversion|Invalid Input|Out of Range) Error/.test(String((error as Error).message));
  return isUsers ? bindingFault(error, expressions.map(({ text }) => text).join('; '), first.at) : error;
}

function noneLeft({ tables }: Query): Complaint {
  const [table] = Object.values(tables);
  return {
    code: 'data-empty',
    message: table ? `no row is left of ${table.rows}` : 'there are no rows',
    at: null,
    note: 'loosen what removes them; `removed`, where a node has it, says why',
  };
}
