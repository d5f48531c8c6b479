// Results that several steps may need, such as the token ids of a table: `.dsk/memo/HASH/`, under the hash of their name and the
// keys of the outputs they are made from. Stored and checked like cache entries; a damaged one is made again.
import { mkdirSync, readFileSync, rmSync, statSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { publishFolder, temporaryName, writeFile } from '../data/atomic.ts';
import { hashValue } from '../data/hash.ts';
import type { FileRecord } from '../plan/cache.ts';
import type { Digests } from '../plan/digests.ts';
import { listFiles } from './entry.ts';
import type { Folders } from './folders.ts';

interface Memo {
  format: 1;
  name: string;
  /** Of the outputs it is made from, `KEY.OUTPUT` each. */
  keys: readonly string[];
  contents: FileRecord[];
}

/** Fills a folder; may keep finished parts in another, which stays when it fails. */
export type Produce = (folder: string, parts: string) => Promise<void>;

/**
 * @param keys of the outputs it is made from, `KEY.OUTPUT` each
 * @returns the folder it is kept in
 */
export async function memo(
  where: Folders,
  digests: Digests,
  name: string,
  keys: readonly string[],
  produce: Produce,
  warn: (message: string) => void,
): Promise<string> {
  const hash = hashValue({ format: 1, name, keys });
  const place = join(where.memo, hash);
  const parts = join(where.parts, hash);
  const fault = await faultOf(place, digests);
  if (fault === null) {
    const now = new Date();
    utimesSync(place, now, now); // `dsk clean --older-than` goes by the last use
    return place;
  }
  if (fault !== 'missing') warn(`${place} is damaged (${fault}) and is made again`);
  const draft = temporaryName(place);
  mkdirSync(draft, { recursive: true });
  mkdirSync(parts, { recursive: true });
  const meta: Memo = { format: 1, name, keys, contents: [] };
  await writeFile(join(parts, 'meta.json'), `${JSON.stringify(meta, null, 2)}\n`); // what they are parts of, for `dsk clean`
  try {
    await produce(draft, parts);
    meta.contents = await listFiles(draft);
    await writeFile(join(draft, 'meta.json'), `${JSON.stringify(meta, null, 2)}\n`);
    await publishFolder(draft, place);
    rmSync(parts, { recursive: true, force: true });
  } finally {
    rmSync(draft, { recursive: true, force: true });
  }
  return place;
}

/** Content keys of the steps a memo, or the parts of an unfinished one, is made from; null where it cannot be read. */
export function memoSources(place: string): string[] | null {
  return readMemo(place)?.keys.map((key) => key.slice(0, key.indexOf('.'))) ?? null;
}

function readMemo(place: string): Memo | null {
  if (!statSync(join(place, 'meta.json'), { throwIfNoEntry: false })) return null;
  try {
    const meta = JSON.parse(readFileSync(join(place, 'meta.json'), 'utf8')) as Memo;
    return meta.format === 1 && Array.isArray(meta.keys) && Array.isArray(meta.contents) ? meta : null;
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}

async function faultOf(place: string, digests: Digests): Promise<string | null> {
  if (!statSync(place, { throwIfNoEntry: false })) return 'missing';
  const meta = readMemo(place);
  if (!meta) return 'its meta.json cannot be read';
  for (const { path, bytes, sha256 } of meta.contents) {
    const full = join(place, path);
    const stat = statSync(full, { throwIfNoEntry: false });
    if (!stat) return `its file ${path} is gone`;
    if (stat.size !== bytes || (await digests.of(full)) !== sha256) return `its file ${path} was changed`;
  }
  return null;
}
