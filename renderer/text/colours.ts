// Colours in the text: only what is in view is read, from the beginning of the first statement in view on.
import { RangeSetBuilder } from '@codemirror/state';
import { Decoration, type DecorationSet, type EditorView, ViewPlugin, type ViewUpdate } from '@codemirror/view';
import { outlineRead, wholeStatements } from './outline.ts';
import { type Paint, paint } from './paint.ts';

const marks = new Map<Paint, Decoration>();

function markOf(paint: Paint): Decoration {
  const known = marks.get(paint) ?? Decoration.mark({ class: `text-${paint}` });
  marks.set(paint, known);
  return known;
}

function coloured(view: EditorView): DecorationSet {
  const builder = new RangeSetBuilder<Decoration>();
  let done = 0;
  for (const { from, to } of view.visibleRanges) {
    const whole = wholeStatements(view.state, from, to);
    const start = Math.max(whole.start, done);
    for (const piece of paint(view.state.sliceDoc(start, whole.end))) {
      builder.add(start + piece.start, start + piece.end, markOf(piece.paint));
    }
    done = Math.max(done, whole.end);
  }
  return builder.finish();
}

export const colours = ViewPlugin.fromClass(
  class {
    decorations: DecorationSet;
    constructor(view: EditorView) {
      this.decorations = coloured(view);
    }
    update(update: ViewUpdate) {
      if (update.docChanged || update.viewportChanged || outlineRead(update)) this.decorations = coloured(update.view);
    }
  },
  { decorations: ({ decorations }) => decorations },
);
