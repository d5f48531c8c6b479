// All families, and the way in and out of config.json.
import { readQuantization, writeQuantization } from '../compressed.ts';
import type { Architecture } from '../values.ts';
import { bert } from './bert.ts';
import { deepseekV2, deepseekV3 } from './deepseek.ts';
import { type Config, ConfigError, configText, equal, type Family, type ReadOptions } from './family.ts';
import { gpt2 } from './gpt2.ts';
import { llama, qwen2 } from './llama.ts';
import { layouts } from './names.ts';

export const families: readonly Family[] = [deepseekV3, deepseekV2, llama, qwen2, gpt2, bert];

/** The architecture that the text of a config.json describes. Throws ConfigError. */
export function readConfig(text: string, options: ReadOptions = { biasSpeed: 0 }): Architecture {
  let config: unknown;
  try {
    config = JSON.parse(text);
  } catch (error) {
    throw new ConfigError(
      '',
      `config.json is not valid JSON (${error instanceof Error ? error.message : 'cannot be read'})`,
    );
  }
  if (typeof config !== 'object' || config === null || Array.isArray(config))
    throw new ConfigError('', 'config.json is not a JSON object');
  const type = (config as Config).model_type;
  const family = families.find((f) => f.type === type);
  if (family === undefined)
    throw new ConfigError(
      'model_type',
      `config.json has model_type ${JSON.stringify(type) ?? 'missing'}; supported are ${families.map((f) => f.type).join(', ')}`,
    );
  const quantized = readQuantization(config as Config);
  if (quantized === null) checkQuantization((config as Config).quantization_config);
  const architecture = family.read(config as Config, options);
  return quantized === null ? architecture : { ...architecture, quantized };
}

/** Throws ConfigError where weights are stored in a form that is not read: read is FP8 in blocks, as DeepSeek-V3 has it. */
function checkQuantization(given: unknown): void {
  if (given === undefined || given === null) return;
  const { quant_method: method, fmt = 'e4m3', weight_block_size: block } = given as Config;
  if (method === 'fp8' && fmt === 'e4m3' && equal(block, [128, 128])) return;
  throw new ConfigError(
    'quantization_config',
    `config.json has a quantization_config of ${JSON.stringify(method) ?? 'no quant_method'}; supported are compressed-tensors' whole numbers and FP8 (e4m3) in blocks of 128 x 128. Convert others to bfloat16 or float32 first`,
  );
}

/** A config.json, and how tensors are to be named beside it (see names.ts). */
export interface Written {
  text: string;
  type: string;
  bare: boolean;
}

/** config.json for an architecture, or why no family has it. `end` is the id of the end-of-document token. */
export function writeConfig(architecture: Architecture, end: number | null): Written | { reasons: string[] } {
  const reasons: string[] = [];
  for (const family of families) {
    const config =
      architecture.quantized && Object.hasOwn(layouts, family.type)
        ? { reason: 'its layers are not written in fewer bits' }
        : family.write(architecture);
    if ('reason' in config) {
      reasons.push(`${family.class}: ${String(config.reason)}`);
      continue;
    }
    const whole = {
      architectures: [family.class],
      model_type: family.type,
      torch_dtype: 'float32',
      bos_token_id: end,
      eos_token_id: end,
      pad_token_id: null,
      use_cache: true,
      ...config,
      ...(architecture.quantized && {
        quantization_config: writeQuantization(architecture.quantized, architecture.head?.tied === true),
      }),
    };
    return { text: configText(whole), type: family.type, bare: architecture.head?.kind === 'vector' };
  }
  return { reasons };
}
