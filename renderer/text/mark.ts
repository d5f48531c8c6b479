// Canvas and text select together: the cursor selects the node it stands in, and what is selected elsewhere is marked here and
// scrolled to, without taking the keyboard.
import { foldedRanges, unfoldEffect } from '@codemirror/language';
import { type Extension, type Range, StateEffect, StateField } from '@codemirror/state';
import { Decoration, type DecorationSet, EditorView } from '@codemirror/view';
import type { Span } from '../../grammar/index.ts';
import { nodeAt } from '../../engine/language/index.ts';
import { select, useDocument } from '../document/document.ts';
import { isCurrent } from './problems.ts';
import { fromStore } from './sync.ts';

const setMarked = StateEffect.define<readonly Span[]>();
const line = Decoration.line({ class: 'text-selected' });
const part = Decoration.mark({ class: 'text-selected-part' });

const marked = StateField.define<DecorationSet>({
  create: () => Decoration.none,
  update(decorations, { changes, effects, state }) {
    for (const effect of effects) {
      if (!effect.is(setMarked)) continue;
      const ranges: Range<Decoration>[] = [];
      for (const { start, end } of effect.value) {
        const first = state.doc.lineAt(start);
        // A statement begins its line: all its lines are marked. An inline node is marked as it stands.
        if (first.text.slice(0, start - first.from).trim() !== '') ranges.push(part.range(start, end));
        else
          for (let at = first; at.from <= end; at = state.doc.line(at.number + 1)) {
            ranges.push(line.range(at.from));
            if (at.number === state.doc.lines) break;
          }
      }
      return Decoration.set(ranges, true);
    }
    return decorations.map(changes);
  },
  provide: (field) => EditorView.decorations.from(field),
});

/** Long enough that moving through lines does not make everything flicker. */
const pause = 120;

/** Extension: the cursor selects. */
export function selecting(): Extension {
  let timer: ReturnType<typeof setTimeout> | undefined;
  return EditorView.updateListener.of((update) => {
    const own = !update.transactions.some((transaction) => transaction.annotation(fromStore));
    if (!update.selectionSet || !own || !update.view.hasFocus) return;
    clearTimeout(timer);
    timer = setTimeout(() => {
      const state = useDocument.getState();
      // Who has gone on to the canvas meanwhile has selected something else there.
      if (!update.view.hasFocus || !isCurrent(state) || !state.checked) return;
      const path = nodeAt(state.checked, update.view.state.selection.main.head);
      select(path === null ? [] : [path], 'text');
    }, pause);
  });
}

/** Marks what is selected until the returned function is called. */
export function followSelection(view: EditorView): () => void {
  let shown = '[]';
  const mark = (scroll: boolean) => {
    const state = useDocument.getState();
    if (!isCurrent(state) || state.text.length !== view.state.doc.length) return;
    const spans = state.selection.flatMap((path) => state.checked?.graph.byPath.get(path)?.spans.node ?? []);
    const now = JSON.stringify(spans);
    if (now !== shown || scroll) view.dispatch({ effects: setMarked.of(spans) });
    shown = now;
    const [first] = spans;
    if (scroll && first) bringIntoView(view, first);
  };
  mark(true);
  return useDocument.subscribe((now, before) => {
    const moved = now.selection !== before.selection;
    if (moved || now.checked !== before.checked) mark(moved && now.selectedBy !== 'text');
  });
}

/** Unfolds and scrolls to a place that is not in view. */
export function bringIntoView(view: EditorView, { start, end }: Span): void {
  const folds: StateEffect<unknown>[] = [];
  foldedRanges(view.state).between(start, end, (from, to) => {
    if (from < end && to > start) folds.push(unfoldEffect.of({ from, to }));
  });
  const shown = view.visibleRanges.some(({ from, to }) => from <= start && end <= to);
  const box = shown ? view.coordsAtPos(start) : null;
  const frame = view.scrollDOM.getBoundingClientRect();
  const inView = box && box.top >= frame.top && box.bottom <= frame.bottom;
  view.dispatch({ effects: [...folds, ...(inView ? [] : [EditorView.scrollIntoView(start, { y: 'center' })])] });
}

export const selectionMarks: Extension = marked;
