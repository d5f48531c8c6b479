// DuckDB sessions. Each opens an engine of its own that can touch exactly the files it is given and whose settings are locked, so
// that neither a graph's expression nor a data file can make it reach anything else.
import { availableParallelism, totalmem } from 'node:os';
import { dirname } from 'node:path';
import type { DuckDBConnection } from '@duckdb/node-api';
import { InputError } from '../nodes/kind.ts';
import { literal } from '../nodes/sql.ts';
import type { ColumnType } from '../nodes/values.ts';
import { diskError } from './atomic.ts';
import { openBinding } from './binding.ts';

export interface EngineOptions {
  threads?: number;
  /** Bytes of main memory, at most (200 MB at least); what does not fit is spilled to `temp`. Default: a quarter of the machine's, 4 GB at most. */
  memory?: number;
  /** Folder for spilled data, or null for none. */
  temp: string | null;
  /** Stops the query that is running; `session` then throws the signal's reason. */
  signal?: AbortSignal | undefined;
}

/**
 * Bytes of an amount of memory such as "500 MB" or "2GB", of which the work on tables takes as much at most. Throws InputError for
 * what is none.
 */
export function memoryOf(amount: string): number {
  const found = /^\s*(\d+(?:\.\d+)?)\s*(M|G)i?B?\s*$/i.exec(amount);
  if (found) return Number(found[1]) * (/g/i.test(found[2] as string) ? 1e9 : 1e6);
  throw new InputError({
    code: 'memory-amount',
    message: `DSK_MEMORY is "${amount}", which is no amount of memory`,
    at: null,
    note: 'such as 500MB or 2GB',
  });
}

export interface Session {
  connection: DuckDBConnection;
  run(sql: string): Promise<void>;
  rows(sql: string): Promise<Record<string, unknown>[]>;
}

/** Opens an engine that may touch `paths` only, lets `work` use it, and closes it. */
export async function session<T>(
  options: EngineOptions,
  paths: string[],
  work: (s: Session) => Promise<T>,
): Promise<T> {
  const { signal } = options;
  signal?.throwIfAborted();
  const s = await openSession(options, paths);
  const interrupt = () => s.connection.interrupt();
  signal?.addEventListener('abort', interrupt);
  try {
    return await work(s);
  } catch (error) {
    signal?.throwIfAborted();
    throw await diskError(error, options.temp ?? dirname(paths.at(-1) ?? '.'));
  } finally {
    signal?.removeEventListener('abort', interrupt);
    s.close();
  }
}

/** As `session`; the caller closes it. */
export async function openSession(options: EngineOptions, paths: string[]): Promise<Session & { close(): void }> {
  const { DuckDBInstance } = await openBinding();
  const memory = options.memory ?? Math.min(4e9, totalmem() / 4);
  const instance = await DuckDBInstance.create(':memory:', {
    threads: String(options.threads ?? availableParallelism()),
    autoinstall_known_extensions: 'false',
    autoload_known_extensions: 'false',
  });
  const connection = await instance.connect();
  const close = () => {
    connection.closeSync();
    instance.closeSync();
  };
  try {
    for (const setting of [
      `memory_limit = '${Math.max(200, Math.floor(memory / 1e6))}MB'`,
      `temp_directory = ${literal(options.temp ?? '')}`,
      `TimeZone = 'UTC'`,
      `allowed_paths = [${paths.map(literal).join(', ')}]`,
      'enable_external_access = false',
      'lock_configuration = true',
    ]) {
      await connection.run(`SET ${setting}`);
    }
  } catch (error) {
    close();
    throw error;
  }
  return {
    connection,
    run: async (sql) => {
      await connection.run(sql);
    },
    rows: async (sql) => (await connection.runAndReadAll(sql)).getRowObjectsJS(),
    close,
  };
}

/** Dsk's type for one of DuckDB's. */
export function columnType(type: string): ColumnType {
  if (type.endsWith(']')) return 'list';
  if (/^(STRUCT|MAP|UNION|VARIANT)/.test(type)) return 'struct';
  if (/^(U?(TINY|SMALL|BIG|HUGE)INT|U?INTEGER|BIGNUM)$/.test(type)) return 'integer';
  if (/^(FLOAT|DOUBLE|DECIMAL)/.test(type)) return 'number';
  if (type === 'BOOLEAN') return 'boolean';
  if (/^(DATE|TIME|INTERVAL)/.test(type)) return 'time';
  if (/^(BLOB|BIT|GEOMETRY)/.test(type)) return 'binary';
  return 'text';
}

/** Columns of what a query gives, without running it. */
export async function describe(s: Session, query: string): Promise<Record<string, ColumnType>> {
  const rows = await s.rows(`DESCRIBE ${query}`);
  return Object.fromEntries(rows.map((row) => [String(row.column_name), columnType(String(row.column_type))]));
}
