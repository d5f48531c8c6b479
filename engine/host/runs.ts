// Runs: started and stopped from here, but owned by nobody; everything about them is read from their folders.
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { RunEvent } from '../run/events.ts';
import { folders } from '../run/folders.ts';
import { alive } from '../run/process.ts';
import { type RunRecord, readRun, readRuns } from '../run/record.ts';
import type { Method, RunDetails } from './contract.ts';
import { parseEvent, readLines } from './events.ts';
import { HostError } from './fault.ts';
import { followRun, watchRuns } from './follow.ts';
import type { Client, Handlers, Host } from './handlers.ts';
import { plannedNodes } from './planned.ts';
import { readSeries } from './series.ts';
import { outputOf, startRun } from './start.ts';
import { graphPath } from './text.ts';

/** Milliseconds a run gets to leave by itself when it is stopped hard. */
const patience = 2000;
const mostEvents = 1000;

export function runHandlers(host: Host): Pick<Handlers, Extract<Method, `run.${string}`>> {
  const outputs = join(host.state.folder, 'output');
  const watch = watchRuns((error) => host.log(error));
  const followed = new Map<Client, Map<string, () => void>>();
  host.ending.addEventListener('abort', () => {
    watch.close();
    for (const runs of followed.values()) for (const stop of runs.values()) stop();
  });
  const place = (path: string, client: Client) => {
    const folder = dirname(graphPath(path));
    watch.add(folder, client);
    return { folder, where: folders(folder) };
  };
  const followings = (client: Client) => {
    const known = followed.get(client);
    if (known) return known;
    const fresh = new Map<string, () => void>();
    followed.set(client, fresh);
    client.gone.addEventListener('abort', () => {
      for (const stop of fresh.values()) stop();
      followed.delete(client);
    });
    return fresh;
  };

  return {
    async 'run.start'(params, client) {
      const path = graphPath(params.path);
      const { folder } = place(path, client);
      host.trust.demand(folder);
      const started = await startRun({ ...params, path }, outputs, () => watch.look(folder));
      watch.look(folder);
      return started;
    },
    async 'run.stop'({ path, run, hard }, client) {
      const { folder } = place(path, client);
      // run.json names the process: one that came with a folder from elsewhere must not choose what is ended.
      host.trust.demand(folder);
      await stop(recordOf(folder, run), hard);
      watch.look(folder);
      return null;
    },
    'run.list'({ path }, client) {
      return readRuns(place(path, client).where).reverse();
    },
    async 'run.read'({ path, run }, client) {
      const { folder, where } = place(path, client);
      const record = recordOf(folder, run);
      const home = join(where.runs, run);
      const read = (name: string) => readFile(join(home, name), 'utf8').catch(missing);
      const error = (await read('error.log')) ?? (record.status === 'died' ? outputOf(outputs, run) : null);
      const nodes = plannedNodes(await read('plan.json'));
      return {
        record,
        text: (await read('graph.dsk')) ?? '',
        nodes,
        error,
        ...(await story(join(home, 'events.jsonl'))),
      };
    },
    'run.follow'({ path, run, from }, client) {
      const { folder } = place(path, client);
      recordOf(folder, run);
      const mine = followings(client);
      const name = join(folder, run);
      mine.get(name)?.();
      const end = followRun(
        folder,
        run,
        from,
        (events, next) => client.notify('run.events', { path, run, events, next }),
        (error) => host.log(error),
      );
      mine.set(name, end);
      return null;
    },
    'run.unfollow'({ path, run }, client) {
      const name = join(dirname(graphPath(path)), run);
      followings(client).get(name)?.();
      followings(client).delete(name);
      return null;
    },
    'run.series'({ path, run, node }, client) {
      return readSeries(join(place(path, client).where.runs, run, 'events.jsonl'), node);
    },
  };
}

function recordOf(folder: string, run: string): RunRecord {
  const record = readRun(folders(folder), run);
  if (!record) throw new HostError('not-found', `there is no run ${run} in ${folder}`);
  return record;
}

function missing(error: NodeJS.ErrnoException): null {
  if (error.code === 'ENOENT') return null;
  throw error;
}

/** What has happened so far, without the numbers of each step. */
async function story(path: string): Promise<Pick<RunDetails, 'next' | 'progress' | 'events'>> {
  const progress: RunDetails['progress'] = {};
  let events: RunEvent[] = [];
  const next = await readLines(path, 0, (line) => {
    const event = parseEvent(line);
    if (!event || event.event === 'step' || event.event === 'experts') return;
    if (event.event === 'progress') progress[event.node] = event;
    else events.push(event);
    if (events.length > 2 * mostEvents) events = events.slice(-mostEvents);
  });
  return { next, progress, events: events.slice(-mostEvents) };
}

/** Asks the run to save and leave; `hard`: to leave now, and where it does not hear (in a long native call), ends it. */
async function stop({ run, status, process: name }: RunRecord, hard: boolean): Promise<void> {
  if (status !== 'running') throw new HostError('not-found', `the run ${run} has ended already`);
  if (alive(name) !== true) {
    throw new HostError('unavailable', `the run ${run} is on ${name.host}: stop it there, with \`kill ${name.pid}\``);
  }
  process.kill(name.pid, 'SIGINT');
  if (!hard) return;
  // A first signal asks for a checkpoint; a second one means now.
  for (let waited = 0; waited < patience && alive(name); waited += 50) {
    if (waited === 200) process.kill(name.pid, 'SIGINT');
    await new Promise((done) => setTimeout(done, 50));
  }
  if (alive(name)) process.kill(name.pid, 'SIGKILL');
}
