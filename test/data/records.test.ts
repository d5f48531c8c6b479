// Records: numbers, series, labels and pictures of rows by position, and what is said of values that a field cannot hold.
import { existsSync, readFileSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { openRecordFiles } from '../../engine/data/records.ts';
import { store } from '../../engine/data/store.ts';
import type { Field } from '../../engine/nodes/context.ts';
import type { TableArtifact } from '../../engine/nodes/values.ts';
import { complaintOf, containing, ownFolder } from './setting.ts';
import { engine, watchIn } from './text-table.ts';

const folder = ownFolder();
const records = openRecordFiles(engine);
let made = 0;

const table = (sql: string): Promise<TableArtifact> => store(engine, [], join(folder, `${made++}.parquet`), () => sql);

async function encoded(rows: TableArtifact, fields: Field[]): Promise<string> {
  const to = join(folder, `records-${made++}`);
  await records.encode(rows, { fields, port: 'data' }, to, watchIn(`${to}-parts`));
  return to;
}

async function read(sql: string, fields: Field[]): Promise<number[][][]> {
  const reader = records.open(await encoded(await table(sql), fields));
  const all = Array.from({ length: reader.rows }, (_, row) => reader.read(row).map((values) => [...values]));
  reader.close();
  return all;
}

const complaint = (sql: string, field: Field) => complaintOf(read(sql, [field]));

/** A picture as a DuckDB literal. */
async function blob(levels: number[], width: number, channels: 1 | 3): Promise<string> {
  const raw = { width, height: levels.length / width / channels, channels };
  const png = await sharp(Uint8Array.from(levels), { raw })
    .toColourspace(channels === 1 ? 'b-w' : 'srgb')
    .png()
    .toBuffer();
  return `from_hex('${png.toString('hex')}')`;
}

describe('a record', () => {
  it('holds labels, numbers, lists side by side, and pictures', async () => {
    const picture = await blob([0, 51, 102, 255], 2, 1);
    expect(
      await read(`SELECT 'b' AS l, 1.5 AS x, [1, 2] AS p, [10, 20] AS q, ${picture} AS image`, [
        { kind: 'picture', column: 'image', shape: [2, 2, 1] },
        { kind: 'label', column: 'l', labels: ['a', 'b'] },
        { kind: 'values', columns: ['x', 'p'], count: 3 },
        { kind: 'series', columns: ['p', 'q'], time: 2 },
      ]),
    ).toEqual([[[0, 51, 102, 255].map((level) => Math.fround(level / 255)), [1], [1.5, 1, 2], [1, 10, 2, 20]]]);
  });

  it('takes labels of any type by their text', async () => {
    const label = (labels: string[]): Field => ({ kind: 'label', column: 'l', labels });
    expect(await read('SELECT 7 AS l', [label(['3', '7'])])).toEqual([[[1]]]);
    expect(await read('SELECT true AS l', [label(['false', 'true'])])).toEqual([[[1]]]);
  });

  it('scales pictures of another size, and turns colours to grey where the model sees none', async () => {
    const rows = await table(`SELECT ${await blob([255, 0, 0, 255, 0, 0, 255, 0, 0, 255, 0, 0], 2, 3)} AS image`);
    const reader = records.open(await encoded(rows, [{ kind: 'picture', column: 'image', shape: [1, 1, 1] }]));
    expect(reader.scaled).toBe(1);
    const [[grey]] = reader.read(0) as [Float32Array];
    expect(grey).toBeGreaterThan(0.2); // the luminance of red, not its level
    expect(grey).toBeLessThan(0.8);
    reader.close();
  });

  it('is found in its part, of many', async () => {
    const rows = await table('SELECT i AS x FROM range(300000) AS rows(i)');
    const reader = records.open(await encoded(rows, [{ kind: 'values', columns: ['x'], count: 1 }]));
    expect(reader.rows).toBe(300_000);
    for (const row of [0, 262_143, 262_144, 299_999, 5])
      expect([...(reader.read(row)[0] as Float32Array)]).toEqual([row]);
    expect(() => reader.read(300_000)).toThrow(RangeError);
    reader.close();
  });
});

describe('what a field cannot hold is told with its row', () => {
  it('a label that the model does not know, or none', async () => {
    const field: Field = { kind: 'label', column: 'l', labels: ['ham', 'spam'] };
    expect(await complaint("FROM (VALUES ('ham'), ('egg')) AS t(l)", field)).toMatchObject({
      code: 'label-wrong',
      message: 'row 2 of `data`: `l` is "egg", which is none of the model\'s labels',
      note: containing('ham, spam'),
    });
    expect(await complaint("FROM (VALUES ('ham'), (NULL)) AS t(l)", field)).toMatchObject({
      code: 'data-missing',
      message: 'row 2 of `data`: `l` has no value',
    });
  });
  it('a number that is none', async () => {
    const field: Field = { kind: 'values', columns: ['x'], count: 1 };
    expect(await complaint("SELECT 'nan'::DOUBLE AS x", field)).toMatchObject({ code: 'value-unusable' });
    expect(await complaint('SELECT [1, NULL] AS x', field)).toMatchObject({ code: 'data-missing' });
    expect(await complaint('SELECT [1, 2] AS x', field)).toMatchObject({ code: 'data-shape' });
  });
  it('a series of another length', async () => {
    const field: Field = { kind: 'series', columns: ['x'], time: 3 };
    expect(await complaint('SELECT [1, 2] AS x', field)).toMatchObject({
      code: 'data-shape',
      message: 'row 1 of `data`: `x` has 2 values, and the model takes 3',
    });
  });
  it('bytes that are no picture', async () => {
    const field: Field = { kind: 'picture', column: 'x', shape: [1, 1, 1] };
    expect(await complaint("SELECT 'abc'::BLOB AS x", field)).toMatchObject({ code: 'value-unusable' });
  });
});

it('is damaged where its file was cut off', async () => {
  const to = await encoded(await table('SELECT 1 AS x'), [{ kind: 'values', columns: ['x'], count: 1 }]);
  const file = join(to, '00000.records');
  expect(existsSync(file) && readFileSync(file).length).toBe(8);
  truncateSync(file, 6);
  const reader = records.open(to);
  expect(await complaintOf(() => reader.read(0))).toMatchObject({ code: 'records-damaged' });
});
