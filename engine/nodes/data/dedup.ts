// Exact deduplication.
import { defineKind } from '../kind.ts';
import { checkColumns, partOf, tableCost } from '../table.ts';
import type { TableSpec } from '../values.ts';

interface Params {
  by?: string | string[];
}

const list = (by: Params['by']): string[] => (by === undefined ? [] : typeof by === 'string' ? [by] : by);

export default defineKind<Params>({
  kind: 'dedup',
  stage: 'data',
  group: 'clean',
  version: 1,
  doc: `Keeps the first of the rows that are equal in the named columns, or in all columns.

Equal means exactly equal: case and spaces count, and null equals null. The order of the rows stays. Repeated text makes a model learn it by heart and lets validation text leak into training, so this belongs before \`split\`.`,
  example: 'clean = dedup(book, by: "text")',
  inputs: { table: { type: 'table', doc: 'Rows to look through.' } },
  outputs: { table: 'table' },
  params: {
    by: {
      description: 'Column or columns that must be equal. Default: all.',
      type: ['string', 'array'],
      items: { type: 'string' },
      minItems: 1,
      format: 'column',
    },
  },
  lineage: () => ({ unique: true }),
  infer(context) {
    const table = context.inputs.table as TableSpec;
    if (!checkColumns(context, table, list(context.params.by), 'by')) return null;
    return { table: partOf(table, 1) };
  },
  cost: ({ outputs }) => tableCost(outputs.table as TableSpec),
  removes: ({ by }) => ({ repeats: list(by) }),
  async run({ params, artifact, tables, files, log }) {
    const table = artifact('table', 'table');
    const kept = await tables.dedup(table, list(params.by), files.join('table.parquet'));
    log(`${table.rows - kept.rows} of ${table.rows} rows were repetitions`);
    return { table: kept };
  },
});
