// Real runs of the command line, as the host would hand them to a page.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { PlanResult, RunDetails } from '../../../engine/host/contract.ts';
import type { RunEvent } from '../../../engine/run/events.ts';
import type { RunRecord } from '../../../engine/run/record.ts';
import { type Watched, watch } from '../../../renderer/runs/watched.ts';
import { dsk, folder, records, start, walking, words } from '../../run/dsk.ts';

export interface RealRun {
  /** run.json as it was written at the end. */
  record: RunRecord;
  events: RunEvent[];
}

export function graphFolder(params = ''): string {
  return folder({ 'g.dsk': walking(params), 'words.txt': words });
}

/** Runs a graph to its end, however that is. */
export async function realRun(here: string, ...args: string[]): Promise<RealRun> {
  await dsk(here, 'run', 'g.dsk', '--quiet', ...args);
  return newest(here);
}

/** Runs a graph that somebody stops at a step. */
export async function stoppedRun(here: string): Promise<RealRun> {
  const running = start(here, ['run', 'g.dsk', '--json']);
  await running.says('"step":7');
  running.child.kill('SIGINT');
  await running.done;
  return newest(here);
}

export function newest(here: string): RealRun {
  const record = records(here).at(-1) as RunRecord;
  const lines = readFileSync(join(here, '.dsk/runs', record.run, 'events.jsonl'), 'utf8')
    .trim()
    .split('\n');
  return { record, events: lines.map((line) => JSON.parse(line) as RunEvent) };
}

/** The run as a page sees it that was there from the beginning. */
export function atStart({ record, events }: RealRun): Watched {
  const [started] = events;
  if (started?.event !== 'started') throw new Error('a run begins with what it will do');
  const steps = started.steps.map(({ node, kind, key, status }) => {
    return { node, kind, key, status: status === 'cached' ? ('cached' as const) : ('waiting' as const) };
  });
  const fresh: RunRecord = { ...record, status: 'running', ended: null, exit: null, steps, results: {} };
  delete fresh.message;
  return watch(details(fresh, []));
}

/** What the host answers to run.read after these events. */
export function details(record: RunRecord, events: readonly RunEvent[]): RunDetails {
  const progress: RunDetails['progress'] = {};
  for (const event of events) if (event.event === 'progress') progress[event.node] = event;
  const told = events.filter(({ event }) => event !== 'progress' && event !== 'step' && event !== 'experts');
  return { record, text: '', nodes: {}, error: null, next: 0, progress, events: told };
}

/** The plan of the run's graph, with some steps' results there already. */
export function planOf(
  { record }: Pick<RealRun, 'record'>,
  cached: readonly string[] = [],
  why = ['never run'],
): PlanResult {
  return {
    steps: record.steps.map(({ node, kind, key }) => ({
      node,
      kind,
      key,
      status: cached.includes(node) ? 'cached' : 'run',
      why: cached.includes(node) ? [] : why,
      needs: [],
      cost: {},
      rows: [],
      seconds: null,
    })),
    definitions: [{ node: 'trained.optimizer', kind: 'adamw', parameters: null }],
    totals: { seconds: null, memory: null, disk: null },
    machine: { memory: 16e9 },
  };
}
