// LLaMA: grouped-query attention and SwiGLU in every layer.
import type { Architecture, BlockSpec } from '../values.ts';
import {
  type Config,
  ConfigError,
  count,
  equal,
  type Family,
  Float,
  number,
  only,
  ropeSettings,
  truth,
  whole,
} from './family.ts';

function read(config: Config): Architecture {
  only(config, 'hidden_act', ['silu']);
  only(config, 'attention_bias', [false]);
  only(config, 'mlp_bias', [false]);
  const { theta, scaling } = ropeSettings(config);
  if (scaling !== null)
    throw new ConfigError(
      'rope_scaling',
      `config.json asks for ${String(scaling.rope_type)} rotary scaling, which is not supported for this family yet`,
    );
  const heads = whole(config, 'num_attention_heads');
  const eps = number(config, 'rms_norm_eps', 1e-6);
  const dim = whole(config, 'hidden_size');
  const block: BlockSpec = {
    repeat: count(config, 'num_hidden_layers'),
    attention: {
      kind: 'mha',
      params: {
        heads,
        kv_heads: whole(config, 'num_key_value_heads', heads),
        head_dim: whole(config, 'head_dim', Math.floor(dim / heads), 2),
        rope_theta: theta,
      },
    },
    ffn: { kind: 'swiglu', params: { dim: whole(config, 'intermediate_size') } },
    eps,
  };
  return {
    tokenizer: null,
    vocab: whole(config, 'vocab_size'),
    dim,
    init: number(config, 'initializer_range', 0.02),
    blocks: [block],
    head: { eps, tied: truth(config, 'tie_word_embeddings', false) },
    context: whole(config, 'max_position_embeddings', 2048),
  };
}

function write(architecture: Architecture): Config | { reason: string } {
  const { blocks, head, dim, vocab, init } = architecture;
  const first = blocks[0];
  if (first === undefined) return { reason: 'it has no layers' };
  if (first.attention.kind !== 'mha' || first.ffn.kind !== 'swiglu')
    return { reason: `layers must be mha and swiglu, they are ${first.attention.kind} and ${first.ffn.kind}` };
  if (blocks.some((block) => !equal({ ...block, repeat: 1 }, { ...first, repeat: 1 })))
    return { reason: 'all layers must be equal' };
  if (first.eps !== head?.eps) return { reason: 'all norms must have the same eps' };
  const a = first.attention.params as { heads: number; kv_heads?: number; head_dim?: number; rope_theta: number };
  return {
    hidden_act: 'silu',
    attention_bias: false,
    attention_dropout: new Float(0),
    mlp_bias: false,
    hidden_size: dim,
    vocab_size: vocab,
    num_hidden_layers: blocks.reduce((sum, block) => sum + block.repeat, 0),
    intermediate_size: first.ffn.params.dim,
    num_attention_heads: a.heads,
    num_key_value_heads: a.kv_heads ?? a.heads,
    head_dim: a.head_dim ?? Math.floor(dim / a.heads),
    rms_norm_eps: new Float(head.eps),
    rope_theta: new Float(a.rope_theta),
    rope_scaling: null,
    max_position_embeddings: architecture.context ?? 2048,
    tie_word_embeddings: head.tied,
    initializer_range: new Float(init),
  };
}

export const llama: Family = { type: 'llama', class: 'LlamaForCausalLM', read, write };
