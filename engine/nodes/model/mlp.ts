// The plain feed-forward network of the first Transformers: up, an activation, down.
import { defineKind } from '../kind.ts';
import type { Module, Ops, Tensor } from '../module.ts';
import { linearWeights } from '../scope.ts';

const activations = {
  gelu: (ops: Ops, x: Tensor) => ops.gelu(x),
  gelu_tanh: (ops: Ops, x: Tensor) => ops.gelu(x, 'tanh'),
  relu: (ops: Ops, x: Tensor) => ops.relu(x),
} as const;

interface Params {
  dim: number;
  activation: keyof typeof activations;
  bias: boolean;
  dropout: number;
}

export default defineKind<Params>({
  kind: 'mlp',
  stage: 'model',
  version: 1,
  doc: `Feed-forward network of two linear layers with an activation between them: \`down(gelu(up x))\`, as in GPT-2 (\`gelu_tanh\`),
BERT (\`gelu\`) and the first Transformer (\`relu\`). Sources: Vaswani et al., arXiv 1706.03762; Hendrycks & Gimpel, arXiv 1606.08415.`,
  example: 'block = transformer_block(tokens, attention: mha(heads: 6), ffn: mlp(dim: 768))',
  inputs: {},
  outputs: { ffn: 'ffn' },
  params: {
    dim: { type: 'integer', minimum: 1, maximum: 1_048_576, description: 'Inner width.' },
    activation: {
      type: 'string',
      enum: ['gelu', 'gelu_tanh', 'relu'],
      default: 'gelu',
      description: "Between the layers: GELU, GELU by its authors' tanh formula, or ReLU.",
    },
    bias: { type: 'boolean', default: true, description: 'Whether both layers have biases.', advanced: true },
    dropout: {
      type: 'number',
      minimum: 0,
      exclusiveMaximum: 1,
      default: 0,
      description: 'Share of the inner values dropped while training.',
      advanced: true,
    },
  },
  required: ['dim'],
  infer: ({ params }) => ({ ffn: { kind: 'mlp', params: { ...params } } }),
  module({ dim: inner, activation, bias, dropout = 0 }, { dim }): Module {
    return {
      weights: [...linearWeights('up_proj', inner, dim, bias), ...linearWeights('down_proj', dim, inner, bias)],
      forward(x, { ops, linear, draw }) {
        const active = activations[activation](ops, linear(x, 'up_proj', bias));
        return linear(ops.dropout(active, draw(dropout, 'inner')), 'down_proj', bias);
      },
      cost: () => ({
        activeParameters: 2 * inner * dim,
        extraFlops: 0,
        activations: (dropout > 0 ? 2.25 : 1) * inner + dim,
      }),
    };
  },
});
