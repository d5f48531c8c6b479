// Whatever the text is and wherever the cursor stands: nothing throws, and what is taken makes the text no worse.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import * as language from '../../engine/language/index.ts';
import { applyEdits, parse } from '../../grammar/index.ts';
import { checkText, examples, kinds } from './marked.ts';

const texts = readdirSync(examples)
  .filter((name) => /.\.dsk$/.test(name))
  .map((name) => readFileSync(join(examples, name), 'utf8'));

/** An example as it is while being typed: some of it is there, and something may be behind the cursor. */
const typed = fc
  .record({
    text: fc.constantFrom(...texts),
    cut: fc.double({ min: 0, max: 1, noNaN: true }),
    rest: fc.constantFrom('', '\n', ')', 'line', 'all'),
    drop: fc.nat(12),
  })
  .map(({ text, cut, rest, drop }) => {
    const offset = Math.floor(cut * text.length);
    const behind = {
      '': '',
      '\n': '\n',
      ')': ')\n',
      line: text.slice(text.indexOf('\n', offset)),
      all: text.slice(offset + drop),
    };
    return { text: text.slice(0, offset) + behind[rest as keyof typeof behind], offset };
  });

const errorsOf = (text: string) => parse(text).diagnostics.filter(({ severity }) => severity === 'error').length;

it('every function answers at every place', async () => {
  await fc.assert(
    fc.asyncProperty(typed, async ({ text, offset }) => {
      const checked = await checkText(text);
      const { from, to, items } = language.complete(checked, kinds, offset);
      expect(from <= offset && offset <= to).toBe(true);
      for (const { insert, places } of items) {
        for (const { start, end } of places) expect(start <= end && end <= insert.length).toBe(true);
      }
      const spans = [
        language.hover(checked, kinds, offset)?.span,
        language.definition(checked, offset),
        language.prepareRename(checked, offset)?.span,
        ...language.references(checked, offset),
        ...language.folds(checked),
        ...language.highlight(text),
      ];
      for (const span of spans)
        if (span) expect(0 <= span.start && span.start <= span.end && span.end <= text.length).toBe(true);
      language.signature(checked, kinds, offset);
      language.symbols(checked);
      language.nodeAt(checked, offset);
      language.statementAt(checked, offset);
      language.rename(checked, offset, 'fresh');
    }),
    { numRuns: 250 },
  );
});

it('no completion brings a new syntax error, but for a name that awaits its value', async () => {
  let seen = 0;
  await fc.assert(
    fc.asyncProperty(typed, fc.nat(), async ({ text, offset }, pick) => {
      const checked = await checkText(text);
      const { from, to, items } = language.complete(checked, kinds, offset);
      // what is put before something else cannot be right: the comma between them comes later
      if (!/^[ \t]*(?:$|[),\](:=.]|\s*\n(?:\S|$))/.test(text.slice(to))) return;
      const whole = items.filter(({ again, insert }) => !(again && /[:=] $/.test(insert)));
      const item = whole[pick % Math.max(1, whole.length)];
      if (!item) return;
      seen++;
      const after = applyEdits(text, [{ start: from, end: to, text: item.insert }]);
      expect(
        errorsOf(after),
        `${JSON.stringify(item)}\n${text.slice(0, from)}^${text.slice(to)}\n---\n${after}`,
      ).toBeLessThanOrEqual(errorsOf(text));
    }),
    { numRuns: 400 },
  );
  expect(seen).toBeGreaterThan(100);
});
