// The model that `dsk generate` is given: a folder, or FILE.dsk:NODE, the result of a step. NODE may also be a content key, which
// names the result even after the graph was changed.
import { existsSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { InputError } from '../nodes/kind.ts';
import type { ModelArtifact } from '../nodes/values.ts';
import { cacheFolder, type Entry, entryFault, isFault, readEntry, unpackArtifact } from '../plan/cache.ts';
import { digestsPath, openDigests } from '../plan/digests.ts';
import { plan, ToError } from '../plan/plan.ts';
import { type Model, openModel, openStored } from '../run/model.ts';
import { Exit } from './exit.ts';
import { inputExit, openKinds, openSound } from './terminal.ts';

/** @throws InputError, or Exit (1), where there is no such model */
export async function openNamed(name: string): Promise<Model> {
  const match = /^(.+\.dsk):([^:]+)$/.exec(name);
  const [, file, node] = match ?? [];
  if (file === undefined || node === undefined || existsSync(name)) return openModel(name);
  const key = /^([0-9a-f]{64})(?:\.(\w+))?$/.exec(node);
  const folder = dirname(resolve(file));
  const { entry, output } = key
    ? { entry: await keptUnder(folder, key[1] as string), output: key[2] }
    : await planned(file, node);
  const artifact = output === undefined ? Object.values(entry.artifacts).find(isModel) : entry.artifacts[output];
  if (!artifact || !isModel(artifact)) {
    throw new Exit(1, `${name}: ${entry.node}${output === undefined ? '' : `.${output}`} is no model`);
  }
  return openStored(unpackArtifact(artifact, folder) as ModelArtifact, name);
}

function isModel(artifact: { type: string }): artifact is ModelArtifact {
  return artifact.type === 'model';
}

async function keptUnder(folder: string, key: string): Promise<Entry> {
  const cache = cacheFolder(folder);
  const found = readEntry(cache, key);
  if (!found) throw new Exit(1, `there is no stored result ${key.slice(0, 12)} in ${folder}`);
  const fault = isFault(found) ? found : await entryFault(folder, found, openDigests(digestsPath(cache)));
  if (fault) throw new Exit(1, `the stored result ${key.slice(0, 12)} cannot be used: ${fault.what}`);
  return found as Entry;
}

/** The stored result of a node as the graph is now. */
async function planned(file: string, name: string): Promise<{ entry: Entry; output: string | undefined }> {
  const kinds = await openKinds();
  const { checked, files } = await openSound(file, { kinds });
  try {
    const { byPath } = checked.graph;
    const dot = name.lastIndexOf('.');
    const [node, output] = byPath.has(name) || dot < 0 ? [name, undefined] : [name.slice(0, dot), name.slice(dot + 1)];
    const { steps } = await plan(checked.graph, { kinds, files, to: node });
    const step = steps.find((each) => each.node === node);
    if (!step) throw notTrained(`\`${node}\` only describes a model; name the node that trains it`);
    if (!step.entry) {
      const why = step.why.join('; ');
      throw notTrained(`\`${node}\` has no stored result (${why})`, `dsk run ${file} --to ${node}`);
    }
    return { entry: step.entry, output };
  } catch (error) {
    if (error instanceof ToError) throw new Exit(1, `${file}: ${error.message}`);
    throw inputExit(file, error);
  } finally {
    await files.close();
  }
}

function notTrained(message: string, remedy?: string): InputError {
  return new InputError({ code: 'result-missing', message, at: null, ...(remedy && { note: `remedy: ${remedy}` }) });
}
