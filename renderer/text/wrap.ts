// Long lines are wrapped, so that a narrow pane still shows each statement's beginning; what is wrapped stands a little further in
// than its line.
import { type Extension, RangeSetBuilder } from '@codemirror/state';
import { Decoration, type DecorationSet, EditorView, ViewPlugin, type ViewUpdate } from '@codemirror/view';

/** Columns that a wrapped line stands further in, and how far in at most. */
const further = 2;
const furthest = 16;

const hangs = new Map<number, Decoration>();

function hang(columns: number): Decoration {
  const made = hangs.get(columns) ?? Decoration.line({ attributes: { style: `--hang: ${columns}ch` } });
  hangs.set(columns, made);
  return made;
}

function hung(view: EditorView): DecorationSet {
  const builder = new RangeSetBuilder<Decoration>();
  for (const { from, to } of view.visibleRanges) {
    for (let at = from; at <= to; ) {
      const line = view.state.doc.lineAt(at);
      const indent = Math.max(0, line.text.search(/\S/));
      builder.add(line.from, line.from, hang(Math.min(furthest, indent + further)));
      at = line.to + 1;
    }
  }
  return builder.finish();
}

const hanging = ViewPlugin.fromClass(
  class {
    decorations: DecorationSet;
    constructor(view: EditorView) {
      this.decorations = hung(view);
    }
    update(update: ViewUpdate) {
      if (update.docChanged || update.viewportChanged) this.decorations = hung(update.view);
    }
  },
  { decorations: ({ decorations }) => decorations },
);

export const wrapped: Extension = [EditorView.lineWrapping, hanging];
