// Graph files as bytes on disk: read with their version, replaced only as a whole, whatever links lead to them.
import { createHash } from 'node:crypto';
import { accessSync, constants, realpathSync, statSync } from 'node:fs';
import { chmod, readFile, writeFile } from 'node:fs/promises';
import { basename, dirname, extname, isAbsolute, resolve } from 'node:path';
import { replaceFile } from '../data/atomic.ts';
import { HostError } from './fault.ts';

/** Larger files are no graphs that a person wrote. As in engine/cli/terminal.ts. */
export const largest = 16 << 20;

export interface VersionedText {
  text: string;
  /** SHA-256 of the bytes. */
  version: string;
}

/** The path of a graph's file, absolute. The editor reads and writes no other files by name. @throws HostError `not-allowed` */
export function graphPath(path: string): string {
  if (path.includes('\0') || !isAbsolute(path)) throw new HostError('bad-request', `${path} is no absolute path`);
  const full = resolve(path);
  if (extname(full) !== '.dsk') {
    throw new HostError('not-allowed', `${basename(full)} is no graph: the name of a graph file ends in .dsk`);
  }
  return full;
}

/** @throws HostError where it is missing, too large or no text */
export async function readText(path: string): Promise<VersionedText> {
  const stat = statSync(path, { throwIfNoEntry: false });
  if (!stat) throw new HostError('not-found', `there is no file ${path}`);
  if (!stat.isFile()) throw new HostError('not-text', `${path} is no file`);
  if (stat.size > largest) {
    throw new HostError('not-text', `${path} is too large for a graph (${stat.size} bytes, at most ${largest})`);
  }
  const bytes = await readFile(path);
  const version = createHash('sha256').update(bytes).digest('hex');
  try {
    // A byte order mark stays: it is part of the text.
    return { text: new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes), version };
  } catch {
    throw new HostError('not-text', `${path} is not UTF-8; save it as UTF-8`);
  }
}

/** As `readText`, null where there is no file. */
export async function readIfThere(path: string): Promise<VersionedText | null> {
  try {
    return await readText(path);
  } catch (error) {
    const missing = error instanceof HostError ? error.code === 'not-found' : isMissing(error);
    if (missing) return null;
    throw error;
  }
}

function isMissing(error: unknown): boolean {
  return (error as NodeJS.ErrnoException).code === 'ENOENT';
}

/** Replaces a text file as a whole; links and permissions stay. Returns the new version. */
export async function writeText(path: string, text: string): Promise<string> {
  const target = followed(path);
  const before = statSync(target, { throwIfNoEntry: false });
  const bytes = Buffer.from(text, 'utf8');
  await replaceFile(target, async (temporary) => {
    await writeFile(temporary, bytes, { flag: 'wx' });
    if (before) await chmod(temporary, before.mode & 0o7777);
  });
  return createHash('sha256').update(bytes).digest('hex');
}

/** Whether the file can be replaced: it and its folder may be written. */
export function isWritable(path: string): boolean {
  const target = followed(path);
  try {
    accessSync(target, constants.W_OK);
    accessSync(dirname(target), constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

function followed(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path; // not there yet
  }
}
