// Sets rows aside for validation and testing.
import { checkDeal, type Deal, dealOut, partSizes, seedParam } from '../deal.ts';
import { defineKind } from '../kind.ts';
import { partOf, rowCount, tableCost } from '../table.ts';
import type { TableSpec } from '../values.ts';

interface Params extends Deal {
  valid: number;
  test: number;
}

export default defineKind<Params>({
  kind: 'split',
  stage: 'data',
  group: 'rows',
  version: 1,
  doc: `Deals the rows into \`train\`, \`valid\` and \`test\`. A bare reference means \`train\`.

Rows are dealt out by a hash of their position and the seed, and each part keeps their order: the same table and seed always give the same parts. \`valid\` and \`test\` have exactly their share of the rows, rounded down, and at least one; \`train\` gets what is left. \`test\` exists only when its share is above 0. Remove repeated rows before (see \`dedup\`): a row in both parts makes the validation loss look better than it is.

With \`time\`, \`train\` gets the oldest rows, \`valid\` newer ones and \`test\` the newest, as when a model meets a future it has not seen. With \`group\`, all rows of one author, patient or conversation go to the same part, whose size is as near to its share as whole groups allow. With \`stratify\`, each part has its share of the rows of every class, so a rare one is not missing by chance.`,
  example: 'parts = split(long, valid: 5%)',
  inputs: { table: { type: 'table', doc: 'Rows to deal out.' } },
  outputs: { train: 'table', valid: 'table', test: 'table' },
  params: {
    valid: {
      description: 'Share of the rows for validation.',
      type: 'number',
      default: 0.05,
      exclusiveMinimum: 0,
      exclusiveMaximum: 1,
    },
    test: {
      description: 'Share of the rows for a final test.',
      type: 'number',
      default: 0,
      minimum: 0,
      exclusiveMaximum: 1,
    },
    time: {
      description: 'Column with a time or number: the newest rows are set aside instead of random ones.',
      type: 'string',
      minLength: 1,
      format: 'column',
    },
    group: {
      description: 'Column whose equal values stay in one part.',
      type: 'string',
      minLength: 1,
      format: 'column',
    },
    stratify: {
      description: 'Column with a class: each part gets its share of every class.',
      type: 'string',
      minLength: 1,
      format: 'column',
    },
    seed: seedParam('Another seed deals otherwise.'),
  },
  lineage: ({ group, time }) => ({ together: group !== undefined || time !== undefined }),
  infer(context) {
    const { params, inputs, error } = context;
    const table = inputs.table as TableSpec;
    const shares = { train: 1 - params.valid - params.test, valid: params.valid, test: params.test };
    if (shares.train <= 1e-9) {
      error({
        code: 'split-share',
        message: 'valid and test together leave no rows to train on',
        at: 'valid',
        note: 'their shares must add up to less than 100%',
      });
      return null;
    }
    const rows = rowCount(table);
    if (table.rows !== null && rows !== undefined && rows < (params.test > 0 ? 3 : 2)) {
      error({ code: 'data-few', message: `the table has ${rows} rows: too few to split`, at: 'table' });
      return null;
    }
    if (!checkDeal(context, table, params)) return null;
    const parts: Record<string, TableSpec> = {};
    for (const [part, share] of Object.entries(shares)) {
      if (share > 0) parts[part] = partOf(table, share);
    }
    return parts;
  },
  cost: ({ outputs }) => tableCost(...Object.values(outputs).map((spec) => spec as TableSpec)),
  async run(context) {
    const { params, artifact, tables, files } = context;
    const table = artifact('table', 'table');
    const names = params.test > 0 ? ['train', 'valid', 'test'] : ['train', 'valid'];
    const shares = [1 - params.valid - params.test, params.valid, params.test].slice(0, names.length);
    const outs = names.map((name) => files.join(`${name}.parquet`));
    const parts = await dealOut(table, partSizes(table.rows, shares), params, outs, tables, context);
    return Object.fromEntries(parts.map((part, i) => [names[i], part]));
  },
});
