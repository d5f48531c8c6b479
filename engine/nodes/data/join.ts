// Brings two tables together by equal values.
import { defineKind, type InferContext, type Inferred } from '../kind.ts';
import { type Pair, pairOf } from '../pairs.ts';
import { identifier, literal } from '../sql.ts';
import { carried, checkColumns, checkNewColumn, partOf, rowCount, tableCost } from '../table.ts';
import type { ColumnType, TableSpec } from '../values.ts';

type How = 'inner' | 'left' | 'full' | 'semi' | 'anti';

interface Params {
  on: string | string[];
  how: How;
  suffix?: string;
}

export default defineKind<Params>({
  kind: 'join',
  stage: 'data',
  group: 'rows',
  version: 1,
  doc: `Puts to each row of \`left\` the columns of the rows of \`right\` that have equal values in the columns \`on\`.

\`inner\` keeps the rows that have a partner. \`left\` keeps all rows of \`left\`, with null where there is no partner, and \`full\` those of \`right\` without one as well, at the end. \`semi\` keeps the rows of \`left\` that have a partner and \`anti\` those that have none; neither adds a column. A row with several partners stands once for each. Null equals nothing, not even null.

Columns of both tables that are called alike and are not in \`on\` are an error, unless \`suffix\` says how those of \`right\` are to be called. Rows keep the order of \`left\`, partners that of \`right\`. \`inner\`, \`semi\` and \`anti\` give the rows of \`left\` that they leave out as \`removed\`.`,
  example: 'known = join(book, clean, on: "text", how: "semi")',
  inputs: {
    left: { type: 'table', doc: 'Rows that get partners.' },
    right: { type: 'table', doc: 'Rows that are looked up.' },
  },
  outputs: { table: 'table', removed: 'table' },
  required: ['on'],
  params: {
    on: {
      description:
        'Column or columns that must be equal; "a: b" where it is called `a` on the left and `b` on the right.',
      type: ['string', 'array'],
      items: { type: 'string' },
      minItems: 1,
      format: 'column',
    },
    how: {
      description: 'Which rows are kept.',
      enum: ['inner', 'left', 'full', 'semi', 'anti'],
      default: 'inner',
    },
    suffix: {
      description: 'Put behind the names of columns of `right` that `left` has as well, such as "_right".',
      type: 'string',
      minLength: 1,
    },
  },
  lineage: ({ how }) => ({
    from: how === 'full' ? ['left', 'right'] : ['left'],
    ...(adds(how) ? { adds: 'repeats' } : {}),
  }),
  infer(context): Inferred {
    const { params, inputs } = context;
    const left = inputs.left as TableSpec;
    const right = inputs.right as TableSpec;
    const keys = keysOf(params.on, left.columns, right.columns);
    if (!checkKeys(context, left, right, keys)) return null;
    const { how } = params;
    if (left.columns && 'reason' in left.columns && removes(how)) {
      if (!checkNewColumn(context, 'reason', ['reason'], 'left')) return null;
    }
    const columns = joined(context, left.columns, right.columns, keys);
    if (columns === 'wrong') return null;
    const bytes = (left.bytesEstimate ?? 0) + (adds(how) ? (right.bytesEstimate ?? 0) : 0);
    const rows = rowCount(left);
    const table: TableSpec = {
      ...carried(left),
      columns,
      rows: null,
      ...(rows === undefined ? {} : { rowsEstimate: rows }),
      ...(left.bytesEstimate === undefined ? {} : { bytesEstimate: bytes }),
    };
    if (!removes(how)) return { table };
    const gone = partOf(left, 0.1);
    return { table, removed: { ...gone, columns: gone.columns && { ...gone.columns, reason: 'text' } } };
  },
  cost: ({ outputs }) => tableCost(...Object.values(outputs).map((spec) => spec as TableSpec)),
  async run(context) {
    const { params, artifact, tables, files, sources } = context;
    const left = artifact('left', 'table');
    const right = artifact('right', 'table');
    const { how } = params;
    const keys = keysOf(params.on, left.columns, right.columns);
    const both = { l: left, r: right };
    const same = keys.map(({ left: a, right: b }) => `l.${identifier(a)} = r.${identifier(b)}`).join(' AND ');
    const partner = `EXISTS (SELECT 1 FROM r WHERE ${same})`;
    const out = files.join('table.parquet');
    const removed = files.join('removed.parquet');
    const names = sources.right?.node ?? 'right';
    const reason = reasonOf(how, keys, names);
    const empty = {
      code: 'data-empty',
      message: `none of the ${left.rows} rows of \`left\` ${how === 'anti' ? 'is without a partner' : 'has a partner'} among the ${right.rows} of \`right\``,
      at: 'on',
      note:
        how === 'anti' ? 'semi keeps those that have one' : 'look at the values on both sides: case and spaces count',
    };
    if (!adds(how)) {
      const gone = how === 'semi' ? `NOT ${partner}` : partner;
      const sql = `SELECT l.* EXCLUDE dsk_row, CASE WHEN ${gone} THEN ${reason} END AS reason FROM l ORDER BY l.dsk_row`;
      return tables.sieve({ tables: both, sql, empty }, { table: out, removed }, context);
    }
    const kind = { inner: 'JOIN', left: 'LEFT JOIN', full: 'FULL JOIN' }[how as 'inner' | 'left' | 'full'];
    const columns = columnsOf(left.columns, right.columns, keys, params.suffix ?? '').map(
      ({ sql, name }) => `${sql} AS ${identifier(name)}`,
    );
    const sql = `SELECT ${columns.join(', ')} FROM l ${kind} r ON ${same} ORDER BY l.dsk_row NULLS LAST, r.dsk_row`;
    const table = await tables.query({ tables: both, sql, empty }, out, context);
    if (how !== 'inner') return { table };
    const rest = `SELECT l.* EXCLUDE dsk_row, ${reason} AS reason FROM l WHERE NOT ${partner} ORDER BY l.dsk_row`;
    return { table, removed: await tables.query({ tables: both, sql: rest, empty: null }, removed, context) };
  },
});

/** Whether the columns of `right` are in the result. */
const adds = (how: How) => how !== 'semi' && how !== 'anti';
/** Whether rows of `left` may be missing in it. */
const removes = (how: How) => how !== 'left' && how !== 'full';

type Columns = Record<string, ColumnType>;

/** "id", or "user_id: id" where the names differ; a column that has a colon in its name is one all the same. */
function keysOf(on: Params['on'], left: Columns | null, right: Columns | null): Pair[] {
  return [on].flat().map((text) => {
    const whole = left && right && Object.hasOwn(left, text) && Object.hasOwn(right, text);
    return (whole ? null : pairOf(text, left && Object.keys(left))) ?? { left: text, right: text };
  });
}

function checkKeys(context: InferContext<Params>, left: TableSpec, right: TableSpec, keys: readonly Pair[]): boolean {
  const ours = keys.map((key) => key.left);
  const theirs = keys.map((key) => key.right);
  for (const names of [ours, theirs]) {
    const twice = names.find((name, i) => names.indexOf(name) !== i);
    if (twice === undefined) continue;
    context.error({
      code: 'column-name',
      message: `column \`${twice}\` is named twice`,
      at: 'on',
      note: 'name it once',
    });
    return false;
  }
  const side = (name: 'left' | 'right', table: TableSpec, columns: string[]) =>
    checkColumns(
      { error: (complaint) => context.error({ ...complaint, message: `${complaint.message} in \`${name}\`` }) },
      table,
      columns,
      'on',
    );
  if (!side('left', left, ours) || !side('right', right, theirs)) return false;
  for (const key of keys) {
    const [a, b] = [left.columns?.[key.left], right.columns?.[key.right]];
    if (!a || !b || comparable(a, b)) continue;
    context.error({
      code: 'column-type',
      message: `column \`${key.left}\` of \`left\` holds ${a}, and \`${key.right}\` of \`right\` ${b}`,
      at: 'on',
      note: `convert one of them: derive(..., name: "${key.left}", value: "try_cast(\\"${key.left}\\" AS ...)")`,
    });
    return false;
  }
  return true;
}

function comparable(a: ColumnType, b: ColumnType): boolean {
  const number = (type: ColumnType) => type === 'integer' || type === 'number';
  return a === b || (number(a) && number(b));
}

interface Joined {
  readonly sql: string;
  readonly name: string;
  readonly type: ColumnType;
  readonly suffixed: boolean;
}

/** The columns of the result. Those of `right` that are in `on` equal those of `left`, and are left out. */
function columnsOf(left: Columns, right: Columns, keys: readonly Pair[], suffix: string): Joined[] {
  const partner = new Map(keys.map((key) => [key.left, key.right]));
  const theirs = new Set(keys.map((key) => key.right));
  const taken = new Set(Object.keys(left).map((name) => name.toLowerCase()));
  const own = Object.entries(left).map(([name, type]) => {
    const key = partner.get(name);
    // In a full join a row of `right` alone has its key there only.
    const sql = key === undefined ? `l.${identifier(name)}` : `coalesce(l.${identifier(name)}, r.${identifier(key)})`;
    const wide = key !== undefined && right[key] === 'number' ? 'number' : type;
    return { sql, name, type: wide, suffixed: false };
  });
  const added = Object.entries(right)
    .filter(([name]) => !theirs.has(name))
    .map(([name, type]) => {
      const suffixed = suffix !== '' && taken.has(name.toLowerCase());
      return { sql: `r.${identifier(name)}`, name: suffixed ? `${name}${suffix}` : name, type, suffixed };
    });
  return [...own, ...added];
}

/** The result's columns; null where they are not known yet, and 'wrong' where their names clash (reported). */
function joined(
  context: InferContext<Params>,
  left: Columns | null,
  right: Columns | null,
  keys: readonly Pair[],
): Columns | null | 'wrong' {
  const { params, error, warn } = context;
  const { how, suffix } = params;
  const idle = { code: 'param-idle', at: 'suffix', note: 'remove it' };
  if (!adds(how)) {
    if (suffix === undefined) return left;
    error({ ...idle, message: `\`suffix\` has no meaning for how: "${how}", which adds no columns` });
    return 'wrong';
  }
  if (!left || !right) return null;
  const columns = columnsOf(left, right, keys, suffix ?? '');
  const names = columns.map(({ name }) => name.toLowerCase());
  const clash = columns.find(({ name }, i) => names.indexOf(name.toLowerCase()) !== i);
  if (clash) {
    const note =
      suffix === undefined
        ? 'give a suffix for those of `right`, as in suffix: "_right", or join on it, or leave it out with `select`'
        : 'take another suffix';
    error({
      code: 'column-name',
      message: `both tables have a column \`${clash.name}\``,
      at: suffix === undefined ? 'right' : 'suffix',
      note,
    });
    return 'wrong';
  }
  if (suffix !== undefined && !columns.some(({ suffixed }) => suffixed)) {
    warn({ ...idle, message: '`suffix` is put behind no column: none is in both tables' });
  }
  return Object.fromEntries(columns.map(({ name, type }) => [name, type]));
}

/** SQL: why a row of `left` is left out. */
function reasonOf(how: How, keys: readonly Pair[], right: string): string {
  const what = keys.map((key) => key.right).join(', ');
  if (how === 'anti') return literal(`join: ${right} has a row with this ${what}`);
  const missing = keys.map((key) => `l.${identifier(key.left)} IS NULL`).join(' OR ');
  const ours = keys.map((key) => key.left).join(', ');
  return `CASE WHEN ${missing} THEN ${literal(`join: ${ours} is missing`)} ELSE ${literal(`join: ${right} has no row with this ${what}`)} END`;
}
