// The studio in the real things: the page in Chromium, served by the real `dsk studio`, and the desktop app in a real Electron.
// Each studio has a folder of its own for graphs, settings and drafts. Where one of the two programs is missing, its tests are
// skipped, which is said with the reason.
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { _electron, type Browser, chromium, type ElectronApplication, type Page } from 'playwright-core';
import type { Settings } from '../../engine/host/contract.ts';
import { withLock } from '../../engine/native/lock.ts';

export const root: string = fileURLToPath(new URL('../..', import.meta.url));
const launcher = join(root, 'engine/cli/dsk.mjs');

export type Found = { path: string } | { reason: string };

/** Chromium: DSK_TEST_CHROMIUM, or where Linux distributions put it. */
export const chromiumProgram: Found = find(
  process.env.DSK_TEST_CHROMIUM,
  ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'],
  'no Chromium; name one in DSK_TEST_CHROMIUM',
);

/** Electron's program: DSK_TEST_ELECTRON. */
export const electronProgram: Found =
  process.platform === 'linux' && !process.env.DISPLAY && !process.env.WAYLAND_DISPLAY
    ? { reason: 'no display for Electron; run the tests under xvfb-run' }
    : find(process.env.DSK_TEST_ELECTRON, [], 'no Electron; name its program in DSK_TEST_ELECTRON');

function find(given: string | undefined, places: string[], reason: string): Found {
  if (given && !existsSync(given)) return { reason: `there is no ${given}` };
  const path = given || places.find((place) => existsSync(place));
  return path ? { path } : { reason };
}

/** For `describe.skipIf`: whether a program is missing, which is said once a file. */
export function isMissing(found: Found): boolean {
  if ('reason' in found) console.warn(`skipped: ${found.reason}`);
  return 'reason' in found;
}

/** Builds page and app where their sources have changed; one test process at a time. */
export async function built(): Promise<void> {
  await withLock(join(root, 'dist', 'build.lock'), async () => {
    // As a program of its own: inside the test runner, the page's build would find the runner's way to read TypeScript.
    const args = ['--import', 'tsx', 'electron/build.ts', '--changed'];
    const child = spawn(process.execPath, args, { cwd: root, stdio: ['ignore', 'inherit', 'pipe'] });
    let said = '';
    child.stderr.on('data', (piece: Buffer) => (said += piece.toString()));
    const code = await new Promise((done) => child.once('close', done));
    if (code !== 0) throw new Error(`the studio could not be built:\n${said}`);
  });
}

/** A studio's own folder. */
export interface Place {
  folder: string;
  /** What keeps a studio apart from the user's own. */
  env: { [name: string]: string };
  /** Whose the studio is, where it is not the tests' own user. */
  uid?: number;
  /** Writes files into graphs/, and gives the first one's path. */
  put(files: { [name: string]: string }): string;
  /** Settings as if the user had chosen them. */
  settings(settings: Partial<Settings>): void;
  remove(): void;
}

export function place(): Place {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'dsk-studio-')));
  const graphs = join(folder, 'graphs');
  mkdirSync(graphs);
  const state = join(folder, 'state');
  return {
    folder,
    env: { DSK_STATE: state, DSK_GRAPHS: graphs, XDG_CONFIG_HOME: join(folder, 'config') },
    put(files) {
      for (const [name, text] of Object.entries(files)) {
        mkdirSync(dirname(join(graphs, name)), { recursive: true });
        writeFileSync(join(graphs, name), text);
      }
      return join(graphs, Object.keys(files)[0] ?? '');
    },
    settings(settings) {
      mkdirSync(state, { recursive: true });
      writeFileSync(join(state, 'settings.json'), JSON.stringify(settings));
    },
    remove: () => rmSync(folder, { recursive: true, force: true, maxRetries: 20 }),
  };
}

/** What went wrong in a page: errors nobody caught, and what it printed as an error. */
function listen(page: Page, faults: string[]): void {
  page.on('pageerror', (error) => faults.push(String(error.stack ?? error)));
  page.on('console', (message) => message.type() === 'error' && faults.push(message.text()));
}

export interface Served {
  page: Page;
  browser: Browser;
  /** Of the served page: address with a token for one browser. */
  address: string;
  /** `dsk studio` itself. */
  process: ChildProcess;
  faults: string[];
  close(): Promise<void>;
}

/** Opens a graph (or the start page) in Chromium. */
export async function openInBrowser(at: Place, file?: string, size = { width: 1360, height: 860 }): Promise<Served> {
  if ('reason' in chromiumProgram) throw new Error(chromiumProgram.reason);
  if (!process.env.DSK_PAGE) await built(); // a page that somebody built is taken as it is
  const args = [launcher, 'studio', ...(file === undefined ? [] : [file]), '--no-open', '--json'];
  const child = spawn(process.execPath, args, {
    env: { ...process.env, ...at.env },
    stdio: ['ignore', 'pipe', 'inherit'],
    ...(at.uid !== undefined && { uid: at.uid, gid: at.uid }),
  });
  const address = await firstLine(child);
  const browser = await chromium.launch({
    executablePath: chromiumProgram.path,
    args: ['--no-sandbox', '--disable-gpu'],
  });
  const page = await (await browser.newContext({ viewport: size })).newPage();
  const faults: string[] = [];
  listen(page, faults);
  await page.goto(address);
  return {
    page,
    browser,
    address,
    process: child,
    faults,
    async close() {
      await browser.close();
      await ended(child, 'SIGTERM');
    },
  };
}

function firstLine(child: ChildProcess): Promise<string> {
  return new Promise((done, fail) => {
    if (!child.stdout) return fail(new Error('no output to read'));
    createInterface({ input: child.stdout }).once('line', (line) => done((JSON.parse(line) as { url: string }).url));
    child.once('exit', (code) => fail(new Error(`dsk studio ended with code ${code} before it gave an address`)));
  });
}

/** Ends a process and waits until it is gone. */
export async function ended(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = new Promise((done) => child.once('exit', done));
  child.kill(signal);
  await gone;
}

export interface App {
  app: ElectronApplication;
  page: Page;
  /** The main process, also when it has ended. */
  process: ChildProcess;
  faults: string[];
  /** As by the user; does nothing where the app has ended. */
  close(): Promise<void>;
}

/** Opens the desktop app, on a graph where one is given. Its sandbox needs another user than root, which CI runs as. */
export async function openInElectron(at: Place, file?: string): Promise<App> {
  if ('reason' in electronProgram) throw new Error(electronProgram.reason);
  await built();
  const app = await _electron.launch({
    executablePath: electronProgram.path,
    args: ['--no-sandbox', '--disable-gpu', root, ...(file === undefined ? [] : [file])],
    env: { ...(process.env as { [name: string]: string }), ...at.env, npm_node_execpath: process.execPath },
  });
  const main = app.process();
  const faults: string[] = [];
  const page = await app.firstWindow();
  listen(page, faults);
  return {
    app,
    page,
    process: main,
    faults,
    async close() {
      if (main.exitCode === null && main.signalCode === null) await app.close();
    },
  };
}
