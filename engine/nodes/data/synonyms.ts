// Augments text: copies in which some words are synonyms.
import { type CopyParams, copyColumn, copyParams, marksDoc, withCopies } from '../augment.ts';
import { defineKind } from '../kind.ts';
import { checkColumns, tableCost } from '../table.ts';
import type { TableSpec } from '../values.ts';

interface Params extends CopyParams {
  column: string;
  share: number;
  senses: number;
}

export default defineKind<Params>({
  kind: 'synonyms',
  stage: 'data',
  group: 'augment',
  version: 1,
  doc: `Adds copies of the rows in which some English words are replaced by synonyms (the first operation of EDA, Wei & Zou 2019; words from WordNet 3.1, Fellbaum 1998).

A word is replaced in the part of speech it is commonest in, and in its form: \`ships\` gives a plural, \`stopped\` a past. Case stays, and \`a\` becomes \`an\` where needed. Left alone are words of grammar, names, irregular forms and whatever WordNet does not have, so a text may have fewer replaced than \`share\` asks for; a copy without any is left out.

${marksDoc}`,
  example: 'more = synonyms(parts.train, share: 10%, copies: 2)',
  inputs: { table: { type: 'table', doc: 'Rows to make copies of.' } },
  outputs: { table: 'table' },
  params: {
    column: { description: 'Column with the text.', type: 'string', minLength: 1, default: 'text', format: 'column' },
    share: {
      description: 'Share of the words to replace, at least one in each text.',
      type: 'number',
      default: 0.1,
      exclusiveMinimum: 0,
      maximum: 1,
    },
    senses: {
      description:
        "How many of a word's meanings give synonyms, the commonest first: 1 stays closest to what was said.",
      type: 'integer',
      default: 1,
      minimum: 1,
      advanced: true,
    },
    ...copyParams,
  },
  lineage: () => ({ adds: 'copies' }),
  infer(context) {
    const table = context.inputs.table as TableSpec;
    const fine = checkColumns(context, table, [context.params.column], 'column', 'text');
    const made = withCopies(context, table, context.params);
    return fine && made ? { table: made } : null;
  },
  cost: ({ outputs }) => tableCost(outputs.table as TableSpec),
  async run(context) {
    return {
      table: await copyColumn(context, 'synonyms', 'text', 'no text has a word that WordNet knows a synonym for'),
    };
  },
});
