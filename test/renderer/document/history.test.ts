// Undo and redo of text edits: whatever was done can be taken back exactly, one gesture a step.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { applyEdits, type TextEdit } from '../../../grammar/index.ts';
import { type HistoryEntry, inverse, remember } from '../../../renderer/document/history.ts';

const entry = (text: string, edits: TextEdit[], more: Partial<HistoryEntry> = {}): HistoryEntry => ({
  label: 'undo.edit',
  forward: edits,
  backward: inverse(text, edits),
  layoutBefore: {},
  layoutAfter: {},
  selectionBefore: [],
  selectionAfter: [],
  join: 'typing',
  time: 0,
  ...more,
});

/** One or more edits of a text that do not overlap. */
const editsOf = (text: string) =>
  fc
    .array(fc.tuple(fc.nat(text.length), fc.nat(text.length), fc.string({ maxLength: 5 })), { maxLength: 4 })
    .map((raw) => {
      const sorted = raw.map(([a, b, inserted]) => ({ start: Math.min(a, b), end: Math.max(a, b), text: inserted }));
      sorted.sort((a, b) => a.start - b.start || a.end - b.end);
      return sorted.reduce<TextEdit[]>(
        (kept, edit) => (edit.start > (kept.at(-1)?.end ?? -1) ? [...kept, edit] : kept),
        [],
      );
    });

describe('inverse', () => {
  it('gives the text before, for any edits', () => {
    fc.assert(
      fc.property(
        fc.string({ maxLength: 40 }).chain((text) => fc.tuple(fc.constant(text), editsOf(text))),
        ([text, edits]) => {
          const after = applyEdits(text, edits);
          expect(applyEdits(after, inverse(text, edits))).toBe(text);
        },
      ),
    );
  });
});

describe('remember', () => {
  it('makes one step of a word that is typed', () => {
    let text = 'a = f()';
    let past: HistoryEntry[] = [];
    for (const [i, letter] of [...'xyz'].entries()) {
      const edits = [{ start: 6 + i, end: 6 + i, text: letter }];
      past = remember(past, entry(text, edits, { time: i * 100 }));
      text = applyEdits(text, edits);
    }
    expect(past).toHaveLength(1);
    expect(applyEdits(text, past[0]?.backward ?? [])).toBe('a = f()');
    expect(applyEdits('a = f()', past[0]?.forward ?? [])).toBe('a = f(xyz)');
  });

  it('begins a new step after a pause, or for another gesture', () => {
    const first = entry('', [{ start: 0, end: 0, text: 'a' }]);
    expect(remember([first], entry('a', [{ start: 1, end: 1, text: 'b' }], { time: 5000 }))).toHaveLength(2);
    expect(remember([first], entry('a', [{ start: 1, end: 1, text: 'b' }], { join: null }))).toHaveLength(2);
    expect(remember([first], entry('a', [{ start: 1, end: 1, text: 'b' }], { join: 'other' }))).toHaveLength(2);
  });

  it('joins only what can be taken back as one, for any two edits', () => {
    const two = fc.string({ minLength: 1, maxLength: 20 }).chain((text) =>
      fc
        .tuple(fc.nat(text.length), fc.nat(text.length), fc.string({ maxLength: 6 }))
        .map(([a, b, inserted]) => ({ start: Math.min(a, b), end: Math.max(a, b), text: inserted }))
        .chain((first) => {
          const middle = applyEdits(text, [first]);
          return fc
            .tuple(fc.nat(middle.length), fc.nat(middle.length), fc.string({ maxLength: 6 }))
            .map(([a, b, inserted]) => ({
              text,
              middle,
              first,
              second: { start: Math.min(a, b), end: Math.max(a, b), text: inserted },
            }));
        }),
    );
    fc.assert(
      fc.property(two, ({ text, middle, first, second }) => {
        const after = applyEdits(middle, [second]);
        const past = remember([entry(text, [first])], entry(middle, [second]));
        const back = [...past].reverse().reduce((now, { backward }) => applyEdits(now, backward), after);
        expect(back).toBe(text);
        expect(past.reduce((now, { forward }) => applyEdits(now, forward), text)).toBe(after);
      }),
    );
  });

  it('keeps the first and the last place of a node that is dragged', () => {
    const at = (x: number) => ({ book: { x, y: 0 } });
    const drag = (from: number, to: number) =>
      entry('', [], { layoutBefore: at(from), layoutAfter: at(to), join: 'drag', time: to });
    const past = remember(remember([], drag(0, 10)), drag(10, 20));
    expect(past).toHaveLength(1);
    expect(past[0]).toMatchObject({ layoutBefore: at(0), layoutAfter: at(20) });
  });
});
