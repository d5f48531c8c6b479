// Writes entries of the cache, `.dsk/cache/KEY/`: a finished step's files and meta.json, which lists them with size and SHA-256.
// An entry appears whole: it is made in a draft folder that is renamed into place.
import { mkdirSync, statSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import { publishFolder, temporaryName, writeFile } from '../data/atomic.ts';
import { hashFile } from '../data/hash.ts';
import type { Artifact } from '../nodes/values.ts';
import { type FileRecord, packArtifact, sealed, unpackArtifact } from '../plan/cache.ts';
import type { Step } from '../plan/plan.ts';
import type { Folders } from './folders.ts';

/** Where a step works before its result is moved into the cache. */
export function draftFolder(where: Folders, key: string): string {
  const draft = temporaryName(join(where.cache, key));
  mkdirSync(draft, { recursive: true });
  return draft;
}

export interface Measured {
  seconds: number;
  /** Peak bytes of main memory. */
  memory: number;
}

/**
 * Moves a finished draft into the cache.
 * @returns the artifacts with the paths they have from now on
 */
export async function storeEntry(
  where: Folders,
  graphFolder: string,
  step: Step,
  draft: string,
  made: Record<string, Artifact>,
  { seconds, memory }: Measured,
): Promise<Record<string, Artifact>> {
  const contents = await listFiles(draft);
  const entry = join(where.cache, step.key);
  const artifacts = mapValues(made, (artifact) => unpackArtifact(packArtifact(artifact, draft), entry));
  const { node, kind, version, params, inputs, key, definitions, files, cost } = step;
  const disk = contents.reduce((sum, { bytes }) => sum + bytes, 0);
  const meta = sealed({
    format: 1,
    node,
    kind,
    version,
    params,
    inputs,
    key,
    definitions,
    files,
    artifacts: mapValues(artifacts, (artifact) => packArtifact(artifact, graphFolder)),
    contents,
    cost: { ...cost, memory, disk },
    seconds,
    created: new Date().toISOString(),
  });
  await writeFile(join(draft, 'meta.json'), `${JSON.stringify(meta, null, 2)}\n`);
  await publishFolder(draft, entry);
  return artifacts;
}

/** All files below a folder, sorted, with their digests. */
export async function listFiles(folder: string): Promise<FileRecord[]> {
  const found = await readdir(folder, { recursive: true, withFileTypes: true });
  const paths = found.filter((item) => item.isFile()).map((item) => join(item.parentPath, item.name));
  const records: FileRecord[] = [];
  for (const path of paths.sort()) {
    const name = relative(folder, path).split(sep).join('/');
    records.push({ path: name, bytes: statSync(path).size, sha256: await hashFile(path) });
  }
  return records;
}

function mapValues(
  artifacts: Record<string, Artifact>,
  map: (artifact: Artifact) => Artifact,
): Record<string, Artifact> {
  return Object.fromEntries(Object.entries(artifacts).map(([output, artifact]) => [output, map(artifact)]));
}
