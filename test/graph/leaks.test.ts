// A model is not to be measured on what it has learned, nor on rows that were made up: warnings from how rows get through the kinds.
import { describe, expect, it } from 'vitest';
import { check } from '../../engine/graph/check.ts';
import { readKinds } from '../../engine/graph/kinds.ts';

const kinds = await readKinds({ folders: [] });

/** A whole graph: statements on the data, and what training gets. */
const graph = (data: string, learned: string, valid: string | null, behind = '') => `dsk 1
book = load("book.txt")
${data}
vocab = tokenizer(book)
model = lm_head(transformer_block(embedding(vocab, dim: 8), attention: mla(heads: 2, kv_rank: 4, rope_dim: 2), ffn: swiglu(dim: 8)))
trained = train(model, ${learned}${valid === null ? '' : `, valid: ${valid}`}, optimizer: adamw(lr: 1e-3), steps: 1)
${behind}
`;

async function warnings(text: string): Promise<string[]> {
  const { diagnostics } = await check(text, { kinds, files: null });
  expect(diagnostics.filter(({ severity }) => severity === 'error')).toEqual([]);
  return diagnostics
    .filter(({ code }) => code === 'leak')
    .map(({ span, message, notes }) => `${text.slice(span.start, span.end)}: ${message}; ${(notes ?? []).join('; ')}`);
}

const split = 'parts = split(book)';

describe('nothing is said', () => {
  it.each([
    ['of parts of one split', split, 'parts', 'parts.valid'],
    ['of training without validation', '', 'book', null],
    ['where only what is learned is augmented', `${split}\nmore = synonyms(parts.train)`, 'more', 'parts.valid'],
    ['of two files', 'other = load("other.txt")', 'book', 'other'],
    [
      'of filters that may well exclude each other',
      `old = filter(book, where: "year < 2000")\nnew = filter(book, where: "year >= 2000")`,
      'old',
      'new',
    ],
    [
      'of decontamination, which only looks at what is measured on',
      `${split}\nclean = decontaminate(parts.train, parts.valid)`,
      'clean',
      'parts.valid',
    ],
    [
      'of windows that share values, dealt out by time, or cut behind the split',
      'w = windows(book, columns: "v", size: 9)\nparts = split(w, time: "t")\nmore = windows(parts.valid, columns: "v", size: 3)',
      'parts',
      'more',
    ],
    [
      'of windows beside each other',
      'w = windows(book, columns: "v", size: 9, stride: 9)\nparts = split(w)',
      'parts',
      'parts.valid',
    ],
    [
      'of rows that repeat and are taken out again',
      'm = mix(book, other, until: "all_exhausted")\nother = load("b.txt")\nd = dedup(m)\nparts = split(d)',
      'parts',
      'parts.valid',
    ],
    [
      'of rows that repeat where no split deals them out',
      'm = mix(a, b, until: "all_exhausted")\na = load("a.txt")\nb = load("b.txt")\nfine = quality(m)',
      'book',
      'fine',
    ],
    ['of what a skipped node would do', `skip more = synonyms(book)\nparts = split(more)`, 'parts', 'parts.valid'],
  ])('%s', async (_, data, learned, valid) => {
    expect(await warnings(graph(data, learned, valid))).toEqual([]);
  });
});

describe('rows that are made up', () => {
  it('before the split are in what is measured on', async () => {
    const data = 'more = synonyms(book)\nlong = filter(more, where: "true")\nparts = split(long)';
    expect(await warnings(graph(data, 'parts', 'parts.valid', 'score = evaluate(trained, parts.valid)'))).toEqual([
      'parts.valid: `trained` would be measured on rows that `more` (synonyms) has made up; split first, then augment what is learned: `more` belongs behind `parts`, on its train',
      'parts.valid: `score` would be measured on rows that `more` (synonyms) has made up; split first, then augment what is learned: `more` belongs behind `parts`, on its train',
    ]);
  });
  it('behind it are so as well', async () => {
    const data = `${split}\nmore = random_edit(parts.valid)`;
    expect(await warnings(graph(data, 'parts', 'more'))).toEqual([
      'more: `trained` would be measured on rows that `more` (random_edit) has made up; measure on rows as they are, and augment what is learned alone',
    ]);
  });
});

describe('rows that repeat', () => {
  it('before a random split are in both of its parts', async () => {
    const data =
      'm = mix(book, other, until: "all_exhausted")\nother = load("b.txt")\nlong = filter(m, where: "true")\nparts = split(long)';
    expect(await warnings(graph(data, 'parts', 'parts.valid'))).toEqual([
      'parts.valid: `trained` may be measured on rows that were learned: `m` (mix) gives rows more than once, and `parts` deals them out; `m` belongs behind `parts`',
    ]);
  });
  it('are those of tables that are put together and have the same ones, too', async () => {
    const data = 'long = filter(book, where: "true")\nboth = concat(book, long)\nparts = split(both)';
    const [warning] = await warnings(graph(data, 'parts', 'parts.valid'));
    expect(warning).toContain('`both` (concat) gives rows more than once');
  });
  it('are windows that share values, too', async () => {
    const data = 'w = windows(book, columns: "v", size: 9)\nparts = split(w)';
    const [warning] = await warnings(graph(data, 'parts', 'parts.valid'));
    expect(warning).toContain('`w` (windows) gives rows more than once');
  });
});

describe('rows that are learned', () => {
  it('are not to be measured on while training', async () => {
    expect(await warnings(graph('', 'book', 'book'))).toEqual([
      'book: `trained` would be measured on rows it learns from: `valid` has rows of `book`, and so has what it learns; what a model has seen makes the loss look better than it is: set rows aside with split, before anything else reads `book`',
    ]);
  });
  it('nor are some of them', async () => {
    const [warning, ...others] = await warnings(graph(split, 'book', 'parts.valid'));
    expect(warning).toContain('has rows of `book`');
    expect(others).toEqual([]);
  });
  it('nor what some of them were chosen from', async () => {
    const [warning] = await warnings(graph('long = filter(book, where: "true")', 'long', 'book'));
    expect(warning).toContain('has rows of `book`');
  });
  it('nor what was put together with others', async () => {
    const data = 'other = load("b.txt")\nboth = concat(other, book)\nsome = sample(other, rows: 5)';
    const [warning] = await warnings(graph(data, 'both', 'some'));
    expect(warning).toContain('has rows of `other`');
  });
  it('nor after training, by whatever path the model comes', async () => {
    const more =
      'again = train(trained, parts.test, optimizer: adamw(lr: 1e-3), steps: 1)\nscore = evaluate(again, parts.train)';
    expect(await warnings(graph('parts = split(book, test: 10%)', 'parts', 'parts.valid', more))).toEqual([
      'parts.train: `score` would measure on rows that `trained` has learned from: both have rows of `parts`; what a model has seen makes the loss look better than it is: set rows aside with split, before anything else reads `parts`',
    ]);
  });
});
