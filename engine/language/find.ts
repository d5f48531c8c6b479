// What stands at a place of the text: the statement, the call, the name, and the node of the graph it belongs to.
import type { Span } from '../../grammar/diagnostic.ts';
import type { Argument, Call, Document, Expression, Name, Reference, Statement } from '../../grammar/tree.ts';
import type { Checked, Node } from '../graph/graph.ts';

/** Something with a meaning of its own under the cursor; `span` is what to mark. */
export type Place = { readonly span: Span; readonly statement: Statement } & (
  | { readonly type: 'definition' }
  | { readonly type: 'kind'; readonly call: Call }
  | { readonly type: 'argument'; readonly call: Call; readonly argument: Argument }
  | { readonly type: 'reference'; readonly reference: Reference; readonly holder: Holder | null }
  | { readonly type: 'output'; readonly reference: Reference; readonly output: Name }
  | { readonly type: 'value'; readonly value: Expression; readonly holder: Holder | null }
);

/** What a value is given to. */
export interface Holder {
  readonly call: Call;
  readonly argument: Argument;
}

/** Index of the last statement that begins at or before the offset; -1 where none does. */
export function statementIndex({ statements }: Document, offset: number): number {
  let low = 0;
  let high = statements.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((statements[middle] as Statement).span.start <= offset) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

export const touches = ({ start, end }: Span, offset: number) => start <= offset && offset <= end;

/** The statement that the offset stands in or at the edge of. */
export function statementOf({ document }: Checked, offset: number): Statement | null {
  const statement = document.statements[statementIndex(document, offset)];
  return statement && touches(statement.span, offset) ? statement : null;
}

export function placeAt(checked: Checked, offset: number): Place | null {
  const statement = statementOf(checked, offset);
  if (!statement) return null;
  if (touches(statement.name.span, offset)) return { type: 'definition', statement, span: statement.name.span };
  return placeIn(statement.value, offset, statement, null);
}

function placeIn(value: Expression, offset: number, statement: Statement, holder: Holder | null): Place | null {
  if (!touches(value.span, offset)) return null;
  if (value.type === 'reference') {
    const { output } = value;
    if (output && touches(output.span, offset))
      return { type: 'output', statement, reference: value, output, span: output.span };
    return { type: 'reference', statement, reference: value, holder, span: value.name.span };
  }
  if (value.type === 'list') {
    for (const item of value.items) {
      const place = placeIn(item, offset, statement, holder);
      if (place) return place;
    }
    return { type: 'value', statement, value, holder, span: value.span };
  }
  if (value.type !== 'call') return { type: 'value', statement, value, holder, span: value.span };
  if (touches(value.kind.span, offset)) return { type: 'kind', statement, call: value, span: value.kind.span };
  for (const argument of value.arguments) {
    if (argument.name && touches(argument.name.span, offset))
      return { type: 'argument', statement, call: value, argument, span: argument.name.span };
    const place = placeIn(argument.value, offset, statement, { call: value, argument });
    if (place) return place;
  }
  return null;
}

/** The node that a call stands for, inline or not. */
export function nodeOf({ graph }: Checked, call: Call): Node | null {
  const { start } = call.kind.span;
  return graph.nodes.find(({ spans }) => spans.kind.start === start) ?? null;
}

/** The input or parameter of its node that an argument is for, by name or by position; null where it is for none. */
export function slotOf(checked: Checked, { call, argument }: Holder): { node: Node; name: string } | null {
  const node = nodeOf(checked, call);
  if (!node) return null;
  const { start, end } = argument.value.span;
  const found = Object.entries(node.spans.arguments).find(
    ([, { value }]) => value.start === start && value.end === end,
  );
  return found ? { node, name: found[0] } : null;
}
