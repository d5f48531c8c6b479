// Tables on disk: a query's rows written as one Parquet file, atomically, and what a table is known by.
import { closest } from '../../grammar/diagnostic.ts';
import { type Complaint, InputError } from '../nodes/kind.ts';
import { literal } from '../nodes/sql.ts';
import { columnList } from '../nodes/table.ts';
import type { TableArtifact } from '../nodes/values.ts';
import { replaceFile } from './atomic.ts';
import { describe, type EngineOptions, type Session, session } from './duckdb.ts';

/** Rows written at once, at most, and their bytes: they are held in memory, and a row may be a whole document. */
const ROW_GROUP = 8192;
const ROW_GROUP_BYTES = 64e6;
/** Bytes in memory for one of a Parquet file's. */
const UNPACKED = 4;

/** DuckDB's name for a row's position in a file. */
export const ROW = 'file_row_number';

export interface StoreOptions {
  /** Runs behind the query, before the file gets its name. */
  after?: (s: Session) => Promise<void>;
  /** Puts what DuckDB says into the user's terms. */
  fault?: (error: unknown) => unknown;
  /** What to say when there are no rows; null where that is fine. */
  empty?: Complaint | null;
  /** Leaves when the run is interrupted. */
  signal?: AbortSignal;
  /** Rows written at once. Default: as many as fit, going by the Parquet files that are read. */
  rowGroup?: number;
}

/**
 * Writes a query's rows to `out` and says what they are. `paths`: the files the query reads.
 * Throws InputError when there are no rows, or the disk is full.
 */
export async function store(
  engine: EngineOptions,
  paths: string[],
  out: string,
  query: (s: Session) => Promise<string> | string,
  { after, fault, empty = noRows, signal, rowGroup }: StoreOptions = {},
): Promise<TableArtifact> {
  return replaceFile(out, async (temporary) => {
    try {
      return await session({ ...engine, signal }, [...paths, temporary], async (s) => {
        const rows = await copy(s, await query(s), temporary, rowGroup ?? (await groupOf(s, paths)));
        await after?.(s);
        if (rows === 0 && empty) throw new InputError(empty);
        return { type: 'table', path: out, rows, columns: await describe(s, `FROM ${parquet(temporary)}`) };
      });
    } catch (error) {
      throw fault ? fault(error) : error;
    }
  });
}

/** Rows of about this many bytes that may be held at once. */
export function groupRows(bytesPerRow: number): number {
  return Math.max(1, Math.min(ROW_GROUP, Math.floor(ROW_GROUP_BYTES / Math.max(1, bytesPerRow))));
}

/** Rows to write at once when they come from these Parquet files. */
async function groupOf(s: Session, paths: readonly string[]): Promise<number> {
  const known = paths.filter((path) => /\.parquet\b/.test(path));
  if (known.length === 0) return ROW_GROUP;
  const [row] = await s.rows(
    `SELECT max(bytes / rows) AS bytes FROM (SELECT file_size_bytes AS bytes, greatest(num_rows, 1) AS rows
      FROM parquet_file_metadata([${known.map(literal).join(', ')}]))`,
  );
  return groupRows(UNPACKED * Number(row?.bytes ?? 0));
}

/** Writes a query's rows as Parquet; gives their number. */
export async function copy(s: Session, query: string, path: string, rowGroup = ROW_GROUP): Promise<number> {
  const [copied] = await s.rows(
    `COPY (${query}) TO ${literal(path)} (FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE ${rowGroup}, USE_TMP_FILE false)`,
  );
  return Number(copied?.Count);
}

/** A Parquet file, or several one after another, in a FROM clause. */
export function parquet(path: string | readonly string[], options = ''): string {
  const files = typeof path === 'string' ? literal(path) : `[${path.map(literal).join(', ')}]`;
  return `read_parquet(${files}${options === '' ? '' : `, ${options}`})`;
}

const noRows: Complaint = {
  code: 'data-empty',
  message: 'there are no rows to read',
  at: null,
  note: 'a table needs at least one row; blank lines and the header of a CSV file are none',
};

/** Throws InputError where a table lacks a column. */
export function requireColumn(table: TableArtifact, column: string, at: string): void {
  if (Object.hasOwn(table.columns, column)) return;
  const known = Object.keys(table.columns);
  const near = closest(column, known);
  throw new InputError({
    code: 'column-unknown',
    message: `there is no column \`${column}\``,
    at,
    note: near ? `did you mean \`${near}\`?` : `columns: ${columnList(known)}`,
    ...(near ? { suggest: { value: near, title: `use ${near}` } } : {}),
  });
}
