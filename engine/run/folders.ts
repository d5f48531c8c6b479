// Where things lie under `.dsk`, beside the graph. Names that begin with `.tmp-` are work in progress: only the process that holds
// the lock may leave them, and the next run sweeps them away.
import { readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { TEMPORARY } from '../data/atomic.ts';

export interface Folders {
  /** `.dsk` itself. */
  root: string;
  cache: string;
  runs: string;
  checkpoints: string;
  /** What several steps share (memo.ts). */
  memo: string;
  /** Finished parts of steps that are not done yet, `KEY/` each. */
  parts: string;
  lock: string;
}

/** @param graphFolder absolute folder of the graph file */
export function folders(graphFolder: string): Folders {
  const root = join(graphFolder, '.dsk');
  return {
    root,
    cache: join(root, 'cache'),
    runs: join(root, 'runs'),
    checkpoints: join(root, 'checkpoints'),
    memo: join(root, 'memo'),
    parts: join(root, 'parts'),
    lock: join(root, 'lock'),
  };
}

/** Name of a run's folder: sorts by time, and two runs of one second differ, such as `20261124-080256-x3f`. */
export function runId(now: Date): string {
  const time = now.toISOString().replace(/[-:]/g, '').replace('T', '-').slice(0, 15);
  const tail = Math.floor(Math.random() * 36 ** 3)
    .toString(36)
    .padStart(3, '0');
  return `${time}-${tail}`;
}

/** Names in a folder, sorted; none where the folder does not exist. */
export function names(folder: string): string[] {
  try {
    return readdirSync(folder).sort();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}

/** Removes what a killed run left half-done. Call with the lock held. */
export function sweep(where: Folders): void {
  const inside = (folder: string) => names(folder).map((name) => join(folder, name));
  const checkpoints = inside(where.checkpoints);
  const work = inside(where.parts);
  const parts = [...work, ...work.flatMap(inside).filter((path) => statSync(path).isDirectory())];
  for (const folder of [where.root, where.cache, where.memo, where.runs, ...checkpoints, ...parts]) {
    for (const name of names(folder)) {
      if (name.startsWith(TEMPORARY)) rmSync(join(folder, name), { recursive: true, force: true });
    }
  }
}
