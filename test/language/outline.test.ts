// Outline, folding, colours, signatures and fixes.
import { describe, expect, it } from 'vitest';
import { fixes, folds, highlight, signature, symbols } from '../../engine/language/index.ts';
import { applyEdits } from '../../grammar/index.ts';
import { at, checkText, kinds, quickstart } from './marked.ts';

describe('symbols', () => {
  it('are statements under the comments that stand above them', async () => {
    const tree = symbols(await checkText(quickstart)).map(({ name, type, detail, children }) => [
      name,
      type,
      detail,
      children.map((child) => child.name),
    ]);
    expect(tree).toEqual([
      ['steps', 'param', '300', []],
      ['data', 'section', '', ['book', 'clean', 'long', 'parts', 'vocab']],
      ['model', 'section', '', ['tokens', 'dense', 'sparse', 'model']],
      ['training', 'section', '', ['trained', 'score', 'sample', 'saved']],
    ]);
  });

  it('comments inside of statements, documentation and empty sections are none', async () => {
    const text = 'dsk 1\n# --- one ---\n# more\n## Words.\na = load("x",\n  # inside\n  rows: "line")\n# empty\n';
    const [one, ...more] = symbols(await checkText(text));
    expect(more).toEqual([]);
    expect(one).toMatchObject({ name: 'one', children: [{ name: 'a', detail: 'load' }] });
    expect(text.slice(one?.selection.start, one?.selection.end)).toBe('one');
  });
});

it('statements of several lines, sections and comment blocks fold', async () => {
  const text = 'dsk 1\n# one\n# more\na = load("x",\n  rows: "line")\nb = load("y")\n';
  const checked = await checkText(text);
  expect(folds(checked).map(({ type, start, end }) => [type, text.slice(start, end)])).toEqual([
    ['section', '\n# more\na = load("x",\n  rows: "line")\nb = load("y")'],
    ['comment', '\n# more'],
    ['statement', '\n  rows: "line")'],
  ]);
});

describe('highlight', () => {
  const painted = (text: string) => highlight(text).map(({ start, end, type }) => `${text.slice(start, end)} ${type}`);

  it('names every piece', () => {
    expect(painted('dsk 1\n## d\nskip a = f(x.y, param: true) # c')).toEqual([
      'dsk keyword',
      '1 number',
      '## d documentation',
      'skip keyword',
      'a name',
      '= operator',
      'f kind',
      '( punctuation',
      'x name',
      '. punctuation',
      'y name',
      ', punctuation',
      'param parameter',
      ': punctuation',
      'true boolean',
      ') punctuation',
      '# c comment',
    ]);
    expect(painted('skip = g("t" |> null')).toEqual([
      'skip name',
      '= operator',
      'g kind',
      '( punctuation',
      '"t" string',
      '|> operator',
      'null keyword',
    ]);
  });
});

describe('signature', () => {
  const signed = async (marked: string) => {
    const { checked, offset } = await at(`dsk 1\nbook = load("x")\n${marked}`);
    const found = signature(checked, kinds, offset);
    return found && [found.kind, found.active === null ? null : found.arguments[found.active]?.name];
  };

  it.each<[string, [string, string | null] | null]>([
    ['a = filter(^', ['filter', 'table']],
    ['a = filter(book^', ['filter', 'table']],
    ['a = filter(book, where: "x^")', ['filter', 'where']],
    ['a = filter(book, ^)', ['filter', null]],
    ['a = book |> filter(^', ['filter', null]],
    ['a = train(m, book, steps: 3, optimizer: adamw(betas: [0.9, ^])', ['adamw', 'betas']],
    ['a = train(m, book, steps: 3, optimizer: adamw(), ^)', ['train', null]],
    ['a = filter(book)^', null],
    ['a = unknown(^', null],
    ['a = filter(book, # w^', null],
  ])('%s', async (marked, expected) => {
    expect(await signed(marked)).toEqual(expected);
  });

  it('has all arguments in its label', async () => {
    const { checked, offset } = await at('dsk 1\na = filter(^');
    const found = signature(checked, kinds, offset);
    expect(found?.label).toBe('filter(table: table, where: expression) -> table');
    expect(found?.arguments.map(({ start, end }) => found.label.slice(start, end))).toEqual([
      'table: table',
      'where: expression',
    ]);
  });
});

it('fixes of what is wrong at the cursor', async () => {
  const { checked, offset } = await at('dsk 1\na = loa^d2("x")\nb = dedup(c)\n');
  const found = fixes(checked.diagnostics, { start: offset, end: offset });
  expect(found.map(({ fix }) => fix.title)).toEqual(['write `load`']);
  expect(applyEdits(checked.text, found[0]?.fix.edits ?? [])).toBe('dsk 1\na = load("x")\nb = dedup(c)\n');
});
