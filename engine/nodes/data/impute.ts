// Missing values filled: by a statistic of the column, from the rows before and behind, or predicted from other columns.
import { seedParam } from '../deal.ts';
import {
  computed,
  featuresOf,
  fill,
  type Method,
  missing,
  models,
  numbers,
  type Params,
  series,
  statistics,
} from '../imputing.ts';
import { defineKind, type InferContext } from '../kind.ts';
import { MOST_FEATURES } from '../ridge.ts';
import { sayEach } from '../statistics.ts';
import { checkColumns, listed, tableCost } from '../table.ts';
import type { ColumnType, TableSpec } from '../values.ts';

const plain: readonly ColumnType[] = ['text', 'integer', 'number', 'boolean', 'time'];

/** Which methods a parameter or input belongs to, and what it is where nothing is said. */
const belongs: [keyof Params, readonly Method[], unknown][] = [
  ['value', ['constant'], undefined],
  ['by', [...statistics, ...series], undefined],
  ['order', series, undefined],
  ['from', models, undefined],
  ['k', ['knn'], 5],
  ['weights', ['knn'], 'uniform'],
  ['scale', ['knn'], true],
  ['fit_rows', ['knn'], 10_000],
  ['alpha', ['ridge'], 1],
  ['seed', ['knn'], 0],
];

export default defineKind<Params>({
  kind: 'impute',
  stage: 'data',
  group: 'clean',
  version: 1,
  doc: `Fills missing values: null, and NaN among numbers. All other values and the order of the rows stay.

By a statistic of the column, in each group of rows where \`by\` is given: \`mean\`, \`median\`, \`mode\` (the most frequent value; of several the smallest). \`constant\`: a given \`value\`. From the neighbouring rows, sorted by \`order\`, in each group: \`forward\` (the last value before), \`backward\` (the next one behind), \`linear\` (on the line between both; over time where \`order\` is a column of times; before the first and behind the last value nothing is filled). A group without any value stays empty, and a warning says how many rows do.

Predicted from the other columns of numbers, or from those named in \`from\`: \`knn\` takes the mean of the \`k\` nearest rows that have a value, by the distance of scikit-learn's KNNImputer (\`nan_euclidean\`: columns missing in one of two rows are left out and made up for); it looks at the filled columns too, first brings all columns to the same spread unless \`scale: false\`, and knows at most \`fit_rows\` rows, drawn by \`seed\`. \`ridge\` fits a linear model (Hoerl and Kennard 1970; scikit-learn's StandardScaler and Ridge) to the rows that have a value in the column and in all of \`from\`; where a feature is missing in a row to be filled, its mean stands in.

\`fit\` takes statistics and models from another table: \`impute(parts.valid, fit: parts.train, ...)\` fills the validation rows with what was learned on the training rows. Filling before \`split\` lets one know of the other.

Text, times and true/false are filled by \`mode\`, \`constant\`, \`forward\` and \`backward\`. The other methods make numbers of whole numbers, as a mean seldom is one.`,
  example:
    'weather = load("npm:vega-datasets/data/weather.csv")\nwhole = impute(weather, columns: "wind", method: "median", by: "location")',
  inputs: {
    table: { type: 'table', doc: 'Rows to fill.' },
    fit: { type: 'table', doc: 'Rows to learn statistics and models from. Default: those to fill.', optional: true },
  },
  outputs: { table: 'table' },
  required: ['columns'],
  params: {
    columns: {
      description: 'Column or columns to fill.',
      type: ['string', 'array'],
      items: { type: 'string' },
      minItems: 1,
      format: 'column',
    },
    method: {
      description: 'Where values come from.',
      enum: ['mean', 'median', 'mode', 'constant', 'forward', 'backward', 'linear', 'knn', 'ridge'],
      default: 'median',
    },
    value: { description: 'What `constant` fills in.', type: ['string', 'number', 'boolean'] },
    by: {
      description: 'Column or columns: rows that are equal in them form a group of their own.',
      type: ['string', 'array'],
      items: { type: 'string' },
      minItems: 1,
      format: 'column',
    },
    order: {
      description:
        'Column that sorts the rows for forward, backward and linear; rows without a value in it take no part. Default: as they stand.',
      type: 'string',
      minLength: 1,
      format: 'column',
    },
    from: {
      description: 'Columns of numbers to predict from. Default: all others.',
      type: ['string', 'array'],
      items: { type: 'string' },
      minItems: 1,
      format: 'column',
    },
    k: { description: 'How many nearest rows.', type: 'integer', default: 5, minimum: 1, maximum: 1000, unit: 'rows' },
    weights: {
      description: 'Whether nearest rows count alike, or by the inverse of their distance.',
      enum: ['uniform', 'distance'],
      default: 'uniform',
      advanced: true,
    },
    scale: {
      description: 'Whether columns are brought to the same spread before distances are taken.',
      type: 'boolean',
      default: true,
      advanced: true,
    },
    fit_rows: {
      description:
        'How many rows are looked through for the nearest, at most: each row to be filled is compared with them.',
      type: 'integer',
      default: 10_000,
      minimum: 2,
      maximum: 1_000_000,
      unit: 'rows',
      advanced: true,
    },
    alpha: {
      description: 'How strongly large weights are punished in ridge regression.',
      type: 'number',
      default: 1,
      exclusiveMinimum: 0,
      advanced: true,
    },
    seed: seedParam('Another seed draws other `fit_rows`.'),
  },
  infer(context) {
    const table = context.inputs.table as TableSpec;
    if (!check(context, table, context.inputs.fit as TableSpec | undefined)) return null;
    if (!table.columns || !computed.includes(context.params.method)) return { table };
    const columns = { ...table.columns };
    for (const name of listed(context.params.columns)) columns[name] = 'number';
    return { table: { ...table, columns } };
  },
  cost: ({ outputs }) => tableCost(outputs.table as TableSpec),
  views: ({ method }) => method !== 'knn',
  async run(context) {
    const { params, inputs, warn, log } = context;
    const table = context.table('table');
    const fit = inputs.fit ? context.table('fit') : table;
    const columns = listed(params.columns);
    const before = await missing(context, table);
    const { filled, words, whole } = await fill(context, table, fit);
    const left = whole ? columns.map(() => 0) : await missing(context, filled);
    const count = (i: number) => ({ had: before[i] as number, has: left[i] as number });
    const lines = columns.map((column, i) => {
      const { had, has } = count(i);
      if (had === 0) return `${column}: no value is missing`;
      return `${column}: ${had - has} of ${table.rows} values filled with ${words(i)}`;
    });
    sayEach(lines, log);
    const gaps = columns.flatMap((column, i) => {
      const { has } = count(i);
      return has === 0 ? [] : [`${column}: ${has} values are still missing, as nothing tells them`];
    });
    sayEach(gaps, warn);
    return { table: filled };
  },
});

function check(context: InferContext<Params>, table: TableSpec, fit: TableSpec | undefined): boolean {
  const { params, error } = context;
  const { method } = params;
  const idle = (at: string, methods: readonly Method[]) => {
    const message = `\`${at}\` has no meaning for the method ${method}`;
    error({ code: 'param-idle', message, at, note: `it belongs to ${methods.join(', ')}; remove it` });
    return false;
  };
  for (const [name, methods, usual] of belongs) {
    if (!methods.includes(method) && params[name] !== undefined && params[name] !== usual) return idle(name, methods);
  }
  if (fit && ![...statistics, ...models].includes(method)) return idle('fit', [...statistics, ...models]);
  const columns = listed(params.columns);
  const types = computed.includes(method) ? numbers : method === 'forward' || method === 'backward' ? undefined : plain;
  if (!checkColumns(context, table, columns, 'columns', types)) return false;
  if (!checkColumns(context, table, listed(params.by), 'by')) return false;
  if (!checkOrder(context, table)) return false;
  if (method === 'constant' && !checkValue(context, table)) return false;
  return checkFeatures(context, table) && (!fit || checkFit(context, table, fit));
}

function checkOrder(context: InferContext<Params>, table: TableSpec): boolean {
  const { order, method } = context.params;
  if (order === undefined) return true;
  if (!checkColumns(context, table, [order], 'order', method === 'linear' ? [...numbers, 'time'] : plain)) return false;
  if (!listed(context.params.columns).includes(order)) return true;
  context.error({ code: 'param-idle', message: `\`${order}\` cannot be filled along itself`, at: 'order' });
  return false;
}

/** The value fits the columns: a text a column of text or times, a number one of numbers. */
function checkValue({ params, error }: InferContext<Params>, table: TableSpec): boolean {
  const { value } = params;
  if (value === undefined) {
    error({ code: 'param-missing', message: 'no value is given to fill in', at: 'value', note: 'as in value: 0' });
    return false;
  }
  const fitting: readonly ColumnType[] =
    typeof value === 'string'
      ? ['text', 'time']
      : typeof value === 'boolean'
        ? ['boolean']
        : Number.isInteger(value)
          ? numbers
          : ['number'];
  for (const column of listed(params.columns)) {
    const type = table.columns?.[column];
    if (type === undefined || fitting.includes(type)) continue;
    const message = `column \`${column}\` holds ${type}, and ${JSON.stringify(value)} is none`;
    error({
      code: 'column-type',
      message,
      at: 'value',
      note: `a value for it is ${type === 'text' ? 'a text' : type}`,
    });
    return false;
  }
  return true;
}

function checkFeatures(context: InferContext<Params>, table: TableSpec): boolean {
  const { params, error } = context;
  if (!models.includes(params.method) || !table.columns) return true;
  if (!checkColumns(context, table, listed(params.from), 'from', numbers)) return false;
  const features = featuresOf(params, table.columns);
  for (const column of listed(params.columns)) {
    const others = features.filter((name) => name !== column);
    if (others.length === 0) {
      const message = `there is no other column of numbers to predict \`${column}\` from`;
      error({ code: 'data-few', message, at: params.from === undefined ? 'columns' : 'from' });
      return false;
    }
    if (params.method === 'ridge' && others.length > MOST_FEATURES) {
      const message = `${others.length} columns are more than the ${MOST_FEATURES} that one model may have`;
      error({
        code: 'param-range',
        message,
        at: params.from === undefined ? 'columns' : 'from',
        note: 'name fewer in `from`',
      });
      return false;
    }
  }
  return true;
}

/** The table to learn from has the same columns, as far as they are used. */
function checkFit(context: InferContext<Params>, table: TableSpec, fit: TableSpec): boolean {
  if (!table.columns || !fit.columns) return true;
  const { params } = context;
  const used = [
    ...listed(params.columns),
    ...listed(params.by),
    ...(models.includes(params.method) ? featuresOf(params, table.columns) : []),
  ];
  return used.every((name) => {
    const type = table.columns?.[name] as ColumnType;
    return checkColumns(context, fit, [name], 'fit', numbers.includes(type) ? numbers : type);
  });
}
