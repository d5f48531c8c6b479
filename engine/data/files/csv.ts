// CSV files. DuckDB reads them, and tells types and broken rows; where it would lose rows or finds no sense in a file, the file is
// first gone through record by record (records.ts) and what fits is written anew.
import { rm } from 'node:fs/promises';
import { basename } from 'node:path';
import { closest } from '../../../grammar/diagnostic.ts';
import type { GivenType, TableOptions } from '../../nodes/context.ts';
import { InputError } from '../../nodes/kind.ts';
import { literal } from '../../nodes/sql.ts';
import type { ColumnType, TableArtifact } from '../../nodes/values.ts';
import { replaceFile } from '../atomic.ts';
import { describe, type EngineOptions, type Session, session } from '../duckdb.ts';
import { copy, groupRows } from '../store.ts';
import type { Aside, Broken } from './aside.ts';
import { checkWhole, writePieces } from './bytes.ts';
import { readFault } from './faults.ts';
import {
  broken,
  bytesPerLine,
  isPacked,
  isPlain,
  type Reading,
  scratch,
  sourceOf,
  sourcesOf,
  threadsFor,
} from './reading.ts';
import { type CsvRecord, records } from './records.ts';
import { BROKEN, badBytes, type Source, textOf } from './text.ts';

/** Rows that types are told from; the same at check time and when running, so that both agree. */
const SAMPLE = 20_480;
/** Longest row, in bytes, that DuckDB takes unless told; and as much of a broken row as it shows. */
const USUAL_LINE = 2_000_000;
const SHOWN = 10_000;
/** Bytes that DuckDB reads at once, a row at least: its own 32 MB for each that waits for its turn take a hundred MB more. */
const BUFFER = 2_200_000;
const STREAMING = 400e6;
/** In characters: 10,000 columns take a hundredth of it. */
const LONGEST_HEADER = 16 << 20;

export const givenTypes: Record<GivenType, string> = {
  text: 'VARCHAR',
  integer: 'BIGINT',
  number: 'DOUBLE',
  boolean: 'BOOLEAN',
  time: 'TIMESTAMP',
};

/** How a file is laid out, by its first line. */
interface Shape {
  delimiter: string;
  columns: number;
  /** Of a row, about. */
  bytes: number;
  /** The line itself. */
  first: string;
}

/** Values that types are told from, at most: of a table with very many columns, or very long rows, fewer are looked at. */
const SAMPLE_VALUES = 2_000_000;
const SAMPLE_BYTES = 32e6;
/** A file as DuckDB reads it. */
interface Tidied {
  path: string;
  name: string;
  /** Bytes of the longest row. */
  longest: number;
  /** How many lines were left out up to a line: [line here, lines more in the original], ascending. */
  shifts: [number, number][];
}

/** Names and types of the columns, from a file's first rows. */
export async function csvColumns(
  engine: EngineOptions & { temp: string },
  path: string,
  name: string,
  options: TableOptions,
  aside: Aside,
): Promise<Record<string, ColumnType>> {
  const source = await sourceOf(path, options);
  const shape = await shapeOf(source, options);
  const look = async (file: Tidied) => {
    const columns = await session(engine, [file.path], (s) =>
      describe(s, reading([file], shape, { ...options, types: {} })),
    );
    checkGiven(options.types, Object.keys(columns));
    if (Object.keys(options.types).length === 0) return columns;
    return session(engine, [file.path], (s) => describe(s, reading([file], shape, options)));
  };
  // What would be an error of the run is better found now.
  if (isPlain(source) && !source.strict && options.broken !== 'error') {
    try {
      return await look(asItIs(path, name));
    } catch (error) {
      if (error instanceof InputError) throw error;
      // DuckDB makes no sense of it: what is below does, or says what is wrong.
    }
  }
  const file = await tidy(source, name, shape, engine.temp, aside, SAMPLE);
  try {
    return await look(file);
  } catch (error) {
    throw readFault(error, [name], 'csv');
  } finally {
    await rm(file.path, { force: true });
  }
}

export async function loadCsv(r: Reading): Promise<TableArtifact> {
  const sources = await sourcesOf(r);
  const shape = await shapeOf(sources[0] as Source, r.options);
  if (sources.every(isPlain)) {
    for (const { path, told } of sources) if (await isPacked(path)) await checkWhole(path, told);
    const files = sources.map(({ path }) => asItIs(path, r.names.get(path) as string));
    const table = await store(
      r,
      files,
      shape,
      sources.some(({ strict }) => strict),
      true,
    );
    if (table) return table;
  }
  const files: Tidied[] = [];
  try {
    for (const source of sources) {
      files.push(await tidy(source, r.names.get(source.path) as string, shape, r.engine.temp, r.aside));
    }
    return (await store(r, files, shape, false, false)) as TableArtifact;
  } finally {
    for (const { path } of files) await rm(path, { force: true });
  }
}

const asItIs = (path: string, name: string): Tidied => ({ path, name, longest: USUAL_LINE, shifts: [] });

/**
 * Writes the rows.
 * @param strict what is not UTF-8 is an error
 * @param first null is given where going through the files record by record would find more; no row was kept aside then
 */
async function store(
  r: Reading,
  files: Tidied[],
  shape: Shape,
  strict: boolean,
  first: boolean,
): Promise<TableArtifact | null> {
  const group = groupRows(shape.bytes);
  const engine = {
    ...r.engine,
    ...threadsFor(shape.columns, shape.bytes),
    ...memoryFor(shape, files, r.engine),
    signal: r.watch.signal,
  };
  const paths = files.map(({ path }) => path);
  try {
    return await replaceFile(r.out, (temporary) =>
      session(engine, [...paths, temporary], async (s) => {
        if (Object.keys(r.options.types).length > 0) {
          const names = await describe(s, reading(files, shape, { ...r.options, types: {} }));
          checkGiven(r.options.types, Object.keys(names));
        }
        const rows = await copy(s, reading(files, shape, r.options), temporary, group);
        if (first && (await hidesRows(s))) throw new Unclear();
        await keepRejects(s, files, r.aside, strict);
        const columns = await describe(s, `FROM read_parquet(${literal(temporary)})`);
        if (r.options.header) for (const what of renamed(shape, Object.keys(columns))) r.watch.warn(what);
        return { type: 'table', path: r.out, rows, columns };
      }),
    );
  } catch (error) {
    if (error instanceof InputError) throw error;
    r.watch.signal.throwIfAborted();
    if (first && (error instanceof Unclear || isReaders(error))) return null;
    throw readFault(
      error,
      files.map(({ name }) => name),
      'csv',
      new Map(files.map(({ path, name }) => [path, name])),
    );
  }
}

/**
 * Rows of a usual size stream through: what a thread has read waits for its turn in as much memory as DuckDB is given, and gains
 * nothing by it.
 */
function memoryFor(
  { columns, bytes }: Shape,
  files: readonly Tidied[],
  { memory }: EngineOptions,
): { memory?: number } {
  const usual = columns <= 200 && bytes <= 10_000 && files.every(({ longest }) => longest <= USUAL_LINE);
  return usual ? { memory: Math.min(STREAMING, memory ?? STREAMING) } : {};
}

/** Thrown to leave a reading whose result is not to be trusted. */
class Unclear extends Error {}

const isReaders = (error: unknown) => /^(Invalid Input|Conversion|Binder) Error/.test(String((error as Error).message));

/** Whether rows that DuckDB left out may hide others, or are not shown in full. */
async function hidesRows(s: Session): Promise<boolean> {
  const [row] = await s.rows(`SELECT count(*) AS count FROM reject_errors
    WHERE error_type IN ('UNQUOTED VALUE', 'LINE SIZE OVER MAXIMUM') OR strlen(csv_line) >= ${SHOWN}`);
  return Number(row?.count) > 0;
}

/** The query that reads files. Broken rows are left out and listed in DuckDB's table `reject_errors`. */
function reading(files: readonly Tidied[], { delimiter, columns, bytes }: Shape, options: TableOptions): string {
  const list = `[${files.map(({ path }) => literal(path)).join(', ')}]`;
  const longest = Math.max(...files.map((file) => file.longest));
  const settings = [
    `delim = ${literal(delimiter)}`,
    `quote = '"'`,
    `escape = '"'`,
    `comment = ''`,
    `header = ${options.header}`,
    'skip = 0',
    'null_padding = false',
    'strict_mode = true',
    `sample_size = ${Math.max(20, Math.floor(Math.min(SAMPLE, SAMPLE_VALUES / columns, SAMPLE_BYTES / bytes)))}`,
    'files_to_sniff = 1',
    'store_rejects = true',
    'rejects_limit = 0',
  ];
  if (longest > USUAL_LINE) settings.push(`max_line_size = ${longest}`, `buffer_size = ${Math.max(32e6, 2 * longest)}`);
  else settings.push(`buffer_size = ${BUFFER}`);
  const types = Object.entries(options.types).map(([name, type]) => `${literal(name)}: '${givenTypes[type]}'`);
  if (types.length > 0) settings.push(`types = {${types.join(', ')}}`);
  return `FROM read_csv(${list}, ${settings.join(', ')})`;
}

/** Columns whose name stood in the header twice (or differs in case alone), so that they have got another. */
function renamed({ first, delimiter }: Shape, columns: readonly string[]): string[] {
  if (first.includes('"') || first.includes(BROKEN)) return []; // quoted names hold what they like, delimiters among it
  const names = first.split(delimiter).map((name) => name.trim());
  return columns.flatMap((column, i) => {
    const name = names[i] ?? '';
    return name === '' || name === column ? [] : [`column ${i + 1}, a second \`${name}\`, is called \`${column}\``];
  });
}

function checkGiven(types: TableOptions['types'], known: string[]): void {
  for (const name of Object.keys(types)) {
    if (known.includes(name)) continue;
    const near = closest(name, known);
    throw new InputError({
      code: 'column-unknown',
      message: `there is no column \`${name}\``,
      at: 'types',
      note: near ? `did you mean \`${near}\`?` : `columns: ${known.join(', ')}`,
    });
  }
}

/** The separator: of comma, semicolon, tab and bar the one that the first line has most of outside quotes. */
async function shapeOf(source: Source, { delimiter }: TableOptions): Promise<Shape> {
  const marks = delimiter === undefined ? [',', ';', '\t', '|'] : [delimiter];
  let text = '';
  for await (const piece of textOf({ ...source, strict: false, told: () => {} })) {
    text += piece;
    if (/[\r\n]/.test(piece)) break;
    if (text.length > LONGEST_HEADER) {
      throw broken(
        `the first line of ${basename(source.path)} is longer than ${LONGEST_HEADER / (1 << 20)} million characters`,
        'it should name the columns; is this CSV? give `format` where the name says something else than the content',
      );
    }
  }
  const [line = ''] = text.split(/[\r\n]/, 1);
  const bare = line.replace(/"(?:[^"]|"")*"/g, '');
  const bytes = await bytesPerLine(source.path);
  const shapes = marks.map((mark) => ({ delimiter: mark, columns: bare.split(mark).length, bytes, first: line }));
  return shapes.reduce((best, next) => (next.columns > best.columns ? next : best));
}

/**
 * Writes the records that fit as UTF-8 to a file of its own, the others aside.
 * @param limit records to look at, at most
 */
async function tidy(
  source: Source,
  name: string,
  { delimiter }: Shape,
  folder: string,
  aside: Aside,
  limit = Number.POSITIVE_INFINITY,
): Promise<Tidied> {
  const path = scratch(folder, source.path);
  const shifts: [number, number][] = [];
  let longest = USUAL_LINE;
  async function* fitting(): AsyncGenerator<string> {
    let columns = 0;
    let seen = 0;
    let here = 1;
    let shift = 0;
    for await (const batch of records(source, delimiter)) {
      let text = '';
      for (const record of batch) {
        if (columns === 0 && typeof record.values === 'number') columns = record.values;
        const why = fault(record, columns, source.encoding);
        if (why !== null) {
          aside.add({ file: name, line: record.line, content: record.text, ...why });
          continue;
        }
        // Blank lines are no rows, except where a row is a single value.
        if (record.values === 0 && columns !== 1) continue;
        if (record.line - here !== shift) {
          shift = record.line - here;
          shifts.push([here, shift]);
        }
        here += 1 + record.breaks;
        text += `${record.text}\n`;
        if (record.text.length * 3 > longest) longest = Math.max(longest, Buffer.byteLength(record.text) + 16);
      }
      await aside.settle();
      if (text !== '') yield text;
      seen += batch.length;
      if (seen >= limit) return;
    }
  }
  await writePieces(path, fitting());
  return { path, name, longest, shifts };
}

function fault(
  { values, filled, text }: CsvRecord,
  columns: number,
  encoding: string,
): Pick<Broken, 'reason' | 'remedy' | 'code'> | null {
  if (values === 'bytes') return badBytes(encoding);
  if (values === 'open')
    return { ...faults['UNQUOTED VALUE'], reason: 'a quote that is not closed within 16 million characters' };
  if (values === 'quote') return faults['UNQUOTED VALUE'];
  // Delimiters behind the last value are no values: DuckDB takes such rows too.
  if (text === '' || (values >= columns && filled <= columns)) return null;
  return {
    reason: counts(values, columns),
    remedy: (values > columns ? faults['TOO MANY COLUMNS'] : faults['MISSING COLUMNS']).remedy,
  };
}

const counts = (values: number, columns: number) =>
  `${values} ${values === 1 ? 'value' : 'values'} where the header has ${columns} ${columns === 1 ? 'column' : 'columns'}`;

/** By DuckDB's names. */
const faults = {
  'TOO MANY COLUMNS': {
    reason: 'too many values',
    remedy: 'a value that contains the delimiter stands in double quotes; or give the delimiter, as in delimiter: ";"',
  },
  'MISSING COLUMNS': {
    reason: 'too few values',
    remedy: 'add the missing values (an empty one between delimiters is fine), or remove the row',
  },
  'UNQUOTED VALUE': {
    reason: 'a quote that is not closed, or not where a value begins or ends',
    remedy: 'close the quote; a quote inside a quoted value is written twice',
  },
  'INVALID ENCODING': badBytes('utf-8'),
};

/** What a column holds, by the type that DuckDB told from its first rows. */
const held: Record<string, string> = {
  BIGINT: 'whole numbers',
  DOUBLE: 'numbers',
  BOOLEAN: 'true and false',
  DATE: 'dates',
  TIME: 'times of day',
  TIMESTAMP: 'dates with times',
};

/** Puts the rows aside that the last reading left out. */
async function keepRejects(s: Session, files: readonly Tidied[], aside: Aside, strict: boolean): Promise<void> {
  const byPath = new Map(files.map((file) => [file.path, file]));
  const result = await s.connection.stream(
    `SELECT f.file_path, e.line::DOUBLE, e.error_type::VARCHAR, e.column_name, e.csv_line, e.error_message
      FROM (SELECT *, row_number() OVER (PARTITION BY scan_id, file_id, line ORDER BY error_type = 'CAST', column_idx) AS nth FROM reject_errors) e
      JOIN reject_scans f USING (scan_id, file_id) WHERE nth = 1 ORDER BY f.file_id, e.line`,
  );
  for await (const rows of result.yieldRowsJs()) {
    for (const [path, line, type, column, content, message] of rows) {
      const file = byPath.get(String(path));
      if (!file) throw new Error(`DuckDB names a file that it was not given: ${String(path)}`);
      const what = rejected(String(type), String(column), String(message));
      if (strict && type === 'INVALID ENCODING') {
        throw new InputError({
          code: 'file-encoding',
          message: `${file.name}:${String(line)}: ${what.reason}`,
          at: 'encoding',
          note: 'give the encoding the file was saved in, or none to have it detected',
        });
      }
      aside.add({
        file: file.name,
        line: originalLine(file, Number(line)),
        content: String(content ?? '').replace(/^[\r\n]+|[\r\n]+$/g, ''),
        ...what,
      });
    }
    await aside.settle();
  }
}

function rejected(type: string, column: string, message: string): Pick<Broken, 'reason' | 'remedy' | 'code'> {
  if (type === 'CAST') {
    const wanted = held[/to '(\w+)'/.exec(message)?.[1] ?? ''] ?? 'values of another type';
    const value = /Could not convert string "([\s\S]*?)" to/.exec(message)?.[1] ?? '';
    return {
      reason: `column \`${column}\` holds ${wanted} in the first rows, but here stands "${value.length > 80 ? `${value.slice(0, 77)}...` : value}"`,
      remedy: `correct the value, leave it empty, or say what the column holds, as in types: ["${column}: text"]`,
    };
  }
  const found = /Expected Number of Columns: (\d+) Found: (\d+)/.exec(message);
  const known = Object.hasOwn(faults, type) ? faults[type as keyof typeof faults] : null;
  return {
    reason: found ? counts(Number(found[2]), Number(found[1])) : (known?.reason ?? message.split('\n')[0] ?? type),
    remedy: known?.remedy ?? 'correct the row, or remove it',
    ...(type === 'INVALID ENCODING' ? { code: 'file-encoding' } : {}),
  };
}

function originalLine({ shifts }: Tidied, line: number): number {
  let low = 0;
  let high = shifts.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((shifts[middle] as [number, number])[0] <= line) low = middle + 1;
    else high = middle;
  }
  return line + (shifts[low - 1]?.[1] ?? 0);
}
