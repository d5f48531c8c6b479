// config.json, there and back: what transformers writes is understood, what we write is understood again, and what is not computed
// here is refused by name.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { families, readConfig, writeConfig } from '../../engine/nodes/families/families.ts';
import { ConfigError, configText, Float } from '../../engine/nodes/families/family.ts';
import type { Architecture, BlockSpec } from '../../engine/nodes/values.ts';

const models = join(import.meta.dirname, '../fixtures/models');
const stored = (name: string): string => readFileSync(join(models, name, 'config.json'), 'utf8');
const written = (architecture: Architecture, end: number | null = null): string => {
  const config = writeConfig(architecture, end);
  if ('reasons' in config) throw new Error(config.reasons.join('; '));
  return config.text;
};

const whole = (max: number, min = 1) => fc.integer({ min, max });
const real = fc.double({ min: 1e-8, max: 1e5, noNaN: true });
const even = whole(64).map((n) => 2 * n);

const mla = fc.record({
  heads: whole(16),
  kv_rank: whole(512),
  rope_dim: even,
  head_dim: whole(128),
  value_dim: whole(128),
  rope_theta: real,
  rope_interleaved: fc.boolean(),
});
const yarn = fc.record({
  yarn_factor: fc.double({ min: 1.01, max: 40, noNaN: true }),
  yarn_context: whole(4096),
  yarn_beta_fast: real,
  yarn_beta_slow: real,
  yarn_mscale: fc.double({ min: 0.1, max: 2, noNaN: true }),
  yarn_mscale_all_dim: fc.double({ min: 0.1, max: 2, noNaN: true }),
});
const noYarn = {
  yarn_factor: 1,
  yarn_context: 4096,
  yarn_beta_fast: 32,
  yarn_beta_slow: 1,
  yarn_mscale: 1,
  yarn_mscale_all_dim: 1,
};
const moe = fc
  .record({ groups: whole(4), each: whole(8), shared: whole(2), dim: whole(256), scale: real, normalize: fc.boolean() })
  .chain(({ each, ...rest }) =>
    whole(rest.groups).chain((open) =>
      whole(open * each).map((active) => ({ ...rest, active, active_groups: open, experts: rest.groups * each })),
    ),
  );
const common = fc.record({
  vocab: whole(200_000),
  dim: whole(4096),
  init: real,
  eps: fc.constantFrom(1e-6, 1e-5, 1e-7),
  tied: fc.boolean(),
  context: whole(1 << 20),
});

const deepseek: fc.Arbitrary<Architecture> = fc
  .record({
    common,
    mla,
    rank: fc.option(whole(64)),
    yarn: fc.option(yarn),
    moe,
    inner: whole(512),
    dense: fc.nat(3),
    sparse: fc.nat(3),
  })
  .filter(({ dense, sparse }) => dense + sparse > 0)
  .map(({ common: { eps, tied, ...sizes }, mla: params, rank, yarn: scaled, moe: experts, inner, dense, sparse }) => {
    const { rope_theta, rope_interleaved, ...widths } = params;
    // In the order that a config is read in: equality of architectures is that of their JSON.
    const q = rank === null ? {} : { q_rank: rank };
    const attention = { kind: 'mla', params: { ...widths, ...q, rope_theta, rope_interleaved, ...(scaled ?? noYarn) } };
    const blocks: BlockSpec[] = [];
    if (dense > 0) blocks.push({ repeat: dense, attention, ffn: { kind: 'swiglu', params: { dim: inner } }, eps });
    if (sparse > 0)
      blocks.push({ repeat: sparse, attention, ffn: { kind: 'moe', params: { ...experts, bias_speed: 0 } }, eps });
    return { tokenizer: null, ...sizes, blocks, head: { eps, tied } };
  });

const llama: fc.Arbitrary<Architecture> = fc
  .record({ common, kv: whole(4), group: whole(4), width: even, theta: real, inner: whole(512), layers: whole(6) })
  .map(({ common: { eps, tied, ...sizes }, kv, group, width, theta, inner, layers }) => ({
    tokenizer: null,
    ...sizes,
    blocks: [
      {
        repeat: layers,
        attention: { kind: 'mha', params: { heads: kv * group, kv_heads: kv, head_dim: width, rope_theta: theta } },
        ffn: { kind: 'swiglu', params: { dim: inner } },
        eps,
      },
    ],
    head: { eps, tied },
  }));

describe('a config', () => {
  test.each([
    ['deepseek_v3', deepseek],
    ['llama', llama],
  ])('of %s says all that the architecture is', (type, architectures) => {
    fc.assert(
      fc.property(architectures, fc.option(fc.nat(1000)), (architecture, end) => {
        const text = written(architecture, end);
        expect(JSON.parse(text)).toMatchObject({ model_type: type, eos_token_id: end, bos_token_id: end });
        expect(readConfig(text)).toEqual(architecture);
      }),
      { numRuns: 300 },
    );
  });

  test.each(['deepseek-full', 'deepseek-plain', 'deepseek-v2', 'llama', 'qwen2', 'gpt2', 'bert'])(
    'that transformers wrote (%s) says the same when we write it',
    (name) => {
      const architecture = readConfig(stored(name));
      const theirs = JSON.parse(stored(name)) as Record<string, unknown>;
      const ours = JSON.parse(written(architecture, 1)) as Record<string, unknown>;
      expect(readConfig(JSON.stringify(ours))).toEqual(architecture);
      const spelled = ['rope_parameters', 'rope_scaling', 'rope_theta', 'num_nextn_predict_layers', 'bos_token_id'];
      if (name === 'bert') spelled.push('eos_token_id', 'pad_token_id'); // those of its tokenizer
      for (const [key, value] of Object.entries(ours))
        if (key in theirs && !spelled.includes(key)) expect({ [key]: value }).toEqual({ [key]: theirs[key] });
    },
  );

  test('of the stored DeepSeek is read as it was made', () => {
    const { blocks, head, ...sizes } = readConfig(stored('deepseek-full'), { biasSpeed: 0.002 });
    expect(sizes).toEqual({ tokenizer: null, vocab: 64, dim: 32, init: 0.02, context: 256 });
    expect(head).toEqual({ eps: 1e-6, tied: false });
    expect(blocks.map(({ repeat, ffn }) => [repeat, ffn.kind])).toEqual([
      [1, 'swiglu'],
      [2, 'moe'],
    ]);
    expect(blocks[1].ffn.params).toEqual({
      experts: 16,
      active: 4,
      shared: 1,
      dim: 24,
      groups: 4,
      active_groups: 2,
      scale: 2.5,
      normalize: true,
      bias_speed: 0.002,
    });
    expect(blocks[1].attention.params).toMatchObject({ q_rank: 20, yarn_factor: 4, yarn_context: 64, value_dim: 12 });
  });

  test('may spell rotary settings as transformers before 5 did', () => {
    const { rope_parameters: rotary, ...rest } = JSON.parse(stored('deepseek-full')) as Record<string, unknown>;
    const { rope_theta: theta, rope_type: _, ...scaling } = rotary as Record<string, unknown>;
    const old = JSON.stringify({ ...rest, rope_theta: theta, rope_scaling: scaling });
    expect(readConfig(old)).toEqual(readConfig(stored('deepseek-full')));
  });
});

describe('what is not computed here', () => {
  const refusals: [string, string, unknown][] = [
    ['deepseek-full', 'hidden_act', 'gelu'],
    ['deepseek-full', 'attention_bias', true],
    ['deepseek-full', 'scoring_func', 'softmax'],
    ['deepseek-full', 'topk_method', 'greedy'],
    ['deepseek-full', 'moe_layer_freq', 2],
    ['deepseek-full', 'quantization_config', { quant_method: 'fp8' }],
    ['deepseek-full', 'rope_parameters', { rope_type: 'llama3', factor: 8 }],
    ['deepseek-full', 'rope_parameters', { rope_type: 'linear', factor: 2 }],
    ['llama', 'hidden_act', 'relu'],
    ['llama', 'mlp_bias', true],
    ['llama', 'rope_parameters', { rope_type: 'longrope', factor: 8 }],
    ['deepseek-v2', 'norm_topk_prob', true],
    ['deepseek-v2', 'scoring_func', 'sigmoid'],
    ['qwen2', 'use_sliding_window', true],
    ['gpt2', 'activation_function', 'swish'],
    ['gpt2', 'scale_attn_by_inverse_layer_idx', true],
    ['bert', 'is_decoder', true],
    ['bert', 'position_embedding_type', 'relative_key'],
    ['bert', 'architectures', ['BertForTokenClassification']],
    ['llama', 'rope_parameters', { type: 'dynamic', factor: 2 }],
    ['llama', 'model_type', 'mamba'],
  ];
  const broken: [string, string, unknown][] = [
    ['deepseek-full', 'kv_lora_rank', 0],
    ['deepseek-full', 'kv_lora_rank', 2.5],
    ['deepseek-full', 'vocab_size', '64'],
    ['deepseek-full', 'hidden_size', null],
    ['deepseek-full', 'n_shared_experts', -1],
    ['deepseek-full', 'num_hidden_layers', 1e12],
    ['deepseek-full', 'norm_topk_prob', 'yes'],
    ['llama', 'num_attention_heads', -4],
    ['llama', 'rms_norm_eps', 'small'],
    ['llama', 'tie_word_embeddings', 1],
    ['llama', 'num_key_value_heads', 3],
    ['gpt2', 'n_head', 5],
    ['gpt2', 'resid_pdrop', 1],
    ['bert', 'num_attention_heads', 5],
  ];
  const complaint = (text: string): ConfigError => {
    try {
      readConfig(text);
    } catch (error) {
      if (error instanceof ConfigError) return error;
      throw error;
    }
    throw new Error('the config was taken');
  };
  const changed = (name: string, key: string, value: unknown): string =>
    JSON.stringify({ ...(JSON.parse(stored(name)) as object), [key]: value });

  test.each(refusals)('%s with %s %j is refused by name', (name, key, value) => {
    const { message, key: at } = complaint(changed(name, key, value));
    expect([key, 'rope_scaling']).toContain(at);
    const told = typeof value === 'object' && value !== null ? (Object.values(value)[0] as unknown) : value;
    expect(message).toContain(key === 'quantization_config' ? key : String(told));
    expect(message).toMatch(/support|convert/); // what would do instead
  });

  test.each(broken)('%s with %s %j is refused by name', (name, key, value) => {
    const found = complaint(changed(name, key, value));
    expect(found.key).toBe(key);
    expect(found.message).toContain(key);
  });

  test.each(['', '{', '[]', 'null', '7', '{}'])('%j is no config', (text) => {
    expect(complaint(text).message).toContain('config.json');
  });
});

describe('an architecture of no family', () => {
  const base = readConfig(stored('deepseek-full'));
  const plain = readConfig(stored('llama'));
  const sparse = base.blocks[1];
  const without = { ...sparse, ffn: { ...sparse.ffn, params: { ...sparse.ffn.params, shared: 0 } } };
  const wider = { ...plain.blocks[0], ffn: { kind: 'swiglu', params: { dim: 50 } } };
  const cases: [string, Architecture, RegExp][] = [
    ['two attentions', { ...base, blocks: [base.blocks[0], plain.blocks[0]] }, /same attention/],
    ['dense after sparse', { ...base, blocks: [...base.blocks, base.blocks[0]] }, /from the first moe on/],
    ['no shared expert', { ...base, blocks: [base.blocks[0], without] }, /at least one shared expert/],
    ['norms of two epsilons', { ...base, head: { eps: 1e-3, tied: false } }, /same eps/],
    ['mha and moe', { ...plain, blocks: [{ ...plain.blocks[0], ffn: sparse.ffn }] }, /must be mla, it is mha/],
    ['layers of two widths', { ...plain, blocks: [plain.blocks[0], wider] }, /layers must be equal/],
    ['no layers', { ...plain, blocks: [] }, /no layers/],
  ];

  test.each(cases)('(%s) is told why', (_, architecture, reason) => {
    const config = writeConfig(architecture, null);
    if (!('reasons' in config)) throw new Error('it was written');
    expect(config.reasons).toHaveLength(families.length);
    expect(config.reasons.join('\n')).toMatch(reason);
    expect(config.reasons.join('\n')).toContain('DeepseekV3ForCausalLM');
  });
});

describe('a float in a config', () => {
  test('is one for Python, whatever its value', () => {
    const finite = fc.double({ noNaN: true, noDefaultInfinity: true }).filter((value) => !Object.is(value, -0));
    fc.assert(
      fc.property(finite, (value) => {
        const text = configText({ a: [new Float(value)], b: 1 });
        const [, number = ''] = /\[\s*([^\s\]]+)\s*\]/.exec(text) ?? [];
        expect(number).toMatch(/^-?\d+(\.\d+)?(e[+-]?\d+)?$/);
        expect(number).toMatch(/[.e]/); // else Python reads an int
        expect(JSON.parse(text)).toEqual({ a: [value], b: 1 });
      }),
    );
    expect(configText({ x: new Float(1), y: 1, z: '1' })).toBe('{\n  "x": 1.0,\n  "y": 1,\n  "z": "1"\n}\n');
    expect(configText({ eps: new Float(1e-6), theta: new Float(10000) })).toContain(
      '"eps": 0.000001,\n  "theta": 10000.0',
    );
  });
});
