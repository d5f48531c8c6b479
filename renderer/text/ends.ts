// Line ends as the file has them: the store counts each character, so here only a line feed ends a line. A carriage return before
// it is hidden, skipped by the cursor, and put before the line feeds that are typed into such a file.
import { EditorState, type Extension, RangeSetBuilder, type TransactionSpec } from '@codemirror/state';
import {
  Decoration,
  type DecorationSet,
  EditorView,
  highlightSpecialChars,
  ViewPlugin,
  type ViewUpdate,
} from '@codemirror/view';
import { fromStore } from './sync.ts';

const hidden = Decoration.replace({});

function returns(view: EditorView): DecorationSet {
  const builder = new RangeSetBuilder<Decoration>();
  for (const { from, to } of view.visibleRanges) {
    const text = view.state.sliceDoc(from, to);
    for (const { index } of text.matchAll(/\r(?=\n|$)|^\ufeff/g)) {
      if (text[index] === '\r' || from === 0) builder.add(from + index, from + index + 1, hidden);
    }
  }
  return builder.finish();
}

const hiding = ViewPlugin.fromClass(
  class {
    decorations: DecorationSet;
    constructor(view: EditorView) {
      this.decorations = returns(view);
    }
    update(update: ViewUpdate) {
      if (update.docChanged || update.viewportChanged) this.decorations = returns(update.view);
    }
  },
  {
    decorations: ({ decorations }) => decorations,
    provide: (plugin) => EditorView.atomicRanges.of((view) => view.plugin(plugin)?.decorations ?? Decoration.none),
  },
);

/** Whether the file's first line ends with both characters. */
function returned(state: EditorState): boolean {
  return state.doc.line(1).text.endsWith('\r');
}

/** Line feeds that are typed or pasted get the file's line ends. */
const endings = EditorState.transactionFilter.of((transaction): TransactionSpec | readonly TransactionSpec[] => {
  if (!transaction.docChanged || transaction.annotation(fromStore) || !returned(transaction.startState))
    return transaction;
  const more: { from: number; insert: string }[] = [];
  transaction.changes.iterChanges((_start, _end, from, _to, inserted) => {
    for (const { index } of inserted.toString().matchAll(/(?<!\r)\n/g)) more.push({ from: from + index, insert: '\r' });
  });
  return more.length > 0 ? [transaction, { changes: more, sequential: true }] : transaction;
});

// What cannot be seen, such as characters that turn the direction of writing, is shown; line ends and a byte order mark are not.
const special =
  /[\0-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\xad\u061c\u200b\u200e\u200f\u2028\u2029\u202d\u202e\u2066\u2067\u2069\ufff9-\ufffc]/g;

export const lineEnds: Extension = [
  EditorState.lineSeparator.of('\n'),
  highlightSpecialChars({ specialChars: special }),
  hiding,
  endings,
];
