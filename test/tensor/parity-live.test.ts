// Beside transformers as it is today (DSK_TEST_PYTHON): models of other weights than the stored ones give its logits and losses here,
// and what `dsk run` exports gives our logits, token ids and text there.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { weightFiles } from '../../engine/data/safetensors.ts';
import { openTokenizer } from '../../engine/data/tokenizer.ts';
import { readKinds } from '../../engine/graph/kinds.ts';
import { decoder } from '../../engine/nodes/decoder.ts';
import { readConfig } from '../../engine/nodes/families/families.ts';
import { openWeights } from '../../engine/nodes/weights.ts';
import { openTensors } from '../../engine/tensor/index.ts';
import { ownFolder, withPython } from '../data/setting.ts';
import { dsk, folder, last } from '../run/dsk.ts';
import {
  answerDifference,
  encoders,
  further,
  largest,
  logitDifference,
  models,
  names,
  openFixture,
  tenSteps,
} from './setting.ts';

const python = process.env.DSK_TEST_PYTHON as string;
const environment = { ...process.env, HF_HUB_OFFLINE: '1', TRANSFORMERS_VERBOSITY: 'error' };

withPython('models that transformers makes now', () => {
  const made = ownFolder();
  beforeAll(() => {
    execFileSync(python, [join(models, 'make.py'), made, '11'], { env: environment, stdio: 'pipe' });
  }, 300_000);

  test.each([...names, ...further])('%s has its logits and losses', async (name) => {
    const tensors = await openTensors();
    const live = await openFixture(name, made);
    if (names.includes(name)) expect(live.expected.ids).not.toEqual((await openFixture(name)).expected.ids);
    expect(logitDifference(tensors, live)).toBeLessThan(1e-4);
    expect(await tenSteps(tensors, await openFixture(name, made))).toBeLessThan(1e-3);
  });

  test.each(encoders)('%s has its scores, vectors or classes', async (name) => {
    expect(answerDifference(await openTensors(), await openFixture(name, made))).toBeLessThan(1e-4);
  });
});

const graph = `dsk 1

book    = load("book.txt", rows: "line")
vocab   = tokenizer(book, size: 300)
tokens  = embedding(vocab, dim: 32, init: 0.2)
best    = adamw(lr: 3e-3)

# everything DeepSeek-V3 has
first   = transformer_block(tokens, attention: mla(heads: 4, kv_rank: 16, rope_dim: 8, q_rank: 20), ffn: swiglu(dim: 48))
then    = transformer_block(first, repeat: 2, attention: mla(heads: 4, kv_rank: 16, rope_dim: 8, q_rank: 20),
            ffn: moe(experts: 8, active: 3, shared: 1, dim: 24, groups: 4, active_groups: 2, scale: 2.5))
whole   = train(lm_head(then), book, optimizer: best, context: 16, batch: 2, steps: 3)
saved   = export(whole, path: "out/deepseek")

# a longer context by YaRN, raw router weights, heads of other widths, one table
yarn    = transformer_block(tokens, repeat: 2,
            attention: mla(heads: 2, kv_rank: 16, rope_dim: 8, head_dim: 12, value_dim: 10, yarn_factor: 4, yarn_context: 32,
              yarn_mscale: 1, yarn_mscale_all_dim: 0.7, rope_theta: 5000),
            ffn: moe(experts: 6, active: 2, shared: 2, dim: 16, normalize: false))
long    = train(lm_head(yarn, tied: true), book, optimizer: best, context: 48, batch: 2, steps: 3)
saved_2 = export(long, path: "out/yarn")

# LLaMA
grouped = transformer_block(tokens, repeat: 2, attention: mha(heads: 4, kv_heads: 2), ffn: swiglu(dim: 48))
plain   = train(lm_head(grouped), book, optimizer: best, context: 16, batch: 2, steps: 3)
saved_3 = export(plain, path: "out/llama")
`;
const nouns = ['whale', 'sea', 'ship', 'captain', 'harpoon', 'wind', 'naïve crew', 'Walfängerin'];
const book = Array.from({ length: 200 }, (_, i) => {
  const [a, b, c] = [nouns[i % 8], nouns[(i * 3) % 8], nouns[(i * 5 + 2) % 8]];
  return `The ${a} and the ${b} saw the ${c} ${i} times — “${i % 7 === 0 ? '鯨' : 'oh'}!”`;
}).join('\n');

const texts = [
  'The whale and the sea',
  '  two  spaces\tand a\nline\r\nend ',
  'naïve Walfängerin — “鯨” кит 🐋 e\u0301',
  "1234567 it's 3.14",
  'never<|endoftext|>seen',
  '',
];
const classes = { deepseek: 'DeepseekV3ForCausalLM', yarn: 'DeepseekV3ForCausalLM', llama: 'LlamaForCausalLM' };
const exported = Object.keys(classes) as (keyof typeof classes)[];
const prompt = 'The whale — “';
const ids = [0, 1].map((row) => Array.from({ length: 24 }, (_, i) => (i * i * 7 + row * 31 + 3) % 300));

interface Answer {
  class: string;
  faults: Record<string, string[]>;
  logits: number[];
  texts: number[][];
  written: number[];
  text: string;
}

withPython('what dsk run exports', () => {
  let here = '';
  let answers: Answer[] = [];
  const answer = (name: keyof typeof classes): Answer => answers[exported.indexOf(name)];

  beforeAll(async () => {
    here = folder({ 'g.dsk': graph, 'book.txt': book });
    const ran = await dsk(here, 'run', 'g.dsk', '--json');
    expect(ran.code, ran.stderr).toBe(0);
    expect(last(ran)?.event).toBe('finished');
    const folders = exported.map((name) => join(here, 'out', name));
    const output = execFileSync(python, [join(models, 'open.py')], {
      input: JSON.stringify({ folders, ids, texts, prompt, tokens: 12 }),
      encoding: 'utf8',
      env: environment,
      stdio: 'pipe',
    });
    answers = JSON.parse(output) as Answer[];
  });

  test.each(exported)('%s opens without a word', (name) => {
    const { class: found, faults } = answer(name);
    expect({ found, faults }).toEqual({ found: classes[name], faults: {} });
  });

  test.each(exported)('%s has our logits', async (name) => {
    const from = join(here, 'out', name);
    const program = decoder(await readKinds(), readConfig(readFileSync(join(from, 'config.json'), 'utf8')));
    const weights = await openWeights(weightFiles, program.weights, [join(from, 'model.safetensors')]);
    const session = (await openTensors()).infer(program, weights);
    const logits = session.logits(Int32Array.from(ids.flat()), 2, 24);
    session.dispose();
    expect(Math.max(...logits) - Math.min(...logits)).toBeGreaterThan(0.5);
    expect(largest(logits, answer(name).logits)).toBeLessThan(1e-4);
  });

  test.each(exported)('%s has our token ids', async (name) => {
    const tokenizer = await openTokenizer(join(here, 'out', name, 'tokenizer.json'));
    expect(answer(name).texts).toEqual(texts.map((text) => tokenizer.encode(text)));
  });

  test.each(exported)('%s writes the same', async (name) => {
    const asked = ['--prompt', prompt, '--temperature', '0', '--max-tokens', '12', '--json'];
    const ran = await dsk(here, 'generate', join('out', name), ...asked);
    expect(ran.code, ran.stderr).toBe(0);
    expect(last(ran)).toMatchObject({ event: 'finished', text: answer(name).text });
  });
});
