// Values far from the others: rows that hold them are dropped, the values clipped, or the rows marked.
import type { Query, RunContext } from '../context.ts';
import { defineKind, type InferContext, type Inferred, InputError } from '../kind.ts';
import { beyond, limitsQuery, type Method, thresholds, why } from '../limits.ts';
import { identifier, literal } from '../sql.ts';
import { constant, number, sameGroup, sayEach, short, withColumns } from '../statistics.ts';
import { checkColumns, checkNewColumn, listed, partOf, tableCost } from '../table.ts';
import type { Artifact, ColumnType, Table, TableSpec } from '../values.ts';

interface Params {
  columns?: string | string[];
  method: Method;
  threshold?: number;
  rule?: string;
  action: 'drop' | 'clip' | 'mark';
  by?: string | string[];
  name: string;
}

export default defineKind<Params>({
  kind: 'outliers',
  stage: 'data',
  group: 'clean',
  version: 1,
  doc: `Finds rows whose numbers lie far from the others, and drops them, clips the numbers or marks the rows.

\`zscore\`: the distance from the mean in standard deviations, above 3. The deviation is the sample's (divided by n - 1, as in pandas; scipy's \`zscore\` divides by n unless \`ddof=1\`), so fewer than 11 values never hold one above 3. \`robust_zscore\`: 0.6745 times the distance from the median, over the median absolute deviation, above 3.5 (Iglewicz and Hoaglin 1993); a few wild values do not hide each other, as they do from \`zscore\`. \`iqr\`: more than 1.5 times the range between the quartiles below the first or above the third (Tukey 1977; quartiles between two values are interpolated, as in pandas). \`rule\`: a DuckDB expression that is true for an outlier, such as \`price < 0 OR age > 130\`.

With several columns a row is an outlier when one of its numbers is. \`by\` computes the statistics in each group of rows. Null and NaN are no outliers and count in no statistic; infinite numbers are always outliers and count in none either. Where the spread is 0 (for \`robust_zscore\` and \`iqr\`: where half of the values are equal) nothing is an outlier, and a warning says so.

Dropped rows go to \`removed\`, each with its reason. \`clip\` moves numbers to the nearest limit (whole numbers to the nearest whole one inside) and \`mark\` adds a column of true and false; both keep all rows, and there is no \`removed\`. The order of the rows stays.`,
  example:
    'weather = load("npm:vega-datasets/data/weather.csv")\nusual = outliers(weather, columns: ["wind", "temp_max"], by: "location")',
  inputs: { table: { type: 'table', doc: 'Rows to look through.' } },
  outputs: { table: 'table', removed: 'table' },
  params: {
    columns: {
      description: 'Column or columns of numbers to look at. Not with `rule`, which names its own.',
      type: ['string', 'array'],
      items: { type: 'string' },
      minItems: 1,
      format: 'column',
    },
    method: {
      description: 'How the distance from the others is measured.',
      enum: ['zscore', 'robust_zscore', 'iqr'],
      default: 'zscore',
    },
    threshold: {
      description:
        'Distance above which a number is an outlier. Default: 3 for zscore, 3.5 for robust_zscore, 1.5 for iqr.',
      type: 'number',
      exclusiveMinimum: 0,
    },
    rule: {
      description: 'Instead of a method: a condition that is true for outliers.',
      type: 'string',
      minLength: 1,
      format: 'expression',
    },
    action: { description: 'What happens to outliers.', enum: ['drop', 'clip', 'mark'], default: 'drop' },
    by: {
      description: 'Column or columns: rows that are equal in them are compared with each other only.',
      type: ['string', 'array'],
      items: { type: 'string' },
      minItems: 1,
      format: 'column',
    },
    name: {
      description: 'Column that `action: "mark"` adds.',
      type: 'string',
      minLength: 1,
      default: 'outlier',
      advanced: true,
    },
  },
  async infer(context): Promise<Inferred> {
    const table = context.inputs.table as TableSpec;
    if (!(await check(context, table))) return null;
    const { action, name } = context.params;
    const { columns } = table;
    const withColumn = (name: string, type: ColumnType) => columns && { ...columns, [name]: type };
    if (action === 'drop') {
      return { table: partOf(table, 0.99), removed: { ...partOf(table, 0.01), columns: withColumn('reason', 'text') } };
    }
    return { table: action === 'mark' ? { ...table, columns: withColumn(name, 'boolean') } : table };
  },
  cost: ({ outputs }) => tableCost(...Object.values(outputs).map((spec) => spec as TableSpec)),
  views: () => true,
  async run(context): Promise<Record<string, Artifact>> {
    const { params, files, tables, log } = context;
    const table = context.table('table');
    const found = params.rule === undefined ? await measured(context, table) : ruled(params.rule, table);
    const select = (columns: string, where = 'true') =>
      `SELECT rows.* EXCLUDE (dsk_row)${columns} FROM ${found.from} WHERE ${where}${found.order}`;
    const of = `of ${table.rows} rows`;
    // Limits of the whole table are known numbers: whether a row is an outlier is computed where it is read.
    const simple = params.rule === undefined && params.by === undefined;
    const make = (sql: string, rows: number, name: string) =>
      simple
        ? tables.view({ tables: found.tables, sql }, rows, context)
        : tables.query({ ...found, sql, empty: null }, files.join(name), context);
    const count = `SELECT count(*) FILTER (${found.outlier}) AS outliers FROM ${found.from}`;
    const [counted] = await tables.values({ ...found, sql: count }, context);
    const outliers = Number(counted?.outliers);
    if (params.action === 'drop') {
      if (outliers === table.rows && outliers > 0) {
        const at = params.rule === undefined ? 'threshold' : 'rule';
        throw new InputError({ code: 'data-empty', message: `each ${of} counts as an outlier`, at });
      }
      // In two queries that go through each row once, not by a sieve, which would write all of them besides.
      const rest = select(`, ${found.reason} AS reason`, found.outlier);
      const removed = await make(rest, outliers, 'removed.parquet');
      const kept = await make(select('', `NOT (${found.outlier})`), table.rows - outliers, 'table.parquet');
      log(`${outliers} ${of} were outliers and are dropped`);
      return { table: kept, removed };
    }
    const mark = params.action === 'mark';
    const sql = mark
      ? select(`, (${found.outlier}) AS ${identifier(params.name)}`)
      : `SELECT ${withColumns(table.columns, listed(params.columns), found.clipped)} FROM ${found.from}${found.order}`;
    const made = await make(sql, table.rows, 'table.parquet');
    log(`${outliers} ${of} ${mark ? 'are marked as outliers' : 'held outliers, which are clipped'}`);
    return { table: made };
  },
});

async function check(context: InferContext<Params>, table: TableSpec): Promise<boolean> {
  const { params, error, files } = context;
  const idle = (at: keyof Params, why: string) => {
    error({ code: 'param-idle', message: `\`${at}\` has no meaning ${why}`, at, note: 'remove it' });
    return false;
  };
  if (params.name !== 'outlier' && params.action !== 'mark') return idle('name', 'unless rows are marked');
  const taken = Object.keys(table.columns ?? {});
  if (params.action === 'mark' && !checkNewColumn(context, params.name, taken, 'name')) return false;
  if (params.action === 'drop' && !checkNewColumn(context, 'reason', taken, 'table')) return false;
  if (params.rule === undefined) {
    if (params.columns === undefined) {
      error({
        code: 'param-missing',
        message: 'no columns are named',
        at: 'columns',
        note: 'name columns of numbers, or give a `rule`',
      });
      return false;
    }
    return (
      checkColumns(context, table, listed(params.columns), 'columns', ['integer', 'number']) &&
      checkColumns(context, table, listed(params.by), 'by')
    );
  }
  if (params.columns !== undefined) return idle('columns', 'beside a rule, which names its own');
  if (params.method !== 'zscore') return idle('method', 'beside a rule');
  if (params.threshold !== undefined) return idle('threshold', 'beside a rule');
  if (params.by !== undefined) return idle('by', 'beside a rule, which looks at one row');
  if (params.action === 'clip') {
    error({
      code: 'param-idle',
      message: 'a rule gives no limits to clip to',
      at: 'action',
      note: 'drop or mark the rows',
    });
    return false;
  }
  const type = files && table.columns ? await files.expression(params.rule, table.columns, 'rule') : null;
  if (type === null || type === 'boolean') return true;
  error({
    code: 'expression-type',
    message: `the rule is of type ${type}, not true or false`,
    at: 'rule',
    note: 'compare it with something, as in `price < 0`',
  });
  return false;
}

/** How outliers are told apart in queries over `from`: `reason` is a text for them and null for others. */
interface Found extends Pick<Query, 'tables' | 'expressions'> {
  from: string;
  order: string;
  /** True for an outlier. */
  outlier: string;
  reason: string;
  /** Columns as they are clipped. */
  clipped: string[];
}

function ruled(rule: string, table: Table): Found {
  return {
    tables: { rows: table },
    expressions: [{ text: rule, at: 'rule', columns: table.columns, type: 'boolean' }],
    from: 'rows',
    order: '',
    outlier: `coalesce((\n${rule}\n), false)`,
    reason: `CASE WHEN (\n${rule}\n) THEN ${literal(`the rule holds: ${rule}`)} END`,
    clipped: [],
  };
}

/** Takes the statistics: of the whole table beforehand, of groups in the query itself. */
async function measured(context: RunContext<Params>, table: Table): Promise<Found> {
  const { params, tables } = context;
  const columns = listed(params.columns);
  const by = listed(params.by);
  const one = by.length === 0;
  const threshold = params.threshold ?? thresholds[params.method];
  const limits = limitsQuery(columns, by, params.method, threshold);
  const flat = columns.map((_, i) => `count(*) FILTER (dsk_low${i} IS NULL AND dsk_count${i} > 0) AS dsk_flat${i}`);
  const sql = one ? limits : `SELECT count(*) AS dsk_groups, ${flat.join(', ')} FROM (${limits})`;
  const [row = {}] = await tables.values({ tables: { rows: table }, sql }, context);
  tell(context, columns, row);
  const value = (name: string) => (one ? constant(row[name] as number | null) : `limits.${name}`);
  const tests = columns.map((column, i) => ({
    column,
    own: `rows.${identifier(column)}`,
    number: number(`rows.${identifier(column)}`),
    low: value(`dsk_low${i}`),
    high: value(`dsk_high${i}`),
    middle: value(`dsk_middle${i}`),
    spread: value(`dsk_spread${i}`),
  }));
  const groups = by.map((name) => `${literal(`${name} `)} || coalesce(rows.${identifier(name)}::VARCHAR, 'null')`);
  const place = one ? '' : ` || ' (' || ${groups.join(` || ', ' || `)} || ')'`;
  const reasons = tests.map((test) => {
    const what = `${literal(`${test.column} `)} || ${test.own}::VARCHAR${place} || ': ' || ${why(params.method, threshold, test)}`;
    return `CASE WHEN ${beyond(test)} THEN ${what} END`;
  });
  return {
    tables: { rows: table },
    from: one ? 'rows' : `rows LEFT JOIN (${limits}) AS limits ON ${sameGroup('rows', 'limits', by)}`,
    order: one ? '' : ' ORDER BY rows.dsk_row',
    outlier: tests.map((test) => `coalesce(${beyond(test)}, false)`).join(' OR '),
    reason: `nullif(concat_ws('; ', ${reasons.join(', ')}), '')`,
    clipped: tests.map((test) => {
      // Whole numbers stay whole, and inside.
      const whole = table.columns[test.column] === 'integer';
      const low = `cast_to_type(${whole ? `ceil(${test.low})` : test.low}, ${test.own})`;
      const high = `cast_to_type(${whole ? `floor(${test.high})` : test.high}, ${test.own})`;
      const value = `CASE WHEN ${test.number} < ${test.low} THEN ${low} WHEN ${test.number} > ${test.high} THEN ${high} ELSE ${test.own} END`;
      return `${value} AS ${identifier(test.column)}`;
    }),
  };
}

/** Says what the limits are, and which numbers have no spread. */
function tell(
  { params, log, warn }: RunContext<Params>,
  columns: readonly string[],
  row: Record<string, unknown>,
): void {
  const equal = params.method === 'zscore' ? 'all' : 'half of the';
  const limits: string[] = [];
  const flat: string[] = [];
  for (const [i, column] of columns.entries()) {
    const groups = Number(row[`dsk_flat${i}`] ?? 0);
    const low = row[`dsk_low${i}`];
    if (groups > 0) {
      const where = `in ${groups} of ${Number(row.dsk_groups)} groups`;
      flat.push(`${column}: ${equal} values are equal ${where}, where nothing counts as an outlier`);
    } else if (low === null && Number(row[`dsk_count${i}`]) > 0) {
      flat.push(`${column}: ${equal} values are equal, so that nothing counts as an outlier`);
    } else if (typeof low === 'number') {
      limits.push(`${column}: an outlier is below ${short(low)} or above ${short(row[`dsk_high${i}`] as number)}`);
    }
  }
  sayEach(limits, log);
  sayEach(flat, warn);
}
