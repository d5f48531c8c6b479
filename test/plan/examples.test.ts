// The plan of every example, as goldens/NAME.txt (what `dsk plan` prints) and goldens/NAME.json (with keys). Planned in a copy,
// where nothing ran before.
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { check } from '../../engine/graph/check.ts';
import { type GraphFiles, openFiles } from '../../engine/graph/files.ts';
import { readKinds } from '../../engine/graph/kinds.ts';
import { plan } from '../../engine/plan/plan.ts';
import { plainPlan, renderPlan } from '../../engine/plan/render.ts';
import { expectGolden } from '../graph/fixture.ts';

const examples = join(import.meta.dirname, '../../examples');
const names = readdirSync(examples).filter((name) => name.endsWith('.dsk') && name !== '.dsk');
const kinds = await readKinds({ folders: [] });

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
    expectGolden(`${golden}.json`, `${JSON.stringify(plainPlan(made), null, 2)}\n`);
  });
});
