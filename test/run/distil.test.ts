// Learning from a teacher, from the command line: the example's student is better than the same one alone with each of three seeds; what
// the teacher said is kept, and goes on where a killed run left it.
import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { root } from '../../engine/native/paths.ts';
import { type Done, dsk, folder, last, start } from './dsk.ts';

function results(done: Done): Record<string, Record<string, unknown>> {
  const end = last(done);
  if (end?.event !== 'finished') throw new Error(`last is ${end?.event}: ${done.stderr}`);
  return end.results as Record<string, Record<string, unknown>>;
}

test('a student with a teacher is better than alone, over three seeds', { timeout: 300_000 }, async () => {
  const here = folder({});
  cpSync(join(root, 'examples/distil.dsk'), join(here, 'distil.dsk'));
  const sizes = ['--set', 'lessons=100', '--set', 'teacher_steps=300'];
  const ran = await dsk(here, 'run', 'distil.dsk', ...sizes, '--json');
  expect(ran.code, ran.stderr).toBe(0);
  const scores = results(ran);
  const margins = [0, 1, 2].map(
    (seed) => Number(scores[`score_${seed}`]?.loss) - Number(scores[`better_${seed}`]?.loss),
  );
  const mean = margins.reduce((sum, margin) => sum + margin, 0) / margins.length;
  console.log(
    `margin of the taught student, nats a token: ${margins.map((m) => m.toFixed(3)).join(', ')}; mean ${mean.toFixed(3)}`,
  );
  for (const margin of margins) expect(margin).toBeGreaterThan(0);
});

const nouns = ['whale', 'sea', 'ship', 'captain', 'harpoon', 'wind', 'rope'];
const book = Array.from({ length: 1500 }, (_, i) => {
  const [a, b, c] = [nouns[i % 7], nouns[(i * 3) % 7], nouns[(i * 5 + 2) % 7]];
  return `The ${a} and the ${b} saw the ${c} ${i} times.`;
}).join('\n');
const graph = `dsk 1

param alpha = 0.5

book    = load("book.txt", rows: "line")
vocab   = tokenizer(book, size: 300)
large   = lm_head(transformer_block(embedding(vocab, dim: 48), attention: mha(heads: 4), ffn: swiglu(dim: 64), repeat: 3))
teacher = train(large, book, optimizer: adamw(lr: 3e-3), context: 16, batch: 8, steps: 30)
small   = lm_head(transformer_block(embedding(vocab, dim: 16), attention: mha(heads: 2), ffn: swiglu(dim: 32), repeat: 2), tied: true)
taught  = distil(small, teacher, book, valid: book, optimizer: adamw(lr: 3e-3), context: 16, batch: 8, steps: 200, alpha: alpha, checkpoint_every: 1000)
`;
const states = `${graph}
layers  = distil(small, teacher, book, optimizer: adamw(lr: 3e-3), context: 16, batch: 8, steps: 10,
            student_layers: [1, 2], teacher_layers: [2, 3])
score   = evaluate(layers, book)
`;

const asked = (done: Done) =>
  done.events.filter((e) => e.event === 'progress' && e.note === 'asking the teacher').length;
const losses = (done: Done) =>
  done.events.flatMap((e) => (e.event === 'step' && e.node === 'taught' ? [[e.step, e.loss]] : []));

test('what a teacher said is kept, and goes on after a kill', { timeout: 200_000 }, async () => {
  const whole = folder({ 'g.dsk': graph, 'book.txt': book });
  const through = await dsk(whole, 'run', 'g.dsk', '--json');
  expect(through.code, through.stderr).toBe(0);
  expect(losses(through)).toHaveLength(200);

  const here = folder({ 'g.dsk': graph, 'book.txt': book });
  const running = start(here, ['run', 'g.dsk', '--json']);
  await running.says('asking the teacher');
  running.child.kill('SIGKILL');
  await running.done;
  const resumed = await dsk(here, 'run', 'g.dsk', '--json');
  expect(resumed.code, resumed.stderr).toBe(0);
  expect(resumed.stdout).toContain('the teacher goes on');
  expect(losses(resumed)).toEqual(losses(through));

  // Another mixture asks no more.
  const other = await dsk(whole, 'run', 'g.dsk', '--set', 'alpha=0.9', '--json');
  expect(other.code, other.stderr).toBe(0);
  expect(asked(other)).toBe(0);
  expect(losses(other)).toHaveLength(200);
});

test('states of chosen layers are learned too, without anything kept of them', { timeout: 100_000 }, async () => {
  const here = folder({ 'g.dsk': states, 'book.txt': book });
  const ran = await dsk(here, 'run', 'g.dsk', '--to', 'score', '--json');
  expect(ran.code, ran.stderr).toBe(0);
  const first = ran.events.flatMap((e) => (e.event === 'step' && e.node === 'layers' ? [e.loss] : []));
  expect(first).toHaveLength(10);
  expect(first.at(-1)).toBeLessThan(Number(first[0]));
  expect(Number(results(ran).score?.loss)).toBeGreaterThan(0);
});

test.each([
  ['another vocabulary', 'vocab_2 = tokenizer(book, size: 290)', 'embedding(vocab_2, dim: 16)', 'teacher-vocabulary'],
])('%s is refused before anything is learned', { timeout: 100_000 }, async (_, extra, instead, code) => {
  const text = graph.replace('embedding(vocab, dim: 16)', instead).replace('large ', `${extra}\nlarge `);
  const here = folder({ 'g.dsk': text, 'book.txt': book });
  const ran = await dsk(here, 'run', 'g.dsk', '--json');
  expect(ran.code).toBe(1);
  expect(ran.stdout).toContain(code);
  expect(losses(ran)).toEqual([]);
});
