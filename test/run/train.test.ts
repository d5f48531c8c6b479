// Real training from the command line: an interrupted and resumed run equals one that was never stopped, to the last bit, and
// what it exports writes text.
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { type Done, dsk, folder, last, list, start } from './dsk.ts';

const graph = `dsk 1

book    = load("book.txt", rows: "line")
parts   = split(book, valid: 20%)
vocab   = tokenizer(parts.train, size: 300)
tokens  = embedding(vocab, dim: 16)
block   = transformer_block(tokens, attention: mla(heads: 2, kv_rank: 8, rope_dim: 4),
            ffn: moe(experts: 4, active: 2, shared: 1, dim: 16))
model   = lm_head(block)
trained = train(model, parts.train, valid: parts.valid, optimizer: adamw(lr: 3e-3),
            context: 16, batch: 4, steps: 60, checkpoint_every: 1000)
score   = evaluate(trained, parts.valid)
sample  = generate(trained, prompt: "The", max_tokens: 5)
saved   = export(trained, format: "hf", path: "out")
`;
const nouns = ['whale', 'sea', 'ship', 'captain', 'harpoon', 'wind', 'rope'];
const book = Array.from({ length: 300 }, (_, i) => {
  const [a, b, c] = [nouns[i % 7], nouns[(i * 3) % 7], nouns[(i * 5 + 2) % 7]];
  return `The ${a} and the ${b} saw the ${c} ${i} times.`;
}).join('\n');

const losses = (done: Done) => done.events.flatMap((e) => (e.event === 'step' ? [[e.step, e.loss]] : []));
const weights = (here: string) =>
  createHash('sha256')
    .update(readFileSync(join(here, 'out/model.safetensors')))
    .digest('hex');

test('interrupted and resumed, training equals one that was never stopped', { timeout: 120_000 }, async () => {
  const whole = folder({ 'g.dsk': graph, 'book.txt': book });
  const through = await dsk(whole, 'run', 'g.dsk', '--json');
  expect(through.code).toBe(0);
  expect(losses(through)).toHaveLength(60);
  // Each of the 4 x 16 tokens of a batch goes to two of the four experts.
  const loads = through.events.flatMap((event) => (event.event === 'experts' ? [event] : []));
  expect(loads.map(({ step }) => step)).toEqual(losses(through).map(([step]) => step));
  for (const { node, load } of loads) {
    expect([node, Object.keys(load), load[0]?.length]).toEqual(['trained', ['0'], 4]);
    expect(load[0]?.reduce((sum, each) => sum + each, 0)).toBe(4 * 16 * 2);
  }
  const end = last(through);
  if (end?.event !== 'finished') throw new Error(`last is ${end?.event}`);
  const { loss, perplexity } = end.results.score as { loss: number; perplexity: number };
  expect(Math.exp(loss)).toBeCloseTo(perplexity, 3);
  expect(loss).toBeLessThan(Math.log(300)); // it has learned something
  expect(end.results.sample?.text).toMatch(/^The/);

  const here = folder({ 'g.dsk': graph, 'book.txt': book });
  const running = start(here, ['run', 'g.dsk', '--json']);
  await running.says('"step":7,');
  running.child.kill('SIGTERM');
  const stopped = await running.done;
  expect(stopped.code).toBe(130);
  const resumed = await dsk(here, 'run', 'g.dsk', '--resume', '--json');
  expect(resumed.code).toBe(0);
  const [first, rest] = [losses(stopped), losses(resumed)];
  expect(first.length).toBeGreaterThanOrEqual(7);
  expect(rest.length).toBe(60 - first.length);
  expect([...first, ...rest]).toEqual(losses(through));
  expect(weights(here)).toBe(weights(whole));

  // The tokens are kept: another learning rate does not tokenise again.
  const shared = list(join(here, '.dsk/memo'));
  expect(shared.length).toBeGreaterThan(0);

  const text = await dsk(whole, 'generate', 'out', '--prompt', 'The', '--max-tokens', '5', '--seed', '3');
  expect(text.code).toBe(0);
  expect(text.stdout).toMatch(/^The.+\n$/s);
  const again = await dsk(whole, 'generate', 'out', '--prompt', 'The', '--max-tokens', '5', '--seed', '3', '--json');
  const lines = again.stdout.trimEnd().split('\n');
  expect(JSON.parse(lines.at(-1) ?? '')).toMatchObject({ event: 'finished', text: text.stdout.slice(0, -1) });
});
