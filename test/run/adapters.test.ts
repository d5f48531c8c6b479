// Fine-tuning with adapters from the command line: they alone are trained, kept and saved, what is resumed equals what was never
// stopped, and peft puts them beside the model as here.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { weightFiles } from '../../engine/data/safetensors.ts';
import { withPython } from '../data/setting.ts';
import { type Done, dsk, folder, last, list, start } from './dsk.ts';

const graph = `dsk 1

book    = load("book.txt", rows: "line")
vocab   = tokenizer(book, size: 300)
tokens  = embedding(vocab, dim: 32, init: 0.2)
blocks  = transformer_block(tokens, repeat: 2, attention: mha(heads: 4, kv_heads: 2), ffn: swiglu(dim: 48))
base    = train(lm_head(blocks), book, optimizer: adamw(lr: 3e-3), context: 16, batch: 4, steps: 20)

small   = lora(base, rank: 4, alpha: 8, targets: ["q_proj", "v_proj", "down_proj"], dropout: 0.1)
tuned   = train(small, book, optimizer: adamw(lr: 1e-2), context: 16, batch: 4, steps: 40, checkpoint_every: 1000)
merged  = merge(tuned)

before  = evaluate(base, book)
still   = evaluate(small, book)
after   = evaluate(tuned, book)
folded  = evaluate(merged, book)
sample  = generate(tuned, prompt: "The", max_tokens: 5, temperature: 0)
same    = generate(merged, prompt: "The", max_tokens: 5, temperature: 0)
out_1   = export(base, path: "out/base")
out_2   = export(tuned, format: "peft", path: "out/adapter", base: "out/base")
out_3   = export(merged, path: "out/merged")
`;
const back = `dsk 1

base    = pretrained("out/base")
book    = load("book.txt", rows: "line")
tuned   = adapters(base, "out/adapter")
score   = evaluate(tuned, book, context: 16)
further = train(tuned, book, optimizer: adamw(lr: 1e-3), context: 16, batch: 4, steps: 2)
again   = evaluate(merge(further), book, context: 16)
`;
const nouns = ['whale', 'sea', 'ship', 'captain', 'harpoon', 'wind', 'rope'];
const book = Array.from({ length: 200 }, (_, i) => {
  const [a, b, c] = [nouns[i % 7], nouns[(i * 3) % 7], nouns[(i * 5 + 2) % 7]];
  return `The ${a} and the ${b} saw the ${c} ${i} times.`;
}).join('\n');

const losses = (done: Done) =>
  done.events.flatMap((e) => (e.event === 'step' && e.node === 'tuned' ? [[e.step, e.loss]] : []));

function results(done: Done): Record<string, Record<string, unknown>> {
  const end = last(done);
  if (end?.event !== 'finished') throw new Error(`last is ${end?.event}: ${done.stderr}`);
  return end.results as Record<string, Record<string, unknown>>;
}

describe('adapters', () => {
  let [here, loss] = ['', 0];
  let ran: Done;
  beforeAll(async () => {
    here = folder({ 'g.dsk': graph, 'back.dsk': back, 'book.txt': book });
    ran = await dsk(here, 'run', 'g.dsk', '--json');
    expect(ran.code, ran.stderr).toBe(0);
  }, 120_000);

  test('lower the loss, from where the model was', () => {
    const { before, still, after, folded, sample, same } = results(ran);
    loss = Number(after?.loss);
    expect(Number(still?.loss)).toBeCloseTo(Number(before?.loss), 5);
    expect(loss).toBeLessThan(Number(before?.loss) - 0.1);
    expect(Number(folded?.loss)).toBeCloseTo(loss, 4);
    expect(same?.text).toBe(sample?.text);
  });

  test('are all that a training saves', async () => {
    const kept = list(join(here, '.dsk/cache'))
      .filter((key) => !key.includes('.'))
      .map((key) => join(here, '.dsk/cache', key))
      .filter((entry) => list(entry).includes('adapter.safetensors'));
    expect(kept).toHaveLength(2); // as drawn, and as trained
    for (const entry of kept) {
      expect(list(entry)).toEqual(['adapter.safetensors', 'meta.json']);
      const reader = await weightFiles.open([join(entry, 'adapter.safetensors')]);
      expect([...reader.tensors.keys()].every((name) => /\.lora_[AB]\.weight$/.test(name))).toBe(true);
      expect(reader.tensors.size).toBe(2 * 3 * 2);
      reader.close();
    }
  });

  test('come back from files of peft, and go on', async () => {
    const again = await dsk(here, 'run', 'back.dsk', '--json');
    expect(again.code, again.stderr).toBe(0);
    const { score, again: further } = results(again);
    expect(Number(score?.loss)).toBeCloseTo(loss, 4);
    expect(Number(further?.loss)).not.toBe(Number(score?.loss));
  }, 60_000);

  test('interrupted and resumed are as those never stopped', async () => {
    const other = folder({ 'g.dsk': graph, 'book.txt': book });
    const running = start(other, ['run', 'g.dsk', '--json']);
    await running.says('"node":"tuned","step":7,');
    running.child.kill('SIGTERM');
    const stopped = await running.done;
    expect(stopped.code).toBe(130);
    const resumed = await dsk(other, 'run', 'g.dsk', '--resume', '--json');
    expect(resumed.code, resumed.stderr).toBe(0);
    const [first, rest] = [losses(stopped), losses(resumed)];
    expect(first.length + rest.length).toBe(40);
    expect([...first, ...rest]).toEqual(losses(ran));
    const file = 'out/adapter/adapter_model.safetensors';
    expect(readFileSync(join(other, file)).equals(readFileSync(join(here, file)))).toBe(true);
  }, 120_000);

  withPython('in peft', () => {
    test('give the logits of the merged model', () => {
      const script = `
import json, sys, torch
from peft import PeftModel
from transformers import AutoModelForCausalLM
ids = torch.arange(2, 50).view(2, 24)
base = AutoModelForCausalLM.from_pretrained("out/base").eval()
plain = base(input_ids=ids).logits
merged = AutoModelForCausalLM.from_pretrained("out/merged").eval()(input_ids=ids).logits
adapted = PeftModel.from_pretrained(base, "out/adapter").eval()(input_ids=ids).logits
print(json.dumps([(adapted - merged).abs().max().item(), (adapted - plain).abs().max().item()]))
`;
      const output = execFileSync(process.env.DSK_TEST_PYTHON as string, ['-W', 'ignore', '-c', script], {
        cwd: here,
        encoding: 'utf8',
        env: { ...process.env, HF_HUB_OFFLINE: '1', TRANSFORMERS_VERBOSITY: 'error' },
        stdio: 'pipe',
      });
      const [merged, plain] = JSON.parse(output.trim().split('\n').at(-1) as string) as [number, number];
      expect(merged).toBeLessThan(1e-4);
      expect(plain).toBeGreaterThan(0.1);
    }, 60_000);
  });
});
