// Ridge regression (Hoerl and Kennard 1970) in closed form: sums over the rows are taken in SQL, the small system is solved here.
import { identifier } from './sql.ts';
import { constant, finite } from './statistics.ts';

/** Columns that are features of one model, at most: the system has as many rows and columns. */
export const MOST_FEATURES = 200;

export interface Ridge {
  target: string;
  features: readonly string[];
  /** Complete rows: those it was fitted to. */
  rows: number;
  /** The target's mean, which is the prediction for a row of means. */
  mean: number;
  /** Of each feature over the complete rows; a deviation is the population's, 1 where the feature never changes. */
  means: readonly number[];
  deviations: readonly number[];
  /** Of the standardised features. */
  weights: readonly number[];
}

/** A query over `source` for `dsk_rows` and the means (`dsk_mean0` ...) of features and, last, target over the complete rows. */
export function meansQuery(features: readonly string[], target: string, source: string): string {
  const names = [...features, target];
  const means = names.map((_, i) => `fsum(dsk_x${i}) / count(*) AS dsk_mean${i}`);
  return `SELECT count(*) AS dsk_rows, ${means.join(', ')} FROM ${complete(names, source)}`;
}

/** A query for the sums of products of centred columns over the complete rows: `dsk_s_I_J` for J <= I, the target last. */
export function productsQuery(
  features: readonly string[],
  target: string,
  means: readonly number[],
  source: string,
): string {
  const names = [...features, target];
  const centred = names.map((_, i) => `dsk_x${i} - ${constant(means[i] as number)} AS dsk_c${i}`);
  const sums = names.flatMap((_, i) =>
    names.slice(0, i + 1).map((__, j) => `fsum(dsk_c${i} * dsk_c${j}) AS dsk_s_${i}_${j}`),
  );
  return `SELECT ${sums.join(', ')} FROM (SELECT ${centred.join(', ')} FROM ${complete(names, source)})`;
}

function complete(names: readonly string[], source: string): string {
  const numbers = names.map((name, i) => `${finite(identifier(name))} AS dsk_x${i}`);
  const all = names.map((_, i) => `dsk_x${i} IS NOT NULL`);
  return `(SELECT * FROM (SELECT ${numbers.join(', ')} FROM ${source}) WHERE ${all.join(' AND ')})`;
}

/**
 * The model that minimises the squared errors plus `alpha` times the squared weights, on standardised features, with an intercept
 * that is not punished: scikit-learn's StandardScaler and Ridge.
 * @param product sum of products of centred columns i and j, j <= i; the target comes behind the features
 */
export function solveRidge(
  features: readonly string[],
  target: string,
  rows: number,
  means: readonly number[],
  product: (i: number, j: number) => number,
  alpha: number,
): Ridge {
  const n = features.length;
  const deviations = features.map((_, i) => Math.sqrt(product(i, i) / rows) || 1);
  const matrix = features.map((_, i) =>
    features.slice(0, i + 1).map((__, j) => {
      const value = product(i, j) / ((deviations[i] as number) * (deviations[j] as number));
      return i === j ? value + alpha : value;
    }),
  );
  const right = features.map((_, i) => product(n, i) / (deviations[i] as number));
  return {
    target,
    features,
    rows,
    mean: means[n] as number,
    means: means.slice(0, n),
    deviations,
    weights: solve(matrix, right),
  };
}

/** Solves a symmetric, positive definite system by Cholesky's decomposition. `matrix`: its lower triangle, row by row. */
export function solve(matrix: readonly (readonly number[])[], right: readonly number[]): number[] {
  const n = right.length;
  const lower: number[][] = [];
  const at = (i: number, j: number) => lower[i]?.[j] as number;
  for (let i = 0; i < n; i++) {
    const row: number[] = [];
    lower.push(row);
    for (let j = 0; j <= i; j++) {
      let sum = matrix[i]?.[j] as number;
      for (let k = 0; k < j; k++) sum -= at(i, k) * at(j, k);
      row.push(i === j ? Math.sqrt(sum) : sum / at(j, j));
    }
  }
  const values: number[] = [];
  for (let i = 0; i < n; i++) {
    let sum = right[i] as number;
    for (let k = 0; k < i; k++) sum -= at(i, k) * (values[k] as number);
    values.push(sum / at(i, i));
  }
  for (let i = n - 1; i >= 0; i--) {
    let sum = values[i] as number;
    for (let k = i + 1; k < n; k++) sum -= at(k, i) * (values[k] as number);
    values[i] = sum / at(i, i);
  }
  return values;
}

/** SQL: the prediction for a row; a feature that is missing counts as its mean. */
export function prediction({ features, mean, means, deviations, weights }: Ridge, table: string): string {
  const terms = features.map((name, i) => {
    const factor = (weights[i] as number) / (deviations[i] as number);
    const centred = `${finite(`${table}.${identifier(name)}`)} - ${constant(means[i] as number)}`;
    return `coalesce(${constant(factor)} * (${centred}), 0)`;
  });
  return [constant(mean), ...terms].join(' + ');
}
