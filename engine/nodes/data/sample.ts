// Keeps some rows, drawn at random.
import { checkDeal, type Deal, dealOut, seedParam } from '../deal.ts';
import { defineKind } from '../kind.ts';
import { partOf, rowCount, tableCost } from '../table.ts';
import type { TableSpec } from '../values.ts';

interface Params extends Omit<Deal, 'time'> {
  rows?: number;
  share?: number;
}

export default defineKind<Params>({
  kind: 'sample',
  stage: 'data',
  group: 'rows',
  version: 1,
  doc: `Keeps some of the rows, drawn at random without repetition: a number of them, or a share.

Rows are drawn by a hash of their position and the seed, and keep their order: the same table and seed always give the same rows. With \`group\`, whole groups are drawn, until there are about as many rows as asked for; with \`stratify\`, each class is drawn from in proportion. Handy for trying a graph on a hundredth of the data before it runs on all.`,
  example: 'few = sample(clean, rows: 100)',
  inputs: { table: { type: 'table', doc: 'Rows to draw from.' } },
  outputs: { table: 'table' },
  params: {
    rows: {
      description: 'How many rows to keep. Not with `share`. A table that has no more is kept whole.',
      type: 'integer',
      minimum: 1,
      maximum: Number.MAX_SAFE_INTEGER,
      unit: 'rows',
    },
    share: {
      description: 'Share of the rows to keep, rounded down and at least one. Not with `rows`.',
      type: 'number',
      exclusiveMinimum: 0,
      exclusiveMaximum: 1,
    },
    group: {
      description: 'Column whose equal values are drawn together.',
      type: 'string',
      minLength: 1,
      format: 'column',
    },
    stratify: {
      description: 'Column with a class: rows of every class are drawn in proportion.',
      type: 'string',
      minLength: 1,
      format: 'column',
    },
    seed: seedParam('Another seed draws other rows.'),
  },
  lineage: () => ({ part: true }),
  infer(context) {
    const { params, inputs, error } = context;
    const table = inputs.table as TableSpec;
    if (params.rows !== undefined && params.share !== undefined) {
      const note = 'give the number of rows, or their share';
      error({ code: 'param-idle', message: '`share` has no meaning beside `rows`', at: 'share', note });
      return null;
    }
    if (params.rows === undefined && params.share === undefined) {
      const note = 'as in rows: 1000, or share: 10%';
      error({ code: 'param-missing', message: '`sample` needs `rows` or `share`', at: null, note });
      return null;
    }
    if (!checkDeal(context, table, params)) return null;
    const rows = rowCount(table);
    return { table: partOf(table, params.share ?? (rows ? Math.min(1, (params.rows as number) / rows) : 1)) };
  },
  cost: ({ outputs }) => tableCost(outputs.table as TableSpec),
  async run(context) {
    const { params, artifact, tables, files, log } = context;
    const table = artifact('table', 'table');
    const wanted = params.rows ?? Math.max(1, Math.floor(table.rows * (params.share as number) + 1e-9));
    const out = files.join('table.parquet');
    if (wanted >= table.rows) {
      log(`all ${table.rows} rows kept`);
      const sql = 'SELECT * EXCLUDE dsk_row FROM whole';
      return { table: await tables.query({ tables: { whole: table }, sql }, out, context) };
    }
    // The first part gets what stratified rounding leaves over, so the sample is the second.
    const [sample] = await dealOut(table, [table.rows - wanted, wanted], params, [null, out], tables, context);
    return { table: sample as NonNullable<typeof sample> };
  },
});
