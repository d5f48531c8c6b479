// What the kinds that work on tables have in common: checking that columns exist, and the costs of a table.
import { closest } from '../../grammar/diagnostic.ts';
import type { InferContext, Param } from './kind.ts';
import type { ColumnType, TableSpec } from './values.ts';

/**
 * Reports columns that a table lacks, that hold another type than wanted (one of several), or that are named twice, at parameter
 * `at`. True when all is well or the columns are not known yet.
 */
export function checkColumns<P>(
  context: Pick<InferContext<P>, 'error'>,
  table: TableSpec,
  wanted: readonly string[],
  at: string,
  type?: ColumnType | readonly ColumnType[],
): boolean {
  const { columns } = table;
  if (!columns) return true;
  const known = Object.keys(columns);
  const types = type === undefined || typeof type !== 'string' ? type : [type];
  let fine = true;
  const seen = new Set<string>();
  for (const column of wanted) {
    const before = seen.size;
    if (seen.add(column).size === before) {
      context.error({ code: 'param-idle', message: `column \`${column}\` is named twice`, at, note: 'name it once' });
      fine = false;
    } else if (!Object.hasOwn(columns, column)) {
      const near = closest(column, known);
      context.error({
        code: 'column-unknown',
        message: `there is no column \`${column}\``,
        at,
        note: near ? `did you mean \`${near}\`?` : `columns: ${columnList(known)}`,
        ...(near && wanted.length === 1 ? { suggest: { value: near, title: `use ${near}` } } : {}),
      });
      fine = false;
    } else if (types && !types.includes(columns[column] as ColumnType)) {
      const fitting = known.filter((name) => types.includes(columns[name] as ColumnType));
      const wantedType = types.join(' or ');
      context.error({
        code: 'column-type',
        message: `column \`${column}\` holds ${columns[column]}, not ${wantedType}`,
        at,
        note:
          fitting.length > 0
            ? `columns of type ${wantedType}: ${fitting.join(', ')}`
            : `the table has no column of type ${wantedType}`,
      });
      fine = false;
    }
  }
  return fine;
}

/** Names of columns for a message: of very many the first. */
export function columnList(names: readonly string[], most = 20): string {
  const more = names.length - most;
  return more > 0 ? `${names.slice(0, most).join(', ')}, and ${more} more` : names.join(', ');
}

/**
 * Reports a name that a new column cannot have, at parameter `at`: one that is reserved, or taken by a column of `others` (DuckDB does
 * not tell upper from lower case in names). True when all is well.
 */
export function checkNewColumn<P>(
  { error }: Pick<InferContext<P>, 'error'>,
  name: string,
  others: readonly string[],
  at: string,
): boolean {
  if (/^dsk_/i.test(name)) {
    error({ code: 'column-name', message: `the name \`${name}\` is reserved`, at, note: 'do not begin it with dsk_' });
    return false;
  }
  const taken = others.find((other) => other.toLowerCase() === name.toLowerCase());
  if (taken === undefined) return true;
  const note = taken === name ? 'choose another name' : 'names that differ only in case count as the same';
  error({ code: 'column-name', message: `there is a column \`${taken}\` already`, at, note });
  return false;
}

/** What a parameter that takes one name or several names, in its order; none where it is not given. */
export function listed(names: string | string[] | undefined): string[] {
  return names === undefined ? [] : [names].flat();
}

/** A parameter that takes one column or several. */
export function columnsParam(description: string): Param {
  return { description, type: ['string', 'array'], items: { type: 'string' }, minItems: 1, format: 'column' };
}

/** Rows a table has or is guessed to have. */
export function rowCount(table: TableSpec): number | undefined {
  return table.rows ?? table.rowsEstimate;
}

/** Rows, and bytes on disk: Parquet with zstd takes about half of what text does. */
export function tableCost(...tables: TableSpec[]): { rows?: number; disk?: number } {
  const rows = tables.map(rowCount);
  const bytes = tables.map((table) => table.bytesEstimate);
  const sum = (numbers: (number | undefined)[]) => numbers.reduce<number>((total, n) => total + (n ?? 0), 0);
  return {
    ...(rows.includes(undefined) ? {} : { rows: sum(rows) }),
    ...(bytes.includes(undefined) ? {} : { disk: Math.round(sum(bytes) / 2) }),
  };
}

/** What the text of tables that become one was written by, where it is the same in all. */
export function carried(...tables: readonly TableSpec[]): Pick<TableSpec, 'chat'> {
  const [first, ...others] = tables.map((table) => table.chat);
  const same = others.every((chat) => JSON.stringify(chat) === JSON.stringify(first));
  return first !== undefined && same ? { chat: first } : {};
}

/** A spec for an unknown part of a table's rows: as many as `fraction` of them, in the plan's estimates. */
export function partOf(table: TableSpec, fraction: number): TableSpec {
  const rows = rowCount(table);
  const bytes = table.bytesEstimate;
  return {
    columns: table.columns,
    ...(table.windows ? { windows: table.windows } : {}),
    ...carried(table),
    rows: null,
    ...(rows === undefined ? {} : { rowsEstimate: Math.round(rows * fraction) }),
    ...(bytes === undefined ? {} : { bytesEstimate: Math.round(bytes * fraction) }),
  };
}
