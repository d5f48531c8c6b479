// Colours in the text: only what is in view is read, from the beginning of the first statement in view on.
import { RangeSetBuilder } from '@codemirror/state';
import { Decoration, type DecorationSet, type EditorView, ViewPlugin, type ViewUpdate } from '@codemirror/view';
import { type HighlightType, highlight } from '../../engine/language/index.ts';
import { outlineRead, wholeStatements } from './outline.ts';

/** Brackets and signs keep the colour of the text. */
const plain: ReadonlySet<HighlightType> = new Set(['operator', 'punctuation']);

const marks = new Map<HighlightType, Decoration>();

function markOf(type: HighlightType): Decoration {
  const known = marks.get(type) ?? Decoration.mark({ class: `text-${type}` });
  marks.set(type, known);
  return known;
}

function coloured(view: EditorView): DecorationSet {
  const builder = new RangeSetBuilder<Decoration>();
  let done = 0;
  for (const { from, to } of view.visibleRanges) {
    const whole = wholeStatements(view.state, from, to);
    const start = Math.max(whole.start, done);
    for (const piece of highlight(view.state.sliceDoc(start, whole.end))) {
      if (!plain.has(piece.type)) builder.add(start + piece.start, start + piece.end, markOf(piece.type));
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
