// Line ends as the file has them: the store counts each character, so here only a line feed ends a line. A carriage return before
// it is hidden, skipped by the cursor, goes with its line feed, and is put before those that are typed into such a file.
import {
  EditorSelection,
  EditorState,
  type Extension,
  RangeSetBuilder,
  type Text,
  type TransactionSpec,
} from '@codemirror/state';
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

/** Whether a place lies between a carriage return and its line feed. */
function splits(doc: Text, at: number): boolean {
  return at > 0 && doc.sliceString(at - 1, at + 1) === '\r\n';
}

/** Line feeds that are typed or pasted get the file's line ends; what would take half of one, or come between, leaves it whole. */
const endings = EditorState.transactionFilter.of((transaction): TransactionSpec | readonly TransactionSpec[] => {
  if (!transaction.docChanged || transaction.annotation(fromStore) || !returned(transaction.startState))
    return transaction;
  const before = transaction.startState.doc;
  const more: { from: number; to?: number; insert?: string }[] = [];
  transaction.changes.iterChanges((start, end, from, to, inserted) => {
    const text = inserted.toString();
    const [head, tail] = [splits(before, start), splits(before, end)];
    if (head) more.push({ from: from - 1, to: from });
    for (const { index } of text.matchAll(/(?<!\r)\n/g)) more.push({ from: from + index, insert: '\r' });
    if (tail) more.push(start === end ? { from: to, insert: '\r' } : { from: to, to: to + 1 });
  });
  return more.length > 0 ? [transaction, { changes: more, sequential: true }] : transaction;
});

/** No cursor stands between the two: it would look like the end of the line. */
const cursors = EditorState.transactionFilter.of((transaction): TransactionSpec | readonly TransactionSpec[] => {
  const { newDoc, newSelection } = transaction;
  if (!transaction.selection && !transaction.docChanged) return transaction;
  const moved = (at: number) => (splits(newDoc, at) ? at - 1 : at);
  if (newSelection.ranges.every(({ from, to }) => moved(from) === from && moved(to) === to)) return transaction;
  const ranges = newSelection.ranges.map(({ anchor, head }) => EditorSelection.range(moved(anchor), moved(head)));
  return [transaction, { selection: EditorSelection.create(ranges, newSelection.mainIndex), sequential: true }];
});

// What cannot be seen, such as characters that turn the direction of writing, is shown; line ends and a byte order mark are not.
const special =
  /[\0-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\xad\u061c\u200b\u200e\u200f\u2028\u2029\u202d\u202e\u2066\u2067\u2069\ufff9-\ufffc]/g;

export const lineEnds: Extension = [
  EditorState.lineSeparator.of('\n'),
  highlightSpecialChars({ specialChars: special }),
  hiding,
  // The last one is asked first: cursors are looked at when the text is what it will be.
  cursors,
  endings,
];
