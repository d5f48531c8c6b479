// What the families LLaMA, Qwen2 and GPT-2 have in common: how an architecture is looked at before it is written, and rotary settings of
// plain attention.
import type { Params as Attention } from '../model/mha.ts';
import type { Architecture, BlockSpec, Head } from '../values.ts';
import { type Config, ConfigError, equal, Float, number, only, ropeSettings, whole } from './family.ts';

/** What no family has a place for, said for people; null where there is nothing of it. */
export function beyond({ front, memory, adapters, vocab }: Architecture): string | null {
  if (vocab === 0) return 'it reads no tokens';
  if (front) return 'something other than an embedding stands in front';
  if (memory) return 'it reads an encoder';
  if (adapters) return 'its adapters stand apart (merge them)';
  return null;
}

/** The one block that all layers are, and how many there are; or why they are not equal. */
export function onlyBlock(blocks: BlockSpec[]): { block: BlockSpec; layers: number } | { reason: string } {
  const [first] = blocks;
  if (first === undefined) return { reason: 'it has no layers' };
  if (blocks.some((block) => !equal({ ...block, repeat: 1 }, { ...first, repeat: 1 })))
    return { reason: 'all layers must be equal' };
  if (first.cross) return { reason: 'its layers read an encoder' };
  return { block: first, layers: blocks.reduce((sum, { repeat }) => sum + repeat, 0) };
}

export type { Attention };

export type TokensHead = Extract<Head, { kind?: 'tokens' }>;

export const isTokens = (head: Head | null): head is TokensHead =>
  head !== null && (head.kind === undefined || head.kind === 'tokens');

/**
 * The one block of a model of plain attention and plain feed-forward networks with learned positions, or why it is none: what GPT-2
 * and BERT ask for first.
 */
export function plainBlock({ blocks, positions }: Architecture) {
  const found = onlyBlock(blocks);
  if ('reason' in found) return found;
  const { block } = found;
  if (block.attention.kind !== 'mha' || block.ffn.kind !== 'mlp')
    return { reason: `layers must be mha and mlp, they are ${block.attention.kind} and ${block.ffn.kind}` };
  const attention = block.attention.params as unknown as Attention;
  if (positions?.kind !== 'learned' || attention.positions !== 'none')
    return { reason: 'positions must be learned, and attention not rotary' };
  const ffn = block.ffn.params as { dim: number; activation: string; bias: boolean };
  return { ...found, attention, ffn, places: positions.size };
}

/** Why attention is not that of GPT-2 and BERT: biases everywhere, a key head for each query head, no wider than the model. */
export function unlikePlain(attention: Attention, ffn: { bias: boolean }, dim: number): string | null {
  const { heads, kv_heads: kv = heads, head_dim: width = dim / heads, bias } = attention;
  if (bias !== 'all' || !ffn.bias) return 'all linear layers must have biases';
  if (kv !== heads || width * heads !== dim)
    return 'each query head must have its key head, and heads the width of the model between them';
  return null;
}

/** Throws where the heads do not part the width evenly. Keys are those of config.json. */
export function checkHeads(heads: [key: string, count: number], dim: [key: string, width: number]): void {
  if (dim[1] % heads[1] !== 0)
    throw new ConfigError(
      heads[0],
      `config.json has ${heads[0]} ${heads[1]}, which does not divide ${dim[0]}, ${dim[1]}`,
    );
}

/** A share that is dropped while training, where it is more than nothing. */
export function dropped(config: Config, key: string, fallback = 0): { dropout?: number } {
  const rate = number(config, key, fallback);
  if (rate < 0 || rate >= 1) throw new ConfigError(key, `config.json needs a share below 1 for ${key}; it has ${rate}`);
  return rate > 0 ? { dropout: rate } : {};
}

/** Rotary settings of mha: none, YaRN's or LLaMA 3's scaling. */
export function readRotary(config: Config): Partial<Attention> & { rope_theta: number } {
  const { theta, scaling } = ropeSettings(config);
  if (scaling === null) return { rope_theta: theta };
  only(scaling, 'partial_rotary_factor', [1]);
  const context = whole(scaling, 'original_max_position_embeddings', number(config, 'max_position_embeddings', 2048));
  if (scaling.rope_type === 'llama3')
    return {
      rope_theta: theta,
      llama3_factor: number(scaling, 'factor'),
      llama3_context: context,
      llama3_low: number(scaling, 'low_freq_factor'),
      llama3_high: number(scaling, 'high_freq_factor'),
    };
  if (scaling.rope_type === 'yarn') {
    for (const key of ['attention_factor', 'mscale', 'mscale_all_dim'])
      if (scaling[key] !== undefined && scaling[key] !== null)
        throw new ConfigError(
          'rope_scaling',
          `config.json sets ${key} for YaRN, which is not supported for this family`,
        );
    only(scaling, 'truncate', [true]);
    return {
      rope_theta: theta,
      yarn_factor: number(scaling, 'factor'),
      yarn_context: context,
      yarn_beta_fast: number(scaling, 'beta_fast', 32),
      yarn_beta_slow: number(scaling, 'beta_slow', 1),
    };
  }
  throw new ConfigError(
    'rope_scaling',
    `config.json asks for ${JSON.stringify(scaling.rope_type)} rotary scaling; llama3, yarn and none are supported for this family`,
  );
}

export function writeRotary(attention: Attention): Config {
  const { rope_theta: theta, yarn_factor: yarn = 1, llama3_factor: llama3 = 1 } = attention;
  const scaling =
    llama3 > 1
      ? {
          rope_type: 'llama3',
          factor: new Float(llama3),
          low_freq_factor: new Float(attention.llama3_low ?? 1),
          high_freq_factor: new Float(attention.llama3_high ?? 4),
          original_max_position_embeddings: attention.llama3_context ?? 8192,
        }
      : yarn > 1
        ? {
            rope_type: 'yarn',
            factor: new Float(yarn),
            original_max_position_embeddings: attention.yarn_context ?? 4096,
            beta_fast: new Float(attention.yarn_beta_fast ?? 32),
            beta_slow: new Float(attention.yarn_beta_slow ?? 1),
          }
        : null;
  return { rope_theta: new Float(theta), rope_scaling: scaling };
}
