import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openTables } from '../../engine/data/tables.ts';
import type { FileShape, Tables } from '../../engine/nodes/context.ts';
import type { TableArtifact } from '../../engine/nodes/values.ts';
import { askPython, complaintOf, listening, loadTable, ownFolder, withPython } from './setting.ts';

const folder = ownFolder();
let tables: Tables & { close(): Promise<void> };
let table: TableArtifact;
const source = [
  { n: 1, x: 0.5, t: 'plain', l: ['a', 'b,"c"'], s: { k: true }, w: '2024-01-02 03:04:05' },
  { n: null, x: -1e300, t: 'two\nlines, "quoted"; ünï 🐋', l: [], s: { k: null }, w: null },
  { n: 9007199254740993n, x: 3, t: '', l: null, s: null, w: '1999-12-31 23:59:59' },
];
const lines = source.map((row) => `${JSON.stringify({ ...row, n: 'N' }).replace('"N"', String(row.n))}\n`).join('');

beforeAll(async () => {
  tables = await openTables({ temp: join(folder, 'temp'), threads: 2 });
  writeFileSync(join(folder, 'source.jsonl'), lines);
  table = await loadTable(tables, [join(folder, 'source.jsonl')], 'jsonl', {}, join(folder, 'table.parquet'));
});
afterAll(() => tables.close());

const shapes: Record<string, FileShape> = {
  'a.csv': { format: 'csv', delimiter: ',', compression: null },
  'a.tsv': { format: 'csv', delimiter: '\t', compression: null },
  'a.csv.gz': { format: 'csv', delimiter: ',', compression: 'gzip' },
  'a.jsonl': { format: 'jsonl', delimiter: ',', compression: null },
  'a.jsonl.zst': { format: 'jsonl', delimiter: ',', compression: 'zstd' },
  'a.parquet': { format: 'parquet', delimiter: ',', compression: null },
};
const save = async (name: string) => {
  const path = join(folder, name);
  await tables.save(table, path, shapes[name] as FileShape, listening());
  return path;
};

describe('a saved table', () => {
  it('is CSV as RFC 4180 has it, with lists and structs as JSON', async () => {
    expect(table.columns).toEqual({ n: 'integer', x: 'number', t: 'text', l: 'list', s: 'struct', w: 'time' });
    const text = readFileSync(await save('a.csv'), 'utf8');
    expect(text).toBe(
      [
        'n,x,t,l,s,w',
        '1,0.5,plain,"[""a"",""b,\\""c\\""""]","{""k"":true}",2024-01-02 03:04:05',
        ',-1e+300,"two\nlines, ""quoted""; ünï 🐋",[],"{""k"":null}",',
        '9007199254740993,3.0,"",,,1999-12-31 23:59:59',
        '',
      ].join('\n'),
    );
    expect(gunzipSync(readFileSync(await save('a.csv.gz'))).toString()).toBe(text);
  });
  it('comes back as it was', async () => {
    const before = await tables.head(table, 10);
    for (const name of ['a.jsonl', 'a.jsonl.zst', 'a.parquet'] as const) {
      const format = shapes[name]?.format === 'parquet' ? 'parquet' : 'jsonl';
      const again = await loadTable(tables, [await save(name)], format, {}, join(folder, 'again.parquet'));
      expect(again.columns).toEqual(table.columns);
      expect(await tables.head(again, 10)).toEqual(before);
    }
  });
  it('is unpacked as text as well, and found out when it is cut off', async () => {
    const path = await save('a.jsonl.zst');
    const again = await loadTable(tables, [path], 'text', { rows: 'line' }, join(folder, 'lines.parquet'));
    const texts = (await tables.head(again, 10)).map(({ text }) => JSON.parse(text as string) as { t: string });
    expect(texts.map(({ t }) => t)).toEqual(source.map(({ t }) => t));
    const cut = join(folder, 'cut.jsonl.zst');
    writeFileSync(cut, readFileSync(path).subarray(0, -10));
    for (const format of ['jsonl', 'text'] as const) {
      const { message } = await complaintOf(loadTable(tables, [cut], format, {}, join(folder, 'cut.parquet')));
      expect(message).toBe('cut.jsonl.zst is cut off: its compressed data end early');
    }
  });
  it('leaves a folder of its name alone', async () => {
    mkdirSync(join(folder, 'taken.csv'));
    const work = tables.save(table, join(folder, 'taken.csv'), shapes['a.csv'] as FileShape, listening());
    expect((await complaintOf(work)).code).toBe('path-taken');
  });
  it('replaces a file whole, and leaves nothing else', async () => {
    const path = await save('a.jsonl');
    const { size } = statSync(path);
    await save('a.jsonl');
    expect(statSync(path).size).toBe(size);
    expect(readdirSync(folder).filter((name) => name.startsWith('.tmp'))).toEqual([]);
  });
});

withPython('pandas reads the same', () => {
  it('from CSV and JSONL', async () => {
    const paths = await Promise.all(['a.csv', 'a.tsv', 'a.csv.gz', 'a.jsonl'].map(save));
    const rows = askPython(
      `import pandas as pd
def read(path):
    if path.endswith('.jsonl'): return pd.read_json(path, lines=True, dtype=False)
    return pd.read_csv(path, sep='\\t' if path.endswith('.tsv') else ',', keep_default_na=False)
print(json.dumps([[list(f.columns), [str(v) for v in f['t']], [float(v) for v in f['x']]] for f in map(read, ask)]))`,
      paths,
    );
    const same = [Object.keys(table.columns), source.map((row) => row.t), source.map((row) => row.x)];
    expect(rows).toEqual(paths.map(() => same));
  });
});
