// LLaMA and Qwen2: grouped-query attention with rotary positions and SwiGLU in every layer. Qwen2 has biases at query, key and value.
import type { Architecture, BlockSpec } from '../values.ts';
import { type Attention, beyond, dropped, isTokens, onlyBlock, readRotary, writeRotary } from './decoder.ts';
import { type Config, ConfigError, count, type Family, Float, number, only, truth, whole } from './family.ts';

type Bias = Attention['bias'];

function read(config: Config, bias: Bias): Architecture {
  only(config, 'hidden_act', ['silu']);
  const heads = whole(config, 'num_attention_heads');
  const eps = number(config, 'rms_norm_eps', 1e-6);
  const dim = whole(config, 'hidden_size');
  const kv = whole(config, 'num_key_value_heads', heads);
  const width = whole(config, 'head_dim', Math.floor(dim / heads), 2);
  if (heads % kv !== 0)
    throw new ConfigError(
      'num_key_value_heads',
      `config.json has num_attention_heads ${heads}, which num_key_value_heads ${kv} does not divide`,
    );
  if (width % 2 !== 0)
    throw new ConfigError('head_dim', `config.json has an odd head_dim, ${width}; channels rotate in pairs`);
  const block: BlockSpec = {
    repeat: count(config, 'num_hidden_layers'),
    attention: {
      kind: 'mha',
      params: {
        heads,
        kv_heads: kv,
        head_dim: width,
        ...readRotary(config),
        ...(bias !== 'none' && { bias }),
        ...dropped(config, 'attention_dropout'),
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

function write(architecture: Architecture, allowed: Bias[]): Config | { reason: string } {
  const { blocks, head, dim, vocab, init, positions, segments, embedded } = architecture;
  const strange = beyond(architecture);
  if (strange !== null) return { reason: strange };
  const found = onlyBlock(blocks);
  if ('reason' in found) return found;
  const { block, layers } = found;
  if (block.attention.kind !== 'mha' || block.ffn.kind !== 'swiglu')
    return { reason: `layers must be mha and swiglu, they are ${block.attention.kind} and ${block.ffn.kind}` };
  if (positions || segments || embedded?.norm) return { reason: 'positions must be rotary alone' };
  if (block.norm === 'layer' || block.place || block.both)
    return { reason: 'norms must be RMSNorm, before each part, and attention causal' };
  if (!isTokens(head) || head.bias || head.transform || (head.norm ?? 'rms') !== 'rms')
    return { reason: 'it must end in an lm_head with RMSNorm, without biases' };
  if (block.eps !== head.eps) return { reason: 'all norms must have the same eps' };
  const a = block.attention.params as unknown as Attention;
  if (a.positions === 'none') return { reason: 'attention must be rotary' };
  const { bias = 'none' } = a;
  if (!allowed.includes(bias))
    return { reason: `attention must have biases ${allowed.map((b) => `"${b}"`).join(' or ')}, it has "${bias}"` };
  return {
    hidden_act: 'silu',
    attention_dropout: new Float(a.dropout ?? 0),
    hidden_size: dim,
    vocab_size: vocab,
    num_hidden_layers: layers,
    intermediate_size: block.ffn.params.dim,
    num_attention_heads: a.heads,
    num_key_value_heads: a.kv_heads ?? a.heads,
    head_dim: a.head_dim ?? Math.floor(dim / a.heads),
    rms_norm_eps: new Float(head.eps),
    ...writeRotary(a),
    max_position_embeddings: architecture.context ?? 2048,
    tie_word_embeddings: head.tied,
    initializer_range: new Float(init),
  };
}

export const llama: Family = {
  type: 'llama',
  class: 'LlamaForCausalLM',
  read(config) {
    only(config, 'mlp_bias', [false]);
    return read(config, truth(config, 'attention_bias', false) ? 'all' : 'none');
  },
  write(architecture) {
    const config = write(architecture, ['none', 'all']);
    if ('reason' in config) return config;
    const biased = (architecture.blocks[0]?.attention.params as { bias?: Bias }).bias === 'all';
    return { ...config, attention_bias: biased, mlp_bias: false };
  },
};

export const qwen2: Family = {
  type: 'qwen2',
  class: 'Qwen2ForCausalLM',
  read(config) {
    only(config, 'use_sliding_window', [false]);
    const layers = config.layer_types;
    if (Array.isArray(layers) && layers.some((type) => type !== 'full_attention'))
      throw new ConfigError('layer_types', 'config.json has layers with a sliding window, which are not supported');
    return read({ max_position_embeddings: 32768, ...config }, 'qkv');
  },
  write(architecture) {
    const config = write(architecture, ['qkv']);
    return 'reason' in config ? config : { ...config, use_sliding_window: false };
  },
};
