// Writes a table as a file for other programs. Implements `Tables.save` of engine/nodes/context.ts.
import { basename } from 'node:path';
import type { FileShape, Watch } from '../../nodes/context.ts';
import { InputError } from '../../nodes/kind.ts';
import { identifier, literal } from '../../nodes/sql.ts';
import type { Table } from '../../nodes/values.ts';
import { replaceFile } from '../atomic.ts';
import { type EngineOptions, session } from '../duckdb.ts';
import { statOf } from '../glob.ts';
import { copy } from '../store.ts';
import { filesOf, openViews, source } from '../view.ts';

export async function save(
  engine: EngineOptions,
  table: Table,
  path: string,
  shape: FileShape,
  { signal }: Watch,
): Promise<void> {
  if (statOf(path)?.isDirectory()) {
    throw new InputError({
      code: 'path-taken',
      message: `${basename(path)} is a folder, and not replaced`,
      at: 'path',
      note: 'name a file in it',
    });
  }
  await replaceFile(path, (temporary) =>
    session({ ...engine, signal }, [...filesOf(table), temporary], async (s) => {
      await openViews(s, table);
      const from = `FROM ${source(table)}`;
      if (shape.format === 'parquet') await copy(s, from, temporary);
      else
        await s.run(
          `COPY (${selected(table, shape)} ${from}) TO ${literal(temporary)} (${settings(shape)}, USE_TMP_FILE false)`,
        );
    }),
  );
}

/** CSV has texts and numbers alone: what holds several values becomes JSON. */
function selected({ columns }: Table, { format }: FileShape): string {
  const nested = Object.keys(columns).filter((name) => columns[name] === 'list' || columns[name] === 'struct');
  if (format !== 'csv' || nested.length === 0) return 'SELECT *';
  const texts = nested.map((name) => `to_json(${identifier(name)})::VARCHAR AS ${identifier(name)}`);
  return `SELECT * REPLACE (${texts.join(', ')})`;
}

function settings({ format, delimiter, compression }: FileShape): string {
  const packed = `COMPRESSION ${compression ?? 'none'}`;
  return format === 'csv' ? `FORMAT csv, HEADER, DELIMITER ${literal(delimiter)}, ${packed}` : `FORMAT json, ${packed}`;
}
