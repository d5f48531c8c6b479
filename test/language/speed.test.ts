// What happens at each keystroke is quick in a text of 1,300 nodes. The bounds are three to four times what an idle machine needs,
// for machines that are slower or busy: they catch what grows with the square of the text.
import { expect, it } from 'vitest';
import { check } from '../../engine/graph/check.ts';
import { complete, folds, highlight, hover, symbols } from '../../engine/language/index.ts';
import { parse } from '../../grammar/parse.ts';
import { cost, large } from './large.ts';
import { checkText, kinds } from './marked.ts';

const text = large(100);
const checked = await checkText(text);

it('is read, and checked', async () => {
  expect(checked.graph.nodes).toHaveLength(1300);
  expect(checked.diagnostics).toEqual([]);
  expect(await cost(() => parse(text))).toBeLessThan(25);
  expect(await cost(() => check(text, { kinds, files: null }))).toBeLessThan(60);
});

it('is completed', async () => {
  const typed = `${text}x = filter(`;
  const broken = await checkText(typed);
  expect(complete(broken, kinds, typed.length).items.length).toBeGreaterThan(400);
  expect(await cost(() => complete(broken, kinds, typed.length))).toBeLessThan(15);
});

it('is described, outlined, folded and, at 5,000 lines, coloured', async () => {
  const offset = text.indexOf('model90,');
  expect(hover(checked, kinds, offset)?.markdown).toContain('parameters');
  expect(await cost(() => hover(checked, kinds, offset))).toBeLessThan(15);
  expect(await cost(() => [symbols(checked), folds(checked)])).toBeLessThan(15);
  const long = large(Math.ceil(5000 / 12));
  expect(long.split('\n').length).toBeGreaterThan(5000);
  expect(await cost(() => highlight(long))).toBeLessThan(30);
});
