// What the desktop app's page may do: talk to its host through checked messages, and nothing else. In a real Electron.
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { schemas } from '../../engine/host/schemas.ts';
import { type App, electronProgram, isMissing, openInElectron, place, root } from '../studio/browser.ts';

describe.skipIf(isMissing(electronProgram))('the page in the desktop app', () => {
  const at = place();
  let studio: App;
  beforeAll(async () => {
    studio = await openInElectron(at, at.put({ 'a/a.dsk': 'dsk 1\n' }));
  });
  afterAll(async () => {
    await studio?.close();
    at.remove();
  });

  test('sees one function a message of the contract, and no part of Electron or Node', async () => {
    const seen = await studio.page.evaluate(() => ({
      methods: Object.keys(window.dsk?.request ?? {}),
      bridge: Object.keys(window.dsk ?? {}).sort(),
      desktop: Object.keys(window.dsk?.desktop ?? {}).sort(),
      node: ['process', 'require', 'module', 'Buffer', 'global', 'electron'].filter((name) => name in globalThis),
    }));
    expect(seen.methods).toEqual(Object.keys(schemas));
    expect(seen.bridge).toEqual(['desktop', 'on', 'request']);
    expect(seen.desktop).toEqual(
      [
        'chooseFolder',
        'onCommand',
        'onHost',
        'onOpen',
        'openFile',
        'paste',
        'pathOf',
        'reveal',
        'saveFile',
        'setDocument',
      ].sort(),
    );
    expect(seen.node).toEqual([]);
  });

  test('runs sandboxed and apart from the preload, as every window asks for', async () => {
    const preferences = await studio.app.evaluate(({ BrowserWindow }) => {
      const [window] = BrowserWindow.getAllWindows();
      const contents = window?.webContents as unknown as { getLastWebPreferences(): Record<string, unknown> };
      return contents.getLastWebPreferences();
    });
    expect(preferences).toMatchObject({
      contextIsolation: true,
      sandbox: true,
      nodeIntegration: false,
      nodeIntegrationInSubFrames: false,
      webSecurity: true,
      webviewTag: false,
    });
  });

  test('evaluates no text as a script, inline or otherwise', async () => {
    const outcome = await studio.page.evaluate(
      () =>
        new Promise<string[]>((done) => {
          const broken: string[] = [];
          document.addEventListener('securitypolicyviolation', (event) => broken.push(event.effectiveDirective));
          // By a timer: what the debugger calls directly is exempt from the policy.
          setTimeout(() => {
            try {
              broken.push(`ran: ${String((new Function('return 1') as () => unknown)())}`);
            } catch (error) {
              broken.push((error as Error).name);
            }
            const inline = document.createElement('script');
            inline.textContent = 'document.title = "inline ran"';
            document.head.append(inline);
            const elsewhere = document.createElement('img');
            elsewhere.src = 'http://127.0.0.1:9/x.png';
            document.body.append(elsewhere);
            const frame = document.createElement('iframe');
            frame.src = 'about:blank#frame';
            document.body.append(frame);
            setTimeout(() => {
              for (const element of [inline, elsewhere, frame]) element.remove();
              done(broken);
            }, 300);
          });
        }),
    );
    expect(outcome).toContain('EvalError');
    expect(outcome).toEqual(expect.arrayContaining(['script-src', 'script-src-elem', 'img-src']));
    expect(outcome.filter((line) => line.startsWith('ran'))).toEqual([]);
    expect(await studio.page.title()).not.toBe('inline ran');
  });

  test('goes nowhere and opens no window', async () => {
    const before = studio.page.url();
    await studio.page.evaluate(() => {
      location.href = 'https://example.com/';
    });
    await studio.page.evaluate(() => {
      location.href = 'file:///etc/passwd';
    });
    const opened = await studio.page.evaluate(() => String(window.open('https://example.com/')));
    await studio.page.waitForTimeout(300);
    expect(opened).toBe('null');
    expect(studio.page.url()).toBe(before);
    expect(studio.app.windows().length).toBe(1);
  });

  test('is given no permission but to write to the clipboard', async () => {
    const states = await studio.page.evaluate(async () => {
      const names = ['geolocation', 'notifications', 'camera', 'microphone', 'clipboard-read', 'midi'];
      const all = await Promise.all(names.map((name) => navigator.permissions.query({ name: name as PermissionName })));
      const place = await new Promise<string>((done) =>
        navigator.geolocation.getCurrentPosition(
          () => done('granted'),
          () => done('denied'),
        ),
      );
      return [...all.map(({ state }) => state), place];
    });
    expect(states).toEqual(states.map(() => 'denied'));
  });

  test('reaches no file but the built page’s own', async () => {
    const read = await studio.page.evaluate(async () => {
      const addresses = [
        'index.html',
        '../package.json',
        '..%2f..%2fpackage.json',
        '%2e%2e/electron/main.cjs',
        'assets/',
        'none.js',
      ];
      const status = async (path: string) => {
        try {
          return (await fetch(new URL(path, 'app://dsk/'))).status;
        } catch {
          return 'refused';
        }
      };
      return [
        ...(await Promise.all(addresses.map(status))),
        await fetch('app://other/index.html').then(
          ({ status: other }) => other,
          () => 'refused',
        ),
        await fetch('file:///etc/hostname').then(
          () => 'read',
          () => 'refused',
        ),
      ];
    });
    expect(read[0]).toBe(200);
    expect(read.slice(1).every((each) => each === 404 || each === 'refused')).toBe(true);
    expect(readFileSync(`${root}/package.json`, 'utf8')).toContain('"dsk"'); // that there would be something to reach
  });

  test('has its messages checked before anything is done', async () => {
    const answers = await studio.page.evaluate(async () => {
      const request = window.dsk?.request as unknown as Record<
        string,
        (params: unknown) => Promise<{ error?: { code: string; message: string } }>
      >;
      const wrong: [string, unknown][] = [
        ['file.open', {}],
        ['file.open', { path: 7 }],
        ['file.open', { path: '/x.dsk', more: true }],
        ['run.stop', { path: '/x.dsk', run: '../../etc', hard: false }],
        ['host.settings', { settings: { theme: 'pink' } }],
        ['file.open', null],
      ];
      return Promise.all(wrong.map(async ([method, params]) => (await request[method]?.(params))?.error));
    });
    for (const error of answers) expect(error?.code).toBe('bad-request');
    expect(answers[1]?.message).toMatch(/file\.open: path must be string/);
    const refused = await studio.page.evaluate(async () => {
      const desktop = window.dsk?.desktop as unknown as Record<string, (...args: unknown[]) => Promise<unknown>>;
      const tries = [
        () => desktop.reveal?.('relative/path'),
        () => desktop.reveal?.(7),
        () => desktop.setDocument?.('/a.dsk', 'yes'),
      ];
      return Promise.all(
        tries.map((each) =>
          each()?.then(
            () => 'done',
            (error: Error) => error.message,
          ),
        ),
      );
    });
    expect(refused.map((each) => /expected/.test(String(each)))).toEqual([true, true, true]);
  });

  test('is the only one that is answered', async () => {
    // A second window of the same app with the same preload, whose page is another.
    const answer = await studio.app.evaluate(async ({ BrowserWindow }, preload) => {
      const other = new BrowserWindow({
        show: false,
        webPreferences: { preload, sandbox: true, contextIsolation: true },
      });
      await other.loadURL('data:text/html,<title>other</title>');
      const script = 'window.dsk.request["file.recent"]({}).then(() => "answered", (error) => error.message)';
      const said = (await other.webContents.executeJavaScript(script)) as string;
      other.destroy();
      return said;
    }, `${root}/dist/electron/preload.cjs`);
    expect(answer).toMatch(/refused, it does not come from the editor's page/);
  });

  test('has a native menu of commands that the page knows', async () => {
    const ids = await studio.app.evaluate(({ Menu }) => {
      const all: string[] = [];
      const visit = (menu: Electron.Menu | null) => {
        for (const item of menu?.items ?? []) {
          if (item.submenu) visit(item.submenu);
          else if (item.id && !/^\d+$/.test(item.id)) all.push(item.id);
        }
      };
      visit(Menu.getApplicationMenu());
      return all;
    });
    const sources = ['app', 'canvas', 'runs', 'text'].map((part) =>
      readFileSync(`${root}/renderer/${part}/commands.ts`, 'utf8'),
    );
    const known = sources.flatMap((text) => [...text.matchAll(/\bid: '([\w.]+)'/g)].map(([, id]) => id));
    expect(ids.length).toBeGreaterThan(15);
    expect(ids.filter((id) => !known.includes(id))).toEqual([]);
  });
});
