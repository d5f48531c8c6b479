// Every example runs, cut to three steps where it trains: from its data to its results and the files it leaves.
import { cpSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { expect, test } from 'vitest';
import { root } from '../../engine/native/paths.ts';
import { dsk, folder, last, list } from './dsk.ts';

const examples = join(root, 'examples');
// Some have tests of their own: lora.test.ts, distil.test.ts.
const apart = ['.dsk', 'lora.dsk', 'distil.dsk'];
const names = readdirSync(examples).filter((name) => name.endsWith('.dsk') && !apart.includes(name));
const trains = (name: string) => /^param steps\b/m.test(readFileSync(join(examples, name), 'utf8'));

/** A copy of the examples in which one has run, with its last event. */
async function run(name: string, ...more: string[]) {
  const here = folder({});
  cpSync(examples, here, { recursive: true, filter: (path) => !['.dsk', 'out'].includes(basename(path)) });
  const ran = await dsk(here, 'run', name, ...more, '--json');
  expect(ran.code, ran.stderr).toBe(0);
  const end = last(ran);
  if (end?.event !== 'finished') throw new Error(`last is ${end?.event}`);
  return { here, events: ran.events, results: Object.values(end.results) };
}

test.each(names.filter(trains))('%s', { timeout: 120_000 }, async (name) => {
  const { here, events, results } = await run(name, '--set', 'steps=3');
  const steps = events.flatMap((event) => (event.event === 'step' ? [event.loss] : []));
  expect(steps).toHaveLength(3);
  expect(steps.every((loss) => Number.isFinite(loss))).toBe(true);
  const graph = readFileSync(join(examples, name), 'utf8');
  const texts = results.filter((values) => 'text' in values);
  expect(texts.length > 0).toBe(/\bgenerate\(/.test(graph));
  for (const { text, prompt } of texts) expect(String(text).startsWith(String(prompt))).toBe(true);
  for (const { loss } of results.filter((values) => 'loss' in values)) expect(Number.isFinite(loss)).toBe(true);
  if (!/\bexport\(/.test(graph)) return;
  const [exported] = list(join(here, 'out'));
  expect(list(join(here, 'out', exported))).toEqual([
    ...(/= chat\(/.test(graph) ? ['chat_template.jinja'] : []),
    'config.json',
    'model.safetensors',
    'tokenizer.json',
    'tokenizer_config.json',
  ]);
});

test.each(names.filter((name) => !trains(name)))('%s', { timeout: 120_000 }, async (name) => {
  const { here, events, results } = await run(name);
  expect(events.filter(({ event }) => event === 'diagnostic')).toEqual([]);
  const files = results.flatMap(({ path }) => (typeof path === 'string' ? [path] : []));
  expect(files.length).toBeGreaterThan(0);
  for (const path of files) expect(statSync(resolve(here, path)).size, path).toBeGreaterThan(0);
});
