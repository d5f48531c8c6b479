// The end of a model that gives a vector for each row: for search, and for telling what is alike.
import { type PoolParams, pooledHead, poolParams } from '../ending.ts';
import { defineKind } from '../kind.ts';
import type { HiddenSpec } from '../values.ts';

export default defineKind<PoolParams>({
  kind: 'vector_head',
  stage: 'model',
  version: 1,
  doc: `Embedding head: a last norm, and one vector of the model's width for the whole row. Train it with the objective \`simcse\`.`,
  example: 'model = vector_head(sparse)',
  inputs: { hidden: { type: 'hidden', doc: 'The last block.' } },
  outputs: { model: 'model' },
  params: { ...poolParams },
  infer({ params, inputs, error }) {
    const { architecture } = inputs.hidden as HiddenSpec;
    const common = pooledHead(architecture, params, error);
    return (
      common && { model: { architecture: { ...architecture, head: { kind: 'vector', ...common } }, weights: null } }
    );
  },
});
