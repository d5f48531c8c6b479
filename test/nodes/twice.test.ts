// Texts that are learned and measured on: told at the start of a training.
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { session } from '../../engine/data/duckdb.ts';
import { openTables } from '../../engine/data/tables.ts';
import type { Tables } from '../../engine/nodes/context.ts';
import { literal } from '../../engine/nodes/sql.ts';
import { warnOfTwice } from '../../engine/nodes/twice.ts';
import type { TableArtifact } from '../../engine/nodes/values.ts';
import { ownFolder } from '../data/setting.ts';

const folder = ownFolder();
let tables: Tables & { close(): Promise<void> };
beforeAll(async () => {
  tables = await openTables({ temp: join(folder, 'temp'), threads: 2 });
});
afterAll(() => tables.close());

async function table(name: string, texts: (string | null)[] | number[]): Promise<TableArtifact> {
  const path = join(folder, `${name}.parquet`);
  const values = texts
    .map((text) => `(${text === null ? 'NULL' : typeof text === 'number' ? text : literal(text)})`)
    .join(', ');
  await session({ temp: null }, [path], (s) =>
    s.run(`COPY (SELECT col0 AS text FROM (VALUES ${values})) TO ${literal(path)} (FORMAT parquet)`),
  );
  return {
    type: 'table',
    path,
    rows: texts.length,
    columns: { text: typeof texts[0] === 'number' ? 'integer' : 'text' },
  };
}

async function warnings(learned: TableArtifact, measured: TableArtifact): Promise<string[]> {
  const said: string[] = [];
  await warnOfTwice(
    {
      artifact: (port: string) => (port === 'data' ? learned : measured) as never,
      tables,
      warn: (message) => said.push(message),
      parts: folder,
      progress() {},
      signal: new AbortController().signal,
    },
    'data',
    'valid',
    'text',
  );
  return said;
}

it('says how many texts of one table are in the other, and which is the first', async () => {
  const learned = await table('a', ['One.', "Two's\n company", null, '', 'Four.']);
  const measured = await table('b', ['Three.', "Two's\n company", 'Four.', '', null, 'Four.']);
  expect(await warnings(learned, measured)).toEqual([
    '3 of 6 texts of `valid` are among those that are learned, such as "Two\'s company": the loss on them looks better than it is. dedup before the split takes them out',
  ]);
});

it('says nothing where there are none, and nothing of tables without texts', async () => {
  const learned = await table('c', ['One.', '']);
  expect(await warnings(learned, await table('d', ['one.', '', 'One']))).toEqual([]);
  const ids = await table('e', [1, 2]);
  expect(await warnings(ids, ids)).toEqual([]);
});
