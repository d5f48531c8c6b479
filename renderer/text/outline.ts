// Where the statements stand, by the last check and moved along with what is typed since: places from which a part of the text
// can be read on its own, and what can be folded.
import { foldService } from '@codemirror/language';
import { type EditorState, type Extension, StateEffect, StateField } from '@codemirror/state';
import type { ViewUpdate } from '@codemirror/view';
import type { Checked } from '../../engine/graph/graph.ts';
import { folds } from '../../engine/language/index.ts';
import type { Span } from '../../grammar/index.ts';

interface Outline {
  /** The statements, in the order of the text. */
  readonly statements: readonly Span[];
  /** What can be folded, each from the end of its first line; of those with one first line, the longest first. */
  readonly folds: readonly Span[];
}

const setOutline = StateEffect.define<Outline>();

/** Whether an update brings the places of a new check. */
export function outlineRead(update: ViewUpdate): boolean {
  return update.transactions.some(({ effects }) => effects.some((effect) => effect.is(setOutline)));
}

const outline = StateField.define<Outline>({
  create: () => ({ statements: [], folds: [] }),
  update(known, { changes, docChanged, effects }) {
    for (const effect of effects) if (effect.is(setOutline)) return effect.value;
    if (!docChanged) return known;
    const statement = ({ start, end }: Span) => ({ start: changes.mapPos(start, 1), end: changes.mapPos(end, -1) });
    // What is typed at the end of a first line stays outside of the fold.
    const fold = ({ start, end }: Span) => ({ start: changes.mapPos(start, 1), end: changes.mapPos(end, 1) });
    return { statements: known.statements.map(statement), folds: known.folds.map(fold) };
  },
});

/** The effect that brings what a check found; null where everything stands as it was thought to. */
export function newOutline(state: EditorState, checked: Checked): StateEffect<unknown> | null {
  const now = state.field(outline);
  const read = { statements: checked.document.statements.map(({ span }) => span), folds: folds(checked) };
  const same = sameSpans(now.statements, read.statements) && sameSpans(now.folds, read.folds);
  return same ? null : setOutline.of(read);
}

function sameSpans(a: readonly Span[], b: readonly Span[]): boolean {
  return a.length === b.length && a.every(({ start, end }, i) => b[i]?.start === start && b[i]?.end === end);
}

/** Index of the last span that begins at or before `position`; -1 where none does. */
function lastBefore(spans: readonly Span[], position: number): number {
  let low = 0;
  let high = spans.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((spans[middle] as Span).start <= position) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

/** The part of the text around a range that begins with a statement (or the text) and ends with one. */
export function wholeStatements(state: EditorState, from: number, to: number): Span {
  const spans = state.field(outline).statements;
  const first = spans[lastBefore(spans, from)];
  const last = spans[lastBefore(spans, to)];
  // Lines after the last statement are comments, or what is being typed.
  return { start: first?.start ?? 0, end: Math.max(to, last?.end ?? to) };
}

/** The statement around a position, its last line included. */
export function statementAround(state: EditorState, position: number): Span | null {
  const spans = state.field(outline).statements;
  const span = spans[lastBefore(spans, position)];
  return span && position <= span.end ? span : null;
}

/** The statements' places, and folding of what has several lines. */
export const outlined: Extension = [
  outline,
  foldService.of((state, lineStart, lineEnd) => {
    const spans = state.field(outline).folds;
    let at = lastBefore(spans, lineEnd);
    while (at > 0 && spans[at - 1]?.start === spans[at]?.start) at--;
    const fold = spans[at];
    return fold && fold.start >= lineStart && fold.end > lineEnd ? { from: fold.start, to: fold.end } : null;
  }),
];
