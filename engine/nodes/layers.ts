// Layers: attention, attention over a memory, and a feed-forward network, each with a norm and the residual stream around it.
import type { KindLookup } from './context.ts';
import { draw } from './draw.ts';
import type { Module, ModuleContext, ProgramForward, Tensor, Weight } from './module.ts';
import { normed, normWeights, prefixed, scoped } from './scope.ts';
import type { BlockSpec, Part } from './values.ts';

export interface Layer {
  block: BlockSpec;
  attention: Module;
  cross: Module | null;
  ffn: Module;
}

export function partModule(kinds: KindLookup, part: Part, context: ModuleContext): Module {
  const kind = kinds.get(part.kind);
  if (kind === undefined || !('module' in kind) || kind.module === undefined)
    throw new Error(`kind ${part.kind} is no part of a model`);
  return kind.module(part.params, context);
}

/** One for each layer; layers of a block share it. */
export function layersOf(kinds: KindLookup, blocks: BlockSpec[], dim: number, memory: number | null): Layer[] {
  return blocks.flatMap((block) => {
    const layer: Layer = {
      block,
      attention: partModule(kinds, block.attention, { dim }),
      cross: block.cross && memory !== null ? partModule(kinds, block.cross, { dim, memory }) : null,
      ffn: partModule(kinds, block.ffn, { dim }),
    };
    return Array.from({ length: block.repeat }, () => layer);
  });
}

/** A layer's parts in order: the name of each one's norm, and the prefix of its own names. */
const parts = ({ attention, cross, ffn }: Layer): { module: Module; norm: string; prefix: string }[] => [
  { module: attention, norm: 'input_layernorm', prefix: 'self_attn.' },
  ...(cross ? [{ module: cross, norm: 'cross_attention_layernorm', prefix: 'cross_attn.' }] : []),
  { module: ffn, norm: 'post_attention_layernorm', prefix: 'mlp.' },
];

/** @param prefix of the layer, such as `model.layers.3.` */
export function layerWeights(layer: Layer, prefix: string, dim: number): Weight[] {
  const { norm = 'rms' } = layer.block;
  return parts(layer).flatMap((part) => [
    ...normWeights(prefix + part.norm, norm, dim),
    ...prefixed(part.module.weights, prefix + part.prefix),
  ]);
}

/** x [batch * time, dim] through layer number `at`. */
export function layerForward(layer: Layer, f: ProgramForward, prefix: string, at: number, x: Tensor): Tensor {
  const { ops } = f;
  const { norm = 'rms', place, both = false, dropout = 0, eps } = layer.block;
  const cache = f.cache(at);
  return parts(layer).reduce((stream, part) => {
    const own = prefix + part.prefix;
    const through = (rows: Tensor): Tensor =>
      ops.dropout(part.module.forward(rows, scoped(f, own, { cache, both })), draw(f, dropout, `${own}output`));
    const norms = (rows: Tensor): Tensor => normed(f, rows, prefix + part.norm, norm, eps);
    return place === 'post' ? norms(ops.add(stream, through(stream))) : ops.add(stream, through(norms(stream)));
  }, x);
}

/** What the layer adds to a model's cost, at this context. */
export function layerCost(layer: Layer, context: number, dim: number) {
  const total = { activeParameters: 0, extraFlops: 0, activations: 0 };
  for (const { module } of parts(layer)) {
    const cost = module.cost(context);
    total.activeParameters += cost.activeParameters + dim;
    total.extraFlops += cost.extraFlops;
    total.activations += cost.activations + 2 * dim;
  }
  return total;
}

export const drawsIn = ({ dropout = 0, attention, cross, ffn }: BlockSpec): boolean =>
  dropout > 0 || [attention, cross, ffn].some((part) => Number(part?.params.dropout ?? 0) > 0);
