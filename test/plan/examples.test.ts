// The plan of every example, as goldens/NAME.txt (what `dsk plan` prints) and goldens/NAME.jsonl (a step or definition a line, with keys). Planned in a copy,
// where nothing ran before.
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hashValue } from '../../engine/data/hash.ts';
import { check } from '../../engine/graph/check.ts';
import { type GraphFiles, openFiles } from '../../engine/graph/files.ts';
import { readKinds } from '../../engine/graph/kinds.ts';
import { type Definition, plan, type Step } from '../../engine/plan/plan.ts';
import { renderPlan } from '../../engine/plan/render.ts';
import { expectGolden } from '../graph/fixture.ts';

const examples = join(import.meta.dirname, '../../examples');
// The model that lora.dsk goes on with is fetched by hand.
const names = readdirSync(examples).filter((name) => name.endsWith('.dsk') && !['.dsk', 'lora.dsk'].includes(name));
const kinds = await readKinds({ folders: [] });

/** What other machines must agree on. */
function stepLine({ node, kind, version, key, params, inputs, needs, files, rows, cost }: Step): string {
  const sources = Object.entries(inputs).map(([port, source]): [string, string] => [
    port,
    `${source.node}.${source.output}`,
  ]);
  const read = { files: files.length, bytes: files.reduce((sum, file) => sum + file.bytes, 0), hash: hashValue(files) };
  return JSON.stringify({
    node,
    kind,
    version,
    key,
    params,
    inputs: Object.fromEntries(sources),
    needs,
    read,
    rows,
    cost,
  });
}

function definitionLine({ node, kind, version, key, params, parameters }: Definition): string {
  return JSON.stringify({ node, kind, version, key, params, parameters });
}

describe('the plan of', () => {
  let folder = '';
  let files: GraphFiles;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'dsk-examples-'));
    cpSync(examples, folder, { recursive: true, filter: (path) => !['.dsk', 'out'].includes(basename(path)) });
    files = openFiles({ folder });
  });
  afterAll(async () => {
    await files.close();
    rmSync(folder, { recursive: true });
  });

  it.each(names)('%s', async (name) => {
    const { graph, diagnostics } = await check(readFileSync(join(examples, name), 'utf8'), { kinds, files });
    expect(diagnostics).toEqual([]);
    const made = await plan(graph, { kinds, files });
    const golden = join(import.meta.dirname, 'goldens', name.replace('.dsk', ''));
    expectGolden(`${golden}.txt`, `${renderPlan(made)}\n`);
    expectGolden(
      `${golden}.jsonl`,
      [...made.steps.map(stepLine), ...made.definitions.map(definitionLine), ''].join('\n'),
    );
  });
});
