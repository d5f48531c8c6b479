// Long work over a table is done part by part: ranges of its rows that depend on the table alone. A part that is finished has a file
// under its name in the step's folder of parts; the next run after a kill finds it there and goes on with the others.
import { statSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Watch } from '../nodes/context.ts';
import { literal } from '../nodes/sql.ts';
import type { TableArtifact } from '../nodes/values.ts';
import { type EngineOptions, session } from './duckdb.ts';
import { hashValue } from './hash.ts';

/** Rows `start` up to `end`, without it. */
export interface Range {
  start: number;
  end: number;
}

/** Bytes of a part, as they are in memory: small enough for every worker to hold one, large enough to be worth starting. */
const PART_BYTES = 16e6;
const MOST_ROWS = 1 << 18;

/** Cuts a table into ranges that hold about as much of these columns as a worker should have in its hands. */
export async function rangesOf(engine: EngineOptions, table: TableArtifact, columns: string[]): Promise<Range[]> {
  const [row] = await session(engine, [table.path], (s) =>
    s.rows(`SELECT sum(total_uncompressed_size)::DOUBLE AS bytes FROM parquet_metadata(${literal(table.path)})
      WHERE split_part(path_in_schema, ', ', 1) IN (${columns.map(literal).join(', ') || `''`})`),
  );
  const bytes = Number(row?.bytes ?? 0);
  const rows = Math.min(MOST_ROWS, Math.max(1, Math.floor((PART_BYTES / Math.max(bytes, 1)) * table.rows)));
  // Ranges begin where groups of rows do, as far as they are longer than these.
  const step = rows > 8192 ? rows - (rows % 8192) : rows;
  return Array.from({ length: Math.ceil(table.rows / step) }, (_, i) => ({
    start: i * step,
    end: Math.min(table.rows, (i + 1) * step),
  }));
}

export interface Parts {
  /** Where the file of a part belongs; it is finished once it is there, so it comes by rename. */
  path(range: Range): string;
  isDone(range: Range): boolean;
}

/**
 * Files of one piece of work in a step's folder of parts.
 * @param what all that the parts depend on besides the step's own key
 */
export async function openParts(folder: string, name: string, what: unknown, ending: string): Promise<Parts> {
  const place = join(folder, `${name}-${hashValue(what).slice(0, 16)}`);
  await mkdir(place, { recursive: true });
  const path = ({ start, end }: Range) => join(place, `${start}-${end}.${ending}`);
  return { path, isDone: (range) => statSync(path(range), { throwIfNoEntry: false }) !== undefined };
}

/** A part that is still to be done, and where its file belongs. */
export type PartTask = Range & { out: string };

/**
 * The parts that are still to be done, and how to tell how many of their rows are: progress counts all rows of the table, and begins
 * at once with those of the parts that are there.
 */
export function openTasks(
  table: TableArtifact,
  ranges: readonly Range[],
  { path, isDone }: Parts,
  { progress }: Pick<Watch, 'progress'>,
  note?: string,
): { tasks: PartTask[]; tell: (done: number) => void } {
  const tasks = ranges.filter((range) => !isDone(range)).map((range) => ({ ...range, out: path(range) }));
  const before = table.rows - tasks.reduce((sum, { start, end }) => sum + end - start, 0);
  const more = note === undefined ? {} : { note };
  const tell = (done: number) => progress({ done: before + done, total: table.rows, unit: 'rows', ...more });
  tell(0);
  return { tasks, tell };
}
