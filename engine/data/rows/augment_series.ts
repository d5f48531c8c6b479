// Copies of rows whose cells are series: noise, scale and time are drawn for each copy.

import { type CopyWork, copyRows } from '../../nodes/copies.ts';
import { InputError } from '../../nodes/kind.ts';
import { factor, noise, timeWarp, valueAt } from '../series.ts';
import { type Columns, defineRows } from './rows.ts';

interface Params extends CopyWork {
  columns: string[];
  /** Of the noise: a number for all, or a column for each column. */
  deviation: number | string[];
  scale: number;
  warp: number;
}

export default defineRows<Params>({
  open(params) {
    const { columns, deviation, scale, warp } = params;
    return (given, first) => {
      const lists = columns.map((column) => [
        column,
        given[column]?.map(
          (list, at) => (list as unknown[] | null)?.map((value) => numberOf(value, column, first + at)) ?? null,
        ),
      ]);
      const batch: Columns = { ...given, ...(Object.fromEntries(lists) as Columns) };
      return copyRows(batch, first, columns, params, (at, draw) => {
        // One course of time and one factor for all columns of a row: they are of the same moments.
        const course = warp > 0 ? timeWarp(warp, draw) : null;
        const times = factor(scale, draw);
        return columns.map((column, i) => {
          const series = batch[column]?.[at] as (number | null)[] | null;
          if (series === null) return null;
          const sigma = typeof deviation === 'number' ? deviation : Number(batch[deviation[i] as string]?.[at] ?? 0);
          const noises = sigma > 0 ? noise(series.length, sigma, draw) : null;
          const last = series.length - 1;
          return series.map((value, place) => {
            const now = course && last > 0 ? valueAt(series, course(place / last) * last) : value;
            return now === null ? null : now * times + (noises?.[place] ?? 0);
          });
        });
      });
    };
  },
});

/** Whole numbers in lists are bigints. */
function numberOf(value: unknown, column: string, row: number): number | null {
  if (value === null || typeof value === 'number') return value;
  if (typeof value === 'bigint') return Number(value);
  throw new InputError({
    code: 'column-type',
    message: `the list in row ${row + 1} of \`${column}\` holds ${JSON.stringify(value)}, which is no number`,
    at: 'columns',
  });
}
