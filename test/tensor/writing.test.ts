// Writing token by token, with what earlier positions left behind, gives what the whole text gives at once: for every shape of model that
// foretells tokens, several texts side by side, prompts in pieces.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { readKinds } from '../../engine/graph/kinds.ts';
import { loadTensorflow } from '../../engine/native/load.ts';
import { decoder, memoryOf, tokenScores } from '../../engine/nodes/decoder.ts';
import type { Hooks, Input, Program, Weight } from '../../engine/nodes/module.ts';
import { random } from '../../engine/nodes/random.ts';
import type { Architecture, Part } from '../../engine/nodes/values.ts';
import { initialValues } from '../../engine/nodes/weights.ts';
import { openTensors } from '../../engine/tensor/index.ts';
import type { NodeBackend } from '../../engine/tensor/native.ts';
import { recordedWriter } from '../../engine/tensor/write.ts';
import { largest } from './setting.ts';

const folder = join(import.meta.dirname, '../fixtures/shapes');
const tensors = await openTensors();
const kinds = await readKinds();
const native: unknown = (await loadTensorflow()).tf.backend();

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
  const all: (typeof before)[number] = {
    name: 'ids',
    shape: [batch * time],
    dtype: 'int32',
    values: Int32Array.from(ids.flat()),
  };
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

const wide = (attention: Part, ffn: Part): Architecture => ({
  tokenizer: null,
  vocab: 50,
  dim: 16,
  init: 0.3,
  blocks: [{ repeat: 2, attention, ffn, eps: 1e-6 }],
  head: { eps: 1e-6, tied: true },
});
const attentions: Record<string, Part> = {
  mha: { kind: 'mha', params: { heads: 4, kv_heads: 2, rope_theta: 100 } },
  mla: {
    kind: 'mla',
    params: { heads: 2, kv_rank: 6, rope_dim: 4, rope_theta: 100, rope_interleaved: true, yarn_factor: 1 },
  },
};
const swiglu: Part = { kind: 'swiglu', params: { dim: 24 } };
const moe: Part = {
  kind: 'moe',
  params: { experts: 4, active: 2, shared: 1, dim: 8, groups: 1, scale: 1, normalize: true, bias_speed: 0 },
};
const models: Record<string, Architecture> = {
  mha: wide(attentions.mha, swiglu),
  mla: wide(attentions.mla, moe),
  ...Object.fromEntries(names.map((name) => [name, open(name)])),
};

/** Read from an encoder or a picture, which is written with op by op. */
const reads = ['bart', 'translator', 'caption'];

describe.skipIf(!tensors.native)('in a graph', () => {
  const backend = native as NodeBackend;

  test.each(Object.keys(models).filter((name) => !reads.includes(name)))(
    '%s writes what it would give at once, prompts of any length and one text after another',
    (name) => {
      const architecture = models[name];
      const { vocab } = architecture;
      const program = decoder(kinds, architecture);
      const initial = (weight: Weight): Float32Array => initialValues(weight, 0.3, 5);
      const session = tensors.infer(program, initial);
      const writer = recordedWriter(backend, program, initial);
      const longest = architecture.positions?.size ?? 90;
      for (const prompt of [longest - 4, 2]) {
        const draw = random(`text ${name} ${prompt}`);
        const ids = Array.from({ length: prompt + 3 }, () => Math.floor(draw() * vocab));
        const expected = session.logits(Int32Array.from(ids), 1, ids.length);
        const text = writer.begin();
        for (const end of [prompt, prompt + 1, prompt + 3]) {
          const found = text.feed(ids.slice(text.length, end));
          expect(text.length).toBe(end);
          const row = expected.slice((end - 1) * vocab, end * vocab);
          expect(largest(found, row)).toBeLessThan(1e-4 * Math.max(1, ...row.map(Math.abs)));
        }
      }
      if (program.places !== null)
        expect(() => writer.begin().feed(new Array<number>(longest + 1).fill(1))).toThrow('more than the 20');
      const first = writer.begin();
      writer.begin();
      expect(() => first.feed([1])).toThrow('another text');
      for (const { name: weight, values } of writer.weights()) {
        const own = program.weights.find((each) => each.name === weight) as Weight;
        expect(largest(values, initial(own)), weight).toBe(0);
      }
      writer.dispose();
      session.dispose();
    },
  );

  test('a session writes in one from some size on, and goes on op by op with the same weights', () => {
    const large: Architecture = { ...models.mha, vocab: 140_000 };
    const program = decoder(kinds, large);
    const asked = new Set<string>();
    const session = tensors.infer(program, (weight) => {
      expect(asked.has(weight.name)).toBe(false); // each is asked for once
      asked.add(weight.name);
      return initialValues(weight, 0.3, 5);
    });
    const ids = [5, 70_000, 139_999];
    const first = session.generator();
    const found = Float32Array.from(first.feed(ids));
    first.dispose();
    const tensorsHeld = session.logits(Int32Array.from(ids), 1, 3).slice(2 * large.vocab);
    expect(largest(found, tensorsHeld)).toBeLessThan(1e-4);
    const next = session.generator();
    expect(largest(next.feed(ids), found)).toBeLessThan(1e-4);
    next.dispose();
    session.dispose();
  });
});
