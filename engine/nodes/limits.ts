// Limits beyond which a number is an outlier (data/outliers.ts): a query for them, and the reason in words.
import { identifier } from './sql.ts';
import { finite, groupBy, sameGroup } from './statistics.ts';

export type Method = 'zscore' | 'robust_zscore' | 'iqr';

/** Where nothing else is said: Iglewicz and Hoaglin (1993) for robust z-scores, Tukey (1977) for quartiles. */
export const thresholds: Record<Method, number> = { zscore: 3, robust_zscore: 3.5, iqr: 1.5 };

/** The 0.75 quantile of the normal distribution, rounded as by Iglewicz and Hoaglin: makes median and standard deviations alike. */
const NORMAL = 0.6745;

/**
 * A query over `rows` that gives a row a group: the columns `by`, and for each of `columns` with its number behind: dsk_count (of
 * finite numbers), dsk_middle, dsk_spread, dsk_low and dsk_high. Spread and limits are null where the numbers have no spread.
 */
export function limitsQuery(
  columns: readonly string[],
  by: readonly string[],
  method: Method,
  threshold: number,
): string {
  const groups = by.map(identifier);
  const list = (each: (i: number) => string) => [...groups, ...columns.map((_, i) => each(i))].join(', ');
  const numbers = `(SELECT ${list((i) => `${finite(identifier(columns[i] as string))} AS dsk_x${i}`)} FROM rows)`;
  const basis = method === 'zscore' ? deviations(numbers, list, by) : quantiles(numbers, list, by, method);
  // Around the mean and the median alike; quartiles have steps that begin at themselves.
  const [from, to] = method === 'iqr' ? ['dsk_first', 'dsk_third'] : ['dsk_middle', 'dsk_middle'];
  return `SELECT *, ${columns
    .map((_, i) => {
      const step = `${threshold} * dsk_spread${i}`;
      return `${from}${i} - ${step} AS dsk_low${i}, ${to}${i} + ${step} AS dsk_high${i}`;
    })
    .join(', ')} FROM (${basis})`;
}

type List = (each: (i: number) => string) => string;

/** Mean and the sample's standard deviation: two passes, and compensated sums (Kahan), since plain ones depend on the threads. */
function deviations(numbers: string, list: List, by: readonly string[]): string {
  const means = `SELECT ${list((i) => `fsum(dsk_x${i}) / count(dsk_x${i}) AS dsk_mean${i}`)} FROM ${numbers}${groupBy(by)}`;
  const groups = by.length === 0 ? '' : ` EXCLUDE (${by.map(identifier).join(', ')})`;
  const both = `SELECT numbers.*, means.*${groups} FROM ${numbers} AS numbers JOIN (${means}) AS means ON ${sameGroup('numbers', 'means', by)}`;
  return `SELECT ${list(
    (i) => `count(dsk_x${i}) AS dsk_count${i}, any_value(dsk_mean${i}) AS dsk_middle${i},
      CASE WHEN min(dsk_x${i}) < max(dsk_x${i}) THEN sqrt(fsum((dsk_x${i} - dsk_mean${i}) ** 2) / (count(dsk_x${i}) - 1)) END AS dsk_spread${i}`,
  )} FROM (${both})${groupBy(by)}`;
}

/** Median and median absolute deviation, or quartiles: interpolated between two values, as in pandas. */
function quantiles(numbers: string, list: List, by: readonly string[], method: Method): string {
  const quartile = (i: number, share: number) => `quantile_cont(dsk_x${i}, ${share})`;
  const spread = (i: number) =>
    method === 'iqr'
      ? `${quartile(i, 0.25)} AS dsk_first${i}, ${quartile(i, 0.75)} AS dsk_third${i}, nullif(dsk_third${i} - dsk_first${i}, 0) AS dsk_spread${i}`
      : `nullif(mad(dsk_x${i}), 0) / ${NORMAL} AS dsk_spread${i}`;
  const each = (i: number) => `count(dsk_x${i}) AS dsk_count${i}, median(dsk_x${i}) AS dsk_middle${i}, ${spread(i)}`;
  return `SELECT ${list(each)} FROM ${numbers}${groupBy(by)}`;
}

/** One column's number and its limits, in SQL. */
export interface Test {
  number: string;
  low: string;
  high: string;
  middle: string;
  spread: string;
}

/** SQL: true for an outlier, else false or null. */
export function beyond({ number, low, high }: Test): string {
  return `(${number} < ${low} OR ${number} > ${high})`;
}

/** SQL: why a number that is beyond its limits is an outlier, such as "z-score 4.12, at most 3". */
export function why(method: Method, threshold: number, { number, low, high, middle, spread }: Test): string {
  if (method === 'iqr') {
    const below = `format('below {:.10g}, the first quartile minus ${threshold} ranges between the quartiles', ${low})`;
    const above = `format('above {:.10g}, the third quartile plus ${threshold} ranges between the quartiles', ${high})`;
    return `CASE WHEN ${number} < ${low} THEN ${below} ELSE ${above} END`;
  }
  const name = method === 'zscore' ? 'z-score' : 'robust z-score';
  return `format('${name} {:.4g}, at most ${threshold}', abs(${number} - ${middle}) / ${spread})`;
}
