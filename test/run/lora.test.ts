// The example that fine-tunes SmolLM2-135M, cut to two steps: with the model where it is at hand (examples/models, or the file that
// DSK_TEST_SMOLLM2 names), else with a tiny one that knows the same marks.
import { copyFileSync, cpSync, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { root } from '../../engine/native/paths.ts';
import { dsk, folder, last, list } from './dsk.ts';

const file = 'SmolLM2-135M-Instruct.Q4_1.gguf';
const model = process.env.DSK_TEST_SMOLLM2 ?? join(root, 'examples/models', file);

const tiny = `dsk 1

rows    = load("data/questions.jsonl")
vocab   = tokenizer(rows, size: 400, special: ["<|im_start|>", "<|im_end|>"])
blocks  = transformer_block(embedding(vocab, dim: 32), repeat: 2, attention: mha(heads: 4, kv_heads: 2), ffn: swiglu(dim: 64))
base    = train(lm_head(blocks), rows, optimizer: adamw(lr: 3e-3), context: 64, batch: 4, steps: 10)
saved   = export(base, path: "models/tiny")
`;

const template = `{% for message in messages %}<|im_start|>{{ message.role }}
{{ message.content }}<|im_end|>
{% endfor %}{% if add_generation_prompt %}<|im_start|>assistant
{% endif %}`;

test('lora.dsk lowers the loss and writes adapters', { timeout: 600_000 }, async () => {
  const here = folder({ 'tiny.dsk': tiny });
  cpSync(join(root, 'examples/lora.dsk'), join(here, 'lora.dsk'));
  cpSync(join(root, 'examples/data'), join(here, 'data'), { recursive: true });
  const real = existsSync(model);
  if (real) {
    mkdirSync(join(here, 'models'));
    copyFileSync(model, join(here, 'models', file));
  } else {
    const made = await dsk(here, 'run', 'tiny.dsk');
    expect(made.code, made.stderr).toBe(0);
    writeFileSync(join(here, 'models/tiny/chat_template.jinja'), template);
  }
  const set = real ? [] : ['--set', 'base=models/tiny'];
  const ran = await dsk(here, 'run', 'lora.dsk', '--set', 'steps=2', ...set, '--json');
  expect(ran.code, ran.stderr).toBe(0);
  const end = last(ran);
  if (end?.event !== 'finished') throw new Error(`last is ${end?.event}`);
  const { before, after, said, says } = end.results as Record<string, Record<string, unknown>>;
  expect(Number(after?.loss)).toBeLessThan(Number(before?.loss));
  for (const answer of [said, says]) expect(typeof answer?.text).toBe('string');
  expect(list(join(here, 'out/lora'))).toEqual(['adapter_config.json', 'adapter_model.safetensors']);
});
