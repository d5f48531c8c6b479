// The host for the desktop app: JSON-RPC on stdin and stdout, one message a line, for one window. Ends when stdin does, which is
// also what happens when the app dies.
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { openLine } from './rpc.ts';
import type { Service } from './service.ts';

/** What a window asked for last, such as keeping a draft, is done before the end; what takes longer is not waited for. */
const patience = 2000;

/** Serves until `input` ends. */
export async function serveLines(service: Service, input: Readable, output: Writable): Promise<void> {
  const line = openLine(service, (message) => output.write(`${message}\n`));
  try {
    for await (const message of createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY })) {
      if (message !== '') line.receive(message);
    }
    await Promise.race([line.settled(), sleep(patience)]);
  } finally {
    line.close();
  }
}
