// Metrics of a run for Prometheus, at http://127.0.0.1:PORT/metrics while it lasts.
import { Worker } from 'node:worker_threads';
import { InputError } from '../nodes/kind.ts';
import type { Emit } from './events.ts';

/** What the thread is started with. */
export interface Wanted {
  port: number;
  /** On the disk whose room is told. */
  folder: string;
}

/** What it says once. */
export type Answer = { port: number } | { error: string; code: string };

export interface Metrics {
  /** The port it listens on. */
  readonly port: number;
  /** Told of everything that happens. */
  watch: Emit;
  close(): Promise<void>;
}

/**
 * Starts to serve.
 * @param port 0 takes a free one
 * @throws InputError when the port is taken, or not for this user
 */
export async function serveMetrics(port: number, folder: string): Promise<Metrics> {
  const worker = new Worker(new URL('./metrics-worker.mjs', import.meta.url), {
    workerData: { port, folder } satisfies Wanted,
    execArgv: [],
  });
  const ended = new Promise<void>((resolve) => worker.once('exit', () => resolve()));
  const answer = await new Promise<Answer>((resolve, reject) => {
    worker.once('message', resolve);
    worker.once('error', reject);
  });
  if ('error' in answer) {
    worker.postMessage(null);
    throw new InputError({
      code: 'port-taken',
      message: `metrics cannot be served on port ${port}: ${answer.code === 'EADDRINUSE' ? 'something else listens there' : answer.error}`,
      at: null,
      note: 'choose another port; `--metrics 0` takes a free one',
    });
  }
  worker.on('error', () => {}); // a run does not stop because nobody can watch it any more
  worker.unref();
  return {
    port: answer.port,
    watch: (event) => worker.postMessage(event),
    async close() {
      worker.ref(); // waited for now
      worker.postMessage(null);
      await ended;
    },
  };
}
