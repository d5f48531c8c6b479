// Token shards: the ids of all rows in their order, documents and masks by position, parts that survive an interruption, and damage
// that is told.
import { readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { newShard, openShard, widthFor } from '../../engine/data/shards.ts';
import { store } from '../../engine/data/store.ts';
import { openTokenizer, openTokenizers } from '../../engine/data/tokenizer.ts';
import { openTokenFiles } from '../../engine/data/tokens.ts';
import type { Progress, Tokenizer, TokenReader, TokenWork } from '../../engine/nodes/context.ts';
import type { TableArtifact } from '../../engine/nodes/values.ts';
import { complaintOf, containing, matching, ownFolder } from './setting.ts';
import { engine, textTable, watchIn } from './text-table.ts';

const folder = ownFolder();
const tokens = openTokenFiles(engine);
const path = join(folder, 'tokenizer.json');
const texts = ['One two.', null, '', 'Three four five, 日本 🐋.', 'x'.repeat(2000), 'end'];
let tokenizer: Tokenizer;
let work: TokenWork;

beforeAll(async () => {
  const table = await textTable(join(folder, 'training'), ['One two three four five', 'one two three four five']);
  const options = { column: 'text', preTokenizer: 'default' as const, special: ['<|endoftext|>'], minFrequency: 2 };
  await openTokenizers(engine).train(table, { ...options, size: 280 }, path, watchIn(join(folder, 'training-parts')));
  tokenizer = await openTokenizer(path);
  work = { name: 'text', params: null, columns: ['text'], tokenizer: path, masked: false };
});

/** Ids of rows as they must stand one after another: a row without text is an empty document. */
const idsOf = (text: string | null): number[] =>
  text === null ? [] : [...tokenizer.encode(text), tokenizer.end as number];

function checkReader(reader: TokenReader, documents: number[][]): void {
  const all = documents.flat();
  expect(reader).toMatchObject({ count: all.length, documents: documents.length });
  expect([...reader.read(0, all.length)]).toEqual(all);
  let start = 0;
  for (const [d, ids] of documents.entries()) {
    expect(reader.start(d)).toBe(start);
    for (let i = 0; i < ids.length; i++) expect(reader.documentAt(start + i)).toBe(d);
    start += ids.length;
  }
  expect(reader.start(documents.length)).toBe(all.length);
}

describe('a table of a few rows', () => {
  it('gives ids in order, and documents by position', async () => {
    const table = await textTable(join(folder, 'few'), texts);
    const out = join(folder, 'few-tokens');
    const documents = texts.map(idsOf);
    const counts = await tokens.encode(table, work, out, watchIn(join(folder, 'few-parts')));
    expect(counts).toEqual({ tokens: documents.flat().length, documents: texts.length });
    const reader = await tokens.open(out);
    checkReader(reader, documents);
    expect([...reader.mask(0, 3)]).toEqual([1, 1, 1]);
    expect(() => reader.read(counts.tokens - 1, 2)).toThrow(RangeError);
    expect(() => reader.documentAt(counts.tokens)).toThrow(RangeError);
    reader.close();
  });
  it('says which column is missing', async () => {
    const table = await textTable(join(folder, 'few'), texts);
    const made = tokens.encode(
      table,
      { ...work, columns: ['txt'] },
      join(folder, 'no'),
      watchIn(join(folder, 'no-parts')),
    );
    expect(await complaintOf(made)).toMatchObject({ code: 'column-unknown', note: 'did you mean `text`?' });
  });
});

describe('a table of several parts', () => {
  const rows = 300_000; // more than a part may have
  const documents: number[][] = [];
  let table: TableArtifact;
  beforeAll(async () => {
    const query = `SELECT 'row ' || (i % 7) AS text FROM range(${rows}) AS rows(i)`;
    table = await store(engine, [], join(folder, 'many.parquet'), () => query);
    for (let i = 0; i < 7; i++) documents.push(idsOf(`row ${i}`));
  });

  it('is read across shards', async () => {
    const out = join(folder, 'many-tokens');
    const { tokens: count } = await tokens.encode(table, work, out, watchIn(join(folder, 'many-parts')));
    expect(readdirSync(out).filter((name) => name.endsWith('.tokens')).length).toBeGreaterThan(1);
    const reader = await tokens.open(out);
    const length = (documents[0] as number[]).length;
    expect(documents.every((document) => document.length === length)).toBe(true);
    expect(count).toBe(rows * length);
    const expected = Int32Array.from({ length: count }, (_, at) => {
      return (documents[Math.floor(at / length) % 7] as number[])[at % length] as number;
    });
    expect(reader.read(0, count)).toEqual(expected);
    fc.assert(
      fc.property(fc.nat(count - 1), fc.nat(3000), (start, want) => {
        const size = Math.min(want, count - start);
        expect(reader.read(start, size)).toEqual(expected.slice(start, start + size));
        expect(reader.documentAt(start)).toBe(Math.floor(start / length));
        expect(reader.start(Math.floor(start / length))).toBe(start - (start % length));
      }),
    );
    reader.close();
  });

  it('goes on with the parts that were done when it was interrupted', async () => {
    const parts = join(folder, 'stopped-parts');
    const out = join(folder, 'stopped-tokens');
    const controller = new AbortController();
    const alone = openTokenFiles({ ...engine, threads: 1 });
    const stopping = alone.encode(table, work, out, {
      parts,
      signal: controller.signal,
      progress: ({ done }) => {
        if (done > 270_000) controller.abort(new Error('stopped'));
      },
    });
    await expect(stopping).rejects.toThrow('stopped');
    const [place] = readdirSync(parts);
    const done = readdirSync(join(parts, place as string));
    expect(done).toHaveLength(1);

    const told: Progress[] = [];
    await tokens.encode(table, work, out, { ...watchIn(parts), progress: (progress) => told.push(progress) });
    expect(told[0]?.done).toBeGreaterThan(100_000);
    const whole = join(folder, 'many-tokens'); // of the test before
    for (const file of readdirSync(whole)) {
      expect(readFileSync(join(out, file)).equals(readFileSync(join(whole, file))), file).toBe(true);
    }
  });

  it('makes a part again that was cut off', async () => {
    const parts = join(folder, 'cut-parts');
    const out = join(folder, 'cut-tokens');
    await tokens.encode(table, work, join(folder, 'uncut-tokens'), watchIn(parts));
    const [place] = readdirSync(parts);
    const [first] = readdirSync(join(parts, place as string));
    truncateSync(join(parts, place as string, first as string), 1000);
    const { tokens: count } = await tokens.encode(table, work, out, watchIn(parts));
    expect(count).toBe(rows * (documents[0] as number[]).length);
  });
});

describe('a shard', () => {
  const document = fc
    .array(fc.nat(65535), { maxLength: 30 })
    .chain((ids) =>
      fc.record({ ids: fc.constant(ids), mask: fc.array(fc.nat(1), { minLength: ids.length, maxLength: ids.length }) }),
    );
  it('gives back ids and masks, in two bytes or four', () => {
    const file = join(folder, 'one.tokens');
    fc.assert(
      fc.property(fc.array(document, { maxLength: 20 }), fc.boolean(), fc.boolean(), (given, wide, masked) => {
        const shard = newShard(file, widthFor(wide ? 65537 : 65536), masked);
        for (const each of given) shard.add(each);
        shard.end();
        const reader = openShard(file);
        const ids = given.flatMap((each) => each.ids);
        const read = { ids: new Int32Array(ids.length), mask: new Uint8Array(ids.length) };
        reader.ids(0, read.ids);
        reader.mask(0, read.mask);
        expect([...read.ids]).toEqual(ids);
        expect([...read.mask]).toEqual(masked ? given.flatMap((each) => each.mask) : ids.map(() => 1));
        let end = 0;
        expect([...reader.ends()]).toEqual(given.map((each) => (end += each.ids.length)));
        expect(reader.width).toBe(wide ? 4 : 2);
        reader.close();
      }),
      { numRuns: 50 },
    );
  });
  it('refuses a mask of another length', () => {
    const shard = newShard(join(folder, 'two.tokens'), 2, true);
    expect(() => shard.add({ ids: [1, 2], mask: [1] })).toThrow('2 ids and a mask of 1');
    shard.drop();
  });
});

describe('damage', () => {
  let out: string;
  const shard = () => join(out, '00000.tokens');
  const opened = () => complaintOf(tokens.open(out));
  let whole: Buffer;
  beforeAll(async () => {
    out = join(folder, 'damaged');
    const table = await textTable(join(folder, 'few'), texts);
    await tokens.encode(table, work, out, watchIn(join(folder, 'damaged-parts')));
    whole = readFileSync(shard());
  });
  it.each([
    ['a shard that is cut off', () => whole.subarray(0, -3), /00000\.tokens .* it has \d+ bytes, \d+ are needed/],
    ['an empty one', () => Buffer.alloc(0), /00000\.tokens .* does not begin like/],
    ['another file', () => Buffer.from('x'.repeat(5000)), /00000\.tokens .* does not begin like/],
    ['a longer one', () => Buffer.concat([whole, whole]), /00000\.tokens .* bytes/],
  ])('%s', async (_, content, message) => {
    writeFileSync(shard(), content());
    expect(await opened()).toMatchObject({
      code: 'tokens-damaged',
      message: matching(message),
      note: containing('again'),
    });
    writeFileSync(shard(), whole);
  });
  it('an index that is gone, or names other shards', async () => {
    const index = join(out, 'shards.json');
    const text = readFileSync(index, 'utf8');
    writeFileSync(index, text.replace(/"documents": \d+/, '"documents": 7'));
    expect((await opened()).message).toMatch(/not the shard that shards.json names/);
    writeFileSync(index, text.slice(0, 20));
    expect((await opened()).message).toMatch(/shards\.json .* cannot be read/);
    rmSync(index);
    expect((await opened()).code).toBe('tokens-damaged');
    writeFileSync(index, text);
  });
  it('a missing shard', async () => {
    rmSync(shard());
    expect((await opened()).message).toMatch(/00000\.tokens .* it is gone/);
  });
});
