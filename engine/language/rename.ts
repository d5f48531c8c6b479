// Renaming under the cursor, by the language's own edit.
import type { Diagnostic, Span } from '../../grammar/diagnostic.ts';
import { type Edited, edit } from '../../grammar/edit.ts';
import type { Checked } from '../graph/graph.ts';
import { nameAt } from './definition.ts';

/** The name that would be renamed, and what to put the input field over; null where there is none. */
export function prepareRename(checked: Checked, offset: number): { span: Span; name: string } | null {
  const found = nameAt(checked, offset);
  const known = checked.document.statements.some(({ name }) => name.text === found?.name);
  return known ? found : null;
}

/** The edits that give a node or param another name wherever it stands, or why it cannot have that one. */
export function rename(checked: Checked, offset: number, to: string): Edited {
  const found = prepareRename(checked, offset);
  if (found) return edit(checked.text, { type: 'rename', from: found.name, to });
  const span = { start: offset, end: offset };
  const error: Diagnostic = {
    severity: 'error',
    code: 'edit-unknown',
    message: 'no name of a node or param stands here',
    span,
  };
  return { error };
}
