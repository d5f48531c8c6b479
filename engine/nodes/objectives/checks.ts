// What objectives check alike, and parameters that several have.
import { checkTextColumn } from '../corpus.ts';
import type { Complaint, Param } from '../kind.ts';
import { checkColumns } from '../table.ts';
import type { Architecture, ColumnType, Head } from '../values.ts';
import type { Check } from './objective.ts';

export type HeadKind = NonNullable<Head['kind']>;

/** The kind of node that makes each head. */
const makers: Record<HeadKind, string> = {
  tokens: 'lm_head',
  classes: 'class_head',
  values: 'value_head',
  vector: 'vector_head',
};

export const headKind = (head: Head | null): HeadKind | null => head && (head.kind ?? 'tokens');

/** Complains where a model ends in another head than an objective needs. */
export function wrongHead({ architecture, error }: Check, objective: string, needed: HeadKind): boolean {
  const found = headKind(architecture.head);
  if (found === needed) return false;
  error({
    code: 'objective-wrong',
    at: 'objective',
    message: `\`${objective}\` needs a model that ends in ${makers[needed]}, and this one ends in ${found === null ? 'no head' : makers[found]}`,
    note: `build it as MODEL = ${makers[needed]}(BLOCKS), or give another objective`,
  });
  return true;
}

export const smoothingParam: Param = {
  type: 'number',
  minimum: 0,
  exclusiveMaximum: 1,
  default: 0,
  description:
    'Share of each target that is spread evenly over all of them, so that a model does not grow too sure (label smoothing, Szegedy et al., arXiv 1512.00567). Losses that are measured on other rows are without it.',
};

/** Complains where a model that reads text has no tokenizer. */
export function lacksTokenizer({ error }: Pick<Check, 'error'>, { tokenizer }: Architecture): boolean {
  if (tokenizer !== null) return false;
  error({
    code: 'no-tokenizer',
    at: 'model',
    message: 'this model came without a tokenizer, so text cannot be turned into its tokens',
  });
  return true;
}

/** Complains where windows may be longer than the places that a model has vectors for. */
export function placesFit({ context, error }: Pick<Check, 'context' | 'error'>, architecture: Architecture): boolean {
  const { positions, front } = architecture;
  // A front takes some of them; how many, only its code tells.
  if (context === null || positions === undefined || front !== undefined || context <= positions.size) return true;
  error({
    code: 'context-short',
    at: 'context',
    message: `context is ${context}, but the embedding has places for ${positions.size} tokens`,
    suggest: { value: positions.size, title: `use ${positions.size}` },
  });
  return false;
}

/** What `context` and `column` are where nobody gave them. */
const usual = { context: 128, column: 'text' } as const;

/** Complains where a table does not have what a model reads, or where parameters are for text and it reads none. */
export function checkModelRows(given: Check, architecture: Architecture): boolean {
  const { table, port, column, context, error } = given;
  const { vocab, front } = architecture;
  let fine = true;
  if (vocab > 0) {
    fine = checkTextColumn(table, column, port, error);
    if (lacksTokenizer(given, architecture) || !placesFit(given, architecture)) fine = false;
  } else
    for (const [at, value, none] of [
      ['context', context ?? usual.context, usual.context],
      ['column', column, usual.column],
    ] as const) {
      if (value === none) continue;
      fine = false;
      error({
        code: 'param-idle',
        at,
        message: `this model reads no text: \`${at}\` would be ignored`,
        note: 'remove it',
      });
    }
  if (!front) return fine;
  const type: ColumnType = front.shape.length === 3 ? 'binary' : 'list';
  const complain = (complaint: Complaint): void => error({ ...complaint, at: port });
  return checkColumns({ error: complain }, table, front.columns, port, type) && fine;
}
