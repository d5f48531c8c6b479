// A model's parameters by part, from its architecture alone: what each layer's attention and feed-forward hold, in which shapes, and
// how many of them take part in one token.
import type { KindLookup } from '../../engine/nodes/context.ts';
import { decoderCost, decoderWeights, partModule } from '../../engine/nodes/decoder.ts';
import type { Weight } from '../../engine/nodes/module.ts';
import type { Architecture, Part } from '../../engine/nodes/values.ts';

export interface ModelPart {
  readonly role: 'embedding' | 'attention' | 'ffn' | 'norms' | 'head';
  /** Kind and parameters, of attention and ffn. */
  readonly part: Part | null;
  /** Layers it stands in, from 0, both included; null for embedding and head. */
  readonly layers: readonly [number, number] | null;
  /** Of one layer. */
  readonly weights: readonly {
    readonly name: string;
    readonly shape: readonly number[];
    readonly parameters: number;
  }[];
  /** In one layer, and in all its layers. */
  readonly each: number;
  readonly total: number;
  /** Of `total`, what takes part in one token. */
  readonly active: number;
}

export interface ModelParts {
  readonly parts: readonly ModelPart[];
  readonly layers: number;
  readonly total: number;
  readonly active: number;
}

const contextForCost = 1; // the parameters that are active do not depend on it

export function partsOf(kinds: KindLookup, architecture: Architecture): ModelParts {
  const { blocks, dim, head } = architecture;
  const all = decoderWeights(kinds, architecture).filter((weight) => weight.trained);
  const parts: ModelPart[] = [];
  const table = all.filter(({ name }) => name === 'model.embed_tokens.weight');
  // Looking a row up takes one of them; a head that shares the table uses it whole.
  parts.push(whole('embedding', table, head?.tied === true ? sum(table) : dim));
  let first = 0;
  for (const block of blocks) {
    const layers: readonly [number, number] = [first, first + block.repeat - 1];
    const inLayer = all.filter(({ name }) => name.startsWith(`model.layers.${first}.`));
    const own = (prefix: string) => inLayer.filter(({ name }) => name.startsWith(`model.layers.${first}.${prefix}`));
    const norms = inLayer.filter(({ name }) => !/\.(self_attn|mlp)\./.test(name));
    const add = (role: 'attention' | 'ffn', part: Part, weights: readonly Weight[]) => {
      const active = partModule(kinds, part, { dim }).cost(contextForCost).activeParameters;
      parts.push(repeated(role, part, layers, weights, active));
    };
    add('attention', block.attention, own('self_attn.'));
    add('ffn', block.ffn, own('mlp.'));
    parts.push(repeated('norms', null, layers, norms, sum(norms)));
    first += block.repeat;
  }
  const top = all.filter(({ name }) => name === 'model.norm.weight' || name === 'lm_head.weight');
  if (top.length > 0) parts.push(whole('head', top, sum(top)));
  const { parameters, activeParameters } = decoderCost(kinds, architecture, contextForCost);
  return { parts: parts.filter(({ total }) => total > 0), layers: first, total: parameters, active: activeParameters };
}

function whole(role: 'embedding' | 'head', weights: readonly Weight[], active: number): ModelPart {
  return {
    role,
    part: null,
    layers: null,
    weights: weights.map(plain),
    each: sum(weights),
    total: sum(weights),
    active,
  };
}

function repeated(
  role: 'attention' | 'ffn' | 'norms',
  part: Part | null,
  layers: readonly [number, number],
  weights: readonly Weight[],
  active: number,
): ModelPart {
  const count = layers[1] - layers[0] + 1;
  const each = sum(weights);
  return { role, part, layers, weights: weights.map(plain), each, total: each * count, active: active * count };
}

function plain({ name, shape }: Weight) {
  return { name: name.replace(/^model\.layers\.\d+\./, ''), shape, parameters: size(shape) };
}

const size = (shape: readonly number[]) => shape.reduce((product, extent) => product * extent, 1);
const sum = (weights: readonly Weight[]) => weights.reduce((total, { shape }) => total + size(shape), 0);
