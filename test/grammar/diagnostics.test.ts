// What broken texts report. Each broken/NAME.dsk has its report in NAME.txt; `npx vitest run -u` writes them anew.
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { applyEdits, closest, formatDiagnostic, lineColumn, parse, syntaxCodes } from '../../grammar/index.ts';

const folder = new URL('./broken/', import.meta.url);
const names = readdirSync(folder).filter((name) => name.endsWith('.dsk'));
const read = (name: string) => readFileSync(new URL(name, folder), 'utf8');
const deep = `dsk 1\na = ${'f('.repeat(150)}${')'.repeat(150)}\nb = x${' |> f()'.repeat(150)}\nc = f(1 2)`;
const codes = (text: string) => parse(text).diagnostics.map(({ code }) => code);

describe('broken texts', () => {
  test.each(names)('%s', async (name) => {
    const text = read(name);
    const report = parse(text).diagnostics.map((diagnostic) => formatDiagnostic(name, text, diagnostic));
    await expect(`${report.join('\n')}\n`).toMatchFileSnapshot(new URL(name.replace('.dsk', '.txt'), folder).pathname);
  });

  test('every code has an example', () => {
    const seen = new Set([deep, ...names.map(read)].flatMap(codes));
    expect([...seen, 'syntax-internal'].sort()).toEqual(Object.keys(syntaxCodes).sort());
  });

  test.each(names)('each fix of %s mends what it is offered for', (name) => {
    const text = read(name);
    const { diagnostics } = parse(text);
    for (const { code, fixes = [] } of diagnostics) {
      for (const { title, edits } of fixes) {
        const left = parse(applyEdits(text, edits)).diagnostics.filter((after) => after.code === code);
        const before = diagnostics.filter((one) => one.code === code);
        expect(left.length, `${code}: ${title}`).toBeLessThan(before.length);
      }
    }
  });

  test('one broken statement does not hide the others', () => {
    const { document } = parse('dsk 1\na = f(x\nb = g(y: [1, 2)\nc = "open\nd = h(x)\ne = k(\n  z: 1\nparam p = 3\n');
    expect(document.statements.map(({ name }) => name.text)).toEqual(['a', 'b', 'c', 'd', 'e', 'p']);
  });

  test('deep nesting is reported once a statement, and bounded', () => {
    expect(codes(deep)).toEqual(['syntax-depth', 'syntax-depth', 'syntax-comma']);
  });
});

describe('formatDiagnostic', () => {
  const diagnostic = { severity: 'warning', code: 'c', message: 'm', span: { start: 0, end: 0 } } as const;

  test('marks at least one column, also at the end of the text', () => {
    expect(formatDiagnostic('f', 'ab', { ...diagnostic, span: { start: 2, end: 2 } })).toBe(
      'f:1:3: warning c: m\n    1 | ab\n      |   ^',
    );
  });

  test('wide characters and tabs move the marker, not the column', () => {
    const text = '日\té x';
    const span = { start: text.indexOf('x'), end: text.length };
    expect(formatDiagnostic('f', text, { ...diagnostic, span })).toBe(
      'f:1:5: warning c: m\n    1 | 日  é x\n      |       ^',
    );
  });

  test('long lines are clipped around the span', () => {
    const text = `${'a'.repeat(500)}HERE${'b'.repeat(500)}`;
    const [, source = '', marker = ''] = formatDiagnostic('f', text, {
      ...diagnostic,
      span: { start: 500, end: 504 },
    }).split('\n');
    expect(source.length).toBeLessThan(115);
    expect(source.slice(marker.indexOf('^'), marker.lastIndexOf('^') + 1)).toBe('HERE');
  });

  test('colour only where asked, and nothing that could steer a terminal', () => {
    const text = 'a \u001b[31m\u202e b';
    expect(formatDiagnostic('f', text, diagnostic)).not.toMatch(/[\u001b\u202e]/);
    expect(formatDiagnostic('f', text, diagnostic, { color: true })).toContain('\u001b[33m');
  });
});

test('lineColumn counts code points, and all line endings once', () => {
  const text = '\ufeffa😀b\r\nc\rd\ne';
  const at = (part: string) => lineColumn(text, text.indexOf(part));
  expect([at('a'), at('b'), at('c'), at('d'), at('e')]).toEqual([
    { line: 1, column: 1 },
    { line: 1, column: 3 },
    { line: 2, column: 1 },
    { line: 3, column: 1 },
    { line: 4, column: 1 },
  ]);
});

test('closest finds slips of the keyboard and nothing far-fetched', () => {
  const kinds = ['load', 'dedup', 'tokenizer', 'transformer_block', 'mla', 'mha', 'moe'];
  expect(closest('tokeniser', kinds)).toBe('tokenizer');
  expect(closest('laod', kinds)).toBe('load');
  expect(closest('MLA', kinds)).toBe('mla');
  expect(closest('transformerblok', kinds)).toBe('transformer_block');
  expect(closest('adamw', kinds)).toBe(null);
  expect(closest('x', ['y'])).toBe(null);
});

test('applyEdits refuses edits that overlap', () => {
  const edits = [
    { start: 0, end: 2, text: 'x' },
    { start: 1, end: 3, text: 'y' },
  ];
  expect(() => applyEdits('abc', edits)).toThrow(RangeError);
  expect(
    applyEdits('abc', [
      { start: 1, end: 1, text: '1' },
      { start: 1, end: 1, text: '2' },
      { start: 0, end: 1, text: '' },
    ]),
  ).toBe('12bc');
});
