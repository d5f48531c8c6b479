// Multi-head latent attention: keys and values are rebuilt from one small latent per token, which is all that generation caches.
import { defineKind } from '../kind.ts';
import type { Forward, Module, Tensor, Weight } from '../module.ts';
import { rope, type Yarn, yarnScale } from '../rope.ts';

export interface Params {
  heads: number;
  kv_rank: number;
  rope_dim: number;
  head_dim?: number;
  value_dim?: number;
  q_rank?: number;
  rope_theta: number;
  rope_interleaved: boolean;
  yarn_factor: number;
  yarn_context: number;
  yarn_beta_fast: number;
  yarn_beta_slow: number;
  yarn_mscale: number;
  yarn_mscale_all_dim: number;
}

/** transformers builds the latents' norms with this epsilon, whatever the model's own. */
const latentEps = 1e-6;

export default defineKind<Params>({
  kind: 'mla',
  stage: 'model',
  version: 1,
  doc: `Multi-head latent attention, as in DeepSeek-V2 and V3. Keys and values of all heads come from one latent of \`kv_rank\`
numbers per token, positions from one rotary key of \`rope_dim\` numbers that all heads share; generation caches only these.
Source: arXiv 2405.04434, section 2.1.`,
  example:
    'block = transformer_block(tokens, attention: mla(heads: 6, kv_rank: 64, rope_dim: 16), ffn: swiglu(dim: 512))',
  inputs: {},
  outputs: { attention: 'attention' },
  params: {
    heads: { type: 'integer', minimum: 1, maximum: 1024, description: 'Attention heads.' },
    kv_rank: {
      type: 'integer',
      minimum: 1,
      maximum: 131_072,
      description: 'Width of the latent that keys and values are rebuilt from.',
    },
    rope_dim: {
      type: 'integer',
      minimum: 2,
      maximum: 4096,
      description: 'Rotary part of each query and of the shared key; even.',
    },
    head_dim: {
      type: 'integer',
      minimum: 1,
      description: 'Width of each head without its rotary part. Default: model width / heads.',
    },
    value_dim: { type: 'integer', minimum: 1, description: 'Width of each value head. Default: head_dim.' },
    q_rank: {
      type: 'integer',
      minimum: 1,
      description: 'Width of a latent for queries too. Default: none, queries are projected directly.',
    },
    rope_theta: {
      type: 'number',
      exclusiveMinimum: 0,
      default: 10000,
      description: 'Base of the rotary frequencies.',
      advanced: true,
    },
    rope_interleaved: {
      type: 'boolean',
      default: true,
      description: 'Rotate neighbouring channels, as DeepSeek does, instead of halves.',
      advanced: true,
    },
    yarn_factor: {
      type: 'number',
      minimum: 1,
      default: 1,
      description: 'Context extension by YaRN; 1 is none.',
      advanced: true,
    },
    yarn_context: {
      type: 'integer',
      minimum: 1,
      default: 4096,
      unit: 'tokens',
      description: 'Context before the extension.',
      advanced: true,
    },
    yarn_beta_fast: { type: 'number', default: 32, description: "YaRN's upper number of rotations.", advanced: true },
    yarn_beta_slow: { type: 'number', default: 1, description: "YaRN's lower number of rotations.", advanced: true },
    yarn_mscale: { type: 'number', default: 1, description: "YaRN's factor on rotary values.", advanced: true },
    yarn_mscale_all_dim: {
      type: 'number',
      default: 1,
      description: "YaRN's factor on attention scores.",
      advanced: true,
    },
  },
  required: ['heads', 'kv_rank', 'rope_dim'],
  infer({ params, error }) {
    if (params.rope_dim % 2 !== 0) {
      const even = params.rope_dim + 1;
      error({
        code: 'odd-rope',
        at: 'rope_dim',
        message: `rope_dim must be even, because channels rotate in pairs; it is ${params.rope_dim}`,
        suggest: { value: even, title: `use ${even}` },
      });
      return null;
    }
    return { attention: { kind: 'mla', params: { ...params } } };
  },
  module(params, { dim }): Module {
    const { heads, kv_rank: rank, rope_dim: turn, q_rank: qRank } = params;
    const nope = params.head_dim ?? Math.floor(dim / heads);
    const wide = params.value_dim ?? nope;
    const query = nope + turn;
    const yarn: Yarn | null =
      params.yarn_factor > 1
        ? {
            factor: params.yarn_factor,
            originalContext: params.yarn_context,
            betaFast: params.yarn_beta_fast,
            betaSlow: params.yarn_beta_slow,
            mscale: params.yarn_mscale,
            mscaleAllDim: params.yarn_mscale_all_dim,
          }
        : null;
    const rotary = rope(turn, params.rope_theta, params.rope_interleaved, yarn);
    const scale = query ** -0.5 * (yarn ? yarnScale(yarn.factor, yarn.mscaleAllDim) ** 2 : 1);
    const matrix = (name: string, rows: number, columns: number): Weight => ({
      name,
      shape: [rows, columns],
      init: 'normal',
      trained: true,
    });
    const gain = (name: string, width: number): Weight => ({ name, shape: [width], init: 'ones', trained: true });
    const weights: Weight[] = [
      ...(qRank === undefined
        ? [matrix('q_proj.weight', heads * query, dim)]
        : [
            matrix('q_a_proj.weight', qRank, dim),
            gain('q_a_layernorm.weight', qRank),
            matrix('q_b_proj.weight', heads * query, qRank),
          ]),
      matrix('kv_a_proj_with_mqa.weight', rank + turn, dim),
      gain('kv_a_layernorm.weight', rank),
      matrix('kv_b_proj.weight', heads * (nope + wide), rank),
      matrix('o_proj.weight', dim, heads * wide),
    ];

    function queries(x: Tensor, f: Forward): Tensor[] {
      const { ops, batch, time, weight } = f;
      const flat =
        qRank === undefined
          ? f.linear(x, 'q_proj')
          : f.linear(ops.rmsNorm(f.linear(x, 'q_a_proj'), weight('q_a_layernorm.weight'), latentEps), 'q_b_proj');
      const [plain, turned] = ops.split(ops.reshape(flat, [batch, time, heads, query]), [nope, turn]);
      return [plain, ops.rope(turned, rotary, f.documents?.positions ?? f.start)]; // [batch, time, heads, nope], [.., turn]
    }

    function forward(x: Tensor, f: Forward): Tensor {
      const { ops, batch, time, weight } = f;
      const [plain, turned] = queries(x, f);
      const [rough, key] = ops.split(f.linear(x, 'kv_a_proj_with_mqa'), [rank, turn]);
      const latent = ops.rmsNorm(rough, weight('kv_a_layernorm.weight'), latentEps); // [n, rank]
      const turnedKey = ops.rope(ops.reshape(key, [batch, time, 1, turn]), rotary, f.documents?.positions ?? f.start); // [batch, time, 1, turn]
      const merged = f.cache
        ? absorbed(plain, turned, latent, turnedKey, f)
        : expanded(plain, turned, latent, turnedKey, f);
      const rows = ops.reshape(ops.transpose(merged, [0, 2, 1, 3]), [batch * time, heads * wide]);
      return f.linear(rows, 'o_proj');
    }

    /** Training: keys and values of every head are rebuilt. -> [batch, heads, time, wide] */
    function expanded(plain: Tensor, turned: Tensor, latent: Tensor, turnedKey: Tensor, f: Forward): Tensor {
      const { ops, batch, time } = f;
      const kv = ops.reshape(f.linear(latent, 'kv_b_proj'), [batch, time, heads, nope + wide]);
      const [plainKey, values] = ops.split(kv, [nope, wide]);
      const q = ops.concat([plain, turned], 3);
      const k = ops.concat([plainKey, ops.repeat(turnedKey, 2, heads)], 3);
      const [qh, kh, vh] = [q, k, values].map((part) => ops.transpose(part, [0, 2, 1, 3]));
      return ops.attention(qh, kh, vh, scale, { documents: f.documents, both: f.both });
    }

    /**
     * Generation: kv_b is folded into query and output, so that attention works on the cached latents themselves
     * (arXiv 2405.04434, 2.1.2). -> [batch, heads, time, wide]
     */
    function absorbed(plain: Tensor, turned: Tensor, latent: Tensor, turnedKey: Tensor, f: Forward): Tensor {
      const { ops, batch, time, cache } = f;
      if (cache === null) throw new Error('absorbed attention needs a cache');
      const latents = cache.extend('latent', ops.reshape(latent, [batch, time, rank])); // [batch, past, rank]
      const keys = cache.extend('rope', ops.reshape(turnedKey, [batch, time, turn])); // [batch, past, turn]
      const past = latents.shape[1];
      const perHead = ops.reshape(f.matrix('kv_b_proj'), [1, heads, nope + wide, rank]);
      const [up, out] = ops.split(ops.transpose(perHead, [0, 1, 3, 2]), [nope, wide]); // [1, heads, rank, nope], [.., wide]
      const [ph, th] = [plain, turned].map((part) => ops.transpose(part, [0, 2, 1, 3])); // [batch, heads, time, *]
      const q = ops.concat([ops.matmul(ph, up, false, true), th], 3); // [batch, heads, time, rank + turn]
      const shared = ops.reshape(latents, [batch, 1, past, rank]);
      const k = ops.concat([shared, ops.reshape(keys, [batch, 1, past, turn])], 3);
      return ops.matmul(ops.attention(q, k, shared, scale), out); // [batch, heads, time, wide]
    }

    return {
      weights,
      forward,
      cost: (context) => ({
        activeParameters: weights.reduce((sum, w) => sum + w.shape.reduce((a, b) => a * b, 1), 0),
        extraFlops: 2 * heads * (query + wide) * (context / 2), // causal: half the keys on average
        activations: heads * (6 * query + 3 * wide + context) + 3 * (rank + turn) + 2 * dim,
      }),
    };
  },
});
