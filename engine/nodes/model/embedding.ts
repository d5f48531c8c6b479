// The beginning of a model: token ids become vectors.
import { defineKind } from '../kind.ts';
import type { TokenizerSpec } from '../values.ts';

interface Params {
  dim: number;
  vocab?: number;
  init: number;
}

export default defineKind<Params>({
  kind: 'embedding',
  stage: 'model',
  version: 1,
  doc: `Token embedding: one learned vector of width \`dim\` per entry of the tokenizer's vocabulary. The model's blocks follow it.`,
  example: 'tokens = embedding(vocab, dim: 192)',
  inputs: { tokenizer: { type: 'tokenizer', doc: 'The vocabulary.' } },
  outputs: { hidden: 'hidden' },
  params: {
    dim: { type: 'integer', minimum: 1, maximum: 131_072, description: "Width of the model's residual stream." },
    vocab: {
      type: 'integer',
      minimum: 1,
      maximum: 4_194_304,
      unit: 'tokens',
      description: "Rows of the table; at least the tokenizer's size. Default: the tokenizer's size.",
      advanced: true,
    },
    init: {
      type: 'number',
      exclusiveMinimum: 0,
      default: 0.02,
      description: 'Standard deviation of the normal distribution that all weights of the model are drawn from.',
      advanced: true,
    },
  },
  required: ['dim'],
  infer({ params: { dim, vocab, init }, inputs, sources, error }) {
    const tokenizer = inputs.tokenizer as TokenizerSpec;
    const rows = vocab ?? tokenizer.size;
    if (rows === null) {
      error({
        code: 'unknown-vocabulary',
        at: 'tokenizer',
        message:
          'the size of this tokenizer is not known before it runs; say how many rows the embedding has with vocab: N',
      });
      return null;
    }
    if (tokenizer.size !== null && rows < tokenizer.size) {
      error({
        code: 'vocabulary-too-small',
        at: 'vocab',
        message: `vocab is ${rows}, but the tokenizer has ${tokenizer.size} entries: ids from ${rows} on would have no vector`,
        suggest: { value: tokenizer.size, title: `use ${tokenizer.size}` },
      });
      return null;
    }
    return {
      hidden: { architecture: { tokenizer: sources.tokenizer, vocab: rows, dim, init, blocks: [], head: null } },
    };
  },
});
