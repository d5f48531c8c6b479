// Keeps the rows that meet a condition.
import { defineKind } from '../kind.ts';
import { partOf, tableCost } from '../table.ts';
import type { TableSpec } from '../values.ts';

interface Params {
  where: string;
}

export default defineKind<Params>({
  kind: 'filter',
  stage: 'data',
  group: 'rows',
  version: 1,
  doc: `Keeps the rows for which a condition is true. The order of the rows stays.

The condition is a DuckDB expression over the row's columns: \`length(text) > 200\`, \`lang = 'en' AND score >= 0.5\`, \`NOT contains(text, 'lorem')\`, \`regexp_matches(text, '[.!?]$')\`. Text values stand in single quotes; a column name with spaces in double ones. A condition that is null does not keep the row. It sees one row and nothing else: files, queries, settings, clocks and random numbers are refused, so the same data always gives the same rows.`,
  example: 'long = filter(clean, where: "length(text) > 200")',
  inputs: { table: { type: 'table', doc: 'Rows to choose from.' } },
  outputs: { table: 'table' },
  required: ['where'],
  params: {
    where: { description: 'Condition on the columns of a row.', type: 'string', minLength: 1, format: 'expression' },
  },
  async infer({ params, inputs, files, error }) {
    const table = inputs.table as TableSpec;
    const type = files && table.columns ? await files.expression(params.where, table.columns) : null;
    if (type !== null && type !== 'boolean') {
      error({
        code: 'expression-type',
        message: `the condition is of type ${type}, not true or false`,
        at: 'where',
        note: 'compare it with something, as in `length(text) > 200`',
      });
      return null;
    }
    return { table: partOf(table, 1) };
  },
  cost: ({ outputs }) => tableCost(outputs.table as TableSpec),
  removes: ({ where }) => ({ unless: where }),
  views: () => true,
  async run({ params, table: input, tables, files, log }) {
    const table = input('table');
    const kept = await tables.filter(table, params.where, files.join('table.parquet'));
    log(`${kept.rows} of ${table.rows} rows kept`);
    return { table: kept };
  },
});
