// The page's line to the host: Electron's bridge where there is one, otherwise a WebSocket to the address the page came from.
// Requests that are made while the line is down wait for it; nothing the user does is lost by a reconnect.
import { JSONRPCClient } from 'json-rpc-2.0';
import { create } from 'zustand';
import type { Bridge } from '../engine/host/bridge.ts';
import type { HostErrorCode, Method, Methods, Notification, Notifications } from '../engine/host/contract.ts';

declare global {
  interface Window {
    dsk?: Bridge;
  }
}

/** Why a request failed; `message` is for the user. */
export class HostError extends Error {
  readonly code: HostErrorCode;
  constructor(message: string, code: HostErrorCode) {
    super(message);
    this.name = 'HostError';
    this.code = code;
  }
}

/** `denied`: the host does not know this page's token. */
export const useConnection = create<{ state: 'connecting' | 'open' | 'lost' | 'denied' }>()(() => ({
  state: 'connecting',
}));

type Listener = (params: never) => void;
const listeners = new Map<string, Set<Listener>>();

/** Calls `listener` at each notification until the returned function is called. */
export function on<N extends Notification>(name: N, listener: (params: Notifications[N]) => void): () => void {
  const set = listeners.get(name) ?? new Set();
  listeners.set(name, set.add(listener as Listener));
  return () => set.delete(listener as Listener);
}

function tell(name: string, params: unknown): void {
  for (const listener of listeners.get(name) ?? []) listener(params as never);
}

/** Asks the host. @throws HostError */
export async function ask<M extends Method>(method: M, params: Methods[M]['params']): Promise<Methods[M]['result']> {
  const answer = window.dsk ? await askBridge(window.dsk, method, params) : await askSocket(method, params);
  return answer as Methods[M]['result'];
}

/** What the host cannot answer now is asked again with the next change; only a fault of the page is one. */
export function unlessAway(work: Promise<void>): void {
  work.catch((error: unknown) => {
    if (!(error instanceof HostError)) throw error;
  });
}

/** Opens the line; call once. */
export function connect(): void {
  if (window.dsk) connectBridge(window.dsk);
  else connectSocket();
}

/** What fails crosses Electron's bridge as a value: errors lose their fields there. */
async function askBridge<M extends Method>(bridge: Bridge, method: M, params: Methods[M]['params']): Promise<unknown> {
  const answer = await bridge.request[method](params);
  if ('error' in answer) throw new HostError(answer.error.message, answer.error.code);
  return answer.result;
}

function connectBridge(bridge: Bridge): void {
  bridge.on((name, params) => tell(name, params));
  bridge.desktop.onHost((state) => {
    // Another host knows nothing of what this page followed and watched: whoever did begins anew.
    useConnection.setState({ state: 'lost' });
    if (state === 'back') useConnection.setState({ state: 'open' });
  });
  useConnection.setState({ state: 'open' });
}

let socket: WebSocket | null = null;
let waiting: string[] = [];
const client = new JSONRPCClient((request) => send(JSON.stringify(request)));

function send(message: string): void {
  if (socket?.readyState === WebSocket.OPEN) socket.send(message);
  else waiting.push(message);
}

async function askSocket(method: string, params: unknown): Promise<unknown> {
  try {
    return (await client.request(method, params)) as unknown;
  } catch (error) {
    const { message, data } = error as { message?: string; data?: { code?: HostErrorCode } };
    throw new HostError(message ?? String(error), data?.code ?? 'failed');
  }
}

function connectSocket(attempt = 0): void {
  const line = new WebSocket(new URL('socket', location.href.replace(/^http/, 'ws')));
  let opened = false;
  socket = line;
  line.addEventListener('open', () => {
    opened = true;
    useConnection.setState({ state: 'open' });
    for (const message of waiting) line.send(message);
    waiting = [];
  });
  line.addEventListener('message', ({ data }) => receive(String(data)));
  line.addEventListener('close', ({ code }) => {
    // What was under way gets no answer any more; whoever asked learns so and may ask again.
    if (opened) client.rejectAllPendingRequests('the connection to Dsk was lost');
    if (code === 4401) return void useConnection.setState({ state: 'denied' });
    useConnection.setState({ state: opened || attempt > 0 ? 'lost' : 'connecting' });
    setTimeout(() => connectSocket(opened ? 1 : attempt + 1), Math.min(5000, 200 * 2 ** attempt));
  });
}

function receive(text: string): void {
  const message = JSON.parse(text) as { id?: unknown; method?: string; params?: unknown };
  if (message.method !== undefined && message.id === undefined) tell(message.method, message.params);
  else client.receive(message as never);
}
