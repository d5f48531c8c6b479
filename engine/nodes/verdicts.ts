// Kinds that remove rows by a row function: it gives a verdict on each row, and the rows go to one of two tables by it. Rows are
// written once, where they belong.
import type { MadeType, RowWork, RunContext } from './context.ts';
import type { Complaint } from './kind.ts';
import { identifier } from './sql.ts';
import type { TableArtifact } from './values.ts';

/** A column of the verdicts, under its own or another name. */
export type Added = string | readonly [column: string, as: string];

/** How the tables are made from rows and verdicts, which SQL reads as `rows` and `verdicts`. */
export interface Parting {
  /** Columns of the table that become another expression in the rows that stay. */
  replaced?: Record<string, string>;
  /** Columns of the verdicts that all rows get. */
  added?: readonly Added[];
  /** Those that removed rows get, before the reason. */
  about?: readonly Added[];
  /** What to say when no row stays. */
  empty?: Complaint;
}

/** Lets a row function judge the rows. What it makes stands beside the table, in the order of its rows. */
export function judged<P>(
  context: RunContext<P>,
  table: TableArtifact,
  name: string,
  params: unknown,
  columns: string[],
  makes: Record<string, MadeType>,
): Promise<TableArtifact> {
  const work: RowWork = { name, params, columns, makes, alone: true };
  return context.tables.map(table, work, `${context.parts}/verdicts.parquet`, context);
}

/** The rows whose verdict has no `reason`, and the others, with it. */
export async function parted<P>(
  context: RunContext<P>,
  table: TableArtifact,
  verdicts: TableArtifact,
  { replaced = {}, added = [], about = [], empty }: Parting,
): Promise<{ table: TableArtifact; removed: TableArtifact }> {
  const { tables, files } = context;
  const at = { rows: table, verdicts };
  const removed = await tables.query(
    { tables: at, sql: `${beside({}, [...added, ...about, 'reason'])} WHERE verdicts.reason IS NOT NULL`, empty: null },
    files.join('removed.parquet'),
    context,
  );
  const kept = await tables.query(
    { tables: at, sql: `${beside(replaced, added)} WHERE verdicts.reason IS NULL`, ...(empty ? { empty } : {}) },
    files.join('table.parquet'),
    context,
  );
  return { table: kept, removed };
}

/** A query for the rows, with columns of their verdicts last. */
export function beside(replaced: Record<string, string>, added: readonly Added[]): string {
  const changes = Object.entries(replaced).map(([column, value]) => `${value} AS ${identifier(column)}`);
  const change = changes.length > 0 ? ` REPLACE (${changes.join(', ')})` : '';
  const more = added.map((each) => {
    const [column, as] = typeof each === 'string' ? [each, each] : each;
    return `, verdicts.${identifier(column)} AS ${identifier(as)}`;
  });
  return `SELECT rows.* EXCLUDE (dsk_row)${change}${more.join('')} FROM rows POSITIONAL JOIN verdicts`;
}
