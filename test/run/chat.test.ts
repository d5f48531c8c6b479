// Conversations from the file to the answer: chat, pack, training on the answers alone. An interrupted run goes on to the same bits,
// windows and rows of text measure the same, and what does not fit is told before anything runs.
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import type { Turn } from '../../engine/nodes/context.ts';
import { askPython, withPython } from '../data/setting.ts';
import { type Done, dsk, folder, last, start } from './dsk.ts';

const graph = `dsk 1

rows    = load("talks.jsonl")
talks   = chat(rows, system: "Answer in one sentence.")
parts   = split(talks, valid: 20%)
vocab   = tokenizer(parts.train, size: 330)
packed  = pack(parts.train, vocab, context: 48, documents: "packed")
held    = pack(parts.valid, vocab, context: 48, documents: "padded")
tokens  = embedding(vocab, dim: 16)
block   = transformer_block(tokens, attention: mla(heads: 2, kv_rank: 8, rope_dim: 4),
            ffn: moe(experts: 4, active: 2, shared: 1, dim: 16))
model   = lm_head(block)
trained = train(model, packed, valid: held, optimizer: adamw(lr: 3e-3),
            context: 48, batch: 4, steps: 40, checkpoint_every: 1000)
score   = evaluate(trained, held)
whole   = evaluate(trained, parts.valid)
saved   = export(trained, format: "hf", path: "out")
`;
const nouns = ['whale', 'sea', 'ship', 'captain', 'harpoon', 'wind', 'rope'];
const talks = Array.from({ length: 120 }, (_, i) => {
  const [a, b] = [nouns[i % 7], nouns[(i * 3) % 7]];
  const turn = (n: number) => [
    { role: 'user', content: `What did the ${a} see on day ${i + n}? 🐋` },
    { role: 'assistant', content: `It saw the ${b} — twice.` },
  ];
  return JSON.stringify({ id: i, messages: i % 10 === 9 ? [] : [...turn(1), ...(i % 3 === 0 ? turn(2) : [])] });
}).join('\n');

const losses = (done: Done) => done.events.flatMap((e) => (e.event === 'step' ? [[e.step, e.loss]] : []));
const weights = (here: string) =>
  createHash('sha256')
    .update(readFileSync(join(here, 'out/model.safetensors')))
    .digest('hex');

test('interrupted and resumed, training on answers equals one that was never stopped', {
  timeout: 120_000,
}, async () => {
  const whole = folder({ 'g.dsk': graph, 'talks.jsonl': talks });
  const through = await dsk(whole, 'run', 'g.dsk', '--json');
  expect(through.code, through.stderr).toBe(0);
  const end = last(through);
  if (end?.event !== 'finished') throw new Error(`last is ${end?.event}`);
  const { score, whole: text } = end.results as Record<string, { loss: number; tokens: number }>;
  // Windows and text hold the same answers; the loss differs, since in text one conversation sees the one before.
  expect(score?.tokens).toBe(text?.tokens);
  expect(score?.tokens).toBeGreaterThan(100);
  expect(score?.loss).toBeLessThan(Math.log(330));
  // Each of the answers' tokens reaches two of the four experts, but no padding does.
  const loads = through.events.flatMap((event) => (event.event === 'experts' ? [event.load[0] ?? []] : []));
  const sums = loads.map((load) => load.reduce((sum, each) => sum + each, 0));
  expect(Math.max(...sums)).toBeLessThanOrEqual(4 * 48 * 2);
  expect(Math.min(...sums)).toBeGreaterThan(0);

  const here = folder({ 'g.dsk': graph, 'talks.jsonl': talks });
  const running = start(here, ['run', 'g.dsk', '--json']);
  await running.says('"step":5,');
  running.child.kill('SIGTERM');
  const stopped = await running.done;
  expect(stopped.code).toBe(130);
  const resumed = await dsk(here, 'run', 'g.dsk', '--resume', '--json');
  expect(resumed.code).toBe(0);
  expect([...losses(stopped), ...losses(resumed)]).toEqual(losses(through));
  expect(weights(here)).toBe(weights(whole));
});

const question = ['system: Be short.', 'user: What did the whale see on day 3? 🐋'];
const turns = question.map((message) => {
  const [role, content] = message.split(/: (.*)/s);
  return { role, content };
}) as Turn[];
const asking = (model: string) =>
  `said = generate(${model}, messages: ${JSON.stringify(question)}, temperature: 0, max_tokens: 24)\n`;

describe.each([
  ['chatml', 'template: "chatml"', '["<|im_start|>", "<|im_end|>"]', '<|im_start|>assistant\n'],
  ['plain', 'template: "plain"', '[]', 'Assistant:'],
  ['an end that is no token', 'template: "plain", eos: "<END>"', '[]', 'Assistant:'],
])('the form of the conversations goes with a model: %s', (_, template, special, opening) => {
  let here = '';
  let said = '';
  let first: { answer: string; text: string; prompt: string };
  const asked = async (text: string) => {
    writeFileSync(join(here, 'g.dsk'), text);
    const done = await dsk(here, 'run', 'g.dsk', '--json');
    expect(done.code, done.stderr).toBe(0);
    said ||= done.stdout;
    const end = last(done);
    if (end?.event !== 'finished') throw new Error(`last is ${end?.event}`);
    return end.results.said as typeof first;
  };
  beforeAll(async () => {
    here = folder({ 'talks.jsonl': talks });
    first = await asked(`dsk 1

rows    = load("talks.jsonl")
talks   = chat(rows, ${template})
parts   = split(select(talks, columns: ["text", "learned"]), valid: 20%)
vocab   = tokenizer(parts.train, size: 330, special: ${special})
packed  = pack(parts.train, vocab, context: 96, documents: "packed")
block   = transformer_block(embedding(vocab, dim: 48), attention: mha(heads: 2), ffn: swiglu(dim: 96))
trained = train(lm_head(block), packed, optimizer: adamw(lr: 6e-3), context: 96, batch: 8, steps: 90)
saved   = export(trained, path: "out")
${asking('trained')}`);
  }, 120_000);

  test('a model is asked as it learned, and stops at the end of its answer', () => {
    expect(first.prompt).toContain(question[1]?.slice(6));
    expect(first.prompt.endsWith(opening)).toBe(true);
    expect(first.text.startsWith(first.prompt)).toBe(true);
    expect(first.answer).toMatch(/^It saw the \w+ — twice\.$/);
  });

  test('what was exported answers the same', { timeout: 60_000 }, async () => {
    const again = await asked(`dsk 1\n\nbase = pretrained("out")\n${asking('base.model')}`);
    // Other programs look for tokens, so an end that is none is no end there.
    if (template.includes('<END>')) {
      expect(again.prompt).toBe(first.prompt);
      expect(said).toContain('ends an answer, but is no token of its own');
    } else {
      expect(again).toEqual(first);
      expect(said).not.toContain('is no token');
    }
  });

  withPython('transformers', () => {
    test('writes the same conversation, and stops at the same tokens', { timeout: 120_000 }, () => {
      const theirs = askPython(
        `from transformers import AutoTokenizer, GenerationConfig
import os
t = AutoTokenizer.from_pretrained(ask['folder'])
ends = json.load(open(ask['folder'] + '/config.json'))['eos_token_id']
if os.path.exists(ask['folder'] + '/generation_config.json'):
    ends = GenerationConfig.from_pretrained(ask['folder']).eos_token_id
text = t.apply_chat_template(ask['turns'], tokenize=False, add_generation_prompt=True)
whole = t.apply_chat_template(ask['turns'] + ask['more'], tokenize=False)
print(json.dumps({'text': text, 'whole': whole, 'ids': t(text)['input_ids'], 'vocab': len(t), 'eos': t.eos_token, 'ends': ends}))`,
        { folder: join(here, 'out'), turns, more: [{ role: 'assistant', content: 'It saw — that.' }] },
      ) as { text: string; whole: string; ids: number[]; vocab: number; eos: string; ends: number | number[] };
      expect(theirs.text).toBe(first.prompt);
      const end = /eos: "(.*)"/.exec(template)?.[1] ?? (template.includes('chatml') ? '<|im_end|>\n' : '<|endoftext|>');
      expect(theirs.whole.startsWith(first.prompt)).toBe(true);
      expect(theirs.whole.slice(first.prompt.length).trimStart()).toBe(`It saw — that.${end}`);
      expect(theirs.vocab).toBe(330);
      expect(theirs.eos).toBe(template.includes('chatml') ? '<|im_end|>' : '<|endoftext|>');
      expect(theirs.ends).toEqual(template.includes('chatml') ? [2, 0] : 0);
    });
  });
});

describe('is told before anything runs', () => {
  const more = 'optimizer: adamw(lr: 3e-3), batch: 4, steps: 4';
  const wrong: [what: string, line: string, message: string][] = [
    [
      'a context of another length',
      `train(model, packed, ${more}, context: 64)`,
      '`data` has windows of 48 tokens, but context is 64',
    ],
    [
      'windows of another tokenizer',
      `train(model, pack(parts.train, vocab_2, context: 48), ${more}, context: 48)`,
      'these windows were made with the tokenizer `vocab_2`, but the model has `vocab`',
    ],
    ['a column that is not there', 'chat(rows, messages: "message")', 'there is no column `message`'],
    ['one of two columns', 'chat(rows, prompt: "id")', '`answer` is missing beside the other column'],
    ['two templates', 'chat(rows, template: "chatml", jinja: "x")', '`template` and `jinja` both give a template'],
    ['a template that is not there', 'chat(rows, path: "nowhere")', 'there is no chat template at nowhere'],
    ['a message of nobody', 'generate(trained, messages: "What?")', '"What?" does not say who speaks'],
    [
      'a message without words',
      'generate(trained, messages: ["user:"])',
      '"user:" does not say who speaks, or says nothing',
    ],
    [
      'nothing to answer',
      'generate(trained, messages: ["user: A?", "assistant: B."])',
      'the last message is of the assistant: there is nothing to answer',
    ],
    [
      'a prompt beside messages',
      'generate(trained, prompt: "The", messages: "user: A?")',
      '`prompt` and `messages` both say what to go on from',
    ],
    [
      'a conversation for a model that learned none',
      `generate(train(model, load("a.txt"), ${more}, context: 8), messages: "user: A?")`,
      'this model has learned no conversations',
    ],
    ['a column that would be lost', 'chat(talks)', 'there is a column `text` already'],
    [
      'a parameter without effect',
      'pack(talks, vocab, context: 8, long: "cut")',
      '`long` has no meaning where texts are joined',
    ],
  ];
  let said = '';
  beforeAll(async () => {
    const lines = wrong.map(([, line], i) => `wrong_${i} = ${line}\n`);
    const text = [graph, 'vocab_2 = tokenizer(parts.train, size: 300)\n', ...lines].join('');
    const done = await dsk(folder({ 'g.dsk': text, 'talks.jsonl': talks, 'a.txt': 'Call me.' }), 'check', 'g.dsk');
    expect(done.code).toBe(1);
    said = done.stdout + done.stderr;
  });

  test.each(wrong)('%s', (_, __, message) => {
    expect(said).toContain(message);
  });
});

describe('is told where it is', () => {
  const run = async (text: string, files: Record<string, string> = {}) => {
    const here = folder({ 'g.dsk': `dsk 1\n\n${text}\n`, 'talks.jsonl': talks, ...files });
    const { code, stderr, stdout } = await dsk(here, 'run', 'g.dsk');
    return { code, said: stdout + stderr };
  };

  test('a template that never ends', async () => {
    const jinja = '{% for a in range(9999) %}{% for b in range(9999) %}x{% endfor %}{% endfor %}';
    const { code, said } = await run(`rows = load("talks.jsonl")\ntalks = chat(rows, jinja: "${jinja}")`);
    expect([code, said]).toEqual([1, expect.stringContaining('the chat template cannot be used: it takes more steps')]);
  });

  test('a template in which an answer changes with what follows', async () => {
    const template =
      "{% for m in messages %}{{ m.role + ':' + ('' if loop.last else '~') + m.content + '\\n' }}{% endfor %}{% if add_generation_prompt %}assistant:{% endif %}";
    const files = {
      'chat/tokenizer_config.json': JSON.stringify({ chat_template: template, eos_token: { content: '</s>' } }),
    };
    const { code, said } = await run('rows = load("talks.jsonl")\ntalks = chat(rows, path: "chat")', files);
    expect(code).toBe(1);
    expect(said).toContain('in another way when the conversation goes on');
    expect(said).toContain('learn: "last"');
  });

  test('a table without any answer', async () => {
    const { code, said } = await run('rows = load("q.jsonl")\ntalks = chat(rows)', {
      'q.jsonl': '{"messages": [{"role": "user", "content": "Hello?"}]}\n',
    });
    expect(code).toBe(1);
    expect(said).toContain('none of 1 rows holds a conversation with an answer');
    expect(said).toContain('no message of the assistant');
  });

  test('ids that the tokenizer does not have', async () => {
    const { code, said } = await run(
      `rows = load("w.parquet.jsonl", format: "jsonl")
vocab = tokenizer(load("talks.jsonl") |> chat(), size: 300)
model = lm_head(transformer_block(embedding(vocab, dim: 8), attention: mha(heads: 1), ffn: swiglu(dim: 8)))
trained = train(model, rows, optimizer: adamw(lr: 1e-3), context: 4, batch: 1, steps: 1)`,
      { 'w.parquet.jsonl': '{"tokens": [1, 2, 900], "documents": [3]}\n' },
    );
    expect(code).toBe(1);
    expect(said).toContain('row 1: the tokenizer has no token 900');
  });
});
