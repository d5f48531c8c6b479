// Missing numbers from the nearest rows: k nearest neighbours over rows that themselves have gaps (Troyanskaya et al. 2001), with the
// distance and the weights of scikit-learn's KNNImputer.

export interface NeighbourModel {
  /** Columns by which rows are near, each with the numbers of the rows that are known; null where one is missing. */
  columns: readonly { name: string; values: readonly (number | null)[] }[];
  /** Names of the columns to fill, among these. */
  targets: readonly string[];
  k: number;
  weights: 'uniform' | 'distance';
  /** Whether columns are brought to the same spread (mean 0, deviation 1 over the known rows) before distances are taken. */
  scale: boolean;
}

/** Fills the gaps of one row: numbers of the model's columns, NaN for missing ones, into numbers of its targets. */
export type Fill = (row: Float64Array) => Float64Array;

/**
 * Distance of two rows: the root of the mean square difference over the columns that both have, times the number of columns
 * (`nan_euclidean_distances`). A gap becomes the mean of the k nearest rows that have a number there, of equally near ones the first;
 * the mean of all where no row has a column in common.
 */
export function openNeighbours({ columns, targets, k, weights, scale }: NeighbourModel): Fill {
  const count = columns[0]?.values.length ?? 0;
  const known = columns.map(({ values }) => Float64Array.from(values, (value) => value ?? Number.NaN));
  const shifts = known.map((values) => (scale ? spread(values) : { mean: 0, deviation: 1 }));
  const scaled = known.map((values, c) => {
    const { mean, deviation } = shifts[c] as Spread;
    return values.map((value) => (value - mean) / deviation);
  });
  const places = targets.map((name) => columns.findIndex((column) => column.name === name));
  const means = places.map((c) => spread(known[c] as Float64Array).mean);
  const distances = new Float64Array(count);
  const shared = new Uint32Array(count);

  function measure(row: Float64Array): void {
    distances.fill(0);
    shared.fill(0);
    for (const [c, values] of scaled.entries()) {
      const own = ((row[c] as number) - (shifts[c] as Spread).mean) / (shifts[c] as Spread).deviation;
      if (Number.isNaN(own)) continue;
      for (let i = 0; i < count; i++) {
        const difference = (values[i] as number) - own;
        if (Number.isNaN(difference)) continue;
        distances[i] = (distances[i] as number) + difference * difference;
        shared[i] = (shared[i] as number) + 1;
      }
    }
    for (let i = 0; i < count; i++) {
      distances[i] = Math.sqrt(((distances[i] as number) * columns.length) / (shared[i] as number));
    }
  }

  return (row) => {
    const filled = Float64Array.from(places, (c) => row[c] as number);
    let measured = false;
    for (const [t, c] of places.entries()) {
      if (!Number.isNaN(filled[t])) continue;
      if (!measured) measure(row);
      measured = true;
      const values = known[c] as Float64Array;
      const nearest = nearestOf(distances, values, k);
      filled[t] = nearest.length === 0 ? (means[t] as number) : average(nearest, values, distances, weights);
    }
    return filled;
  };
}

interface Spread {
  mean: number;
  /** The population's; 1 where the numbers are all the same. */
  deviation: number;
}

function spread(values: Float64Array): Spread {
  let count = 0;
  let sum = 0;
  for (const value of values) {
    if (Number.isNaN(value)) continue;
    count++;
    sum += value;
  }
  const mean = sum / count;
  let squares = 0;
  for (const value of values) if (!Number.isNaN(value)) squares += (value - mean) ** 2;
  return { mean, deviation: Math.sqrt(squares / count) || 1 };
}

/** Indices of the k nearest rows that have a value, nearest first. */
function nearestOf(distances: Float64Array, values: Float64Array, k: number): number[] {
  const nearest: number[] = [];
  for (let i = 0; i < distances.length; i++) {
    const distance = distances[i] as number;
    if (Number.isNaN(distance) || Number.isNaN(values[i])) continue;
    if (nearest.length === k && distance >= (distances[nearest[k - 1] as number] as number)) continue;
    let at = nearest.length;
    while (at > 0 && (distances[nearest[at - 1] as number] as number) > distance) at--;
    nearest.splice(at, 0, i);
    if (nearest.length > k) nearest.pop();
  }
  return nearest;
}

/** Weighted by the inverse of the distance, or alike; rows at distance 0 outweigh all others. */
function average(
  nearest: readonly number[],
  values: Float64Array,
  distances: Float64Array,
  weights: NeighbourModel['weights'],
): number {
  const same = nearest.some((i) => distances[i] === 0);
  let sum = 0;
  let total = 0;
  for (const i of nearest) {
    const distance = distances[i] as number;
    const weight = weights === 'uniform' ? 1 : same ? Number(distance === 0) : 1 / distance;
    sum += weight * (values[i] as number);
    total += weight;
  }
  return sum / total;
}
