// Every example runs, cut to three steps: from its data to its results and the exported folder.
import { cpSync, readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { expect, test } from 'vitest';
import { root } from '../../engine/native/paths.ts';
import { dsk, folder, last, list } from './dsk.ts';

const examples = join(root, 'examples');
const names = readdirSync(examples).filter((name) => name.endsWith('.dsk') && name !== '.dsk');

test.each(names)('%s', { timeout: 120_000 }, async (name) => {
  const here = folder({});
  cpSync(examples, here, { recursive: true, filter: (path) => !['.dsk', 'out'].includes(basename(path)) });
  const ran = await dsk(here, 'run', name, '--set', 'steps=3', '--json');
  expect(ran.code, ran.stderr).toBe(0);
  const steps = ran.events.flatMap((event) => (event.event === 'step' ? [event.loss] : []));
  expect(steps).toHaveLength(3);
  expect(steps.every((loss) => Number.isFinite(loss))).toBe(true);
  const end = last(ran);
  if (end?.event !== 'finished') throw new Error(`last is ${end?.event}`);
  const texts = Object.values(end.results).filter((values) => 'text' in values);
  expect(texts.length).toBeGreaterThan(0);
  for (const { text, prompt } of texts) expect(String(text).startsWith(String(prompt))).toBe(true);
  const [exported] = list(join(here, 'out'));
  expect(list(join(here, 'out', exported))).toEqual([
    'config.json',
    'model.safetensors',
    'tokenizer.json',
    'tokenizer_config.json',
  ]);
});
