// The packed app, as somebody else would get it: without this working copy, its cache, npm or a Node on the PATH. Takes a minute
// and two gigabytes of disk, so only where DSK_TEST_PACKAGE is set (CI sets it).
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { FuseState, FuseV1Options, getCurrentFuseWire } from '@electron/fuses';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import WebSocket from 'ws';
import type { Answer } from '../../engine/host/bridge.ts';
import type { Method, Methods } from '../../engine/host/contract.ts';
import { readOutcome } from '../../engine/native/install.ts';
import { built, electronProgram, ended, isMissing, place, root } from '../studio/browser.ts';

const output = join(root, 'dist/test-app');
const packed = join(output, 'linux-unpacked');
const wanted = process.env.DSK_TEST_PACKAGE === '1' && process.platform === 'linux';
if (!wanted) console.warn('skipped: packaging takes a minute; set DSK_TEST_PACKAGE=1 to test it');

describe.skipIf(!wanted || isMissing(electronProgram))('the packed app', () => {
  const at = place();
  let said = '';
  beforeAll(async () => {
    await built();
    const program = 'path' in electronProgram ? electronProgram.path : '';
    const args = ['--import', 'tsx', 'electron/package.ts', '--linux', 'dir', '--output', output];
    const child = spawn(process.execPath, args, {
      cwd: root,
      env: { ...process.env, DSK_ELECTRON_DIST: dirname(program) },
    });
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (piece: Buffer) => (said += piece.toString()));
    const code = await new Promise((done) => child.once('close', done));
    if (code !== 0) throw new Error(`npm run package ended with code ${String(code)}:\n${said}`);
  }, 300_000);
  afterAll(() => {
    at.remove();
    rmSync(output, { recursive: true, force: true });
  });

  test('has its fuses set, as far as this Electron has them', async () => {
    const wire = await getCurrentFuseWire(join(packed, 'dsk-studio'));
    const state = (fuse: FuseV1Options) => wire[fuse] as FuseState | undefined;
    for (const off of [
      FuseV1Options.RunAsNode,
      FuseV1Options.EnableNodeOptionsEnvironmentVariable,
      FuseV1Options.EnableNodeCliInspectArguments,
    ]) {
      expect(state(off)).toBe(FuseState.DISABLE);
    }
    for (const on of [
      FuseV1Options.EnableCookieEncryption,
      FuseV1Options.EnableEmbeddedAsarIntegrityValidation,
      FuseV1Options.OnlyLoadAppFromAsar,
    ]) {
      expect(state(on)).toBe(FuseState.ENABLE);
    }
    // Older ones lack this one, which packaging says.
    const files = state(FuseV1Options.GrantFileProtocolExtraPrivileges);
    if (files === undefined) expect(said).toContain('grantFileProtocolExtraPrivileges');
    else expect(files).toBe(FuseState.DISABLE);
  });

  test('has TensorFlow in itself', () => {
    const addon = join(packed, 'resources/dsk/node_modules/@tensorflow/tfjs-node-gpu/lib/napi-v8/tfjs_binding.node');
    const libraries = execFileSync('ldd', [addon], { encoding: 'utf8' });
    const [, path] = /libtensorflow_cc\.so\.2 => (\S+)/.exec(libraries) ?? [];
    expect(path?.startsWith(packed)).toBe(true);
  });

  test('opens a graph it is given and runs it, offline', { timeout: 120_000 }, async () => {
    const path = at.put({ 'q/quick.dsk': readFileSync(join(root, 'examples/quickstart.dsk'), 'utf8') });
    const app = spawn(
      join(packed, 'dsk-studio'),
      ['--no-sandbox', '--disable-gpu', '--remote-debugging-port=0', path],
      {
        cwd: at.folder,
        env: {
          ...at.env,
          PATH: '/usr/bin:/bin',
          HOME: at.folder,
          DSK_CACHE: join(at.folder, 'no-cache'),
          DISPLAY: process.env.DISPLAY,
          XAUTHORITY: process.env.XAUTHORITY,
        },
        stdio: ['ignore', 'ignore', 'pipe'],
      },
    );
    try {
      const page = await pageOf(await debuggerOf(app));
      await until(async () => ((await page.evaluate('document.title')) as string).startsWith('quick.dsk') || undefined);
      const ask = async <M extends Method>(method: M, params: Methods[M]['params']): Promise<Methods[M]['result']> => {
        const call = `window.dsk.request[${JSON.stringify(method)}](${JSON.stringify(params)})`;
        const answer = (await page.evaluate(call)) as Answer<Methods[M]['result']>;
        if ('error' in answer) throw new Error(answer.error.message);
        return answer.result;
      };
      await ask('trust.grant', { folder: dirname(path) });
      const set = { steps: '2' };
      const { run } = await ask('run.start', { path, to: 'trained', fresh: false, resume: false, set });
      const record = await until(async () => {
        const [first] = await ask('run.list', { path });
        return first?.status === 'running' ? undefined : first;
      }, 90_000);
      expect(record).toMatchObject({ run, status: 'done' });
      const here = readOutcome();
      expect(record.versions.tensorflow).toBe(`${here?.version} (${here?.route})`);
      const details = await ask('run.read', { path, run });
      expect(details.error).toBeNull();
      page.close();
    } finally {
      await ended(app, 'SIGTERM');
    }
    expect(existsSync(join(at.folder, 'no-cache'))).toBe(false);
  });
});

function debuggerOf(app: ChildProcess): Promise<string> {
  return new Promise((done, fail) => {
    if (!app.stderr) return fail(new Error('no output to read'));
    const lines: string[] = [];
    createInterface({ input: app.stderr }).on('line', (line) => {
      lines.push(line);
      const address = /^DevTools listening on (\S+)/.exec(line)?.[1];
      if (address) done(address);
    });
    app.once('exit', (code) => fail(new Error(`the packed app ended with code ${code}:\n${lines.join('\n')}`)));
  });
}

/** The app's page by the debugging protocol itself: Playwright takes only whole browsers. */
async function pageOf(browser: string): Promise<{ evaluate(script: string): Promise<unknown>; close(): void }> {
  const list = `http://${new URL(browser).host}/json/list`;
  const target = await until(async () => {
    const all = (await (await fetch(list)).json()) as { type: string; url: string; webSocketDebuggerUrl: string }[];
    return all.find(({ type, url }) => type === 'page' && url.startsWith('app://'));
  });
  const socket = new WebSocket(target.webSocketDebuggerUrl);
  await new Promise((done) => socket.once('open', done));
  let next = 1;
  return {
    evaluate(expression) {
      const id = next++;
      const params = { expression, awaitPromise: true, returnByValue: true };
      socket.send(JSON.stringify({ id, method: 'Runtime.evaluate', params }));
      return new Promise((done, fail) => {
        const listen = (data: WebSocket.RawData) => {
          const message = JSON.parse((data as Buffer).toString()) as Evaluated;
          if (message.id !== id) return;
          socket.off('message', listen);
          const { exceptionDetails, result } = message.result;
          if (exceptionDetails) fail(new Error(exceptionDetails.exception?.description ?? exceptionDetails.text));
          else done(result.value);
        };
        socket.on('message', listen);
      });
    },
    close: () => socket.close(),
  };
}

interface Evaluated {
  id?: number;
  result: { result: { value: unknown }; exceptionDetails?: { text: string; exception?: { description: string } } };
}

async function until<T>(look: () => T | undefined | Promise<T | undefined>, patience = 20_000): Promise<T> {
  const end = Date.now() + patience;
  while (Date.now() < end) {
    const value = await look();
    if (value !== undefined) return value;
    await sleep(100);
  }
  throw new Error('waited in vain');
}
