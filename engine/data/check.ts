// What checking a graph may look at: which files a pattern names, small texts, the columns of a table file and the type of an
// expression. Nothing of the graph's is executed or written. Implements `CheckFiles` of engine/nodes/kind.ts.
import { readFileSync, statSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TableFormat, TableOptions } from '../nodes/context.ts';
import { type CheckFiles, InputError } from '../nodes/kind.ts';
import type { ColumnType } from '../nodes/values.ts';
import { describe, openSession, type Session, session } from './duckdb.ts';
import { expressionType } from './expression.ts';
import { explain, readFault } from './faults.ts';
import { findFiles, inputPath, outputPath, PathError, type PathOptions } from './paths.ts';
import { readQuery, utf8Files } from './read.ts';
import { checkUtf8File, decoderFor } from './text.ts';

/** As much of a file in another encoding as is looked at for its columns. */
const HEAD = 4 << 20;
const headEngine = { threads: 1, memory: 512e6, temp: null };

/** Check-time readings for a graph in `options.folder`. close() frees the engine that types expressions. */
export function openCheckFiles(options: PathOptions): CheckFiles & { close(): Promise<void> } {
  let engine: Promise<Session & { close(): void }> | null = null;
  const found = new Set<string>();
  const known = new Map<string, Promise<Record<string, ColumnType>>>();
  return {
    glob(pattern) {
      const files = findFiles(pattern, options);
      for (const file of files) found.add(file.path);
      return files;
    },
    output: (path, own) => void outputPath(path, options, own),
    text: (path, limitBytes = 1 << 20) => readSmall(path, limitBytes, options),
    columns(path, format, settings = {}) {
      // What glob() gave is allowed, wherever a package lies.
      const full = found.has(path) ? path : inputPath(path, options);
      const { mtimeMs, size } = statSync(full);
      const key = JSON.stringify([full, mtimeMs, size, format, settings]);
      const columns = known.get(key) ?? columnsOf(full, format, settings);
      // A failed reading is tried again next time.
      known.set(key, columns);
      columns.catch(() => known.delete(key));
      return columns;
    },
    async expression(expression, columns, at) {
      engine ??= openSession({ threads: 1, memory: 256e6, temp: null }, []);
      return expressionType(await engine, expression, columns, at);
    },
    async close() {
      const opened = await engine;
      engine = null;
      opened?.close();
    },
  };
}

function readSmall(path: string, limit: number, options: PathOptions): string | null {
  let full: string;
  try {
    full = inputPath(path, options);
  } catch (error) {
    if (error instanceof PathError && error.complaint.code === 'path-missing') return null;
    throw error;
  }
  const stat = statSync(full);
  if (!stat.isFile()) return null;
  if (stat.size > limit) {
    throw new InputError({
      code: 'file-large',
      message: `${path} has ${stat.size} bytes; ${limit} are read at most`,
      at: null,
    });
  }
  return readFileSync(full, 'utf8');
}

/** Column names and types from a file's head. Throws InputError for what cannot be read. */
async function columnsOf(
  path: string,
  format: TableFormat,
  options: TableOptions,
): Promise<Record<string, ColumnType>> {
  const encoding = format === 'parquet' ? 'utf-8' : decoderFor(options.encoding ?? 'utf-8').encoding;
  if (format !== 'parquet' && encoding === 'utf-8') await checkUtf8File(path, HEAD);
  if (format === 'text') return { text: 'text', file: 'text' };
  const folder = encoding === 'utf-8' ? null : await mkdtemp(join(tmpdir(), 'dsk-'));
  let usable = [path];
  const original = new Map([[path, path]]);
  try {
    if (folder !== null) {
      usable = (await utf8Files([path], options, folder, HEAD)).files;
      original.set(usable[0] as string, path);
    }
    const query = await readQuery(usable, format, options, true);
    return await session(headEngine, usable, (s) => describe(s, query));
  } catch (error) {
    const fault = readFault(error, usable, format, original);
    // Looking for the place reads the whole file, which checking does for small ones only.
    if (statSync(usable[0] as string).size > HEAD) throw fault;
    throw await explain(headEngine, usable, format, options, original, fault);
  } finally {
    if (folder !== null) await rm(folder, { recursive: true, force: true });
  }
}
