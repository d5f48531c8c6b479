// Events of a run as columns: while it is being written, with gaps, and quickly for a long one.
import { appendFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readLines } from '../../engine/host/events.ts';
import { readSeries } from '../../engine/host/series.ts';
import { folder } from '../run/dsk.ts';

const here = folder({});
const path = join(here, 'events.jsonl');
const step = (step: number, more: object, node = 'trained') =>
  `${JSON.stringify({ event: 'step', node, step, ...more, at: step / 2 })}\n`;

test('columns are as long as the steps, with null where a number was not reported or is none', async () => {
  const load = { '2': [5, 3], '3': [4, 4] };
  writeFileSync(
    path,
    step(1, { loss: 3, rate: 0.1 }) +
      step(1, { loss: 9 }, 'other') +
      `{"event":"log","node":"trained","message":"\\"step\\" \\"experts\\""}\n` +
      step(2, { loss: Number.NaN, valid_loss: 2.5 }) +
      `{"event":"experts","node":"trained","step":2,"load":${JSON.stringify(load)},"at":1}\n` +
      '\0\0 not an event "step"\n' +
      step(3, { loss: 1 }) +
      step(4, { loss: 1 }).slice(0, 20),
  );
  expect(await readSeries(path, 'trained')).toEqual({
    step: [1, 2, 3],
    at: [0.5, 1, 1.5],
    columns: { loss: [3, null, 1], rate: [0.1, null, null], valid_loss: [null, 2.5, null] },
    experts: { step: [2], load: { '2': [[5, 3]], '3': [[4, 4]] } },
  });
  expect(await readSeries(path, 'nobody')).toEqual({ step: [], at: [], columns: {}, experts: { step: [], load: {} } });
  expect((await readSeries(join(here, 'none'), 'trained')).step).toEqual([]);
});

test('steps that the training went back from do not count', async () => {
  const back = '{"event":"back","node":"trained","step":1,"at":2}\n{"event":"back","node":"other","step":0,"at":2}\n';
  writeFileSync(
    path,
    step(1, { loss: 3 }) + step(2, { loss: 9 }) + step(3, { loss: 99, odd: 1 }) + back + step(2, { loss: 2 }),
  );
  expect(await readSeries(path, 'trained')).toMatchObject({
    step: [1, 2],
    at: [0.5, 1],
    columns: { loss: [3, 2], odd: [null, null] },
  });
});

test('a half line waits until the rest of it is there, also one cut within a character', async () => {
  const text = Buffer.from('{"a":"鯨"}\n{"b":2}\n');
  writeFileSync(path, text.subarray(0, 8));
  const lines: string[] = [];
  const read = (from: number) => readLines(path, from, (line) => lines.push(line));
  const first = await read(0);
  expect([first, lines]).toEqual([0, []]);
  appendFileSync(path, text.subarray(8));
  expect(await read(first)).toBe(text.length);
  expect(lines).toEqual(['{"a":"鯨"}', '{"b":2}']);
});

test('a hundred thousand steps take a second or so', async () => {
  let text = '';
  for (let i = 1; i <= 100_000; i++) {
    text += step(i, { loss: 1 / i, learning_rate: 0.001, gradient_norm: 1, tokens_per_second: 5000 });
    text += `{"event":"progress","node":"trained","done":${i},"total":100000,"unit":"steps","at":${i}}\n`;
  }
  writeFileSync(path, text);
  const began = performance.now();
  const { columns } = await readSeries(path, 'trained');
  expect(columns.loss?.length).toBe(100_000);
  expect(performance.now() - began).toBeLessThan(4000); // 0.5 s on a quiet machine
});
