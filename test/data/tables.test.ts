import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openTables, partSizes } from '../../engine/data/tables.ts';
import type { Tables } from '../../engine/nodes/context.ts';
import type { TableArtifact } from '../../engine/nodes/values.ts';
import { complaintOf, containing, matching, ownFolder } from './setting.ts';

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
const rows = async (table: TableArtifact) => tables.head(table, 1000);
const column = async (table: TableArtifact, name: string) => (await rows(table)).map((row) => row[name]);

beforeAll(async () => {
  tables = await openTables({ temp: join(folder, 'temp'), threads: 2 });
});
afterAll(() => tables.close());

describe('text', () => {
  const text = 'One\r\nline.\r\n\r\n\r\nTwo — ünï.\n \nThree';
  it('makes a row of each paragraph, its lines joined by spaces', async () => {
    const table = await tables.load([file('t/a.txt', text)], 'text', { rows: 'paragraph' }, out());
    expect(table).toMatchObject({ rows: 3, columns: { text: 'text', file: 'text' } });
    expect(await column(table, 'text')).toEqual(['One line.', 'Two — ünï.', 'Three']);
  });
  it('makes a row of each line that is not blank', async () => {
    const table = await tables.load([file('t/a.txt', text)], 'text', { rows: 'line' }, out());
    expect(await column(table, 'text')).toEqual(['One', 'line.', 'Two — ünï.', 'Three']);
  });
  it('makes a row of each file, named from the common folder on, in the order given', async () => {
    const files = [file('t/b/2.txt', '\ufeffsecond\n'), file('t/b/c/1.txt', 'first\r\n'), file('t/b/c/0.txt', '')];
    const table = await tables.load(files, 'text', {}, out());
    expect(await rows(table)).toEqual([
      { text: 'second\n', file: '2.txt' },
      { text: 'first\n', file: 'c/1.txt' },
    ]);
  });
  it('reads other encodings', async () => {
    const latin = file('t/latin.txt', Uint8Array.from([0x63, 0x61, 0x66, 0xe9, 0x20, 0x80]));
    expect(await column(await tables.load([latin], 'text', { encoding: 'windows-1252' }, out()), 'text')).toEqual([
      'café €',
    ]);
    const wide = file('t/wide.txt', Buffer.from('\ufeffčaj\nkáva', 'utf16le'));
    expect(
      await column(await tables.load([wide], 'text', { encoding: 'utf-16le', rows: 'line' }, out()), 'text'),
    ).toEqual(['čaj', 'káva']);
  });
  it('names line and byte of what is not UTF-8, and an encoding to try', async () => {
    const latin = file(
      't/bad.txt',
      Buffer.concat([Buffer.from('good\nčaj\nca'), Buffer.from([0x66, 0xe9]), Buffer.from('\nmore')]),
    );
    expect(await complaintOf(tables.load([latin], 'text', { rows: 'line' }, out()))).toMatchObject({
      code: 'file-encoding',
      message: 'bad.txt:3: byte 0xe9 (byte 13 of the file) is not UTF-8',
      suggest: { value: 'windows-1252' },
    });
    const wide = file('t/wide2.txt', Buffer.from('\ufeffabc', 'utf16le'));
    expect((await complaintOf(tables.load([wide], 'text', {}, out()))).note).toContain('utf-16le');
    const binary = file('t/binary.txt', Uint8Array.from([65, 0, 66]));
    expect((await complaintOf(tables.load([binary], 'text', {}, out()))).message).toContain('NUL');
    expect((await complaintOf(tables.load([latin], 'text', { encoding: 'klingon' }, out()))).at).toBe('encoding');
  });
  it('finds the first bad byte wherever it is, across the pieces a file is read in', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(40_000), fc.constantFrom('ab\n', 'čaj ', '🐋\n', 'x'), async (at, unit) => {
        const head = Buffer.from(unit.repeat(Math.ceil((1 << 20) / Buffer.byteLength(unit)) + at));
        const path = file('t/far.txt', Buffer.concat([head, Buffer.from([0xff]), Buffer.from('rest')]));
        const { message } = await complaintOf(tables.load([path], 'text', { rows: 'line' }, out()));
        const line = head.toString().split('\n').length;
        expect(message).toBe(`far.txt:${line}: byte 0xff (byte ${head.length} of the file) is not UTF-8`);
      }),
      { numRuns: 6 },
    );
  });
  it('refuses empty files', async () => {
    expect((await complaintOf(tables.load([file('t/none.txt', ' \n\n')], 'text', {}, out()))).code).toBe('data-empty');
  });
});

describe('CSV', () => {
  const load = (content: string | Uint8Array, options = {}) =>
    tables.load([file('x.csv', content)], 'csv', options, out());
  it('finds delimiter and types', async () => {
    const table = await load('id;word;score;when\n1;"a;b ""c""";2.5;2024-01-02\n2;;-1;2024-02-03\n');
    expect(table.columns).toEqual({ id: 'integer', word: 'text', score: 'number', when: 'time' });
    expect((await rows(table)).map((row) => [row.id, row.word, row.score])).toEqual([
      [1n, 'a;b "c"', 2.5],
      [2n, null, -1],
    ]);
  });
  it('keeps columns as text where told to, and takes files without header', async () => {
    expect(await column(await load('id,n\n007,1\n', { text: ['id'] }), 'id')).toEqual(['007']);
    expect(Object.keys((await load('a,b\nc,d\n', { header: false })).columns)).toEqual(['column0', 'column1']);
  });
  it('keeps line breaks in quotes, CRLF and a byte order mark', async () => {
    const table = await load('\ufeffa,b\r\n"x\r\ny",1\r\n');
    expect(Object.keys(table.columns)).toEqual(['a', 'b']);
    expect(await column(table, 'a')).toEqual(['x\r\ny']);
  });
  it('names the line and what is wrong with a broken row', async () => {
    expect(await complaintOf(load('a,b\n1,2\n3,4,5\n6,7\n'))).toMatchObject({
      code: 'file-broken',
      message: 'x.csv:3: 3 values where the header has 2 columns: 3,4,5',
      note: containing('double quotes'),
    });
    expect((await complaintOf(load('a,b\n1,2\n3\n'))).message).toBe(
      'x.csv:3: 1 value where the header has 2 columns: 3',
    );
    expect((await complaintOf(load('a,b\n1,"2\n3,4\n'))).message).toMatch(/^x\.csv:2: /);
    expect((await complaintOf(load('title\nthe, quick\nbrown\n'))).message).toContain(
      'x.csv:2: 2 values where the header has 1 column',
    );
  });
  it('names a value of another type than the rows before', async () => {
    const many = `id,n\n${Array.from({ length: 25_000 }, (_, i) => `${i},${i}`).join('\n')}\n7,n/a\n`;
    expect(await complaintOf(load(many))).toMatchObject({
      code: 'file-broken',
      message: matching(/^x\.csv:25002: column `n` holds whole numbers in the rows before, but here stands "n\/a"$/),
      note: containing('text: ["n"]'),
    });
    expect((await load(many, { text: ['n'] })).rows).toBe(25_001);
  });
  it('reads another encoding, and says so when it is not the one given', async () => {
    const latin = Buffer.from('name,n\ncafé,1\n', 'latin1');
    expect((await complaintOf(load(latin))).message).toContain('x.csv:2: byte 0xe9');
    expect(await column(await load(latin, { encoding: 'windows-1252' }), 'name')).toEqual(['café']);
  });
  it('refuses files without rows', async () => {
    for (const content of ['', 'a,b\n']) expect((await complaintOf(load(content))).code).toBe('data-empty');
  });
  it('leaves nothing behind when it fails', async () => {
    await complaintOf(load('a,b\n1,2,3\n'));
    expect(readdirSync(join(folder, 'out')).filter((name) => name.startsWith('.tmp'))).toEqual([]);
    expect(readdirSync(join(folder, 'temp'))).toEqual([]);
  });
});

describe('JSONL', () => {
  const load = (content: string) => tables.load([file('x.jsonl', content)], 'jsonl', {}, out());
  it('reads objects, with keys that come late', async () => {
    const late = `${'{"a": 1}\n'.repeat(30_000)}{"a": 2, "b": ["x"], "c": {"d": true}}\n`;
    const table = await load(late);
    expect(table).toMatchObject({ rows: 30_001, columns: { a: 'integer', b: 'list', c: 'struct' } });
  });
  it('names the line that is no JSON, or no object', async () => {
    expect((await complaintOf(load('{"a":1}\n{"a":\n{"a":3}\n'))).message).toBe(
      'x.jsonl:2: the line is no JSON: {"a":',
    );
    expect((await complaintOf(load('[1,2]\n'))).code).toBe('file-broken');
    expect((await complaintOf(load(''))).code).toBe('data-empty');
  });
});

describe('Parquet', () => {
  it('reads what it wrote, and refuses damaged files', async () => {
    const table = await tables.load([file('p.csv', 'a\n1\n2\n')], 'csv', {}, out());
    expect(await column(await tables.load([table.path], 'parquet', {}, out()), 'a')).toEqual([1n, 2n]);
    expect(
      await complaintOf(tables.load([file('p.parquet', 'PAR1 nonsense PAR1')], 'parquet', {}, out())),
    ).toMatchObject({
      code: 'file-broken',
      message: containing('p.parquet'),
    });
  });
});

describe('operations', () => {
  const numbers = async (values: (string | null)[]) =>
    tables.load(
      [file('n.csv', `i,v\n${values.map((v, i) => `${i},${v === null ? '' : `"v${v}"`}`).join('\n')}\n`)],
      'csv',
      {},
      out(),
    );

  it('dedup keeps the first of equal rows, in order; null equals null', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.option(fc.constantFrom('a', 'b', 'c', 'A', 'b ')), { minLength: 1, maxLength: 30 }),
        async (values) => {
          const table = await tables.dedup(await numbers(values), ['v'], out());
          const first = values.flatMap((v, i) => (values.indexOf(v) === i ? [BigInt(i)] : []));
          expect(await column(table, 'i')).toEqual(first);
        },
      ),
      { numRuns: 10 },
    );
    expect((await tables.dedup(await numbers(['a', 'a']), [], out())).rows).toBe(2);
  });

  it('filter keeps the rows for which the condition is true, in order', async () => {
    const table = await numbers(['x', null, 'y', 'x']);
    expect(await column(await tables.filter(table, "v <> 'vy' -- not y", out()), 'i')).toEqual([0n, 3n]);
    expect(await complaintOf(tables.filter(table, 'i > 99', out()))).toMatchObject({ code: 'data-empty', at: 'where' });
    expect((await complaintOf(tables.filter(table, 'i + 1', out()))).code).toBe('expression-type');
    expect((await complaintOf(tables.filter(table, 'v::INTEGER > 1', out()))).code).toBe('expression-value');
  });

  it('split deals every row to one part, in order, with exact sizes, the same on every run', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 3, max: 200 }),
        fc.double({ min: 0.01, max: 0.45, noNaN: true }),
        fc.nat(99),
        async (n, share, seed) => {
          const table = await numbers(Array.from({ length: n }, (_, i) => String(i)));
          const shares = [1 - 2 * share, share, share];
          const deal = async () => {
            const parts = await tables.split(table, shares, seed, [out(), out(), out()]);
            return Promise.all(parts.map(async (part) => (await column(part, 'i')).map(Number)));
          };
          const parts = await deal();
          expect(parts.map((part) => part.length)).toEqual(partSizes(n, shares));
          for (const part of parts) expect(part).toEqual([...part].sort((a, b) => a - b));
          expect(parts.flat().sort((a, b) => a - b)).toEqual(Array.from({ length: n }, (_, i) => i));
          expect(await deal()).toEqual(parts);
        },
      ),
      { numRuns: 4 },
    );
  });

  it('split depends on the seed, and refuses tables that are too small', async () => {
    const table = await numbers(Array.from({ length: 100 }, (_, i) => String(i)));
    const valid = async (seed: number) =>
      column((await tables.split(table, [0.8, 0.2], seed, [out(), out()]))[1] as TableArtifact, 'i');
    expect(await valid(1)).not.toEqual(await valid(2));
    expect((await complaintOf(tables.split(await numbers(['a']), [0.9, 0.1], 0, [out(), out()]))).code).toBe(
      'data-few',
    );
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
  const table = await small.load([path], 'text', { rows: 'line' }, out());
  expect(table.rows).toBe(200_000);
  const unique = await small.dedup(table, ['text'], out());
  expect(unique.rows).toBe(100_000);
  expect((await small.head(unique, 2)).map((row) => row.text)).toEqual(lines.slice(0, 2));
  await small.close();
}, 120_000);
