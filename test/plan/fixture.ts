// What the tests of plans share: a folder with data, planning in it, and a stand-in for the run that leaves results in the cache.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { hashFile } from '../../engine/data/hash.ts';
import { check } from '../../engine/graph/check.ts';
import { openFiles } from '../../engine/graph/files.ts';
import { hasErrors } from '../../engine/graph/graph.ts';
import type { Artifact } from '../../engine/nodes/values.ts';
import { cacheFolder, type Entry, sealed } from '../../engine/plan/cache.ts';
import { type Plan, type PlanOptions, plan, type Step } from '../../engine/plan/plan.ts';
import { kinds } from '../graph/fixture.ts';

export const whale = `dsk 1

param size = 256

book    = texts("data/*.txt", rows: "file")
clean   = keep(book, "length(text) > 3")
parts   = halves(clean, share: 90%)
vocab   = words(parts, size: size)
hidden  = embed(vocab, dim: 8)
next    = block(hidden, attention: heads(2), ffn: gated())
model   = head(next)
trained = fit(model, parts, valid: parts.second, optimizer: adam(lr: 3e-3), steps: 100)
saved   = publish(trained, path: "out")
`;

export interface Place {
  folder: string;
  /** Plans a text as if it lay in the folder. */
  plan(text: string, options?: Partial<PlanOptions> & { set?: Record<string, string> }): Promise<Plan>;
  /** Leaves a result for each step of the text that would run, as a run does. */
  run(text: string, options?: { seconds?: number; created?: string }): Promise<void>;
  remove(): void;
}

export function newPlace(): Place {
  const folder = mkdtempSync(join(tmpdir(), 'dsk-plan-'));
  mkdirSync(join(folder, 'data'));
  writeFileSync(join(folder, 'data/a.txt'), 'Call me Ishmael.\n');
  writeFileSync(join(folder, 'data/b.txt'), 'Some years ago.\n');
  const planned: Place['plan'] = async (text, { set = {}, ...options } = {}) => {
    const files = openFiles({ folder });
    try {
      const checked = await check(text, { kinds, files, set });
      if (hasErrors(checked)) throw new Error(checked.diagnostics.map(({ message }) => message).join('; '));
      return await plan(checked.graph, { kinds, files, ...options });
    } finally {
      await files.close();
    }
  };
  let clock = Date.parse('2026-01-01T00:00:00Z');
  return {
    folder,
    plan: planned,
    async run(text, { seconds = 10, created } = {}) {
      const { steps } = await planned(text);
      for (const step of steps)
        if (step.status === 'run') await store(folder, step, seconds, created ?? new Date(clock++).toISOString());
    },
    remove: () => rmSync(folder, { recursive: true }),
  };
}

async function store(folder: string, step: Step, seconds: number, created: string): Promise<void> {
  const entry = join(cacheFolder(folder), step.key);
  mkdirSync(entry, { recursive: true });
  writeFileSync(join(entry, 'result'), `made by ${step.kind}\n`);
  const { node, kind, version, params, inputs, key, definitions, files, cost, outputs } = step;
  const path = join('.dsk/cache', key, 'result');
  const artifact: Artifact = { type: 'table', path, rows: 42, columns: {} };
  const artifacts = Object.keys(outputs).map((output): [string, Artifact] => [output, artifact]);
  const meta: Entry = sealed({
    format: 1,
    node,
    kind,
    version,
    params,
    inputs,
    key,
    definitions,
    files,
    artifacts: Object.fromEntries(artifacts),
    contents: [
      { path: 'result', bytes: `made by ${step.kind}\n`.length, sha256: await hashFile(join(entry, 'result')) },
    ],
    cost,
    seconds,
    created,
  });
  writeFileSync(join(entry, 'meta.json'), JSON.stringify(meta));
}

/** What became of each step: its reasons, or "cached". */
export function states({ steps }: Plan): Record<string, string> {
  return Object.fromEntries(
    steps.map(({ node, status, why }) => [node, status === 'cached' ? 'cached' : why.join('; ')]),
  );
}

/** Keys by node, of steps and definitions. */
export function keysOf({ steps, definitions }: Plan): Record<string, string> {
  return Object.fromEntries([...steps, ...definitions].map(({ node, key }) => [node, key]));
}
