// An argument as it stands in the text: where it is, what is written there, whether it comes from a param.
import type { Checked, Graph } from '../../engine/graph/graph.ts';
import { type Argument, type Call, type Expression, type Span, type Value, valueOf } from '../../grammar/index.ts';

const same = (a: Span, b: Span) => a.start === b.start && a.end === b.end;
const unnamed = (call: Call) => call.arguments.filter(({ name }) => name === null);

/** How GraphEdits call an argument: by its name, or by its place among those without one. */
function addressOf(call: Call, argument: Argument): string {
  return argument.name?.text ?? String(unnamed(call).indexOf(argument));
}

/** A node's call and how GraphEdits call the node; null where the text has none at that path. */
export function callAt(
  { document, graph }: Pick<Checked, 'document'> & { graph: Pick<Graph, 'byPath'> },
  path: string,
): { call: Call; address: string } | null {
  const node = graph.byPath.get(path);
  if (node?.owner) {
    const owner = callAt({ document, graph }, node.owner.node);
    const whole = graph.byPath.get(node.owner.node)?.spans.arguments[node.owner.port]?.whole;
    const argument = owner?.call.arguments.find(({ span }) => whole && same(span, whole));
    if (!owner || argument?.value.type !== 'call') return null;
    return { call: argument.value, address: `${owner.address}.${addressOf(owner.call, argument)}` };
  }
  const statement = document.statements.find(({ name, type }) => type === 'node' && name.text === path);
  return statement?.value.type === 'call' ? { call: statement.value, address: path } : null;
}

/** What the text gives for an input or a parameter of a node. */
export interface Given {
  /** How GraphEdits call it. */
  readonly address: string;
  readonly expression: Expression;
  /** As written. */
  readonly source: string;
  /** Null where a part of it could not be read. */
  readonly value: { readonly value: Value } | null;
}

/** An argument of a node by its input's or parameter's name, also where the text gives it by position; null where it does not. */
export function givenAt(checked: Checked, path: string, name: string): Given | null {
  const whole = checked.graph.byPath.get(path)?.spans.arguments[name]?.whole;
  const at = whole && callAt(checked, path);
  const argument = at?.call.arguments.find(({ span }) => same(span, whole as Span));
  if (!at || !argument) return null;
  const { value: expression } = argument;
  return {
    address: addressOf(at.call, argument),
    expression,
    source: checked.text.slice(expression.span.start, expression.span.end),
    value: valueOf(expression),
  };
}

/** The place a new input without a name would take, where the kind's order has this port next; undefined: it needs its name. */
export function nextPosition(checked: Checked, path: string, port: string): number | undefined {
  const node = checked.graph.byPath.get(path);
  const call = callAt(checked, path)?.call;
  if (!node || !call) return undefined;
  const order = node.kind.positional ?? Object.keys(node.kind.inputs);
  const count = unnamed(call).length;
  return order[count] === port ? count : undefined;
}
