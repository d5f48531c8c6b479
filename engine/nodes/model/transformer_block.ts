// One or more equal layers: attention and a feed-forward network, each with a norm and the residual stream around it.
import { defineKind, type InferContext } from '../kind.ts';
import type { Architecture, BlockSpec, HiddenSpec, NormKind, Part } from '../values.ts';

interface Params {
  repeat: number;
  eps: number;
  norm?: NormKind;
  place?: 'pre' | 'post';
  causal?: boolean;
  dropout?: number;
}

type Complain = Pick<InferContext<Params>, 'error'>;

/** Whether the heads do not fit a model of this width; says so at the port. */
function unfit(part: Part, port: string, dim: number, { error }: Complain): boolean {
  const {
    heads,
    head_dim: width,
    positions,
  } = part.params as {
    heads?: number;
    head_dim?: number;
    positions?: string;
  };
  if (heads === undefined || width !== undefined) return false;
  if (dim % heads !== 0) {
    error({
      code: 'uneven-heads',
      at: port,
      message: `a model width of ${dim} cannot be divided evenly among ${heads} heads`,
      note: `choose a number of heads that divides ${dim}, or give head_dim`,
    });
    return true;
  }
  if (part.kind === 'mha' && positions !== 'none' && (dim / heads) % 2 !== 0) {
    error({
      code: 'odd-rope',
      at: port,
      message: `${dim} / ${heads} heads gives an odd head width of ${dim / heads}; channels rotate in pairs`,
      note: 'give an even head_dim or another number of heads',
    });
    return true;
  }
  return false;
}

/** Attention over the memory: as it is wired, else with as many heads as that over the layer's own positions; nothing rotates. */
function crossPart(attention: Part, given: Part | undefined): Part {
  const { heads, kv_heads: kv, head_dim: width, bias, dropout } = attention.params;
  const own = attention.kind === 'mha' ? { heads, kv_heads: kv, head_dim: width, bias, dropout } : { heads };
  const params = given?.params ?? { ...own, rope_theta: 10000 };
  const known = Object.entries({ ...params, positions: 'none' }).filter(([, value]) => value !== undefined);
  return { kind: 'mha', params: Object.fromEntries(known) };
}

/** The encoder, as a memory: with a last norm where its own layers have none behind them. */
function memoryOf({ architecture }: HiddenSpec): Architecture & { final?: NormKind } {
  const last = architecture.blocks.at(-1);
  const { memory: _, ...own } = architecture;
  return { ...own, ...(last !== undefined && last.place !== 'post' && { final: last.norm ?? 'rms' }) };
}

export default defineKind<Params>({
  kind: 'transformer_block',
  stage: 'model',
  version: 1,
  doc: `Transformer layers with a norm before each part: \`x + attention(norm(x))\`, then \`x + ffn(norm(x))\`. With \`repeat\` the same
layer stands several times in a row, each with weights of its own. With \`causal: false\` the layers are an encoder's, whose positions
see all others. With a \`memory\` they are the decoder's of an encoder-decoder: between the two parts stands attention over the last
states of the encoder (Vaswani et al., arXiv 1706.03762).`,
  example: 'dense = transformer_block(tokens, attention: mha(heads: 6), ffn: swiglu(dim: 512), repeat: 2)',
  inputs: {
    hidden: { type: 'hidden', doc: 'What the layer works on: an embedding or another block.' },
    attention: { type: 'attention', doc: 'How tokens look at each other: mla or mha.' },
    ffn: { type: 'ffn', doc: 'What happens to each token: swiglu, mlp or moe.' },
    memory: {
      type: 'hidden',
      doc: 'The last block of an encoder, whose states the layer looks at. All layers that have one must have the same.',
      optional: true,
    },
    cross: {
      type: 'attention',
      doc: 'How it looks at them: mha. Default: with the heads of `attention`.',
      optional: true,
    },
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
    eps: { type: 'number', exclusiveMinimum: 0, default: 1e-6, description: "The norms' epsilon.", advanced: true },
    norm: {
      type: 'string',
      enum: ['rms', 'layer'],
      description:
        'RMSNorm (Zhang & Sennrich, arXiv 1910.07467), or LayerNorm with a bias (Ba et al., arXiv 1607.06450). Default: rms.',
    },
    place: {
      type: 'string',
      enum: ['pre', 'post'],
      description:
        'Where norms stand: before each part, or behind the sum with the residual stream, as in the first Transformer and in BERT. Default: pre.',
    },
    causal: {
      type: 'boolean',
      description: 'Whether a position sees only those before it; in an encoder it sees all. Default: true.',
    },
    dropout: {
      type: 'number',
      minimum: 0,
      exclusiveMaximum: 1,
      description: "Share of each part's outputs dropped while training. Default: 0.",
    },
  },
  infer({ params, inputs, error }) {
    const { repeat, eps, norm = 'rms', place = 'pre', causal = true, dropout = 0 } = params;
    const { architecture } = inputs.hidden as HiddenSpec;
    const attention = inputs.attention as Part;
    const memory = inputs.memory as HiddenSpec | undefined;
    const given = inputs.cross as Part | undefined;
    const { dim } = architecture;
    if (unfit(attention, 'attention', dim, { error })) return null;
    if (given !== undefined && memory === undefined) {
      error({
        code: 'param-idle',
        at: 'cross',
        message: 'cross has no meaning without a memory, which is not connected',
        note: 'connect the last block of an encoder to memory, or remove cross',
      });
      return null;
    }
    if (given !== undefined && given.kind !== 'mha') {
      error({
        code: 'cross-attention',
        at: 'cross',
        message: `attention over a memory must be mha; it is ${given.kind}`,
      });
      return null;
    }
    const turns = Object.keys(given?.params ?? {}).find((name) => /^(yarn|llama3)_/.test(name));
    const rotates = given?.params.positions === 'rotary' ? 'positions: "rotary"' : turns;
    if (rotates !== undefined) {
      error({
        code: 'param-idle',
        at: 'cross',
        message: `${rotates} has no meaning in attention over a memory, where nothing rotates`,
        note: 'remove it',
      });
      return null;
    }
    const encoder = memory && memoryOf(memory);
    if (encoder) {
      const fault = memoryFault(architecture, memory, encoder);
      if (fault !== null) {
        error({ code: 'memory-wrong', at: 'memory', ...fault });
        return null;
      }
    }
    const cross = encoder && crossPart(attention, given);
    if (cross && unfit(cross, given ? 'cross' : 'attention', dim, { error })) return null;
    const block: BlockSpec = {
      repeat,
      attention,
      ffn: inputs.ffn as Part,
      eps,
      ...(norm !== 'rms' && { norm }),
      ...(place === 'post' && { place }),
      ...(!causal && { both: true }),
      ...(dropout > 0 && { dropout }),
      ...(cross && { cross }),
    };
    return {
      hidden: {
        architecture: {
          ...architecture,
          blocks: [...architecture.blocks, block],
          ...(encoder && { memory: encoder }),
        },
      },
    };
  },
});

/** What is wrong with an encoder as the memory of this model, or null. */
function memoryFault(
  { memory: before }: Architecture,
  { architecture: { memory: behind } }: HiddenSpec,
  encoder: Architecture,
): { message: string; note?: string } | null {
  if (behind) return { message: 'the encoder reads another encoder itself; one is all that a model can read' };
  const open = encoder.blocks.find(({ both }) => !both);
  if (open) {
    return {
      message: 'this encoder has layers in which a position sees only those before it',
      note: 'give its transformer_block causal: false',
    };
  }
  if (before && JSON.stringify(before) !== JSON.stringify(encoder))
    return { message: 'the layers before this one look at another encoder; all of a model must look at the same' };
  return null;
}
