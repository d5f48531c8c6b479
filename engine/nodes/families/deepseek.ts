// DeepSeek-V2 and V3: multi-head latent attention, some dense layers first, mixtures of experts after them. V2 scores experts by softmax.
import type { Params as AttentionParams } from '../model/mla.ts';
import type { Params as MoeParams } from '../model/moe.ts';
import type { Architecture, BlockSpec, Part } from '../values.ts';
import { beyond, isTokens } from './decoder.ts';
import {
  type Config,
  ConfigError,
  count,
  equal,
  type Family,
  Float,
  number,
  only,
  type ReadOptions,
  ropeSettings,
  truth,
  whole,
} from './family.ts';

type Version = 2 | 3;

function readAttention(config: Config, version: Version): Part {
  const { theta, scaling } = ropeSettings(config);
  if (scaling !== null && scaling.rope_type !== 'yarn')
    throw new ConfigError(
      'rope_parameters',
      `config.json asks for ${String(scaling.rope_type)} rotary scaling; yarn and none are supported`,
    );
  const both = scaling?.mscale && scaling.mscale_all_dim;
  if (scaling?.mscale_all_dim && !scaling.mscale)
    throw new ConfigError('rope_parameters', 'config.json sets mscale_all_dim without mscale, which is not supported');
  if (scaling) {
    only(scaling, 'attention_factor', []);
    only(scaling, 'truncate', [true]);
  }
  return {
    kind: 'mla',
    params: {
      heads: whole(config, 'num_attention_heads'),
      kv_rank: whole(config, 'kv_lora_rank'),
      rope_dim: whole(config, 'qk_rope_head_dim', undefined, 2),
      head_dim: whole(config, 'qk_nope_head_dim'),
      value_dim: whole(config, 'v_head_dim'),
      ...(config.q_lora_rank !== null && config.q_lora_rank !== undefined && { q_rank: whole(config, 'q_lora_rank') }),
      rope_theta: theta,
      rope_interleaved: version === 2 || truth(config, 'rope_interleave', true),
      yarn_factor: scaling ? number(scaling, 'factor') : 1,
      yarn_context: scaling
        ? whole(scaling, 'original_max_position_embeddings', number(config, 'max_position_embeddings', 4096))
        : 4096,
      yarn_beta_fast: scaling ? number(scaling, 'beta_fast', 32) : 32,
      yarn_beta_slow: scaling ? number(scaling, 'beta_slow', 1) : 1,
      // Where one of them is missing neither counts in the rotary values, as in transformers.
      yarn_mscale: both ? number(scaling, 'mscale') : 1,
      yarn_mscale_all_dim: both ? number(scaling, 'mscale_all_dim') : scaling ? 0 : 1,
    },
  };
}

function read(config: Config, { biasSpeed }: ReadOptions, version: Version): Architecture {
  only(config, 'hidden_act', ['silu']);
  only(config, 'attention_bias', [false]);
  if (version === 3) {
    only(config, 'scoring_func', ['sigmoid']);
    only(config, 'topk_method', ['noaux_tc']);
  } else {
    only(config, 'scoring_func', ['softmax']);
    only(config, 'topk_method', ['greedy', 'group_limited_greedy']);
    only(config, 'norm_topk_prob', [false]);
    only(config, 'mlp_bias', [false]);
  }
  only(config, 'moe_layer_freq', [1]);
  const grouped = version === 3 || config.topk_method === 'group_limited_greedy';
  const layers = count(config, 'num_hidden_layers');
  const denseLayers = Math.min(whole(config, 'first_k_dense_replace', version === 3 ? 3 : 0, 0), layers);
  const eps = number(config, 'rms_norm_eps', 1e-6);
  const attention = readAttention(config, version);
  const dense: Part = { kind: 'swiglu', params: { dim: whole(config, 'intermediate_size') } };
  const sparse = (): Part => ({
    kind: 'moe',
    params: {
      experts: count(config, 'n_routed_experts'),
      active: whole(config, 'num_experts_per_tok'),
      shared: whole(config, 'n_shared_experts', version === 3 ? 1 : 2, 0),
      dim: whole(config, 'moe_intermediate_size'),
      groups: grouped ? whole(config, 'n_group', 1) : 1,
      active_groups: grouped ? whole(config, 'topk_group', 1) : 1,
      scale: number(config, 'routed_scaling_factor', 1),
      normalize: version === 3 && truth(config, 'norm_topk_prob', true),
      bias_speed: version === 3 ? biasSpeed : 0,
      ...(version === 2 && { scores: 'softmax' }),
    },
  });
  const blocks: BlockSpec[] = [];
  if (denseLayers > 0) blocks.push({ repeat: denseLayers, attention, ffn: dense, eps });
  if (layers > denseLayers) blocks.push({ repeat: layers - denseLayers, attention, ffn: sparse(), eps });
  return {
    tokenizer: null,
    vocab: whole(config, 'vocab_size'),
    dim: whole(config, 'hidden_size'),
    init: number(config, 'initializer_range', 0.02),
    blocks,
    head: { eps, tied: truth(config, 'tie_word_embeddings', false) },
    context: whole(config, 'max_position_embeddings', version === 3 ? 4096 : 2048),
  };
}

function write(architecture: Architecture, version: Version): Config | { reason: string } {
  const { blocks, head, dim, vocab, init, positions, segments, embedded } = architecture;
  const strange = beyond(architecture);
  if (strange !== null) return { reason: strange };
  if (positions || segments || embedded?.norm) return { reason: 'positions must be rotary alone' };
  if (blocks.some((block) => block.norm === 'layer' || block.place || block.both || block.cross))
    return { reason: 'norms must be RMSNorm, before each part, and attention causal' };
  if (!isTokens(head) || head.bias || head.transform || (head.norm ?? 'rms') !== 'rms')
    return { reason: 'it must end in an lm_head with RMSNorm, without biases' };
  const layers = blocks.flatMap((block) => Array.from({ length: block.repeat }, () => block));
  const attention = layers[0]?.attention;
  if (attention === undefined || layers.some((layer) => !equal(layer.attention, attention)))
    return { reason: 'all layers must have the same attention' };
  if (attention.kind !== 'mla') return { reason: `attention must be mla, it is ${attention.kind}` };
  const firstSparse = layers.findIndex((layer) => layer.ffn.kind === 'moe');
  const denseLayers = firstSparse < 0 ? layers.length : firstSparse;
  const dense = layers.slice(0, denseLayers).map((layer) => layer.ffn);
  const sparse = layers.slice(denseLayers).map((layer) => layer.ffn);
  if (dense.some((ffn) => ffn.kind !== 'swiglu' || !equal(ffn, dense[0])))
    return { reason: 'the layers before the first moe must have swiglu of one width' };
  if (sparse.some((ffn) => !equal(ffn, sparse[0])))
    return { reason: 'from the first moe on, all layers must have the same moe' };
  if (layers.some((layer) => layer.eps !== head.eps)) return { reason: 'all norms must have the same eps' };
  const a = attention.params as unknown as AttentionParams;
  const m = (sparse[0]?.params ?? {}) as Partial<MoeParams>;
  const softmax = m.scores === 'softmax';
  if (m.experts !== undefined && softmax !== (version === 2))
    return { reason: `experts must be scored by ${version === 2 ? 'softmax' : 'a sigmoid'}` };
  if (version === 2 && (!a.rope_interleaved || (m.normalize ?? false)))
    return { reason: 'neighbouring channels must rotate, and weights of experts not be normalised' };
  if (m.shared === 0) return { reason: 'moe must have at least one shared expert' };
  const headDim = a.head_dim ?? Math.floor(dim / a.heads);
  const yarn = a.yarn_factor > 1;
  return {
    hidden_act: 'silu',
    attention_bias: false,
    attention_dropout: new Float(0),
    hidden_size: dim,
    vocab_size: vocab,
    num_hidden_layers: layers.length,
    first_k_dense_replace: denseLayers,
    intermediate_size: dense[0]?.params.dim ?? dim,
    num_attention_heads: a.heads,
    num_key_value_heads: a.heads,
    q_lora_rank: a.q_rank ?? null,
    kv_lora_rank: a.kv_rank,
    qk_nope_head_dim: headDim,
    qk_rope_head_dim: a.rope_dim,
    v_head_dim: a.value_dim ?? headDim,
    moe_intermediate_size: m.dim ?? dim,
    n_routed_experts: m.experts ?? 1,
    num_experts_per_tok: m.active ?? 1,
    n_shared_experts: m.shared ?? 1,
    n_group: m.groups ?? 1,
    topk_group: m.active_groups ?? m.groups ?? 1,
    ...(version === 3
      ? {
          scoring_func: 'sigmoid',
          topk_method: 'noaux_tc',
          rope_interleave: a.rope_interleaved,
          num_nextn_predict_layers: head.further?.depth ?? 0,
        }
      : { scoring_func: 'softmax', topk_method: (m.groups ?? 1) > 1 ? 'group_limited_greedy' : 'greedy' }),
    routed_scaling_factor: new Float(m.scale ?? 1),
    norm_topk_prob: m.normalize ?? version === 3,
    moe_layer_freq: 1,

    rms_norm_eps: new Float(head.eps),
    rope_theta: new Float(a.rope_theta),
    rope_scaling: yarn
      ? {
          type: 'yarn',
          rope_type: 'yarn',
          factor: new Float(a.yarn_factor),
          original_max_position_embeddings: a.yarn_context,
          beta_fast: new Float(a.yarn_beta_fast),
          beta_slow: new Float(a.yarn_beta_slow),
          mscale: new Float(a.yarn_mscale),
          mscale_all_dim: new Float(a.yarn_mscale_all_dim),
        }
      : null,
    max_position_embeddings: architecture.context ?? 4096,
    tie_word_embeddings: head.tied,
    initializer_range: new Float(init),
  };
}

export const deepseekV3: Family = {
  type: 'deepseek_v3',
  class: 'DeepseekV3ForCausalLM',
  read: (config, options) => read(config, options, 3),
  write: (architecture) => write(architecture, 3),
};

export const deepseekV2: Family = {
  type: 'deepseek_v2',
  class: 'DeepseekV2ForCausalLM',
  read: (config, options) => read(config, options, 2),
  write: (architecture) => write(architecture, 2),
};
