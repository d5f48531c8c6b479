// The end of a language model: a last norm and a score for every token of the vocabulary.
import { type EndParams, endParams, lastNorm } from '../ending.ts';
import { defineKind } from '../kind.ts';
import type { HiddenSpec } from '../values.ts';

interface Params extends EndParams {
  tied: boolean;
  bias?: boolean;
  transform?: boolean;
  further?: number;
  further_weight?: number;
}

export default defineKind<Params>({
  kind: 'lm_head',
  stage: 'model',
  version: 1,
  doc: `Language-model head: a last norm, then one score (logit) per token of the vocabulary. With \`tied\` it uses the embedding's
table instead of one of its own. With \`further\` it has DeepSeek-V3's modules for multi-token prediction (arXiv 2412.19437, section
2.2): each is a layer more, like the last block, that learns to foretell one token further on; they serve training alone.`,
  example: 'model = lm_head(sparse)',
  inputs: { hidden: { type: 'hidden', doc: 'The last block.' } },
  outputs: { model: 'model' },
  params: {
    tied: { type: 'boolean', default: false, description: "Share the embedding's table." },
    ...endParams,
    bias: {
      type: 'boolean',
      description: 'A bias for every token, as in BERT. Default: false.',
      advanced: true,
    },
    transform: {
      type: 'boolean',
      description: 'A linear layer, GELU and LayerNorm in front of the scores, as in BERT. Default: false.',
      advanced: true,
    },
    further: {
      type: 'integer',
      minimum: 0,
      maximum: 16,
      unit: 'tokens',
      description: 'Modules that foretell further tokens; 1 in DeepSeek-V3. Default: 0.',
      advanced: true,
    },
    further_weight: {
      type: 'number',
      exclusiveMinimum: 0,
      maximum: 10,
      description:
        'Share of their mean loss in what is minimised; the loss that is reported leaves it out. Default: 0.3.',
      advanced: true,
    },
  },
  infer({ params, inputs, error }) {
    const { tied, bias = false, transform = false, further: depth = 0 } = params;
    const { architecture } = inputs.hidden as HiddenSpec;
    if (architecture.vocab === 0) {
      error({
        code: 'no-tokens',
        at: 'hidden',
        message: 'this model embeds no tokens, so it cannot foretell any',
        note: 'end it with class_head, value_head or vector_head',
      });
      return null;
    }
    const idle = depth === 0 && params.further_weight !== undefined;
    const blind = depth > 0 && (architecture.blocks.length === 0 || architecture.blocks.some(({ both }) => both));
    if (idle || blind) {
      error(
        idle
          ? {
              code: 'param-idle',
              at: 'further_weight',
              message: 'further_weight has no meaning without further',
              note: 'add further: 1, or remove further_weight',
            }
          : {
              code: 'further-blind',
              at: 'further',
              message: 'further tokens are foretold by blocks in which positions see only those before them',
            },
      );
      return null;
    }
    const further = { depth, weight: params.further_weight ?? 0.3 };
    return {
      model: {
        architecture: {
          ...architecture,
          head: {
            ...lastNorm(architecture, params),
            tied,
            ...(bias && { bias }),
            ...(transform && { transform }),
            ...(depth > 0 && { further }),
          },
        },
        weights: null,
      },
    };
  },
});
