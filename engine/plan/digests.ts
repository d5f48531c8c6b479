// SHA-256 of files, remembered by path, size and times, so that planning does not read gigabytes again. Planning only reads
// `.dsk/cache/digests.json`; a run writes `text()` there.
import { readFileSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { hashFile } from '../data/hash.ts';

export interface Digests {
  /** SHA-256 in hex of the file's bytes as they are now. */
  of(path: string): Promise<string>;
  /** For storing: what was looked up since opening, and what was known before. */
  text(): string;
}

/** A change within this time of reading might leave the file's times as they are: such a digest is not remembered. */
const unsettled = 50;

export function digestsPath(cache: string): string {
  return join(cache, 'digests.json');
}

/** @param path where `text()` was stored; a missing or damaged file counts as empty */
export function openDigests(path: string): Digests {
  const known = new Map<string, [stamp: string, sha256: string]>(read(path));
  const fresh = new Map<string, [stamp: string, sha256: string]>();
  return {
    async of(file) {
      const stamp = await stampOf(file);
      const remembered = fresh.get(file) ?? known.get(file);
      if (remembered?.[0] === stamp.text) return remembered[1];
      const sha256 = await hashFile(file);
      const settled = Date.now() - stamp.changed > unsettled && (await stampOf(file)).text === stamp.text;
      if (settled) fresh.set(file, [stamp.text, sha256]);
      return sha256;
    },
    text: () => `${JSON.stringify(Object.fromEntries(new Map([...known, ...fresh])), null, 1)}\n`,
  };
}

async function stampOf(file: string): Promise<{ text: string; changed: number }> {
  const { size, mtimeNs, ctimeNs, mtimeMs, ctimeMs } = await stat(file, { bigint: true });
  const changed = Number(mtimeMs > ctimeMs ? mtimeMs : ctimeMs);
  return { text: `${size} ${mtimeNs} ${ctimeNs}`, changed };
}

function read(path: string): [string, [string, string]][] {
  try {
    const stored = JSON.parse(readFileSync(path, 'utf8')) as unknown;
    if (typeof stored !== 'object' || stored === null) return [];
    return Object.entries(stored).filter((item): item is [string, [string, string]] => {
      const value: unknown = item[1];
      return Array.isArray(value) && value.length === 2 && value.every((part) => typeof part === 'string');
    });
  } catch (error) {
    if (error instanceof SyntaxError || (error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}
