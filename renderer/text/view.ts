// The one editor that is shown, for commands from outside of it, and jumping to a place.
import { EditorView } from '@codemirror/view';
import type { Span } from '../../grammar/index.ts';
import { changeView, useView } from '../app/view.ts';
import { bringIntoView } from './mark.ts';

let shown: EditorView | null = null;
/** Where to go once the editor is there. */
let waiting: Span | null = null;

/** The editor, or null while the pane is closed. */
export function editor(): EditorView | null {
  return shown;
}

/** The pane tells which editor it has. */
export function setEditor(view: EditorView | null): void {
  shown = view;
  if (view && waiting) reveal(waiting);
}

/** Selects a place of the text, scrolls there and takes the keyboard; opens the pane where it is closed. */
export function reveal(span: Span): void {
  if (!shown) {
    waiting = span;
    if (useView.getState().mode === 'canvas') changeView({ mode: 'both' });
    return;
  }
  waiting = null;
  const length = shown.state.doc.length;
  const place = { start: Math.min(span.start, length), end: Math.min(span.end, length) };
  shown.dispatch({ selection: { anchor: place.start, head: place.end } });
  bringIntoView(shown, place);
  shown.focus();
}
