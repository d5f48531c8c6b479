// JSON: an object a line (JSONL), or an array of objects. DuckDB reads JSONL that is well-formed and keeps the types of its first
// rows; all else is first gone through value by value, and what fits is written anew, an object a line.
import { rm } from 'node:fs/promises';
import { closest } from '../../../grammar/diagnostic.ts';
import type { GivenType, TableOptions } from '../../nodes/context.ts';
import { InputError } from '../../nodes/kind.ts';
import { identifier, literal } from '../../nodes/sql.ts';
import type { ColumnType, TableArtifact } from '../../nodes/values.ts';
import { replaceFile } from '../atomic.ts';
import { columnType, type EngineOptions, type Session, session } from '../duckdb.ts';
import { copy, groupRows } from '../store.ts';
import type { Aside, Broken } from './aside.ts';
import { checkWhole, writePieces } from './bytes.ts';
import { givenTypes } from './csv.ts';
import { readFault } from './faults.ts';
import { broken, bytesPerLine, isPacked, isPlain, type Reading, scratch, sourceOf, sourcesOf } from './reading.ts';
import { BROKEN, badBytes, LONGEST, lineBatches, type Source, textOf, tooLong } from './text.ts';

/** Types are told from about as many characters at the beginning. */
const HEAD = 4 << 20;
/** Bytes of an object that DuckDB takes unless told. */
const USUAL_OBJECT = 16 << 20;

/** Texts of megabytes are not tried as times of every format, which would take a minute for 100 MB. */
const ONE_FORMAT = `, dateformat = '%Y-%m-%d', timestampformat = '%Y-%m-%dT%H:%M:%S'`;
/** Of an object longer than this, types are told with its long texts cut. */
const LONG_OBJECT = 100_000;

export type JsonFormat = 'json' | 'jsonl';

/** DuckDB's types by column. */
type Types = Record<string, string>;

interface Value {
  text: string;
  /** Where it begins, from 1. */
  line: number;
}

/** Names and types of the columns, from a file's first objects. */
export async function jsonColumns(
  engine: EngineOptions & { temp: string },
  path: string,
  name: string,
  format: JsonFormat,
  options: TableOptions,
  aside: Aside,
): Promise<Record<string, ColumnType>> {
  const types = await headTypes(engine, await sourceOf(path, options), name, format, options, aside);
  return Object.fromEntries(Object.entries(types).map(([column, type]) => [column, columnType(type)]));
}

/** DuckDB's types of the columns, from a file's first objects and what the user gave. */
async function headTypes(
  engine: EngineOptions & { temp: string },
  source: Source,
  name: string,
  format: JsonFormat,
  options: TableOptions,
  aside: Aside,
): Promise<Types> {
  const head = await tidy(source, name, format, engine.temp, aside, null, HEAD);
  let types: Types;
  try {
    types = await session(engine, [head.path], (s) => typesOf(s, [head.path], head.longest));
  } catch (error) {
    throw readFault(error, [name], format);
  } finally {
    await rm(head.path, { force: true });
  }
  for (const [column, type] of Object.entries(options.types)) {
    if (!Object.hasOwn(types, column)) {
      const near = closest(column, Object.keys(types));
      throw new InputError({
        code: 'column-unknown',
        message: `there is no column \`${column}\``,
        at: 'types',
        note: near ? `did you mean \`${near}\`?` : `columns: ${Object.keys(types).join(', ')}`,
      });
    }
    types[column] = givenTypes[type];
  }
  return types;
}

export async function loadJson(r: Reading, format: JsonFormat): Promise<TableArtifact> {
  const sources = await sourcesOf(r);
  const nobody: Aside = { ...r.aside, add: () => {}, settle: async () => {} };
  const [first] = sources as [Source];
  const head = await headTypes(
    r.engine,
    { ...first, told: () => {} },
    r.names.get(first.path) as string,
    format,
    r.options,
    nobody,
  );
  const plain = format === 'jsonl' && sources.every(isPlain) && Object.keys(r.options.types).length === 0;
  if (plain) {
    for (const { path, told } of sources) if (await isPacked(path)) await checkWhole(path, told);
    const table = await store(r, r.files, head, USUAL_OBJECT, true);
    if (table) return table;
  }
  const files: string[] = [];
  let longest = USUAL_OBJECT;
  try {
    for (const source of sources) {
      const name = r.names.get(source.path) as string;
      const made = await tidy(source, name, format, r.engine.temp, r.aside, { types: head, given: r.options.types });
      files.push(made.path);
      longest = Math.max(longest, made.longest);
    }
    return (await store(r, files, head, longest, false)) as TableArtifact;
  } finally {
    for (const path of files) await rm(path, { force: true });
  }
}

/**
 * Writes the objects of JSONL files.
 * @param head types that the columns of the first rows have
 * @param first null is given for files that are not well-formed, or have values of other types
 */
async function store(
  r: Reading,
  files: string[],
  head: Types,
  longest: number,
  first: boolean,
): Promise<TableArtifact | null> {
  const names = r.files.map((file) => r.names.get(file) as string);
  const engine = { ...r.engine, signal: r.watch.signal };
  const group = groupRows(Math.max(await bytesPerLine(files[0] as string), longest > USUAL_OBJECT ? longest : 0));
  try {
    const all = await session(engine, files, (s) => typesOf(s, files, longest));
    const clash = Object.keys(head).find((column) => !isSame(head[column] as string, all[column]));
    if (clash !== undefined && first) return null;
    const types: Types = { ...all };
    for (const [column, type] of Object.entries(head)) {
      types[column] = all[column] !== undefined && columnType(all[column]) === columnType(type) ? all[column] : type;
    }
    return await replaceFile(r.out, (temporary) =>
      session(engine, [...files, temporary], async (s) => {
        const rows = await copy(s, reading(files, types, longest), temporary, group);
        const columns = Object.entries(types).map(([column, type]): [string, ColumnType] => [column, columnType(type)]);
        return { type: 'table', path: r.out, rows, columns: Object.fromEntries(columns) };
      }),
    );
  } catch (error) {
    if (error instanceof InputError) throw error;
    r.watch.signal.throwIfAborted();
    if (first && /^(Invalid Input|Conversion|Binder) Error/.test(String((error as Error).message))) return null;
    throw readFault(error, names, 'jsonl', new Map(files.map((file, i) => [file, names[i] as string])));
  }
}

/** Whether a column of the first rows can be read as such in all: text takes everything. */
function isSame(head: string, all: string | undefined): boolean {
  return columnType(head) === 'text' || all === undefined || columnType(head) === columnType(all);
}

async function typesOf(s: Session, files: readonly string[], longest: number): Promise<Types> {
  const list = `[${files.map(literal).join(', ')}]`;
  const rows = await s.rows(
    `DESCRIBE FROM read_json(${list}, format = 'newline_delimited', records = true, map_inference_threshold = -1, sample_size = -1,
      maximum_object_size = ${longest}${longest > USUAL_OBJECT ? ONE_FORMAT : ''})`,
  );
  // Values of several types are text: each as it is written, texts without their quotes.
  return Object.fromEntries(
    rows.map((row) => [
      String(row.column_name),
      String(row.column_type) === 'JSON' ? 'VARCHAR' : String(row.column_type),
    ]),
  );
}

function reading(files: readonly string[], types: Types, longest: number): string {
  const list = `[${files.map(literal).join(', ')}]`;
  const columns = Object.entries(types).map(([column, type]) => `${identifier(column)}: ${literal(type)}`);
  return `FROM read_json(${list}, format = 'newline_delimited', columns = {${columns.join(', ')}}, maximum_object_size = ${longest})`;
}

interface Wanted {
  types: Types;
  given: Record<string, GivenType>;
}

/**
 * Writes the values that are objects, and have the wanted types, as JSONL to a file of its own, the others aside.
 * @param wanted null: the file serves to tell types, and long texts in it may be cut
 * @param limit characters to look at, at most
 */
async function tidy(
  source: Source,
  name: string,
  format: JsonFormat,
  folder: string,
  aside: Aside,
  wanted: Wanted | null,
  limit = Number.POSITIVE_INFINITY,
): Promise<{ path: string; longest: number }> {
  const path = scratch(folder, source.path);
  let longest = USUAL_OBJECT;
  const checks = Object.entries(wanted?.types ?? {}).flatMap(([column, type]): [string, ColumnType, boolean][] =>
    columnType(type) === 'text' ? [] : [[column, columnType(type), Object.hasOwn(wanted?.given ?? {}, column)]],
  );
  async function* fitting(): AsyncGenerator<string> {
    let seen = 0;
    for await (const batch of format === 'jsonl' ? lines(source) : elements(source, name)) {
      const good: string[] = [];
      for (const { text, line } of batch) {
        if (seen >= limit) break;
        seen += text.length;
        const why = fault(text, source.encoding, checks);
        if (why !== null) aside.add({ file: name, line, content: text, ...why });
        else good.push(wanted === null && text.length > LONG_OBJECT ? shortened(text) : text);
        if (wanted !== null && text.length * 3 > longest) longest = Math.max(longest, Buffer.byteLength(text) + 16);
      }
      await aside.settle();
      if (good.length > 0) yield `${good.join('\n')}\n`;
      if (seen >= limit) return;
    }
  }
  await writePieces(path, fitting());
  return { path, longest };
}

function shortened(text: string): string {
  const cut = (_: string, value: unknown) => (typeof value === 'string' ? value.slice(0, 1000) : value);
  return JSON.stringify(JSON.parse(text, cut));
}

async function* lines(source: Source): AsyncGenerator<Value[]> {
  let line = 0;
  for await (const batch of lineBatches(source)) {
    const values: Value[] = [];
    for (const text of batch) {
      line++;
      if (text.trim() !== '') values.push({ text, line });
    }
    yield values;
  }
}

/** Elements of the array that a JSON file holds. */
async function* elements(source: Source, name: string): AsyncGenerator<Value[]> {
  let text = '';
  let line = 1;
  let inside = false;
  let wait = 0;
  let ended = false;
  for await (const piece of textOf(source)) {
    text += piece;
    if (!inside) {
      const start = text.search(/\S/);
      if (start < 0) continue;
      if (text[start] !== '[') throw noArray(text.slice(start), name, line);
      line += breaks(text.slice(0, start));
      text = text.slice(start + 1);
      inside = true;
    }
    if (text.length < wait) continue;
    const { found, used, done } = cut(text, line, name);
    line += breaks(text.slice(0, used));
    text = text.slice(used);
    wait = found.length > 0 ? 0 : 2 * text.length;
    if (text.length > LONGEST) throw tooLong(source.path);
    if (found.length > 0) yield found;
    if (done) {
      ended = true;
      if (text.trim() !== '')
        throw broken(
          `${name}:${line}: there is more behind the end of the array`,
          'a JSON file holds one array of objects; objects that stand one a line are JSONL: give format: "jsonl"',
        );
      text = '';
    }
  }
  if (!inside || ended) return;
  const { found, used, done } = cut(text, line, name);
  if (found.length > 0) yield found;
  if (!done)
    throw broken(
      `${name}:${line + breaks(text.slice(0, used))}: the file ends in the middle of the array`,
      'the file is cut off; fetch it again',
    );
}

function noArray(text: string, name: string, line: number): InputError {
  const end = text.indexOf('\n');
  const first = end < 0 ? text : text.slice(0, end);
  if (text.startsWith('{') && end >= 0 && parsed(first) !== undefined && text.slice(end).trim() !== '') {
    return broken(
      `${name}:${line}: the file holds an object a line, not an array of objects`,
      'read it with format: "jsonl"',
    );
  }
  return broken(
    `${name}:${line}: the file holds ${text.startsWith('{') ? 'one object' : 'something else'}, not an array of objects`,
    'rows come from an array, as in [{"text": "..."}, ...]; take it out of the object that holds it',
  );
}

/** Whole elements at the beginning of what stands within the array, and the characters they take. `done`: the array is closed. */
function cut(text: string, first: number, name: string): { found: Value[]; used: number; done: boolean } {
  const found: Value[] = [];
  let line = first;
  let used = 0;
  let depth = 0;
  const special = /["[\]{},]/g;
  for (let match = special.exec(text); match; match = special.exec(text)) {
    const at = match.index;
    const mark = match[0];
    if (mark === '"') {
      const end = stringEnd(text, at + 1);
      if (end < 0) break;
      special.lastIndex = end + 1;
    } else if (mark === '[' || mark === '{') depth++;
    else if (depth > 0 && mark !== ',') depth--;
    else if (depth === 0) {
      const raw = text.slice(used, at);
      const lead = raw.length - raw.trimStart().length;
      if (mark === '}')
        throw broken(
          `${name}:${line + breaks(raw)}: there is a } without its {`,
          'the file is damaged; correct the place',
        );
      const value = { text: raw.trim().replace(/[\r\n]+/g, ' '), line: line + breaks(raw.slice(0, lead)) };
      if (value.text !== '' || mark === ',') found.push(value);
      line += breaks(raw);
      used = at + 1;
      if (mark === ']') return { found, used, done: true };
    }
  }
  return { found, used, done: false };
}

/** Offset of the quote that ends a string; -1: it is not there. */
function stringEnd(text: string, from: number): number {
  for (let at = text.indexOf('"', from); at >= 0; at = text.indexOf('"', at + 1)) {
    let slashes = 0;
    while (text[at - 1 - slashes] === '\\') slashes++;
    if (slashes % 2 === 0) return at;
  }
  return -1;
}

const breaks = (text: string) => text.match(/\n/g)?.length ?? 0;

function fault(
  text: string,
  encoding: string,
  checks: readonly [column: string, type: ColumnType, given: boolean][],
): Pick<Broken, 'reason' | 'remedy' | 'code'> | null {
  if (text.includes(BROKEN)) return badBytes(encoding);
  const value = parsed(text);
  const remedy = 'a row is one JSON object; correct or remove it';
  if (value === undefined) return { reason: 'this is no JSON', remedy };
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    return { reason: 'this is no JSON object', remedy };
  for (const [column, type, given] of checks) {
    const held = Object.hasOwn(value, column) ? (value as Record<string, unknown>)[column] : null;
    if (held === null || fits(held, type, given)) continue;
    const shown = JSON.stringify(held);
    return {
      reason: `column \`${column}\` holds ${plural[type]}${given ? '' : ' in the first rows'}, but here stands ${shown.length > 80 ? `${shown.slice(0, 77)}...` : shown}`,
      remedy: `correct the value, or say what the column holds, as in types: ["${column}: text"]`,
    };
  }
  return null;
}

const plural: Record<ColumnType, string> = {
  text: 'text',
  integer: 'whole numbers',
  number: 'numbers',
  boolean: 'true and false',
  time: 'times',
  list: 'lists',
  struct: 'objects',
  binary: 'bytes',
};

/** Whether a value is of a type. Where the user gave the type, texts count as what they spell. */
function fits(value: unknown, type: ColumnType, given: boolean): boolean {
  if (type === 'list') return Array.isArray(value);
  if (type === 'struct') return typeof value === 'object' && !Array.isArray(value);
  if (type === 'time') return typeof value === 'string' && isTime(value);
  const spelt = given && typeof value === 'string' ? parsed(value) : value;
  if (type === 'integer') return Number.isInteger(spelt) && Math.abs(spelt as number) < 2 ** 63;
  return typeof spelt === type;
}

/** ISO 8601, as DuckDB takes it for a time. */
function isTime(text: string): boolean {
  if (!/^\d{4}-\d\d?-\d\d?([ T]\d\d?:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d(:?\d\d)?)?)?$/.test(text)) return false;
  const [year = 0, month = 0, day = 0] = text.split(/[-T ]/, 3).map(Number);
  const date = new Date(Date.UTC(year, month - 1, day));
  return date.getUTCMonth() === month - 1 && date.getUTCDate() === day;
}

/** undefined: it is no JSON. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
