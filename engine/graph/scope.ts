// The names of a graph: which statement defines what, and the values of its params.
import { closest, lineColumn } from '../../grammar/diagnostic.ts';
import { parse } from '../../grammar/parse.ts';
import {
  type Document,
  type Expression,
  expressions,
  type NodeStatement,
  type ParamStatement,
  type Reference,
} from '../../grammar/tree.ts';
import type { GraphParam } from './graph.ts';
import { type Edge, order, trail } from './order.ts';
import { type Report, replace } from './report.ts';
import { valueOf } from './value.ts';
import { listed } from './words.ts';

export interface Scope {
  readonly nodes: ReadonlyMap<string, NodeStatement>;
  readonly params: ReadonlyMap<string, ParamStatement>;
  /** Value of the param that a reference names; null where it could not be read, which is then already reported. */
  value(reference: Reference): Value | null;
  /** Names that some expression refers to; grows while the graph is read. */
  readonly used: Set<string>;
}

/** A plain value. `percent` remembers that it was written so: 5% is no whole number, not even 100%. */
export interface Value {
  readonly value: unknown;
  readonly percent: boolean;
}

/** `--set` names no param of the graph, or its value cannot be read. */
export class SetError extends Error {
  readonly param: string;
  constructor(param: string, message: string) {
    super(message);
    this.name = 'SetError';
    this.param = param;
  }
}

/**
 * Reads names and params.
 * @param set values for params, as expressions of the language
 * @throws SetError
 */
export function readScope(
  text: string,
  document: Document,
  set: Readonly<Record<string, string>>,
  report: Report,
): { scope: Scope; params: GraphParam[] } {
  const { nodes, params } = readNames(text, document, report);
  const given = new Map(Object.entries(set)); // no plain object: a param may be called `constructor`
  for (const name of given.keys()) if (!params.has(name)) throw unknownSet(name, [...params.keys()]);

  const sources = new Map<string, Expression>();
  for (const [name, statement] of params) {
    const text = given.get(name);
    sources.set(name, text === undefined ? statement.value : readSet(statement, text));
  }
  const edges = (name: string) => referencesIn(sources.get(name) as Expression);
  const cyclic = new Set<string>();
  const ordered = order(params.keys(), edges, (path, { to, span }) => {
    for (const name of path) cyclic.add(name);
    report.error('name-cycle', span, `the param \`${to}\` depends on itself`, { notes: [trail(path)] });
  });

  const values = new Map<string, Value | null>();
  const scope: Scope = { nodes, params, used: new Set(), value: ({ name }) => values.get(name.text) ?? null };
  for (const name of ordered) {
    const [statement, source] = [params.get(name) as ParamStatement, sources.get(name) as Expression];
    const value = readParam(source, statement, scope, report);
    values.set(name, cyclic.has(name) ? null : value);
  }
  const graphParams = [...params.values()].map((statement) => ({
    name: statement.name.text,
    value: values.get(statement.name.text)?.value ?? null,
    set: given.has(statement.name.text),
    documentation: statement.documentation,
    span: statement.name.span,
  }));
  return { scope, params: graphParams };
}

function referencesIn(expression: Expression): Edge[] {
  const references = [...expressions(expression)].filter((part) => part.type === 'reference');
  return references.map(({ name, span }) => ({ to: name.text, span }));
}

function readNames(text: string, document: Document, report: Report) {
  const nodes = new Map<string, NodeStatement>();
  const params = new Map<string, ParamStatement>();
  for (const statement of document.statements) {
    const { text: name, span } = statement.name;
    if (name === '') continue; // the parser went on without a name, and said so
    const first = nodes.get(name) ?? params.get(name);
    if (first) {
      const line = lineColumn(text, first.name.span.start).line;
      const note = `line ${line} has the ${first.type} \`${name}\` already; give this one another name`;
      report.error('name-duplicate', span, `the name \`${name}\` is taken`, { notes: [note] });
    } else if (statement.type === 'node') nodes.set(name, statement);
    else params.set(name, statement);
  }
  return { nodes, params };
}

function readParam(expression: Expression, statement: ParamStatement, scope: Scope, report: Report): Value | null {
  if (expression.type !== 'call') return valueOf(expression, scope, report, 'a param');
  const keyword = { start: statement.span.start, end: statement.name.span.start };
  report.error(
    'statement-value',
    expression.span,
    `a param is a plain value, and \`${expression.kind.text}(...)\` is a node`,
    {
      fixes: [replace(keyword, '', 'drop `param` to make it a node')],
    },
  );
  return null;
}

function unknownSet(name: string, params: string[]): SetError {
  const hint = closest(name, params);
  const remedy = hint
    ? `did you mean \`${hint}\`?`
    : params.length > 0
      ? `it has ${listed(params, 'and')}`
      : 'it has none; a line such as `param steps = 300` makes one';
  return new SetError(name, `the graph has no param \`${name}\` to set: ${remedy}`);
}

/** The expression of a `--set`. For a param that is a text, words without quotes are taken as they are. */
function readSet(statement: ParamStatement, text: string): Expression {
  const name = statement.name.text;
  const { document, diagnostics } = parse(`dsk 1\nparam ${name} = ${text}\n`);
  const [only] = document.statements;
  const sound = diagnostics.length === 0 && document.statements.length === 1 && only !== undefined;
  const isText = statement.value.type === 'text';
  if (sound && isPlain(only.value)) return only.value;
  if (isText) return { type: 'text', value: text, block: false, span: statement.value.span };
  const remedy = 'give a number, true, false, a "text" in quotes or a [list]';
  throw new SetError(name, `\`${text}\` is no value for the param \`${name}\`: ${remedy}`);
}

function isPlain(expression: Expression): boolean {
  if (expression.type === 'list') return expression.items.every(isPlain);
  return ['number', 'text', 'boolean', 'null'].includes(expression.type);
}
