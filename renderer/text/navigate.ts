// From a name to where it is defined, to all its uses, and to another name.
import type { Extension } from '@codemirror/state';
import { EditorView, keymap } from '@codemirror/view';
import { definition, prepareRename, references } from '../../engine/language/index.ts';
import { isName, type Span } from '../../grammar/index.ts';
import { notify } from '../app/notices.tsx';
import { change, useDocument } from '../document/document.ts';
import { type Key, t } from '../words/index.ts';
import { knownNow } from './known.ts';
import { bringIntoView } from './mark.ts';
import { closePopup, openMenu, openPopup } from './menu.ts';
import { element } from './problems.ts';

function nothing(key: Key): void {
  notify({ kind: 'info', text: t(key) });
}

function goTo(view: EditorView, { start, end }: Span): void {
  view.dispatch({ selection: { anchor: start, head: end } });
  bringIntoView(view, { start, end });
  view.focus();
}

/** Goes to where the name at an offset is defined; false where nothing is named there. */
function goToDefinition(view: EditorView, offset: number): boolean {
  const checked = knownNow(view);
  const span = checked && definition(checked, offset);
  if (span) goTo(view, span);
  return span !== null;
}

export function openDefinition(view: EditorView): boolean {
  if (!goToDefinition(view, view.state.selection.main.head)) nothing('text.nothing');
  return true;
}

/** Lists all places of the name at the cursor. */
export function openReferences(view: EditorView): boolean {
  const { head } = view.state.selection.main;
  const checked = knownNow(view);
  const spans = checked ? references(checked, head) : [];
  const { doc } = view.state;
  const choices = spans.map((span) => {
    const line = doc.lineAt(span.start);
    const detail = t('text.line.number', { line: line.number });
    return { title: line.text.trim(), detail, code: true, run: () => goTo(view, span) };
  });
  if (choices.length === 0) nothing('text.nothing');
  else openMenu(view, head, t('text.references'), choices);
  return true;
}

/** Asks for another name for what is named at the cursor. */
export function openRename(view: EditorView): boolean {
  const { head } = view.state.selection.main;
  const checked = knownNow(view);
  const found = checked && prepareRename(checked, head);
  if (!found) {
    nothing('text.unnamed');
    return true;
  }
  const count = references(checked, head).length;
  const root = element('form', 'text-rename') as HTMLFormElement;
  const input = element('input', 'field') as HTMLInputElement;
  const hint = element('p', 'text-rename-hint', t('text.rename.hint', { count }));
  input.value = found.name;
  input.spellcheck = false;
  input.autocomplete = 'off';
  input.setAttribute('aria-label', t('text.rename.to', { name: found.name }));
  root.append(input, hint);
  const refuse = (message: string) => {
    hint.textContent = message;
    hint.classList.add('bad');
    input.setAttribute('aria-invalid', 'true');
  };
  root.addEventListener('submit', (event) => {
    event.preventDefault();
    const to = input.value.trim();
    if (to === found.name) return closePopup(view);
    if (!isName(to)) return refuse(t('inspector.name.wrong'));
    const error = renameTo(found.name, to);
    if (error !== null) refuse(error);
    view.focus();
  });
  root.addEventListener('keydown', (event) => {
    if (event.key === 'Escape') closePopup(view);
    event.stopPropagation();
  });
  root.addEventListener('focusout', ({ relatedTarget }) => {
    if (!root.contains(relatedTarget as Node | null)) closePopup(view);
  });
  openPopup(view, found.span.start, root, () => input.select());
  return true;
}

function renameTo(from: string, to: string): string | null {
  const { selection } = useDocument.getState();
  const select = selection.map((path) => (path.split('.')[0] === from ? to + path.slice(from.length) : path));
  return change({ type: 'rename', from, to }, { origin: 'text', label: 'undo.rename', select })?.message ?? null;
}

const mac = typeof navigator !== 'undefined' && /Mac|iPhone|iPad/.test(navigator.platform);

export const navigating: Extension = [
  keymap.of([
    { key: 'F12', run: openDefinition },
    { key: 'Shift-F12', run: openReferences },
    { key: 'F2', run: openRename },
  ]),
  // Mod+click goes to the definition, so that more cursors are set with Alt.
  EditorView.clickAddsSelectionRange.of((event) => event.altKey),
  EditorView.domEventHandlers({
    mousedown(event, view) {
      if (event.button !== 0 || event.altKey || !(mac ? event.metaKey : event.ctrlKey)) return false;
      const offset = view.posAtCoords({ x: event.clientX, y: event.clientY });
      if (offset === null || !goToDefinition(view, offset)) return false;
      event.preventDefault();
      return true;
    },
  }),
];
