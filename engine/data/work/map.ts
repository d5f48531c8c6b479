// One part of a table through a row function: reads its rows, lets the function make columns, writes the part with them.

import type { DuckDBDataChunk, DuckDBResult, DuckDBType, DuckDBValue } from '@duckdb/node-api';
import type { MadeType, RowWork } from '../../nodes/context.ts';
import { identifier } from '../../nodes/sql.ts';
import type { TableArtifact } from '../../nodes/values.ts';
import { replaceFile } from '../atomic.ts';
import { openBinding } from '../binding.ts';
import { type EngineOptions, type Session, session } from '../duckdb.ts';
import type { PartTask } from '../parts.ts';
import type { Perform, TaskWatch, Work } from '../pool.ts';
import type { Columns, Made, RowFile, RowFunction } from '../rows/rows.ts';
import { copy, parquet, ROW } from '../store.ts';

export interface MapShared {
  engine: EngineOptions;
  table: TableArtifact;
  work: RowWork;
}

/** Rows of a DuckDB chunk, at most. */
const CHUNK = 2048;

const open: Work<MapShared, PartTask, void> = async ({ engine, table, work }) => {
  const file = (await import(/* @vite-ignore */ new URL(`../rows/${work.name}.ts`, import.meta.url).href)) as {
    default: RowFile<unknown>;
  };
  return partMaker({ engine, table, work }, await file.default.open(work.params));
};

export default open;

/** Does parts of a table with this function. */
export function partMaker(
  { engine, table, work }: Pick<MapShared, 'engine' | 'table'> & { work: Omit<RowWork, 'name' | 'params'> },
  make: RowFunction,
): Perform<PartTask, void> {
  return ({ start, end, out }, { report, signal }) =>
    replaceFile(out, (temporary) =>
      session({ ...engine, signal }, [table.path, temporary], async (s) => {
        const where = `${ROW} >= ${start} AND ${ROW} < ${end}`;
        // Rows are read in a session of their own: a connection that writes ends the streams it was reading.
        const aligned = await session({ ...engine, signal }, [table.path], async (from) => {
          const wanted = work.columns.map(identifier).join(', ') || 'NULL AS dsk_nothing';
          const rows = parquet(table.path, 'file_row_number = true');
          const result = await from.connection.stream(`SELECT ${wanted} FROM ${rows} WHERE ${where}`);
          return makeColumns(s, result, work, make, start, { report, signal });
        });
        await copy(s, joined(table, work, where, aligned), temporary);
      }),
    );
}

/** Fills the table `made` with what the function makes, and `dsk_from`. True when it made one row for each, in order. */
async function makeColumns(
  s: Session,
  rows: DuckDBResult,
  { columns, makes }: Pick<RowWork, 'columns' | 'makes'>,
  make: RowFunction,
  start: number,
  { report, signal }: TaskWatch,
): Promise<boolean> {
  const duckdb = await openBinding();
  const names = Object.keys(makes);
  const types = [duckdb.BIGINT, ...Object.values(makes).map((type) => duckdbType(duckdb, type))];
  const defined = names.map((name, i) => `${identifier(name)} ${types[i + 1]}`);
  await s.run(`CREATE TABLE made (${['dsk_from BIGINT', ...defined].join(', ')})`);
  const appender = await s.connection.createAppender('made');
  let aligned = true;
  let done = 0;
  for await (const chunk of rows) {
    const count = chunk.rowCount;
    const made = await make(columnsOf(duckdb, chunk, columns), start + done);
    aligned &&= made.from === undefined;
    append(duckdb, appender, types, names, made, start + done, count);
    done += count;
    report(done);
    signal.throwIfAborted();
  }
  appender.closeSync();
  return aligned;
}

function columnsOf(duckdb: typeof import('@duckdb/node-api'), chunk: DuckDBDataChunk, names: string[]): Columns {
  const values = chunk.convertColumns(duckdb.JSDuckDBValueConverter);
  return Object.fromEntries(
    names.map((name, i) => [
      name,
      (values[i] as unknown[]).map((value) => (typeof value === 'bigint' ? Number(value) : value)),
    ]),
  );
}

function append(
  duckdb: typeof import('@duckdb/node-api'),
  appender: { appendDataChunk(chunk: DuckDBDataChunk): void; flushSync(): void },
  types: DuckDBType[],
  names: string[],
  made: Made,
  first: number,
  rows: number,
): void {
  const count = made.from ? made.from.length : rows;
  for (const name of names) {
    const given = made.columns[name]?.length;
    if (given !== count) throw new Error(`the row function made ${given} values of ${name} for ${count} rows`);
  }
  for (let at = 0; at < count; at += CHUNK) {
    const size = Math.min(CHUNK, count - at);
    const chunk = duckdb.DuckDBDataChunk.create(types, size);
    const from = Array.from({ length: size }, (_, i) =>
      BigInt(first + (made.from ? (made.from[at + i] as number) : at + i)),
    );
    chunk.setColumnValues(0, from);
    for (const [i, name] of names.entries()) {
      const part = (made.columns[name] as unknown[]).slice(at, at + size);
      chunk.setColumnValues(
        i + 1,
        part.map((value) => duckdbValue(duckdb, types[i + 1] as DuckDBType, value)),
      );
    }
    appender.appendDataChunk(chunk);
  }
  appender.flushSync();
}

/** The part's rows with the columns that were made: in the place of those of their name, else last. */
function joined(
  table: TableArtifact,
  { makes, alone }: Pick<RowWork, 'makes' | 'alone'>,
  where: string,
  aligned: boolean,
): string {
  if (alone) return `SELECT ${Object.keys(makes).map(identifier).join(', ')} FROM made ORDER BY rowid`;
  const old = Object.keys(table.columns).map((name) =>
    Object.hasOwn(makes, name) ? `made.${identifier(name)}` : `part.${identifier(name)}`,
  );
  const added = Object.keys(makes).filter((name) => !Object.hasOwn(table.columns, name));
  const columns = [...old, ...added.map((name) => `made.${identifier(name)}`)].join(', ');
  const part = `(SELECT * FROM ${parquet(table.path, 'file_row_number = true')} WHERE ${where}) AS part`;
  // One row for each: side by side, without a join. Else the rows made are matched, and put back into their order.
  return aligned
    ? `SELECT ${columns} FROM ${part} POSITIONAL JOIN made`
    : `SELECT ${columns} FROM made JOIN ${part} ON part.${ROW} = made.dsk_from ORDER BY made.rowid`;
}

function duckdbType(duckdb: typeof import('@duckdb/node-api'), type: MadeType): DuckDBType {
  const { BIGINT, BLOB, BOOLEAN, DOUBLE, LIST, VARCHAR } = duckdb;
  const types: Record<MadeType, DuckDBType> = {
    text: VARCHAR,
    integer: BIGINT,
    number: DOUBLE,
    boolean: BOOLEAN,
    binary: BLOB,
    texts: LIST(VARCHAR),
    integers: LIST(BIGINT),
    numbers: LIST(DOUBLE),
  };
  return types[type];
}

function duckdbValue(duckdb: typeof import('@duckdb/node-api'), type: DuckDBType, value: unknown): DuckDBValue {
  if (value === null || value === undefined) return null;
  if (type instanceof duckdb.DuckDBListType) {
    return duckdb.listValue(
      Array.from(value as ArrayLike<unknown>, (item) => duckdbValue(duckdb, type.valueType, item)),
    );
  }
  if (type === duckdb.BIGINT) return BigInt(value as number);
  if (type === duckdb.BLOB) return duckdb.blobValue(value as Uint8Array);
  return value as DuckDBValue;
}
