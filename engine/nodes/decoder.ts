// A decoder made from its architecture: embedding, blocks with residuals around normalised attention and feed-forward parts,
// final norm and output head. Weight names are those of Hugging Face checkpoints (model.layers.L.*).
import type { KindLookup } from './context.ts';
import type { Forward, LayerCache, Module, ModuleCost, Program, ProgramForward, Tensor, Weight } from './module.ts';
import type { Architecture, BlockSpec, Part } from './values.ts';

export function partModule(kinds: KindLookup, part: Part, dim: number): Module {
  const kind = kinds.get(part.kind);
  if (kind === undefined || !('module' in kind) || kind.module === undefined)
    throw new Error(`kind ${part.kind} is no part of a model`);
  return kind.module(part.params, { dim });
}

interface Layer {
  block: BlockSpec;
  attention: Module;
  ffn: Module;
}

function layers(kinds: KindLookup, architecture: Architecture): Layer[] {
  return architecture.blocks.flatMap((block) => {
    const layer: Layer = {
      block,
      attention: partModule(kinds, block.attention, architecture.dim),
      ffn: partModule(kinds, block.ffn, architecture.dim),
    };
    return Array.from({ length: block.repeat }, () => layer);
  });
}

const embedding = 'model.embed_tokens.weight';
const norm = 'model.norm.weight';
const head = 'lm_head.weight';

function prefixed(weights: Weight[], prefix: string): Weight[] {
  return weights.map((w) => ({
    ...w,
    name: prefix + w.name,
    ...(w.parts && { parts: w.parts.map((part) => ({ ...part, name: prefix + part.name })) }),
  }));
}

/** All weights of the model, in the order they are drawn and stored. */
export function decoderWeights(kinds: KindLookup, architecture: Architecture): Weight[] {
  const { vocab, dim } = architecture;
  const gain = (name: string): Weight => ({ name, shape: [dim], init: 'ones', trained: true });
  const table = (name: string): Weight => ({ name, shape: [vocab, dim], init: 'normal', trained: true });
  return [
    table(embedding),
    ...layers(kinds, architecture).flatMap(({ attention, ffn }, l) => [
      gain(`model.layers.${l}.input_layernorm.weight`),
      ...prefixed(attention.weights, `model.layers.${l}.self_attn.`),
      gain(`model.layers.${l}.post_attention_layernorm.weight`),
      ...prefixed(ffn.weights, `model.layers.${l}.mlp.`),
    ]),
    ...(architecture.head ? [gain(norm)] : []),
    ...(architecture.head && !architecture.head.tied ? [table(head)] : []),
  ];
}

/** The model's computation; throws where the architecture has no head. */
export function decoder(kinds: KindLookup, architecture: Architecture): Program {
  const { head: top } = architecture;
  if (top === null) throw new Error('a model needs an lm_head');
  const stack = layers(kinds, architecture);
  return {
    weights: decoderWeights(kinds, architecture),
    head: top.tied ? embedding : head,
    hidden(f) {
      const { ops } = f;
      let x = ops.embed(f.weight(embedding), f.input('ids')); // [n, dim]
      stack.forEach(({ block, attention, ffn }, l) => {
        const layer = `model.layers.${l}.`;
        const cache = f.cache(l);
        const before = ops.rmsNorm(x, f.weight(`${layer}input_layernorm.weight`), block.eps);
        x = ops.add(x, attention.forward(before, scoped(f, `${layer}self_attn.`, cache)));
        const middle = ops.rmsNorm(x, f.weight(`${layer}post_attention_layernorm.weight`), block.eps);
        x = ops.add(x, ffn.forward(middle, scoped(f, `${layer}mlp.`, cache)));
      });
      return ops.rmsNorm(x, f.weight(norm), top.eps);
    },
  };
}

function scoped(f: ProgramForward, prefix: string, cache: LayerCache | null): Forward {
  const { ops, batch, time, start, documents, training } = f;
  const weight = (name: string): Tensor => f.weight(prefix + name);
  return {
    ops,
    batch,
    time,
    start,
    documents,
    memory: null,
    training,
    cache,
    weight,
    linear(x, name, bias = false) {
      const plain = (input: Tensor): Tensor =>
        ops.linear(input, weight(`${name}.weight`), bias ? weight(`${name}.bias`) : undefined);
      return f.linear ? f.linear(x, prefix + name, plain) : plain(x);
    },
    update: (name, delta) => f.update(prefix + name, delta),
    report: (name, value) => f.report(prefix + name, value),
  };
}

const size = (weight: Weight): number => weight.shape.reduce((a, b) => a * b, 1);

export interface DecoderCost {
  parameters: number;
  /** Scalars that take part in one token (without the embedding's look-up and experts that are not chosen). */
  activeParameters: number;
  /** Floating point operations of one token's forward pass at this context. */
  forwardFlops: number;
  /** Floats that one token leaves for the backward pass, logits included. */
  activations: number;
}

export function decoderCost(kinds: KindLookup, architecture: Architecture, context: number): DecoderCost {
  const { vocab, dim } = architecture;
  const parameters = decoderWeights(kinds, architecture)
    .filter((w) => w.trained)
    .reduce((sum, w) => sum + size(w), 0);
  const total: ModuleCost = { activeParameters: vocab * dim, extraFlops: 0, activations: 2 * vocab };
  for (const { attention, ffn } of layers(kinds, architecture))
    for (const part of [attention, ffn]) {
      const cost = part.cost(context);
      total.activeParameters += cost.activeParameters + dim;
      total.extraFlops += cost.extraFlops;
      total.activations += cost.activations + 2 * dim;
    }
  return {
    parameters,
    activeParameters: total.activeParameters,
    forwardFlops: 2 * total.activeParameters + total.extraFlops,
    activations: total.activations,
  };
}
