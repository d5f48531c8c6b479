// What checking a graph may look at: which files a pattern names, small texts, the columns of a table file and the type of an
// expression. Nothing of the graph's is executed or written. Implements `CheckFiles` of engine/nodes/kind.ts.
import { readFileSync, statSync } from 'node:fs';
import { totalmem } from 'node:os';
import { type CheckFiles, InputError } from '../nodes/kind.ts';
import type { ColumnType } from '../nodes/values.ts';
import { commandFiles } from './commands.ts';
import { memoryOf, openSession, type Session } from './duckdb.ts';
import { expressionType } from './expression.ts';
import { look } from './files/look.ts';
import { findFiles, inputPath, outputPath, PathError, type PathOptions } from './paths.ts';
import { openSource } from './source.ts';

/** Check-time readings for a graph in `options.folder`. close() frees the engine that types expressions. */
export function openCheckFiles(options: PathOptions): CheckFiles & { close(): Promise<void> } {
  let engine: Promise<Session & { close(): void }> | null = null;
  const found = new Set<string>();
  const known = new Map<string, Promise<Record<string, ColumnType>>>();
  return {
    memory: mainMemory(),
    glob(pattern) {
      const files = findFiles(pattern, options);
      for (const file of files) found.add(file.path);
      return files;
    },
    output: (path, own) => void outputPath(path, options, own),
    command: (words, at) => commandFiles(words, at, options),
    text: (path, limitBytes = 1 << 20) => readSmall(path, limitBytes, options),
    bytes(path, at, length) {
      const source = openSource(found.has(path) ? path : inputPath(path, options));
      try {
        if (at + length > source.bytes) throw new RangeError(`${path} ends before ${at + length}`);
        return source.read(at, length);
      } finally {
        source.close();
      }
    },
    columns(path, format, settings) {
      // What glob() gave is allowed, wherever a package lies.
      const full = found.has(path) ? path : inputPath(path, options);
      const { mtimeMs, size } = statSync(full);
      const key = JSON.stringify([full, mtimeMs, size, format, settings]);
      const columns = known.get(key) ?? look(full, format, settings);
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

/** What `DSK_MEMORY` says, else what the machine has, or the group of processes that this one is in. */
function mainMemory(): number {
  const given = process.env.DSK_MEMORY;
  if (given) return memoryOf(given);
  const limit = process.constrainedMemory();
  return limit > 0 ? Math.min(limit, totalmem()) : totalmem();
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
