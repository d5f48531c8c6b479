// The cache of finished steps, as planning reads it: one folder a content key, `.dsk/cache/KEY/`, whose `meta.json` is an
// `Entry`. Only engine/run writes there. An entry is used only while it is complete and unchanged.
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { isAbsolute, join, relative, resolve, sep } from 'node:path';
import { hashValue } from '../data/hash.ts';
import type { Cost } from '../nodes/kind.ts';
import { type Artifact, isView, type Table } from '../nodes/values.ts';
import type { Digests } from './digests.ts';

/** Where a step's content comes from: what its key is made of, kept to explain later why it changed. */
export interface Origin {
  /** Path of the node in the graph. Not part of the key: renaming changes nothing. */
  node: string;
  kind: string;
  version: number;
  /** Checked parameters without the unkeyed ones. */
  params: Record<string, unknown>;
  inputs: Record<string, Source>;
  key: string;
}

/** The output that feeds an input, with the key of the step or definition it belongs to. */
export interface Source {
  node: string;
  output: string;
  key: string;
}

export interface FileRecord {
  /** A file the step read: as the graph names it. A file in the entry: relative to the entry's folder, with `/`. */
  path: string;
  bytes: number;
  sha256: string;
}

export interface Entry extends Origin {
  format: 1;
  /** Definitions (parts of models, recipes) that the step uses, in dependency order. */
  definitions: Origin[];
  /** Files outside the graph that were read. */
  files: FileRecord[];
  /** By output. Paths as `packArtifact` leaves them. */
  artifacts: Record<string, Artifact>;
  /** Every file in the entry's folder besides meta.json. */
  contents: FileRecord[];
  /** As planned, with what was measured in its place. */
  cost: Cost;
  seconds: number;
  /** ISO 8601. */
  created: string;
  /** SHA-256 over all of the above: an entry that was edited or cut off is not used. */
  seal: string;
}

/** `.dsk/cache` beside the graph. */
export function cacheFolder(graphFolder: string): string {
  return join(graphFolder, '.dsk', 'cache');
}

/** Completes an entry for writing. */
export function sealed(entry: Omit<Entry, 'seal'>): Entry {
  return { ...entry, seal: hashValue(entry) };
}

/** Why an entry is not used. */
export interface Fault {
  what: string;
  /** Its bytes are not those that were written: somebody or something changed them. Otherwise a part is only missing or old. */
  tampered: boolean;
}

export function isFault(found: Entry | Fault): found is Fault {
  return 'tampered' in found;
}

/** The entry of a key; null where there is none. */
export function readEntry(cache: string, key: string): Entry | Fault | null {
  let text: string;
  try {
    text = readFileSync(join(cache, key, 'meta.json'), 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return null;
    throw error;
  }
  try {
    const entry = JSON.parse(text) as Entry;
    const { seal, ...rest } = entry;
    if (entry.key !== key || seal !== hashValue(rest)) return { what: 'its meta.json was changed', tampered: true };
    if (entry.format !== 1) return { what: 'it was written by another version of Dsk', tampered: false };
    return entry;
  } catch (error) {
    if (!(error instanceof SyntaxError || error instanceof TypeError)) throw error;
    return { what: 'its meta.json is not readable', tampered: true };
  }
}

/** All entries that can be read, newest first. */
export function readEntries(cache: string): Entry[] {
  let keys: string[];
  try {
    keys = readdirSync(cache);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
  const entries = keys.filter((key) => /^[0-9a-f]{64}$/.test(key)).map((key) => readEntry(cache, key));
  const sound = entries.filter((entry): entry is Entry => entry !== null && !isFault(entry));
  return sound.sort((a, b) => (a.created < b.created ? 1 : a.created > b.created ? -1 : 0));
}

/** What is wrong with an entry's files, or null: each must be there, and its bytes as they were written. */
export async function entryFault(graphFolder: string, entry: Entry, digests: Digests): Promise<Fault | null> {
  const folder = join(cacheFolder(graphFolder), entry.key);
  for (const { path, bytes, sha256 } of entry.contents) {
    const full = join(folder, path);
    const stat = statSync(full, { throwIfNoEntry: false });
    if (!stat) return { what: `its file ${path} is gone`, tampered: false };
    if (stat.size !== bytes || (await digests.of(full)) !== sha256) {
      return { what: `its file ${path} was changed`, tampered: true };
    }
  }
  for (const artifact of Object.values(entry.artifacts)) {
    for (const path of artifactPaths(unpackArtifact(artifact, graphFolder))) {
      if (!statSync(path, { throwIfNoEntry: false })) return { what: `${path} is gone`, tampered: false };
    }
  }
  return null;
}

/** Paths for storing: relative to the graph's folder with `/` where they lie in it, so that the folder can be moved. */
export function packArtifact(artifact: Artifact, graphFolder: string): Artifact {
  return mapPaths(artifact, (path) => {
    const inside = relative(graphFolder, path);
    if (inside.startsWith('..') || isAbsolute(inside)) return path;
    return sep === '\\' ? inside.replaceAll('\\', '/') : inside;
  });
}

/** Absolute paths again. */
export function unpackArtifact(artifact: Artifact, graphFolder: string): Artifact {
  return mapPaths(artifact, (path) => resolve(graphFolder, path));
}

export function artifactPaths(artifact: Artifact): string[] {
  const paths: string[] = [];
  mapPaths(artifact, (path) => {
    paths.push(path);
    return path;
  });
  return paths;
}

function mapPaths(artifact: Artifact, map: (path: string) => string): Artifact {
  switch (artifact.type) {
    case 'model': {
      const { weights, tokenizer } = artifact;
      return { ...artifact, weights: weights.map(map), tokenizer: tokenizer === null ? null : map(tokenizer) };
    }
    case 'report':
      return artifact;
    case 'table':
      return mapTable(artifact, map);
    default:
      return { ...artifact, path: map(artifact.path) };
  }
}

function mapTable(table: Table, map: (path: string) => string): Table {
  if (!isView(table)) return { ...table, path: map(table.path) };
  const mapped = Object.entries(table.view.tables).map(([name, each]): [string, Table] => [name, mapTable(each, map)]);
  return { ...table, view: { ...table.view, tables: Object.fromEntries(mapped) } };
}
