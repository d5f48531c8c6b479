// An argument as it stands in the text: where it is, what is written there, whether it comes from a param.
import type { Checked } from '../../engine/graph/graph.ts';
import {
  type Argument,
  type Call,
  type Expression,
  type Span,
  unnamedArguments,
  type Value,
  valueOf,
} from '../../grammar/index.ts';
import { callAt as findCall, editPath } from '../canvas/places.ts';
import { kinds } from '../kinds.ts';

const same = (a: Span, b: Span) => a.start === b.start && a.end === b.end;

/** A node's call and how GraphEdits call the node; null where the text has none at that path. */
export function callAt(checked: Checked, path: string): { call: Call; address: string } | null {
  const address = editPath(checked, kinds, path);
  const call = findCall(checked, address);
  return call && { call, address };
}

/** How GraphEdits call an argument: by its name, or by its place among those without one. */
function addressOf(call: Call, argument: Argument): string {
  return argument.name?.text ?? String(unnamedArguments(call).indexOf(argument));
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
