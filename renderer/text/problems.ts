// What is wrong with the text: underlined, marked in the gutter, explained under the mouse, with its fixes.
import { type Diagnostic as Shown, lintGutter, linter, setDiagnostics } from '@codemirror/lint';
import type { Extension } from '@codemirror/state';
import { EditorView } from '@codemirror/view';
import type { Diagnostic, Fix } from '../../grammar/index.ts';
import { apply, diagnosticsOf, type DocumentState, useDocument } from '../document/document.ts';
import { newOutline } from './outline.ts';

/** Makes a fix of a diagnostic, as one step. */
export function applyFix(fix: Fix): void {
  apply(fix.edits, { origin: 'command', label: 'undo.fix' });
}

/** Whether what is known belongs to the very text shown, so that its places are right. */
export function isCurrent(state: DocumentState): boolean {
  return state.checked?.text === state.text;
}

function shown(diagnostic: Diagnostic, length: number): Shown {
  const { span, severity, message, fixes = [] } = diagnostic;
  return {
    from: Math.min(span.start, length),
    to: Math.min(span.end, length),
    severity,
    message,
    renderMessage: () => messageOf(diagnostic),
    actions: fixes.map((fix) => ({ name: fix.title, apply: () => isCurrent(useDocument.getState()) && applyFix(fix) })),
  };
}

/** Message, code and notes, `like this` in the code's letters. */
function messageOf({ message, code, notes = [] }: Diagnostic): HTMLElement {
  const root = element('div', 'text-problem');
  const head = element('div', 'text-problem-message');
  head.append(...worded(message), ' ', element('span', 'text-problem-code', code));
  root.append(head);
  for (const note of notes) {
    const line = element('div', 'text-problem-note');
    line.append(...worded(note));
    root.append(line);
  }
  return root;
}

function worded(text: string): (string | HTMLElement)[] {
  return text.split('`').map((part, i) => (i % 2 === 1 ? element('code', '', part) : part));
}

export function element(tag: string, className: string, text?: string): HTMLElement {
  const made = document.createElement(tag);
  if (className) made.className = className;
  if (text !== undefined) made.textContent = text;
  return made;
}

/** Shows what is known about the text until the returned function is called. */
export function followProblems(view: EditorView): () => void {
  let before = 0;
  const show = () => {
    const state = useDocument.getState();
    if (!isCurrent(state) || !state.checked || state.text.length !== view.state.doc.length) return;
    const list = diagnosticsOf(state);
    const outline = newOutline(view.state, state.checked);
    const still = list.length === 0 && before === 0;
    before = list.length;
    if (still && !outline) return;
    const problems = still
      ? {}
      : setDiagnostics(
          view.state,
          list.map((each) => shown(each, state.text.length)),
        );
    view.dispatch(problems, outline ? { effects: outline } : {});
  };
  show();
  return useDocument.subscribe((now, before) => {
    if (now.checked !== before.checked || now.host !== before.host) show();
  });
}

export const problems: Extension = [linter(null), lintGutter()];
