// Multi-head attention with grouped keys and values, as in LLaMA.
import { defineKind } from '../kind.ts';
import type { Forward, Module, Tensor, Weight } from '../module.ts';
import { rope } from '../rope.ts';

interface Params {
  heads: number;
  kv_heads?: number;
  head_dim?: number;
  rope_theta: number;
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
  },
  required: ['heads'],
  infer({ params, error }) {
    const { heads, kv_heads: kv = heads, head_dim: width } = params;
    if (heads % kv !== 0) {
      error({
        code: 'kv-heads',
        at: 'kv_heads',
        message: `kv_heads must divide heads: ${heads} query heads cannot share ${kv} key heads evenly`,
      });
      return null;
    }
    if (width !== undefined && width % 2 !== 0) {
      error({
        code: 'odd-rope',
        at: 'head_dim',
        message: `head_dim must be even, because channels rotate in pairs; it is ${width}`,
        suggest: { value: width + 1, title: `use ${width + 1}` },
      });
      return null;
    }
    return { attention: { kind: 'mha', params: { ...params } } };
  },
  module(params, { dim }): Module {
    const { heads, kv_heads: kv = heads } = params;
    const width = params.head_dim ?? Math.floor(dim / heads);
    const rotary = rope(width, params.rope_theta, false, null);
    const weights: Weight[] = [
      {
        name: 'qkv_proj.weight',
        shape: [(heads + 2 * kv) * width, dim],
        init: 'normal',
        trained: true,
        parts: [
          { name: 'q_proj.weight', rows: heads * width },
          { name: 'k_proj.weight', rows: kv * width },
          { name: 'v_proj.weight', rows: kv * width },
        ],
      },
      { name: 'o_proj.weight', shape: [dim, heads * width], init: 'normal', trained: true },
    ];

    function forward(x: Tensor, f: Forward): Tensor {
      const { ops, batch, time, cache } = f;
      const qkv = ops.reshape(f.linear(x, 'qkv_proj'), [batch, time, heads + 2 * kv, width]);
      const [turning, values] = ops.split(qkv, [heads + kv, kv], 2);
      const [q, k] = ops.split(ops.rope(turning, rotary, f.documents?.positions ?? f.start), [heads, kv], 2);
      const remember = (name: string, rows: Tensor): Tensor => {
        if (cache === null) return rows;
        const all = cache.extend(name, ops.reshape(rows, [batch, time, kv * width]));
        return ops.reshape(all, [batch, all.shape[1], kv, width]);
      };
      const [qh, kh, vh] = [q, remember('key', k), remember('value', values)].map((part) =>
        ops.transpose(part, [0, 2, 1, 3]),
      );
      const out = ops.attention(qh, kh, vh, width ** -0.5, { documents: f.documents, both: f.both }); // [batch, heads, time, width]
      const rows = ops.reshape(ops.transpose(out, [0, 2, 1, 3]), [batch * time, heads * width]);
      return f.linear(rows, 'o_proj');
    }

    return {
      weights,
      forward,
      cost: (context) => ({
        activeParameters: (2 * heads + 2 * kv) * width * dim,
        extraFlops: 4 * heads * width * (context / 2),
        activations: (4 * heads + 6 * kv) * width + heads * context + dim,
      }),
    };
  },
});
