// Augments series of numbers: copies with noise, in another scale, with time running faster here and slower there.
import { type CopyParams, copyParams, isMarked, marks, marksDoc, withCopies } from '../augment.ts';
import type { RunContext } from '../context.ts';
import { defineKind, type InferContext } from '../kind.ts';
import { identifier } from '../sql.ts';
import { checkColumns, columnsParam, listed, tableCost } from '../table.ts';
import type { ColumnType, TableArtifact, TableSpec } from '../values.ts';

interface Params extends CopyParams {
  columns: string | string[];
  by?: string | string[];
  order?: string;
  noise: number;
  sigma: number;
  scale: number;
  warp: number;
}

export default defineKind<Params>({
  kind: 'augment_series',
  stage: 'data',
  group: 'augment',
  version: 1,
  doc: `Adds copies of series of numbers: with Gaussian noise, scaled, or with time warped.

A series goes down the rows of a column of numbers, one for each value of \`by\`, or lies in each cell of a column of lists, as \`windows\` makes them. A copy gets all changes that are given, time first, then scale, then noise. \`noise: 5%\` is a share of the column's standard deviation (in each series of \`by\`; without \`by\`, over all rows), \`sigma: 0.2\` the same for all in the column's own unit. A copy's factor is drawn with mean 1 and the deviation \`scale\`. \`warp\` is the deviation of the logarithm of time's speed, which changes steadily; the ends stay, and values between two moments are interpolated linearly. All columns of a series share one factor and one course of time. Missing values stay missing. The changes are those of Um et al. 2017.

Down the rows, the copies stand behind the rows, each series in the order it had; \`augmented\` tells its copies apart (\`by: ["symbol", "augmented"]\`).

${marksDoc}`,
  example:
    'prices = load("prices.csv")\nnoisy = augment_series(prices, columns: "price", by: "symbol", noise: 5%, copies: 3)',
  inputs: { table: { type: 'table', doc: 'Rows with series to make copies of.' } },
  outputs: { table: 'table' },
  required: ['columns'],
  params: {
    columns: columnsParam('Columns with numbers, or with lists of them.'),
    by: columnsParam('Columns whose values tell series apart. Default: one series.'),
    order: {
      description: 'Column that orders the values of a series, for `warp`. Default: the order of the rows.',
      type: 'string',
      minLength: 1,
      format: 'column',
    },
    noise: {
      description: "Standard deviation of the noise, as a share of the column's own.",
      type: 'number',
      default: 0,
      minimum: 0,
    },
    sigma: {
      description: "Standard deviation of the noise, in the column's unit. Instead of `noise`.",
      type: 'number',
      default: 0,
      minimum: 0,
    },
    scale: {
      description: 'Standard deviation of the factor that a copy is multiplied by.',
      type: 'number',
      default: 0,
      minimum: 0,
      maximum: 10,
    },
    warp: {
      description: "Standard deviation of the logarithm of time's speed: 0.2 makes it about a fifth faster or slower.",
      type: 'number',
      default: 0,
      minimum: 0,
      maximum: 3,
    },
    ...copyParams,
  },
  lineage: () => ({ adds: 'copies' }),
  infer(context) {
    const { params, inputs } = context;
    const table = inputs.table as TableSpec;
    const made = withCopies(context, table, params);
    if (!checkChanges(context) || !checkSeries(context, table) || !made) return null;
    if (!made.columns || lies(table.columns, params)) return { table: made };
    const numbers = Object.fromEntries(listed(params.columns).map((name) => [name, 'number' as const]));
    return { table: { ...made, columns: { ...made.columns, ...numbers } } };
  },
  cost: ({ outputs }) => tableCost(outputs.table as TableSpec),
  async run(context) {
    const { params, artifact, log } = context;
    const table = artifact('table', 'table');
    const made = await (lies(table.columns, params) ? alterLists : alterRows)(context, table);
    log(`${made.rows - (params.originals ? table.rows : 0)} rows of copies for ${table.rows} rows`);
    return { table: made };
  },
});

/** Whether series lie in cells; otherwise they go down the rows. */
const lies = (columns: Record<string, ColumnType> | null, params: Params) =>
  columns !== null && columns[listed(params.columns)[0] as string] === 'list';

function checkChanges({ params, error }: InferContext<Params>): boolean {
  const { noise, sigma, scale, warp } = params;
  if (noise > 0 && sigma > 0) {
    error({
      code: 'param-idle',
      message: '`noise` and `sigma` both say how much noise there is',
      at: 'sigma',
      note: 'keep one of them',
    });
    return false;
  }
  if (noise + sigma + scale + warp > 0) return true;
  error({
    code: 'param-idle',
    message: 'no change is asked for, so the copies would be as the series are',
    at: null,
    note: 'as in noise: 5%, scale: 10% or warp: 0.2',
  });
  return false;
}

function checkSeries(context: InferContext<Params>, table: TableSpec): boolean {
  const { params, error } = context;
  const columns = listed(params.columns);
  const idle = (at: string, message: string, note: string) => {
    error({ code: 'param-idle', message, at, note });
    return false;
  };
  const inLists = lies(table.columns, params);
  if (!checkColumns(context, table, columns, 'columns', inLists ? 'list' : ['number', 'integer'])) return false;
  if (!checkColumns(context, table, [...listed(params.by), ...listed(params.order)], 'by')) return false;
  if (params.order !== undefined) {
    if (inLists)
      return idle('order', '`order` has no meaning for series in lists', 'the values of a list have an order');
    if (params.warp === 0)
      return idle('order', '`order` has no meaning without `warp`', 'noise and scale need no order');
  }
  if (inLists && params.by !== undefined && params.noise === 0)
    return idle(
      'by',
      '`by` has no meaning here',
      'each list is a series; by what they differ counts for `noise` alone',
    );
  return true;
}

const by = (params: Params, columns: Record<string, ColumnType>): string[] => {
  const names = listed(params.by);
  return isMarked(columns) && !names.includes('augmented') ? [...names, 'augmented'] : names;
};
const partition = (names: readonly string[]) =>
  names.length === 0 ? '' : `PARTITION BY ${names.map(identifier).join(', ')}`;
const sigmaColumn = (i: number) => `dsk_sigma_${i}`;

/** The noise's deviation: one for all, or the columns that have it for each row. */
const deviationOf = (params: Params): number | string[] =>
  params.noise > 0 ? listed(params.columns).map((_, i) => sigmaColumn(i)) : params.sigma;

async function alterLists(context: RunContext<Params>, table: TableArtifact): Promise<TableArtifact> {
  const { params, tables, files, parts } = context;
  const columns = listed(params.columns);
  const deviation = deviationOf(params);
  let source = table;
  if (typeof deviation !== 'number') {
    // From the sums of each list, so that no list is unpacked twice.
    const groups = partition(by(params, table.columns));
    const sigmas = columns.map((column, i) => {
      const values = `list_filter(${identifier(column)}, lambda x: x IS NOT NULL)`;
      const sum = (of: string) => `sum(${of}) OVER (${groups})`;
      const [n, total] = [sum(`len(${values})`), sum(`list_sum(${values})`)];
      const mean = `(${total} / nullif(${n}, 0))`;
      return { values, mean, n, name: sigmaColumn(i) };
    });
    const means = sigmas.map(({ mean, n, name }) => `${mean} AS ${name}_mean, ${n} AS ${name}_n`);
    const final = sigmas.map(
      ({ values, name }) =>
        `${params.noise} * sqrt(sum(list_sum(list_transform(${values}, lambda x: (x - ${name}_mean) ** 2))) OVER (${groups}) / nullif(${name}_n - 1, 0)) AS ${name}`,
    );
    const helps = sigmas.flatMap(({ name }) => [`${name}_mean`, `${name}_n`]);
    source = await tables.query(
      {
        tables: { t: table },
        sql: `SELECT * EXCLUDE (dsk_row, ${helps.join(', ')}), ${final.join(', ')} FROM (SELECT *, ${means.join(', ')} FROM t) ORDER BY dsk_row`,
      },
      `${parts}/deviations.parquet`,
      context,
    );
  }
  const work = {
    name: 'augment_series',
    params: { ...params, kind: 'augment_series', columns, deviation },
    columns: [
      ...columns,
      ...(typeof deviation === 'number' ? [] : deviation),
      ...(isMarked(table.columns) ? Object.keys(marks) : []),
    ],
    makes: {
      ...Object.fromEntries(columns.map((name) => [name, 'numbers' as const])),
      augmented: 'text',
      original: 'integer',
    } as const,
  };
  if (typeof deviation === 'number') return tables.map(source, work, files.join('table.parquet'), context);
  const drawn = await tables.map(source, work, `${parts}/copies.parquet`, context);
  const sql = `SELECT * EXCLUDE (dsk_row, ${deviation.join(', ')}) FROM t ORDER BY dsk_row`;
  return tables.query({ tables: { t: drawn }, sql }, files.join('table.parquet'), context);
}

async function alterRows(context: RunContext<Params>, table: TableArtifact): Promise<TableArtifact> {
  const { params, tables, files, parts } = context;
  const columns = listed(params.columns);
  const deviation = deviationOf(params);
  const sigmas = typeof deviation === 'number' ? [] : deviation;
  const names = by(params, table.columns);
  const groups = partition(names);
  const order = `ORDER BY ${params.order === undefined ? '' : `${identifier(params.order)}, `}dsk_row`;
  const series = names.length === 0 ? '0' : `dense_rank() OVER (ORDER BY ${names.map(identifier).join(', ')}) - 1`;
  const numbered = await tables.query(
    {
      tables: { t: table },
      sql: `SELECT * EXCLUDE dsk_row, ${[
        `${series} AS dsk_series`,
        // Places are looked at for time alone.
        params.warp > 0 ? `row_number() OVER (${groups} ${order}) - 1 AS dsk_place` : '0::BIGINT AS dsk_place',
        params.warp > 0 ? `count(*) OVER (${groups}) AS dsk_length` : '1::BIGINT AS dsk_length',
        ...sigmas.map(
          (name, i) => `${params.noise} * stddev_samp(${identifier(columns[i] as string)}) OVER (${groups}) AS ${name}`,
        ),
      ].join(', ')} FROM t ORDER BY dsk_row`,
    },
    `${parts}/numbered.parquet`,
    context,
  );
  const noises = columns.map((_, i) => `dsk_noise_${i}`);
  const drawn = await tables.map(
    numbered,
    {
      name: 'series_draws',
      params: { ...params, kind: 'augment_series', noises: columns.length, deviation },
      columns: [
        'dsk_series',
        'dsk_place',
        'dsk_length',
        ...sigmas,
        ...(isMarked(table.columns) ? Object.keys(marks) : []),
      ],
      makes: {
        dsk_place: 'number',
        dsk_factor: 'number',
        ...Object.fromEntries(noises.map((name) => [name, 'number' as const])),
        augmented: 'text',
        original: 'integer',
      },
    },
    `${parts}/draws.parquet`,
    context,
  );
  const value = (column: string) => {
    const name = identifier(column);
    if (params.warp === 0) return `d.${name}`;
    // A place may miss a whole number by a last digit, and the row behind the last one is not there.
    return `CASE WHEN d.dsk_factor IS NULL THEN d.${name} WHEN d.dsk_place = floor(d.dsk_place) THEN low.${name}
      ELSE low.${name} + (d.dsk_place - floor(d.dsk_place)) * (high.${name} - low.${name}) END`;
  };
  const changed = columns.map(
    (column, i) =>
      `(${value(column)}) * coalesce(d.dsk_factor, 1) + coalesce(d.${noises[i]}, 0) AS ${identifier(column)}`,
  );
  const helps = ['dsk_row', 'dsk_series', 'dsk_place', 'dsk_length', 'dsk_factor', ...noises, ...sigmas];
  const at = (name: string, more: string) =>
    `LEFT JOIN numbered AS ${name} ON ${name}.dsk_series = d.dsk_series AND ${name}.dsk_place = floor(d.dsk_place)::BIGINT${more}`;
  const joins = params.warp === 0 ? '' : `${at('low', '')} ${at('high', ' + 1')}`;
  return tables.query(
    {
      tables: { d: drawn, numbered },
      sql: `SELECT d.* EXCLUDE (${helps.join(', ')}) REPLACE (${changed.join(', ')}) FROM d ${joins}
        ORDER BY ${copyNumber(params.originals)}, d.dsk_row`,
    },
    files.join('table.parquet'),
    context,
  );
}

/** The rows themselves, then the first copies, the second ... */
const copyNumber = (originals: boolean) =>
  `${originals ? 'CASE WHEN d.dsk_factor IS NULL THEN 0 ELSE ' : ''}regexp_extract(d.augmented, '[0-9]+$')::INTEGER${originals ? ' END' : ''}`;
