// Looking at results: rows, statistics, what was removed and why, what a tokenizer makes of a text, and talking to a model.
import { appendFileSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { beforeAll, describe, expect, test } from 'vitest';
import { describe as describeColumns, openSession } from '../../engine/data/duckdb.ts';
import { hashValue } from '../../engine/data/hash.ts';
import type { ImageCell } from '../../engine/host/contract.ts';
import { storedRows } from '../../engine/host/removed.ts';
import { readRows } from '../../engine/host/rows.ts';
import { tableStatistics } from '../../engine/host/statistics.ts';
import { dsk, entries, folder, launcher, start } from '../run/dsk.ts';
import { containing, type Page, type Studio, studio } from './studio.ts';

const long = 'ä'.repeat(1500);
/** Row 2 repeats row 0, row 5 repeats row 1; row 4 has no score. */
const data = [
  { text: 'one 鯨', score: 1, at: '2026-01-01', big: '9007199254740993', list: [1, 2] },
  { text: 'two', score: 5, at: '2026-01-02', big: '2', list: [] },
  { text: 'one 鯨', score: 9, at: '2026-01-03', big: '3', list: [3] },
  { text: long, score: 4, at: '2026-01-04', big: '4', list: null },
  { text: 'four', score: null, at: '2026-01-05', big: '5', list: [4] },
  { text: 'two', score: 5, at: '2026-01-02', big: '2', list: [] },
].map((row) => JSON.stringify(row).replace(/"big":"(\d+)"/, '"big":$1'));

const graph = `dsk 1

rows    = load("data.jsonl")
broken  = load("broken.csv", max_broken: 60%)
once    = dedup(rows, by: "text")
exact   = dedup(rows)
good    = filter(rows, where: "score >= 4")
few     = sample(rows, rows: 3)
known   = join(rows, few, on: "score", how: "semi")
parts   = split(rows, valid: 34%)
vocab   = tokenizer(rows, size: 270)
tokens  = embedding(vocab, dim: 8)
blocks  = transformer_block(tokens, attention: mha(heads: 1), ffn: swiglu(dim: 8))
model   = lm_head(blocks)
trained = train(model, rows, optimizer: adamw(lr: 1e-3), context: 8, batch: 1, steps: 2)
`;

let running: Studio;
let page: Page;
let here = '';
let path = '';
const keys: Record<string, string> = {};
beforeAll(async () => {
  here = folder({
    'g.dsk': graph,
    'data.jsonl': `${data.join('\n')}\n`,
    'broken.csv': 'a,b\n1,x\n2\n3,y\n4,z,5\n6\n',
  });
  path = join(here, 'g.dsk');
  const [made, opened] = await Promise.all([dsk(here, 'run', 'g.dsk', '--quiet'), studio()]);
  expect(made).toMatchObject({ code: 0 });
  running = opened;
  page = await running.page();
  const plan = await page.ask('graph.plan', { path, text: graph, to: null, fresh: false });
  for (const step of plan?.steps ?? []) {
    expect([step.node, step.status]).toEqual([step.node, 'cached']);
    keys[step.node] = step.key;
  }
});

const of = (node: string) => ({ path, key: keys[node] ?? '' });

test('what a step left is told by output', async () => {
  expect(await page.ask('result.read', of('good'))).toMatchObject({
    node: 'good',
    kind: 'filter',
    artifacts: { table: { type: 'table', rows: 4, columns: { score: 'integer', list: 'list' } } },
  });
  expect(await page.ask('result.read', of('trained'))).toMatchObject({
    artifacts: {
      model: { type: 'model', tokenizer: true, architecture: { dim: 8 } },
      report: { type: 'report', values: { steps: 2 } },
    },
  });
  expect(await page.ask('result.read', { path, key: '0'.repeat(64) })).toBeNull();
});

describe('rows', () => {
  test('are JSON: long texts cut, times and huge numbers as text', async () => {
    const { rows, total, columns } = await page.ask('table.rows', {
      ...of('rows'),
      output: 'table',
      offset: 0,
      limit: 4,
      from: 0,
    });
    expect([total, columns[0]]).toEqual([6, { name: 'text', type: 'text' }]);
    expect(rows[0]).toEqual({ index: 0, cells: ['one 鯨', 1, '2026-01-01', '9007199254740993', [1, 2]] });
    expect(rows[3]?.cells.slice(0, 2)).toEqual([`${'ä'.repeat(999)}…`, 4]);
    expect(rows[3]?.cells[4]).toBeNull();
  });

  test('come in pages; behind the last there are none', async () => {
    const read = (offset: number) =>
      page.ask('table.rows', { ...of('rows'), output: 'table', offset, limit: 4, from: 0 });
    expect((await read(4)).rows.map(({ index }) => index)).toEqual([4, 5]);
    expect((await read(100)).rows).toEqual([]);
  });

  test('of what is no table, or not there, are refused', async () => {
    const some = { offset: 0, limit: 1, from: 0 };
    expect(await page.refused('table.rows', { ...of('vocab'), output: 'tokenizer', ...some })).toMatchObject({
      code: 'bad-request',
    });
    expect(await page.refused('table.rows', { ...of('rows'), output: 'toString', ...some })).toMatchObject({
      code: 'no-result',
    });
    expect(await page.refused('table.rows', { path, key: 'f'.repeat(64), output: 'table', ...some })).toMatchObject({
      code: 'no-result',
    });
  });
});

test('statistics tell counts, ranges, spread and what is frequent', async () => {
  const [text, score, at, big, list] = await page.ask('table.statistics', { ...of('rows'), output: 'table', from: 0 });
  expect(text).toMatchObject({
    rows: 6,
    missing: 0,
    distinct: 4,
    min: 'four',
    histogram: { from: 3, to: 1500, of: 'lengths' },
  });
  expect(text?.top.map(({ value, rows }) => [value.slice(0, 5), rows])).toEqual([
    ['one 鯨', 2],
    ['two', 2],
    ['four', 1],
    ['äääää', 1],
  ]);
  expect(score).toMatchObject({ missing: 1, distinct: 4, min: 1, max: 9, mean: 4.8 });
  expect(score?.histogram).toEqual({ from: 1, to: 9, counts: [1, 0, 0, 1, 2, 0, 0, 0, 1], of: 'values' });
  expect(at).toMatchObject({ min: '2026-01-01', max: '2026-01-05', mean: null });
  const day = (date: string) => Date.parse(`${date}T00:00:00Z`);
  expect(at?.histogram).toMatchObject({ from: day('2026-01-01'), to: day('2026-01-05'), of: 'times' });
  expect(at?.histogram?.counts.reduce((sum, count) => sum + count)).toBe(6);
  expect(big).toMatchObject({ min: 2, max: '9007199254740993' });
  expect(list).toMatchObject({ missing: 1, distinct: 4, min: null });
  expect(list?.histogram).toEqual({ from: 0, to: 2, counts: [2, 2, 1], of: 'elements' });
});

test('columns of every type can be looked at', async () => {
  const file = join(folder({}), 'table.parquet');
  const s = await openSession({ temp: null }, [file]);
  await s.run(`COPY (SELECT 'a'::BLOB AS bytes, uuid() AS id, INTERVAL 3 DAY AS lasts, 1.25::DECIMAL(10,3) AS "de""ci", MAP {'k': 1} AS map,
    {'x': TIMESTAMP '2020-01-01', 'y': [1::HUGEINT]} AS struct, NULL::INTEGER AS nothing, '' AS empty, i AS file_row_number,
    CASE i WHEN 0 THEN 'nan' WHEN 1 THEN 'inf' WHEN 2 THEN '1.7e308' ELSE '-1.7e308' END::DOUBLE AS wild
    FROM range(4) r(i)) TO '${file}' (FORMAT parquet)`);
  const columns = await describeColumns(s, `FROM read_parquet('${file}')`);
  s.close();
  const table = { type: 'table' as const, path: file, rows: 4, columns };
  const [row] = (await readRows(table, 0, 1)).rows;
  expect(row?.cells.filter((_, i) => i !== 1)).toEqual([
    '1 byte',
    '3 days',
    1.25,
    [{ key: 'k', value: 1 }],
    { x: '2020-01-01T00:00:00.000Z', y: [1] },
    null,
    '',
    0,
    'NaN',
  ]);
  const statistics = await tableStatistics(table);
  expect(statistics.map(({ name, missing, distinct }) => [name, missing, distinct])).toEqual([
    ...[
      ['bytes', 0, 1],
      ['id', 0, 4],
      ['lasts', 0, 1],
      ['de"ci', 0, 1],
      ['map', 0, 1],
      ['struct', 0, 1],
    ],
    ...[
      ['nothing', 4, 0],
      ['empty', 0, 1],
      ['file_row_number', 0, 4],
      ['wild', 0, 4],
    ],
  ]);
  expect(statistics.at(-1)).toMatchObject({ min: -1.7e308, max: 'nan', histogram: { from: -1.7e308, to: 1.7e308 } });
  expect(statistics.at(-1)?.histogram?.counts.filter((count) => count > 0)).toEqual([1, 1]);
});

describe('removed rows', () => {
  const removed = async (node: string, offset = 0, limit = 10, reason: string | null = null) => {
    const found = await page.ask('table.removed', { ...of(node), reason, offset, limit, from: 0 });
    return found && { ...found, rows: found.rows.map(({ index }) => index) };
  };
  const removal = (node: string) => page.ask('table.removal', of(node));

  test('of a filter: the condition is false or unknown', async () => {
    expect(await removed('good')).toMatchObject({
      total: 2,
      rows: [0, 4],
      reasons: ['score >= 4: false', 'score >= 4: unknown (null)'],
    });
    expect(await removal('good')).toMatchObject({
      before: 6,
      removed: 2,
      apart: false,
      reasons: [
        { shown: 'score >= 4: false', rows: 1 },
        { shown: 'score >= 4: unknown (null)', rows: 1 },
      ],
    });
  });

  test('that a step says itself come with its reasons, and their own columns', async () => {
    const found = await page.ask('table.removed', { ...of('once'), reason: null, offset: 0, limit: 10, from: 0 });
    expect(found?.columns.map(({ name }) => name)).toEqual(['text', 'score', 'at', 'big', 'list', 'cluster']);
    expect(found?.rows.map(({ cells }) => cells[0])).toEqual(['one 鯨', 'two']);
    expect(found?.reasons).toHaveLength(2);
    expect(await removal('once')).toMatchObject({
      before: 6,
      removed: 2,
      columns: { text: 'text', cluster: 'integer' },
    });
  });

  test('are counted by reason, and can be looked at apart', async () => {
    const told = await removal('known');
    expect(told).toMatchObject({ before: 6, apart: true });
    expect(told?.reasons.map(({ shown }) => shown).toSorted()).toEqual([
      'join: few has no row with this score',
      'join: score is missing',
    ]);
    for (const { reason, rows } of told?.reasons ?? []) {
      const page = await removed('known', 0, 10, reason);
      expect(page).toMatchObject({ total: rows, reasons: Array.from({ length: rows }, () => reason) });
    }
    expect(told?.removed).toBe(told?.reasons.reduce((sum, { rows }) => sum + rows, 0));
  });

  test('come in pages', async () => {
    expect(await removed('good', 1, 1)).toMatchObject({ total: 2, rows: [4], reasons: ['score >= 4: unknown (null)'] });
    expect(await removed('good', 2, 1)).toMatchObject({ rows: [], reasons: [] });
    expect(await removed('once', 1, 1)).toMatchObject({ total: 2, rows: [1] });
  });

  test('are none for kinds that make other rows', async () => {
    expect(await removal('rows')).toBeNull();
    // What could not be read of a file is shown in the same way.
    expect(await removal('broken')).toMatchObject({
      before: 5,
      removed: 3,
      columns: { file: 'text', line: 'integer', content: 'text' },
      reasons: [
        { rows: 2, shown: '1 value where the header has 2 columns' },
        { rows: 1, shown: '3 values where the header has 2 columns' },
      ],
    });
    expect(await removed('parts')).toBeNull();
  });

  test('whose reasons differ in numbers and quoted texts have one reason', async () => {
    const file = join(folder({}), 'removed.parquet');
    const s = await openSession({ temp: null }, [file]);
    await s.run(`COPY (SELECT unnest([0, 1, 2, 3, 4, 5]) AS id, unnest(['gopher: 12% of 1,000 lines are bullets, at most 9% may be',
      'gopher: 95.5% of 20 lines are bullets, at most 9% may be', 'language: "fr" (0.93), not "en"', 'language: "de" (1), not "en"',
      '5-grams: 30% repeat', '6-grams: 30% repeat']) AS reason) TO '${file}' (FORMAT parquet)`);
    s.close();
    const columns = { id: 'integer', reason: 'text' } as const;
    const { reasons, read } = await storedRows({ type: 'table', path: file, rows: 6, columns });
    expect(reasons.map(({ shown, rows }) => [shown, rows])).toEqual([
      ['gopher: …% of … lines are bullets, at most …% may be', 2],
      ['language: "…" (…), not "…"', 2],
      ['5-grams: 30% repeat', 1],
      ['6-grams: 30% repeat', 1],
    ]);
    const language = await read(1, 5, reasons[1]?.reason ?? '', 0);
    expect(language).toMatchObject({ rows: [{ index: 3, cells: [3] }], total: 2 });
  });
});

test('pictures in a binary column come small, other bytes as their size', async () => {
  const file = join(folder({}), 'table.parquet');
  const paint = (width: number, height: number) =>
    sharp({ create: { width, height, channels: 3, background: { r: 200, g: 30, b: 90 } } });
  const pictures = [
    await paint(28, 28).png().toBuffer(),
    await paint(600, 300).jpeg().toBuffer(),
    Buffer.concat([Buffer.from('89504E470D0A1A0A', 'hex'), Buffer.from('no picture at all')]),
    Buffer.from('abc'),
  ];
  const s = await openSession({ temp: null }, [file]);
  const blobs = pictures.map((bytes) => `unhex('${bytes.toString('hex')}')`);
  await s.run(`COPY (SELECT unnest([${blobs.join(', ')}, NULL]) AS image) TO '${file}' (FORMAT parquet)`);
  s.close();
  const table = { type: 'table', path: file, rows: 5, columns: { image: 'binary' } } as const;
  const { rows } = await readRows(table, 0, 10);
  const [small, large, ...others] = rows.map(({ cells }) => cells[0]);
  expect(small).toMatchObject({ width: 28, height: 28, bytes: pictures[0]?.length });
  expect(large).toMatchObject({ width: 600, height: 300 });
  expect(others).toEqual(['25 bytes', '3 bytes', null]);
  const sent = await sharp(Buffer.from(String((large as ImageCell).image).split(',')[1] ?? '', 'base64')).metadata();
  expect(sent).toMatchObject({ format: 'png', width: 128, height: 64 });
  const [statistics] = await tableStatistics(table);
  expect(statistics).toMatchObject({ missing: 1, distinct: 4, histogram: { of: 'bytes', from: 3 } });
});

test('of ten thousand columns a hundred come at once, and of a long list its beginning', async () => {
  const file = join(folder({}), 'table.parquet');
  const s = await openSession({ temp: null }, [file]);
  const many = Array.from({ length: 10_000 }, (_, i) => `${i} AS c${i}`).join(', ');
  await s.run(`COPY (SELECT ${many}, range(5000) AS long) TO '${file}' (FORMAT parquet)`);
  const columns = await describeColumns(s, `FROM read_parquet('${file}')`);
  s.close();
  const table = { type: 'table' as const, path: file, rows: 1, columns };
  const first = await readRows(table, 0, 1);
  expect([first.columns.length, first.columns[99], first.rows[0]?.cells[99]]).toEqual([
    100,
    { name: 'c99', type: 'integer' },
    99,
  ]);
  const last = await readRows(table, 0, 1, 9900);
  expect(last.columns.map(({ name }) => name).at(-1)).toBe('c9999');
  const [list] = (await readRows(table, 0, 1, 10_000)).rows[0]?.cells ?? [];
  expect(list).toEqual([...Array(100).keys(), '…']);
  expect((await tableStatistics(table, 9999)).map(({ name }) => name)).toEqual(['c9999', 'long']);
});

test('a tokenizer shows bytes that are no text as such', async () => {
  const { tokens, characters } = await page.ask('tokenizer.encode', {
    ...of('vocab'),
    output: 'tokenizer',
    text: 'two €',
  });
  expect(characters).toBe(5);
  expect(tokens.slice(-3).map(({ text }) => text)).toEqual(['<0xE2>', '<0x82>', '<0xAC>']);
  expect(
    tokens
      .slice(0, -3)
      .map(({ text }) => text)
      .join(''),
  ).toBe('two ');
});

describe('talking to a model', () => {
  const sampling = { prompt: 'one two\n', temperature: 1, topP: 1, seed: 3 };

  test('needs trust, then gives the text in pieces', { timeout: 30_000 }, async () => {
    const model = { ...of('trained'), output: 'model', ...sampling, maxTokens: 12 };
    expect(await page.refused('generate.start', model)).toMatchObject({ code: 'untrusted' });
    await page.ask('trust.grant', { folder: here });
    const { id } = await page.ask('generate.start', model);
    const [end] = await page.until('generate.end', (all) => all.some((each) => each.id === id));
    expect(end).toMatchObject({ id, status: 'finished', message: null });
    const text = page
      .told('generate.text')
      .map((each) => each.text)
      .join('');
    const args = ['--prompt', '-', '--temperature', '1', '--top-p', '1', '--seed', '3', '--max-tokens', '12', '--json'];
    const shell = `printf 'one two\\n\\n' | "$1" ${launcher} generate g.dsk:trained ${args.join(' ')}`;
    const byHand = await start(here, ['--json'], shell).done;
    expect(byHand.events.at(-1)).toMatchObject({ event: 'finished', text: `one two\n${text}` });
  });

  test('on the command line says what is wrong with the name', { timeout: 30_000 }, async () => {
    const generate = (model: string) => dsk(here, 'generate', model, '--prompt', 'one');
    const said = async (model: string) => (await generate(model)).stderr;
    writeFileSync(join(here, 'other.dsk'), graph.replace('steps: 2', 'steps: 3'));
    expect(await said('g.dsk:model')).toContain('`model` only describes a model');
    expect(await said('g.dsk:traind')).toContain('did you mean `trained`?');
    expect(await said('g.dsk:vocab')).toContain('vocab is no model');
    expect(await said('other.dsk:trained')).toContain('dsk run other.dsk --to trained');
    expect(await generate(`g.dsk:${'0'.repeat(64)}`)).toMatchObject({
      code: 1,
      stderr: containing('no stored result'),
    });
    rmSync(join(here, 'other.dsk'));
  });

  test('can be stopped', { timeout: 30_000 }, async () => {
    const { id } = await page.ask('generate.start', {
      ...of('trained'),
      output: 'model',
      ...sampling,
      maxTokens: 100_000,
    });
    await page.until('generate.text', (all) => all.some((each) => each.id === id));
    await page.ask('generate.stop', { id });
    const all = await page.until('generate.end', (ends) => ends.some((each) => each.id === id));
    expect(all.at(-1)).toMatchObject({ id, status: 'stopped' });
  });
});

describe('a stored result', () => {
  test('that was changed is refused', async () => {
    const entry = join(here, '.dsk/cache', keys.exact ?? '');
    const rows = { ...of('exact'), output: 'table', offset: 0, limit: 1, from: 0 };
    const whole = join(here, '.dsk/cache', keys.rows ?? '', 'table.parquet');
    const bytes = readFileSync(whole);
    appendFileSync(whole, 'more'); // what it is computed from
    expect(await page.refused('table.rows', rows)).toMatchObject({ code: 'damaged' });
    rmSync(whole);
    expect(await page.refused('table.rows', rows)).toMatchObject({ code: 'no-result' });
    writeFileSync(whole, bytes);
    expect(await page.ask('table.rows', rows)).toMatchObject({ total: 5 });
    appendFileSync(join(entry, 'pairs.parquet'), 'more');
    expect(await page.refused('result.read', of('exact'))).toMatchObject({
      code: 'damaged',
      message: containing('dsk clean'),
    });
    writeFileSync(join(entry, 'meta.json'), '{}');
    expect(await page.refused('result.read', of('exact'))).toMatchObject({ code: 'damaged' });
  });

  test('that came with a folder cannot name files outside it', async () => {
    const other = folder({ 'g.dsk': graph, 'secret/table.parquet': '' });
    const away = folder({ 'g.dsk': graph });
    const key = 'a'.repeat(64);
    const meta = {
      format: 1,
      node: 'rows',
      kind: 'load',
      key,
      inputs: {},
      contents: [],
      artifacts: { table: { type: 'table', path: join(other, 'secret/table.parquet'), rows: 1, columns: {} } },
    };
    const place = join(away, '.dsk/cache', key);
    mkdirSync(place, { recursive: true });
    writeFileSync(join(place, 'meta.json'), JSON.stringify({ ...meta, seal: hashValue(meta) }));
    expect(
      await page.refused('table.rows', {
        path: join(away, 'g.dsk'),
        key,
        output: 'table',
        offset: 0,
        limit: 1,
        from: 0,
      }),
    ).toMatchObject({ code: 'not-allowed' });
  });

  test('that is computed where it is read cannot do anything else, nor from files outside the folder', async () => {
    const away = folder({ 'g.dsk': graph, 'secret.txt': '1' });
    const source = join(here, '.dsk/cache', keys.few ?? '', 'table.parquet');
    const ask = async (sql: string, path: string) => {
      const key = hashValue({ sql, path });
      const stored = { type: 'table', path, rows: 1, columns: { score: 'integer' } };
      const view = { tables: { rows: stored }, sql };
      const meta = {
        format: 1,
        node: 'rows',
        kind: 'select',
        key,
        inputs: {},
        contents: [],
        artifacts: { table: { type: 'table', rows: 1, columns: { score: 'integer' }, view } },
      };
      const place = join(away, '.dsk/cache', key);
      mkdirSync(place, { recursive: true });
      writeFileSync(join(place, 'meta.json'), JSON.stringify({ ...meta, seal: hashValue(meta) }));
      const at = { path: join(away, 'g.dsk'), key, output: 'table', offset: 0, limit: 1, from: 0 };
      return page.refused('table.rows', at).catch((error: Error) => error.message);
    };
    const own = join(away, 'own.parquet');
    writeFileSync(own, readFileSync(source));
    expect(await ask('SELECT score FROM rows', own)).toContain('was not refused');
    expect(await ask('SELECT score FROM rows', source)).toMatchObject({ code: 'not-allowed' });
    const end = `SELECT 1); COPY (SELECT 1) TO '${own}'; FROM (SELECT 1`;
    expect(await ask(end, own)).toMatchObject({ message: containing('something else than one SELECT') });
    const two = `SELECT 1 AS score; COPY (SELECT 1) TO '${own}'`;
    expect(await ask(two, own)).toMatchObject({ message: containing('something else than one SELECT') });
    const secret = `SELECT content AS score FROM read_text('${join(away, 'secret.txt')}')`;
    expect(JSON.stringify(await ask(secret, own))).not.toContain('was not refused');
    expect(readFileSync(own)).toEqual(readFileSync(source));
  });
});

test('looking writes nothing into the folder', () => {
  expect(readdirSync(here).sort()).toEqual(['.dsk', 'broken.csv', 'data.jsonl', 'g.dsk']);
  expect(entries(here).length).toBe(10);
});
