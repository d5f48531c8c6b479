// One or more equal layers: attention and a feed-forward network, each normalised first and added to the residual stream.
import { defineKind } from '../kind.ts';
import type { HiddenSpec, Part } from '../values.ts';

interface Params {
  repeat: number;
  eps: number;
}

export default defineKind<Params>({
  kind: 'transformer_block',
  stage: 'model',
  version: 1,
  doc: `Transformer layers with RMSNorm before each part: \`x + attention(norm(x))\`, then \`x + ffn(norm(x))\`. With \`repeat\` the same
layer stands several times in a row, each with weights of its own.`,
  example: 'dense = transformer_block(tokens, attention: mha(heads: 6), ffn: swiglu(dim: 512), repeat: 2)',
  inputs: {
    hidden: { type: 'hidden', doc: 'What the layer works on: an embedding or another block.' },
    attention: { type: 'attention', doc: 'How tokens look at each other: mla or mha.' },
    ffn: { type: 'ffn', doc: 'What happens to each token: swiglu or moe.' },
  },
  outputs: { hidden: 'hidden' },
  params: {
    repeat: {
      type: 'integer',
      minimum: 1,
      maximum: 1000,
      default: 1,
      unit: 'layers',
      description: 'Layers of this kind in a row.',
    },
    eps: { type: 'number', exclusiveMinimum: 0, default: 1e-6, description: "RMSNorm's epsilon.", advanced: true },
  },
  infer({ params: { repeat, eps }, inputs, error }) {
    const { architecture } = inputs.hidden as HiddenSpec;
    const attention = inputs.attention as Part;
    const { dim } = architecture;
    const { heads, head_dim: width } = attention.params as { heads?: number; head_dim?: number };
    if (heads !== undefined && width === undefined && dim % heads !== 0) {
      error({
        code: 'uneven-heads',
        at: 'attention',
        message: `a model width of ${dim} cannot be divided evenly among ${heads} heads`,
        note: `choose a number of heads that divides ${dim}, or give head_dim`,
      });
      return null;
    }
    if (attention.kind === 'mha' && width === undefined && heads !== undefined && (dim / heads) % 2 !== 0) {
      error({
        code: 'odd-rope',
        at: 'attention',
        message: `${dim} / ${heads} heads gives an odd head width of ${dim / heads}; channels rotate in pairs`,
        note: 'give an even head_dim or another number of heads',
      });
      return null;
    }
    const ffn = inputs.ffn as Part;
    return {
      hidden: { architecture: { ...architecture, blocks: [...architecture.blocks, { repeat, attention, ffn, eps }] } },
    };
  },
});
