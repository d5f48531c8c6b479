// BERT: an encoder. Learned positions and segments, LayerNorm behind each part; with the head that its class in config.json names.
import type { Architecture, Head } from '../values.ts';
import { beyond, checkHeads, dropped, plainBlock, unlikePlain } from './decoder.ts';
import { type Config, ConfigError, count, type Family, Float, number, only, truth, whole } from './family.ts';
import { activation, activationName } from './gpt2.ts';

const classes = {
  tokens: 'BertForMaskedLM',
  vector: 'BertModel',
  classes: 'BertForSequenceClassification',
} as const;

function readHead(config: Config, eps: number): Head {
  const [given = classes.tokens] = Array.isArray(config.architectures) ? (config.architectures as unknown[]) : [];
  switch (given) {
    case classes.tokens:
    case 'BertForPreTraining':
      only(config, 'hidden_act', ['gelu']); // in the head's transform as well
      return { eps, tied: truth(config, 'tie_word_embeddings', true), norm: 'none', bias: true, transform: true };
    case classes.vector:
      return { kind: 'vector', eps, tied: false, norm: 'none', pool: 'mean' };
    case classes.classes: {
      only(config, 'problem_type', ['single_label_classification']);
      const labels = Object.values((config.id2label ?? { 0: 'LABEL_0', 1: 'LABEL_1' }) as Record<string, unknown>).map(
        String,
      );
      if (labels.length < 2)
        throw new ConfigError(
          'id2label',
          'config.json has fewer than two labels; regression is not supported for this family',
        );
      const drop = dropped({ rate: config.classifier_dropout ?? config.hidden_dropout_prob }, 'rate', 0.1);
      return { kind: 'classes', labels, eps, tied: false, norm: 'none', pool: 'first', dense: true, ...drop };
    }
    default:
      throw new ConfigError(
        'architectures',
        `config.json has the class ${JSON.stringify(given)}; supported are ${Object.values(classes).join(', ')}`,
      );
  }
}

function read(config: Config): Architecture {
  only(config, 'position_embedding_type', ['absolute']);
  only(config, 'is_decoder', [false]);
  only(config, 'add_cross_attention', [false]);
  const dim = whole(config, 'hidden_size', 768);
  const heads = whole(config, 'num_attention_heads', 12);
  checkHeads(['num_attention_heads', heads], ['hidden_size', dim]);
  const eps = number(config, 'layer_norm_eps', 1e-12);
  const size = whole(config, 'max_position_embeddings', 512);
  const drop = dropped(config, 'hidden_dropout_prob', 0.1);
  return {
    tokenizer: null,
    vocab: whole(config, 'vocab_size', 30522),
    dim,
    init: number(config, 'initializer_range', 0.02),
    blocks: [
      {
        repeat: count({ num_hidden_layers: 12, ...config }, 'num_hidden_layers'),
        attention: {
          kind: 'mha',
          params: {
            heads,
            rope_theta: 10000,
            positions: 'none',
            bias: 'all',
            ...dropped(config, 'attention_probs_dropout_prob', 0.1),
          },
        },
        ffn: {
          kind: 'mlp',
          params: {
            dim: whole(config, 'intermediate_size', 3072),
            activation: activation(config, 'hidden_act', 'gelu'),
            bias: true,
            dropout: 0,
          },
        },
        eps,
        norm: 'layer',
        place: 'post',
        both: true,
        ...drop,
      },
    ],
    head: readHead(config, eps),
    context: size,
    positions: { kind: 'learned', size },
    segments: whole(config, 'type_vocab_size', 2),
    embedded: { norm: 'layer', eps, ...drop },
  };
}

function write(architecture: Architecture): Config | { reason: string } {
  const { head, dim, vocab, init, segments, embedded = {} } = architecture;
  const strange = beyond(architecture);
  if (strange !== null) return { reason: strange };
  const found = plainBlock(architecture);
  if ('reason' in found) return found;
  const { block, layers, attention, ffn, places } = found;
  const unlike = unlikePlain(attention, ffn, dim);
  if (unlike !== null) return { reason: unlike };
  if (!segments || embedded.norm !== 'layer') return { reason: 'embeddings must have segments and a LayerNorm' };
  if (block.norm !== 'layer' || block.place !== 'post' || !block.both)
    return { reason: 'norms must be LayerNorm, behind each part, and every position must see all others' };
  if (head === null || head.norm !== 'none') return { reason: 'there must be no norm before the head' };
  const { kind = 'tokens' } = head;
  if (kind === 'values') return { reason: 'a head of values is none of its classes here' };
  if (kind === 'tokens' && !('transform' in head && head.transform && head.bias))
    return { reason: "its lm_head must have BERT's transform and bias" };
  if (kind === 'tokens' && ffn.activation !== 'gelu')
    return { reason: 'its lm_head has GELU, so the layers must have it too' };
  if (kind === 'classes' && !('pool' in head && head.pool === 'first' && head.dense))
    return { reason: 'its classes must be told from the first position, through a dense layer' };
  if (kind === 'vector' && 'dense' in head && head.dense)
    return { reason: 'its vector must come without a dense layer' };
  if (new Set([block.eps, head.eps, embedded.eps ?? head.eps]).size > 1)
    return { reason: 'all norms must have the same eps' };
  return {
    architectures: [classes[kind]],
    hidden_act: activationName(ffn.activation),
    hidden_size: dim,
    vocab_size: vocab,
    num_hidden_layers: layers,
    num_attention_heads: attention.heads,
    intermediate_size: ffn.dim,
    hidden_dropout_prob: new Float(block.dropout ?? 0),
    attention_probs_dropout_prob: new Float(attention.dropout ?? 0),
    max_position_embeddings: places,
    type_vocab_size: segments,
    layer_norm_eps: new Float(head.eps),
    initializer_range: new Float(init),
    tie_word_embeddings: kind === 'tokens' ? head.tied : true,
    ...('labels' in head && {
      id2label: Object.fromEntries(head.labels.map((label, id) => [id, label])),
      label2id: Object.fromEntries(head.labels.map((label, id) => [label, id])),
      classifier_dropout: new Float(head.dropout ?? 0),
    }),
  };
}

export const bert: Family = { type: 'bert', class: 'BertForMaskedLM', read, write };
