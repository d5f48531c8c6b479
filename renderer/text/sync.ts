// Keeps editor and store the same: what is typed becomes edits of the store, and edits made elsewhere come in as they were made,
// so that cursor, folds and scrolling stay. The store's history is the only one.
import { Annotation, type ChangeSpec, type Extension, Transaction } from '@codemirror/state';
import { EditorView } from '@codemirror/view';
import type { TextEdit } from '../../grammar/index.ts';
import { apply, difference, type DocumentState, useDocument } from '../document/document.ts';

/** Marks transactions that bring a change of the store. */
export const fromStore = Annotation.define<boolean>();

let writing = false;

/** Extension: what is typed goes to the store. */
export const toStore: Extension = EditorView.updateListener.of((update) => {
  if (!update.docChanged || update.transactions.some((transaction) => transaction.annotation(fromStore))) return;
  const edits: TextEdit[] = [];
  update.changes.iterChanges((start, end, _from, _to, inserted) => {
    edits.push({ start, end, text: inserted.toString() });
  });
  const join = joinOf(update.transactions);
  writing = true;
  try {
    apply(edits, { origin: 'text', label: 'undo.edit', ...(join && { join }) });
  } finally {
    writing = false;
  }
});

/** Letters typed one after another are one step, and so are letters deleted. */
function joinOf(transactions: readonly Transaction[]): string | null {
  if (transactions.some((transaction) => transaction.isUserEvent('input.type'))) return 'text.type';
  if (transactions.some((transaction) => transaction.isUserEvent('delete'))) return 'text.delete';
  return null;
}

/** Brings the store's changes into the editor until the returned function is called. */
export function follow(view: EditorView): () => void {
  return useDocument.subscribe((now, before) => {
    if (now.text === before.text || writing) return;
    const opened = now.file?.path !== before.file?.path;
    const changes = changesOf(now, before, view);
    const end = view.state.changes(changes);
    const cursor = jump(now, end.newLength, view);
    view.dispatch({
      changes: end,
      annotations: [fromStore.of(true), Transaction.addToHistory.of(false)],
      ...(opened ? { selection: { anchor: 0 }, scrollIntoView: true } : cursor),
    });
  });
}

/** The last change, where it is known step by step and the editor has the text it was made in. */
function changesOf(now: DocumentState, before: DocumentState, view: EditorView): ChangeSpec {
  const shown = view.state.doc.toString();
  const known = now.revision !== before.revision && shown === before.text;
  const edits = known && now.lastEdits ? now.lastEdits : difference(shown, now.text);
  return edits.map(({ start, end, text }) => ({ from: start, to: end, insert: text }));
}

/** After undo and redo the cursor goes to what changed, where the user is in the text. */
function jump(now: DocumentState, length: number, view: EditorView) {
  if (now.origin !== 'command' || !view.hasFocus || !now.lastEdits?.length) return {};
  let shift = 0;
  let at = 0;
  for (const { start, end, text } of [...now.lastEdits].sort((a, b) => a.start - b.start)) {
    at = start + shift + text.length;
    shift += text.length - (end - start);
  }
  return { selection: { anchor: Math.min(at, length) }, scrollIntoView: true };
}
