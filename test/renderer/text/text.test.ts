// The text pane's own rules, without a page: formatting as edits of white space, indentation, line ends, what is coloured when only a
// part is in view, completions as places to fill in.
import { readFileSync } from 'node:fs';
import { EditorState } from '@codemirror/state';
import { describe, expect, it } from 'vitest';
import { check } from '../../../engine/graph/check.ts';
import { highlight } from '../../../engine/language/index.ts';
import { applyEdits, format } from '../../../grammar/index.ts';
import { kinds } from '../../../renderer/kinds.ts';
import { template } from '../../../renderer/text/complete.ts';
import { lineEnds } from '../../../renderer/text/ends.ts';
import { spacing } from '../../../renderer/text/format.ts';
import { indentation } from '../../../renderer/text/indent.ts';
import { blocks } from '../../../renderer/text/markdown.ts';
import { newOutline, outlined, statementAround, wholeStatements } from '../../../renderer/text/outline.ts';

const quickstart = readFileSync(new URL('../../../examples/quickstart.dsk', import.meta.url), 'utf8');

describe('spacing', () => {
  const crooked = quickstart.replaceAll(' = ', '=').replaceAll(', ', ' ,   ');

  it('gives the formatted text', () => {
    const { text } = format(crooked);
    expect(text).not.toBe(crooked);
    expect(applyEdits(crooked, spacing(crooked, text))).toBe(text);
  });

  it('touches nothing but white space', () => {
    for (const { start, end, text } of spacing(crooked, format(crooked).text)) {
      expect((crooked.slice(start, end) + text).trim()).toBe('');
    }
  });

  it('has nothing to do in a formatted text', () => {
    const { text } = format(quickstart);
    expect(spacing(text, text)).toEqual([]);
  });

  it('still gives the text after where more than white space differs', () => {
    expect(applyEdits('a  b', spacing('a  b', 'a c'))).toBe('a c');
  });
});

describe('indentation of a new line', () => {
  it.each([
    ['a = f(', 6],
    ['a = f(b, c: g(', 8],
    ['trained = train(model,', 12],
    ['param x = [1,', 12],
    ['a = f(b)', 0],
    ['a = f("(")', 0],
    ['a', 0],
  ])('after %s is %i', (head, columns) => {
    expect(indentation(head)).toBe(columns);
  });

  it('is where the formatter leaves a line that is broken there', () => {
    const { text } = format('dsk 1\n\ntrained = train(model,\nsteps: 3)\n');
    const second = text.split('\n')[3] ?? '';
    expect(indentation('trained = train(model,')).toBe(second.search(/\S/));
  });
});

describe('line ends', () => {
  const stateOf = (doc: string) => EditorState.create({ doc, extensions: lineEnds });
  const typed = (doc: string, at: number, insert: string) =>
    stateOf(doc)
      .update({ changes: { from: at, insert } })
      .state.doc.toString();

  it('stay as they are, and count as the store counts them', () => {
    const doc = 'dsk 1\r\na = f()\r\n';
    expect(stateOf(doc).doc.toString()).toBe(doc);
    expect(stateOf(doc).doc.length).toBe(doc.length);
  });

  it('are never cut in two', () => {
    const doc = 'dsk 1\r\na\r\n'; // of the second line, the end is 8, and 9 lies between its two characters
    expect(typed(doc, 9, 'b')).toBe('dsk 1\r\nab\r\n');
    expect(typed(doc, 9, '\nb')).toBe('dsk 1\r\na\r\nb\r\n');
    const without = (from: number, to: number) => stateOf(doc).update({ changes: { from, to } }).state.doc.toString();
    expect(without(6, 7)).toBe('dsk 1a\r\n'); // the line feed alone, as by Backspace at the line's start
    expect(without(5, 6)).toBe('dsk 1a\r\n'); // the return alone, as by Delete at the line's end
    expect(without(0, 6)).toBe('a\r\n');
  });

  it('have no cursor in their middle', () => {
    const at = (anchor: number, head: number) =>
      stateOf('dsk 1\r\na').update({ selection: { anchor, head } }).state.selection.main;
    expect(at(6, 6)).toMatchObject({ anchor: 5, head: 5 });
    expect(at(0, 6)).toMatchObject({ anchor: 0, head: 5 });
    expect(at(7, 7)).toMatchObject({ anchor: 7, head: 7 });
  });

  it('are the file’s own where a line is typed or pasted', () => {
    expect(typed('dsk 1\r\na\r\n', 8, '\nb')).toBe('dsk 1\r\na\r\nb\r\n');
    expect(typed('dsk 1\r\na\r\n', 8, '\r\nb\nc')).toBe('dsk 1\r\na\r\nb\r\nc\r\n');
    expect(typed('dsk 1\na\n', 7, '\nb')).toBe('dsk 1\na\nb\n');
  });
});

describe('the outline', () => {
  const text = `${quickstart}note = generate(trained, prompt: """\n  param x = 1\n  # not a comment\n  """)\n`;
  const read = async (doc: string) => {
    const state = EditorState.create({ doc, extensions: [outlined, EditorState.lineSeparator.of('\n')] });
    const effect = newOutline(state, await check(doc, { kinds, files: null }));
    return effect ? state.update({ effects: effect }).state : state;
  };

  it('gives each line in view the colours it has in the whole', async () => {
    const state = await read(text);
    const whole = highlight(text);
    for (let number = 1; number <= state.doc.lines; number++) {
      const { from, to } = state.doc.line(number);
      const { start, end } = wholeStatements(state, from, to);
      const pieces = highlight(text.slice(start, end)).map((piece) => ({
        ...piece,
        start: piece.start + start,
        end: piece.end + start,
      }));
      const within = (piece: { start: number; end: number }) => piece.start < to && piece.end > from;
      expect(pieces.filter(within)).toEqual(whole.filter(within));
    }
  });

  it('moves along with what is typed until the next check', async () => {
    const state = await read(text);
    const at = text.indexOf('book ');
    const moved = state.update({ changes: { from: 6, insert: '# new line\n' } }).state;
    const span = statementAround(moved, at + 11);
    expect(span && moved.sliceDoc(span.start, span.start + 4)).toBe('book');
  });

  it('asks for nothing where the check finds what was thought', async () => {
    const checked = await check(text, { kinds, files: null });
    expect(newOutline(await read(text), checked)).toBeNull();
  });
});

describe('completions', () => {
  it('become texts with places to fill in', () => {
    const places = [
      { start: 7, end: 12 },
      { start: 21, end: 24 },
    ];
    expect(template({ insert: 'filter(table, where: "x")', places })).toBe('filter(#{table}, where: #{"x"})');
  });

  it('mean no more than they say', () => {
    expect(template({ insert: 'a ${b} #{c} \\', places: [] })).toBe('a \\${b\\} \\#{c\\} \\\\');
  });
});

it('reads Markdown in blocks, code with its empty lines in one', () => {
  const markdown = 'First\nline.\n\n```\na = f()\n\nb = g()\n```\n\n- one\n- two';
  expect(blocks(markdown)).toEqual(['First\nline.', '```\na = f()\n\nb = g()\n```', '- one\n- two']);
});
