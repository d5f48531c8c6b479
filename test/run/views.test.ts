// Tables that are not stored: what dedup, impute, outliers, select and rename leave is computed where it is read, in the order of its
// rows; kinds that need it stored get it so, once.
import { existsSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { dsk, entries, folder } from './dsk.ts';

const count = 60_000;
/** Every tenth row stands there twice, the second time far behind. */
const numbers = Array.from({ length: count }, (_, i) => (i % 10 === 9 && i > 20_000 ? i - 9_999 : i));
const value = (i: number) => (i % 17 === 0 ? null : i % 1000);
const graph = `dsk 1

rows  = load("rows.csv")
once  = dedup(rows)
whole = impute(once, columns: "value", method: "median")
usual = outliers(whole, columns: "value", method: "iqr", threshold: 0.4)
named = rename(usual, columns: "n: number")
thin  = select(named, columns: ["number", "value"])
out   = save(thin, path: "out.csv")
mixed = shuffle(thin)
sorted = shuffle(thin, seed: 3)
gone  = save(usual.removed, path: "gone.csv")
twice = save(once.removed, path: "twice.csv")
`;

let here = '';
beforeAll(async () => {
  const lines = numbers.map((n) => `${n},${value(n) ?? ''},name ${n % 7}`);
  here = folder({ 'g.dsk': graph, 'rows.csv': `n,value,name\n${lines.join('\n')}\n` });
  expect(await dsk(here, 'run', 'g.dsk')).toMatchObject({ code: 0 });
});

const lines = (name: string) => readFileSync(join(here, name), 'utf8').trim().split('\n');
/** What the graph should leave, step by step. */
function expected() {
  const once = [...new Set(numbers)];
  const known = once.flatMap((n) => value(n) ?? []).sort((a, b) => a - b);
  const quantile = (of: number[], share: number) => {
    const at = (of.length - 1) * share;
    const low = Math.floor(at);
    return (of[low] as number) + ((of[Math.ceil(at)] as number) - (of[low] as number)) * (at - low);
  };
  const median = quantile(known, 0.5);
  const whole = once.map((n) => ({ n, value: value(n) ?? median }));
  const sorted = whole.map((row) => row.value).sort((a, b) => a - b);
  const [first, third] = [quantile(sorted, 0.25), quantile(sorted, 0.75)];
  const far = (x: number) => x < first - 0.4 * (third - first) || x > third + 0.4 * (third - first);
  return { kept: whole.filter((row) => !far(row.value)), gone: whole.filter((row) => far(row.value)) };
}

test('rows come in their order, and those that were removed with their reasons', () => {
  const { kept, gone } = expected();
  expect(gone.length).toBeGreaterThan(1000);
  const rows = lines('out.csv');
  expect(rows[0]).toBe('number,value');
  expect(rows.slice(1).map((line) => line.split(',').map(Number))).toEqual(kept.map((row) => [row.n, row.value]));
  expect(
    lines('gone.csv')
      .slice(1)
      .map((line) => Number(line.split(',')[0])),
  ).toEqual(gone.map(({ n }) => n));
  const seen = new Map<number, number>();
  const twice = numbers.flatMap((n, row) => {
    const first = seen.get(n);
    if (first === undefined) seen.set(n, row);
    return first === undefined
      ? []
      : [`${n},${value(n) ?? ''},name ${n % 7},${first},the same in all columns as row ${first}`];
  });
  expect(twice.length).toBeGreaterThan(1000);
  expect(lines('twice.csv').slice(1)).toEqual(twice);
});

test('the rows are stored once, for all kinds that need them so', () => {
  const cache = join(here, '.dsk/cache');
  const tables = entries(here).filter((key) => existsSync(join(cache, key, 'table.parquet')));
  expect(tables.length).toBe(3); // of load and of the two that shuffle
  expect(readdirSync(join(here, '.dsk/memo')).length).toBe(1);
});

test('nothing runs twice, also elsewhere; what is computed from a result that is gone is made again with it', async () => {
  const again = await dsk(here, 'plan', 'g.dsk');
  expect(again.stdout.match(/ cached$/gm)?.length).toBe(8);
  const moved = `${here}-moved`;
  renameSync(here, moved);
  const there = await dsk(moved, 'plan', 'g.dsk');
  renameSync(moved, here);
  expect(there.stdout).toBe(again.stdout);
  const first = entries(here).find((key) => existsSync(join(here, '.dsk/cache', key, 'rejected.parquet'))) ?? '';
  const away = join(here, '.dsk/away');
  renameSync(join(here, '.dsk/cache', first), away);
  const plan = await dsk(here, 'plan', 'g.dsk');
  expect(plan.stdout).toMatch(/once .*stored result not used/s);
  const before = readFileSync(join(here, 'out.csv'));
  expect(await dsk(here, 'run', 'g.dsk', '--quiet')).toMatchObject({ code: 0 });
  expect(readFileSync(join(here, 'out.csv')).equals(before)).toBe(true);
  const table = (folder: string) => readFileSync(join(folder, 'table.parquet'));
  expect(table(join(here, '.dsk/cache', first)).equals(table(away))).toBe(true);
  rmSync(away, { recursive: true });
});
