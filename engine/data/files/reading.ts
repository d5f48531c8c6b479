// What the readers of all formats are given: the files, what was asked for, and where broken rows go.
import { statSync } from 'node:fs';
import { basename, dirname, join, relative, sep } from 'node:path';
import type { LoadWatch, TableOptions } from '../../nodes/context.ts';
import { InputError } from '../../nodes/kind.ts';
import { temporaryName } from '../atomic.ts';
import type { EngineOptions } from '../duckdb.ts';
import type { Aside } from './aside.ts';
import { compressionOf, headOf } from './bytes.ts';
import { detectEncoding, knownEncoding } from './encoding.ts';
import type { Source } from './text.ts';

const HEAD = 4 << 20;

export interface Reading {
  engine: EngineOptions & { temp: string };
  files: string[];
  /** How messages and tables call them, by path. */
  names: ReadonlyMap<string, string>;
  options: TableOptions;
  /** Where the table goes. */
  out: string;
  aside: Aside;
  watch: Pick<LoadWatch, 'log' | 'warn' | 'progress' | 'signal'>;
}

/** File names from their common folder on: the same wherever that folder lies. */
export function shownNames(files: readonly string[]): string[] {
  let common = dirname(files[0] as string);
  while (!files.every((file) => file.startsWith(common.endsWith(sep) ? common : common + sep)))
    common = dirname(common);
  return files.map((file) => relative(common, file).replaceAll(sep, '/'));
}

/** A file as text: in the encoding that was given, or the one it looks like. */
export async function sourceOf(path: string, { encoding }: Pick<TableOptions, 'encoding'>): Promise<Source> {
  if (encoding !== undefined) return { path, encoding: await knownEncoding(encoding), strict: true };
  return { path, encoding: await detectEncoding(path), strict: false };
}

/** Files that are named of those in one encoding. */
const NAMED = 3;

/** Sources of all files; says which were not what everybody expects. */
export async function sourcesOf(reading: Reading): Promise<Source[]> {
  const sources: Source[] = [];
  const others = new Map<string, string[]>();
  for (const path of reading.files) {
    const source = await sourceOf(path, reading.options);
    if (!source.strict && source.encoding !== 'utf-8') {
      others.set(source.encoding, [...(others.get(source.encoding) ?? []), reading.names.get(path) ?? path]);
    }
    sources.push(source);
  }
  for (const [encoding, names] of others) {
    const more = names.length > NAMED ? ` and ${names.length - NAMED} more` : '';
    reading.watch.log(`${names.slice(0, NAMED).join(', ')}${more}: read as ${encoding}`);
  }
  return withProgress(reading, sources);
}

/** Sources that tell how far the reading of all of them has come, and end it when the run is interrupted. */
function withProgress({ files, watch }: Reading, sources: Source[]): Source[] {
  const sizes = files.map((file) => statSync(file).size);
  const total = sizes.reduce((sum, size) => sum + size, 0);
  let before = 0;
  return sources.map((source, i) => {
    const start = before;
    before += sizes[i] as number;
    const told = (bytes: number) => {
      watch.signal.throwIfAborted();
      watch.progress({ done: start + bytes, total, unit: 'bytes' });
    };
    return { ...source, told };
  });
}

/** Columns, or bytes of a row, from which on one thread has to do: each holds whole batches of rows, read and about to be written. */
const WIDE = 2000;
const LONG = 100_000;

export const threadsFor = (columns: number, bytes: number): { threads?: number } =>
  columns > WIDE || bytes > LONG ? { threads: 1 } : {};

/** Whether DuckDB can read it as it lies there. */
export const isPlain = ({ encoding }: Source) => encoding === 'utf-8';

/** Whether a file is packed in a way that DuckDB unpacks without noticing that the end is missing. */
export const isPacked = async (path: string) => (await compressionOf(path)) !== null;

/** Bytes of a line, about, as far as the file's head tells. */
export async function bytesPerLine(path: string): Promise<number> {
  const head = await headOf(path, HEAD);
  let lines = 0;
  for (let at = head.indexOf(10); at >= 0; at = head.indexOf(10, at + 1)) lines++;
  return head.length / Math.max(1, lines);
}

/** A place for a file that is made on the way. */
export function scratch(folder: string, path: string): string {
  return temporaryName(join(folder, basename(path)));
}

export function broken(message: string, note: string): InputError {
  return new InputError({ code: 'file-broken', message, at: 'path', note });
}
