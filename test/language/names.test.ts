// Names: where they are defined and used, what they are called instead, and what is found from a place in the text.
import { describe, expect, it } from 'vitest';
import { definition, nodeAt, prepareRename, references, rename, statementAt } from '../../engine/language/index.ts';
import { applyEdits, type Span } from '../../grammar/index.ts';
import { at } from './marked.ts';

const text = (marks: string) => `dsk 1
param steps = 3
book = load("a.txt", rows: "line")
parts = split(book)  # parts
used = filter(parts.train, where: "parts") |> dedup()
model = train(x, ${marks}, optimizer: adamw(lr: steps), steps: steps)
`;

/** The text with all spans between guillemets. */
function shown(text: string, spans: readonly Span[]): string {
  return applyEdits(
    text,
    spans.flatMap(({ start, end }) => [
      { start, end: start, text: '«' },
      { start: end, end, text: '»' },
    ]),
  );
}

describe('definition', () => {
  it.each(['par^ts.train', 'parts.tr^ain', '^parts', 'parts^'])('of %s', async (reference) => {
    const { checked, offset } = await at(text(reference));
    const span = definition(checked, offset) as Span;
    expect(shown(checked.text, [span])).toContain('\n«parts» = split');
  });

  it('of a param, and of nothing', async () => {
    const { checked } = await at(text('^'));
    const inside = checked.text.indexOf('lr: steps') + 5;
    expect(shown(checked.text, [definition(checked, inside) as Span])).toContain('param «steps» =');
    for (const part of ['load', '"a.txt"', 'rows', '# parts', 'dsk', 'x, '])
      expect(definition(checked, checked.text.indexOf(part) + 1), part).toBe(null);
  });
});

it('references: where it is defined and wherever it is used, outputs left out', async () => {
  const { checked, offset } = await at(text('valid: par^ts.valid'));
  expect(shown(checked.text, references(checked, offset))).toBe(
    checked.text
      .replace('\nparts =', '\n«parts» =')
      .replace('(parts.train', '(«parts».train')
      .replace('valid: parts.', 'valid: «parts».'),
  );
  expect(references(checked, checked.text.indexOf('line'))).toEqual([]);
});

describe('rename', () => {
  const renamed = async (marked: string, to: string) => {
    const { checked, offset } = await at(marked);
    const result = rename(checked, offset, to);
    return 'error' in result ? result.error.message : applyEdits(checked.text, result.edits);
  };

  it('changes all places and nothing else', async () => {
    expect(await renamed(text('par^ts'), 'halves')).toBe(
      text('halves').replace('\nparts =', '\nhalves =').replace('(parts.', '(halves.'),
    );
    expect(await renamed('dsk 1\nskip a^ = load("x")\nb = dedup(a)\n', 'c')).toBe(
      'dsk 1\nskip c = load("x")\nb = dedup(c)\n',
    );
  });

  it('says why a name cannot be had', async () => {
    expect(await renamed(text('par^ts'), 'book')).toContain('already the name');
    expect(await renamed(text('par^ts'), 'my node')).toContain('is no name');
    expect(await renamed(text('^"x"'), 'y')).toContain('no name of a node or param');
  });

  it('is prepared with the name alone', async () => {
    const { checked, offset } = await at(text('valid: parts^.valid'));
    const { span, name } = prepareRename(checked, offset) as { span: Span; name: string };
    expect([name, checked.text.slice(span.start, span.end)]).toEqual(['parts', 'parts']);
    // behind the dot stands an output, which the kind names; `x` nobody defines; kinds are not the graph's
    for (const part of ['.valid', 'x, valid', 'split('])
      expect(prepareRename(checked, checked.text.indexOf(part) + 1 - Number(part[0] === 'x')), part).toBe(null);
  });
});

describe('the node at a place', () => {
  it.each([
    ['model = train(lm_he^ad(x), y, optimizer: adamw(lr: 1))', 'model.model', 'model'],
    ['model = train(lm_head(x), y, optimizer: adamw(l^r: 1))', 'model.optimizer', 'model'],
    ['model = train(lm_head(x), y, opt^imizer: adamw(lr: 1))', 'model', 'model'],
    ['mod^el = train(lm_head(x))', 'model', 'model'],
    ['skip mod^el = train(lm_head(x))', 'model', 'model'],
    ['a = load("x")\n  |> ded^up()', 'a', 'a'],
    ['a = lo^ad("x")\n  |> dedup()', 'a.table', 'a'],
    ['param a = ^1', null, 'a'],
    ['# comm^ent\na = load("x")', null, null],
    ['a = load("x")\n^\nb = load("x")', null, null],
  ])('%s', async (marked, node, statement) => {
    const { checked, offset } = await at(`dsk 1\n${marked}\n`);
    expect([nodeAt(checked, offset), statementAt(checked, offset)]).toEqual([node, statement]);
  });
});
