// Starts the real `dsk studio` with a state of its own, and speaks to it as a page does: HTTP, cookie, WebSocket, JSON-RPC.
import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, expect } from 'vitest';
import WebSocket from 'ws';
import type { Method, Methods, Notification, Notifications } from '../../engine/host/contract.ts';
import { folder, launcher } from '../run/dsk.ts';

const kinds = fileURLToPath(new URL('../run/kinds', import.meta.url));

/** What the page's folder holds here. */
export const pageFiles = {
  'page/index.html': '<!doctype html><title>Dsk</title>',
  'page/assets/main-1a2b.js': 'start()',
};

export interface Studio {
  child: ChildProcess;
  url: string;
  /** Its state folder. */
  state: string;
  graphs: string;
  exit: Promise<{ code: number | null; signal: NodeJS.Signals | null }>;
  /** Connects as one more page of the browser that was let in. */
  page(): Promise<Page>;
  /** Ends as by Ctrl-C. */
  end(): Promise<void>;
}

export interface Page {
  ask<M extends Method>(method: M, params: Methods[M]['params']): Promise<Methods[M]['result']>;
  /** The code of the error it fails with. */
  refused<M extends Method>(method: M, params: unknown): Promise<{ code: string; message: string }>;
  /** All notifications of a name so far. */
  told<N extends Notification>(name: N): Notifications[N][];
  /** Waits until they satisfy a condition. */
  until<N extends Notification>(name: N, fine: (told: Notifications[N][]) => boolean): Promise<Notifications[N][]>;
  /** Sends anything. */
  raw(message: string): void;
  close(): void;
}

const children: ChildProcess[] = [];
afterAll(() => {
  for (const child of children) child.kill('SIGKILL');
});

export async function studio(args: string[] = [], state = folder(pageFiles)): Promise<Studio> {
  const env = {
    ...process.env,
    DSK_KINDS: kinds,
    DSK_STATE: join(state, 'state'),
    DSK_GRAPHS: join(state, 'graphs'),
    DSK_PAGE: join(state, 'page'),
  };
  const child = spawn(process.execPath, [launcher, 'studio', ...args, '--json', '--no-open'], {
    env,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  children.push(child);
  const exit = new Promise<Awaited<Studio['exit']>>((done) => {
    child.once('exit', (code, signal) => done({ code, signal }));
  });
  const first = new Promise<string>((done) => child.stdout?.once('data', (data: Buffer) => done(data.toString())));
  const { url } = JSON.parse(await first) as { url: string };
  const entry = await enter(url);
  return {
    child,
    url,
    state: join(state, 'state'),
    graphs: join(state, 'graphs'),
    exit,
    page: () => openPage(entry),
    async end() {
      child.kill('SIGINT');
      await exit;
    },
  };
}

/** Opens the printed address: the address of the page, and the cookie. */
export async function enter(url: string): Promise<{ home: URL; cookie: string | null }> {
  const response = await fetch(url, { redirect: 'manual' });
  const home = new URL(response.headers.get('location') ?? '', url);
  return { home, cookie: response.headers.get('set-cookie')?.split(';')[0] ?? null };
}

async function openPage({ home, cookie }: { home: URL; cookie: string | null }): Promise<Page> {
  const address = new URL('socket', home).href.replace('http', 'ws');
  const socket = new WebSocket(address, { origin: home.origin, headers: cookie ? { cookie } : {} });
  type Message = {
    id?: number | null;
    method?: Notification;
    params?: unknown;
    result?: unknown;
    error?: { message: string; data?: { code: string } };
  };
  const answers = new Map<number, (message: Message) => void>();
  const notes: Message[] = [];
  let wake = () => {};
  socket.on('message', (data: Buffer) => {
    const message = JSON.parse(data.toString()) as Message;
    if (message.method !== undefined) notes.push(message);
    else answers.get(message.id ?? -1)?.(message);
    wake();
  });
  await new Promise((done, fail) => {
    socket.once('open', done);
    socket.once('error', fail);
  });
  let id = 0;
  const send = (method: string, params: unknown) =>
    new Promise<Message>((done) => {
      answers.set(++id, done);
      socket.send(JSON.stringify({ jsonrpc: '2.0', id, method, params }));
    });
  const page: Page = {
    async ask(method, params) {
      const { result, error } = await send(method, params);
      if (error) throw new Error(`${method}: ${error.data?.code}: ${error.message}`);
      return result as never;
    },
    async refused(method, params) {
      const { error, result } = await send(method, params);
      if (!error) throw new Error(`${method} was not refused: ${JSON.stringify(result)}`);
      return { code: error.data?.code ?? '', message: error.message };
    },
    told: (name) => notes.filter((note) => note.method === name).map((note) => note.params as never),
    async until(name, fine) {
      while (!fine(page.told(name))) {
        await new Promise<void>((done) => {
          wake = done;
          setTimeout(done, 500);
        });
      }
      return page.told(name);
    },
    raw: (message) => socket.send(message),
    close: () => socket.close(),
  };
  return page;
}

/** As expect.stringContaining and stringMatching, which are `any`. */
export const containing = (text: string): string => expect.stringContaining(text) as string;
export const like = (pattern: RegExp): string => expect.stringMatching(pattern) as string;
