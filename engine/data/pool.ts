// Work in threads: tasks are dealt out to workers one by one, each worker opens its work once. A single task runs right here.
import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import { type Complaint, InputError } from '../nodes/kind.ts';

/** A file of engine/data/work/ default-exports one: opens with what all tasks share, gives the function that does one of them. */
export type Work<S, T, R> = (shared: S) => Perform<T, R> | Promise<Perform<T, R>>;

/** Does a task. */
export type Perform<T, R> = (task: T, watch: TaskWatch) => R | Promise<R>;

export interface TaskWatch {
  /** Tells in between how much of the task is done, in units of its own. */
  report(done: number): void;
  /** Set when the work is to end: leave soon. A thread cannot be ended while it is in DuckDB without taking the process along. */
  signal: AbortSignal;
}

export interface PoolOptions<R> {
  /** At most. Default: as many as the machine has cores. */
  threads?: number | undefined;
  signal?: AbortSignal;
  /** A finished task, in whatever order they finish. */
  finished?: (result: R, index: number) => void | Promise<void>;
  /** What unfinished tasks have told about themselves, and finished ones told last, summed. */
  progress?: (done: number) => void;
}

/** What a worker is started with. */
export interface Start {
  work: string;
  shared: unknown;
}

/** One task; null ends the worker. */
export type Request = { index: number; task: unknown } | null;

export interface Reply {
  index: number;
  result?: unknown;
  done?: number;
  error?: { name: string; message: string; stack?: string; code?: string; complaint: Complaint | null };
}

/** Threads worth starting where nothing else is said. */
const MOST = 16;

/**
 * Runs tasks, several at a time; tasks and results are copied between threads. The first one that fails ends the work.
 * @param work name of a file of engine/data/work/, without its ending
 * @returns the results in the order of the tasks
 */
export async function inWorkers<S, T, R>(
  work: string,
  shared: S,
  tasks: readonly T[],
  { threads = availableParallelism(), signal, finished, progress }: PoolOptions<R> = {},
): Promise<R[]> {
  signal?.throwIfAborted();
  const results = new Array<R>(tasks.length);
  const told = new Float64Array(tasks.length);
  let sum = 0;
  const tell = (index: number, done: number) => {
    sum += done - (told[index] as number);
    told[index] = done;
    progress?.(sum);
  };
  const count = Math.min(threads, tasks.length, MOST);
  if (count <= 1) {
    if (tasks.length === 0) return results;
    const perform = (await openWork(work, shared)) as Perform<T, R>;
    for (const [index, task] of tasks.entries()) {
      signal?.throwIfAborted();
      results[index] = await perform(task, { report: (done) => tell(index, done), signal: signal ?? never });
      await finished?.(results[index] as R, index);
    }
    signal?.throwIfAborted();
    return results;
  }
  let next = 0;
  const done = async (index: number, result: R) => {
    results[index] = result;
    await finished?.(result, index);
  };
  const workers = Array.from({ length: count }, () => startWorker({ work, shared }));
  const stop = () => {
    next = tasks.length;
    for (const { worker } of workers) worker.postMessage(null);
  };
  signal?.addEventListener('abort', stop);
  try {
    await Promise.all(
      workers.map(async ({ worker }) => {
        while (next < tasks.length) {
          const index = next++;
          await done(index, (await ask(worker, { index, task: tasks[index] }, (part) => tell(index, part))) as R);
        }
      }),
    );
    return results;
  } catch (error) {
    signal?.throwIfAborted();
    throw error;
  } finally {
    signal?.removeEventListener('abort', stop);
    stop();
    await Promise.all(workers.map(({ ended }) => ended));
  }
}

const never = new AbortController().signal;

export async function openWork(work: string, shared: unknown): Promise<Perform<unknown, unknown>> {
  const file = (await import(/* @vite-ignore */ new URL(`./work/${work}.ts`, import.meta.url).href)) as {
    default: Work<unknown, unknown, unknown>;
  };
  return file.default(shared);
}

function startWorker(start: Start): { worker: Worker; ended: Promise<void> } {
  // Nothing of the process' own flags: a test runner's or a debugger's are not for workers.
  const worker = new Worker(new URL('./worker.mjs', import.meta.url), { workerData: start, execArgv: [] });
  worker.setMaxListeners(0);
  worker.on('error', () => {}); // told to whoever waits for a task
  return { worker, ended: new Promise((resolve) => worker.once('exit', () => resolve())) };
}

/** One task's result. Rejects when it fails, or the worker ends without an answer. */
function ask(worker: Worker, request: NonNullable<Request>, report: (done: number) => void): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const clear = () => {
      worker.off('message', answer);
      worker.off('error', fail);
      worker.off('exit', ended);
    };
    const settle = (act: () => void) => {
      clear();
      act();
    };
    const answer = ({ done, error, result }: Reply) => {
      if (done !== undefined) report(done);
      else settle(() => (error ? reject(revive(error)) : resolve(result)));
    };
    const fail = (error: Error) => settle(() => reject(error));
    const ended = () => settle(() => reject(new Error('a worker thread ended before its work was done')));
    worker.on('message', answer);
    worker.on('error', fail);
    worker.on('exit', ended);
    worker.postMessage(request);
  });
}

function revive({ name, message, stack, code, complaint }: NonNullable<Reply['error']>): Error {
  if (complaint) return new InputError(complaint);
  return Object.assign(new Error(message), { name, ...(stack ? { stack } : {}), ...(code ? { code } : {}) });
}
