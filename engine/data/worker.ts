// What runs in a worker thread: opens the work it was started for, then does one task after another.
import { parentPort, workerData } from 'node:worker_threads';
import { InputError } from '../nodes/kind.ts';
import { openWork, type Reply, type Request, type Start } from './pool.ts';

const { work, shared } = workerData as Start;
const say = (reply: Reply) => parentPort?.postMessage(reply);
const opened = openWork(work, shared);
// Told with the first task that fails because of it.
opened.catch(() => {});

parentPort?.on('message', async ({ index, task }: Request) => {
  try {
    const perform = await opened;
    say({ index, result: await perform(task, (done) => say({ index, done })) });
  } catch (error) {
    const { name, message, stack } = error as Error;
    const complaint = error instanceof InputError ? error.complaint : null;
    const { code } = error as NodeJS.ErrnoException;
    say({ index, error: { name, message, stack, code, complaint } });
  }
});
