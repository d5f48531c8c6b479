// The outline of a text: its statements, under the comments that stand above groups of them.
import type { Span } from '../../grammar/diagnostic.ts';
import type { Comment, Statement } from '../../grammar/tree.ts';
import type { Checked } from '../graph/graph.ts';
import { shown } from '../graph/words.ts';
import { headings, titleOf } from './sections.ts';

export interface Symbol {
  readonly name: string;
  readonly type: 'section' | 'node' | 'param';
  /** The node's kind, the param's value. */
  readonly detail: string;
  /** All of it: of a section, up to the next one. */
  readonly span: Span;
  /** What to mark: the name, or the comment's words. */
  readonly selection: Span;
  /** A section's statements. */
  readonly children: readonly Symbol[];
}

export function symbols(checked: Checked): Symbol[] {
  const { document, text } = checked;
  const values = new Map(checked.graph.params.map(({ name, value }) => [name, value]));
  const list: { head: Symbol | null; children: Symbol[] }[] = [{ head: null, children: [] }];
  const heads = headings(checked).map(([first]) => first);
  let next = 0;
  for (const statement of document.statements) {
    for (; (heads[next]?.span.start ?? text.length) < statement.span.start; next++) {
      list.push({ head: sectionOf(heads[next] as Comment), children: [] });
    }
    list.at(-1)?.children.push(symbolOf(statement, values));
  }
  return list.flatMap(({ head, children }) => {
    if (!head) return children;
    const end = children.at(-1)?.span.end ?? head.span.end;
    return children.length > 0 ? [{ ...head, span: { start: head.span.start, end }, children }] : [];
  });
}

function symbolOf({ type, name, value, span }: Statement, values: ReadonlyMap<string, unknown>): Symbol {
  const kind = value.type === 'call' ? value.kind.text : '';
  const detail = type === 'node' ? kind : shown(values.get(name.text));
  return { name: name.text, type, detail, span, selection: name.span, children: [] };
}

function sectionOf(comment: Comment): Symbol {
  const { title, span: selection } = titleOf(comment);
  return { name: title, type: 'section', detail: '', span: comment.span, selection, children: [] };
}
