// The host (`dsk studio --stdio`) as a child of the app: a plain Node process, JSON-RPC 2.0, one message a line. It ends with the
// app; runs it has started are processes of their own and go on. A host that dies is started again, a few times.
import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { Answer } from '../engine/host/bridge.ts';

export interface HostOptions {
  command: string;
  args: readonly string[];
  /** The folder engine/ stands in. */
  cwd: string;
  onNotification(name: string, params: unknown): void;
  /** It died: `back` when another one was started, `gone` when that was given up. */
  onDeath(state: 'back' | 'gone'): void;
}

export interface HostProcess {
  ask(method: string, params: unknown): Promise<Answer<unknown>>;
  /** Ends it and starts another one: a new page must not inherit what the old one watched. */
  renew(): Promise<void>;
  end(): Promise<void>;
}

interface Message {
  id?: number;
  method?: string;
  params?: unknown;
  result?: unknown;
  error?: { message: string; data?: { code?: Extract<Answer<unknown>, { error: unknown }>['error']['code'] } };
}

const MOST_DEATHS = 3;
const WITHIN = 60_000;
const PATIENCE = 3000;

export function startHost(options: HostOptions): HostProcess {
  const waiting = new Map<number, (answer: Answer<unknown>) => void>();
  let next = 1;
  let deaths: number[] = [];
  let child: ChildProcess | null = null;
  let ending = false;
  let renewing: Promise<void> | null = null;

  const receive = (line: string) => {
    const message = parse(line);
    if (message === null) return;
    if (message.id === undefined) {
      if (message.method !== undefined) options.onNotification(message.method, message.params);
      return;
    }
    const settle = waiting.get(message.id);
    waiting.delete(message.id);
    const { error } = message;
    settle?.(error ? failure(error.message, error.data?.code) : { result: message.result });
  };

  const start = () => {
    const started = spawn(options.command, options.args, {
      cwd: options.cwd,
      env: environment(),
      stdio: ['pipe', 'pipe', 'inherit'],
      windowsHide: true,
    });
    child = started;
    createInterface({ input: started.stdout }).on('line', receive);
    // Writing to a host that has just died: its death is what is dealt with.
    started.stdin.on('error', () => {});
    let over = false;
    const died = () => {
      if (over) return;
      over = true;
      if (child === started) child = null;
      for (const settle of waiting.values()) settle(failure('the request was cut off: the host ended'));
      waiting.clear();
      if (ending || renewing) return;
      deaths = [...deaths.filter((time) => time > Date.now() - WITHIN), Date.now()];
      if (deaths.length > MOST_DEATHS) return options.onDeath('gone');
      start();
      options.onDeath('back');
    };
    started.on('error', (error) => {
      console.error(`dsk: the host could not be started: ${error.message}`);
      died();
    });
    started.on('close', died);
  };

  const stop = async () => {
    const old = child;
    if (old === null) return;
    const closed = new Promise<void>((resolve) => old.once('close', () => resolve()));
    old.stdin?.end();
    const timer = setTimeout(() => old.kill('SIGKILL'), PATIENCE);
    await closed;
    clearTimeout(timer);
  };

  start();
  return {
    async ask(method, params) {
      await renewing;
      const line = child;
      if (!line?.stdin?.writable) return failure('the host has ended; close the window and open the graph again');
      const id = next++;
      const message = `${JSON.stringify({ jsonrpc: '2.0', id, method, params })}\n`;
      return new Promise((resolve) => {
        waiting.set(id, resolve);
        line.stdin?.write(message);
      });
    },
    async renew() {
      renewing ??= stop().then(() => {
        renewing = null;
        deaths = [];
        if (!ending) start();
      });
      await renewing;
    },
    async end() {
      ending = true;
      await renewing;
      await stop();
    },
  };
}

function failure(
  message: string,
  code: Extract<Answer<unknown>, { error: unknown }>['error']['code'] = 'unavailable',
): Answer<unknown> {
  return { error: { message, code } };
}

function parse(line: string): Message | null {
  try {
    return JSON.parse(line) as Message;
  } catch {
    // Not a message: something printed to stdout by a library.
    console.error(line);
    return null;
  }
}

/** The app's own environment without what is meant for Electron. */
function environment(): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^(ELECTRON_|NODE_OPTIONS$)/.test(name)));
}
