// Dealing rows out: for any table, any shares and any seed, every row goes to one part, and sizes are what they should be.
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { session } from '../../engine/data/duckdb.ts';
import { openTables } from '../../engine/data/tables.ts';
import type { Tables, Watch } from '../../engine/nodes/context.ts';
import { type Deal, dealOut, partSizes } from '../../engine/nodes/deal.ts';
import type { TableArtifact } from '../../engine/nodes/values.ts';
import { complaintOf, ownFolder } from '../data/setting.ts';

const folder = ownFolder();
let tables: Tables & { close(): Promise<void> };
beforeAll(async () => {
  tables = await openTables({ temp: join(folder, 'temp'), threads: 2 });
});
afterAll(() => tables.close());

const watch: Watch = { parts: join(folder, 'parts'), progress() {}, signal: new AbortController().signal };
let files = 0;
const file = () => join(folder, `${++files}.parquet`);

/** Rows 0 to n - 1, each with one of a few values (the last of which is null) and a time that is not in order. */
async function numbered(n: number, values: number): Promise<TableArtifact> {
  const path = file();
  await session({ temp: null }, [path], (s) =>
    s.run(`COPY (SELECT range AS i, nullif(range * 7 % ${values}, ${values - 1}) AS v, range * 37 % 101 AS t FROM range(${n}))
      TO '${path}' (FORMAT parquet)`),
  );
  return { type: 'table', path, rows: n, columns: { i: 'integer', v: 'integer', t: 'integer' } };
}

const read = async (table: TableArtifact) =>
  (await tables.head(table, table.rows)).map(({ i, v, t }) => ({
    i: Number(i),
    v: v === null ? null : Number(v),
    t: Number(t),
  }));

it('puts every row into one part, in order, the same on every run', { timeout: 30_000 }, async () => {
  const by = fc.constantFrom<Omit<Deal, 'seed'>>({}, { time: 't' }, { group: 'v' }, { stratify: 'v' });
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 12, max: 200 }),
      fc.integer({ min: 3, max: 12 }),
      fc.double({ min: 0.01, max: 0.45, noNaN: true }),
      fc.nat(99),
      by,
      async (n, values, share, seed, how) => {
        const table = await numbered(n, values);
        const sizes = partSizes(n, [1 - 2 * share, share, share]);
        const deal = async () => {
          const parts = await dealOut(table, sizes, { seed, ...how }, [file(), file(), file()], tables, watch);
          return Promise.all(parts.map(read));
        };
        const parts = await deal();
        for (const part of parts)
          expect(part.map(({ i }) => i)).toEqual(part.map(({ i }) => i).toSorted((a, b) => a - b));
        expect(
          parts
            .flat()
            .map(({ i }) => i)
            .toSorted((a, b) => a - b),
        ).toEqual([...Array(n).keys()]);
        expect(await deal()).toEqual(parts);
        if (how.group === undefined) expect(parts.map(({ length }) => length)).toEqual(sizes);
        else {
          const groups = parts.map((part) => new Set(part.map(({ v }) => v)));
          expect(groups.reduce((sum, { size }) => sum + size, 0)).toBe(values);
          expect(Math.min(...groups.map(({ size }) => size))).toBeGreaterThan(0);
        }
        if (how.time !== undefined) {
          const times = parts.map((part) => part.map(({ t }) => t));
          for (const i of [1, 2])
            expect(Math.max(...(times[i - 1] ?? []))).toBeLessThanOrEqual(Math.min(...(times[i] ?? [])));
        }
        if (how.stratify === undefined) return;
        const count = (part: { v: number | null }[], v: number | null) => part.filter((row) => row.v === v).length;
        for (const v of new Set(parts.flat().map((row) => row.v))) {
          const all = count(parts.flat(), v);
          for (const i of [1, 2]) {
            const wanted = (all * (sizes[i] as number)) / n;
            expect(Math.abs(count(parts[i] ?? [], v) - wanted)).toBeLessThanOrEqual(1);
          }
        }
      },
    ),
    { numRuns: 12 },
  );
});

it('refuses tables that are too small', async () => {
  expect(() => partSizes(3, [0.8, 0.1, 0.1])).not.toThrow();
  expect(await complaintOf(() => partSizes(2, [0.8, 0.1, 0.1]))).toMatchObject({
    code: 'data-few',
    message: 'the table has 2 rows: too few to split into 3 parts',
  });
});
