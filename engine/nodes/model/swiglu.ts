// The dense feed-forward network of LLaMA and DeepSeek: silu(gate x) * (up x), projected down.
import { defineKind } from '../kind.ts';
import type { Module } from '../module.ts';

interface Params {
  dim: number;
}

export default defineKind<Params>({
  kind: 'swiglu',
  stage: 'model',
  version: 1,
  doc: `Gated feed-forward network: \`down(silu(gate x) * up x)\`. Source: Shazeer, arXiv 2002.05202.`,
  example: 'block = transformer_block(tokens, attention: mha(heads: 6), ffn: swiglu(dim: 512))',
  inputs: {},
  outputs: { ffn: 'ffn' },
  params: {
    dim: { type: 'integer', minimum: 1, maximum: 1_048_576, description: 'Inner width.' },
  },
  required: ['dim'],
  infer: ({ params }) => ({ ffn: { kind: 'swiglu', params: { ...params } } }),
  module({ dim: inner }, { dim }): Module {
    return {
      weights: [
        { name: 'gate_proj.weight', shape: [inner, dim], init: 'normal', trained: true },
        { name: 'up_proj.weight', shape: [inner, dim], init: 'normal', trained: true },
        { name: 'down_proj.weight', shape: [dim, inner], init: 'normal', trained: true },
      ],
      forward: (x, { ops, linear }) => linear(ops.swiglu(linear(x, 'gate_proj'), linear(x, 'up_proj')), 'down_proj'),
      cost: () => ({ activeParameters: 3 * inner * dim, extraFlops: 0, activations: 3 * inner + dim }),
    };
  },
});
