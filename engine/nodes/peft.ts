// LoRA as peft 0.21 stores it: adapter_config.json and adapter_model.safetensors.
import { linearLayers, means } from './adapters.ts';
import { addedWeights, checkAdapted } from './adapting.ts';
import type { KindLookup, RunContext } from './context.ts';
import { decoderWeights } from './decoder.ts';
import { type Config, ConfigError, configText, Float, number, only, truth, whole } from './families/family.ts';
import { ofTokens } from './heads.ts';
import type { Complaint } from './kind.ts';
import type { Adapters, Architecture, ModelArtifact, ModelSpec } from './values.ts';

/** In front of each tensor's name in adapter_model.safetensors. */
export const tensorPrefix = 'base_model.model.';

export const adapterConfig = 'adapter_config.json';
export const adapterTensors = 'adapter_model.safetensors';
export const peftFiles = [adapterConfig, adapterTensors];

/** Settings that say how training began or would go on, not what the adapters compute. */
const harmless = new Set([
  'alpha_pattern',
  'auto_mapping',
  'base_model_name_or_path',
  'bias',
  'ensure_weight_tying',
  'fan_in_fan_out',
  'inference_mode',
  'init_lora_weights',
  'layers_pattern',
  'loftq_config',
  'lora_alpha',
  'lora_dropout',
  'megatron_config',
  'megatron_core',
  'peft_type',
  'peft_version',
  'qalora_group_size',
  'r',
  'rank_pattern',
  'revision',
  'runtime_config',
  'target_modules',
  'task_type',
  'use_rslora',
]);

const isEmpty = (value: unknown): boolean =>
  value === undefined ||
  value === null ||
  value === false ||
  (typeof value === 'object' && Object.keys(value).length === 0);

/**
 * The adapters that adapter_config.json describes.
 * @param layers names of the model's linear layers
 * @throws ConfigError for what is no LoRA, or a kind of it that is not computed here
 */
export function readAdapters(text: string, layers: readonly string[]): Adapters {
  const config = parse(text);
  if (config.peft_type !== 'LORA')
    throw new ConfigError(
      'peft_type',
      `${adapterConfig} has peft_type ${JSON.stringify(config.peft_type) ?? 'missing'}; only LORA is supported`,
    );
  only(config, 'bias', ['none']);
  for (const [key, value] of Object.entries(config))
    if (!harmless.has(key) && !isEmpty(value))
      throw new ConfigError(key, `${adapterConfig} sets ${key}, which is not supported`);
  for (const key of ['rank_pattern', 'alpha_pattern'])
    if (!isEmpty(config[key]))
      throw new ConfigError(
        key,
        `${adapterConfig} gives single layers a rank or alpha of their own (${key}), which is not supported`,
      );
  const rank = whole(config, 'r');
  const alpha = number(config, 'lora_alpha');
  return {
    rank,
    scale: alpha / (truth(config, 'use_rslora', false) ? Math.sqrt(rank) : rank),
    dropout: number(config, 'lora_dropout', 0),
    targets: targets(config.target_modules, layers),
  };
}

function targets(given: unknown, layers: readonly string[]): string[] {
  if (given === 'all-linear') return endings(layers);
  if (!Array.isArray(given) || given.length === 0 || given.some((each) => typeof each !== 'string'))
    throw new ConfigError(
      'target_modules',
      typeof given === 'string'
        ? `${adapterConfig} names its layers by a regular expression (target_modules), which is not supported; a list is`
        : `${adapterConfig} has no list of names as target_modules`,
    );
  const unknown = (given as string[]).find((target) => !layers.some((layer) => means(target, layer)));
  if (unknown !== undefined)
    throw new ConfigError(
      'target_modules',
      `${adapterConfig} names the layers ${unknown}, but the model has only ${endings(layers).join(', ')}`,
    );
  return [...(given as string[])].sort();
}

/** The last parts of layers' names, each once: what targets are chosen from. */
export function endings(layers: readonly string[]): string[] {
  return [...new Set(layers.map((layer) => layer.slice(layer.lastIndexOf('.') + 1)))];
}

/** adapter_config.json. `base`: what it says the base model is. */
function writeAdapters(
  { rank, scale, dropout, targets }: Adapters,
  base: string | null,
  head: Architecture['head'],
): string {
  const alpha = scale * rank;
  return configText({
    peft_type: 'LORA',
    task_type: head !== null && ofTokens(head) ? 'CAUSAL_LM' : null,
    base_model_name_or_path: base,
    r: rank,
    lora_alpha: Number.isInteger(alpha) ? alpha : new Float(alpha),
    lora_dropout: new Float(dropout),
    target_modules: targets,
    bias: 'none',
    use_rslora: false,
    fan_in_fan_out: false,
    inference_mode: true,
  });
}

/** Layers that peft 0.21 takes for the experts as well, in a model that has some. */
const fused = ['gate_proj', 'up_proj', 'down_proj'];

/** Complains where a model has no adapters, or such as peft would not put where they were. */
export function checkPeft(model: ModelSpec, kinds: KindLookup, error: (complaint: Complaint) => void): boolean {
  if (!checkAdapted(model, error)) return false;
  const { adapters, blocks } = model.architecture;
  const layers = linearLayers(decoderWeights(kinds, model.architecture));
  const taken = fused.find((name) =>
    adapters?.targets.some((target) => layers.some((layer) => means(target, layer) && means(name, layer))),
  );
  if (taken === undefined || !blocks.some(({ ffn }) => ffn.kind === 'moe')) return true;
  error({
    code: 'peft-layers',
    at: 'model',
    message: `the model has experts, and adapters beside ${taken}: peft would look for adapters of the experts too`,
    note: 'fold them in with merge(...), or give lora other targets',
  });
  return false;
}

/** Writes a model's adapters to a folder. `base`: what the files say the model is. */
export async function writePeft(
  context: RunContext<unknown>,
  { architecture, weights }: ModelArtifact,
  folder: string,
  base: string | null,
): Promise<void> {
  const { adapters, head } = architecture;
  if (adapters === undefined) throw new Error('checked before: there are adapters');
  await context.files.writeText(`${folder}/${adapterConfig}`, writeAdapters(adapters, base, head));
  const reader = await context.weights.open(weights);
  try {
    const tensors = addedWeights(context.kinds, architecture).map(({ name, shape }) => ({
      name: tensorPrefix + name,
      shape,
      values: reader.read(name),
    }));
    await context.weights.write(`${folder}/${adapterTensors}`, tensors, { format: 'pt' });
  } finally {
    reader.close();
  }
}

function parse(text: string): Config {
  let config: unknown;
  try {
    config = JSON.parse(text);
  } catch (error) {
    throw new ConfigError('', `${adapterConfig} is not valid JSON (${(error as Error).message})`);
  }
  if (typeof config !== 'object' || config === null || Array.isArray(config))
    throw new ConfigError('', `${adapterConfig} is not a JSON object`);
  return config as Config;
}
