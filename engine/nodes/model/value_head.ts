// The end of a model that foretells numbers.
import { type PoolParams, pooledHead, poolParams } from '../ending.ts';
import { defineKind } from '../kind.ts';
import type { HiddenSpec } from '../values.ts';

interface Params extends PoolParams {
  columns: string[];
}

export default defineKind<Params>({
  kind: 'value_head',
  stage: 'model',
  version: 1,
  doc: `Regression head: a last norm, one vector for the whole row, and a number for each of the \`columns\`. Train it with the
objective \`regression\`.`,
  example: 'model = value_head(sparse, columns: ["wind"])',
  inputs: { hidden: { type: 'hidden', doc: 'The last block.' } },
  outputs: { model: 'model' },
  params: {
    columns: {
      type: 'array',
      items: { type: 'string' },
      minItems: 1,
      maxItems: 10_000,
      description: 'Columns of the table that hold the numbers.',
    },
    ...poolParams,
  },
  required: ['columns'],
  infer({ params, inputs, error }) {
    const { columns } = params;
    const twice = columns.find((column, i) => columns.indexOf(column) < i);
    if (twice !== undefined) {
      error({ code: 'name-twice', at: 'columns', message: `the column ${twice} stands there twice` });
      return null;
    }
    const { architecture } = inputs.hidden as HiddenSpec;
    const common = pooledHead(architecture, params, error);
    return (
      common && {
        model: { architecture: { ...architecture, head: { kind: 'values', columns, ...common } }, weights: null },
      }
    );
  },
});
