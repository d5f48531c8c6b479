// Reads files into a table, and what could not be read into another. Implements `Tables.load` of engine/nodes/context.ts.
import { stat } from 'node:fs/promises';
import { basename } from 'node:path';
import type { LoadWatch, TableFormat, TableOptions } from '../../nodes/context.ts';
import { InputError } from '../../nodes/kind.ts';
import type { TableArtifact } from '../../nodes/values.ts';
import type { EngineOptions } from '../duckdb.ts';
import { openAside } from './aside.ts';
import { headOf } from './bytes.ts';
import { loadCsv } from './csv.ts';
import { loadIdx } from './idx.ts';
import { loadImages } from './images.ts';
import { loadJson } from './json.ts';
import { loadParquet } from './parquet.ts';
import { loadText } from './plain.ts';
import { type Reading, shownNames } from './reading.ts';

export async function load(
  engine: EngineOptions & { temp: string },
  files: string[],
  format: TableFormat,
  options: TableOptions,
  outs: { table: string; rejected: string },
  watch: LoadWatch,
): Promise<{ table: TableArtifact; rejected: TableArtifact }> {
  if (files.length === 0) throw new InputError({ code: 'data-empty', message: 'there is no file to read', at: 'path' });
  const sizes = await Promise.all(files.map(async (file) => (await stat(file)).size));
  if (sizes.every((size) => size === 0)) throw empty(files);
  const shown = shownNames(files);
  const names = new Map(files.map((file, i) => [file, shown[i] as string]));
  const aside = openAside(engine, options, outs.rejected, watch.warn);
  try {
    const reading: Reading = {
      engine,
      files: format === 'images' ? files : files.filter((_, i) => (sizes[i] as number) > 0),
      names,
      options,
      out: outs.table,
      aside,
      watch,
    };
    const table = await read(reading, format);
    const rejected = await aside.end(table.rows, outs.rejected);
    if (table.rows === 0) throw await noRows(files, format, options);
    for (const column of Object.keys(table.columns)) {
      if (/^dsk_/i.test(column)) {
        throw new InputError({
          code: 'column-name',
          message: `the name of column \`${column}\` is reserved`,
          at: 'path',
          note: 'rename it in the file: names of columns do not begin with dsk_',
        });
      }
    }
    watch.log(summary(table));
    return { table, rejected };
  } finally {
    await aside.close();
  }
}

function read(reading: Reading, format: TableFormat): Promise<TableArtifact> {
  if (format === 'text') return loadText(reading);
  if (format === 'csv') return loadCsv(reading);
  if (format === 'json' || format === 'jsonl') return loadJson(reading, format);
  if (format === 'images') return loadImages(reading);
  return format === 'idx' ? loadIdx(reading) : loadParquet(reading);
}

/** Columns as they were found, for the log. */
function summary({ rows, columns }: TableArtifact): string {
  const names = Object.entries(columns).map(([name, type]) => `${name} (${type})`);
  const more = names.length > 12 ? `, and ${names.length - 12} more` : '';
  return `${rows.toLocaleString('en')} rows; ${names.slice(0, 12).join(', ')}${more}`;
}

function empty(files: readonly string[]): InputError {
  const which = files.length === 1 ? basename(files[0] as string) : `each of the ${files.length} files`;
  return new InputError({
    code: 'data-empty',
    message: `${which} is empty: it has no bytes at all`,
    at: 'path',
    note: 'a table needs at least one row',
  });
}

async function noRows(files: readonly string[], format: TableFormat, { header }: TableOptions): Promise<InputError> {
  const blank = (await headOf(files[0] as string, 1 << 16)).toString('latin1').trim() === '';
  const which = files.length === 1 ? basename(files[0] as string) : `the ${files.length} files together`;
  const message =
    format === 'csv' && header && !blank ? `${which} has a header and no rows` : `there are no rows in ${which}`;
  return new InputError({
    code: 'data-empty',
    message,
    at: 'path',
    note: 'a table needs at least one row; blank lines and the header of a CSV file are none',
  });
}
