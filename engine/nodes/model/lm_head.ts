// The end of a language model: a last norm and a score for every token of the vocabulary.
import { defineKind } from '../kind.ts';
import type { HiddenSpec } from '../values.ts';

interface Params {
  tied: boolean;
  eps: number;
}

export default defineKind<Params>({
  kind: 'lm_head',
  stage: 'model',
  version: 1,
  doc: `Language-model head: RMSNorm, then one score (logit) per token of the vocabulary. With \`tied\` it uses the embedding's table
instead of one of its own.`,
  example: 'model = lm_head(sparse)',
  inputs: { hidden: { type: 'hidden', doc: 'The last block.' } },
  outputs: { model: 'model' },
  params: {
    tied: { type: 'boolean', default: false, description: "Share the embedding's table." },
    eps: { type: 'number', exclusiveMinimum: 0, default: 1e-6, description: "RMSNorm's epsilon.", advanced: true },
  },
  infer({ params: { tied, eps }, inputs }) {
    const { architecture } = inputs.hidden as HiddenSpec;
    return { model: { architecture: { ...architecture, head: { eps, tied } }, weights: null } };
  },
});
