// What is typed into fields: read as the language reads it, its spelling kept; stepped without noise; written back exactly.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Param } from '../../../engine/nodes/kind.ts';
import { parse } from '../../../grammar/index.ts';
import {
  complaintOf,
  readSource,
  readTyped,
  shownValue,
  stepped,
  textSource,
} from '../../../renderer/inspector/values.ts';
import { kinds } from '../../../renderer/kinds.ts';

const kind = (name: string) => {
  const found = kinds.get(name);
  if (!found) throw new Error(`no kind ${name}`);
  return found;
};

describe('readTyped', () => {
  it.each([
    ['3e-3', 0.003],
    [' 128 ', 128],
    ['5%', 0.05],
    ['1_000_000', 1_000_000],
    ['−2', -2],
  ])('reads %s', (typed, value) => {
    expect(readTyped(typed)).toMatchObject({ value });
  });

  it('keeps the spelling', () => {
    expect(readTyped('3e-3')).toEqual({ source: '3e-3', value: 0.003 });
    expect(readTyped(' 10% ')).toEqual({ source: '10%', value: 0.1 });
  });

  it.each(['', 'abc', '3e', '1.', '--1', '1 2', '0x10'])('says that “%s” is no number', (typed) => {
    expect(readTyped(typed)).toHaveProperty('fault');
  });
});

describe('readSource', () => {
  it('reads any value', () => {
    expect(readSource('"a"')).toEqual({ source: '"a"', value: 'a' });
    expect(readSource('[1, 2]')).toEqual({ source: '[1, 2]', value: [1, 2] });
    expect(readSource('steps')).toEqual({ source: 'steps', value: undefined });
    expect(readSource('null')).toEqual({ source: 'null', value: null });
  });

  it.each(['', '[1', '"a', 'a: 1', '1, 2', '1\ny = g(2)', '1 # one'])(
    'refuses what would not stay one value: %s',
    (typed) => {
      expect(readSource(typed)).toHaveProperty('fault');
    },
  );
});

describe('complaintOf', () => {
  it('says what the check will say', () => {
    expect(complaintOf(kind('train'), 'batch', { value: 0, source: '0' })).toBe('`batch` must be at least 1, not 0');
    expect(complaintOf(kind('train'), 'batch', { value: 8, source: '8' })).toBeNull();
    expect(complaintOf(kind('adamw'), 'betas', { value: [0.9], source: '[0.9]' })).toContain('exactly 2');
  });

  it('knows that a whole number is no percentage', () => {
    expect(complaintOf(kind('train'), 'steps', { value: 1, source: '100%' })).toContain('steps');
    expect(complaintOf(kind('split'), 'valid', { value: 0.1, source: '10%' })).toBeNull();
  });
});

describe('stepped', () => {
  const free: Param = { description: '' };
  it.each<[string, boolean, 1 | -1, 1 | 10, string]>([
    ['8', true, 1, 1, '9'],
    ['8', true, 1, 10, '18'],
    ['3e-3', false, 1, 1, '3.1e-3'],
    ['0.003', false, -1, 1, '0.0029'],
    ['0.95', false, 1, 1, '0.96'],
    ['0.1', false, 1, 1, '0.11'],
    ['5%', false, 1, 1, '6%'],
    ['10%', false, 1, 10, '20%'],
    ['0', false, 1, 1, '0.1'],
  ])('%s (whole %s, %i × %i) is %s', (from, whole, direction, size, to) => {
    expect(stepped(from, free, whole, direction, size)).toBe(to);
  });

  it('stays in the range, and off a bound that does not belong to it', () => {
    expect(stepped('1', { ...free, minimum: 1 }, true, -1, 10)).toBe('1');
    expect(stepped('60', { ...free, maximum: 64 }, true, 1, 10)).toBe('64');
    expect(stepped('0.01', { ...free, exclusiveMinimum: 0 }, false, -1, 10)).toBe('0.01');
  });

  it('comes back without noise', () => {
    let value = '0.1';
    for (let i = 0; i < 7; i++) value = stepped(value, free, false, 1, 1);
    for (let i = 0; i < 7; i++) value = stepped(value, free, false, -1, 1);
    expect(value).toBe('0.1');
  });
});

describe('textSource', () => {
  it('stands for exactly the text, on one line and over several', () => {
    const old = '"""\n      first\n      second\n      """';
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 40 }), fc.boolean(), (text, block) => {
        const source = textSource(text, block ? old : '"x"');
        const value = parse(`dsk 1\nparam x = ${source}`).document.statements[0]?.value;
        expect(value?.type === 'text' && value.value).toBe(text);
      }),
    );
  });

  it('keeps a text over lines where it stood between triple quotes', () => {
    expect(textSource('one\ntwo "x"', '"""\n    a\n    b\n    """')).toBe('"""\n    one\n    two "x"\n    """');
    expect(textSource('one\ntwo', '"a"')).toBe('"one\\ntwo"');
    expect(textSource('one """\ntwo', '"""\n  a\n  b\n  """')).toBe('"one \\"\\"\\"\\ntwo"');
  });
});

it('shows values as the language writes them', () => {
  expect([0.001, 1e-8, 'a', true, [0.9, 0.95]].map(shownValue)).toEqual([
    '0.001',
    '1e-8',
    '"a"',
    'true',
    '[0.9, 0.95]',
  ]);
});
