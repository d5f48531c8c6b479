// Finds nodes by path: `trained` is a statement's call, `trained.optimizer` the call given as its argument `optimizer`,
// `trained.0` its first input without a name, `trained.losses.1` the second item of a list.
import { tick } from '../literal.ts';
import type { Argument, Call, Expression, ListLiteral, Statement } from '../tree.ts';
import { findStatement, Refusal, requireSound, type Source } from './source.ts';

export interface Place {
  readonly statement: Statement;
  readonly expression: Expression;
  /** What the expression is given to; null where it is the statement's own value. */
  readonly holder: Call | ListLiteral | null;
}

/** The expression at a path, in a statement without syntax errors. */
export function locate(source: Source, path: string): Place {
  const [name = '', ...steps] = path.split('.');
  const statement = findStatement(source, name);
  requireSound(source, statement);
  let place: Place = { statement, expression: statement.value, holder: null };
  for (const step of steps) {
    const holder = place.expression;
    const inner = holder.type === 'call' ? findArgument(holder, step)?.value : undefined;
    const item = holder.type === 'list' && /^\d+$/.test(step) ? holder.items[Number(step)] : undefined;
    const expression = inner ?? item;
    if (!expression || (holder.type !== 'call' && holder.type !== 'list')) {
      throw new Refusal('edit-unknown', `there is nothing at ${tick(path)}: no part ${tick(step)}`, holder.span);
    }
    place = { statement, expression, holder };
  }
  return place;
}

/** The call at a path. */
export function locateCall(source: Source, path: string): { statement: Statement; call: Call } {
  const { statement, expression } = locate(source, path);
  if (expression.type !== 'call') {
    const message = `${tick(path)} is no call and has no parameters`;
    throw new Refusal('edit-shape', message, expression.span);
  }
  return { statement, call: expression };
}

/** The argument of this name, or at this position among those without a name. */
export function findArgument(call: Call, name: string): Argument | undefined {
  if (/^\d+$/.test(name)) return inputs(call)[Number(name)];
  return call.arguments.find((argument) => argument.name?.text === name);
}

/** Arguments without a name, a piped one first. */
export const inputs = (call: Call): Argument[] => call.arguments.filter((argument) => !argument.name);
