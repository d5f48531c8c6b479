// Multi-head attention with grouped keys and values: over the positions themselves, or over the states of an encoder.
import { defineKind, type InferContext } from '../kind.ts';
import type { Forward, Module, Rope, Tensor, Weight } from '../module.ts';
import { llama3Rope, rope } from '../rope.ts';
import { linearWeights } from '../scope.ts';

export interface Params {
  heads: number;
  kv_heads?: number;
  head_dim?: number;
  rope_theta: number;
  positions?: 'rotary' | 'none';
  bias?: 'none' | 'qkv' | 'all';
  dropout?: number;
  yarn_factor?: number;
  yarn_context?: number;
  yarn_beta_fast?: number;
  yarn_beta_slow?: number;
  llama3_factor?: number;
  llama3_context?: number;
  llama3_low?: number;
  llama3_high?: number;
}

/** Parameters that mean nothing without another: `param-idle` where they are given all the same. */
const dependent: Record<string, (keyof Params)[]> = {
  yarn_factor: ['yarn_context', 'yarn_beta_fast', 'yarn_beta_slow'],
  llama3_factor: ['llama3_context', 'llama3_low', 'llama3_high'],
};

function complaint({ params, error }: Pick<InferContext<Params>, 'params' | 'error'>): boolean {
  const { heads, kv_heads: kv = heads, head_dim: width, positions = 'rotary' } = params;
  if (heads % kv !== 0) {
    error({
      code: 'kv-heads',
      at: 'kv_heads',
      message: `kv_heads must divide heads: ${heads} query heads cannot share ${kv} key heads evenly`,
    });
    return true;
  }
  if (positions === 'rotary' && width !== undefined && width % 2 !== 0) {
    error({
      code: 'odd-rope',
      at: 'head_dim',
      message: `head_dim must be even, because channels rotate in pairs; it is ${width}`,
      suggest: { value: width + 1, title: `use ${width + 1}` },
    });
    return true;
  }
  if (params.yarn_factor !== undefined && params.llama3_factor !== undefined) {
    error({
      code: 'rope-scaling',
      at: 'llama3_factor',
      message: 'rotary frequencies are scaled by YaRN or as in LLaMA 3, not by both',
      note: 'remove yarn_factor or llama3_factor',
    });
    return true;
  }
  for (const [needed, names] of Object.entries(dependent))
    for (const name of positions === 'none' ? [needed as keyof Params, ...names] : names) {
      if (params[name] === undefined || (positions !== 'none' && params[needed as keyof Params] !== undefined))
        continue;
      const why = positions === 'none' ? 'positions: "none", where nothing rotates' : `${needed}, which is not given`;
      error({
        code: 'param-idle',
        at: name,
        message:
          positions === 'none' ? `${name} has no meaning beside ${why}` : `${name} has no meaning without ${why}`,
        note: `remove ${name}`,
      });
      return true;
    }
  return false;
}

function rotation(params: Params, width: number): Rope | null {
  const { positions = 'rotary', rope_theta: theta, yarn_factor: yarn, llama3_factor: llama3 } = params;
  if (positions === 'none') return null;
  if (llama3 !== undefined)
    return llama3Rope(width, theta, {
      factor: llama3,
      originalContext: params.llama3_context ?? 8192,
      low: params.llama3_low ?? 1,
      high: params.llama3_high ?? 4,
    });
  return rope(
    width,
    theta,
    false,
    yarn === undefined || yarn === 1
      ? null
      : {
          factor: yarn,
          originalContext: params.yarn_context ?? 4096,
          betaFast: params.yarn_beta_fast ?? 32,
          betaSlow: params.yarn_beta_slow ?? 1,
          mscale: 1,
          mscaleAllDim: 0,
        },
  );
}

/** A linear layer that holds several, row below row: matrix, bias, and their names on disk. */
function joinedLayer(name: string, parts: [string, number][], columns: number, bias: boolean): Weight[] {
  const rows = parts.reduce((sum, [, count]) => sum + count, 0);
  return linearWeights(name, rows, columns, bias).map((weight) => ({
    ...weight,
    parts: parts.map(([part, count]) => ({ name: weight.name.replace(name, part), rows: count })),
  }));
}

export default defineKind<Params>({
  kind: 'mha',
  stage: 'model',
  version: 1,
  doc: `Multi-head attention with rotary positions. With \`kv_heads\` smaller than \`heads\`, several query heads share one key and
value head (grouped-query attention). Sources: Vaswani et al., arXiv 1706.03762; Ainslie et al., arXiv 2305.13245.`,
  example: 'block = transformer_block(tokens, attention: mha(heads: 6, kv_heads: 2), ffn: swiglu(dim: 512))',
  inputs: {},
  outputs: { attention: 'attention' },
  params: {
    heads: { type: 'integer', minimum: 1, maximum: 1024, description: 'Query heads.' },
    kv_heads: {
      type: 'integer',
      minimum: 1,
      description: 'Key and value heads; divides heads. Default: as many as heads.',
    },
    head_dim: { type: 'integer', minimum: 2, description: 'Width of each head; even. Default: model width / heads.' },
    rope_theta: {
      type: 'number',
      exclusiveMinimum: 0,
      default: 10000,
      description: 'Base of the rotary frequencies.',
      advanced: true,
    },
    positions: {
      type: 'string',
      enum: ['rotary', 'none'],
      description:
        'Whether queries and keys rotate with their place (Su et al., arXiv 2104.09864), or places are told elsewhere, as by the positions of an embedding. Default: rotary.',
    },
    bias: {
      type: 'string',
      enum: ['none', 'qkv', 'all'],
      description:
        'Biases: of none of the linear layers, of queries, keys and values (Qwen2), or of the output too (GPT-2, BERT). Default: none.',
      advanced: true,
    },
    dropout: {
      type: 'number',
      minimum: 0,
      exclusiveMaximum: 1,
      description: 'Share of the attention weights dropped while training. Default: 0.',
      advanced: true,
    },
    yarn_factor: {
      type: 'number',
      minimum: 1,
      description: 'Context extension by YaRN (Peng et al., arXiv 2309.00071); 1 is none. Default: 1.',
      advanced: true,
    },
    yarn_context: {
      type: 'integer',
      minimum: 1,
      unit: 'tokens',
      description: 'Context before the extension. Default: 4096.',
      advanced: true,
    },
    yarn_beta_fast: {
      type: 'number',
      exclusiveMinimum: 0,
      description: "YaRN's upper number of rotations. Default: 32.",
      advanced: true,
    },
    yarn_beta_slow: {
      type: 'number',
      exclusiveMinimum: 0,
      description: "YaRN's lower number of rotations. Default: 1.",
      advanced: true,
    },
    llama3_factor: {
      type: 'number',
      minimum: 1,
      description:
        'Context extension as in LLaMA 3.1 (arXiv 2407.21783): by how much slow waves are stretched. Default: 1.',
      advanced: true,
    },
    llama3_context: {
      type: 'integer',
      minimum: 1,
      unit: 'tokens',
      description: 'Context before the extension. Default: 8192.',
      advanced: true,
    },
    llama3_low: {
      type: 'number',
      exclusiveMinimum: 0,
      description: 'Turns in that context below which a wave is stretched as a whole. Default: 1.',
      advanced: true,
    },
    llama3_high: {
      type: 'number',
      exclusiveMinimum: 0,
      description: 'Turns above which a wave stays as it is. Default: 4.',
      advanced: true,
    },
  },
  required: ['heads'],
  infer: (context) => (complaint(context) ? null : { attention: { kind: 'mha', params: { ...context.params } } }),
  module(params, { dim, memory }): Module {
    const { heads, kv_heads: kv = heads, bias = 'none', dropout = 0 } = params;
    const width = params.head_dim ?? Math.floor(dim / heads);
    const rotary = memory === undefined ? rotation(params, width) : null;
    const inner = bias !== 'none';
    const sharing: [string, number][] = [
      ['k_proj', kv * width],
      ['v_proj', kv * width],
    ];
    const weights: Weight[] = [
      ...(memory === undefined
        ? joinedLayer('qkv_proj', [['q_proj', heads * width], ...sharing], dim, inner)
        : [...linearWeights('q_proj', heads * width, dim, inner), ...joinedLayer('kv_proj', sharing, memory, inner)]),
      ...linearWeights('o_proj', dim, heads * width, bias === 'all'),
    ];

    /** [batch, time, *, width] -> [batch, *, time, width] */
    const byHead = ({ ops }: Forward, x: Tensor): Tensor => ops.transpose(x, [0, 2, 1, 3]);

    /** Queries, keys and values of the positions themselves. */
    function own(x: Tensor, f: Forward): Tensor[] {
      const { ops, batch, time, cache } = f;
      const qkv = ops.reshape(f.linear(x, 'qkv_proj', inner), [batch, time, heads + 2 * kv, width]);
      const [turning, values] = ops.split(qkv, [heads + kv, kv], 2);
      const turned = rotary ? ops.rope(turning, rotary, f.documents?.positions ?? f.start) : turning;
      const [q, k] = ops.split(turned, [heads, kv], 2);
      const remember = (name: string, rows: Tensor): Tensor => {
        if (cache === null) return rows;
        const all = cache.extend(name, ops.reshape(rows, [batch, time, kv * width]));
        return ops.reshape(all, [batch, all.shape[1], kv, width]);
      };
      return [q, remember('key', k), remember('value', values)].map((part) => byHead(f, part));
    }

    /** Queries of the positions, keys and values of the memory. */
    function other(x: Tensor, f: Forward): Tensor[] {
      const { ops, batch, time, cache } = f;
      const q = ops.reshape(f.linear(x, 'q_proj', inner), [batch, time, heads, width]);
      const held = f.memory;
      if (held === null) throw new Error('cross-attention was run without a memory');
      const both = (): Tensor[] =>
        ops
          .split(ops.reshape(f.linear(held.states, 'kv_proj', inner), [batch, held.time, 2 * kv, width]), [kv, kv], 2)
          .map((part) => byHead(f, part));
      if (cache === null) return [byHead(f, q), ...both()];
      return [byHead(f, q), cache.once('memory key', () => both()[0]), cache.once('memory value', () => both()[1])];
    }

    function forward(x: Tensor, f: Forward): Tensor {
      const { ops, batch, time, documents, both } = f;
      const [q, k, v] = memory === undefined ? own(x, f) : other(x, f);
      const seen = memory === undefined ? { documents, both } : { keys: f.memory?.documents ?? null, both: true };
      const out = ops.attention(q, k, v, width ** -0.5, { ...seen, dropout: f.draw(dropout, 'weights') }); // [batch, heads, time, width]
      return f.linear(ops.reshape(byHead(f, out), [batch * time, heads * width]), 'o_proj', bias === 'all');
    }

    return {
      weights,
      forward,
      cost: (context) => ({
        activeParameters: 2 * heads * width * dim + 2 * kv * width * (memory ?? dim),
        extraFlops: 4 * heads * width * (memory === undefined ? context / 2 : context),
        activations: (4 * heads + 6 * kv) * width + heads * context * (dropout > 0 ? 1.25 : 1) + dim,
      }),
    };
  },
});
