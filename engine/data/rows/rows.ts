// The contract of a row function: a file of this folder default-exports one, and `Tables.map` runs it over a table in worker
// threads. It is handed some columns of a batch of rows and gives the columns it makes.

/** Columns by name; each holds one value a row. Integers are numbers, binary values Uint8Arrays, times dates; any may be null. */
export type Columns = Record<string, unknown[]>;

export interface Made {
  columns: Columns;
  /** Where rows are multiplied or left out: for each row made, the index in the batch of the row it comes from, ascending. */
  from?: ArrayLike<number>;
}

/**
 * Works on a batch whose first row stands at position `first` of the table. What it draws at random must depend on a row's position
 * (or content) and the seed alone: parts are done in any order and may be done again.
 */
export type RowFunction = (batch: Columns, first: number) => Made | Promise<Made>;

export interface RowFile<P> {
  /** Called once in each worker. */
  open(params: P): RowFunction | Promise<RowFunction>;
}

/** Identity with types: `export default defineRows<Params>({...})`. */
export function defineRows<P>(file: RowFile<P>): RowFile<P> {
  return file;
}
