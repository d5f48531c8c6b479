// Files that are either there in full or not at all: written under a temporary name in the same folder, synced, renamed.
import { randomBytes } from 'node:crypto';
import { mkdir, open, readdir, rename, rm, statfs } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { InputError } from '../nodes/kind.ts';

export const TEMPORARY = '.tmp-';

/** A name beside `path` for a file or folder that is not finished; on the same disk, so that renaming is atomic. */
export function temporaryName(path: string): string {
  return join(dirname(path), `${TEMPORARY}${basename(path).slice(0, 100)}-${randomBytes(6).toString('hex')}`);
}

/**
 * Lets `make` write a file at a temporary path, then puts it at `path`. When `make` fails nothing is left behind.
 * Throws InputError when the disk is full.
 */
export async function replaceFile<T>(path: string, make: (temporary: string) => Promise<T>): Promise<T> {
  const temporary = temporaryName(path);
  try {
    await mkdir(dirname(path), { recursive: true });
    const result = await make(temporary);
    await sync(temporary);
    await rename(temporary, path);
    await sync(dirname(path));
    return result;
  } catch (error) {
    const fault = await diskError(error, dirname(path), basename(path)); // before there is room again
    await rm(temporary, { recursive: true, force: true });
    throw fault;
  }
}

/** Writes the pieces one after another, atomically. */
export async function writeFile(
  path: string,
  pieces: string | Uint8Array | Iterable<string | Uint8Array> | AsyncIterable<string | Uint8Array>,
): Promise<void> {
  await replaceFile(path, async (temporary) => {
    const file = await open(temporary, 'wx');
    try {
      if (typeof pieces === 'string' || pieces instanceof Uint8Array) await file.writeFile(pieces);
      else for await (const piece of pieces) await file.writeFile(piece);
    } finally {
      await file.close();
    }
  });
}

/** Puts the finished folder `from` at `to`, replacing what is there. Both lie on one disk. */
export async function publishFolder(from: string, to: string): Promise<void> {
  for (const entry of await readdir(from, { recursive: true, withFileTypes: true })) {
    if (entry.isFile()) await sync(join(entry.parentPath, entry.name));
  }
  await mkdir(dirname(to), { recursive: true });
  // A folder cannot be renamed onto a full one, so the old one steps aside first and comes back when that fails.
  const old = temporaryName(to);
  const replaced = await rename(to, old).then(
    () => true,
    (error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return false;
      throw error;
    },
  );
  try {
    await rename(from, to);
  } catch (error) {
    if (replaced) await rename(old, to);
    throw await diskError(error, dirname(to), basename(to));
  }
  if (replaced) await rm(old, { recursive: true, force: true });
  await sync(dirname(to));
}

/** Removes a folder so that nobody ever finds a part of it; what a killed process leaves bears a temporary name. */
export async function discardFolder(path: string): Promise<void> {
  const gone = temporaryName(path);
  await rename(path, gone);
  await rm(gone, { recursive: true, force: true });
}

/** Waits until a file's or folder's content is on the disk. */
async function sync(path: string): Promise<void> {
  const handle = await open(path, 'r').catch((error: NodeJS.ErrnoException) => {
    // Windows opens no folders; its renames are journalled.
    if (process.platform === 'win32' && (error.code === 'EISDIR' || error.code === 'EPERM')) return null;
    throw error;
  });
  try {
    await handle?.sync();
  } catch (error) {
    if (!['EINVAL', 'ENOTSUP', 'EPERM'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
  } finally {
    await handle?.close();
  }
}

/**
 * A full disk as something the user can act on; any other error as it is.
 * @param folder one on that disk
 * @param name what could not be written there, where that is known
 */
export async function diskError(error: unknown, folder: string, name?: string): Promise<unknown> {
  if (error instanceof InputError) return error;
  const code = (error as NodeJS.ErrnoException | undefined)?.code ?? '';
  const full =
    code === 'ENOSPC' ||
    code === 'EDQUOT' ||
    /No space left on device|disk is full|EDQUOT|Disk quota/i.test(String(error));
  if (!full) return error;
  let place = folder;
  while (basename(place).startsWith(TEMPORARY)) place = dirname(place); // of no interest, and gone by then
  const free = await statfs(place).then(
    (s) => `${((s.bavail * s.bsize) / 1e6).toFixed(1)} MB are free`,
    () => 'no space is left',
  );
  return new InputError({
    code: 'disk-full',
    message: `the disk is full: ${name ?? 'a file'} could not be written in ${place} (${free})`,
    at: null,
    note: 'free some space (`dsk clean` removes old results) and run again; nothing unfinished was left behind',
  });
}
