// Where last hidden states lead: scores of tokens, classes or values, a vector; and DeepSeek-V3's modules that foretell further tokens.
import { draw } from './draw.ts';
import { type Layer, layerForward, layerWeights } from './layers.ts';
import type { Further, Hooks, ProgramForward, Tensor, Weight } from './module.ts';
import { linearWeights, normed, normWeights, scoped } from './scope.ts';
import type { Architecture, Head, NormKind } from './values.ts';

/** A head of tokens, as it is where `kind` is left out. */
export type TokensHead = Extract<Head, { kind?: 'tokens' }>;

export const headTable = 'lm_head.weight';
export const headBias = 'lm_head.bias';
const transform = 'lm_head.transform';

export const ofTokens = (head: Head): head is TokensHead => head.kind === undefined || head.kind === 'tokens';

const rowsOf = (head: Exclude<Head, TokensHead>): number =>
  head.kind === 'classes' ? head.labels.length : head.kind === 'values' ? head.columns.length : 0;

/** Besides the last norm. */
export function headWeights(head: Head, { vocab, dim }: Pick<Architecture, 'vocab' | 'dim'>): Weight[] {
  if (!ofTokens(head))
    return [
      ...(head.dense ? linearWeights('pooler', dim, dim, true) : []),
      ...(rowsOf(head) > 0 ? linearWeights('score', rowsOf(head), dim, true) : []),
    ];
  const table: Weight = { name: headTable, shape: [vocab, dim], init: 'normal', trained: true, use: 'head' };
  const bias: Weight = { name: headBias, shape: [vocab], init: 'zeros', trained: true };
  return [
    ...(head.transform
      ? [...linearWeights(`${transform}.dense`, dim, dim, true), ...normWeights(`${transform}.norm`, 'layer', dim)]
      : []),
    ...(head.tied ? [] : [table]),
    ...(head.bias ? [bias] : []),
  ];
}

/** BERT's transform in front of the product: a linear layer, GELU and a LayerNorm. */
export function transformed(f: Hooks, rows: Tensor, { transform: has, eps }: TokensHead): Tensor {
  if (!has) return rows;
  const dense = scoped(whole(f), `${transform}.`).linear(rows, 'dense', true);
  return normed(f, f.ops.gelu(dense), `${transform}.norm`, 'layer', eps);
}

/** A row for each window: its pooled states, or scores of them. `f` counts all positions there are in `hidden`. */
export function answered(f: ProgramForward, hidden: Tensor, head: Exclude<Head, TokensHead>): Tensor {
  const { ops, batch, time, documents } = f;
  const own = scoped(f, '');
  const pooled = ops.pool(hidden, head.pool, batch, time, documents);
  const dense = head.dense ? ops.tanh(own.linear(pooled, 'pooler', true)) : pooled;
  const left = ops.dropout(dense, draw(f, head.dropout ?? 0, 'score'));
  return rowsOf(head) > 0 ? own.linear(left, 'score', true) : left;
}

/** Surroundings of what looks at no positions. */
const whole = (f: Hooks): ProgramForward => ({ ...f, batch: 1, time: 0, start: 0, documents: null, memory: null });

const furtherName = (layers: number, k: number): string => `model.layers.${layers + k - 1}.`;

export function furtherWeights(layer: Layer, layers: number, depth: number, dim: number): Weight[] {
  const { norm = 'rms' } = layer.block;
  return Array.from({ length: depth }, (_, k) => furtherName(layers, k + 1)).flatMap((name) => [
    ...normWeights(`${name}enorm`, norm, dim),
    ...normWeights(`${name}hnorm`, norm, dim),
    ...linearWeights(`${name}eh_proj`, dim, 2 * dim, false),
    ...layerWeights(layer, name, dim),
    ...normWeights(`${name}shared_head.norm`, norm, dim),
  ]);
}

/**
 * Modules for multi-token prediction, behind a model of so many layers: each joins the states before it with the next token's vector,
 * and passes them through a layer of its own. Embedding and head are the model's.
 * @param table name of the embedding
 */
export function further(
  { depth, weight }: { depth: number; weight: number },
  { layer, layers, table, eps }: { layer: Layer; layers: number; table: string; eps: number },
): Further {
  const norm: NormKind = layer.block.norm ?? 'rms';
  return {
    depth,
    weight,
    module(f, k, states, ids) {
      const { ops } = f;
      const name = furtherName(layers, k);
      const tokens = normed(f, ops.embed(f.weight(table), ids), `${name}enorm`, norm, eps);
      const joined = ops.concat([tokens, normed(f, states, `${name}hnorm`, norm, eps)], 1); // [batch * time, 2 dim]
      const through = layerForward(layer, f, name, layers + k - 1, scoped(f, name).linear(joined, 'eh_proj'));
      return { states: through, top: normed(f, through, `${name}shared_head.norm`, norm, eps) };
    },
  };
}
