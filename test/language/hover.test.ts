// Hover: what is said of the thing under the cursor (`^`).
import { describe, expect, it } from 'vitest';
import { hover } from '../../engine/language/index.ts';
import { at, kinds, quickstart } from './marked.ts';

async function over(marked: string): Promise<{ word: string; markdown: string } | null> {
  const { checked, offset } = await at(marked);
  const found = hover(checked, kinds, offset);
  return found && { word: checked.text.slice(found.span.start, found.span.end), markdown: found.markdown };
}

const within = (before: string, marked: string) => {
  expect(quickstart).toContain(before);
  return quickstart.replace(before, marked);
};

describe('hover', () => {
  it('over a kind: how it is written, what it does, an example', async () => {
    const { word, markdown } = (await over(within('filter(clean', 'fil^ter(clean'))) ?? {};
    expect(word).toBe('filter');
    expect(markdown).toMatch(/^```dsk\nfilter\(table: table, where: expression\) -> table\n```\n\nKeeps the rows/);
    expect(markdown).toContain('long = filter(clean, where:');
  });

  it('over a parameter or its value: what it takes', async () => {
    const size = await over(within('size: 2048', 'si^ze: 2048'));
    expect(size?.word).toBe('size');
    expect(size?.markdown).toContain('Takes a whole number from 257 to 1000000, in entries. Default: `4096`.');
    expect((await over(within('2048', '20^48')))?.markdown).toBe(size?.markdown);
    expect((await over(within('valid: 5%', 'valid: 5^%')))?.markdown).toContain('5% is 0.05.');
    expect((await over(within('steps: steps', 'st^eps: steps')))?.markdown).toContain('Here: `300`.');
  });

  it('over an input: what it takes', async () => {
    expect((await over(within('optimizer: adamw', 'opti^mizer: adamw')))?.markdown).toMatch(
      /^\*\*optimizer\*\* \(input of `train`\)\n\n.*\n\nTakes an optimizer\.$/,
    );
  });

  it('over a reference: type, origin and what is known of it', async () => {
    const model = (await over(within('train(model', 'train(mo^del')))?.markdown;
    expect(model).toMatch(/^```dsk\nmodel: model\n```/);
    expect(model).toMatch(/Width 192, 4 layers, 2,048 tokens\. 3,606,976 parameters, 1,886,464 active for a token\.$/);
    expect((await over(within('embedding(vocab', 'embedding(vo^cab')))?.markdown).toContain('2,048 entries.');
    expect((await over(within('evaluate(trained, parts.valid', 'evaluate(trained, parts.va^lid')))?.markdown).toMatch(
      /^```dsk\nparts\.valid: table\n```/,
    );
  });

  it('over a table: its columns and rows', async () => {
    const { checked, offset } = await at('dsk 1\nbook = load("a.csv")\nlong = filter(bo^ok, where: "x")\n');
    const node = checked.graph.byPath.get('book');
    if (node) node.outputs = { table: { columns: { text: 'text', n: 'integer' }, rows: 12000 } };
    expect(hover(checked, kinds, offset)?.markdown).toContain('12,000 rows. Columns: `text` text, `n` integer.');
  });

  it('over the name of a statement: documentation first', async () => {
    const marked = 'dsk 1\n## Only **long** ones.\nlo^ng = filter(book, where: "x")\n';
    expect((await over(marked))?.markdown).toMatch(
      /^```dsk\nlong = filter\(\.\.\.\) -> table\n```\n\nOnly \*\*long\*\* ones\./,
    );
  });

  it('over a skipped node: that it is, and what it passes on', async () => {
    const { checked, offset } = await at(
      'dsk 1\nbook = load("a.csv")\nskip cl^ean = dedup(book)\nlong = dedup(clean)\n',
    );
    expect(hover(checked, kinds, offset)?.markdown).toContain('Skipped: it is not run');
  });

  it('over a param: its value, where it is defined and used', async () => {
    expect((await over(within('param steps', 'param st^eps')))?.markdown).toMatch(/^```dsk\nparam steps = 300\n```/);
    expect((await over(within('steps: steps', 'steps: st^eps')))?.markdown).toMatch(/^```dsk\nparam steps = 300\n```/);
  });

  it('says nothing of what is not known', async () => {
    for (const marked of ['a = unk^nown()', 'a = dedup(no^body)', '# com^ment', 'a = dedup(x,^ y)', 'd^sk 1'])
      expect(await over(`dsk 1\n${marked}\n`), marked).toBe(null);
  });
});
