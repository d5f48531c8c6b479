// A table's rows through a row function, part by part: one of rows/ in worker threads, or one of a kind's right here.
import { rm } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import type { RowWork, Through, Watch } from '../nodes/context.ts';
import type { TableArtifact } from '../nodes/values.ts';
import type { EngineOptions } from './duckdb.ts';
import { openParts, openTasks, type PartTask, type Range, rangesOf } from './parts.ts';
import { inWorkers } from './pool.ts';
import type { RowFunction } from './rows/rows.ts';
import { parquet, requireColumn, store } from './store.ts';
import { type MapShared, partMaker } from './work/map.ts';

/** As `Tables.map`. Throws InputError when no row is left. */
export async function map(
  engine: EngineOptions,
  table: TableArtifact,
  work: RowWork,
  out: string,
  watch: Watch,
): Promise<TableArtifact> {
  const ranges =
    work.rows === undefined
      ? await rangesOf(engine, table, Object.keys(table.columns))
      : rangesBy(table.rows, work.rows);
  return inParts(engine, { table, work, ranges, what: work }, out, watch, async (tasks, progress) => {
    const shared: MapShared = { engine: workerEngine(engine), table, work };
    await inWorkers('map', shared, tasks, { threads: engine.threads, signal: watch.signal, progress });
  });
}

/** As `Tables.through`. Throws InputError when no row is left. */
export async function through(
  engine: EngineOptions,
  table: TableArtifact,
  work: Through,
  make: RowFunction,
  out: string,
  watch: Watch,
): Promise<TableArtifact> {
  const { rows, columns, makes } = work;
  const ranges = rangesBy(table.rows, rows);
  return inParts(engine, { table, work, ranges, what: { columns, makes } }, out, watch, async (tasks, tell) => {
    const { signal } = watch;
    const perform = partMaker({ engine: workerEngine(engine), table, work }, make);
    let before = 0;
    for (const task of tasks) {
      signal.throwIfAborted();
      await perform(task, { signal, report: (done) => tell(before + done) });
      before += task.end - task.start;
    }
  });
}

/** Ranges of so many rows each. */
function rangesBy(all: number, rows: number): Range[] {
  return Array.from({ length: Math.ceil(all / rows) }, (_, i) => ({
    start: i * rows,
    end: Math.min(all, (i + 1) * rows),
  }));
}

interface InParts {
  table: TableArtifact;
  work: Pick<RowWork, 'columns'>;
  ranges: Range[];
  /** What the parts depend on besides the step's key. */
  what: unknown;
}

/** Does the parts that are not there yet, and joins all of them. */
async function inParts(
  engine: EngineOptions,
  { table, work, ranges, what }: InParts,
  out: string,
  { parts: folder, progress, signal }: Watch,
  perform: (tasks: PartTask[], tell: (done: number) => void) => Promise<void>,
): Promise<TableArtifact> {
  for (const column of work.columns) requireColumn(table, column, 'table');
  const parts = await openParts(folder, 'map', what, 'parquet');
  const { tasks, tell } = openTasks(table, ranges, parts, { progress });
  await perform(tasks, tell);
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

/** What an engine in a worker may take: a part fits many times. */
export function workerEngine({ temp, memory = 400e6, threads = availableParallelism() }: EngineOptions): EngineOptions {
  return { threads: 1, memory: Math.min(400e6, memory / threads), temp };
}
