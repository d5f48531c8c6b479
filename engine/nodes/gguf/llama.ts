// A GGUF file of the LLaMA architecture as a model of transformers: its metadata as a config.json, its tensors under Hugging Face's names.
import { type Config, ConfigError } from '../families/family.ts';
import { type Gguf, type GgufTensor, type List, type Scalar, type Source } from './header.ts';

/** A tensor under its Hugging Face name. */
export interface Placed extends GgufTensor {
  /** Heads whose rows llama.cpp has reordered (the two halves of each, row by row in turn); null: none were. */
  heads: number | null;
}

const isList = (value: Scalar | List | undefined): value is List => typeof value === 'object';

/** What metadata says under a key; lists count as nothing. */
export function said(gguf: Gguf, key: string): Scalar | undefined {
  const value = gguf.metadata.get(key);
  return isList(value) ? undefined : value;
}

/** The entries of a list; undefined where there is no such list. */
export function listed(gguf: Gguf, key: string): Scalar[] | undefined {
  const value = gguf.metadata.get(key);
  return isList(value) ? value.entries() : undefined;
}

function number(gguf: Gguf, key: string): number | undefined {
  const value = said(gguf, key);
  return typeof value === 'number' || typeof value === 'bigint' ? Number(value) : undefined;
}

/** The shortest number of few digits that float32 rounds to this: metadata has 1e-5 as 9.99999974e-06. */
function short(value: number | undefined): number | undefined {
  if (value === undefined) return undefined;
  for (let digits = 1; digits < 9; digits++) {
    const candidate = Number(value.toPrecision(digits));
    if (Math.fround(candidate) === Math.fround(value)) return candidate;
  }
  return value;
}

/** Throws ConfigError for what is no model of LLaMA's architecture. */
export function configOf(gguf: Gguf, source: Source): Config {
  const type = said(gguf, 'general.architecture');
  if (type !== 'llama')
    throw new ConfigError(
      'general.architecture',
      `the file is of the architecture ${JSON.stringify(type ?? 'none')}; GGUF files of llama are supported (and folders of more families)`,
    );
  if ((number(gguf, 'split.count') ?? 1) > 1)
    throw new ConfigError(
      'split.count',
      'the model is split into several files; join them with llama-gguf-split --merge',
    );
  if ((number(gguf, 'llama.expert_count') ?? 0) > 0)
    throw new ConfigError('llama.expert_count', 'it is a mixture of experts, which is not supported as GGUF');
  const of = (key: string): number | undefined => number(gguf, `llama.${key}`);
  const [dim, heads] = [of('embedding_length'), of('attention.head_count')];
  if (heads === undefined && isList(gguf.metadata.get('llama.attention.head_count')))
    throw new ConfigError(
      'llama.attention.head_count',
      'its layers have different numbers of heads, which is not supported',
    );
  const width = of('attention.key_length') ?? (dim !== undefined && heads ? Math.floor(dim / heads) : undefined);
  const turned = of('rope.dimension_count') ?? width;
  if (turned !== width)
    throw new ConfigError(
      'llama.rope.dimension_count',
      `only ${turned} of ${width} channels of a head rotate, which is not supported`,
    );
  if ((of('attention.value_length') ?? width) !== width)
    throw new ConfigError(
      'llama.attention.value_length',
      'values are of another width than keys, which is not supported',
    );
  const [table] = gguf.tensors.get('token_embd.weight')?.shape ?? [];
  const biased = (name: string): boolean => gguf.tensors.has(`blk.0.${name}.bias`);
  return {
    model_type: 'llama',
    hidden_act: 'silu',
    vocab_size: table ?? of('vocab_size'),
    hidden_size: dim,
    num_hidden_layers: of('block_count'),
    intermediate_size: of('feed_forward_length'),
    num_attention_heads: heads,
    num_key_value_heads: of('attention.head_count_kv') ?? heads,
    head_dim: width,
    rms_norm_eps: short(of('attention.layer_norm_rms_epsilon')),
    rope_theta: short(of('rope.freq_base')) ?? 10000,
    rope_scaling: scaling(gguf, source, turned ?? 0, short(of('rope.freq_base')) ?? 10000),
    max_position_embeddings: of('context_length'),
    tie_word_embeddings: !gguf.tensors.has('output.weight'),
    attention_bias: biased('attn_q') || biased('attn_output'),
    mlp_bias: biased('ffn_gate') || biased('ffn_down'),
  };
}

/** LLaMA 3's scaling as its makers set it: all files of LLaMA 3.1 to 3.3 have it so, but for the factor. */
const llama3 = { low_freq_factor: 1, high_freq_factor: 4, original_max_position_embeddings: 8192 };

/** Scaling of rotary frequencies: by name, or (LLaMA 3) as a tensor of divisors, which must be those of LLaMA 3. */
function scaling(gguf: Gguf, source: Source, width: number, theta: number): Config | null {
  const type = said(gguf, 'llama.rope.scaling.type');
  const tensor = gguf.tensors.get('rope_freqs.weight');
  if (tensor === undefined) {
    if (type === undefined || type === 'none') return null;
    return {
      rope_type: type,
      factor: number(gguf, 'llama.rope.scaling.factor') ?? number(gguf, 'llama.rope.scale_linear'),
      original_max_position_embeddings: number(gguf, 'llama.rope.scaling.original_context_length'),
    };
  }
  const bytes = source.read(tensor.begin, tensor.end - tensor.begin);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const divisors = Array.from({ length: bytes.byteLength / 4 }, (_, i) => view.getFloat32(i * 4, true));
  const factor = Math.max(...divisors);
  const { low_freq_factor: low, high_freq_factor: high, original_max_position_embeddings: original } = llama3;
  const fits =
    tensor.type === 'F32' &&
    divisors.length === width / 2 &&
    divisors.every((divisor, i) => {
      const wave = 2 * Math.PI * theta ** ((2 * i) / width);
      const smooth = Math.min(1, Math.max(0, (original / wave - low) / (high - low)));
      return Math.abs(divisor * ((1 - smooth) / factor + smooth) - 1) < 1e-4;
    });
  if (!fits)
    throw new ConfigError(
      'rope_freqs.weight',
      'it scales rotary frequencies in another way than LLaMA 3, which is not supported',
    );
  return factor === 1 ? null : { rope_type: 'llama3', factor, ...llama3 };
}

const outer: Record<string, string> = {
  token_embd: 'model.embed_tokens',
  output_norm: 'model.norm',
  output: 'lm_head',
};
const inner: Record<string, string> = {
  attn_norm: 'input_layernorm',
  ffn_norm: 'post_attention_layernorm',
  attn_q: 'self_attn.q_proj',
  attn_k: 'self_attn.k_proj',
  attn_v: 'self_attn.v_proj',
  attn_output: 'self_attn.o_proj',
  ffn_gate: 'mlp.gate_proj',
  ffn_up: 'mlp.up_proj',
  ffn_down: 'mlp.down_proj',
};

/** The tensors under Hugging Face's names; those of other purposes keep their own. */
export function placed(gguf: Gguf): Map<string, Placed> {
  const heads = number(gguf, 'llama.attention.head_count') ?? 1;
  const groups = number(gguf, 'llama.attention.head_count_kv') ?? heads;
  return new Map(
    [...gguf.tensors].map(([name, tensor]) => {
      const [, layer, part = '', kind = ''] = /^(?:blk\.(\d+)\.)?(\w+)\.(weight|bias)$/.exec(name) ?? [];
      const known = layer === undefined ? outer[part] : inner[part];
      const turned = part === 'attn_q' ? heads : part === 'attn_k' ? groups : null;
      if (known === undefined) return [name, { ...tensor, heads: null }];
      const [rows = 0] = tensor.shape;
      const whole = turned !== null && turned > 0 && rows % (2 * turned) === 0;
      return [
        `${layer === undefined ? '' : `model.layers.${layer}.`}${known}.${kind}`,
        { ...tensor, heads: whole ? turned : null },
      ];
    }),
  );
}
