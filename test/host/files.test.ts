// Files behind the studio: nothing of anybody's is overwritten unseen, and nothing that was typed is lost.
import { chmodSync, existsSync, readFileSync, renameSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { folder } from '../run/dsk.ts';
import { containing, like, type Page, type Studio, studio } from './studio.ts';

const graph = 'dsk 1\n\nrows = load("data.csv")\n';
let running: Studio;
let page: Page;
beforeAll(async () => {
  running = await studio();
  page = await running.page();
});

/** A folder with a graph, opened. */
async function opened(files: Record<string, string> = {}) {
  const here = folder({ 'g.dsk': graph, ...files });
  const path = join(here, 'g.dsk');
  return { here, path, file: await page.ask('file.open', { path }) };
}

describe('saving', () => {
  test('replaces the version it names', async () => {
    const { path, file } = await opened();
    const saved = await page.ask('file.save', { path, text: `${graph}# more\n`, base: file.version });
    expect(saved).toEqual({ saved: true, version: like(/^[0-9a-f]{64}$/) });
    expect(readFileSync(path, 'utf8')).toBe(`${graph}# more\n`);
    expect((await page.ask('file.open', { path })).version).toBe((saved as { version: string }).version);
  });

  test('refuses another version, says what is there, and leaves it', async () => {
    const { path, file } = await opened();
    writeFileSync(path, 'dsk 1\n# theirs\n');
    const answer = await page.ask('file.save', { path, text: 'dsk 1\n# mine\n', base: file.version });
    expect(answer).toMatchObject({ saved: false, text: 'dsk 1\n# theirs\n' });
    expect(readFileSync(path, 'utf8')).toBe('dsk 1\n# theirs\n');
    expect(await page.ask('file.save', { path, text: 'dsk 1\n# mine\n', base: answer.version })).toMatchObject({
      saved: true,
    });
  });

  test('of a new file refuses one that is there', async () => {
    const { here } = await opened();
    const path = join(here, 'new.dsk');
    expect(await page.ask('file.save', { path, text: graph, base: null })).toMatchObject({ saved: true });
    expect(await page.ask('file.save', { path, text: '', base: null })).toMatchObject({ saved: false, text: graph });
  });

  test('of two at once lets one through', async () => {
    const { path, file } = await opened();
    const texts = ['dsk 1\n# a\n', 'dsk 1\n# b\n'];
    const answers = await Promise.all(texts.map((text) => page.ask('file.save', { path, text, base: file.version })));
    expect(answers.map(({ saved }) => saved)).toEqual([true, false]);
    expect(readFileSync(path, 'utf8')).toBe(texts[0]);
  });

  test('keeps links and permissions', async () => {
    const { here, path } = await opened();
    chmodSync(path, 0o640);
    const link = join(here, 'link.dsk');
    symlinkSync('g.dsk', link);
    const { version } = await page.ask('file.open', { path: link });
    await page.ask('file.save', { path: link, text: 'dsk 1\n', base: version });
    expect([readFileSync(path, 'utf8'), statSync(path).mode & 0o777]).toEqual(['dsk 1\n', 0o640]);
  });

  test('keeps a byte order mark and line ends as they are', async () => {
    const text = '\uFEFFdsk 1\r\n\r\n# größer 鯨\r\n';
    const { path, file } = await opened({ 'g.dsk': text });
    expect(file.text).toBe(text);
    await page.ask('file.save', { path, text, base: file.version });
    expect(readFileSync(path, 'utf8')).toBe(text);
  });
});

test('what is no text, too large or missing is said', async () => {
  const here = folder({});
  writeFileSync(join(here, 'bytes.dsk'), Buffer.from([0xff, 0xfe, 0x00]));
  writeFileSync(join(here, 'large.dsk'), Buffer.alloc((16 << 20) + 1, 32));
  expect(await page.refused('file.open', { path: join(here, 'bytes.dsk') })).toMatchObject({ code: 'not-text' });
  expect(await page.refused('file.open', { path: join(here, 'large.dsk') })).toMatchObject({ code: 'not-text' });
  expect(await page.refused('file.open', { path: here.concat('/none.dsk') })).toMatchObject({ code: 'not-found' });
});

describe('a change from outside', () => {
  test.each<[string, (path: string, here: string) => void]>([
    ['written in place', (path) => writeFileSync(path, 'dsk 1\n# outside\n')],
    [
      'renamed onto it',
      (path, here) => {
        writeFileSync(join(here, 'draft'), 'dsk 1\n# outside\n');
        renameSync(join(here, 'draft'), path);
      },
    ],
    [
      'deleted and written again',
      (path) => {
        rmSync(path);
        writeFileSync(path, 'dsk 1\n# outside\n');
      },
    ],
  ])('%s is told', async (_, change) => {
    const { here, path } = await opened();
    for (let i = 0; i < 2; i++) {
      change(path, here);
      const told = await page.until('file.changed', (all) => all.some((each) => each.path === path));
      expect(told.at(-1)).toMatchObject({ path, text: 'dsk 1\n# outside\n' });
    }
  });

  test('that removes it is told as well, and saving brings it back', async () => {
    const { path, file } = await opened();
    rmSync(path);
    const told = await page.until('file.changed', (all) => all.some((each) => each.path === path));
    expect(told.at(-1)).toEqual({ path, text: null, version: '' });
    expect(await page.ask('file.save', { path, text: graph, base: file.version })).toMatchObject({ saved: true });
  });

  test("by another page is told to all but that page; one's own saving is not", async () => {
    const { path, file } = await opened();
    const other = await running.page();
    await other.ask('file.open', { path });
    await page.ask('file.save', { path, text: 'dsk 1\n# mine\n', base: file.version });
    await other.until('file.changed', (all) => all.length > 0);
    expect(other.told('file.changed')).toMatchObject([{ path, text: 'dsk 1\n# mine\n' }]);
    await new Promise((done) => setTimeout(done, 150)); // the watch has seen it by now
    expect(page.told('file.changed').filter((each) => each.path === path)).toEqual([]);
    other.close();
  });

  test('is not told after closing', async () => {
    const { path } = await opened();
    await page.ask('file.close', { path });
    writeFileSync(path, 'dsk 1\n');
    await new Promise((done) => setTimeout(done, 150));
    expect(page.told('file.changed').filter((each) => each.path === path)).toEqual([]);
  });
});

describe('drafts', () => {
  test('outlive the studio, killed without a word', { timeout: 30_000 }, async () => {
    const state = folder({ 'page/index.html': '' });
    const first = await studio([], state);
    const before = await first.page();
    const path = join(folder({ 'g.dsk': graph }), 'g.dsk');
    const { version } = await before.ask('file.open', { path });
    await before.ask('file.draft', { path, text: 'dsk 1\n# typed\n', base: version });
    first.child.kill('SIGKILL');
    await first.exit;
    const second = await studio([], state);
    const after = await second.page();
    expect(await after.ask('file.open', { path })).toMatchObject({
      text: graph,
      draft: { text: 'dsk 1\n# typed\n', base: version, time: like(/^\d{4}-\d\d-\d\dT/) },
    });
    expect(await after.ask('file.recent', {})).toMatchObject([{ path, name: 'g.dsk', exists: true }]);
    await second.end();
  });

  test('end when dropped, or when the file has the same text', async () => {
    const { path, file } = await opened();
    await page.ask('file.draft', { path, text: 'dsk 1\n# a\n', base: file.version });
    await page.ask('file.draft', { path, text: null, base: file.version });
    expect((await page.ask('file.open', { path })).draft).toBeNull();
    await page.ask('file.draft', { path, text: 'dsk 1\n# b\n', base: file.version });
    await page.ask('file.save', { path, text: 'dsk 1\n# b\n', base: file.version });
    writeFileSync(path, graph);
    expect((await page.ask('file.open', { path })).draft).toBeNull();
  });
});

test('layouts stand beside the graph, a node a line; damaged ones count as missing', async () => {
  const { here, path } = await opened();
  const beside = join(here, 'g.layout.json');
  await page.ask('file.layout', {
    path,
    layout: { format: 1, nodes: { 'b.c': { x: 1, y: 2.5 }, a: { x: -3, y: 0 } } },
  });
  expect(readFileSync(beside, 'utf8')).toBe(
    '{\n  "format": 1,\n  "nodes": {\n    "a": {"x":-3,"y":0},\n    "b.c": {"x":1,"y":2.5}\n  }\n}\n',
  );
  expect((await page.ask('file.open', { path })).layout?.nodes.a).toEqual({ x: -3, y: 0 });
  writeFileSync(beside, '{"format": 1, "nodes": {"a": {"x": "left"}, "b": {"x": 1, "y": 1}}}');
  expect((await page.ask('file.open', { path })).layout).toEqual({ format: 1, nodes: { b: { x: 1, y: 1 } } });
  writeFileSync(beside, 'cut of');
  expect((await page.ask('file.open', { path })).layout).toBeNull();
  await page.ask('file.layout', { path, layout: { format: 1, nodes: {} } });
  expect(existsSync(beside)).toBe(false);
});

describe('new files', () => {
  test('from an example come with their data and run without asking', async () => {
    const { path } = await page.ask('file.create', { example: 'questions', path: null });
    expect(path).toBe(join(running.graphs, 'questions', 'questions.dsk'));
    const file = await page.ask('file.open', { path });
    expect(file.trusted).toBe(true);
    expect(await page.ask('graph.check', { path, text: file.text })).toMatchObject({ diagnostics: [] });
    expect((await page.ask('file.create', { example: 'questions', path: null })).path).toBe(
      join(running.graphs, 'questions-2', 'questions-2.dsk'),
    );
  });

  test('empty ones get a free name; a given path must be free', async () => {
    const { path } = await page.ask('file.create', { example: null, path: null });
    expect([path, readFileSync(path, 'utf8')]).toEqual([join(running.graphs, 'untitled', 'untitled.dsk'), 'dsk 1\n']);
    expect(await page.refused('file.create', { example: null, path })).toMatchObject({ code: 'exists' });
    expect(await page.refused('file.create', { example: 'nope', path: null })).toMatchObject({ code: 'not-found' });
  });

  test('all examples are offered, the quickstart first, with their line', async () => {
    const examples = await page.ask('examples.list', {});
    expect(examples[0]).toMatchObject({ name: 'quickstart', line: containing('DeepSeek') });
    expect(examples.every(({ line, text }) => line.length > 20 && text.startsWith('dsk 1'))).toBe(true);
  });
});

test('folders are listed with graphs and folders, hidden ones left out', async () => {
  const { here } = await opened({ 'notes.txt': '', '.dsk/x': '', 'sub/y': '' });
  const { entries, parent } = await page.ask('file.list', { folder: here, extensions: ['.dsk'] });
  expect(entries.map(({ name, folder }) => [name, folder])).toEqual([
    ['sub', true],
    ['g.dsk', false],
  ]);
  expect(join(here, '..')).toBe(parent);
});

test('settings are kept, and a damaged file of them does not stop anybody', async () => {
  await page.ask('host.settings', { settings: { theme: 'dark', view: { left: 200 } } });
  await page.ask('host.settings', { settings: { view: { right: 300 } } });
  expect((await page.ask('host.hello', {})).settings).toEqual({
    theme: 'dark',
    language: 'system',
    autosave: true,
    view: { left: 200, right: 300 },
  });
  writeFileSync(join(running.state, 'settings.json'), '{"theme": ');
  expect((await page.ask('host.hello', {})).settings.theme).toBe('system');
  expect(await page.refused('host.settings', { settings: { theme: 'pink' } })).toMatchObject({ code: 'bad-request' });
});

describe('checking and planning', () => {
  test('read the files that lie beside the graph', async () => {
    const { path } = await opened({ 'data.csv': 'text,score\na,1\nb,2\n' });
    const text = `${graph}good = filter(rows, where: "score > 1")\n`;
    const { diagnostics, outputs } = await page.ask('graph.check', { path, text });
    expect(diagnostics).toEqual([]);
    expect(outputs.good?.table).toMatchObject({ columns: { text: 'text', score: 'integer' } });
    const plan = await page.ask('graph.plan', { path, text, to: null, fresh: false });
    expect(plan?.steps.map(({ node, status, why }) => [node, status, why])).toEqual([
      ['rows', 'run', ['never run']],
      ['good', 'run', ['never run']],
    ]);
    expect((await page.ask('graph.plan', { path, text, to: 'rows', fresh: false }))?.steps.length).toBe(1);
    expect(existsSync(join(path, '..', '.dsk'))).toBe(false);
  });

  test('tell mistakes as diagnostics, without a plan', async () => {
    const { path } = await opened({ 'data.csv': 'text,score\na,1\n' });
    const text = `${graph}good = filter(rows, where: "scor > 1")\n`;
    const { diagnostics } = await page.ask('graph.check', { path, text });
    expect(diagnostics).toMatchObject([{ severity: 'error', message: containing('scor') }]);
    expect(await page.ask('graph.plan', { path, text, to: null, fresh: false })).toBeNull();
  });

  test('of many at once answer the first and the newest', async () => {
    const { path } = await opened({ 'data.csv': 'text,score\na,1\n' });
    const asked = Array.from({ length: 10 }, (_, i) =>
      page.ask('graph.check', { path, text: `${graph}${'# more\n'.repeat(i)}` }).then(
        () => 'answered',
        (error: Error) => (error.message.includes('outdated') ? 'outdated' : error.message),
      ),
    );
    expect(await Promise.all(asked)).toEqual(['answered', ...new Array<string>(8).fill('outdated'), 'answered']);
  });
});
