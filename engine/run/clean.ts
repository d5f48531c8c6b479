// What may be removed from a graph folder's `.dsk`: finds it first, so that it can be shown, then removes exactly that.
import { lstatSync, readdirSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import { TEMPORARY } from '../data/atomic.ts';
import { InputError } from '../nodes/kind.ts';
import { type Folders, names } from './folders.ts';
import { memoSources } from './memo.ts';
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
  /** `shared`: made from results for several steps (memo.ts); `parts`: of a step that is not done. */
  what: 'result' | 'shared' | 'parts' | 'run' | 'checkpoints' | 'leftover';
  path: string;
  /** What it is, for people. */
  name: string;
  bytes: number;
}

/**
 * Lists what would go. Reads only; follows no links.
 * @throws InputError where a part of `.dsk` is a link: what it leads to is not ours to remove
 */
export function removable(where: Folders, options: CleanOptions): Removable[] {
  for (const path of [where.root, where.cache, where.memo, where.parts, where.runs, where.checkpoints]) {
    if (lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink()) {
      throw new InputError({
        code: 'clean-link',
        message: `${path} is a link; \`dsk clean\` removes nothing outside of .dsk`,
        at: null,
        note: 'remove the link, or clean the folder it leads to by hand',
      });
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

  const drop = (keys: readonly string[], path: string) => {
    const wanted = options.cache || (kept !== null && !keys.every((key) => kept.has(key)));
    const last = Math.max(...keys.map((key) => lastUse(key, path)), lstatSync(path).mtimeMs);
    return wanted && keys.every(ours) && old(last);
  };

  for (const key of names(where.cache)) {
    const path = join(where.cache, key);
    if (key.startsWith(TEMPORARY)) {
      if (standard || options.cache) add('leftover', path);
    } else if (/^[0-9a-f]{64}$/.test(key)) {
      if (options.entry === undefined ? drop([key], path) : key.startsWith(options.entry)) add('result', path);
    }
  }
  for (const name of names(where.memo)) {
    const path = join(where.memo, name);
    if (name.startsWith(TEMPORARY)) {
      if (standard || options.cache) add('leftover', path);
    } else if (options.entry === undefined && drop(memoSources(path) ?? [], path)) add('shared', path);
  }
  for (const key of names(where.parts)) {
    const path = join(where.parts, key);
    if (options.entry === undefined && drop(memoSources(path) ?? [key], path)) add('parts', path);
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
