// Formatting as edits of white space alone, so that cursors and folds stay where they are.
import { notify } from '../app/notices.tsx';
import { format, type TextEdit } from '../../grammar/index.ts';
import { apply, difference, useDocument } from '../document/document.ts';
import { t } from '../words/index.ts';

/** Formats the open graph as one step. Returns why it cannot be formatted, or null. */
export function formatText(): string | null {
  const { text } = useDocument.getState();
  const { text: after, diagnostics } = format(text);
  const error = diagnostics.find(({ severity }) => severity === 'error');
  if (error) return error.message;
  apply(spacing(text, after), { label: 'undo.format', origin: 'command' });
  return null;
}

/** Formats, or says why not. */
export function formatOrSay(): void {
  const message = formatText();
  if (message !== null) notify({ kind: 'warning', text: t('text.format.failed', { message }) });
}

/** The runs of white space in which two texts differ; one edit over all where they differ in more. */
export function spacing(before: string, after: string): TextEdit[] {
  const edits: TextEdit[] = [];
  const space = /\s*/y;
  const run = (text: string, at: number) => {
    space.lastIndex = at;
    return space.exec(text)?.[0] ?? '';
  };
  let i = 0;
  let j = 0;
  while (i < before.length || j < after.length) {
    const [old, wanted] = [run(before, i), run(after, j)];
    if (old !== wanted) edits.push({ start: i, end: i + old.length, text: wanted });
    i += old.length;
    j += wanted.length;
    if (before[i] !== after[j]) return difference(before, after);
    i++;
    j++;
  }
  return edits;
}
