// All families, and the way in and out of config.json.
import { readQuantization, writeQuantization } from '../compressed.ts';
import type { Architecture } from '../values.ts';
import { deepseekV3 } from './deepseek_v3.ts';
import { type Config, ConfigError, configText, type Family, type ReadOptions } from './family.ts';
import { llama } from './llama.ts';

export const families: readonly Family[] = [deepseekV3, llama];

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
  if (quantized === null) return family.read(config as Config, options);
  return { ...family.read({ ...config, quantization_config: null } as Config, options), quantized };
}

/** config.json for an architecture, or why no family has it. `end` is the id of the end-of-document token. */
export function writeConfig(architecture: Architecture, end: number | null): { text: string } | { reasons: string[] } {
  const reasons: string[] = [];
  for (const family of families) {
    const config = family.write(architecture);
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
    return { text: configText(whole) };
  }
  return { reasons };
}
