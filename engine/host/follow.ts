// Tells of the runs of the folders that pages look at: that one began, ended or died, and what a followed one writes. All of it is
// read from the runs' folders, so it does not matter who started them. Looking ten times a second is also how events are batched.
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { TEMPORARY } from '../data/atomic.ts';
import type { RunEvent, Status } from '../run/events.ts';
import { folders, names } from '../run/folders.ts';
import { readRun } from '../run/record.ts';
import { parseEvent, readLines } from './events.ts';
import type { Client } from './handlers.ts';

const eventsEvery = 100;
const runsEvery = 400;
/** Bytes read at a time, so that catching up with a long run is told in pieces. */
const most = 5000;

/** Watches the runs of folders for clients. */
export function watchRuns(log: (error: unknown) => void) {
  const watched = new Map<string, { clients: Set<Client>; known: Map<string, Status>; timer: NodeJS.Timeout }>();

  const look = (folder: string) => {
    const entry = watched.get(folder);
    if (!entry) return;
    const where = folders(folder);
    const found = new Map<string, Status>();
    try {
      for (const id of names(where.runs)) {
        if (id.startsWith(TEMPORARY)) continue;
        const known = entry.known.get(id);
        // What has ended stays as it is.
        const status = known && known !== 'running' ? known : readRun(where, id)?.status;
        if (status) found.set(id, status);
      }
    } catch (error) {
      return log(error);
    }
    const same = found.size === entry.known.size && [...found].every(([id, status]) => entry.known.get(id) === status);
    entry.known = found;
    if (!same) for (const client of entry.clients) client.notify('runs.changed', { folder });
  };

  return {
    /** Looks at once: something is known to have happened. */
    look,
    add(folder: string, client: Client): void {
      let entry = watched.get(folder);
      if (!entry) {
        const timer = setInterval(() => look(folder), runsEvery);
        timer.unref();
        entry = { clients: new Set(), known: new Map(), timer };
        watched.set(folder, entry);
        look(folder); // nobody is told yet
      }
      if (entry.clients.has(client)) return;
      entry.clients.add(client);
      client.gone.addEventListener('abort', () => {
        entry.clients.delete(client);
        if (entry.clients.size > 0 || watched.get(folder) !== entry) return;
        clearInterval(entry.timer);
        watched.delete(folder);
      });
    },
    close(): void {
      for (const { timer } of watched.values()) clearInterval(timer);
      watched.clear();
    },
  };
}

/** Hands on what a run writes from byte `from` on until it has ended; returns what ends that. */
export function followRun(
  folder: string,
  run: string,
  from: number,
  tell: (events: RunEvent[], next: number) => void,
  failed: (error: unknown) => void,
): () => void {
  const where = folders(folder);
  const path = join(where.runs, run, 'events.jsonl');
  let next = from;
  let over = false;
  const look = async () => {
    // Asked before reading: what the run wrote until it ended is then all there.
    const running = (readRun(where, run)?.status ?? 'died') === 'running';
    if (sizeOf(path) > next) {
      let events: RunEvent[] = [];
      let seen = next;
      next = await readLines(path, next, (line) => {
        const event = parseEvent(line);
        seen += Buffer.byteLength(line) + 1;
        if (event) events.push(event);
        if (events.length < most || over) return;
        tell(events, seen);
        events = [];
      });
      if (events.length > 0 && !over) tell(events, next);
    }
    if (!running) over = true;
  };
  const go = async () => {
    while (!over) {
      await look();
      if (!over) await new Promise((done) => setTimeout(done, eventsEvery).unref());
    }
  };
  go().catch(failed);
  return () => {
    over = true;
  };
}

function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}
