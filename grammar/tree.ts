// The syntax tree: what a text says, with the place of every part. Comments are kept beside the statements, not inside.
import type { Span } from './diagnostic.ts';

export interface Document {
  /** The `dsk 1` line, or null where it is missing. */
  readonly version: { readonly value: number; readonly span: Span } | null;
  readonly statements: readonly Statement[];
  /** All comments in the order of the text. */
  readonly comments: readonly Comment[];
  readonly span: Span;
}

export interface Comment {
  /** From `#` to the end of the line, white space at the end left out. */
  readonly text: string;
  readonly span: Span;
  /** Nothing else stands on its line. */
  readonly ownLine: boolean;
  /** `## ...`: documentation of the statement below. */
  readonly documentation: boolean;
}

export type Statement = NodeStatement | ParamStatement;

/** `name = value`, or `skip name = value`: a node that is kept and not run. */
export interface NodeStatement {
  readonly type: 'node';
  readonly name: Name;
  /** The word `skip`, or null. */
  readonly skip: Span | null;
  readonly value: Expression;
  /** The text of the `##` lines in the comment block directly above, or null. */
  readonly documentation: string | null;
  /** From the name, or the word before it, to the end of the value. */
  readonly span: Span;
}

/** `param name = value` */
export interface ParamStatement {
  readonly type: 'param';
  readonly name: Name;
  readonly value: Expression;
  readonly documentation: string | null;
  readonly span: Span;
}

export interface Name {
  readonly text: string;
  readonly span: Span;
}

export type Expression =
  | Call
  | Reference
  | NumberLiteral
  | TextLiteral
  | BooleanLiteral
  | ListLiteral
  | NullLiteral
  | ErrorExpression;

/** `kind(arguments)`, or `value |> kind(arguments)`, whose first argument is then the piped value. */
export interface Call {
  readonly type: 'call';
  readonly kind: Name;
  readonly arguments: readonly Argument[];
  /** From `(` to the end of `)`. */
  readonly parentheses: Span;
  readonly span: Span;
}

/** `value` or `name: value`. */
export interface Argument {
  readonly name: Name | null;
  readonly value: Expression;
  /** Written before the call, `value |> kind()`. */
  readonly piped: boolean;
  readonly span: Span;
}

/** `name` or `name.output` */
export interface Reference {
  readonly type: 'reference';
  readonly name: Name;
  readonly output: Name | null;
  readonly span: Span;
}

export interface NumberLiteral {
  readonly type: 'number';
  /** `5%` has the value 0.05. */
  readonly value: number;
  readonly percent: boolean;
  /** As written. */
  readonly text: string;
  readonly span: Span;
}

export interface TextLiteral {
  readonly type: 'text';
  readonly value: string;
  /** Written between triple quotes, over lines. */
  readonly block: boolean;
  readonly span: Span;
}

export interface BooleanLiteral {
  readonly type: 'boolean';
  readonly value: boolean;
  readonly span: Span;
}

export interface ListLiteral {
  readonly type: 'list';
  readonly items: readonly Expression[];
  readonly span: Span;
}

export interface NullLiteral {
  readonly type: 'null';
  readonly span: Span;
}

/** Where a value should stand and none could be read; a diagnostic says why. */
export interface ErrorExpression {
  readonly type: 'error';
  readonly span: Span;
}

/** The expression and all expressions in it, outer ones first. */
export function* expressions(root: Expression): Generator<Expression> {
  const stack: Expression[] = [root];
  for (let next = stack.pop(); next; next = stack.pop()) {
    yield next;
    if (next.type === 'call') for (const argument of [...next.arguments].reverse()) stack.push(argument.value);
    if (next.type === 'list') stack.push(...[...next.items].reverse());
  }
}

/** Where a node or param is referred to, in the order of the text. */
export function referencesTo(
  { statements }: Pick<Document, 'statements'>,
  name: string,
): { statement: Statement; reference: Reference }[] {
  return statements.flatMap((statement) =>
    [...expressions(statement.value)].flatMap((part) =>
      part.type === 'reference' && part.name.text === name ? [{ statement, reference: part }] : [],
    ),
  );
}

/** Arguments without a name, a piped one first. */
export const unnamedArguments = (call: Call): Argument[] => call.arguments.filter((argument) => !argument.name);

/** The argument of this name, or at this position among those without a name. */
export function findArgument(call: Call, name: string): Argument | undefined {
  if (/^\d+$/.test(name)) return unnamedArguments(call)[Number(name)];
  return call.arguments.find((argument) => argument.name?.text === name);
}

/** What stands one step down a path: an argument of a call by its name or position, or an item of a list. */
export function partAt(expression: Expression, step: string): Expression | undefined {
  if (expression.type === 'call') return findArgument(expression, step)?.value;
  return expression.type === 'list' && /^\d+$/.test(step) ? expression.items[Number(step)] : undefined;
}
