// Computes a column from the others.
import { defineKind, type InferContext } from '../kind.ts';
import { identifier } from '../sql.ts';
import { checkNewColumn, tableCost } from '../table.ts';
import type { ColumnType, TableSpec } from '../values.ts';

type Made = 'text' | 'integer' | 'number' | 'boolean' | 'time';

interface Params {
  name: string;
  value: string;
  type?: Made;
}

const casts: Record<Made, string> = {
  text: 'VARCHAR',
  integer: 'BIGINT',
  number: 'DOUBLE',
  boolean: 'BOOLEAN',
  time: 'TIMESTAMP',
};

export default defineKind<Params>({
  kind: 'derive',
  stage: 'data',
  group: 'rows',
  version: 1,
  doc: `Computes a column from the others: a new one, which comes last, or one in the place of a column of that name.

The value is a DuckDB expression over the row's columns: \`length(text)\`, \`price * 1.19\`, \`lower(label)\`, \`CASE WHEN score > 0.5 THEN 'good' ELSE 'bad' END\`, \`question || ' ' || answer\`. It sees one row and nothing else: files, queries, settings, clocks and random numbers are refused, so the same data always gives the same rows. A value that cannot be converted is an error that names it; \`try_cast(x AS DOUBLE)\` gives null instead.`,
  example: 'sized = derive(clean, name: "characters", value: "length(text)")',
  inputs: { table: { type: 'table', doc: 'Rows to compute from.' } },
  outputs: { table: 'table' },
  required: ['name', 'value'],
  params: {
    name: { description: 'Column to make, or to replace.', type: 'string', minLength: 1 },
    value: { description: 'Expression over the columns of a row.', type: 'string', minLength: 1, format: 'expression' },
    type: {
      description: 'What the value is converted to. Needed only where the expression does not say its type.',
      enum: ['text', 'integer', 'number', 'boolean', 'time'],
    },
  },
  async infer(context) {
    const { params, inputs } = context;
    const table = inputs.table as TableSpec;
    const { columns } = table;
    if (!checkNewColumn(context, params.name, othersOf(columns ?? {}, params.name), 'name')) return null;
    if (!columns) return { table: { ...table, columns: null } };
    const type = await typeOf(context, columns);
    if (type === 'unknown') return null;
    return { table: { ...table, columns: type && { ...columns, [params.name]: type } } };
  },
  cost: ({ outputs }) => tableCost(outputs.table as TableSpec),
  views: () => true,
  async run(context) {
    const { params, tables, files } = context;
    const table = context.table('table');
    const { name, value, type } = params;
    const made = `${type ? `((\n${value}\n)::${casts[type]})` : `(\n${value}\n)`} AS ${identifier(name)}`;
    const replaced = Object.hasOwn(table.columns, name);
    const columns = replaced ? `* EXCLUDE dsk_row REPLACE (${made})` : `* EXCLUDE dsk_row, ${made}`;
    const query = {
      tables: { rows: table },
      sql: `SELECT ${columns} FROM rows`,
      expressions: [{ text: value, at: 'value', columns: table.columns }],
    };
    return { table: await tables.query(query, files.join('table.parquet'), context) };
  },
});

const othersOf = (columns: Record<string, ColumnType>, name: string) =>
  Object.keys(columns).filter((column) => column !== name);

/** The new column's type; null where only files would tell, and 'unknown' where it has to be given (reported). */
async function typeOf(
  { params, files, error }: InferContext<Params>,
  columns: Record<string, ColumnType>,
): Promise<ColumnType | null | 'unknown'> {
  const found = files ? await files.expression(params.value, columns, 'value') : null;
  if (params.type !== undefined) return params.type;
  if (found !== null || files === null) return found;
  error({
    code: 'expression-type',
    message: 'the type of this value cannot be told before the run',
    at: 'value',
    note: 'say what it is, as in type: "number"',
  });
  return 'unknown';
}
