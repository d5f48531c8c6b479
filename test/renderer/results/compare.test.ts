// Runs side by side: in what their graphs differ, as they were really run.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { plannedNodes } from '../../../engine/host/planned.ts';
import { differencesOf } from '../../../renderer/results/compare.ts';
import { dsk, records, walking } from '../../run/dsk.ts';
import { graphFolder } from '../runs/real.ts';

/** Runs the graphs one after another in a folder; their nodes as planned. */
async function runs(...each: { text?: string; args?: string[] }[]) {
  const here = graphFolder();
  for (const { text = walking(), args = [] } of each) {
    writeFileSync(join(here, 'g.dsk'), text);
    await dsk(here, 'run', 'g.dsk', '--quiet', ...args);
  }
  const folders = records(here).map(({ run }) => join(here, '.dsk/runs', run, 'plan.json'));
  expect(folders.length).toBe(each.length);
  return folders.map((path) => plannedNodes(readFileSync(path, 'utf8')));
}

test('what was set for one run and what the text says in another are told alike', async () => {
  const all = await runs({}, { args: ['--set', 'steps=7'] }, { text: walking().replace('steps = 20', 'steps = 9') });
  expect(differencesOf(all, 'trained')).toEqual([{ node: 'trained', parameter: 'steps', values: ['20', '7', '9'] }]);
});

test('what the training does not depend on is no difference, nor is another way to write the same', async () => {
  const other = walking()
    .replace('out/walk', 'out/elsewhere')
    .replace('steps: steps', 'steps: 20')
    .replace('steps = 20', 'unused = 1');
  const all = await runs({}, { text: other });
  expect(differencesOf(all, 'trained')).toEqual([]);
  expect(differencesOf(all, 'saved')).toEqual([
    { node: 'saved', parameter: 'path', values: ['"out/walk"', '"out/elsewhere"'] },
  ]);
});

test('another kind in its place, and a node that only some have, are told by their kinds', () => {
  const node = (kind: string, reads: string[] = []) => ({ kind, params: { size: 1 }, reads });
  const first = { t: node('train', ['m', 'o']), m: node('swiglu'), o: node('adamw') };
  const second = { t: node('train', ['m']), m: node('moe') };
  expect(differencesOf([first, second], 't')).toEqual([
    { node: 'm', parameter: null, values: ['swiglu', 'moe'] },
    { node: 'o', parameter: null, values: ['adamw', null] },
  ]);
});

test('a plan that is cut off or missing gives no nodes', () => {
  expect(plannedNodes(null)).toEqual({});
  expect(plannedNodes('{"steps": [')).toEqual({});
});
