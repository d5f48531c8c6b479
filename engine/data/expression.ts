// Expressions of a graph (`filter(where: ...)`) must be pure: computed from the row's columns alone, the same on every run. They
// are read by DuckDB's own parser and its tree is walked here; whatever is not known to be harmless is refused.
import { closest } from '../../grammar/diagnostic.ts';
import { InputError } from '../nodes/kind.ts';
import { identifier, literal } from '../nodes/sql.ts';
import { columnList } from '../nodes/table.ts';
import type { ColumnType } from '../nodes/values.ts';
import { columnType, type Session } from './duckdb.ts';
import { readFunctions } from './functions.ts';

const MOST_CHARACTERS = 100_000;
const BEFORE = 'SELECT (\n';
const AFTER = '\n) FROM rows';

type Tree = { [key: string]: unknown };

interface Walk {
  columns: Map<string, string>;
  used: Set<string>;
  functions: Map<string, string>;
  expression: string;
}

/**
 * Checks an expression over these columns and gives the names of those it uses. Throws InputError, with the place, for what is not
 * an expression, not pure, or names a column or function that does not exist. `at`: the parameter that holds it.
 */
export async function checkExpression(
  s: Session,
  expression: string,
  columns: string[],
  at = 'where',
): Promise<Set<string>> {
  try {
    return await usedColumns(s, expression, columns);
  } catch (error) {
    throw error instanceof InputError ? new InputError({ ...error.complaint, at }) : error;
  }
}

async function usedColumns(s: Session, expression: string, columns: string[]): Promise<Set<string>> {
  if (expression.trim() === '')
    throw fault('expression-wrong', 'the expression is empty', 'write a condition on the columns');
  if (expression.length > MOST_CHARACTERS) {
    throw fault('expression-wrong', `the expression has more than ${MOST_CHARACTERS} characters`);
  }
  if (/[\0\p{Cs}]/u.test(expression)) {
    throw fault('expression-wrong', 'the expression contains a character that is no text');
  }
  const [row] = await s.rows(`SELECT json_serialize_sql(${literal(BEFORE + expression + AFTER)}) AS tree`);
  const parsed = JSON.parse(String(row?.tree)) as Tree;
  if (parsed.error === true) {
    const message = String(parsed.error_message).replace(/^(Parser|Syntax) Error:\s*/i, '');
    if (/Only SELECT statements/i.test(message)) throw notOne(expression);
    throw fault(
      'expression-wrong',
      `${message}${place(expression, parsed.position)}`,
      'write a DuckDB expression, such as `length(text) > 200`',
    );
  }
  const statements = parsed.statements as { node: Tree }[];
  const node = statements[0]?.node;
  const list = (node?.select_list ?? []) as Tree[];
  const from = node?.from_table as Tree | undefined;
  const plain =
    statements.length === 1 &&
    node?.type === 'SELECT_NODE' &&
    list.length === 1 &&
    from?.type === 'BASE_TABLE' &&
    from.table_name === 'rows' &&
    from.alias === '' &&
    from.sample === null &&
    from.at_clause === null &&
    ['where_clause', 'having', 'sample', 'qualify'].every((key) => node[key] === null) &&
    ['modifiers', 'group_expressions', 'group_sets'].every((key) => (node[key] as unknown[]).length === 0) &&
    ((node.cte_map as { map: unknown[] }).map ?? []).length === 0;
  if (!plain) throw notOne(expression);
  const walk: Walk = {
    columns: new Map(columns.map((column) => [column.toLowerCase(), column])),
    used: new Set(),
    functions: await readFunctions(s),
    expression,
  };
  visit(list[0], walk, new Set());
  return walk.used;
}

/**
 * The type of a checked expression over columns of these types, or null where the types are too coarse to tell (fields of structs,
 * elements of lists, differences of times). Throws InputError where it cannot be computed over them.
 */
export async function expressionType(
  s: Session,
  expression: string,
  columns: Record<string, ColumnType>,
  at = 'where',
): Promise<ColumnType | null> {
  const used = await checkExpression(s, expression, Object.keys(columns), at);
  const types = [...used].map((column) => columns[column] ?? 'struct');
  // One type of ours stands for several of DuckDB's: what is the same over each of them is certain.
  const found = new Set<string>();
  for (const i of sample.time.keys()) {
    const fields = Object.entries(columns).map(
      ([column, type]) => `NULL::${sample[type][i] ?? sample[type][0]} AS ${identifier(column)}`,
    );
    try {
      const query = `SELECT (\n${expression}\n) AS value FROM (SELECT ${fields.join(', ')}) AS rows`;
      const [row] = await s.rows(`DESCRIBE ${query}`);
      found.add(row?.column_type === '"NULL"' ? 'null' : columnType(String(row?.column_type)));
    } catch (error) {
      if (!types.some((type) => type === 'struct' || sample[type].length > 1))
        throw bindingFault(error, expression, at);
    }
    if (!types.some((type) => sample[type].length > 1)) break;
  }
  const [type] = found;
  return found.size === 1 && type !== 'null' && !types.includes('struct') ? (type as ColumnType) : null;
}

const sample: Record<ColumnType, readonly [string, ...string[]]> = {
  text: ['VARCHAR'],
  integer: ['BIGINT'],
  number: ['DOUBLE'],
  boolean: ['BOOLEAN'],
  time: ['TIMESTAMP', 'DATE', 'TIMESTAMPTZ'],
  list: ['VARCHAR[]', 'BIGINT[]', 'DOUBLE[]'],
  struct: ['STRUCT(a VARCHAR)'],
  binary: ['BLOB'],
};

/** What DuckDB says about a checked expression that it cannot compute, without its SQL around it. */
export function bindingFault(error: unknown, expression: string, at = 'where'): InputError {
  const message = String((error as Error).message ?? error);
  const first = (message.split(/\n\s*\n/)[0] ?? message)
    .replace(/^(Binder|Catalog|Conversion|Invalid Input|Out of Range|Parser) Error:\s*/, '')
    .split('\n')[0] as string;
  const kind = /^(Conversion|Invalid Input|Out of Range) Error/.test(message) ? 'expression-value' : 'expression-type';
  const { complaint } = fault(
    kind,
    `\`${short(expression)}\`: ${first.replace(/\s+$/, '')}`,
    kind === 'expression-value' ? 'try_cast(... AS ...) gives null where a value cannot be converted' : undefined,
  );
  return new InputError({ ...complaint, at });
}

const harmless = new Set(['CAST', 'CASE', 'BETWEEN', 'COMPARISON', 'CONJUNCTION', 'OPERATOR', 'COLLATE', 'TYPE']);
const refused: Record<string, string> = {
  SUBQUERY: 'a query inside the expression',
  WINDOW: 'a window function',
  STAR: '`*`, which stands for several columns',
  PARAMETER: 'a `?` or `$` parameter',
  POSITIONAL_REFERENCE: 'a column by number',
  DEFAULT: '`DEFAULT`',
};

function visit(value: unknown, walk: Walk, local: ReadonlySet<string>): void {
  if (Array.isArray(value)) {
    for (const item of value) visit(item, walk, local);
    return;
  }
  if (typeof value !== 'object' || value === null) return;
  const tree = value as Tree;
  if (typeof tree.class === 'string') {
    if (tree.class === 'CONSTANT') return;
    if (tree.class === 'COLUMN_REF') return column(tree, walk, local);
    if (tree.class === 'LAMBDA') {
      // `x -> ...`, `lambda x, y: ...`: the names on the left hold on the right.
      return visit(tree.expr, walk, new Set([...local, ...lambdaNames(tree.lhs)]));
    }
    if (tree.class === 'FUNCTION') called(tree, walk, local);
    else if (!harmless.has(tree.class)) {
      const what = refused[tree.class] ?? `\`${tree.class.toLowerCase()}\``;
      throw impure(what, '', tree, walk);
    }
  } else if ('from_table' in tree || 'select_list' in tree)
    throw impure('a query inside the expression', '', tree, walk);
  for (const inner of Object.values(tree)) visit(inner, walk, local);
}

function lambdaNames(lhs: unknown): string[] {
  if (Array.isArray(lhs)) return lhs.flatMap(lambdaNames);
  const tree = lhs as Tree;
  if (tree.class === 'COLUMN_REF') return [String((tree.column_names as string[])[0]).toLowerCase()];
  return Array.isArray(tree.children) ? tree.children.flatMap(lambdaNames) : [];
}

/** `text` and `struct.field`. */
function column(tree: Tree, walk: Walk, local: ReadonlySet<string>): void {
  const written = tree.column_names as string[];
  const first = String(written[0]);
  if (local.has(first.toLowerCase())) return;
  const found = walk.columns.get(first.toLowerCase());
  if (found !== undefined) {
    walk.used.add(found);
    return;
  }
  const known = [...walk.columns.values()];
  const near = closest(first, known);
  const quoted = typeof tree.query_location === 'number' && at(walk.expression, tree.query_location)?.startsWith('"');
  throw fault(
    'column-unknown',
    `there is no column \`${first}\`${place(walk.expression, tree.query_location)}`,
    near
      ? `did you mean \`${near}\`?`
      : quoted
        ? `text values stand in single quotes here: '${first}'; columns: ${columnList(known)}`
        : `columns: ${columnList(known)}`,
  );
}

function called(tree: Tree, walk: Walk, local: ReadonlySet<string>): void {
  const written = String(tree.function_name).toLowerCase();
  const schema = String(tree.schema).toLowerCase();
  // `text.lower()` is parsed as a function of schema `text`: then the schema must be a column.
  if (schema !== '' && schema !== 'main' && schema !== 'system') {
    const owner = String(tree.catalog) !== '' ? String(tree.catalog) : String(tree.schema);
    column({ column_names: [owner], query_location: tree.query_location }, walk, local);
  }
  if (tree.is_operator === true) return;
  const why = walk.functions.get(written);
  if (why === '') return;
  if (why !== undefined) throw impure(`${written}()`, `: ${why}`, tree, walk);
  const near = closest(
    written,
    [...walk.functions].filter(([, w]) => w === '').map(([n]) => n),
  );
  throw fault(
    'expression-function',
    `there is no function \`${written}\`${place(walk.expression, tree.query_location)}`,
    near ? `did you mean \`${near}\`?` : 'the functions of DuckDB that compute a value from a row may be used',
  );
}

function impure(what: string, why: string, tree: Tree, walk: Walk): InputError {
  return fault(
    'expression-impure',
    `${what}${place(walk.expression, tree.query_location)} is not allowed here${why}`,
    'an expression computes one value from the columns of its row: no files, queries, settings, clocks or random numbers',
  );
}

function notOne(expression: string): InputError {
  return fault(
    'expression-impure',
    `\`${short(expression)}\` is not one expression`,
    'write one condition on the columns; statements, queries and lists are not allowed',
  );
}

function fault(code: string, message: string, note?: string): InputError {
  return new InputError({ code, message, at: 'where', ...(note === undefined ? {} : { note }) });
}

/** " at character 7" for a byte position in the statement around the expression; '' where there is none. */
function place(expression: string, location: unknown): string {
  const rest = at(expression, Number(location));
  return rest === null || rest === '' ? '' : ` at character ${expression.length - rest.length + 1}`;
}

/** The expression from a byte position of the statement on. */
function at(expression: string, location: number): string | null {
  const bytes = Buffer.from(expression);
  const offset = location - BEFORE.length;
  return offset >= 0 && offset <= bytes.length ? bytes.subarray(offset).toString() : null;
}

function short(expression: string): string {
  return expression.length > 80 ? `${expression.slice(0, 77)}...` : expression;
}
