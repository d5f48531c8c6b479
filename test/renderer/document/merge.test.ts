// Merging what was edited here with what somebody else wrote into the file.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { merge } from '../../../renderer/document/merge.ts';

const base = 'dsk 1\n\nbook = load("a.txt")\n\nclean = dedup(book)\n\nlong = filter(clean, where: "true")\n';

describe('merge', () => {
  it('takes both changes where they lie apart', () => {
    const mine = base.replace('"a.txt"', '"mine.txt"');
    const theirs = base.replace('"true"', '"length(text) > 9"');
    expect(merge(base, mine, theirs)).toBe(mine.replace('"true"', '"length(text) > 9"'));
    expect(merge(base, theirs, mine)).toBe(merge(base, mine, theirs));
  });

  it('takes what only one side changed', () => {
    expect(merge(base, base, 'dsk 1\n')).toBe('dsk 1\n');
    expect(merge(base, 'dsk 1\n', base)).toBe('dsk 1\n');
  });

  it('takes the same change once', () => {
    const both = base.replace('dedup(book)', 'dedup(book, by: "text")');
    expect(merge(base, both, `${both}# theirs\n`)).toBe(`${both}# theirs\n`);
  });

  it('refuses different changes of one line, and of lines that touch', () => {
    expect(merge(base, base.replace('a.txt', 'b.txt'), base.replace('a.txt', 'c.txt'))).toBeNull();
    expect(merge('a\nb\n', 'A\nb\n', 'a\nB\n')).toBeNull();
    expect(merge(base, `${base}mine\n`, `${base}theirs\n`)).toBeNull();
  });

  it('keeps line ends and a last line without one', () => {
    expect(merge('a\r\nb\r\nc\r\nd', 'A\r\nb\r\nc\r\nd', 'a\r\nb\r\nc\r\nD')).toBe('A\r\nb\r\nc\r\nD');
  });

  it('loses no line that either side wrote, for any texts', () => {
    const text = fc.array(fc.constantFrom('a', 'b', 'c', 'd', 'e'), { maxLength: 8 }).map((lines) => lines.join('\n'));
    fc.assert(
      fc.property(text, text, (from, to) => {
        expect(merge(from, to, from)).toBe(to);
        expect(merge(from, from, to)).toBe(to);
        expect(merge(from, to, to)).toBe(to);
      }),
    );
  });
});
