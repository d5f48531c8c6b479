// The end of a model that tells which of some classes a row is of.
import { type PoolParams, pooledHead, poolParams } from '../ending.ts';
import { defineKind } from '../kind.ts';
import type { HiddenSpec } from '../values.ts';

interface Params extends PoolParams {
  labels: string[];
}

export default defineKind<Params>({
  kind: 'class_head',
  stage: 'model',
  version: 1,
  doc: `Classification head: a last norm, one vector for the whole row, and a score for each of the \`labels\`. Train it with the
objective \`classification\`.`,
  example: 'model = class_head(sparse, labels: ["calm", "storm"])',
  inputs: { hidden: { type: 'hidden', doc: 'The last block.' } },
  outputs: { model: 'model' },
  params: {
    labels: {
      type: 'array',
      items: { type: 'string' },
      minItems: 2,
      maxItems: 100_000,
      description: 'The classes, as the table names them. Numbers are written as text.',
    },
    ...poolParams,
  },
  required: ['labels'],
  infer({ params, inputs, error }) {
    const { labels } = params;
    const twice = labels.find((label, i) => labels.indexOf(label) < i);
    if (twice !== undefined) {
      error({ code: 'name-twice', at: 'labels', message: `the label ${JSON.stringify(twice)} stands there twice` });
      return null;
    }
    const { architecture } = inputs.hidden as HiddenSpec;
    const common = pooledHead(architecture, params, error);
    return (
      common && {
        model: { architecture: { ...architecture, head: { kind: 'classes', labels, ...common } }, weights: null },
      }
    );
  },
});
