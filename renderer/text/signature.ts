// The call one is writing, above the cursor: its arguments, the one at hand in bold, and what that one is.
import { type Extension, Prec, StateEffect, StateField } from '@codemirror/state';
import { EditorView, keymap, showTooltip, type Tooltip, ViewPlugin, type ViewUpdate } from '@codemirror/view';
import { type Signature, signature } from '../../engine/language/index.ts';
import { kindsHere, known } from './known.ts';
import { rendered } from './markdown.ts';
import { element } from './problems.ts';

const show = StateEffect.define<Tooltip | null>();

const shown = StateField.define<Tooltip | null>({
  create: () => null,
  update(tooltip, { changes, effects }) {
    for (const effect of effects) if (effect.is(show)) return effect.value;
    return tooltip && { ...tooltip, pos: changes.mapPos(tooltip.pos) };
  },
  provide: (field) => showTooltip.from(field),
});

function dom({ label, arguments: all, active, documentation }: Signature): HTMLElement {
  const root = element('div', 'text-signature');
  const line = element('pre', 'text-signature-label');
  const part = active === null ? undefined : all[active];
  if (part) {
    line.append(label.slice(0, part.start), element('strong', '', label.slice(part.start, part.end)));
    line.append(label.slice(part.end));
    root.append(line, rendered(withoutTitle(documentation)));
  } else {
    line.append(label);
    root.append(line);
  }
  return root;
}

/** The argument's own title says again what the label shows. */
function withoutTitle(markdown: string): string {
  return markdown.replace(/^```[^\n]*\n[\s\S]*?\n```\n*/, '');
}

/** Shows the call at the cursor, or takes the tooltip away where there is none. */
async function refresh(view: EditorView): Promise<void> {
  const checked = await known(view);
  if (!checked) return;
  const { main } = view.state.selection;
  const found = main.empty ? signature(checked, kindsHere(), main.head) : null;
  const now = view.state.field(shown, false);
  if (!found && !now) return;
  const tooltip = found && { pos: main.head, above: true, arrow: false, create: () => ({ dom: dom(found) }) };
  view.dispatch({ effects: show.of(tooltip) });
}

const opening = /[(,]$/;

/** Opens when a bracket or a comma is typed, and follows the cursor until it leaves the call. */
const following = ViewPlugin.fromClass(
  class {
    timer: ReturnType<typeof setTimeout> | undefined;
    update(update: ViewUpdate) {
      if (!update.docChanged && !update.selectionSet) return;
      const open = update.state.field(shown) !== null;
      const { head } = update.state.selection.main;
      const typed = update.transactions.some((transaction) => transaction.isUserEvent('input.type'));
      if (!open && !(typed && opening.test(update.state.sliceDoc(Math.max(0, head - 1), head)))) return;
      clearTimeout(this.timer);
      this.timer = setTimeout(() => void refresh(update.view), 60);
    }
    destroy() {
      clearTimeout(this.timer);
    }
  },
);

function close(view: EditorView): boolean {
  if (!view.state.field(shown)) return false;
  view.dispatch({ effects: show.of(null) });
  return true;
}

export const signing: Extension = [
  shown,
  following,
  keymap.of([{ key: 'Mod-Shift-Space', run: (view) => (void refresh(view), true) }]),
  Prec.low(keymap.of([{ key: 'Escape', run: close }])),
  EditorView.domEventHandlers({ blur: (_event, view) => void setTimeout(() => view.dom.isConnected && close(view)) }),
];
