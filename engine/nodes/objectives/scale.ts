// Values that are learned in another scale than they are stored in: a model learns (value - mean) / deviation, and what it has learned is
// put into its last layer when it is stored, so that it gives values as they are in the table.
import type { Weight } from '../module.ts';
import type { Architecture } from '../values.ts';
import type { Scale } from './objective.ts';

/** The last layer of a model that foretells values: weight [columns, dim], bias [columns]. */
const valueLayer = 'score';

interface Scaled {
  /** Values of a weight as they are learned, from those that are stored. */
  learned(weight: Weight, values: Float32Array): Float32Array;
  /** The other way. */
  stored(weight: Weight, values: Float32Array): Float32Array;
}

/** What becomes of weights; nothing where the model foretells no values, or these are learned as they are. */
export function scaled({ head }: Architecture, scale: Scale | undefined): Scaled {
  if (head?.kind !== 'values' || scale === undefined)
    return { learned: (_, values) => values, stored: (_, values) => values };
  const { mean, deviation } = scale;
  const change = ({ name, shape }: Weight, values: Float32Array, matrix: Change, bias: Change): Float32Array => {
    const by = name === `${valueLayer}.weight` ? matrix : name === `${valueLayer}.bias` ? bias : null;
    const width = shape[1] ?? 1;
    return by === null ? values : values.map((value, i) => by(value, Math.floor(i / width)));
  };
  return {
    learned: (weight, values) =>
      change(
        weight,
        values,
        (value, column) => value / (deviation[column] as number),
        (value, column) => (value - (mean[column] as number)) / (deviation[column] as number),
      ),
    stored: (weight, values) =>
      change(
        weight,
        values,
        (value, column) => value * (deviation[column] as number),
        (value, column) => value * (deviation[column] as number) + (mean[column] as number),
      ),
  };
}

type Change = (value: number, column: number) => number;
