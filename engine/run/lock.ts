// One run at a time in a graph's folder: `.dsk/lock` names the process that holds it. A lock whose process is gone is taken over.
import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, unlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { TEMPORARY } from '../data/atomic.ts';
import type { Folders } from './folders.ts';
import { alive, type ProcessName, thisProcess } from './process.ts';

export interface Holder extends ProcessName {
  /** What it does: "run 20261124-080256-x3f of whale.dsk". */
  what: string;
}

/** Thrown when another process holds the folder. */
export class LockedError extends Error {
  readonly holder: Holder;
  constructor(holder: Holder, path: string) {
    const where = alive(holder) === null ? ` on ${holder.host}` : '';
    super(
      `this folder is in use by ${holder.what} (process ${holder.pid}${where}); wait for it, stop it with \`kill ${holder.pid}\`` +
        (where ? `, or remove ${path} if that machine is gone` : ''),
    );
    this.name = 'LockedError';
    this.holder = holder;
  }
}

/**
 * Takes the lock; returns the function that gives it back. Throws LockedError.
 * The lock appears complete (a hard link to a finished file), so no reader sees half of one.
 */
export function takeLock(where: Folders, what: string): () => void {
  mkdirSync(where.root, { recursive: true });
  const holder: Holder = { ...thisProcess(), what };
  const text = `${JSON.stringify(holder)}\n`;
  const draft = join(where.root, `${TEMPORARY}lock-${process.pid}`);
  try {
    writeFileSync(draft, text);
    while (!place(draft, where.lock)) {
      const found = read(where.lock);
      if (found === null) continue;
      const other = parse(found);
      if (other && alive(other) !== false) throw new LockedError(other, where.lock);
      clear(where.lock, found);
    }
  } finally {
    rmSync(draft, { force: true });
  }
  return () => {
    if (read(where.lock) === text) rmSync(where.lock, { force: true });
  };
}

function place(draft: string, lock: string): boolean {
  try {
    linkSync(draft, lock);
    return true;
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === 'EEXIST') return false;
    // A file system without hard links (exFAT, some network mounts): an exclusive create, then.
    if (code !== 'EPERM' && code !== 'ENOTSUP' && code !== 'ENOSYS') throw error;
  }
  try {
    writeFileSync(lock, readFileSync(draft), { flag: 'wx' });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

/** Takes a dead process's lock away, unless somebody else did so in between and the lock there is theirs. */
function clear(lock: string, dead: string): void {
  const aside = `${lock}.${process.pid}`;
  try {
    renameSync(lock, aside);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
    throw error;
  }
  if (read(aside) !== dead) place(aside, lock);
  unlinkSync(aside);
}

function read(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}

function parse(text: string): Holder | null {
  try {
    const holder = JSON.parse(text) as Holder;
    return typeof holder.pid === 'number' && typeof holder.host === 'string' ? holder : null;
  } catch {
    return null; // not a lock of ours, or cut off by a crash
  }
}
