// Cuts series into windows of one length, as models of series are trained on.
import type { RunContext } from '../context.ts';
import { defineKind, type InferContext, InputError } from '../kind.ts';
import { identifier } from '../sql.ts';
import { checkColumns, checkNewColumn, columnsParam, listed, rowCount, tableCost } from '../table.ts';
import type { ColumnType, TableArtifact, TableSpec } from '../values.ts';

interface Params {
  columns: string | string[];
  size: number;
  stride: number;
  horizon: number;
  by?: string | string[];
  order?: string;
  as: 'lists' | 'columns';
}

/** Columns that one window makes at most. */
const widest = 10_000;

export default defineKind<Params>({
  kind: 'windows',
  stage: 'data',
  group: 'augment',
  version: 1,
  doc: `Cuts series of numbers into windows: a row each, with \`size\` values in a row and, with \`horizon\`, the values that follow them as the target.

A series goes down the rows of a column of numbers, one for each value of \`by\`, in the order of \`order\`; or it is a list in a cell, which is cut by itself. The first window begins with the first value, the next one \`stride\` values later; what is left at the end and makes no whole window is left out. The result has the columns of \`by\`, that of \`order\` (of the window's last value, target included) and for each column a list of its name, and one named \`NAME_target\`; with \`as: "columns"\` the values stand in columns of their own, \`NAME_1\`, \`NAME_2\`, and \`NAME_target_1\`. Rows with lists in cells keep their other columns.

With a stride smaller than a window, windows share values: split before cutting, with \`split(time: ...)\`, or the same values are learned and measured on.`,
  example:
    'prices = load("prices.csv")\nyears = windows(prices, columns: "price", by: "symbol", order: "date", size: 12, horizon: 1)',
  inputs: { table: { type: 'table', doc: 'Rows with series.' } },
  outputs: { table: 'table' },
  required: ['columns', 'size'],
  params: {
    columns: columnsParam('Columns with numbers, or with lists of them.'),
    size: { description: 'Values in a window.', type: 'integer', minimum: 1, maximum: 1_000_000, unit: 'values' },
    stride: {
      description: 'From the beginning of a window to that of the next.',
      type: 'integer',
      default: 1,
      minimum: 1,
      unit: 'values',
    },
    horizon: {
      description: 'Values behind the window that are its target; 0: none.',
      type: 'integer',
      default: 0,
      minimum: 0,
      maximum: 1_000_000,
      unit: 'values',
    },
    by: columnsParam('Columns whose values tell series apart. Default: one series.'),
    order: {
      description: 'Column that orders the values of a series. Default: the order of the rows.',
      type: 'string',
      minLength: 1,
      format: 'column',
    },
    as: {
      description: 'Whether the values of a window stand in a list or in columns of their own.',
      enum: ['lists', 'columns'],
      default: 'lists',
    },
  },
  lineage: ({ size, stride, horizon }) => (stride < size + horizon ? { adds: 'repeats' } : {}),
  infer(context) {
    const { params, inputs, error } = context;
    const table = inputs.table as TableSpec;
    const { columns } = table;
    const names = listed(params.columns);
    if (!columns) return { table: { columns: null, rows: null } };
    const inLists = columns[names[0] as string] === 'list';
    if (!checkColumns(context, table, names, 'columns', inLists ? 'list' : ['number', 'integer'])) return null;
    if (!checkColumns(context, table, listed(params.by), 'by')) return null;
    if (!checkColumns(context, table, listed(params.order), 'order')) return null;
    for (const at of ['by', 'order'] as const) {
      if (!inLists || params[at] === undefined) continue;
      const note = 'each list is a series of its own, in its order; remove it';
      error({ code: 'param-idle', message: `\`${at}\` has no meaning for series in lists`, at, note });
      return null;
    }
    const made = columnsOf(context, columns, inLists);
    return made && { table: { columns: made, rows: null, ...estimate(table, params, inLists) } };
  },
  cost: ({ outputs }) => tableCost(outputs.table as TableSpec),
  async run(context) {
    const table = context.artifact('table', 'table');
    const inLists = table.columns[listed(context.params.columns)[0] as string] === 'list';
    return { table: await (inLists ? cutLists : cutRows)(context, table) };
  },
});

/** Columns of the result, or null where names are taken (reported). */
function columnsOf(
  context: InferContext<Params>,
  columns: Record<string, ColumnType>,
  inLists: boolean,
): Record<string, ColumnType> | null {
  const { params, error } = context;
  const names = listed(params.columns);
  const wide = params.as === 'columns';
  if (wide && (params.size + params.horizon) * names.length > widest) {
    error({
      code: 'param-range',
      message: `a window would have ${(params.size + params.horizon) * names.length} columns, more than ${widest}`,
      at: 'as',
      note: 'take lists',
    });
    return null;
  }
  const kept = inLists
    ? Object.entries(columns).filter(([name]) => !names.includes(name) || !wide)
    : [...listed(params.by), ...listed(params.order)].map((name) => [name, columns[name] as ColumnType] as const);
  const made: Record<string, ColumnType> = Object.fromEntries(kept);
  for (const name of names) {
    for (const { column } of piecesOf(name, params)) {
      const others = Object.keys(made).filter((other) => other !== name || !inLists);
      if (!checkNewColumn(context, column, others, 'columns')) return null;
      made[column] = !wide ? 'list' : inLists ? 'number' : (columns[name] as ColumnType);
    }
  }
  return made;
}

/** The columns made from one, and the values of a window (from 1) that each has: one, or a range. */
function piecesOf(name: string, { size, horizon, as }: Params): { column: string; from: number; to: number }[] {
  if (as === 'lists') {
    const target = { column: `${name}_target`, from: size + 1, to: size + horizon };
    return [{ column: name, from: 1, to: size }, ...(horizon > 0 ? [target] : [])];
  }
  return Array.from({ length: size + horizon }, (_, i) => ({
    column: i < size ? `${name}_${i + 1}` : `${name}_target_${i - size + 1}`,
    from: i + 1,
    to: i + 1,
  }));
}

/** SQL: the pieces of a window's list. */
function pieces(name: string, window: string, params: Params): string[] {
  return piecesOf(name, params).map(({ column, from, to }) => {
    const value = params.as === 'lists' ? `${window}[${from}:${to}]` : `${window}[${from}]`;
    return `${value} AS ${identifier(column)}`;
  });
}

function estimate(table: TableSpec, { stride, size, horizon, columns }: Params, inLists: boolean) {
  const rows = rowCount(table);
  if (rows === undefined || inLists) return {};
  const windows = Math.max(1, Math.floor((rows - size - horizon) / stride) + 1);
  return { rowsEstimate: windows, bytesEstimate: windows * (size + horizon) * listed(columns).length * 8 };
}

async function cutLists(context: RunContext<Params>, table: TableArtifact): Promise<TableArtifact> {
  const { params, tables, files, log } = context;
  const columns = listed(params.columns);
  const total = params.size + params.horizon;
  const length = `coalesce(len(${identifier(columns[0] as string)}), 0)`;
  const [found] = await tables.values(
    {
      tables: { t: table },
      sql: `SELECT max(${length}) AS longest, count(*) FILTER (${length} < ${total}) AS short FROM t`,
    },
    context,
  );
  checkLength(Number(found?.longest ?? 0), params, 'list');
  const cut = columns.flatMap((name) => piecesOf(name, params).map((piece) => ({ ...piece, of: name })));
  const wide = params.as === 'columns';
  const pieces = cut.map(({ column, of, from, to }) => ({ column, of, from: from - 1, to: wide ? null : to }));
  const makes = Object.fromEntries(pieces.map(({ column }) => [column, wide ? 'number' : 'numbers'] as const));
  const work = { name: 'windows', params: { columns, pieces, total, stride: params.stride }, columns, makes };
  const idle = columns.filter((name) => !Object.hasOwn(makes, name)).map(identifier);
  const out = files.join('table.parquet');
  let made = await tables.map(table, work, idle.length > 0 ? `${context.parts}/windows.parquet` : out, context);
  if (idle.length > 0) {
    const sql = `SELECT * EXCLUDE (dsk_row, ${idle.join(', ')}) FROM t ORDER BY dsk_row`;
    made = await tables.query({ tables: { t: made }, sql }, out, context);
  }
  tell(log, made.rows, table.rows, Number(found?.short ?? 0));
  return made;
}

async function cutRows(context: RunContext<Params>, table: TableArtifact): Promise<TableArtifact> {
  const { params, tables, files, log } = context;
  const names = listed(params.columns);
  const by = listed(params.by);
  const total = params.size + params.horizon;
  const groups = by.length === 0 ? '' : `PARTITION BY ${by.map(identifier).join(', ')}`;
  const grouped = by.length === 0 ? '' : `GROUP BY ${by.map(identifier).join(', ')}`;
  const order = params.order === undefined ? 'dsk_row' : `${identifier(params.order)}, dsk_row`;
  if (params.order !== undefined) {
    const missing = `SELECT count(*) AS n, min(dsk_row) AS first FROM t WHERE ${identifier(params.order)} IS NULL`;
    const [nulls] = await tables.values({ tables: { t: table }, sql: missing }, context);
    if (Number(nulls?.n) > 0) {
      throw new InputError({
        code: 'data-missing',
        message: `\`${params.order}\` is missing in ${Number(nulls?.n)} of ${table.rows} rows, row ${Number(nulls?.first) + 1} being the first`,
        at: 'order',
        note: 'what has no place in time can be in no window: filter or impute before',
      });
    }
  }
  const [found] = await tables.values(
    {
      tables: { t: table },
      sql: `SELECT max(n) AS longest, count(*) AS series, count(*) FILTER (n < ${total}) AS short FROM (SELECT count(*) AS n FROM t ${grouped})`,
    },
    context,
  );
  checkLength(Number(found?.longest ?? 0), params, by.length > 0 ? `series of \`${by.join('`, `')}\`` : 'table');
  const over = `(${groups} ORDER BY ${order} ROWS BETWEEN CURRENT ROW AND ${total - 1} FOLLOWING)`;
  const kept = [
    ...by.map(identifier),
    ...(params.order === undefined
      ? []
      : [`last_value(${identifier(params.order)}) OVER ${over} AS ${identifier(params.order)}`]),
  ];
  const inner = [
    ...kept,
    ...names.map((name, i) => `list(${identifier(name)}) OVER ${over} AS dsk_window_${i}`),
    `row_number() OVER (${groups} ORDER BY ${order}) - 1 AS dsk_at`,
    `count(*) OVER (${groups}) AS dsk_length`,
    `min(dsk_row) OVER (${groups}) AS dsk_first`,
  ];
  const outer = [...by, ...listed(params.order)].map(identifier);
  const made = await tables.query(
    {
      tables: { t: table },
      sql: `SELECT ${[...outer, ...names.flatMap((name, i) => pieces(name, `dsk_window_${i}`, params))].join(', ')}
        FROM (SELECT ${inner.join(', ')} FROM t)
        WHERE dsk_at % ${params.stride} = 0 AND dsk_at + ${total} <= dsk_length ORDER BY dsk_first, dsk_at`,
    },
    files.join('table.parquet'),
    context,
  );
  tell(log, made.rows, Number(found?.series), Number(found?.short));
  return made;
}

function checkLength(longest: number, { size, horizon }: Params, what: string): void {
  if (longest >= size + horizon) return;
  throw new InputError({
    code: 'data-few',
    message: `a window takes ${size + horizon} values, and the longest ${what} has ${longest}`,
    at: 'size',
    note: 'make size or horizon smaller',
  });
}

function tell(log: (message: string) => void, windows: number, series: number, short: number): void {
  const less = short > 0 ? `; ${short} of them too short for one` : '';
  log(`${windows} windows of ${series} series${less}`);
}
