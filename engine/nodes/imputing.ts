// What the methods of data/impute.ts do: each makes a query, or a model for a row function, that fills the columns.
import type { RunContext } from './context.ts';
import { fitQuery, inTypeOf, present, type Series, type Statistic, seriesQuery, statisticQuery } from './fill.ts';
import { InputError } from './kind.ts';
import { meansQuery, prediction, productsQuery, type Ridge, solveRidge } from './ridge.ts';
import { identifier } from './sql.ts';
import { sameGroup, short, someAtATime, withColumns } from './statistics.ts';
import { listed } from './table.ts';
import { type ColumnType, isView, type Table } from './values.ts';

export type Method = Statistic | Series | 'constant' | 'knn' | 'ridge';

export interface Params {
  columns: string | string[];
  method: Method;
  value?: string | number | boolean;
  by?: string | string[];
  order?: string;
  from?: string | string[];
  k: number;
  weights: 'uniform' | 'distance';
  scale: boolean;
  fit_rows: number;
  alpha: number;
  seed: number;
}

export const statistics: readonly Method[] = ['mean', 'median', 'mode'];
export const series: readonly Method[] = ['forward', 'backward', 'linear'];
export const models: readonly Method[] = ['knn', 'ridge'];
/** Methods that compute with numbers, and so make numbers of whole numbers. */
export const computed: readonly Method[] = ['mean', 'median', 'linear', 'knn', 'ridge'];
export const numbers: readonly ColumnType[] = ['integer', 'number'];

/** Columns that a model predicts from: named ones, or all others that hold numbers. */
export function featuresOf(params: Params, columns: Readonly<Record<string, ColumnType>>): string[] {
  if (params.from !== undefined) return [...listed(params.from)];
  return Object.keys(columns).filter((name) => numbers.includes(columns[name] as ColumnType));
}

/** How many values are missing in each of the columns. */
export async function missing(context: RunContext<Params>, table: Table): Promise<number[]> {
  return someAtATime(listed(context.params.columns), async (columns) => {
    const counts = columns.map(
      (name, i) => `count(*) - count(${present(identifier(name), table.columns[name])}) AS dsk_missing${i}`,
    );
    const [row = {}] = await context.tables.values(
      { tables: { rows: table }, sql: `SELECT ${counts.join(', ')} FROM rows` },
      context,
    );
    return columns.map((_, i) => Number(row[`dsk_missing${i}`]));
  });
}

/** Fills the columns; `fit` is what statistics and models are learned from. */
export function fill(context: RunContext<Params>, table: Table, fit: Table): Promise<Filled> {
  const { method } = context.params;
  if (method === 'constant') return byConstant(context, table);
  if (method === 'knn') return byNeighbours(context, table, fit);
  if (method === 'ridge') return byRidge(context, table, fit);
  if (method === 'mean' || method === 'median' || method === 'mode') return byStatistic(context, table, fit, method);
  return bySeries(context, table, method);
}

interface Filled {
  filled: Table;
  /** No value is missing any more, as a constant is there for each. */
  whole?: boolean;
  /** What a column was filled with, for the log. */
  words(column: number): string;
}

/** SQL: a column as it is, and something else where it is missing. */
function filledBy(table: Table, column: string, fill: string, method: Method): string {
  const own = present(`rows.${identifier(column)}`, table.columns[column]);
  return `coalesce(${computed.includes(method) ? `${own}::DOUBLE` : own}, ${fill}) AS ${identifier(column)}`;
}

function store(
  context: RunContext<Params>,
  table: Table,
  fills: string[],
  more: { from?: string; fit?: Table; heavy?: boolean } = {},
): Promise<Table> {
  const { tables, files } = context;
  const columns = withColumns(table.columns, listed(context.params.columns), fills);
  // With constants to fill in, each row is made from itself alone: where it is read.
  if (more.from === undefined && !more.heavy) {
    return tables.view({ tables: { rows: table }, sql: `SELECT ${columns} FROM rows` }, table.rows, context);
  }
  const used = { rows: table, ...(more.fit ? { fit: more.fit } : {}) };
  const sql = `SELECT ${columns} FROM ${more.from === undefined ? 'rows' : `${more.from} ORDER BY rows.dsk_row`}`;
  return tables.query({ tables: used, sql }, files.join('table.parquet'), context);
}

async function byStatistic(
  context: RunContext<Params>,
  table: Table,
  fit: Table,
  statistic: Statistic,
): Promise<Filled> {
  const { params, tables } = context;
  const columns = listed(params.columns);
  const by = listed(params.by);
  if (by.length > 0) {
    const fills = statisticQuery(columns, fit.columns, by, statistic, 'fit');
    const from = `rows LEFT JOIN (${fills}) AS fills ON ${sameGroup('rows', 'fills', by)}`;
    const values = columns.map((name, i) => filledBy(table, name, `fills.dsk_fill${i}`, statistic));
    return {
      filled: await store(context, table, values, { from, fit }),
      words: () => `the ${statistic} of their group`,
    };
  }
  const found = await someAtATime(columns, async (some) => {
    const fills = statisticQuery(some, fit.columns, by, statistic, 'fit');
    const texts = some.map((_, i) => `dsk_fill${i}::VARCHAR AS dsk_fill${i}`);
    const sql = `SELECT ${texts.join(', ')} FROM (${fills})`;
    const [row = {}] = await tables.values({ tables: { fit }, sql }, context);
    return some.map((_, i) => row[`dsk_fill${i}`]);
  });
  const values = columns.map((name, i) => {
    const text = found[i];
    if (typeof text !== 'string') throw nothingKnown(name);
    const own = `rows.${identifier(name)}`;
    return filledBy(table, name, inTypeOf(text, computed.includes(statistic) ? `${own}::DOUBLE` : own), statistic);
  });
  const shown = (i: number) => (computed.includes(statistic) ? short(Number(found[i])) : JSON.stringify(found[i]));
  return { filled: await store(context, table, values), whole: true, words: (i) => `the ${statistic} ${shown(i)}` };
}

function nothingKnown(column: string): InputError {
  return new InputError({
    code: 'data-few',
    message: `column \`${column}\` has no value to learn from`,
    at: 'columns',
    note: 'fill it with `method: "constant"`, or leave the column out',
  });
}

async function bySeries(context: RunContext<Params>, table: Table, method: Series): Promise<Filled> {
  const { params } = context;
  const columns = listed(params.columns);
  const fills = seriesQuery(columns, table.columns, listed(params.by), params.order, method);
  const values = columns.map((name, i) => filledBy(table, name, `fills.dsk_fill${i}`, method));
  const from = `rows LEFT JOIN (${fills}) AS fills ON rows.dsk_row = fills.dsk_row`;
  const words = {
    forward: 'the value before',
    backward: 'the next value',
    linear: 'what lies between their neighbours',
  };
  return { filled: await store(context, table, values, { from }), words: () => words[method] };
}

async function byConstant(context: RunContext<Params>, table: Table): Promise<Filled> {
  const text = String(context.params.value);
  const columns = listed(context.params.columns);
  const tries = columns.map((name, i) => `TRY(${inTypeOf(text, identifier(name))})::VARCHAR AS dsk_try${i}`);
  const sql = `SELECT ${tries.join(', ')} FROM rows LIMIT 1`;
  const [row = {}] = await context.tables.values({ tables: { rows: table }, sql }, context);
  for (const [i, name] of columns.entries()) {
    if (typeof row[`dsk_try${i}`] === 'string') continue;
    const message = `${JSON.stringify(context.params.value)} cannot stand in column \`${name}\``;
    throw new InputError({
      code: 'column-type',
      message,
      at: 'value',
      note: 'a time is written as "2024-03-31 02:30:00"',
    });
  }
  const values = columns.map((name) => filledBy(table, name, inTypeOf(text, `rows.${identifier(name)}`), 'constant'));
  return {
    filled: await store(context, table, values),
    whole: true,
    words: () => JSON.stringify(context.params.value),
  };
}

async function byNeighbours(context: RunContext<Params>, table: Table, fit: Table): Promise<Filled> {
  const { params, tables, files, log } = context;
  const targets = listed(params.columns);
  const names = [...new Set([...featuresOf(params, table.columns), ...targets])];
  const sql = fitQuery(names, params.fit_rows, params.seed, 'fit');
  const rows = await tables.values({ tables: { fit }, sql }, context);
  const columns = names.map((name, i) => ({ name, values: rows.map((row) => row[`dsk_x${i}`] as number | null) }));
  for (const target of targets) {
    if (columns.find(({ name }) => name === target)?.values.every((value) => value === null))
      throw nothingKnown(target);
  }
  if (rows.length < fit.rows)
    log(`${rows.length} of ${fit.rows} rows, drawn at random, are looked through for the nearest (fit_rows)`);
  const { k, weights, scale } = params;
  const makes = Object.fromEntries(targets.map((name) => [name, 'number' as const]));
  const model = { columns, targets, k, weights, scale };
  if (isView(table)) throw new Error(`${context.node}: the table is not stored`);
  const filled = await tables.map(
    table,
    { name: 'neighbours', params: model, columns: names, makes },
    files.join('table.parquet'),
    context,
  );
  return { filled, words: () => `the mean of the ${k} nearest rows` };
}

async function byRidge(context: RunContext<Params>, table: Table, fit: Table): Promise<Filled> {
  const { params } = context;
  const targets = listed(params.columns);
  const fitted: Ridge[] = [];
  for (const target of targets) {
    const features = featuresOf(params, table.columns).filter((name) => name !== target);
    fitted.push(await fitRidge(context, fit, features, target));
  }
  const values = fitted.map((model) => filledBy(table, model.target, prediction(model, 'rows'), 'ridge'));
  const words = (i: number) => {
    const { features, rows } = fitted[i] as Ridge;
    return `predictions from ${features.length} columns, by ridge regression on ${rows} complete rows`;
  };
  return { filled: await store(context, table, values, { heavy: true }), words };
}

async function fitRidge(context: RunContext<Params>, fit: Table, features: string[], target: string): Promise<Ridge> {
  const { tables, params } = context;
  const ask = async (sql: string) => (await tables.values({ tables: { fit }, sql }, context))[0] ?? {};
  const first = await ask(meansQuery(features, target, 'fit'));
  const rows = Number(first.dsk_rows);
  if (rows < 2) {
    throw new InputError({
      code: 'data-few',
      message: `${rows === 0 ? 'no row has' : 'only 1 row has'} a value in \`${target}\` and in all of ${features.join(', ')}`,
      at: params.from === undefined ? 'columns' : 'from',
      note: 'predict from fewer columns, or fill those before',
    });
  }
  const means = [...features, target].map((_, i) => Number(first[`dsk_mean${i}`]));
  const sums = await ask(productsQuery(features, target, means, 'fit'));
  const model = solveRidge(features, target, rows, means, (i, j) => Number(sums[`dsk_s_${i}_${j}`]), params.alpha);
  if (model.weights.every(Number.isFinite)) return model;
  throw new InputError({
    code: 'param-range',
    message: `with alpha ${params.alpha} the model for \`${target}\` cannot be solved: some columns follow from others`,
    at: 'alpha',
    note: 'give a larger alpha, or fewer columns in `from`',
  });
}
