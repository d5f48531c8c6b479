// A table's rows through a row function (rows/), part by part in worker threads.
import { rm } from 'node:fs/promises';
import type { RowWork, Watch } from '../nodes/context.ts';
import type { TableArtifact } from '../nodes/values.ts';
import type { EngineOptions } from './duckdb.ts';
import { openParts, rangesOf } from './parts.ts';
import { inWorkers } from './pool.ts';
import { parquet, requireColumn, store } from './store.ts';
import type { MapShared, MapTask } from './work/map.ts';

/** As `Tables.map`. Throws InputError when no row is left. */
export async function map(
  engine: EngineOptions,
  table: TableArtifact,
  work: RowWork,
  out: string,
  { parts: folder, progress, signal }: Watch,
): Promise<TableArtifact> {
  for (const column of work.columns) requireColumn(table, column, 'table');
  const ranges = await rangesOf(engine, table, Object.keys(table.columns));
  const parts = await openParts(folder, 'map', work, 'parquet');
  const left = ranges.filter((range) => !parts.isDone(range));
  const before = table.rows - left.reduce((sum, { start, end }) => sum + end - start, 0);
  const tell = (done: number) => progress({ done: before + done, total: table.rows, unit: 'rows' });
  tell(0);
  const shared: MapShared = { engine: workerEngine(engine), table, work };
  const tasks: MapTask[] = left.map((range) => ({ ...range, out: parts.path(range) }));
  await inWorkers('map', shared, tasks, { ...threads(engine), signal, progress: tell });
  const files = ranges.map(parts.path);
  const empty = {
    code: 'data-empty',
    message: `no row is left of ${table.rows}`,
    at: null,
    note: 'loosen what removes them',
  };
  const result = await store(engine, files, out, () => `FROM ${parquet(files)}`, { signal, empty });
  await Promise.all(files.map((file) => rm(file, { force: true })));
  return result;
}

const threads = ({ threads }: EngineOptions) => (threads === undefined ? {} : { threads });

/** What an engine in a worker may take: a part fits many times. */
export function workerEngine({ temp }: EngineOptions): EngineOptions {
  return { threads: 1, memory: 400e6, temp };
}
