// Random and mutated texts through parser, formatter, reports and edits: `npx tsx test/fuzz/grammar.ts COUNT [SEED]`.
// Prints how many inputs, of what size, and the slowest in milliseconds of processor time; exits 1 at the first crash,
// broken promise, or input slower than the bound.
import { readdirSync, readFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { applyEdits, edit, format, formatDiagnostic, type GraphEdit, parse } from '../../grammar/index.ts';

/** Processor time one input may take: a quadratic step in a text of LARGE characters takes far longer. */
const BOUND_MS = 4000;
const LARGE = 120_000;
const LARGE_EVERY = 4000;

export interface FuzzReport {
  readonly count: number;
  readonly characters: number;
  readonly sound: number;
  readonly slowest: number;
}

/** Runs `count` inputs. Throws at the first that fails, with the input in the message. */
export function fuzz(count: number, seed: number): FuzzReport {
  const random = generator(seed);
  const samples = readSamples();
  let [characters, sound, slowest] = [0, 0, 0];
  for (let i = 0; i < count; i++) {
    const large = i % LARGE_EVERY === LARGE_EVERY - 1;
    const text = large ? largeText(random, samples) : smallText(random, samples);
    const before = process.cpuUsage();
    let fault: string | null;
    try {
      if (check(text, random, large)) sound++;
      fault = null;
    } catch (error) {
      fault = error instanceof Error ? (error.stack ?? error.message) : String(error);
    }
    const { user, system } = process.cpuUsage(before);
    const spent = (user + system) / 1000;
    if (spent > BOUND_MS) fault = `took ${spent.toFixed(0)} ms, more than ${BOUND_MS}`;
    if (fault)
      throw new Error(
        `input ${i} of seed ${seed} (${text.length} characters): ${fault}\n${JSON.stringify(text.slice(0, 4000))}`,
      );
    characters += text.length;
    slowest = Math.max(slowest, spent);
  }
  return { count, characters, sound, slowest };
}

/** Whether the text is sound; throws where something promised does not hold. */
function check(text: string, random: Random, large: boolean): boolean {
  const { document, diagnostics } = parse(text);
  for (const { code, span } of diagnostics) {
    if (code === 'syntax-internal') throw new Error('the grammar has no rule for this');
    if (!(span.start >= 0 && span.start <= span.end && span.end <= text.length))
      throw new Error(`span of ${code} out of bounds`);
  }
  const [first] = diagnostics;
  if (first) {
    formatDiagnostic('f.dsk', text, first, { color: true });
    for (const { edits } of first.fixes ?? []) parse(applyEdits(text, edits));
  }
  const formatted = format(text);
  const sound = !diagnostics.some(({ severity }) => severity === 'error');
  if (sound) {
    const again = format(formatted.text);
    if (again.changed) throw new Error(`formatting twice differs:\n${formatted.text}\n---\n${again.text}`);
    if (parse(formatted.text).document.comments.length !== document.comments.length)
      throw new Error('formatting lost a comment');
  } else if (formatted.changed) throw new Error('a text with errors was formatted');
  if (random.below(large ? 1 : 4) === 0) {
    const result = edit(
      text,
      randomEdit(
        random,
        document.statements.map(({ name }) => name.text),
      ),
    );
    if ('edits' in result) {
      const errors = parse(applyEdits(text, result.edits)).diagnostics.length;
      if (sound && errors > 0) throw new Error('an edit brought an error into a sound text');
    }
  }
  return sound;
}

function randomEdit(random: Random, names: readonly string[]): GraphEdit {
  const name = names.length > 0 ? random.one(names) : 'a';
  return random.one<GraphEdit>([
    { type: 'set', node: name, parameter: 'rows', value: [1, { percent: 5 }, 'x'] },
    { type: 'set', node: `${name}.optimizer`, parameter: 'lr', value: 1 },
    { type: 'remove', node: name, parameter: random.one(['0', 'rows', 'by', 'x']) },
    { type: 'rename', from: name, to: 'fresh' },
    { type: 'connect', node: name, port: 'valid', position: random.below(3), source: 'a.b' },
    { type: 'disconnect', node: name, port: 'valid', position: random.below(2) },
    { type: 'add', name: 'fresh', kind: 'f', arguments: [{ value: { reference: name } }] },
    { type: 'delete', name },
    { type: 'wrap', node: `${name}.${random.one(['0', 'optimizer', 'attention'])}`, name: 'fresh' },
    { type: 'unwrap', name },
    { type: 'skip', node: name, skip: random.below(2) === 0 },
  ]);
}

interface Random {
  below(bound: number): number;
  one<T>(list: readonly T[]): T;
}

/** A small generator (mulberry32): the same seed gives the same inputs on every machine. */
function generator(seed: number): Random {
  let state = seed >>> 0;
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const below = (bound: number) => Math.floor(next() * bound);
  return { below, one: (list) => list[below(list.length)] as (typeof list)[number] };
}

function readSamples(): string[] {
  const grammar = new URL('../grammar/', import.meta.url);
  const broken = new URL('broken/', grammar);
  const names = readdirSync(broken).filter((name) => name.endsWith('.dsk'));
  const whale = readFileSync(new URL('whale.dsk', grammar), 'utf8');
  return [whale, ...whale.split(/\n\n/), ...names.map((name) => readFileSync(new URL(name, broken), 'utf8'))];
}

const PIECES = [
  ...' \t\n\r\n()[]{},:=.|>"\'#-+%_\\*;/&<@$§“’\u00a0\u200b\ufeff\u0000\u202e\ud800\udc00',
  ...[
    '\r\n',
    '\n  ',
    '|>',
    '"""',
    '\\u{',
    '\\"',
    '##',
    '//',
    'dsk 1',
    'dsk',
    'param ',
    'skip ',
    'def ',
    'import ',
    'true',
    'null',
    'a',
    'b',
    'x = ',
    'f(',
  ],
  ...[
    'kv-rank',
    '5%',
    '1e-3',
    '1_000',
    '.5',
    '0xff',
    '日本',
    'é',
    '😀',
    'rows: ',
    'a.b',
    '"x"',
    '[1, 2]',
    'f(x: 1)',
    '# c\n',
    '\n|> ',
  ],
];

function smallText(random: Random, samples: readonly string[]): string {
  const kind = random.below(4);
  const soup = () => Array.from({ length: random.below(24) }, () => random.one(PIECES)).join('');
  if (kind === 0) return soup();
  if (kind === 1) return `dsk 1\na = f(${soup()}\nb = g(x)\n`;
  const sample = random.one(samples);
  // half of the time whole lines, so that part of the inputs is sound
  const whole = random.below(2) === 0;
  const lineAt = (offset: number) => sample.lastIndexOf('\n', offset) + 1;
  const from = random.below(2) === 0 ? 0 : random.below(sample.length);
  const start = whole ? lineAt(from) : from;
  const cut = start + 40 + random.below(300);
  let text = `${start > 0 ? 'dsk 1\n' : ''}${sample.slice(start, whole ? Math.max(start, lineAt(cut)) : cut)}`;
  for (let changes = random.below(4); changes > 0; changes--) {
    const at = random.below(text.length + 1);
    const end = at + (random.below(2) === 0 ? 0 : random.below(6));
    text = text.slice(0, at) + (random.below(3) === 0 ? '' : random.one(PIECES)) + text.slice(end);
  }
  return text;
}

/** One thing over and over: what takes quadratic time or too deep a stack shows here. */
function largeText(random: Random, samples: readonly string[]): string {
  const unit = Array.from({ length: 1 + random.below(4) }, () => random.one([...PIECES, random.one(samples)])).join('');
  const filling = random.below(4) === 0 ? '' : unit;
  const body = (filling || random.one(PIECES)).repeat(Math.max(1, Math.floor(LARGE / (filling || '12').length / 2)));
  return random.one(['', 'dsk 1\n', 'dsk 1\na = f(', 'dsk 1\na = "', 'dsk 1\na = [']) + body.slice(0, LARGE);
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const [count = 1_000_000, seed = Date.now() % 2 ** 31] = process.argv.slice(2).map(Number);
  try {
    const { characters, sound, slowest } = fuzz(count, seed);
    const size = `${(characters / 1e6).toFixed(1)} million characters, ${sound} without errors`;
    console.log(`${count} inputs (${size}), slowest ${slowest.toFixed(0)} ms, seed ${seed}`);
  } catch (error) {
    console.error(error instanceof Error ? error.message : String(error));
    process.exitCode = 1;
  }
}
