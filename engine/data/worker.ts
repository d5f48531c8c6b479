// What runs in a worker thread: opens the work it was started for, then does one task after another.
import { parentPort, workerData } from 'node:worker_threads';
import { InputError } from '../nodes/kind.ts';
import { openWork, type Reply, type Request, type Start } from './pool.ts';

const { work, shared } = workerData as Start;
const say = (reply: Reply) => parentPort?.postMessage(reply);
const opened = openWork(work, shared);
// Told with the first task that fails because of it.
opened.catch(() => {});

const stop = new AbortController();

parentPort?.on('message', (request: Request) => {
  if (request) return void perform(request.index, request.task);
  stop.abort(new Error('the work was ended'));
  parentPort?.close(); // with nothing left to wait for, the thread ends
});

async function perform(index: number, task: unknown): Promise<void> {
  try {
    const work = await opened;
    say({ index, result: await work(task, { report: (done) => say({ index, done }), signal: stop.signal }) });
  } catch (error) {
    const { name, message, stack } = error as Error;
    const complaint = error instanceof InputError ? error.complaint : null;
    const { code } = error as NodeJS.ErrnoException;
    say({ index, error: { name, message, stack, code, complaint } });
  }
}
