// The contract of a document function: a file of this folder default-exports one, and `TokenFiles.encode` runs it over a table in
// worker threads. It is handed some columns of a row and gives the tokens of the document that the row is.
import type { Tokenizer } from '../../nodes/context.ts';

export interface Document {
  ids: ArrayLike<number>;
  /** As many bytes as ids, where the work is masked: odd where a token counts for the loss. Other bits are the function's own. */
  mask?: ArrayLike<number>;
}

/**
 * Makes the document of the row at position `row` of the table, from the values of its columns in the order asked for; null stands
 * for none. Depends on the row alone: rows are done in any order and may be done again.
 */
export type DocumentFunction = (values: readonly unknown[], row: number) => Document | null;

export interface DocumentFile<P> {
  /** Called once in each worker. */
  open(params: P, tokenizer: Tokenizer): DocumentFunction | Promise<DocumentFunction>;
}

/** Identity with types: `export default defineDocuments<Params>({...})`. */
export function defineDocuments<P>(file: DocumentFile<P>): DocumentFile<P> {
  return file;
}
