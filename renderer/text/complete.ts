// Completion from the language service, each item with its documentation beside the list.
import {
  acceptCompletion,
  autocompletion,
  type Completion,
  type CompletionContext,
  type CompletionResult,
  completionKeymap,
  insertCompletionText,
  pickedCompletion,
  snippet,
  startCompletion,
} from '@codemirror/autocomplete';
import type { Extension } from '@codemirror/state';
import { type EditorView, keymap } from '@codemirror/view';
import { complete, type Item } from '../../engine/language/index.ts';
import { kindsHere, known } from './known.ts';
import { rendered } from './markdown.ts';

/** Characters behind which something is offered without being asked for. */
const openers = /[(.]$|[:,(] $|[(:[,] ?"$|\|> $/;

async function source(context: CompletionContext): Promise<CompletionResult | null> {
  const { view, pos, explicit, state } = context;
  const line = state.doc.lineAt(pos);
  const before = state.sliceDoc(line.from, pos);
  if (!view || (!explicit && !/[\p{L}\p{N}_]$/u.test(before) && !openers.test(before))) return null;
  const checked = await known(view);
  if (!checked || context.aborted) return null;
  const { from, to, items } = complete(checked, kindsHere(), pos);
  if (items.length === 0) return null;
  return { from, to, options: items.map(option), validFor: /^[\p{L}\p{N}_]*$/u };
}

function option(item: Item): Completion {
  const { label, kind, detail, documentation, sort } = item;
  return {
    label,
    detail,
    type: kind,
    sortText: sort,
    // What fits best is chosen before what merely begins with the same letters.
    boost: -Math.min(9, Number(sort.slice(0, 1)) || 0) * 4,
    apply: (view, completion, from, to) => insert(view, completion, item, from, to),
    ...(documentation && { info: () => rendered(documentation) }),
  };
}

function insert(view: EditorView, completion: Completion, item: Item, from: number, to: number): void {
  if (item.places.length > 0) snippet(template(item))(view, completion, from, to);
  else {
    view.dispatch({
      ...insertCompletionText(view.state, item.insert, from, to),
      annotations: pickedCompletion.of(completion),
    });
  }
  if (item.again) startCompletion(view);
}

/** CodeMirror's own notation of a text with places to fill in. */
export function template({ insert: text, places }: Pick<Item, 'insert' | 'places'>): string {
  const plain = (part: string) => part.replace(/\\|[#$]\{|\}/g, '\\$&');
  let made = '';
  let done = 0;
  for (const { start, end } of places) {
    made += `${plain(text.slice(done, start))}#{${plain(text.slice(start, end))}}`;
    done = end;
  }
  return made + plain(text.slice(done));
}

export const completing: Extension = [
  autocompletion({ override: [source], maxRenderedOptions: 80, defaultKeymap: false, icons: true }),
  keymap.of([...completionKeymap, { key: 'Tab', run: acceptCompletion }]),
];
