// What a command means that takes a graph or a folder: the `.dsk` beside it.
import { statSync } from 'node:fs';
import { basename, dirname, resolve } from 'node:path';
import { type Folders, folders } from '../run/folders.ts';
import { LockedError, takeLock } from '../run/lock.ts';
import { Exit } from './exit.ts';

export interface Place {
  where: Folders;
  /** The graph's file name; null for a folder. */
  file: string | null;
}

/** @throws Exit (1) where there is no such file or folder */
export function locate(path = '.'): Place {
  const full = resolve(path);
  const stat = statSync(full, { throwIfNoEntry: false });
  if (!stat) throw new Exit(1, `there is no file or folder ${path}`);
  return stat.isDirectory()
    ? { where: folders(full), file: null }
    : { where: folders(dirname(full)), file: basename(full) };
}

/**
 * Takes the folder's lock.
 * @throws Exit (3) when a run holds it
 */
export function hold(where: Folders, what: string): () => void {
  try {
    return takeLock(where, what);
  } catch (error) {
    if (error instanceof LockedError) throw new Exit(3, error.message);
    throw error;
  }
}
