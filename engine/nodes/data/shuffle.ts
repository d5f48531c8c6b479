// Brings the rows into a random order.

import { randomOrder, seedParam } from '../deal.ts';
import { defineKind } from '../kind.ts';
import { tableCost } from '../table.ts';
import type { TableSpec } from '../values.ts';

interface Params {
  seed: number;
}

export default defineKind<Params>({
  kind: 'shuffle',
  stage: 'data',
  group: 'rows',
  version: 1,
  doc: `Brings the rows into a random order: by a hash of their position and the seed, so the same table and seed always give the same order.

Tables larger than memory are sorted on disk. Training draws its windows at random itself; shuffling matters where documents are packed one after another, or where a table is sorted (all spam last) and only its first rows are read.`,
  example: 'mixed = shuffle(clean, seed: 3)',
  inputs: { table: { type: 'table', doc: 'Rows to shuffle.' } },
  outputs: { table: 'table' },
  params: { seed: seedParam('Another seed gives another order.') },
  infer: ({ inputs }) => ({ table: inputs.table as TableSpec }),
  cost: ({ outputs }) => tableCost(outputs.table as TableSpec),
  async run(context) {
    const { params, artifact, tables, files } = context;
    const sql = `SELECT * EXCLUDE dsk_row FROM whole ORDER BY ${randomOrder(params.seed)}, dsk_row`;
    const query = { tables: { whole: artifact('table', 'table') }, sql };
    return { table: await tables.query(query, files.join('table.parquet'), context) };
  },
});
