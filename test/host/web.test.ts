// Who gets into the studio: only the browser that opened the printed address, only on this machine, only what belongs to the page.
import { get, request } from 'node:http';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import WebSocket from 'ws';
import type { Method } from '../../engine/host/contract.ts';
import { schemas } from '../../engine/host/schemas.ts';
import { openService, type Service } from '../../engine/host/service.ts';
import { serveWeb, type Web } from '../../engine/host/web.ts';
import { folder } from '../run/dsk.ts';
import { containing, enter, pageFiles, studio } from './studio.ts';

let here = '';
let service: Service;
let web: Web;
beforeAll(async () => {
  here = folder({ ...pageFiles, 'secret.txt': 'secret' });
  process.env.DSK_STATE = join(here, 'state');
  service = openService({ file: null, version: '0' });
  web = await serveWeb(service, join(here, 'page'), 0);
});
afterAll(async () => {
  await web.close();
  await service.close();
});

interface Reply {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  body: string;
}

/** As it is: no normalised path, any Host header. */
function ask(path: string, options: { method?: string; headers?: Record<string, string> } = {}): Promise<Reply> {
  return new Promise((done, fail) => {
    const sent = request({ host: '127.0.0.1', port: web.port, path, ...options }, (response) => {
      let body = '';
      response.on('data', (piece: Buffer) => (body += piece.toString()));
      response.on('end', () => done({ status: response.statusCode ?? 0, headers: response.headers, body }));
    });
    sent.on('error', fail);
    sent.end();
  });
}

/** How a WebSocket ends: with a close code after opening, or with a status before. */
function knock(
  address: URL,
  headers: Record<string, string>,
): Promise<{ status?: number; close?: number; open?: true }> {
  return new Promise((done) => {
    const socket = new WebSocket(address.href.replace('http', 'ws'), { headers });
    socket.on('unexpected-response', (_, response) => done({ status: response.statusCode ?? 0 }));
    socket.on('close', (close) => done({ close }));
    socket.on('error', () => {});
    socket.on('open', () => {
      socket.send('{"jsonrpc":"2.0","id":1,"method":"host.hello","params":{}}');
      socket.on('message', () => {
        done({ open: true });
        socket.terminate();
      });
    });
  });
}

describe('the printed address', () => {
  test('lets one browser in: the token gives the cookie once', async () => {
    const url = web.address();
    const first = await ask(new URL(url).pathname + new URL(url).search);
    expect(first.status).toBe(303);
    const home = String(first.headers.location);
    expect(String(first.headers['set-cookie'])).toMatch(
      new RegExp(`^dsk=[\\w-]{32}; HttpOnly; SameSite=Strict; Path=${home}$`),
    );
    const second = await ask(new URL(url).pathname + new URL(url).search);
    expect(second.headers['set-cookie']).toBeUndefined();
  });

  test('a wrong token gives no cookie, none gives an explanation', async () => {
    expect((await ask('/?token=wrong')).headers['set-cookie']).toBeUndefined();
    const { status, body } = await ask('/');
    expect([status, body]).toEqual([403, containing('dsk studio')]);
  });

  test('the page is there again when it is loaded again, also in a second tab', async () => {
    const { home } = await enter(web.address());
    for (let i = 0; i < 2; i++) expect((await ask(home.pathname)).body).toBe('<!doctype html><title>Dsk</title>');
  });
});

describe('the socket', () => {
  test('is served with the cookie, and closed with 4401 without or with another', async () => {
    const { home, cookie } = await enter(web.address());
    const socket = new URL('socket', home);
    const origin = home.origin;
    expect(await knock(socket, { origin, cookie: cookie ?? '' })).toEqual({ open: true });
    expect(await knock(socket, { origin, cookie: `a=b; ${cookie}` })).toEqual({ open: true });
    expect(await knock(socket, { origin })).toEqual({ close: 4401 });
    expect(await knock(socket, { origin, cookie: `dsk=${'x'.repeat(32)}` })).toEqual({ close: 4401 });
    expect(await knock(new URL('/s/other/socket', home), { origin, cookie: cookie ?? '' })).toEqual({ close: 4401 });
  });

  test.each([
    ['another site', 'https://example.com'],
    ['another port of this machine', 'http://127.0.0.1:1'],
    ['a sandboxed frame', 'null'],
  ])('refuses a page of %s', async (_, origin) => {
    const { home, cookie } = await enter(web.address());
    expect(await knock(new URL('socket', home), { origin, cookie: cookie ?? '' })).toEqual({ status: 403 });
  });

  test('refuses who does not say where it comes from', async () => {
    const { home, cookie } = await enter(web.address());
    expect(await knock(new URL('socket', home), { cookie: cookie ?? '' })).toEqual({ status: 403 });
  });

  test('refuses a name that was made to mean 127.0.0.1', async () => {
    const { home, cookie } = await enter(web.address());
    const host = `evil.example:${web.port}`;
    const headers = { host, origin: `http://${host}`, cookie: cookie ?? '' };
    expect(await knock(new URL('socket', home), headers)).toEqual({ status: 403 });
    expect((await ask(home.pathname, { headers: { host } })).status).toBe(403);
  });

  test('works through a tunnel, whose near end has another port', async () => {
    const { home, cookie } = await enter(web.address());
    const headers = { host: 'localhost:9999', origin: 'http://localhost:9999', cookie: cookie ?? '' };
    expect(await knock(new URL('socket', home), headers)).toEqual({ open: true });
  });
});

describe('files', () => {
  test('of the page only, whatever the path', async () => {
    const { home } = await enter(web.address());
    const at = home.pathname;
    for (const path of [
      `${at}../secret.txt`,
      `${at}..%2fsecret.txt`,
      `${at}%2e%2e/secret.txt`,
      `${at}assets/../../secret.txt`,
      `${at}..%5csecret.txt`,
      `${at}/${join(here, 'secret.txt')}`,
      `${at}%00`,
      `${at}%`,
      `${at}assets`,
      '/secret.txt',
      '/../secret.txt',
      '//',
    ]) {
      const { status, body } = await ask(path);
      expect([path, status, body.includes('secret\n')]).toEqual([path, 404, false]);
    }
  });

  test('with a strict policy and no leave for other sites', async () => {
    const { home } = await enter(web.address());
    const { headers } = await ask(`${home.pathname}assets/main-1a2b.js`, {
      headers: { origin: 'https://example.com' },
    });
    expect(headers).toMatchObject({
      'content-type': 'text/javascript; charset=utf-8',
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
      'cross-origin-opener-policy': 'same-origin',
      'content-security-policy': `default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self' data:; connect-src 'self' ws://127.0.0.1:${web.port}; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
    });
    expect(Object.keys(headers).filter((name) => name.startsWith('access-control'))).toEqual([]);
  });

  test('are read, never written', async () => {
    const { home } = await enter(web.address());
    for (const method of ['POST', 'PUT', 'DELETE', 'OPTIONS']) {
      expect([method, (await ask(home.pathname, { method })).status]).toEqual([method, 405]);
    }
    const head = await ask(home.pathname, { method: 'HEAD' });
    expect([head.status, head.body]).toEqual([200, '']);
  });
});

test('only 127.0.0.1 is listened on', async () => {
  await expect(
    new Promise((done, fail) => get({ host: '127.0.0.2', port: web.port }, done).on('error', fail)),
  ).rejects.toMatchObject({ code: 'ECONNREFUSED' });
});

describe('whatever a page sends', () => {
  test('is answered, and ends nothing', { timeout: 30_000 }, async () => {
    const running = await studio();
    const page = await running.page();
    for (const message of ['', 'no JSON', '{}', '[]', 'null', '{"jsonrpc":"2.0","id":1e6}', '[1,2]', '{"id":{}}']) {
      page.raw(message);
    }
    expect((await page.refused('toString' as never, {})).code).toBe('bad-request');
    expect((await page.refused('__proto__' as never, {})).code).toBe('bad-request');
    expect(await page.refused('file.open', {})).toEqual({
      code: 'bad-request',
      message: "file.open: the parameters must have required property 'path'",
    });
    expect(
      await page.refused('table.rows', { path: '/a.dsk', key: '../..', output: 'table', offset: 0, limit: 1, from: 0 }),
    ).toEqual({
      code: 'bad-request',
      message: 'table.rows: key must match pattern "^[0-9a-f]{64}$"',
    });
    expect((await page.refused('run.read', { path: '/a.dsk', run: '../../x' })).code).toBe('bad-request');
    expect((await page.refused('run.start', { path: '/a.dsk', extra: 1 })).code).toBe('bad-request');
    expect((await page.refused('file.open', { path: '/etc/passwd' })).code).toBe('not-allowed');
    expect((await page.refused('file.save', { path: '/tmp/x.sh', text: '', base: null })).code).toBe('not-allowed');
    expect((await page.refused('file.open', { path: 'relative.dsk' })).code).toBe('bad-request');
    const nowhere = {
      ...{
        path: '/nonexistent/a.dsk',
        run: '20260101-000000-abc',
        key: '0'.repeat(64),
        output: 'table',
        text: 'dsk 1',
      },
      ...{ offset: 0, limit: 1, from: 0, node: 'a', to: null, fresh: false, resume: false, set: {}, hard: true },
      ...{ prompt: '', temperature: 1, topP: 1, maxTokens: 1, seed: 0, base: null, folder: '/nonexistent' },
    };
    for (const [method, { properties }] of Object.entries(schemas) as [Method, { properties: object }][]) {
      const names = Object.keys(properties);
      if (names.length === 0 || method === 'file.save' || method === 'file.draft' || method === 'trust.grant') continue;
      for (const params of [null, [], 7, 'x', { path: {} }, { ...nowhere }]) {
        expect([method, params, await page.refused(method, params)]).toMatchObject([
          method,
          params,
          { code: 'bad-request' },
        ]);
      }
      const shaped = Object.entries({ ...nowhere, path: '/nonexistent/\0.dsk' }).filter(([name]) =>
        names.includes(name),
      );
      if (shaped.length < names.length) continue;
      const { code } = await page.refused(method, Object.fromEntries(shaped));
      expect([method, ['bad-request', 'not-found'].includes(code)]).toEqual([method, true]);
    }
    expect(await page.ask('host.hello', {})).toMatchObject({ file: null });
    expect(existsSync(join(running.state, 'studio.log'))).toBe(false);
    await running.end();
    expect(await running.exit).toEqual({ code: 0, signal: null });
  });
});

test('wrong usage is said, with what to do', async () => {
  const { dsk } = await import('../run/dsk.ts');
  writeFileSync(join(here, 'notes.txt'), '');
  expect(await dsk(here, 'studio', 'missing.dsk')).toMatchObject({
    code: 1,
    stderr: containing('missing.dsk'),
  });
  expect(await dsk(here, 'studio', 'notes.txt')).toMatchObject({ code: 1, stderr: containing('.dsk') });
  expect(await dsk(here, 'studio', '--port', '99999')).toMatchObject({ code: 2 });
  process.env.DSK_PAGE = join(here, 'page');
  expect(await dsk(here, 'studio', '--no-open', '--port', String(web.port))).toMatchObject({
    code: 3,
    stderr: `dsk: port ${web.port} is in use; give another with --port\n`,
  });
  process.env.DSK_PAGE = join(here, 'nowhere');
  expect(await dsk(here, 'studio', '--no-open')).toMatchObject({
    code: 3,
    stderr: containing('npm run build'),
  });
  delete process.env.DSK_PAGE;
});
