// The one look of a file, as text before / text after.
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { format } from '../../grammar/index.ts';

function check(before: string, after: string): void {
  expect(format(before).text).toBe(after);
}

const whale = readFileSync(new URL('./whale.dsk', import.meta.url), 'utf8');

describe('format', () => {
  test('leaves the example of the design as it is', () => {
    expect(format(whale)).toEqual({ text: whale, changed: false, diagnostics: [] });
  });

  test('finds that look again from a text without it', () => {
    const squeezed = whale
      .replace(/^(\w+) += /gm, '$1=')
      .replace(/^ +/gm, '')
      .replace(/, (?!first)/g, ',');
    expect(format(squeezed).text).toBe(whale);
  });

  test('spaces', () => {
    check('dsk   1\na=f( x ,y :1,z:[ 1,2 ] )\n', 'dsk 1\na = f(x, y: 1, z: [1, 2])\n');
    check('dsk 1\n  a = x|>f( )|>g( y )', 'dsk 1\na = x |> f() |> g(y)\n');
  });

  test('aligns nodes and params, but no name of more than 16 columns', () => {
    check(
      'dsk 1\nparam x = 1\nparam long = 2\na = f()\nthis_one_is_longer = f()\n日本 = f()\n',
      'dsk 1\nparam x    = 1\nparam long = 2\na    = f()\nthis_one_is_longer = f()\n日本 = f()\n',
    );
  });

  test('breaks at 100 columns, outer arguments first', () => {
    const x = (count: number) => `"${'x'.repeat(count)}"`;
    check(
      `dsk 1\nname = kind(${x(40)}, a: inner(b: ${x(20)}, c: ${x(20)}), d: 1)\n`,
      `dsk 1\nname = kind(${x(40)},\n         a: inner(b: ${x(20)}, c: ${x(20)}), d: 1)\n`,
    );
    check(
      `dsk 1\nname = kind(a: inner(b: ${x(60)}, c: ${x(60)}))\n`,
      `dsk 1\nname = kind(a: inner(b: ${x(60)},\n           c: ${x(60)}))\n`,
    );
    check(
      `dsk 1\nname = first(${x(60)}) |> second(${x(60)})\n`,
      `dsk 1\nname = first(${x(60)})\n       |> second(${x(60)})\n`,
    );
  });

  test("keeps the user's lines between arguments", () => {
    check('dsk 1\na = f(\n  x,\n\n\n    y: 1, z: 2,\n)\n', 'dsk 1\na = f(\n      x,\n\n      y: 1, z: 2,\n    )\n');
  });

  test('keeps comments, in their column where there is room', () => {
    check(
      'dsk 1 # v\n\n  # own\na = f(x,# one\n#two\ny) # end\nlong_name = g()     # far\n',
      'dsk 1  # v\n\n# own\na         = f(x,  # one\n              #two\n              y)  # end\nlong_name = g()     # far\n',
    );
  });

  test('at most one empty line, none at the ends, one line ending', () => {
    check('\n\ndsk 1\n\n\n\na = f()\n\n\n', 'dsk 1\n\na = f()\n');
    check('\ufeffdsk 1\r\na=f()\n', '\ufeffdsk 1\na = f()\n');
    check('\ufeffdsk 1\r\na=f(\r\nx)', '\ufeffdsk 1\r\na = f(\r\n      x)\r\n');
  });

  test('does not touch text values over lines', () => {
    check('dsk 1\na=f("""\n   x  \n  """,y:1)\n', 'dsk 1\na = f("""\n   x  \n  """, y: 1)\n');
  });

  test('a text with errors is returned as it is', () => {
    const text = 'dsk 1\na=f(\nb=g()';
    const { diagnostics, ...rest } = format(text);
    expect(rest).toEqual({ text, changed: false });
    expect(diagnostics.map(({ code }) => code)).toEqual(['syntax-bracket']);
  });
});

test('`skip` takes the room before `=` and moves no other line', () => {
  const plain = 'dsk 1\n\nbook    = load("a.txt")\nclean   = dedup(book,\n            by: "text")\ntrained = f()\n';
  expect(format(plain).changed).toBe(false);
  const skipped = plain.replace('clean   =', 'skip clean =');
  expect(format(skipped).changed).toBe(false);
  expect(format(skipped.replace('skip clean =', 'skip   clean=')).text).toBe(skipped);
  expect(format(plain.replace('book    =', 'skip book =')).changed).toBe(false);
  expect(format('dsk 1\na         = f()\nskip a_  = f()\nlong_name = f()\n').text).toBe(
    'dsk 1\na         = f()\nskip a_   = f()\nlong_name = f()\n',
  );
});
