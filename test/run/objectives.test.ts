// Objectives through the command line: what does not fit is said before the run where it can be, else with the row; predictions agree
// with what evaluate says of them, and numbers come in the table's scale.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { dsk, folder, last } from './dsk.ts';

const words = ['calm', 'still', 'quiet', 'storm', 'gale', 'squall'];
const rows = Array.from({ length: 60 }, (_, i) => ({
  text: `the sea was ${words[i % 6] as string} on day ${i}`,
  mood: i % 6 < 3 ? 'calm' : 'wild',
  wind: i % 6 < 3 ? 1000 + (i % 3) : 2000 + (i % 3),
}));
const table = (all: object[]): string => all.map((row) => `${JSON.stringify(row)}\n`).join('');

const model = (head: string): string => `dsk 1
rows    = load("rows.jsonl")
vocab   = tokenizer(rows, size: 280)
tokens  = embedding(vocab, dim: 16, init: 0.1)
blocks  = transformer_block(tokens, attention: mha(heads: 2), ffn: mlp(dim: 32), causal: false)
model   = ${head}
`;
const classes = model('class_head(blocks, labels: ["calm", "wild"], pool: "mean")');
const values = model('value_head(blocks, columns: ["wind"], pool: "mean")');

/** The errors that a graph is told. */
async function errors(graph: string, all: object[] = rows, command = 'check'): Promise<string[]> {
  const here = folder({ 'graph.dsk': graph, 'rows.jsonl': table(all) });
  const { stdout, stderr, code } = await dsk(here, command, 'graph.dsk');
  expect(code, stderr).toBe(1);
  return [...`${stdout}${stderr}`.matchAll(/error ([a-z-]+: .*)/g)].map((match) => match[1] as string);
}

const trained = (more: string): string =>
  `trained = train(model, rows, optimizer: adamw(lr: 1e-2), ${more}, batch: 12)\n`;

test('an objective that the model does not end in is told before the run', { timeout: 60_000 }, async () => {
  expect(await errors(`${classes}${trained('steps: 1, objective: regression()')}`)).toEqual([
    'objective-wrong: `regression` needs a model that ends in value_head, and this one ends in class_head',
  ]);
});

test('so is a column of labels that is missing', { timeout: 60_000 }, async () => {
  expect(await errors(`${classes}${trained('steps: 1')}`)).toEqual(['column-unknown: there is no column `label`']);
});

test('a label that the model does not know is told with its row', { timeout: 60_000 }, async () => {
  const graph = `${classes}${trained('steps: 1, objective: classification(label: "mood")')}`;
  const all = [...rows.slice(0, 4), { ...rows[4], mood: 'odd' }, ...rows.slice(5)];
  expect(await errors(graph, all, 'run')).toEqual([
    'label-wrong: row 5 of `data` has the label "odd", which the model does not know',
  ]);
});

test('so is a number that is missing', { timeout: 60_000 }, async () => {
  const graph = `${values}${trained('steps: 1')}`;
  const all = [...rows.slice(0, 4), { ...rows[4], wind: null }, ...rows.slice(5)];
  expect(await errors(graph, all, 'run')).toEqual(['data-missing: row 5 of `data`: `wind` has no value']);
});

test('classes are learned, and predictions are what evaluate scores', { timeout: 120_000 }, async () => {
  const here = folder({
    'rows.jsonl': table(rows),
    'graph.dsk': `${classes}${trained('steps: 40, objective: classification(label: "mood")')}score = evaluate(trained, rows)
told  = predict(trained, rows)
saved = save(told, path: "told.jsonl")
`,
  });
  const ran = await dsk(here, 'run', 'graph.dsk', '--json');
  expect(ran.code, ran.stderr).toBe(0);
  const end = last(ran);
  if (end?.event !== 'finished') throw new Error(`last is ${end?.event}`);
  const score = end.results.score as { accuracy: number; rows: number };
  const told = readFileSync(join(here, 'told.jsonl'), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { mood: string; prediction: string; prediction_probability: number });
  expect(told).toHaveLength(60);
  expect(told.filter(({ mood, prediction }) => mood === prediction).length / 60).toBeCloseTo(score.accuracy, 9);
  expect(score.accuracy).toBe(1);
  for (const { prediction_probability: share } of told) expect(share > 0.5 && share <= 1).toBe(true);
});

test("numbers are foretold in the table's scale", { timeout: 120_000 }, async () => {
  const here = folder({
    'rows.jsonl': table(rows),
    'graph.dsk': `${values}${trained('steps: 60')}score = evaluate(trained, rows)\n`,
  });
  const ran = await dsk(here, 'run', 'graph.dsk', '--json');
  expect(ran.code, ran.stderr).toBe(0);
  const end = last(ran);
  if (end?.event !== 'finished') throw new Error(`last is ${end?.event}`);
  const { rmse, r2 } = end.results.score as { rmse: number; r2: number };
  expect(rmse).toBeLessThan(150); // of numbers around 1,000 and 2,000
  expect(r2).toBeGreaterThan(0.9);
});
