// Augments text: copies with words inserted, deleted and swapped.
import { type CopyParams, copyColumn, copyParams, marksDoc, withCopies } from '../augment.ts';
import { defineKind } from '../kind.ts';
import { checkColumns, tableCost } from '../table.ts';
import type { TableSpec } from '../values.ts';

interface Params extends CopyParams {
  column: string;
  insert: number;
  delete: number;
  swap: number;
}

const share = (description: string) =>
  ({ description, type: 'number', default: 0.05, minimum: 0, maximum: 1 }) as const;

export default defineKind<Params>({
  kind: 'random_edit',
  stage: 'data',
  group: 'augment',
  version: 1,
  doc: `Adds copies of the rows with words deleted, swapped and inserted at random (EDA, Wei & Zou 2019).

Each copy gets all three, one after another, each for its own share of the words; 0 leaves one out. EDA makes one kind of edit a copy, with 10%, or 5% where there is little text: \`random_edit(table, insert: 10%, delete: 0, swap: 0)\` is such a one. What is inserted are synonyms of other words of the text (WordNet 3.1, English), behind random words; a text without any gets nothing inserted. What stands between words stays. A copy that comes out as its original is left out.

${marksDoc}`,
  example: 'more = random_edit(parts.train, insert: 5%, delete: 5%, swap: 5%)',
  inputs: { table: { type: 'table', doc: 'Rows to make copies of.' } },
  outputs: { table: 'table' },
  params: {
    column: { description: 'Column with the text.', type: 'string', minLength: 1, default: 'text', format: 'column' },
    insert: share('Words to insert, as a share of the words of the text; at least one.'),
    delete: share('Probability of a word to be deleted; one word stays.'),
    swap: share('Swaps of two words, as a share of the words of the text; at least one.'),
    ...copyParams,
  },
  lineage: () => ({ adds: 'copies' }),
  infer(context) {
    const { params, inputs, error } = context;
    const table = inputs.table as TableSpec;
    if (params.insert + params.delete + params.swap === 0) {
      error({
        code: 'param-idle',
        message: 'nothing is to be edited',
        at: 'insert',
        note: 'give insert, delete or swap a share above 0',
      });
      return null;
    }
    const fine = checkColumns(context, table, [params.column], 'column', 'text');
    const made = withCopies(context, table, params);
    return fine && made ? { table: made } : null;
  },
  cost: ({ outputs }) => tableCost(outputs.table as TableSpec),
  async run(context) {
    return { table: await copyColumn(context, 'random_edit', 'text', 'no text has words to edit') };
  },
});
