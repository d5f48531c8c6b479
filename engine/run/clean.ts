// What may be removed from a graph folder's `.dsk`: finds it first, so that it can be shown, then removes exactly that.
import { lstatSync, readdirSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import { TEMPORARY } from '../data/atomic.ts';
import { type Folders, names } from './folders.ts';
import { type RunRecord, readRuns } from './record.ts';

export interface CleanOptions {
  /** All runs' folders, all results, all checkpoints. None of these and no `entry`: results that no graph's latest run used. */
  runs: boolean;
  cache: boolean;
  checkpoints: boolean;
  /** One result: the beginning of its key. */
  entry?: string;
  /** Only what belongs to this graph alone (a file name). */
  file?: string;
  /** Only what was not used since, in milliseconds of the epoch. */
  before?: number;
}

export interface Removable {
  what: 'result' | 'run' | 'checkpoints' | 'leftover';
  path: string;
  /** What it is, for people. */
  name: string;
  bytes: number;
}

/**
 * Lists what would go. Reads only; follows no links.
 * @throws Error where a part of `.dsk` is a link: what it leads to is not ours to remove
 */
export function removable(where: Folders, options: CleanOptions): Removable[] {
  for (const path of [where.root, where.cache, where.runs, where.checkpoints]) {
    if (lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink()) {
      throw new Error(`${path} is a link; \`dsk clean\` removes nothing outside of .dsk`);
    }
  }
  const records = readRuns(where);
  const uses = usesOf(records);
  const old = (time: number) => options.before === undefined || time < options.before;
  const ours = (key: string) => {
    const files = uses.get(key)?.files;
    return options.file === undefined || (files?.size === 1 && files.has(options.file));
  };
  const lastUse = (key: string, path: string) => Math.max(uses.get(key)?.last ?? 0, lstatSync(path).mtimeMs);
  const found: Removable[] = [];
  const add = (what: Removable['what'], path: string, name = basename(path)) => {
    found.push({ what, path, name, bytes: bytesIn(path) });
  };
  const standard = !options.runs && !options.cache && !options.checkpoints && options.entry === undefined;
  const kept = standard ? new Set(latest(records).flatMap((record) => record.steps.map((step) => step.key))) : null;

  for (const key of names(where.cache)) {
    const path = join(where.cache, key);
    const chosen = key.startsWith(TEMPORARY)
      ? standard || options.cache
      : options.entry !== undefined
        ? key.startsWith(options.entry)
        : (options.cache || (kept !== null && !kept.has(key))) && ours(key) && old(lastUse(key, path));
    if (chosen) add(key.startsWith(TEMPORARY) ? 'leftover' : 'result', path);
  }
  if (options.checkpoints) {
    for (const key of names(where.checkpoints)) {
      const path = join(where.checkpoints, key);
      if (ours(key) && old(lastUse(key, path))) add('checkpoints', path);
    }
  }
  if (options.runs) {
    for (const record of records) {
      const mine = options.file === undefined || record.file === options.file;
      if (record.status !== 'running' && mine && old(Date.parse(record.ended ?? record.started))) {
        add('run', join(where.runs, record.run), `${record.run} (${record.file})`);
      }
    }
  }
  return found;
}

/** Call with the lock held. */
export function remove(items: readonly Removable[]): void {
  for (const { path } of items) rmSync(path, { recursive: true, force: true });
}

/** Of every graph the latest run that got to the end, and those since. */
function latest(records: readonly RunRecord[]): RunRecord[] {
  const complete = new Set<string>();
  return records
    .toReversed()
    .filter(({ file, status }) => !complete.has(file) && (status !== 'done' || complete.add(file)));
}

/** For every key the graphs that used it and when that was last. Records are in order of time. */
function usesOf(records: readonly RunRecord[]): Map<string, { files: Set<string>; last: number }> {
  const uses = new Map<string, { files: Set<string>; last: number }>();
  for (const { file, started, steps } of records) {
    for (const { key } of steps) {
      const use = uses.get(key) ?? { files: new Set(), last: 0 };
      use.files.add(file);
      use.last = Date.parse(started);
      uses.set(key, use);
    }
  }
  return uses;
}

function bytesIn(path: string): number {
  const stat = lstatSync(path);
  if (!stat.isDirectory()) return stat.size;
  return readdirSync(path).reduce((sum, name) => sum + bytesIn(join(path, name)), 0);
}
