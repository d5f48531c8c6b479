// A small list at a place of the text: fixes to make, places to go to. It has the keyboard while it is open.
import { type Extension, StateEffect, StateField } from '@codemirror/state';
import { EditorView, showTooltip, type Tooltip } from '@codemirror/view';
import { element } from './problems.ts';

export interface Choice {
  readonly title: string;
  /** Behind the title, quieter. */
  readonly detail?: string;
  /** The title is a piece of the text. */
  readonly code?: boolean;
  readonly run: () => void;
}

const setTooltip = StateEffect.define<Tooltip | null>();

/** The one popup of menus and dialogs in the text. */
const popup = StateField.define<Tooltip | null>({
  create: () => null,
  update(tooltip, { effects, docChanged }) {
    for (const effect of effects) if (effect.is(setTooltip)) return effect.value;
    return docChanged ? null : tooltip;
  },
  provide: (field) => showTooltip.from(field),
});

export const popups: Extension = popup;

/** Opens an element at a place; it closes when the text changes. */
export function openPopup(view: EditorView, position: number, dom: HTMLElement, focus: () => void): void {
  const tooltip: Tooltip = { pos: position, above: false, create: () => ({ dom, mount: focus }) };
  view.dispatch({ effects: [setTooltip.of(tooltip), EditorView.scrollIntoView(position)] });
}

export function closePopup(view: EditorView): void {
  if (!view.state.field(popup, false)) return;
  view.dispatch({ effects: setTooltip.of(null) });
  view.focus();
}

/** Opens a list; the first choice is chosen. */
export function openMenu(view: EditorView, position: number, label: string, choices: readonly Choice[]): void {
  const root = element('div', 'text-menu');
  root.setAttribute('role', 'menu');
  root.setAttribute('aria-label', label);
  const items = choices.map(({ title, detail, code, run }) => {
    const item = element('button', 'menu-item') as HTMLButtonElement;
    item.type = 'button';
    item.setAttribute('role', 'menuitem');
    item.append(element('span', code ? 'text-menu-title code' : 'text-menu-title', title));
    if (detail) item.append(element('span', 'keys', detail));
    item.addEventListener('click', () => {
      closePopup(view);
      run();
    });
    return item;
  });
  root.append(...items);
  const move = (by: number) => {
    const now = items.indexOf(document.activeElement as HTMLButtonElement);
    items[(now + by + items.length) % items.length]?.focus();
  };
  root.addEventListener('keydown', (event) => {
    if (event.key === 'ArrowDown') move(1);
    else if (event.key === 'ArrowUp') move(-1);
    else if (event.key === 'Escape' || event.key === 'Tab') closePopup(view);
    else return;
    event.preventDefault();
    event.stopPropagation();
  });
  root.addEventListener('focusout', ({ relatedTarget }) => {
    if (!root.contains(relatedTarget as Node | null)) closePopup(view);
  });
  openPopup(view, position, root, () => items[0]?.focus());
}
