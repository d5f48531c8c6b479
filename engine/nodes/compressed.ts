// config.json's `quantization_config` as compressed-tensors writes it, for what quantized.ts knows.
import { ConfigError } from './families/family.ts';
import type { Quantized } from './values.ts';

type Json = Record<string, unknown>;

/** A pattern for layers whose name is, or ends in, this one. */
const pattern = (name: string): string => `re:(.*\\.)?${name.replaceAll('.', '\\.')}$`;
const named = /^re:\(\.\*\\\.\)\?(.+)\$$/;

/** Tables that compressed-tensors' readers need as they are. */
export const tables = /(?:^|\.)(?:embed_tokens|wte|word_embeddings)$/;

/** @param tied the head shares the embedding's table, which is stored as it is */
export function writeQuantization({ bits, group, skip, inputs }: Quantized, tied: boolean): Json {
  const numbers = (more: Json): Json => ({ num_bits: bits, type: 'int', symmetric: true, ...more });
  const rounding =
    inputs === undefined
      ? null
      : numbers({
          strategy: inputs === 'dynamic' ? 'token' : 'tensor',
          dynamic: inputs === 'dynamic',
          group_size: null,
        });
  const format = bits === 8 ? 'int-quantized' : 'pack-quantized';
  const weights = numbers({ strategy: group === null ? 'channel' : 'group', group_size: group, dynamic: false });
  const layers = (targets: string[], input: Json | null): Json => ({
    targets,
    weights,
    input_activations: input,
    output_activations: null,
    format,
  });
  return {
    quant_method: 'compressed-tensors',
    format,
    quantization_status: 'compressed',
    config_groups: {
      group_0: layers(['Linear'], rounding),
      // What goes into the head is not rounded.
      ...(rounding !== null && !tied && { group_1: layers([pattern('lm_head')], null) }),
    },
    ignore: [...(tied ? ['lm_head'] : []), pattern('mlp.gate'), ...skip.map(pattern)],
  };
}

/** What a config says of quantization by compressed-tensors; null where it says nothing of it. Throws ConfigError for what is not read here. */
export function readQuantization(config: Json): Quantized | null {
  const found = config.quantization_config as Json | null | undefined;
  if (found?.quant_method !== 'compressed-tensors') return null;
  const refuse = (what: string): never => {
    throw new ConfigError(
      'quantization_config',
      `the weights are quantized by compressed-tensors with ${what}, which is not read here (symmetric numbers of 8 or 4 bits, the same in all linear layers, are)`,
    );
  };
  const groups = Object.values((found.config_groups ?? {}) as Json) as Json[];
  const group = groups.find(({ targets }) => Array.isArray(targets) && targets.includes('Linear'));
  const same = groups.every(({ weights }) => JSON.stringify(weights) === JSON.stringify(group?.weights));
  if (group === undefined || !same) return refuse(`${groups.length} groups`);
  const weights = (group.weights ?? {}) as Json;
  const bits = weights.num_bits;
  if ((bits !== 8 && bits !== 4) || weights.type !== 'int' || weights.symmetric !== true)
    return refuse(`${String(bits)} bits of type ${String(weights.type)}`);
  const size = weights.strategy === 'group' ? Number(weights.group_size) : null;
  if (weights.strategy !== 'channel' && (size === null || !Number.isInteger(size) || size < 1))
    return refuse(`strategy ${String(weights.strategy)}`);
  const inputs = (group.input_activations ?? null) as Json | null;
  if (inputs && (inputs.num_bits !== 8 || inputs.type !== 'int' || inputs.symmetric !== true))
    return refuse('inputs of other than 8 bits');
  const ignored = Array.isArray(found.ignore) ? found.ignore.map(String) : [];
  return {
    bits,
    group: size,
    skip: ignored.map((name) => (named.exec(name)?.[1] ?? name).replaceAll('\\.', '.')),
    ...(inputs && { inputs: inputs.dynamic === true ? 'dynamic' : 'static' }),
  };
}
