// Lets a trained model write, in a process of its own (`dsk generate`): TensorFlow never lives in the host.
import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { dirname } from 'node:path';
import { createInterface } from 'node:readline';
import type { Notifications } from './contract.ts';
import { HostError } from './fault.ts';
import type { Client, Handlers, Host } from './handlers.ts';
import { artifactOf } from './results.ts';
import { launcher } from './start.ts';
import { graphPath } from './text.ts';

/** Milliseconds a process gets to end after it was asked to. */
const patience = 3000;

export function generateHandlers(host: Host): Pick<Handlers, 'generate.start' | 'generate.stop'> {
  const writing = new Map<string, ChildProcess>();
  const asked = new Set<string>();
  host.ending.addEventListener('abort', () => {
    for (const child of writing.values()) child.kill('SIGKILL');
  });
  const stop = (id: string) => {
    const child = writing.get(id);
    if (!child) return;
    asked.add(id);
    child.kill('SIGINT');
    setTimeout(() => child.kill('SIGKILL'), patience).unref();
  };
  return {
    'generate.start'({ path: given, key, output, prompt, temperature, topP, maxTokens, seed }, client) {
      const path = graphPath(given);
      host.trust.demand(dirname(path));
      const model = artifactOf(dirname(path), key, output, 'model');
      if (model.tokenizer === null)
        throw new HostError('no-result', 'this model came without a tokenizer: it cannot read or write text');
      const sampling = ['--temperature', temperature, '--top-p', topP, '--max-tokens', maxTokens, '--seed', seed];
      const args = ['generate', `${path}:${key}.${output}`, '--json', '--prompt', '-', ...sampling.map(String)];
      const child = spawn(process.execPath, [launcher, ...args], {
        cwd: dirname(path),
        stdio: 'pipe',
        windowsHide: true,
      });
      const id = randomUUID();
      writing.set(id, child);
      const leave = () => stop(id);
      client.gone.addEventListener('abort', leave);
      child.stdin.on('error', () => {}); // ended before it read the prompt: its exit says why
      child.stdin.end(`${prompt}\n`); // the command takes the last line's end away
      void tell(child, id, client, () => asked.has(id)).finally(() => {
        writing.delete(id);
        asked.delete(id);
        client.gone.removeEventListener('abort', leave);
      });
      return { id };
    },
    'generate.stop'({ id }) {
      stop(id);
      return null;
    },
  };
}

interface Said {
  event?: string;
  text?: string;
  message?: string;
}

/** Hands on what the process writes until it has ended. */
async function tell(child: ChildProcess, id: string, client: Client, asked: () => boolean): Promise<void> {
  const began = performance.now();
  let errors = '';
  let last: Said = {};
  child.stderr?.on('data', (piece: Buffer) => {
    errors = (errors + piece.toString()).slice(-4000);
  });
  const ended = new Promise<NodeJS.Signals | null>((done) => {
    child.once('close', (_, signal) => done(signal));
    child.once('error', (error) => {
      errors += error.message;
      done(null);
    });
  });
  if (child.stdout) {
    createInterface({ input: child.stdout }).on('line', (line) => {
      const said = parse(line);
      if (said.event === 'text') client.notify('generate.text', { id, text: said.text ?? '' });
      else if (said.event !== undefined) last = said;
    });
  }
  const signal = await ended;
  const seconds = (performance.now() - began) / 1000;
  const end = (status: Notifications['generate.end']['status'], message: string | null) =>
    client.notify('generate.end', { id, status, message, seconds });
  if (last.event === 'finished') end('finished', null);
  else if (last.event === 'interrupted' || asked()) end('stopped', null);
  else end('failed', last.message ?? (errors.trim().replace(/^dsk: /, '') || `the process was ended by ${signal}`));
}

function parse(line: string): Said {
  try {
    return JSON.parse(line) as Said;
  } catch {
    return {}; // something a library printed
  }
}
