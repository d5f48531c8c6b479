// Queries that fill what is missing in columns (data/impute.ts): by a statistic of the column, or from the rows before and behind.
import { randomOrder } from './deal.ts';
import { identifier, literal } from './sql.ts';
import { finite, groupBy, number, sameGroup } from './statistics.ts';
import type { ColumnType } from './values.ts';

export type Statistic = 'mean' | 'median' | 'mode';
export type Series = 'forward' | 'backward' | 'linear';

/** SQL: a column's value, null where it is missing; of numbers NaN is. */
export function present(column: string, type: ColumnType | undefined): string {
  return type === 'number' ? `CASE WHEN NOT isnan(${column}::DOUBLE) THEN ${column} END` : column;
}

/** A query over `source` for the statistics of columns in each group: the columns `by`, and dsk_fill0 and so on, null where a group has no value. */
export function statisticQuery(
  columns: readonly string[],
  types: Readonly<Record<string, ColumnType>>,
  by: readonly string[],
  statistic: Statistic,
  source: string,
): string {
  const groups = by.map(identifier);
  if (statistic !== 'mode') {
    const each = columns.map((name, i) => {
      const x = types[name] === 'integer' ? `${identifier(name)}::DOUBLE` : finite(identifier(name)); // whole ones are
      // Compensated sums (Kahan): plain ones depend on which thread came first.
      return `${statistic === 'median' ? `median(${x})` : `fsum(${x}) / count(${x})`} AS dsk_fill${i}`;
    });
    return `SELECT ${[...groups, ...each].join(', ')} FROM ${source}${groupBy(by)}`;
  }
  // Of values that are equally frequent the smallest, as in pandas.
  const modes = columns.map((name, i) => {
    const value = present(identifier(name), types[name]);
    const counts = `SELECT ${[...groups, `${value} AS dsk_value`, 'count(*) AS dsk_count'].join(', ')} FROM ${source} GROUP BY ALL`;
    const first = `arg_max(dsk_value, dsk_count ORDER BY dsk_value) FILTER (dsk_value IS NOT NULL) AS dsk_fill${i}`;
    return `(SELECT ${[...groups, first].join(', ')} FROM (${counts})${groupBy(by)}) AS mode${i}`;
  });
  const joined = modes.map((mode, i) => (i === 0 ? mode : `JOIN ${mode} ON ${sameGroup('mode0', `mode${i}`, by)}`));
  const values = columns.map((_, i) => `mode${i}.dsk_fill${i}`);
  return `SELECT ${[...groups.map((name) => `mode0.${name}`), ...values].join(', ')} FROM ${joined.join(' ')}`;
}

/**
 * A query over `rows` for what a series gives at each row: dsk_row, and dsk_fill0 and so on. Rows are ordered by a column (those
 * without a value in it are left out), or as they stand; in each group by itself.
 */
export function seriesQuery(
  columns: readonly string[],
  types: Readonly<Record<string, ColumnType>>,
  by: readonly string[],
  order: string | undefined,
  series: Series,
): string {
  const groups = by.map(identifier);
  const partition = groups.length === 0 ? '' : `PARTITION BY ${groups.join(', ')} `;
  const sorted = `${partition}ORDER BY dsk_place, dsk_row`;
  const place = order === undefined ? 'dsk_row' : identifier(order);
  const values = columns.map((name, i) => {
    const value = series === 'linear' ? finite(identifier(name)) : present(identifier(name), types[name]);
    return `${value} AS dsk_value${i}`;
  });
  const source = `(SELECT ${['dsk_row', ...groups, `${place} AS dsk_place`, ...values].join(', ')} FROM rows WHERE ${place} IS NOT NULL)`;
  const before = `OVER (${sorted} ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW)`;
  const behind = `OVER (${sorted} ROWS BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING)`;
  const last = (what: string) => `last_value(${what} IGNORE NULLS) ${before}`;
  const next = (what: string) => `first_value(${what} IGNORE NULLS) ${behind}`;
  if (series !== 'linear') {
    const each = columns.map((_, i) => {
      const value = `dsk_value${i}`;
      return `${series === 'forward' ? last(value) : next(value)} AS dsk_fill${i}`;
    });
    return `SELECT ${['dsk_row', ...each].join(', ')} FROM ${source}`;
  }
  // Rows as they stand are equally far apart, within their group.
  const time =
    order === undefined
      ? `row_number() OVER (${sorted})::DOUBLE`
      : types[order] === 'time'
        ? 'epoch_us(dsk_place)::DOUBLE'
        : number('dsk_place');
  const timed = `(SELECT *, ${time} AS dsk_time FROM ${source})`;
  const known = (i: number) => `CASE WHEN dsk_value${i} IS NOT NULL THEN dsk_time END`;
  const ends = columns.map(
    (_, i) => `${last(`dsk_value${i}`)} AS dsk_from${i}, ${last(known(i))} AS dsk_start${i},
      ${next(`dsk_value${i}`)} AS dsk_to${i}, ${next(known(i))} AS dsk_end${i}`,
  );
  const each = columns.map((_, i) => {
    const share = `(dsk_time - dsk_start${i}) / (dsk_end${i} - dsk_start${i})`;
    return `CASE WHEN dsk_end${i} > dsk_start${i} THEN dsk_from${i} + (dsk_to${i} - dsk_from${i}) * ${share}
      WHEN dsk_to${i} IS NOT NULL THEN dsk_from${i} END AS dsk_fill${i}`;
  });
  return `SELECT ${['dsk_row', ...each].join(', ')} FROM (SELECT dsk_row, dsk_time, ${ends.join(', ')} FROM ${timed})`;
}

/** A query over `source` for the rows that a model is fitted to: all, or so many drawn by the seed; as they stand. */
export function fitQuery(columns: readonly string[], rows: number, seed: number, source: string): string {
  const numbers = columns.map((name, i) => `${finite(identifier(name))} AS dsk_x${i}`);
  const drawn = `SELECT * FROM ${source} ORDER BY ${randomOrder(seed)} LIMIT ${rows}`;
  return `SELECT ${numbers.join(', ')} FROM (${drawn}) ORDER BY dsk_row`;
}

/** SQL: a value written as text, in the type of a column. */
export function inTypeOf(text: string, column: string): string {
  return `cast_to_type(${literal(text)}, ${column})`;
}
