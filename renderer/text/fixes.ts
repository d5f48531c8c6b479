// The fixes of what is wrong at the cursor, or else on its line.
import type { EditorView } from '@codemirror/view';
import { fixes } from '../../engine/language/index.ts';
import { diagnosticsOf, useDocument } from '../document/document.ts';
import { t } from '../words/index.ts';
import { openMenu } from './menu.ts';
import { applyFix, isCurrent } from './problems.ts';

/** Opens the menu of fixes; false where there are none. */
export function openFixes(view: EditorView): boolean {
  const state = useDocument.getState();
  if (!isCurrent(state)) return false;
  const { head } = view.state.selection.main;
  const line = view.state.doc.lineAt(head);
  const all = diagnosticsOf(state);
  const here = fixes(all, { start: head, end: head });
  const found = here.length > 0 ? here : fixes(all, { start: line.from, end: line.to });
  const [first] = found;
  if (!first) return false;
  const choices = found.map(({ fix }) => ({ title: fix.title.replaceAll('`', ''), run: () => applyFix(fix) }));
  openMenu(view, first.diagnostic.span.start, t('text.fixes'), choices);
  return true;
}
