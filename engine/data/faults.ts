// What is wrong with a file that cannot be read as a table, in the user's terms: file, line, content and remedy.
import { basename } from 'node:path';
import type { TableFormat, TableOptions } from '../nodes/context.ts';
import { InputError } from '../nodes/kind.ts';
import { literal } from '../nodes/sql.ts';
import { type EngineOptions, type Session, session } from './duckdb.ts';
import { readFirstLine } from './read.ts';
import { lineBatches } from './text.ts';

/** What a column holds, by the type that DuckDB told from its first rows. */
const held: Record<string, string> = {
  BIGINT: 'whole numbers',
  DOUBLE: 'numbers',
  BOOLEAN: 'true and false',
  DATE: 'dates',
  TIME: 'times of day',
  TIMESTAMP: 'dates with times',
};

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
    const wanted = held[/to '(\w+)'/.exec(String(row.error_message))?.[1] ?? ''] ?? 'values of another type';
    const value = /Could not convert string "([\s\S]*?)" to/.exec(String(row.error_message))?.[1] ?? content;
    throw broken(
      `${file}:${line}: column \`${row.column_name}\` holds ${wanted} in the rows before, but here stands "${shorten(value)}"`,
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
  let { message } = error;
  for (const [path, file] of original) message = message.replaceAll(path, basename(file));
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

/** A better word on a file that DuckDB could not read, where there is one: its broken row, or line. */
export async function explain(
  engine: EngineOptions,
  files: string[],
  format: TableFormat,
  options: TableOptions,
  original: Map<string, string>,
  fault: unknown,
): Promise<unknown> {
  if (!(fault instanceof InputError) || fault.complaint.code !== 'file-broken') return fault;
  if (format === 'csv') return session(engine, files, (s) => brokenRow(s, files, options, original, fault));
  return format === 'jsonl' ? brokenLine(files, original, fault) : fault;
}

/**
 * What is wrong with a CSV file that DuckDB finds no sense in: reads it as columns of text, as many as the first line has, without
 * guessing. Gives the first row that does not fit, or `fault` where that says no more.
 */
async function brokenRow(
  s: Session,
  files: string[],
  options: TableOptions,
  original: Map<string, string>,
  fault: unknown,
): Promise<unknown> {
  const { delimiter, columns } = await readFirstLine(files[0] as string, options.delimiter);
  const names = Array.from({ length: columns }, (_, i) => `${literal(`column ${i + 1}`)}: 'VARCHAR'`);
  try {
    await s.rows(`SELECT count(*) FROM read_csv([${files.map(literal).join(', ')}], auto_detect = false, delim = ${literal(delimiter)},
      quote = '"', escape = '"', header = ${options.header ?? true}, columns = {${names.join(', ')}}, store_rejects = true, rejects_limit = 1)`);
    await checkRejects(s, original);
  } catch (error) {
    if (error instanceof InputError) return error;
  }
  return fault;
}

/** What is wrong with a JSONL file: its first line that is no object, or `fault` where each is one. */
async function brokenLine(files: string[], original: Map<string, string>, fault: unknown): Promise<unknown> {
  for (const file of files) {
    let number = 0;
    for await (const lines of lineBatches(file, 'utf-8')) {
      for (const line of lines) {
        number++;
        const what = line.trim() === '' ? null : notObject(line);
        if (what !== null) {
          return broken(
            `${basename(original.get(file) ?? file)}:${number}: ${what}: ${shorten(line)}`,
            'each line of a JSONL file is one JSON object; correct or remove the line',
          );
        }
      }
    }
  }
  return fault;
}

function notObject(line: string): string | null {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? null : 'the line is no JSON object';
  } catch {
    return 'the line is no JSON';
  }
}

function broken(message: string, note: string): InputError {
  return new InputError({ code: 'file-broken', message, at: 'path', note });
}

/** A part of a file for a message: on one line, and not too long. */
function shorten(value: string): string {
  const line = value.replace(/[\p{Cc}\ufffd]+/gu, ' ').trim();
  return line.length > 80 ? `${line.slice(0, 77)}...` : line;
}
