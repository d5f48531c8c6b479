// Models whose matrices are stored in fewer bits: which matrices these are, and the rounding of what goes into them.
import { linearLayers, means } from './adapters.ts';
import type { Program, Weight } from './module.ts';
import { stemOf } from './packed.ts';
import type { Quantized } from './values.ts';
import { storedParts } from './weights.ts';

/** Tables of positions and segments, and routers, in which a small error changes which experts a token goes to. */
const kept = /(?:^|\.)(?:wpe|position_embeddings|token_type_embeddings|gate)\.weight$/;

/** A matrix that is stored in fewer bits. */
export interface Matrix {
  /** Name on disk, without `.weight`. */
  name: string;
  /** Where its rows begin in the weight. */
  start: number;
  rows: number;
  columns: number;
}

/** The matrices of a model that rounding is for: all but routers, positions, and what `skip` names. */
export function matricesOf(weights: Weight[], skip: readonly string[]): Matrix[] {
  return weights.flatMap((weight) => {
    if (weight.shape.length !== 2 || !weight.name.endsWith('.weight') || kept.test(weight.name)) return [];
    return storedParts(weight)
      .filter((part) => !skip.some((each) => means(each, stemOf(part.name))))
      .map(({ name, start, shape: [rows = 0, columns = 0] }) => ({ name: stemOf(name), start, rows, columns }));
  });
}

/** Names of the weights that hold linear layers of which all parts are rounded: those whose inputs may be. */
export function roundedLayers(weights: Weight[], { skip }: Quantized): string[] {
  return weights
    .filter((weight) => {
      const layers = linearLayers([weight]);
      return layers.length > 0 && matricesOf([weight], skip).length === layers.length;
    })
    .map(({ name }) => stemOf(name));
}

/** The steps that inputs were rounded by in calibration, beside each layer's weight. */
function stepWeights(weights: Weight[], quantized: Quantized): Weight[] {
  const layers = new Set(roundedLayers(weights, quantized));
  return weights.flatMap((weight) => {
    if (!layers.has(stemOf(weight.name))) return [];
    const parts = storedParts(weight).map(({ name }) => ({ name: stepName(stemOf(name)), rows: 1 }));
    return [
      { name: stepName(stemOf(weight.name)), shape: [parts.length], init: 'ones', trained: false, frozen: true, parts },
    ];
  });
}

/** Name of the step that a layer's inputs are rounded by. */
export const stepName = (layer: string): string => `${layer}.input_scale`;

/** The same model with the inputs of its rounded layers rounded too, as `quantized` says. */
export function roundingInputs(program: Program, quantized: Quantized): Program {
  const { inputs } = quantized;
  if (inputs === undefined) return program;
  const layers = new Set(roundedLayers(program.weights, quantized));
  return {
    ...program,
    weights: [...program.weights, ...(inputs === 'static' ? stepWeights(program.weights, quantized) : [])],
    hidden: (f) =>
      program.hidden({
        ...f,
        linear(x, name, plain) {
          const rounded = layers.has(name) ? f.ops.round(x, inputs === 'static' ? f.weight(stepName(name)) : null) : x;
          return f.linear ? f.linear(rounded, name, plain) : plain(rounded);
        },
      }),
  };
}
