// An exclusive lock between processes, for the cache folder that all clones share. A lock is a file with its owner's token;
// the owner touches it while it works, so a lock whose owner died (power cut, kill -9) is recognised and taken over.
import { closeSync, mkdirSync, openSync, readFileSync, rmSync, statSync, utimesSync, writeSync } from 'node:fs';
import { hostname } from 'node:os';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

export interface LockOptions {
  /** Milliseconds without a touch after which a lock of another machine counts as left behind. */
  stale?: number;
  /** Milliseconds between two looks at a lock that is held. */
  poll?: number;
  /** Told once, when the lock is held by somebody else. */
  waiting?: (owner: string) => void;
}

/** Runs `work` while holding the lock `file`; waits as long as another living process holds it. */
export async function withLock<T>(file: string, work: () => Promise<T>, options: LockOptions = {}): Promise<T> {
  const { stale = 60_000, poll = 250 } = options;
  const token = `${process.pid}@${hostname()} ${process.hrtime.bigint()}`;
  mkdirSync(dirname(file), { recursive: true });
  let told = false;
  while (!createExclusively(file, token)) {
    const owner = readIfThere(file);
    if (owner === null) continue;
    if (isLeftBehind(file, owner, stale)) {
      bury(file, owner, stale);
      continue;
    }
    if (!told) options.waiting?.(owner.split(' ')[0] ?? owner);
    told = true;
    await sleep(poll);
  }
  const touch = setInterval(() => touchIfThere(file), Math.max(10, stale / 6));
  try {
    return await work();
  } finally {
    clearInterval(touch);
    if (readIfThere(file) === token) rmSync(file, { force: true });
  }
}

function createExclusively(file: string, text: string): boolean {
  try {
    const handle = openSync(file, 'wx');
    writeSync(handle, text);
    closeSync(handle);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

function isLeftBehind(file: string, owner: string, stale: number): boolean {
  const age = ageOf(file);
  if (age === null) return false;
  if (age > stale) return true;
  const match = /^(\d+)@(\S+) /.exec(owner);
  if (!match) return age > 1000; // created, but its owner died before it wrote its name
  return match[2] === hostname() && !isAlive(Number(match[1]));
}

// Only one process may remove a given dead lock, and only while it still is that lock: otherwise a slow process could remove
// the lock of the one that has just taken over.
function bury(file: string, owner: string, stale: number): void {
  const grave = `${file}.dead`;
  if (!createExclusively(grave, owner)) {
    const age = ageOf(grave);
    if (age !== null && age > stale) rmSync(grave, { force: true });
    return;
  }
  if (readIfThere(file) === owner) rmSync(file, { force: true });
  rmSync(grave, { force: true });
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

const ageOf = (file: string): number | null => ifThere(() => Date.now() - statSync(file).mtimeMs);
const readIfThere = (file: string): string | null => ifThere(() => readFileSync(file, 'utf8'));
const touchIfThere = (file: string): void => void ifThere(() => utimesSync(file, new Date(), new Date()));

/** The action's result, or null when its file has gone meanwhile: with other processes at work that is no error. */
function ifThere<T>(action: () => T): T | null {
  try {
    return action();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}
