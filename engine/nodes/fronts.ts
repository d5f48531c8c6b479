// The beginnings of models that read rows which are no tokens.
import type { Param } from './kind.ts';
import type { Architecture, HiddenSpec, Positions } from './values.ts';

export interface FrontParams {
  dim: number;
  init: number;
  positions?: Positions['kind'];
}

export const frontParams: Record<keyof FrontParams, Param> = {
  dim: { type: 'integer', minimum: 1, maximum: 131_072, description: "Width of the model's residual stream." },
  positions: {
    type: 'string',
    enum: ['learned', 'sinusoidal'],
    description:
      'What is added to each state for its place: a learned vector, or sines and cosines (Vaswani et al., arXiv 1706.03762, section 3.5). Default: nothing, for rotary attention and for fronts of an embedding, whose positions count for all states.',
  },
  init: {
    type: 'number',
    exclusiveMinimum: 0,
    default: 0.02,
    description: 'Standard deviation of the normal distribution that all weights of the model are drawn from.',
    advanced: true,
  },
};

/** A model's beginning: rows of this shape, each place of which becomes a hidden state. */
export function beginning({ dim, init, positions }: FrontParams, shape: number[], columns: string[]): HiddenSpec {
  const size = shape.slice(0, -1).reduce((a, b) => a * b, 1);
  const architecture: Architecture = {
    tokenizer: null,
    vocab: 0,
    dim,
    init,
    blocks: [],
    head: null,
    ...(positions && { positions: { kind: positions, size } }),
    front: { parts: [], shape, columns },
  };
  return { architecture };
}
