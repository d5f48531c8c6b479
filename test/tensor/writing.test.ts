// Writing token by token, with what earlier positions left behind, gives what the whole text gives at once: for every shape of model that
// foretells tokens, several texts side by side, prompts in pieces.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readKinds } from '../../engine/graph/kinds.ts';
import { decoder, memoryOf, tokenScores } from '../../engine/nodes/decoder.ts';
import type { Hooks, Input, Program } from '../../engine/nodes/module.ts';
import { random } from '../../engine/nodes/random.ts';
import type { Architecture } from '../../engine/nodes/values.ts';
import { initialValues } from '../../engine/nodes/weights.ts';
import { openTensors } from '../../engine/tensor/index.ts';
import { largest } from './setting.ts';

const folder = join(import.meta.dirname, '../fixtures/shapes');
const tensors = await openTensors();
const kinds = await readKinds();

const open = (name: string): Architecture =>
  (JSON.parse(readFileSync(join(folder, `${name}.json`), 'utf8')) as { architecture: Architecture }).architecture;
const names = readdirSync(folder)
  .flatMap((file) => (file.endsWith('.json') ? [file.slice(0, -5)] : []))
  .filter((name) => {
    const { head, vocab, blocks } = open(name);
    return vocab > 0 && (head?.kind ?? 'tokens') === 'tokens' && !blocks.some(({ both }) => both);
  });

const [batch, time, source] = [2, 7, 5];

/** What stands before the first token: an encoder's padded windows, a front's rows. */
function given(program: Program, { memory }: Architecture): (Input & { values: Int32Array | Float32Array })[] {
  const draw = random('writing');
  const all: ReturnType<typeof given> = [];
  if (memory) {
    const shape = [batch * source];
    const ids = Int32Array.from({ length: batch * source }, () => Math.floor(draw() * memory.vocab));
    const starts = Int32Array.from({ length: batch * source }, (_, i) => (i >= source + 3 ? -1 : 0));
    all.push({ name: 'memory/ids', shape, dtype: 'int32', values: ids });
    all.push({ name: 'memory/starts', shape, dtype: 'int32', values: starts });
  }
  if (program.front) {
    const shape = [batch, ...program.front.shape];
    const count = shape.reduce((a, b) => a * b, 1);
    all.push({ name: 'front', shape, dtype: 'float32', values: Float32Array.from({ length: count }, draw) });
  }
  return all;
}

/** Scores at every place of whole texts. [batch * time, vocab] */
function atOnce(program: Program, f: Hooks) {
  const held = program.encoder ? f.ops.documents(f.input('memory/starts'), batch, source) : null;
  const memory = program.encoder && memoryOf(program, f, { batch, time: source, documents: held });
  return tokenScores(program, f, program.hidden({ ...f, batch, time, start: 0, documents: null, memory }));
}

test('there are decoders of several shapes', () => {
  expect(names).toEqual(expect.arrayContaining(['bart', 'caption', 'gpt2', 'llama3', 'qwen2', 'translator', 'yarn']));
});

test.each(names)('%s writes what it would give at once', (name) => {
  const architecture = open(name);
  const program = decoder(kinds, architecture);
  const session = tensors.infer(program, (weight) => initialValues(weight, 0.3, 5));
  const draw = random(`tokens ${name}`);
  const ids = Array.from({ length: batch }, () =>
    Array.from({ length: time }, () => Math.floor(draw() * architecture.vocab)),
  );
  const before = given(program, architecture);
  const all = { name: 'ids', shape: [batch * time], dtype: 'int32', values: Int32Array.from(ids.flat()) } as const;
  const [{ values: expected }] = session.run([...before, all], (f) => [atOnce(program, f)]);
  const generator = session.generator({ batch, inputs: before, source });
  let at = 0;
  for (const count of [3, 1, 2, 1]) {
    const found = generator.feed(ids.flatMap((row) => row.slice(at, at + count)));
    at += count;
    expect(generator.length).toBe(at);
    const { vocab } = architecture;
    const rows = ids.flatMap((_, row) => Array.from(expected.slice((row * time + at - 1) * vocab).slice(0, vocab)));
    expect(found.length).toBe(rows.length);
    expect(largest(found, rows)).toBeLessThan(1e-4 * Math.max(1, ...rows.map(Math.abs)));
  }
  generator.dispose();
  session.dispose();
});
