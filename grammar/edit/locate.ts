// Finds nodes by path: `trained` is a statement's call, `trained.optimizer` the call given as its argument `optimizer`,
// `trained.0` its first input without a name, `trained.losses.1` the second item of a list.
import { tick } from '../literal.ts';
import { type Call, type Expression, type ListLiteral, partAt, type Statement } from '../tree.ts';
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
    const expression = partAt(holder, step);
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
