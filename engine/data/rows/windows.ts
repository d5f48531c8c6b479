// Lists of numbers cut into windows: a row each.
import { InputError } from '../../nodes/kind.ts';
import { defineRows } from './rows.ts';

/** A column made from a list: the values of a window from `from` up to `to`, counted from 0, or the one at `from`. */
interface Piece {
  column: string;
  of: string;
  from: number;
  to: number | null;
}

interface Params {
  /** The columns with lists. */
  columns: string[];
  pieces: Piece[];
  /** Values of a window, target included. */
  total: number;
  stride: number;
}

type Values = Float64Array | (number | null)[];

export default defineRows<Params>({
  open({ columns, pieces, total, stride }) {
    const [first = ''] = columns;
    return (batch, start) => {
      const made: Record<string, unknown[]> = Object.fromEntries(pieces.map(({ column }) => [column, []]));
      const from: number[] = [];
      for (let row = 0; row < (batch[first] as unknown[]).length; row++) {
        const lists = Object.fromEntries(
          columns.map((name) => [name, valuesOf(batch[name]?.[row], name, start + row)]),
        );
        const length = lists[first]?.length ?? 0;
        for (const [name, { length: other }] of Object.entries(lists)) {
          if (other === length) continue;
          throw new InputError({
            code: 'data-missing',
            message: `row ${start + row + 1} has ${length} values in \`${first}\` and ${other} in \`${name}\``,
            at: 'columns',
            note: 'values of one moment stand at the same place of all lists',
          });
        }
        for (let at = 0; at + total <= length; at += stride) {
          from.push(row);
          for (const { column, of, from: low, to } of pieces) {
            const values = lists[of] as Values;
            const cut = values instanceof Float64Array ? values.subarray.bind(values) : values.slice.bind(values);
            made[column]?.push(to === null ? values[at + low] : cut(at + low, at + to));
          }
        }
      }
      return { columns: made, from };
    };
  },
});

/** A list's values; windows of one without gaps are views of it, so that many that overlap take no memory. */
function valuesOf(list: unknown, name: string, row: number): Values {
  const values = (list ?? []) as unknown[];
  const wrong = values.find((value) => value !== null && typeof value !== 'number' && typeof value !== 'bigint');
  if (wrong !== undefined) {
    throw new InputError({
      code: 'column-type',
      message: `the list in row ${row + 1} of \`${name}\` holds ${JSON.stringify(wrong)}, which is no number`,
      at: 'columns',
    });
  }
  return values.includes(null)
    ? values.map((value) => (value === null ? null : Number(value)))
    : Float64Array.from(values as (number | bigint)[], Number);
}
