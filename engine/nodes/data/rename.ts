// Gives columns other names.
import { defineKind, type InferContext } from '../kind.ts';
import { type Pair, pairOf, readPairs } from '../pairs.ts';
import { identifier } from '../sql.ts';
import { checkColumns, checkNewColumn, tableCost } from '../table.ts';
import type { ColumnType, TableSpec } from '../values.ts';

interface Params {
  columns: string | string[];
}

export default defineKind<Params>({
  kind: 'rename',
  stage: 'data',
  group: 'rows',
  version: 1,
  doc: `Gives columns other names: \`columns: ["body: text", "lbl: label"]\`, the name there is and, behind a colon, the new one.

Rows, their order and the places of the columns stay. Two columns may swap their names. Most kinds that read text take the column \`text\` unless told otherwise, so a table from elsewhere is often renamed once and then fits everywhere.`,
  example: 'named = rename(clean, columns: ["file: source"])',
  inputs: { table: { type: 'table', doc: 'Rows whose columns get other names.' } },
  outputs: { table: 'table' },
  required: ['columns'],
  params: {
    columns: {
      description: 'Pairs of an old and a new name, as in "old: new".',
      type: ['string', 'array'],
      items: { type: 'string' },
      minItems: 1,
    },
  },
  infer(context) {
    const { params, inputs } = context;
    const table = inputs.table as TableSpec;
    const known = table.columns && Object.keys(table.columns);
    const pairs = readPairs(context, [params.columns].flat(), known, 'columns', 'old: new');
    if (!pairs || !checkPairs(context, table, pairs)) return null;
    return { table: { ...table, columns: table.columns && renamed(table.columns, pairs) } };
  },
  cost: ({ outputs }) => tableCost(outputs.table as TableSpec),
  views: () => true,
  async run(context) {
    const { params, tables } = context;
    const table = context.table('table');
    const known = Object.keys(table.columns);
    const pairs = [params.columns].flat().map((text) => pairOf(text, known) as Pair);
    const names = new Map(pairs.map(({ left, right }) => [left, right]));
    const columns = known.map((name) => `${identifier(name)} AS ${identifier(names.get(name) ?? name)}`);
    const sql = `SELECT ${columns.join(', ')} FROM whole`;
    return { table: await tables.view({ tables: { whole: table }, sql }, table.rows, context) };
  },
});

function checkPairs(context: InferContext<Params>, table: TableSpec, pairs: readonly Pair[]): boolean {
  const olds = pairs.map(({ left }) => left);
  if (!checkColumns(context, table, olds, 'columns')) return false;
  const twice = olds.find((name, i) => olds.indexOf(name) !== i);
  if (twice !== undefined) {
    const message = `column \`${twice}\` gets two names`;
    context.error({ code: 'column-name', message, at: 'columns', note: 'rename it once' });
    return false;
  }
  const taken = table.columns ? Object.keys(table.columns).filter((name) => !olds.includes(name)) : [];
  for (const { right } of pairs) {
    if (!checkNewColumn(context, right, taken, 'columns')) return false;
    taken.push(right);
  }
  return true;
}

function renamed(columns: Record<string, ColumnType>, pairs: readonly Pair[]): Record<string, ColumnType> {
  const names = new Map(pairs.map(({ left, right }) => [left, right]));
  return Object.fromEntries(Object.entries(columns).map(([name, type]) => [names.get(name) ?? name, type]));
}
