// Puts tables one below the other.

import { aligned, connected, mostTables, shared, sumOf, tableInputs, tablePorts, together } from '../inputs.ts';
import { defineKind } from '../kind.ts';
import { carried, tableCost } from '../table.ts';
import type { TableSpec } from '../values.ts';

interface Params {
  missing: 'error' | 'null';
}

export default defineKind<Params>({
  kind: 'concat',
  stage: 'data',
  group: 'rows',
  version: 1,
  doc: `Puts two or more tables one below the other: \`concat(a, b, c)\`, up to ${mostTables} of them.

Columns are brought together by name, whatever their order; they come in the order in which they first appear. A column that a table lacks is an error, or null in its rows with \`missing: "null"\`. Whole numbers and numbers become numbers; other types have to be the same. The rows keep their order, those of the first table before those of the second. Rows that are in several tables stay as often as they are there (see \`dedup\`).`,
  example: 'all = concat(book, more)\nmore = filter(book, where: "length(text) > 200")',
  inputs: tableInputs('Rows that come behind those of the inputs before.'),
  outputs: { table: 'table' },
  positional: [...tablePorts],
  params: {
    missing: {
      description: 'What happens where a table lacks a column that another one has.',
      enum: ['error', 'null'],
      default: 'error',
    },
  },
  lineage: () => ({ from: tablePorts }),
  infer(context) {
    const ports = connected(context.inputs);
    const specs = ports.map((port) => context.inputs[port] as TableSpec);
    const columns = together(context, ports, specs, context.params.missing === 'null');
    return columns === 'wrong' ? null : { table: { ...carried(...specs), ...sumOf(specs), columns } };
  },
  cost: ({ outputs }) => tableCost(outputs.table as TableSpec),
  async run(context) {
    const { artifact, sources, tables, files } = context;
    const ports = connected(sources);
    const parts = ports.map((port) => artifact(port, 'table'));
    const names = shared(ports.map((port, i) => ({ port, columns: parts[i]?.columns ?? {} }))).map(({ name }) => name);
    const selects = ports.map((port, i) => aligned(port, Object.keys(parts[i]?.columns ?? {}), names));
    const query = {
      tables: Object.fromEntries(ports.map((port, i) => [port, parts[i] as (typeof parts)[number]])),
      // UNION ALL keeps the order of the rows.
      sql: selects.join(' UNION ALL '),
    };
    return { table: await tables.query(query, files.join('table.parquet'), context) };
  },
});
