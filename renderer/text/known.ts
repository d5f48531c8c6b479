// What is known of the very text in the editor, for the parts that ask the language service.
import type { EditorView } from '@codemirror/view';
import type { Kinds } from '../../engine/graph/registry.ts';
import type { Checked } from '../../engine/graph/graph.ts';
import { useDocument } from '../document/document.ts';
import { kinds } from '../kinds.ts';
import { type Language, useLanguage } from '../words/index.ts';
import { kindsIn } from '../words/kinds.ts';
import { isCurrent } from './problems.ts';

/** The node kinds, with what they say of themselves in the language of the interface. */
export function kindsHere(): Kinds {
  const { language } = useLanguage.getState();
  if (here?.language !== language) here = { language, kinds: kindsIn(kinds, language) };
  return here.kinds;
}
let here: { language: Language; kinds: Kinds } | null = null;

/** The check of the text shown; null while it is being checked. The host's specs, which know the files, are filled in. */
export function knownNow(view: EditorView): Checked | null {
  const state = useDocument.getState();
  return isCurrent(state) && state.text.length === view.state.doc.length ? withHost() : null;
}

/** As soon as it is there; null where the text changes meanwhile. */
export async function known(view: EditorView): Promise<Checked | null> {
  const { revision } = useDocument.getState();
  for (;;) {
    const now = knownNow(view);
    if (now) return now;
    if (useDocument.getState().revision !== revision) return null;
    await new Promise<void>((done) => {
      const end = useDocument.subscribe(() => {
        end();
        done();
      });
    });
  }
}

let last: { checked: Checked; host: unknown; merged: Checked } | null = null;

/** The check in the page cannot read files: where the host's has come, what it found about each node counts. */
function withHost(): Checked | null {
  const { checked, host } = useDocument.getState();
  if (!checked || !host) return checked;
  if (last?.checked === checked && last.host === host) return last.merged;
  const nodes = checked.graph.nodes.map((node) => {
    const outputs = host.outputs[node.path];
    return outputs ? { ...node, outputs } : node;
  });
  const byPath = new Map(nodes.map((node) => [node.path, node]));
  const merged = { ...checked, graph: { ...checked.graph, nodes, byPath } };
  last = { checked, host, merged };
  return merged;
}
