// What the kinds that augment have in common: copies of rows, marked as such, beside the rows they were made from.
import type { MadeType, RunContext } from './context.ts';
import { type InferContext, InputError, type Param } from './kind.ts';
import { rowCount } from './table.ts';
import type { ColumnType, TableArtifact, TableSpec } from './values.ts';

export interface CopyParams {
  copies: number;
  originals: boolean;
  seed: number;
}

export const copyParams = {
  copies: {
    description: 'Changed copies of each row.',
    type: 'integer',
    default: 1,
    minimum: 1,
    maximum: 1000,
  },
  originals: {
    description: 'Whether the rows themselves are kept beside their copies.',
    type: 'boolean',
    default: true,
  },
  seed: {
    description: 'Another seed draws otherwise.',
    type: 'integer',
    default: 0,
    minimum: 0,
    maximum: 4294967295,
    advanced: true,
  },
} as const satisfies Record<string, Param>;

/** Columns that every augmenting kind adds. */
export const marks: Record<string, ColumnType> = { augmented: 'text', original: 'integer' };

/** The sentences on them in each of these kinds' docs. */
export const marksDoc =
  'Two columns tell the rows apart: `augmented` is null for a row itself, and for a copy the kind and its number; `original` is the position of the row it was made from, so that `split` can keep a family together (`group: "original"`). Better still: split first, and augment `train` alone. The same table and seed always give the same copies.';

/** Columns, and rows as far as they are known, of a table with its copies. Reports names that are taken; then null. */
export function withCopies<P>(
  { error }: Pick<InferContext<P>, 'error'>,
  table: TableSpec,
  { copies, originals }: Pick<CopyParams, 'copies' | 'originals'>,
): TableSpec | null {
  const { columns } = table;
  if (columns && !isMarked(columns)) {
    const taken = Object.keys(columns).find((name) => Object.hasOwn(marks, name.toLowerCase()));
    if (taken !== undefined) {
      error({
        code: 'column-name',
        message: `the table has a column \`${taken}\`, the name of one that marks copies`,
        at: 'table',
        note: `give it another name before, as in rename(..., columns: ["${taken}: ${taken}_1"])`,
      });
      return null;
    }
  }
  const factor = copies + (originals ? 1 : 0);
  const rows = rowCount(table);
  return {
    columns: columns && { ...columns, ...marks },
    rows: null,
    ...(rows === undefined ? {} : { rowsEstimate: rows * factor }),
    ...(table.bytesEstimate === undefined ? {} : { bytesEstimate: table.bytesEstimate * factor }),
  };
}

/** Whether an augmenting kind made the table. */
export function isMarked(columns: Record<string, ColumnType>): boolean {
  return Object.entries(marks).every(([name, type]) => columns[name] === type);
}

/**
 * Sends a table through the row function of a kind that changes one column, and tells how many copies came out unchanged.
 * @param none what to say where no copy differs from its original
 */
export async function copyColumn(
  context: RunContext<CopyParams & { column: string }>,
  kind: string,
  type: MadeType,
  none: string,
): Promise<TableArtifact> {
  const { params, files, tables, log } = context;
  const table = context.artifact('table', 'table');
  const { column, copies, originals } = params;
  const columns = [column, ...(isMarked(table.columns) ? Object.keys(marks) : [])];
  const makes = { [column]: type, augmented: 'text', original: 'integer' } as const;
  const nothing = new InputError({ code: 'data-empty', message: none, at: 'column', note: 'look at the rows before' });
  let made: TableArtifact;
  try {
    const work = { name: kind, params: { ...params, kind }, columns, makes };
    made = await tables.map(table, work, files.join('table.parquet'), context);
  } catch (error) {
    throw error instanceof InputError && error.complaint.code === 'data-empty' ? nothing : error;
  }
  const added = made.rows - (originals ? table.rows : 0);
  if (added === 0) throw nothing;
  const same = table.rows * copies - added;
  log(`${added} copies of ${table.rows} rows${same > 0 ? `; ${same} would be as the original and are left out` : ''}`);
  return made;
}
