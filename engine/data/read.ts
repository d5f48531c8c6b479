// Reading files into rows: with DuckDB (CSV, JSONL, Parquet) or line by line (text).
import { createReadStream } from 'node:fs';
import { rm } from 'node:fs/promises';
import { basename, dirname, join, relative, sep } from 'node:path';
import { createInterface } from 'node:readline';
import type { TableFormat, TableOptions } from '../nodes/context.ts';
import { temporaryName } from './atomic.ts';
import { literal, type Session } from './duckdb.ts';
import { checkUtf8File, decoderFor, textRows, transcode } from './text.ts';

/** Rows that types of CSV columns are told from; the same at check time and when running, so that both agree. */
const CSV_SAMPLE = 20_480;
const JSON_SAMPLE = 200_000;
const BATCH = 2048;

/** A query that gives a format's rows in the order of the files. `head`: types from the first rows only. */
export async function readQuery(
  files: string[],
  format: Exclude<TableFormat, 'text'>,
  options: TableOptions,
  head: boolean,
): Promise<string> {
  const list = `[${files.map(literal).join(', ')}]`;
  if (format === 'parquet') return `FROM read_parquet(${list})`;
  if (format === 'jsonl') {
    const sample = head ? JSON_SAMPLE : -1;
    return `FROM read_json(${list}, format = 'newline_delimited', records = true, map_inference_threshold = -1, sample_size = ${sample})`;
  }
  const { delimiter } = await readFirstLine(files[0] as string, options.delimiter);
  const header = options.header ?? true;
  const settings = [
    `delim = ${literal(delimiter)}`,
    `quote = '"'`,
    `escape = '"'`,
    `comment = ''`,
    `header = ${header}`,
    'skip = 0',
    'null_padding = false',
    'strict_mode = true',
    `sample_size = ${CSV_SAMPLE}`,
  ];
  const text = options.text ?? [];
  if (text.length > 0) settings.push(`types = {${text.map((c) => `${literal(c)}: 'VARCHAR'`).join(', ')}}`);
  if (!head) settings.push('store_rejects = true', 'rejects_limit = 1');
  return `FROM read_csv(${list}, ${settings.join(', ')})`;
}

/** The separator of a CSV file: of comma, semicolon, tab and bar the one its first line has most of outside quotes. */
export async function readFirstLine(path: string, delimiter?: string): Promise<{ delimiter: string; columns: number }> {
  const input = createReadStream(path, { end: 1 << 20 });
  for await (const line of createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY })) {
    input.destroy();
    const bare = line.replace(/"(?:[^"]|"")*"/g, '');
    const marks = delimiter === undefined ? [',', ';', '\t', '|'] : [delimiter];
    const counts = marks.map((mark) => ({ delimiter: mark, columns: bare.split(mark).length }));
    return counts.reduce((best, next) => (next.columns > best.columns ? next : best));
  }
  return { delimiter: delimiter ?? ',', columns: 1 };
}

/**
 * Files as DuckDB can read them: UTF-8 ones as they are once checked, others rewritten in `folder`. The caller removes `made`.
 */
export async function utf8Files(
  files: string[],
  options: TableOptions,
  folder: string,
  limit?: number,
): Promise<{ files: string[]; made: string[] }> {
  if (decoderFor(options.encoding ?? 'utf-8').encoding === 'utf-8') {
    for (const file of files) await checkUtf8File(file, limit);
    return { files, made: [] };
  }
  const made: string[] = [];
  for (const [i, file] of files.entries()) {
    const out = temporaryName(join(folder, `${i}-${basename(file)}`));
    made.push(out);
    await transcode(file, options.encoding as string, out, limit);
  }
  return { files: made, made };
}

/** Creates the table `rows` (text, file) from text files. */
export async function readText(s: Session, files: string[], options: TableOptions): Promise<void> {
  const { DuckDBDataChunk, VARCHAR } = await import('@duckdb/node-api');
  await s.run('CREATE TABLE rows (text VARCHAR, file VARCHAR)');
  const appender = await s.connection.createAppender('rows');
  const names = shownNames(files);
  for (const [i, file] of files.entries()) {
    for await (const rows of textRows(file, options.rows ?? 'file', options.encoding ?? 'utf-8')) {
      for (let start = 0; start < rows.length; start += BATCH) {
        const part = rows.slice(start, start + BATCH);
        const chunk = DuckDBDataChunk.create([VARCHAR, VARCHAR], part.length);
        chunk.setColumnValues(0, part);
        chunk.setColumnValues(1, new Array(part.length).fill(names[i]));
        appender.appendDataChunk(chunk);
      }
      appender.flushSync();
    }
  }
  appender.closeSync();
}

/** File names from their common folder on: the same wherever that folder lies. */
function shownNames(files: string[]): string[] {
  let common = dirname(files[0] as string);
  while (!files.every((file) => file.startsWith(common.endsWith(sep) ? common : common + sep)))
    common = dirname(common);
  return files.map((file) => relative(common, file).replaceAll(sep, '/'));
}

export async function removeAll(paths: string[]): Promise<void> {
  for (const path of paths) await rm(path, { force: true });
}
