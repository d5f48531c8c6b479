// The fixes of what is wrong at the cursor, or else on its line.
import type { EditorView } from '@codemirror/view';
import type { Fix } from '../../grammar/index.ts';
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
  const all = diagnosticsOf(state).filter(({ fixes = [] }) => fixes.length > 0);
  const here = all.filter(({ span }) => span.start <= head && head <= span.end);
  const near = here.length > 0 ? here : all.filter(({ span }) => span.start <= line.to && span.end >= line.from);
  const fixes = near.flatMap((each): { fix: Fix; message: string }[] =>
    (each.fixes ?? []).map((fix) => ({ fix, message: each.message })),
  );
  if (fixes.length === 0) return false;
  const choices = fixes.map(({ fix }) => ({ title: fix.title.replaceAll('`', ''), run: () => applyFix(fix) }));
  openMenu(view, near[0]?.span.start ?? head, t('text.fixes'), choices);
  return true;
}
