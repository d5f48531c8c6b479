// Where the statements stand, by the last check and moved along with what is typed since: places from which a part of the text
// can be read on its own, and what can be folded.
import { foldService } from '@codemirror/language';
import { type EditorState, type Extension, StateEffect, StateField } from '@codemirror/state';
import type { ViewUpdate } from '@codemirror/view';
import type { Checked } from '../../engine/graph/graph.ts';
import type { Span } from '../../grammar/index.ts';

/** Spans of the statements of the text as it is, in its order. */
const setOutline = StateEffect.define<readonly Span[]>();

/** Whether an update brings the statements' places of a new check. */
export function outlineRead(update: ViewUpdate): boolean {
  return update.transactions.some(({ effects }) => effects.some((effect) => effect.is(setOutline)));
}

const outline = StateField.define<readonly Span[]>({
  create: () => [],
  update(spans, transaction) {
    for (const effect of transaction.effects) if (effect.is(setOutline)) return effect.value;
    if (!transaction.docChanged || spans.length === 0) return spans;
    const { changes } = transaction;
    return spans.map(({ start, end }) => ({ start: changes.mapPos(start, 1), end: changes.mapPos(end, -1) }));
  },
});

/** The effect that brings the statements of a check; null where they stand as they were thought to. */
export function newOutline(
  state: EditorState,
  { document }: Pick<Checked, 'document'>,
): StateEffect<readonly Span[]> | null {
  const now = state.field(outline);
  const read = document.statements.map(({ span }) => span);
  const same = (span: Span, i: number) => now[i]?.start === span.start && now[i]?.end === span.end;
  return now.length === read.length && read.every(same) ? null : setOutline.of(read);
}

/** Index of the last statement that begins at or before `position`; -1 where none does. */
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
  const spans = state.field(outline);
  const first = spans[lastBefore(spans, from)];
  const last = spans[lastBefore(spans, to)];
  // Lines after the last statement are comments, or what is being typed.
  return { start: first?.start ?? 0, end: Math.max(to, last?.end ?? to) };
}

/** The statement around a position, its last line included. */
export function statementAround(state: EditorState, position: number): Span | null {
  const spans = state.field(outline);
  const span = spans[lastBefore(spans, position)];
  return span && position <= span.end ? span : null;
}

/** The statements' places, and folding of those that have several lines. */
export const outlined: Extension = [
  outline,
  foldService.of((state, lineStart, lineEnd) => {
    const spans = state.field(outline);
    const span = spans[lastBefore(spans, lineEnd)];
    return span && span.start >= lineStart && span.end > lineEnd ? { from: lineEnd, to: span.end } : null;
  }),
];
