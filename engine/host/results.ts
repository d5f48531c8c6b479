// Stored results for looking at: what a step left, rows and statistics of tables, and what a tokenizer makes of a text. Results
// never change under their key, so what was computed of them is kept for a while.
import { realpathSync, statSync } from 'node:fs';
import { dirname, isAbsolute, join, relative, sep } from 'node:path';
import type { Kinds } from '../graph/registry.ts';
import { runs } from '../nodes/kind.ts';
import type { Artifact, Artifacts, Table } from '../nodes/values.ts';
import { artifactPaths, cacheFolder, type Entry, isFault, readEntry, unpackArtifact } from '../plan/cache.ts';
import type { ArtifactView, ColumnStatistics } from './contract.ts';
import { HostError } from './fault.ts';
import type { Handlers, Host } from './handlers.ts';
import { memory } from './memory.ts';
import { missingRows, type Removed, storedRows } from './removed.ts';
import { readRows } from './rows.ts';
import { tableStatistics } from './statistics.ts';
import { graphPath } from './text.ts';
import { tokensOf } from './tokens.ts';

type ResultHandlers = Pick<
  Handlers,
  'result.read' | 'table.rows' | 'table.statistics' | 'table.removal' | 'table.removed' | 'tokenizer.encode'
>;

export function resultHandlers(host: Host): ResultHandlers {
  const statistics = memory<Promise<ColumnStatistics[]>>(50);
  const removed = memory<Promise<(Removed & { before: number }) | null>>(10);
  const removal = (path: string, key: string) =>
    removed(`${path} ${key}`, async () => removedBy(dirname(graphPath(path)), key, await host.kinds()));
  const opened = memory<ReturnType<typeof tokensOf>>(3);
  return {
    'result.read'({ path, key }) {
      const folder = dirname(graphPath(path));
      const entry = entryOf(folder, key);
      if (!entry) return null;
      const { node, kind, created, seconds } = entry;
      const artifacts = Object.entries(entry.artifacts).map(([output, artifact]) => [output, shown(artifact, folder)]);
      return { node, kind, created, seconds, artifacts: Object.fromEntries(artifacts) as Record<string, ArtifactView> };
    },
    'table.rows'({ path, key, output, offset, limit, from }) {
      return readRows(tableOf(dirname(graphPath(path)), key, output), offset, limit, from);
    },
    'table.statistics'({ path, key, output, from }) {
      const folder = dirname(graphPath(path));
      const table = tableOf(folder, key, output);
      return statistics(`${folder} ${key} ${output} ${from}`, () => tableStatistics(table, from));
    },
    async 'table.removal'({ path, key }) {
      const found = await removal(path, key);
      if (!found) return null;
      const { before, total, columns, reasons, apart } = found;
      return { before, removed: total, columns, reasons, apart };
    },
    async 'table.removed'({ path, key, reason, offset, limit, from }) {
      const found = await removal(path, key);
      return found && (await found.read(offset, limit, reason, from));
    },
    async 'tokenizer.encode'({ path, key, output, text }) {
      const artifact = artifactOf(dirname(graphPath(path)), key, output, 'tokenizer');
      const encode = await opened(artifact.path, () => tokensOf(artifact.path));
      return { tokens: encode(text), characters: [...text].length };
    },
  };
}

/**
 * What a step took out of the first table it was given: as it says itself, or as its kind does. Of files that were read: the rows that
 * are none.
 */
async function removedBy(folder: string, key: string, kinds: Kinds): Promise<(Removed & { before: number }) | null> {
  const entry = entryOf(folder, key);
  if (!entry) throw noResult();
  const kind = kinds.get(entry.kind);
  if (!kind || !runs(kind)) return null;
  const { rejected, table } = entry.artifacts;
  if (rejected?.type === 'table' && rejected.rows > 0 && 'reason' in rejected.columns) {
    const found = await storedRows(tableOf(folder, key, 'rejected'));
    return { ...found, before: found.total + (table?.type === 'table' ? table.rows : 0) };
  }
  const port = Object.keys(kind.inputs).find((name) => kind.inputs[name]?.type === 'table');
  const source = port === undefined ? undefined : entry.inputs[port];
  if (!source) return null;
  const left = entry.artifacts.removed;
  if (left?.type === 'table' && Object.keys(left.columns).at(-1) === 'reason') {
    const found = await storedRows(tableOf(folder, key, 'removed'));
    return { ...found, before: rowsOf(folder, source) ?? found.total + rowsIn(entry) };
  }
  const output = Object.keys(kind.outputs).find((name) => kind.outputs[name] === 'table');
  if (!kind.removes || output === undefined) return null;
  const before = tableOf(folder, source.key, source.output);
  const found = await missingRows(before, tableOf(folder, key, output), kind.removes(entry.params));
  // Null where it is not the input without some rows, whatever its kind says: another version of the kind made it.
  return found && { ...found, before: before.rows };
}

/** Rows of a table that is stored; null where it is not there any more. */
function rowsOf(folder: string, { key, output }: { key: string; output: string }): number | null {
  const artifact = entryOf(folder, key)?.artifacts[output];
  return artifact?.type === 'table' ? artifact.rows : null;
}

function rowsIn({ artifacts }: Entry): number {
  const table = Object.values(artifacts).find(({ type }) => type === 'table');
  return table?.type === 'table' ? table.rows : 0;
}

/** A sound entry of the cache; null where there is none. @throws HostError `damaged` */
export function entryOf(folder: string, key: string): Entry | null {
  const entry = readEntry(cacheFolder(folder), key);
  if (entry === null) return null;
  if (isFault(entry)) {
    if (!entry.tampered) return null;
    throw damaged(entry.what, key);
  }
  // Sizes only: a run compares the digests before it uses the result.
  for (const { path, bytes } of entry.contents) {
    const stat = statSync(join(cacheFolder(folder), key, path), { throwIfNoEntry: false });
    if (!stat) return null;
    if (stat.size !== bytes) throw damaged(`its file ${path} was changed`, key);
  }
  return entry;
}

function damaged(what: string, key: string): HostError {
  return new HostError(
    'damaged',
    `the stored result cannot be trusted: ${what}; \`dsk clean --entry ${key.slice(0, 12)}\` removes it`,
  );
}

function noResult(): HostError {
  return new HostError('no-result', 'there is no stored result; run the graph first');
}

/** An artifact of a stored result with absolute paths. @throws HostError where it is missing or of another type */
export function artifactOf<T extends Exclude<keyof Artifacts, 'table'>>(
  folder: string,
  key: string,
  output: string,
  type: T,
): Artifacts[T] {
  return anyOf(folder, key, output, type) as Artifacts[T];
}

/** A table of a stored result; where it is computed from others, these are sound as well. @throws HostError as `artifactOf` */
export function tableOf(folder: string, key: string, output: string): Table {
  return anyOf(folder, key, output, 'table') as Table;
}

function anyOf(folder: string, key: string, output: string, type: keyof Artifacts): Artifact {
  const entry = entryOf(folder, key);
  if (!entry) throw noResult();
  const stored = Object.hasOwn(entry.artifacts, output) ? entry.artifacts[output] : undefined;
  if (!stored) throw new HostError('no-result', `${entry.node} has no output ${output}`);
  if (stored.type !== type) throw new HostError('bad-request', `${entry.node}.${output} is a ${stored.type}`);
  const artifact = unpackArtifact(stored, folder);
  for (const path of artifactPaths(artifact)) {
    if (!statSync(path, { throwIfNoEntry: false })) throw noResult();
    mayRead(path, folder);
    const [, other] = /[\\/]\.dsk[\\/]cache[\\/]([0-9a-f]{64})[\\/]/.exec(path) ?? [];
    if (other !== undefined && other !== key && !entryOf(folder, other)) throw noResult();
  }
  return artifact;
}

/** An entry that came with a folder from elsewhere must not name files outside it; packages' files are public. */
function mayRead(path: string, folder: string): void {
  const real = realpathSync(path);
  const way = relative(realpathSync(folder), real);
  const inside = way !== '..' && !way.startsWith(`..${sep}`) && !isAbsolute(way);
  if (inside || real.split(sep).includes('node_modules')) return;
  throw new HostError('not-allowed', `${path} lies outside the graph's folder`);
}

function shown(artifact: Artifact, folder: string): ArtifactView {
  switch (artifact.type) {
    case 'table':
      return { type: 'table', rows: artifact.rows, columns: artifact.columns };
    case 'tokenizer':
      return { type: 'tokenizer', size: artifact.size };
    case 'model':
      return { type: 'model', architecture: artifact.architecture, tokenizer: artifact.tokenizer !== null };
    case 'report':
      return { type: 'report', values: artifact.values };
    case 'file': {
      const { path } = unpackArtifact(artifact, folder) as typeof artifact;
      return { type: 'file', path };
    }
  }
}
