// Runs of words that texts share with an evaluation, beside a plain search and datatrove's n-grams.
import { describe, expect, it } from 'vitest';
import { openEvaluation } from '../../engine/data/contamination.ts';
import { letters, paragraphs } from './mails.ts';
import { askPython, withPython } from './setting.ts';

const sentence =
  'It is a truth universally acknowledged that a single man in possession of a good fortune must be in want of a wife';

function evaluation(texts: string[], n = 13, shortest = 8) {
  const opened = openEvaluation(n, shortest);
  for (const [row, text] of texts.entries()) opened.add(text, row);
  return opened;
}

describe('runs of words', () => {
  const { find } = evaluation(['nothing of this kind', sentence]);
  it('are found whatever their case, punctuation and line breaks', () => {
    const text = `Jane wrote: "it is a TRUTH, universally\nacknowledged -- that a single man in possession of...`;
    const found = find(text);
    expect(found).toMatchObject({ row: 1, words: 13 });
    expect(text.slice(found?.start, found?.end)).toBe(
      'it is a TRUTH, universally\nacknowledged -- that a single man in possession of',
    );
  });
  it('are not found where a word is missing, or one too few is shared', () => {
    expect(find(sentence.split(' ').slice(0, 12).join(' '))).toBeNull();
    expect(find(sentence.replace('single ', '').replace('good ', ''))).toBeNull();
    expect(find('')).toBeNull();
  });
  it('are found in the middle of a long text', () => {
    const filler = Array.from({ length: 20_000 }, (_, i) => `word${i}`).join(' ');
    const found = find(`${filler} ${sentence} ${filler}`);
    expect(found?.start).toBe(filler.length + 1);
  });
});

describe('short texts of the evaluation', () => {
  const { find } = evaluation(['Who wrote the novel about the white whale?', 'Who was it?', sentence]);
  it('are looked for as a whole from the least number of words on', () => {
    expect(find('Q: who wrote the novel about the white whale? A: Melville')).toMatchObject({ row: 0, words: 8 });
    expect(find('Who was it?')).toBeNull();
  });
});

it('characters of scripts without spaces are words', () => {
  const { find } = evaluation(['人人生而自由,在尊严和权利上一律平等。']);
  expect(find('宣言说：人人生而自由，在尊严和权利上一律平等')).toMatchObject({ row: 0, words: 13 });
  expect(find('人人生而自由。')).toBeNull();
});

it('finds what a plain search finds, in mails beside mails', () => {
  const texts = letters(20);
  const held = texts.filter((_, i) => i % 10 === 0);
  const trained = texts.filter((_, i) => i % 10 !== 0);
  const words = (text: string) => text.toLowerCase().match(/[\p{L}\p{M}\p{N}]+/gu) ?? [];
  const runs = (text: string) => {
    const all = words(text);
    return Array.from({ length: Math.max(0, all.length - 12) }, (_, i) => all.slice(i, i + 13).join(' '));
  };
  const known = new Set(held.flatMap(runs));
  const { find } = evaluation(held, 13, 13);
  const plain = trained.filter(
    (text) => !/[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff]/.test(text),
  );
  const expected = plain.map((text) => runs(text).some((run) => known.has(run)));
  expect(plain.map((text) => find(text) !== null)).toEqual(expected);
  expect(expected.filter(Boolean).length).toBeGreaterThan(20);
  expect(expected.filter((found) => !found).length).toBeGreaterThan(20);
});

withPython('beside datatrove', () => {
  // Its index is built and asked as its own steps do it; words are cut at white space on both sides, as its tokenizer is not there.
  const script = `
from datatrove.pipeline.decont import n_grams
from datatrove.data import Document
class Spaces:
    def word_tokenize(self, text): return text.split()
n_grams.load_word_tokenizer = lambda language: Spaces()
config = n_grams.NGramsDecontConfig(n_grams=ask["n"], hash_config=n_grams.HashConfig(hash_fc="sha1"))
config.norm_config.norm_numbers = False
config.norm_config.norm_unicode_diacritics = False
indexer = object.__new__(n_grams.NGramsDecontIndexer)
indexer.config, indexer.tokenizer, indexer.hash_func = config, Spaces(), n_grams.create_hash_func(config.hash_config)
filter = object.__new__(n_grams.NGramsDecontFilter)
filter.config, filter.tokenizer, filter.hash_func = config, Spaces(), indexer.hash_func
filter.stat_update = lambda name: None
filter._index_hashes = {hash: "row" for text in ask["held"] for hash in indexer.compute_hashes(text)}
print(json.dumps([filter.filter(Document(text=text, id="")) is True for text in ask["trained"]]))`;

  it('the same paragraphs of a novel share 12 words with others', () => {
    // Planted: every fifth of the others quotes one that is held.
    const all = paragraphs(4).filter((text) => text.split(/\s+/).length > 30);
    const held = all.filter((_, i) => i % 4 === 0);
    const trained = all
      .filter((_, i) => i % 4 !== 0)
      .map((text, i) =>
        i % 5 === 0
          ? `${text} ${(held[i % held.length] as string).toUpperCase().split(/\s+/).slice(3, 20).join('\n')}`
          : text,
      );
    const { find } = evaluation(held, 12, 12);
    const clean = trained.map((text) => find(text) === null);
    expect(clean).toEqual(askPython(script, { held, trained, n: 12 }));
    expect(clean.filter((free) => !free).length).toBeGreaterThanOrEqual(trained.length / 5);
    expect(clean.filter(Boolean).length).toBeGreaterThan(50);
  });
});
