// Fills gaps in columns of numbers from the nearest of the rows that a model knows (engine/data/neighbours.ts).
import { type NeighbourModel, openNeighbours } from '../neighbours.ts';
import { defineRows } from './rows.ts';

export default defineRows<NeighbourModel>({
  open(model) {
    const fill = openNeighbours(model);
    const number = (value: unknown) => (typeof value === 'number' && Number.isFinite(value) ? value : Number.NaN);
    return (batch) => {
      const columns = model.columns.map(({ name }) => batch[name] as unknown[]);
      const made = Object.fromEntries(model.targets.map((name) => [name, [...(batch[name] as unknown[])]]));
      const missing = model.targets.map((name) => batch[name] as unknown[]);
      const row = new Float64Array(columns.length);
      const rows = columns[0]?.length ?? 0;
      for (let i = 0; i < rows; i++) {
        // Infinite numbers are not missing, but near to nothing.
        if (missing.every((values) => values[i] !== null && !Number.isNaN(values[i]))) continue;
        for (const [c, values] of columns.entries()) row[c] = number(values[i]);
        const filled = fill(row);
        for (const [t, name] of model.targets.entries()) {
          const value = missing[t]?.[i];
          if (value === null || Number.isNaN(value)) (made[name] as unknown[])[i] = filled[t];
        }
      }
      return { columns: made };
    };
  },
});
