// Rows through functions and queries that kinds make: order, types, parts that outlive a failed run, rows sieved by reason.
import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { session } from '../../engine/data/duckdb.ts';
import { openTables } from '../../engine/data/tables.ts';
import type { Progress, RowWork, Tables, Watch } from '../../engine/nodes/context.ts';
import type { InputError } from '../../engine/nodes/kind.ts';
import { literal } from '../../engine/nodes/sql.ts';
import type { TableArtifact } from '../../engine/nodes/values.ts';

const folder = mkdtempSync(join(tmpdir(), 'dsk-map-'));
const at = (name: string) => join(folder, name);
let tables: Tables & { close(): Promise<void> };
/** 150,000 rows of random-looking text: several parts. */
let large: TableArtifact;
let small: TableArtifact;

async function make(name: string, select: string): Promise<TableArtifact> {
  const path = at(name);
  await session({ temp: null }, [path], (s) =>
    s.run(`COPY (${select}) TO ${literal(path)} (FORMAT parquet, ROW_GROUP_SIZE 8192, USE_TMP_FILE false)`),
  );
  return tables.query(
    { tables: { t: { type: 'table', path, rows: 0, columns: {} } }, sql: 'SELECT * EXCLUDE dsk_row FROM t' },
    at(`stored-${name}`),
    watch(),
  );
}

function watch(name = 'parts', progress: (progress: Progress) => void = () => {}): Watch {
  return { parts: at(name), progress, signal: new AbortController().signal };
}

const trial = (params: object = {}): RowWork => ({
  name: '../../../test/fixtures/rows/trial',
  params,
  columns: ['text'],
  makes: { text: 'text', length: 'integer', at: 'integer', codes: 'integers' },
});

const complaint = (failed: Promise<unknown>) =>
  failed.then(
    () => null,
    (error: InputError) => error.complaint,
  );

beforeAll(async () => {
  tables = await openTables({ temp: at('spill') });
  const text = `CASE WHEN i % 1000 = 7 THEN NULL ELSE concat(md5(i::VARCHAR), sha256((i * 3)::VARCHAR), sha256((i * 5)::VARCHAR), i) END`;
  large = await make('large.parquet', `SELECT i AS id, ${text} AS text, i % 2 = 0 AS even FROM range(150000) t(i)`);
  small = await make('small.parquet', `SELECT i AS id, concat('row', i) AS text FROM range(10) t(i)`);
});

afterAll(async () => {
  await tables.close();
  rmSync(folder, { recursive: true, force: true });
});

test('columns that exist are replaced in their place, new ones come last, in many parts and in order', async () => {
  const told: Progress[] = [];
  const made = await tables.map(
    large,
    trial(),
    at('mapped.parquet'),
    watch('a', (p) => void told.push(p)),
  );
  expect(made.columns).toEqual({
    id: 'integer',
    text: 'text',
    even: 'boolean',
    length: 'integer',
    at: 'integer',
    codes: 'list',
  });
  expect(Object.keys(made.columns)).toEqual(['id', 'text', 'even', 'length', 'at', 'codes']);
  expect(made.rows).toBe(150_000);
  expect(told.length).toBeGreaterThan(3);
  expect(told.at(-1)).toEqual({ done: 150_000, total: 150_000, unit: 'rows' });
  const sql = `SELECT count(*)::INT AS rows FROM n JOIN o USING (id)
    WHERE n.dsk_row = o.id AND n.at = o.id AND n.even = o.even AND n.text IS NOT DISTINCT FROM upper(o.text)
      AND n.length IS NOT DISTINCT FROM length(o.text) AND n.codes[2] IS NOT DISTINCT FROM length(o.text)`;
  expect(await tables.values({ tables: { n: made, o: large }, sql }, watch())).toEqual([{ rows: 150_000 }]);
  expect(readdirSync(at('a')).flatMap((name) => readdirSync(join(at('a'), name)))).toEqual([]);
});

test('a row may become several or none; the others of its columns go along', async () => {
  const clean = await tables.query(
    { tables: { t: large }, sql: 'SELECT * EXCLUDE dsk_row FROM t WHERE text IS NOT NULL ORDER BY dsk_row' },
    at('clean.parquet'),
    watch(),
  );
  const made = await tables.map(clean, trial({ times: 3 }), at('times.parquet'), watch());
  const sql = `WITH wanted AS (SELECT dsk_row AS place, id, unnest(range(length(text) % 3)) AS k FROM o)
    SELECT count(*)::INT AS rows, bool_and(m.id = w.id AND m.at = w.place) AS same
    FROM (SELECT *, row_number() OVER (ORDER BY dsk_row) AS n FROM m) m
    FULL JOIN (SELECT *, row_number() OVER (ORDER BY place, k) AS n FROM wanted) w USING (n)`;
  const [check] = await tables.values({ tables: { m: made, o: clean }, sql }, watch());
  expect(check).toEqual({ rows: made.rows, same: true });
});

test('parts that are done outlive a failed run, and the next goes on with the others', async () => {
  // One thread does the parts in their order.
  const one = await openTables({ temp: at('one'), threads: 1 });
  const failing = trial({ stop: 140_000 });
  expect(await complaint(one.map(large, failing, at('stop.parquet'), watch('b')))).toMatchObject({
    message: 'row 140000 cannot be read',
  });
  const [place] = readdirSync(at('b'));
  const done = readdirSync(join(at('b'), place!)).filter((name) => !name.startsWith('.tmp-'));
  expect(done.length).toBeGreaterThan(0);
  const stamps = done.map((name) => statSync(join(at('b'), place!, name)).mtimeMs);
  const told: number[] = [];
  await complaint(
    tables.map(
      large,
      failing,
      at('stop.parquet'),
      watch('b', (p) => void told.push(p.done)),
    ),
  );
  expect(told[0]).toBeGreaterThan(0);
  expect(done.map((name) => statSync(join(at('b'), place!, name)).mtimeMs)).toEqual(stamps);
});

test('an interruption leaves no result', async () => {
  const controller = new AbortController();
  const reason = new Error('interrupted');
  const work = tables.map(large, trial(), at('left.parquet'), {
    ...watch('c'),
    signal: controller.signal,
    progress: ({ done }) => done > 0 && controller.abort(reason),
  });
  await expect(work).rejects.toBe(reason);
  expect(readdirSync(folder)).not.toContain('left.parquet');
});

test('a query under way is interrupted', async () => {
  const controller = new AbortController();
  const reason = new Error('interrupted');
  setTimeout(() => controller.abort(reason), 100);
  const sql = 'SELECT sum(hash(a.text, b.text)) AS s FROM t a, t b';
  await expect(tables.values({ tables: { t: large }, sql }, { ...watch(), signal: controller.signal })).rejects.toBe(
    reason,
  );
});

test.each([10, 2])('a text keeps all its characters, U+FEFF at its beginning too (parts of %d rows)', async (rows) => {
  const texts = [
    'a',
    '\ufeffb',
    '\ufeff',
    '\ufeff\ufeffa longer text than DuckDB keeps in place',
    'c\ufeff',
    '\0d\u{10ffff}',
  ];
  const list = texts.map((text) => `unhex('${Buffer.from(text).toString('hex')}')::BLOB`).join(', ');
  const table = await make(`marks-${rows}.parquet`, `SELECT decode(b) AS text FROM (SELECT unnest([${list}]) AS b)`);
  expect((await tables.head(table, 9)).map(({ text }) => text)).toEqual(texts);
  const made = await tables.map(table, { ...trial(), rows }, at(`mapped-${rows}.parquet`), watch(`marks-${rows}`));
  expect((await tables.head(made, 9)).map(({ text }) => text)).toEqual(texts.map((text) => text.toUpperCase()));
});

test('rows with a reason go to `removed`, which keeps it and may be empty', async () => {
  const sql = (reason: string) => `SELECT * EXCLUDE dsk_row, ${reason} AS reason FROM t ORDER BY dsk_row`;
  const outs = { table: at('kept.parquet'), removed: at('removed.parquet') };
  const third = sql(`CASE WHEN (id % 3 = 0) THEN 'a third' END`);
  const { table, removed } = await tables.sieve({ tables: { t: small }, sql: third }, outs, watch());
  expect([table.rows, removed.rows]).toEqual([6, 4]);
  expect(Object.keys(removed.columns)).toEqual(['id', 'text', 'reason']);
  expect(await tables.head(removed, 1)).toEqual([{ id: 0n, text: 'row0', reason: 'a third' }]);
  const none = await tables.sieve({ tables: { t: small }, sql: sql('NULL') }, outs, watch());
  expect([none.table.rows, none.removed.rows, none.removed.columns.reason]).toEqual([10, 0, 'text']);
  const all = tables.sieve({ tables: { t: small }, sql: sql(`'gone'`) }, outs, watch());
  expect(await complaint(all)).toMatchObject({ code: 'data-empty', message: 'no row is left of 10' });
});

test.each([
  ['idd > 3', 'boolean', { code: 'column-unknown', at: 'rule', note: 'did you mean `id`?' }],
  ['id + 1', 'boolean', { code: 'expression-type', at: 'rule' }],
  [`(SELECT 1) = 1`, 'boolean', { code: 'expression-impure', at: 'rule' }],
  ['text::INT > 3', 'boolean', { code: 'expression-value', at: 'rule' }],
] as const)('an expression of the graph is checked: %s', async (text, type, expected) => {
  const expressions = [{ text, at: 'rule', columns: small.columns, type }];
  const asked = { tables: { t: small }, sql: `SELECT * EXCLUDE dsk_row FROM t WHERE (${text})`, expressions };
  expect(await complaint(tables.query(asked, at('x.parquet'), watch()))).toMatchObject(expected);
});
