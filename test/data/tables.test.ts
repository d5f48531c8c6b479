import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openTables } from '../../engine/data/tables.ts';
import type { Tables } from '../../engine/nodes/context.ts';
import type { TableArtifact } from '../../engine/nodes/values.ts';
import { complaintOf, listening, loadTable, ownFolder } from './setting.ts';

const folder = ownFolder();
let tables: Tables & { close(): Promise<void> };
let count = 0;
const out = () => join(folder, 'out', `${count++}.parquet`);
const file = (name: string, content: string | Uint8Array) => {
  const path = join(folder, name);
  mkdirSync(join(path, '..'), { recursive: true });
  writeFileSync(path, content);
  return path;
};
const column = async (table: TableArtifact, name: string) => (await tables.head(table, 1000)).map((row) => row[name]);

beforeAll(async () => {
  tables = await openTables({ temp: join(folder, 'temp'), threads: 2 });
});
afterAll(() => tables.close());

describe('operations', () => {
  const numbers = async (values: (string | null)[]) =>
    loadTable(
      tables,
      [file('n.csv', `i,v\n${values.map((v, i) => `${i},${v === null ? '' : `"v${v}"`}`).join('\n')}\n`)],
      'csv',
      {},
      out(),
    );

  it('filter keeps the rows for which the condition is true, in order', async () => {
    const table = await numbers(['x', null, 'y', 'x']);
    expect(await column(await tables.filter(table, "v <> 'vy' -- not y", out()), 'i')).toEqual([0n, 3n]);
    expect(await complaintOf(tables.filter(table, 'i > 99', out()))).toMatchObject({ code: 'data-empty', at: 'where' });
    expect((await complaintOf(tables.filter(table, 'i + 1', out()))).code).toBe('expression-type');
    expect((await complaintOf(tables.filter(table, 'v::INTEGER > 1', out()))).code).toBe('expression-value');
  });

  it('texts gives a column in order, without nulls, and may be left early', async () => {
    const values = Array.from({ length: 5000 }, (_, i) => (i % 7 === 0 ? null : String(i)));
    const table = await numbers(values);
    const all: string[] = [];
    for await (const batch of tables.texts(table, 'v')) all.push(...batch);
    expect(all).toEqual(values.filter((v) => v !== null).map((v) => `v${v}`));
    for await (const batch of tables.texts(table, 'v')) {
      expect(batch.length).toBeGreaterThan(0);
      break;
    }
    expect(await complaintOf(tables.texts(table, 'w')[Symbol.asyncIterator]().next())).toMatchObject({
      code: 'column-unknown',
    });
    expect(await complaintOf(tables.texts(table, 'i')[Symbol.asyncIterator]().next())).toMatchObject({
      code: 'column-type',
    });
  });
});

it('works on data larger than its memory', async () => {
  const small = await openTables({ temp: join(folder, 'spill'), threads: 1, memory: 200e6 });
  // About 240 MB of text, each line twice.
  const lines = Array.from({ length: 100_000 }, (_, i) => `${i} `.repeat(180));
  const path = file('big.txt', [...lines, ...lines].join('\n'));
  const table = await loadTable(small, [path], 'text', { rows: 'line' }, out());
  expect(table.rows).toBe(200_000);
  const first = 'SELECT min(dsk_row) FROM lines GROUP BY text';
  const sql = `SELECT text FROM lines WHERE dsk_row IN (${first}) ORDER BY dsk_row`;
  const unique = await small.query({ tables: { lines: table }, sql }, out(), listening());
  expect(unique.rows).toBe(100_000);
  expect((await small.head(unique, 2)).map((row) => row.text)).toEqual(lines.slice(0, 2));
  await small.close();
}, 120_000);
