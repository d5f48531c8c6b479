// The two models of the bench, as architectures and as the numbers that the other contestants build theirs from.
import { readKinds } from '../../engine/graph/kinds.ts';
import type { KindLookup } from '../../engine/nodes/context.ts';
import type { Architecture, Part } from '../../engine/nodes/values.ts';

export interface Shape {
  vocab: number;
  dim: number;
  layers: number;
  heads: number;
  ffn: number;
  /** DeepSeek only. */
  rank: number;
  rope: number;
  experts: number;
  active: number;
  expert: number;
  batch: number;
  context: number;
}

export const shape: Shape = {
  vocab: 4096,
  dim: 256,
  layers: 4,
  heads: 8,
  ffn: 688,
  rank: 64,
  rope: 16,
  experts: 8,
  active: 2,
  expert: 172,
  batch: 8,
  context: 128,
};

export const modelNames = ['dense', 'deepseek'] as const;
export type ModelName = (typeof modelNames)[number];

export async function architecture(name: ModelName): Promise<Architecture> {
  const kinds = await readKinds();
  const part = (kind: string, params: Record<string, unknown>): Part => partOf(kinds, kind, params);
  const { vocab, dim, layers, heads, ffn, rank, rope, experts, active, expert } = shape;
  const eps = 1e-6;
  const base = { tokenizer: null, vocab, dim, init: 0.02, head: { eps, tied: false } };
  const swiglu = part('swiglu', { dim: ffn });
  if (name === 'dense')
    return { ...base, blocks: [{ repeat: layers, attention: part('mha', { heads }), ffn: swiglu, eps }] };
  const attention = part('mla', { heads, kv_rank: rank, rope_dim: rope });
  const moe = part('moe', { experts, active, shared: 1, dim: expert, bias_speed: 0 });
  return {
    ...base,
    blocks: [
      { repeat: 1, attention, ffn: swiglu, eps },
      { repeat: layers - 1, attention, ffn: moe, eps },
    ],
  };
}

/** SmolLM2-135M (arXiv 2502.02737), for a step of fine-tuning with adapters. */
export const smollm2 = {
  vocab: 49_152,
  dim: 576,
  layers: 30,
  heads: 9,
  kv: 3,
  ffn: 1536,
  rank: 16,
  batch: 2,
  context: 256,
};

export async function adaptedArchitecture(): Promise<Architecture> {
  const kinds = await readKinds();
  const { vocab, dim, layers, heads, kv, ffn, rank } = smollm2;
  const eps = 1e-5;
  const attention = partOf(kinds, 'mha', { heads, kv_heads: kv, rope_theta: 100_000 });
  const block = { repeat: layers, attention, ffn: partOf(kinds, 'swiglu', { dim: ffn }), eps };
  const adapters = { rank, scale: 2, dropout: 0.05, targets: ['q_proj', 'v_proj'] };
  return { tokenizer: null, vocab, dim, init: 0.02, head: { eps, tied: true }, blocks: [block], adapters };
}

/** A kind with these parameters, the others by default. */
function partOf(kinds: KindLookup, kind: string, params: Record<string, unknown>): Part {
  const all: Record<string, unknown> = {};
  for (const [key, { default: value }] of Object.entries(kinds.get(kind)?.params ?? {}))
    if (value !== undefined) all[key] = value;
  return { kind, params: { ...all, ...params } };
}

/** The batch of a step, the same for every contestant: token ids int32 [batch * context] and the ids that follow. */
export function batch(
  step: number,
  { batch: windows, context, vocab }: Pick<Shape, 'batch' | 'context' | 'vocab'> = shape,
): { ids: Int32Array; targets: Int32Array } {
  const rows = windows * context;
  const ids = new Int32Array(rows);
  let state = step * 7919 + 1;
  for (let i = 0; i < rows; i++) {
    state = (Math.imul(state, 1103515245) + 12345) & 0x7fffffff;
    ids[i] = (state >>> 8) % vocab;
  }
  return { ids, targets: Int32Array.from(ids, (_, i) => ids[(i + 1) % rows]) };
}
