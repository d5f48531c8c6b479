// The desktop app's life beside host and runs: what it opens, what it survives, and that a run survives it. In a real Electron.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { Page } from 'playwright-core';
import { afterEach, describe, expect, test } from 'vitest';
import type { Method, Methods } from '../../engine/host/contract.ts';
import { alive } from '../../engine/run/process.ts';
import { walking, words } from '../run/dsk.ts';
import {
  type App,
  electronProgram,
  ended,
  isMissing,
  openInElectron,
  type Place,
  place,
  root,
} from '../studio/browser.ts';

const kinds = fileURLToPath(new URL('../run/kinds', import.meta.url));
const plain = { to: null, fresh: false, resume: false, set: {} };

describe.skipIf(isMissing(electronProgram))('the desktop app', () => {
  const open: { app: App; at: Place }[] = [];
  afterEach(async () => {
    const all = open.splice(0);
    for (const { app } of all) await app.close();
    for (const { at } of all) at.remove();
  });

  async function studio(file?: string, at = place()): Promise<App> {
    at.env.DSK_KINDS = kinds;
    const app = await openInElectron(at, file);
    open.push({ app, at });
    return app;
  }

  /** Asks the host through the page's bridge. */
  async function ask<M extends Method>(
    page: Page,
    method: M,
    params: Methods[M]['params'],
  ): Promise<Methods[M]['result']> {
    const answer = await page.evaluate(
      ([name, given]) =>
        (window.dsk?.request as unknown as Record<string, (params: unknown) => Promise<unknown>>)[name]?.(given),
      [method, params] as const,
    );
    if ((answer as { error?: { message: string } }).error) throw new Error(JSON.stringify(answer));
    return (answer as { result: Methods[M]['result'] }).result;
  }

  const shows = (page: Page, name: string) => page.waitForFunction((title) => document.title.startsWith(title), name);

  test('begins with a copy of the quickstart, and the next time with the last graph', async () => {
    const at = place();
    const first = await studio(undefined, at);
    await shows(first.page, 'quickstart.dsk');
    const copy = join(at.folder, 'graphs/quickstart/quickstart.dsk');
    expect(readFileSync(copy, 'utf8')).toBe(readFileSync(join(root, 'examples/quickstart.dsk'), 'utf8'));
    await ask(first.page, 'file.open', { path: at.put({ 'later.dsk': 'dsk 1\n' }) });
    await first.close();
    const second = await studio(undefined, at);
    await shows(second.page, 'later.dsk');
    await second.close();
  });

  test('opens the graph it is given, and another one in a second window when it is started again', async () => {
    const at = place();
    const path = at.put({ 'one.dsk': 'dsk 1\n', 'two.dsk': 'dsk 1\n' });
    const app = await studio(path, at);
    await shows(app.page, 'one.dsk');
    const coming = app.app.waitForEvent('window');
    const again = await openAgain(app, at, path.replace('one', 'two'));
    await shows(await coming, 'two.dsk');
    expect(again).toBe(0);
    // The one that is open already is only brought to the front.
    expect(await openAgain(app, at, path)).toBe(0);
    await sleep(300);
    expect(app.app.windows().length).toBe(2);
  });

  /** Starts the same app once more, which hands over to the first and ends. */
  async function openAgain(app: App, at: Place, file: string): Promise<number | null> {
    const { spawn } = await import('node:child_process');
    const child = spawn(app.process.spawnfile, ['--no-sandbox', '--disable-gpu', root, file], {
      env: { ...process.env, ...at.env },
      stdio: 'ignore',
    });
    return new Promise((done) => child.once('exit', done));
  }

  test('brings a crashed page back with what was typed last', async () => {
    const at = place();
    at.settings({ autosave: false });
    const path = at.put({ 'a.dsk': 'dsk 1\n' });
    const app = await studio(path, at);
    await shows(app.page, 'a.dsk');
    const { version } = await ask(app.page, 'file.open', { path });
    await ask(app.page, 'file.draft', { path, text: 'dsk 1\n# typed last\n', base: version });
    const crashed = app.page.waitForEvent('crash');
    await app.app.evaluate(({ BrowserWindow }) => {
      BrowserWindow.getAllWindows()[0]?.webContents.forcefullyCrashRenderer();
    });
    await crashed;
    const text = await until(
      () =>
        app.app.evaluate(async ({ BrowserWindow }) => {
          const contents = BrowserWindow.getAllWindows()[0]?.webContents;
          return (await contents?.executeJavaScript('document.title + " " + document.body.innerText')) as string;
        }),
      (shown) => shown.startsWith('a.dsk') && /Recovered/.test(shown),
    );
    expect(text).toMatch(/Recovered what was not saved/);
    expect(readFileSync(path, 'utf8')).toBe('dsk 1\n');
  });

  test('gives a reloaded page a host of its own, and its file back', async () => {
    const at = place();
    const app = await studio(at.put({ 'a.dsk': 'dsk 1\n' }), at);
    await shows(app.page, 'a.dsk');
    const before = childOf(app.process.pid ?? 0, '--stdio');
    await app.page.reload();
    await shows(app.page, 'a.dsk');
    await ask(app.page, 'file.recent', {});
    expect(childOf(app.process.pid ?? 0, '--stdio')).not.toBe(before);
    expect(existsSync(`/proc/${before}`)).toBe(false);
  });

  test('starts a host that died again, and says so when it keeps dying', async () => {
    const at = place();
    const path = at.put({ 'a.dsk': 'dsk 1\n' });
    const app = await studio(path, at);
    await shows(app.page, 'a.dsk');
    await app.page.evaluate(() => {
      const told: string[] = [];
      window.dsk?.desktop.onHost((state) => told.push(state));
      Object.assign(window, { told });
    });
    const told = () => app.page.evaluate(() => (window as unknown as { told: string[] }).told);
    for (const count of [1, 2, 3, 4]) {
      await ask(app.page, 'file.recent', {});
      process.kill(childOf(app.process.pid ?? 0, '--stdio'), 'SIGKILL');
      await until(told, (all) => all.length === count);
      if (count !== 2) continue;
      // The new host watches the file for the page that was there before it.
      writeFileSync(path, 'dsk 1\n\nbook = load("book.txt")\n');
      await app.page.locator('.react-flow__node', { hasText: 'book' }).first().waitFor();
    }
    expect(await told()).toEqual(['back', 'back', 'back', 'gone']);
    await expect(ask(app.page, 'file.recent', {})).rejects.toThrow(/unavailable.*|the host has ended/);
  });

  test('ends its host with itself, after the host has written what it was given', async () => {
    const at = place();
    const path = at.put({ 'a.dsk': 'dsk 1\n' });
    const app = await studio(path, at);
    await shows(app.page, 'a.dsk');
    const host = childOf(app.process.pid ?? 0, '--stdio');
    await app.page.evaluate((file) => {
      void window.dsk?.request['file.open']({ path: file }).then((answer) => {
        if ('result' in answer) {
          void window.dsk?.request['file.save']({
            path: file,
            text: 'dsk 1\n# last words\n',
            base: answer.result.version,
          });
          window.close();
        }
      });
    }, path);
    await until(
      () => app.process.exitCode,
      (code) => code !== null,
    );
    expect(readFileSync(path, 'utf8')).toBe('dsk 1\n# last words\n');
    expect(existsSync(`/proc/${host}`)).toBe(false);
  });

  test('is no part of a run: killed in the middle of one, it finds it when it is opened again', async () => {
    const at = place();
    const path = at.put({
      'g.dsk': walking('pause: 50, every: 100').replace('steps = 20', 'steps = 60'),
      'words.txt': words,
    });
    const app = await studio(path, at);
    await shows(app.page, 'g.dsk');
    await ask(app.page, 'trust.grant', { folder: join(path, '..') });
    const { run } = await ask(app.page, 'run.start', { path, ...plain });
    const [record] = await ask(app.page, 'run.list', { path });
    await ended(app.process, 'SIGKILL');
    expect(record && alive(record.process)).toBe(true);

    const again = await studio(path, at);
    await shows(again.page, 'g.dsk');
    const found = await ask(again.page, 'run.list', { path });
    expect(found[0]).toMatchObject({ run });
    const done = await until(
      () => ask(again.page, 'run.list', { path }),
      ([first]) => first?.status !== 'running',
    );
    expect(done[0]).toMatchObject({ run, status: 'done' });
  });

  test('keeps the window’s place, and takes a damaged note of it for none', async () => {
    const at = place();
    const path = at.put({ 'a.dsk': 'dsk 1\n' });
    const app = await studio(path, at);
    await app.app.evaluate(({ BrowserWindow }) =>
      BrowserWindow.getAllWindows()[0]?.setBounds({ x: 40, y: 60, width: 900, height: 700 }),
    );
    await sleep(200);
    await app.close();
    const note = join(at.folder, 'config/Dsk/window.json');
    expect(JSON.parse(readFileSync(note, 'utf8'))).toMatchObject({ width: 900, height: 700 });
    const bounds = async () => {
      const next = await studio(path, at);
      const size = await next.app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.getBounds());
      await next.close();
      return size;
    };
    expect(await bounds()).toMatchObject({ width: 900, height: 700 });
    writeFileSync(note, '{"x":');
    expect((await bounds())?.width).toBeGreaterThan(900);
  });
});

async function until<T>(look: () => T | Promise<T>, fine: (value: T) => boolean = Boolean): Promise<T> {
  for (let tries = 0; ; tries++) {
    const value = await look();
    if (fine(value) || tries > 200) return value;
    await sleep(50);
  }
}

/** The child of a process whose command line has a word. */
function childOf(pid: number, word: string): number {
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').map(Number);
  const found = children.find((child) => readFileSync(`/proc/${child}/cmdline`, 'utf8').includes(word));
  if (found === undefined) throw new Error(`no child of ${pid} was started with ${word}`);
  return found;
}
