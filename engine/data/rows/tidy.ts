// Brings text columns into one form (engine/data/tidy.ts).
import { type TidyOptions, tidy } from '../tidy.ts';
import { defineRows } from './rows.ts';

export default defineRows<TidyOptions>({
  open: (options) => (batch) => ({
    columns: Object.fromEntries(
      Object.entries(batch).map(([name, values]) => [
        name,
        values.map((value) => (typeof value === 'string' ? tidy(value, options) : null)),
      ]),
    ),
  }),
});
