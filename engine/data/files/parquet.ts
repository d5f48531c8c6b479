// Parquet files: copied into the table's one file, so that it stays when they change.
import { stat } from 'node:fs/promises';
import { literal } from '../../nodes/sql.ts';
import type { ColumnType, TableArtifact } from '../../nodes/values.ts';
import { replaceFile } from '../atomic.ts';
import { describe, type EngineOptions, session } from '../duckdb.ts';
import { copy, groupRows, parquet } from '../store.ts';
import { readFault } from './faults.ts';
import { type Reading, threadsFor } from './reading.ts';

export async function parquetColumns(
  engine: EngineOptions,
  path: string,
  name: string,
): Promise<Record<string, ColumnType>> {
  try {
    return await session(engine, [path], (s) => describe(s, `FROM ${parquet(path)}`));
  } catch (error) {
    throw readFault(error, [name], 'parquet', new Map([[path, name]]));
  }
}

export async function loadParquet({ engine, files, names, out, watch }: Reading): Promise<TableArtifact> {
  const [first] = files as [string];
  const columns = await parquetColumns({ ...engine, threads: 1 }, first, names.get(first) as string);
  const sizes = await Promise.all(files.map(async (file) => (await stat(file)).size));
  const bytes = sizes.reduce((sum, size) => sum + size, 0);
  try {
    return await replaceFile(out, (temporary) =>
      session(
        { ...engine, ...threadsFor(Object.keys(columns).length, 0), signal: watch.signal },
        [...files, temporary],
        async (s) => {
          const [known] = await s.rows(
            `SELECT sum(num_rows)::DOUBLE AS rows FROM parquet_file_metadata([${files.map(literal).join(', ')}])`,
          );
          const group = groupRows((4 * bytes) / Math.max(1, Number(known?.rows)));
          const rows = await copy(s, `FROM ${parquet(files)}`, temporary, group);
          return { type: 'table', path: out, rows, columns: await describe(s, `FROM ${parquet(temporary)}`) };
        },
      ),
    );
  } catch (error) {
    watch.signal.throwIfAborted();
    throw readFault(error, [...names.values()], 'parquet', names);
  }
}
