// A Parquet file from rows that come from JavaScript: written part by part, as many bytes at a time as memory may hold, and put
// together at the end. Rows never pile up.
import { mkdir, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { DuckDBType } from '@duckdb/node-api';
import { identifier } from '../../nodes/sql.ts';
import type { ColumnType, TableArtifact } from '../../nodes/values.ts';
import { replaceFile, temporaryName } from '../atomic.ts';
import { openBinding } from '../binding.ts';
import { type EngineOptions, session } from '../duckdb.ts';
import { copy, groupRows, parquet } from '../store.ts';

/** Bytes of a part: what is held in JavaScript, and a moment later in DuckDB as well. */
const PART = 32e6;
const BATCH = 2048;

/** What can be filled in. */
type Filled = Extract<ColumnType, 'text' | 'integer' | 'binary'>;

const sqlTypes: Record<Filled, string> = { text: 'VARCHAR', integer: 'BIGINT', binary: 'BLOB' };

export interface Fill {
  /** Adds a row: values in the order of the columns. `bytes`: about what it takes. */
  add(row: readonly (string | number | Uint8Array | null)[], bytes: number): void;
  /** Waits until few enough rows are held. To be called between adds, now and then. */
  settle(): Promise<void>;
  /** Rows so far. */
  readonly rows: number;
  /** Writes the table. */
  end(out: string): Promise<TableArtifact>;
  /** Removes what was written and not used. */
  close(): Promise<void>;
}

/** @param base parts are written beside this path, under temporary names */
export function openFill(engine: EngineOptions, columns: Record<string, Filled>, base: string): Fill {
  const names = Object.keys(columns);
  const parts: string[] = [];
  let held: unknown[][] = names.map(() => []);
  let bytes = 0;
  let all = 0;
  let rows = 0;
  let writing: Promise<void> = Promise.resolve();
  const flush = async (): Promise<void> => {
    const values = held;
    held = names.map(() => []);
    bytes = 0;
    await writing;
    await mkdir(dirname(base), { recursive: true });
    const part = temporaryName(base);
    parts.push(part);
    writing = writePart(engine, columns, values, part);
    // Who waits for it gets the failure; until then it is nobody's.
    writing.catch(() => {});
  };
  return {
    add(row, size) {
      for (const [i, value] of row.entries()) (held[i] as unknown[]).push(value);
      rows++;
      bytes += size;
      all += size;
    },
    async settle() {
      if (bytes >= PART) await flush();
    },
    get rows() {
      return rows;
    },
    async end(out) {
      if (bytes > 0 || parts.length === 0) await flush();
      await writing;
      await replaceFile(out, async (temporary) => {
        if (parts.length === 1) await rename(parts.pop() as string, temporary);
        else
          await session(engine, [...parts, temporary], (s) =>
            copy(s, `FROM ${parquet(parts)}`, temporary, groupRows(all / rows)),
          );
      });
      return { type: 'table', path: out, rows, columns: { ...columns } };
    },
    async close() {
      await writing.catch(() => {});
      for (const part of parts) await rm(part, { force: true });
    },
  };
}

async function writePart(
  engine: EngineOptions,
  columns: Record<string, Filled>,
  values: unknown[][],
  part: string,
): Promise<void> {
  const { BIGINT, BLOB, DuckDBBlobValue, DuckDBDataChunk, VARCHAR } = await openBinding();
  const types: Record<Filled, DuckDBType> = { text: VARCHAR, integer: BIGINT, binary: BLOB };
  const wanted = Object.values(columns);
  await session(engine, [part], async (s) => {
    const definitions = Object.entries(columns).map(([name, type]) => `${identifier(name)} ${sqlTypes[type]}`);
    await s.run(`CREATE TABLE rows (${definitions.join(', ')})`);
    const appender = await s.connection.createAppender('rows');
    const rows = values[0]?.length ?? 0;
    for (let start = 0; start < rows; start += BATCH) {
      const end = Math.min(rows, start + BATCH);
      const chunk = DuckDBDataChunk.create(
        wanted.map((type) => types[type]),
        end - start,
      );
      for (const [i, type] of wanted.entries()) {
        const piece = (values[i] as unknown[]).slice(start, end).map((value) => {
          if (value === null || type === 'text') return value;
          return type === 'integer' ? BigInt(value as number) : new DuckDBBlobValue(value as Uint8Array);
        });
        chunk.setColumnValues(i, piece as Parameters<typeof chunk.setColumnValues>[1]);
      }
      appender.appendDataChunk(chunk);
    }
    appender.closeSync();
    await copy(s, 'FROM rows', part);
  });
}
