// What sound texts read as.
import { describe, expect, test } from 'vitest';
import { expressions, parse, print, printPercent, type Value, valueOf } from '../../grammar/index.ts';
import { Rules } from '../../grammar/rules.ts';

function valuesOf(text: string): unknown[] {
  const { document, diagnostics } = parse(`dsk 1\n${text}`);
  expect(diagnostics).toEqual([]);
  return document.statements.map(({ value }) => valueOf(value)?.value);
}

test('the grammar itself is sound: no ambiguity, no loop, no rule out of reach', () => {
  expect(() => new Rules({ check: true })).not.toThrow();
});

describe('values', () => {
  test('numbers', () => {
    const { document } = parse('dsk 1\na = [1, -2, +3, 1_000, 3e-3, 1E2, 0.95, 5%, -0.1%, 1e-1%]');
    const numbers = [
      ...expressions(document.statements[0]?.value ?? { type: 'null', span: { start: 0, end: 0 } }),
    ].slice(1);
    expect(numbers.map((part) => part.type === 'number' && part.value)).toEqual([
      1, -2, 3, 1000, 0.003, 100, 0.95, 0.05, -0.001, 0.001,
    ]);
  });

  test('texts', () => {
    expect(valuesOf('a = "a\\n\\t\\"\\\\\\u{e9}\\u{1F600} # ) \'é"')).toEqual(['a\n\t"\\é😀 # ) \'é']);
  });

  test('block texts: without the indentation of the closing quotes, lines ending in \\n', () => {
    expect(valuesOf('a = """\r\n  One,\r\n    "two"\r\n  \\u{e9}\r\n  """')).toEqual(['One,\n  "two"\né']);
    expect(valuesOf('a = """ x """')).toEqual([' x ']);
  });

  test('a name is a reference, whatever it is; words of the language may name parameters and outputs', () => {
    expect(valuesOf('a = f(true, trues, null: null, param: b.import)')).toEqual([
      {
        call: 'f',
        arguments: [
          { value: true },
          { value: { reference: 'trues' } },
          { name: 'null', value: null },
          { name: 'param', value: { reference: 'b.import' } },
        ],
      },
    ]);
  });

  test('a pipe gives the first argument, over lines too', () => {
    const [piped] = valuesOf('a = x\n  # comment\n\n  |> f(y: 1)\n  |> g()');
    expect(piped).toEqual(valuesOf('a = g(f(x, y: 1))')[0]);
    const { document } = parse('dsk 1\na = x |> f(y)');
    const call = document.statements[0]?.value;
    expect(call?.type === 'call' && call.arguments.map((argument) => argument.piped)).toEqual([true, false]);
  });
});

test('spans cover exactly what was written', () => {
  const text = '\ufeffdsk 1\r\nparam ß = x |> f(a: [1, b.c], )  # c\r\n';
  const { document } = parse(text);
  const slice = ({ span }: { span: { start: number; end: number } }) => text.slice(span.start, span.end);
  const [statement] = document.statements;
  if (statement?.value.type !== 'call') throw new Error('no call');
  const [, named] = statement.value.arguments;
  expect(
    [
      document.version,
      statement,
      statement.name,
      statement.value,
      statement.value.kind,
      named,
      document.comments[0],
    ].map((part) => part && slice(part)),
  ).toEqual(['dsk 1', 'param ß = x |> f(a: [1, b.c], )', 'ß', 'x |> f(a: [1, b.c], )', 'f', 'a: [1, b.c]', '# c']);
});

test('documentation is the `##` lines directly above', () => {
  const documentation = (text: string) =>
    parse(`dsk 1\n${text}`).document.statements.map((statement) => statement.documentation);
  expect(
    documentation('## One\n# no\n##two\na = f()\n\n## far\n\nb = f() ## behind\nc = f()\n#### ruler\nd = f()'),
  ).toEqual(['One\ntwo', null, null, null]);
});

test.each<[Value, string]>([
  [0.1 + 0.2, '0.30000000000000004'],
  [1e21, '1e21'],
  [-0, '-0'],
  [{ percent: 12.5 }, '12.5%'],
  ['a"\\\n\u0007é😀', '"a\\"\\\\\\n\\u{7}é😀"'],
  [
    { call: 'f', arguments: [{ value: { reference: 'a.b' } }, { name: 'x', value: [true, null] }] },
    'f(a.b, x: [true, null])',
  ],
])('prints %o', (value, text) => {
  expect(print(value)).toBe(text);
  expect(valuesOf(`a = ${text}`)).toEqual([value]);
});

test.each([0.05, 0.001, 1, 3, 1e-9, 0.123456789, 2.5e-7, -0.3, 0, 1e22, 0.07, 0.29])(
  'prints %d as a percentage that reads the same',
  (value) => {
    const { document } = parse(`dsk 1\na = ${printPercent(value)}`);
    const read = document.statements[0]?.value;
    expect(read?.type === 'number' && read.percent && read.value).toBe(value);
  },
);

test.each<[Value]>([
  [Number.NaN],
  [Number.POSITIVE_INFINITY],
  [{ reference: 'a b' }],
  [{ reference: 'a.b.c' }],
  [{ call: 'null' }],
  [[{ call: '' }]],
])('refuses to print %o', (value) => {
  expect(() => print(value)).toThrow(RangeError);
});

describe('skipped nodes', () => {
  const skips = (text: string) => {
    const { document, diagnostics } = parse(`dsk 1\n${text}`);
    expect(diagnostics).toEqual([]);
    return document.statements.map((one) => [one.name.text, one.type === 'node' && one.skip !== null]);
  };

  test('have the word before their name', () => {
    expect(skips('skip a = f()\nb = f(a)\nparam c = 1')).toEqual([
      ['a', true],
      ['b', false],
      ['c', false],
    ]);
    const text = 'dsk 1\n  skip  a = f()\n';
    const [statement] = parse(text).document.statements;
    expect(statement?.type === 'node' && statement.skip).toEqual({ start: 8, end: 12 });
    expect(statement?.span).toEqual({ start: 8, end: 21 });
  });

  test('`skip` is a name like any other elsewhere', () => {
    expect(skips('skip = f(skip: skip.skip)\nskip skip2 = skip(skip)')).toEqual([
      ['skip', false],
      ['skip2', true],
    ]);
    expect(skips('skip skip = f()')).toEqual([['skip', true]]);
  });
});
