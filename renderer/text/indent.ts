// Indentation of a new line: as the formatter lays out what stands between brackets, two columns for each open one, counted from
// where the value begins.
import { indentService } from '@codemirror/language';
import type { EditorState, Extension } from '@codemirror/state';
import { tokenize } from '../../grammar/tokens.ts';
import { statementAround } from './outline.ts';

const step = 2;

/** Columns before the line that begins at the end of `head`, the text of a statement so far. */
export function indentation(head: string): number {
  let depth = 0;
  let value: number | null = null;
  for (const { image, startOffset, tokenType } of tokenize(head)) {
    if (tokenType.name === 'Equals' && value === null && depth === 0) {
      const line = head.lastIndexOf('\n', startOffset) + 1;
      value = startOffset + 2 - line;
    }
    if (/^[([{]$/.test(image)) depth++;
    else if (/^[)\]}]$/.test(image)) depth = Math.max(0, depth - 1);
  }
  return depth === 0 ? 0 : (value ?? 0) + step * depth;
}

/** The nearest line above a position that begins at the left, where what is being typed is no statement yet. */
function lineAbove(state: EditorState, position: number): number {
  for (let { number } = state.doc.lineAt(position); number > 0; number--) {
    const line = state.doc.line(number);
    if (line.from < position && /^\S/.test(line.text)) return line.from;
  }
  return 0;
}

export const indented: Extension = indentService.of((context, position) => {
  const { state } = context;
  // A little before: the break that is being made may already stand outside of the statement as it was.
  const start = statementAround(state, Math.max(0, position - 1))?.start ?? lineAbove(state, position);
  const head = state.sliceDoc(start, position);
  // A line that begins with a closing bracket stands with its opening one.
  const closes = /^[ \t]*[)\]}]/.test(context.textAfterPos(position));
  return Math.max(0, indentation(head) - (closes ? step : 0));
});
