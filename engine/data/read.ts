// Reading files into rows with DuckDB (CSV, JSONL, Parquet) or line by line (text), and what is wrong with them in the user's terms.
import { createReadStream } from 'node:fs';
import { rm } from 'node:fs/promises';
import { basename, dirname, join, relative, sep } from 'node:path';
import { createInterface } from 'node:readline';
import type { TableFormat, TableOptions } from '../nodes/context.ts';
import { InputError } from '../nodes/kind.ts';
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

/**
 * A query that fails where rows are broken, for files that DuckDB can make no sense of: as many columns of text as the first line
 * has delimiters, and nothing guessed.
 */
export async function strictQuery(files: string[], options: TableOptions): Promise<string> {
  const { delimiter, columns } = await readFirstLine(files[0] as string, options.delimiter);
  const names = Array.from({ length: columns }, (_, i) => `${literal(`column ${i + 1}`)}: 'VARCHAR'`);
  return `FROM read_csv([${files.map(literal).join(', ')}], auto_detect = false, delim = ${literal(delimiter)}, quote = '"', escape = '"',
    header = ${options.header ?? true}, columns = {${names.join(', ')}}, store_rejects = true, rejects_limit = 1)`;
}

/** The separator of a CSV file: of comma, semicolon, tab and bar the one its first line has most of outside quotes. */
async function readFirstLine(path: string, delimiter?: string): Promise<{ delimiter: string; columns: number }> {
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
    if (limit === undefined) for (const file of files) await checkUtf8File(file);
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

/** Throws InputError for the first row that the last CSV reading had to leave out. `original`: names by DuckDB's paths. */
export async function checkRejects(s: Session, original: Map<string, string>): Promise<void> {
  const [row] = await s.rows(
    `SELECT e.*, f.file_path FROM reject_errors e JOIN reject_scans f USING (scan_id, file_id) ORDER BY f.file_id, e.line LIMIT 1`,
  );
  if (!row) return;
  const file = basename(original.get(String(row.file_path)) ?? String(row.file_path));
  const line = Number(row.line);
  const content = shorten(String(row.csv_line ?? ''));
  const type = String(row.error_type);
  const counts = /Expected Number of Columns: (\d+) Found: (\d+)/.exec(String(row.error_message));
  const notes: Record<string, string> = {
    'TOO MANY COLUMNS':
      'a value that contains the delimiter stands in double quotes; or give the delimiter, as in delimiter: ";"',
    'MISSING COLUMNS': 'add the missing values (an empty one between delimiters is fine), or remove the row',
    'UNQUOTED VALUE': 'close the quote; a quote inside a quoted value is written twice',
    'INVALID ENCODING': 'give the encoding the file was saved in, such as encoding: "windows-1252"',
  };
  if (type === 'CAST') {
    const wanted = /to type '(\w+)/.exec(String(row.error_message))?.[1] ?? 'the type of the rows before';
    const value = /Could not convert string "([\s\S]*?)" to/.exec(String(row.error_message))?.[1] ?? content;
    throw broken(
      `${file}:${line}: column \`${row.column_name}\` is ${wanted} in the rows before, but here stands "${shorten(value)}"`,
      `correct the value, leave it empty, or read the column as text with text: ["${row.column_name}"]`,
    );
  }
  const what = counts
    ? `${counts[2]} ${counts[2] === '1' ? 'value' : 'values'} where the header has ${counts[1]} columns`
    : type === 'UNQUOTED VALUE'
      ? 'a quote that is not closed'
      : String(row.error_message).split('\n')[0];
  throw broken(`${file}:${line}: ${what}: ${content}`, notes[type] ?? 'correct the row, or remove it');
}

/** What DuckDB says while reading, as an InputError in the user's terms; anything unknown as it is. */
export function readFault(
  error: unknown,
  files: string[],
  format: TableFormat,
  original: Map<string, string>,
): unknown {
  if (error instanceof InputError || !(error instanceof Error)) return error;
  const message = error.message.replaceAll(/"?(\/[^"\n]+?)"?(?=[,:\s]|$)/g, (whole, path: string) =>
    original.has(path) || files.includes(path) ? basename(original.get(path) ?? path) : whole,
  );
  const json = /in file "?([^",]+)"?,(?: at byte (\d+))? in line (\d+): ([^\n]*)/.exec(message);
  if (json) {
    return broken(
      `${basename(json[1] as string)}:${json[3]}: ${json[4]?.trim()}`,
      'each line of a JSONL file is one JSON object; correct or remove the line',
    );
  }
  const first = (message.split(/\n\s*\n/)[0] ?? message).replace(/^\w[\w ]* Error:\s*/, '').split('\n')[0];
  const which = files.length === 1 ? basename(files[0] as string) : `one of ${files.length} files`;
  if (format === 'parquet' && /parquet|magic|thrift|footer|schema|snappy|zstd|column/i.test(message)) {
    return broken(
      `${which} cannot be read as Parquet: ${first}`,
      'the file is cut off, damaged, of another format, or differs in its columns from the others',
    );
  }
  if (/^(Invalid Input|Conversion|Binder|IO) Error/.test(error.message)) {
    return broken(
      `${which} cannot be read as ${format.toUpperCase()}: ${first}`,
      'check the file, and `format`, `delimiter` and `header` of load',
    );
  }
  return error;
}

export async function removeAll(paths: string[]): Promise<void> {
  for (const path of paths) await rm(path, { force: true });
}

function broken(message: string, note: string): InputError {
  return new InputError({ code: 'file-broken', message, at: 'path', note });
}

function shorten(value: string): string {
  return value.length > 80 ? `${value.slice(0, 77)}...` : value;
}
