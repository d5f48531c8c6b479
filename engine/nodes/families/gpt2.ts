// GPT-2: learned positions, LayerNorm before each part, a plain feed-forward network; biases everywhere.
import type { Architecture } from '../values.ts';
import { beyond, checkHeads, dropped, isTokens, plainBlock, unlikePlain } from './decoder.ts';
import { type Config, ConfigError, count, type Family, Float, number, only, truth, whole } from './family.ts';

/** Its names of activations, and ours. */
export const activations: Record<string, string> = {
  gelu: 'gelu',
  gelu_new: 'gelu_tanh',
  gelu_pytorch_tanh: 'gelu_tanh',
  relu: 'relu',
};

/** @param key of config.json */
export function activation(config: Config, key: string, fallback: string): string {
  const given = config[key] ?? fallback;
  const found = typeof given === 'string' && Object.hasOwn(activations, given) ? activations[given] : undefined;
  if (found !== undefined) return found;
  throw new ConfigError(
    key,
    `config.json sets ${key} to ${JSON.stringify(given)}, which is not supported (only ${Object.keys(activations).join(', ')})`,
  );
}

/** The name that both families write. */
export const activationName = (ours: string): string => (ours === 'gelu_tanh' ? 'gelu_new' : ours);

function read(config: Config): Architecture {
  only(config, 'scale_attn_weights', [true]);
  only(config, 'scale_attn_by_inverse_layer_idx', [false]);
  only(config, 'add_cross_attention', [false]);
  const dim = whole(config, 'n_embd', 768);
  const heads = whole(config, 'n_head', 12);
  checkHeads(['n_head', heads], ['n_embd', dim]);
  const eps = number(config, 'layer_norm_epsilon', 1e-5);
  const size = whole(config, 'n_positions', 1024);
  const drop = dropped(config, 'embd_pdrop', 0.1);
  return {
    tokenizer: null,
    vocab: whole(config, 'vocab_size', 50257),
    dim,
    init: number(config, 'initializer_range', 0.02),
    blocks: [
      {
        repeat: count({ n_layer: 12, ...config }, 'n_layer'),
        attention: {
          kind: 'mha',
          params: { heads, rope_theta: 10000, positions: 'none', bias: 'all', ...dropped(config, 'attn_pdrop', 0.1) },
        },
        ffn: {
          kind: 'mlp',
          params: {
            dim: whole(config, 'n_inner', 4 * dim),
            activation: activation(config, 'activation_function', 'gelu_new'),
            bias: true,
            dropout: 0,
          },
        },
        eps,
        norm: 'layer',
        ...dropped(config, 'resid_pdrop', 0.1),
      },
    ],
    head: { eps, tied: truth(config, 'tie_word_embeddings', true), norm: 'layer' },
    context: size,
    positions: { kind: 'learned', size },
    ...(drop.dropout !== undefined && { embedded: drop }),
  };
}

function write(architecture: Architecture): Config | { reason: string } {
  const { head, dim, vocab, init, segments, embedded = {} } = architecture;
  const strange = beyond(architecture);
  if (strange !== null) return { reason: strange };
  const found = plainBlock(architecture);
  if ('reason' in found) return found;
  const { block, layers, attention, ffn, places } = found;
  if (segments || embedded.norm) return { reason: 'nothing but positions may be added to embeddings' };
  const unlike = unlikePlain(attention, ffn, dim);
  if (unlike !== null) return { reason: unlike };
  if (block.norm !== 'layer' || block.place || block.both)
    return { reason: 'norms must be LayerNorm, before each part, and attention causal' };
  if (!isTokens(head) || head.bias || head.transform || head.norm !== 'layer')
    return { reason: 'it must end in an lm_head with LayerNorm, without biases' };
  if (block.eps !== head.eps) return { reason: 'all norms must have the same eps' };
  return {
    activation_function: activationName(ffn.activation),
    n_embd: dim,
    vocab_size: vocab,
    n_positions: places,
    n_layer: layers,
    n_head: attention.heads,
    n_inner: ffn.dim === 4 * dim ? null : ffn.dim,
    resid_pdrop: new Float(block.dropout ?? 0),
    embd_pdrop: new Float(embedded.dropout ?? 0),
    attn_pdrop: new Float(attention.dropout ?? 0),
    layer_norm_epsilon: new Float(head.eps),
    initializer_range: new Float(init),
    tie_word_embeddings: head.tied,
  };
}

export const gpt2: Family = { type: 'gpt2', class: 'GPT2LMHeadModel', read, write };
