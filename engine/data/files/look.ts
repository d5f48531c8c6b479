// The columns of a table file, from its head: what checking a graph shows before anything runs.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import type { TableFormat, TableOptions } from '../../nodes/context.ts';
import { imageColumns } from '../../nodes/formats.ts';
import type { ColumnType } from '../../nodes/values.ts';
import { openAside } from './aside.ts';
import { csvColumns } from './csv.ts';
import { idxColumns } from './idx.ts';
import { jsonColumns } from './json.ts';
import { parquetColumns } from './parquet.ts';
import { textColumns } from './plain.ts';
import { sourceOf } from './reading.ts';

const engine = { threads: 1, memory: 512e6 };

/** Throws InputError for what cannot be read. */
export async function look(
  path: string,
  format: TableFormat,
  options: TableOptions,
): Promise<Record<string, ColumnType>> {
  const name = basename(path);
  if (format === 'text') {
    await sourceOf(path, options); // an encoding that does not exist, a file that is no text
    return textColumns;
  }
  if (format === 'images') return imageColumns([path]);
  if (format === 'idx') return idxColumns(path);
  if (format === 'parquet') return parquetColumns({ ...engine, temp: null }, path, name);
  const temp = await mkdtemp(join(tmpdir(), 'dsk-'));
  const aside = openAside({ ...engine, temp }, options, join(temp, 'rejected'), () => {});
  try {
    if (format === 'csv') return await csvColumns({ ...engine, temp }, path, name, options, aside);
    return await jsonColumns({ ...engine, temp }, path, name, format as 'json' | 'jsonl', options, aside);
  } finally {
    await aside.close();
    await rm(temp, { recursive: true, force: true });
  }
}
