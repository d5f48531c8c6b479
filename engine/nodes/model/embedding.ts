// The beginning of a model: token ids become vectors.
import { frontModules, frontShape } from '../front.ts';
import { defineKind, type InferContext } from '../kind.ts';
import type { Architecture, HiddenSpec, NormKind, Positions, TokenizerSpec } from '../values.ts';

interface Params {
  dim: number;
  vocab?: number;
  init: number;
  positions?: Positions['kind'];
  context?: number;
  segments?: number;
  norm?: NormKind;
  eps?: number;
  dropout?: number;
}

/** What is added to an architecture for places, and what happens to the sum of a token's vectors; null after a complaint. */
function extras(
  { positions, context, segments, norm, eps, dropout = 0 }: Params,
  ahead: number,
  error: InferContext<Params>['error'],
): Partial<Architecture> | null {
  const idle = (at: string, why: string): null => {
    error({
      code: 'param-idle',
      at,
      message: `${at} has no meaning without ${why}`,
      note: `add ${why}, or remove ${at}`,
    });
    return null;
  };
  if (context !== undefined && positions === undefined) return idle('context', 'positions');
  if (eps !== undefined && norm === undefined) return idle('eps', 'norm');
  if (positions !== undefined && context === undefined) {
    error({
      code: 'positions-size',
      at: 'positions',
      message: 'positions need to know how many there are: give context',
    });
    return null;
  }
  return {
    ...(positions && { positions: { kind: positions, size: ahead + (context ?? 0) } }),
    ...(segments && { segments }),
    ...((norm || dropout > 0) && {
      embedded: { ...(norm && { norm }), ...(eps !== undefined && { eps }), ...(dropout > 0 && { dropout }) },
    }),
  };
}

export default defineKind<Params>({
  kind: 'embedding',
  stage: 'model',
  version: 1,
  doc: `Token embedding: one learned vector of width \`dim\` per entry of the tokenizer's vocabulary. The model's blocks follow it.
Rotary attention knows places by itself; else \`positions\` adds a vector for each place: learned (GPT-2, BERT), or sines and cosines
(Vaswani et al., arXiv 1706.03762, section 3.5). With \`front\`, the states of a picture or series stand before the tokens'.`,
  example: 'tokens = embedding(vocab, dim: 192)',
  inputs: {
    tokenizer: { type: 'tokenizer', doc: 'The vocabulary.' },
    front: {
      type: 'hidden',
      doc: 'A picture or series, with or without convolutions: its states stand before those of the tokens.',
      optional: true,
    },
  },
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
    positions: {
      type: 'string',
      enum: ['learned', 'sinusoidal'],
      description: 'What is added for each place. Default: nothing.',
    },
    context: {
      type: 'integer',
      minimum: 1,
      maximum: 4_194_304,
      unit: 'tokens',
      description: 'With positions: how many places for tokens there are. Longer windows cannot be read.',
    },
    segments: {
      type: 'integer',
      minimum: 1,
      maximum: 1024,
      description:
        "Rows of BERT's segment table: one is added to each token's vector, the first where nothing is said. Default: none.",
      advanced: true,
    },
    norm: {
      type: 'string',
      enum: ['rms', 'layer'],
      description: "Norm of the sum of a token's vectors, as in BERT (layer). Default: none.",
      advanced: true,
    },
    eps: {
      type: 'number',
      exclusiveMinimum: 0,
      description: "That norm's epsilon. Default: 0.000001.",
      advanced: true,
    },
    dropout: {
      type: 'number',
      minimum: 0,
      exclusiveMaximum: 1,
      description: "Share of the tokens' vectors dropped while training. Default: 0.",
    },
  },
  required: ['dim'],
  infer({ params, inputs, sources, kinds, error }) {
    const { dim, vocab, init } = params;
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
    const picture = inputs.front as HiddenSpec | undefined;
    const front = picture?.architecture.front;
    if (picture && (front === undefined || picture.architecture.blocks.length > 0 || picture.architecture.vocab > 0)) {
      error({
        code: 'front-place',
        at: 'front',
        message: 'only a picture or series, with or without convolutions, can stand before tokens',
        note: 'blocks come behind the embedding: they work on its states and the tokens together',
      });
      return null;
    }
    if (picture?.architecture.positions) {
      error({
        code: 'param-idle',
        at: 'front',
        message: 'positions of the picture or series would be ignored: those of the embedding count for all states',
        note: 'give positions to the embedding alone',
      });
      return null;
    }
    const ahead = front ? frontShape(front, frontModules(kinds, front)).positions : 0;
    const more = extras(params, ahead, error);
    return (
      more && {
        hidden: {
          architecture: {
            tokenizer: sources.tokenizer,
            vocab: rows,
            dim,
            init,
            blocks: [],
            head: null,
            ...more,
            ...(front && { front }),
          },
        },
      }
    );
  },
});
