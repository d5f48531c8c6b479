// Keeps some of the columns.
import { defineKind } from '../kind.ts';
import { identifier } from '../sql.ts';
import { carried, checkColumns, listed, rowCount, tableCost } from '../table.ts';
import type { ColumnType, TableSpec } from '../values.ts';

interface Params {
  columns?: string | string[];
  except?: string | string[];
}

export default defineKind<Params>({
  kind: 'select',
  stage: 'data',
  group: 'rows',
  version: 1,
  doc: `Keeps the named columns, in the order they are named, or all except some.

Rows and their order stay. Other columns are not read any more by what follows, which saves time and disk where they hold long texts.`,
  example: 'slim = select(clean, columns: ["text"])',
  inputs: { table: { type: 'table', doc: 'Rows whose columns are chosen.' } },
  outputs: { table: 'table' },
  params: {
    columns: {
      description: 'Column or columns to keep, in this order. Not with `except`.',
      type: ['string', 'array'],
      items: { type: 'string' },
      minItems: 1,
      format: 'column',
    },
    except: {
      description: 'Column or columns to leave out; the others stay in their order. Not with `columns`.',
      type: ['string', 'array'],
      items: { type: 'string' },
      minItems: 1,
      format: 'column',
    },
  },
  infer(context) {
    const { params, inputs, error } = context;
    const table = inputs.table as TableSpec;
    if (params.columns !== undefined && params.except !== undefined) {
      const note = '`columns` names what stays, `except` what goes: give one of them';
      error({ code: 'param-idle', message: '`except` has no meaning beside `columns`', at: 'except', note });
      return null;
    }
    const at = params.columns !== undefined ? 'columns' : 'except';
    const named = listed(params[at]);
    if (named.length === 0) {
      const note = 'as in columns: ["text", "label"], or except: ["id"]';
      error({ code: 'param-missing', message: '`select` needs `columns` or `except`', at: null, note });
      return null;
    }
    const twice = named.find((name, i) => named.indexOf(name) !== i);
    if (twice !== undefined) {
      error({ code: 'column-name', message: `column \`${twice}\` is named twice`, at, note: 'name it once' });
      return null;
    }
    if (!checkColumns(context, table, named, at)) return null;
    const { columns } = table;
    const kept = columns && chosen(Object.keys(columns), params);
    if (columns && kept?.length === 0) {
      error({ code: 'data-empty', message: 'no column would be left', at, note: 'leave out fewer of them' });
      return null;
    }
    return { table: { ...thinner(table, kept), columns: columns && kept && pick(columns, kept) } };
  },
  cost: ({ outputs }) => tableCost(outputs.table as TableSpec),
  views: () => true,
  async run(context) {
    const { params, tables } = context;
    const table = context.table('table');
    const columns = chosen(Object.keys(table.columns), params).map(identifier).join(', ');
    const sql = `SELECT ${columns} FROM whole`;
    return { table: await tables.view({ tables: { whole: table }, sql }, table.rows, context) };
  },
});

function chosen(all: readonly string[], { columns, except }: Params): string[] {
  if (columns !== undefined) return listed(columns);
  const gone = new Set(listed(except));
  return all.filter((name) => !gone.has(name));
}

function pick(columns: Record<string, ColumnType>, names: readonly string[]): Record<string, ColumnType> {
  return Object.fromEntries(names.map((name) => [name, columns[name] as ColumnType]));
}

/** The same rows, with fewer bytes: columns count alike, as long as nothing better is known. */
function thinner(table: TableSpec, kept: readonly string[] | null): Omit<TableSpec, 'columns'> {
  const rows = rowCount(table);
  const share = kept && table.columns ? kept.length / Object.keys(table.columns).length : 1;
  return {
    ...carried(table),
    rows: table.rows,
    ...(rows === undefined ? {} : { rowsEstimate: rows }),
    ...(table.bytesEstimate === undefined ? {} : { bytesEstimate: Math.round(table.bytesEstimate * share) }),
  };
}
