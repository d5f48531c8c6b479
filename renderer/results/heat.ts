// The heat map of expert loads as numbers: each expert's tokens over the mean of its layer at that step.
import type { Experts } from '../runs/series.ts';

export interface Heat {
  readonly columns: number;
  readonly rows: number;
  /** Row by row; NaN where there is nothing. */
  readonly values: Float64Array;
  /** What the places along the first axis are: steps of the columns, or layers of the rows. */
  readonly places: readonly number[];
}

const empty: Heat = { columns: 0, rows: 0, values: new Float64Array(0), places: [] };

/**
 * @param of one layer over all steps (columns: steps, rows: experts), or all layers at one row (columns: experts, rows: layers)
 * @param most columns; more steps are put together, each column being their mean
 */
export function heatOf(
  experts: ReadonlyMap<string, Experts>,
  of: { layer: string } | { row: number; layers: readonly string[] },
  most: number,
): Heat {
  return 'layer' in of ? overSteps(experts.get(of.layer), most) : overLayers(experts, of.row, of.layers);
}

function overSteps(layer: Experts | undefined, most: number): Heat {
  const steps = layer?.step.length ?? 0;
  if (!layer || steps === 0) return empty;
  const { count } = layer;
  const columns = Math.min(most, steps);
  const values = new Float64Array(columns * count);
  const places: number[] = [];
  for (let column = 0; column < columns; column++) {
    const first = Math.floor((column * steps) / columns);
    const last = Math.floor(((column + 1) * steps) / columns);
    places.push(layer.step.values[first] as number);
    for (let step = first; step < last; step++) {
      const mean = meanOf(layer, step);
      for (let expert = 0; expert < count; expert++) {
        const load = layer.load.values[step * count + expert] as number;
        values[expert * columns + column] =
          (values[expert * columns + column] as number) + load / mean / (last - first);
      }
    }
  }
  return { columns, rows: count, values, places };
}

function overLayers(experts: ReadonlyMap<string, Experts>, row: number, layers: readonly string[]): Heat {
  const columns = Math.max(0, ...layers.map((layer) => experts.get(layer)?.count ?? 0));
  if (columns === 0 || row < 0) return empty;
  const values = new Float64Array(columns * layers.length).fill(Number.NaN);
  layers.forEach((name, i) => {
    const layer = experts.get(name);
    if (!layer || row >= layer.step.length) return;
    const mean = meanOf(layer, row);
    for (let expert = 0; expert < layer.count; expert++) {
      values[i * columns + expert] = (layer.load.values[row * layer.count + expert] as number) / mean;
    }
  });
  return { columns, rows: layers.length, values, places: layers.map(Number) };
}

/** Tokens an expert gets where all get the same; 1 where there were none, so that nothing is divided by zero. */
function meanOf({ count, load }: Experts, row: number): number {
  let sum = 0;
  for (let expert = 0; expert < count; expert++) sum += load.values[row * count + expert] as number;
  return sum === 0 ? 1 : sum / count;
}
