// Follows the run that is going on: events of a tenth of a second are taken in at once, so that a quick training does not draw the
// page a thousand times a second. Whoever keeps curves of the run gets the same batches.
import type { RunEvent } from '../../engine/run/events.ts';
import { ask, HostError, on } from '../host.ts';
import { useRuns } from './state.ts';
import { advance, watch } from './watched.ts';

type Listener = (run: string, events: readonly RunEvent[]) => void;
const listeners = new Set<Listener>();

/** Calls `listener` with each batch of events of a followed run. */
export function onRunEvents(listener: Listener): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

const ends = new Set<(run: string) => void>();

/** Calls `listener` when a followed run has ended and all it wrote can be read. */
export function onRunEnd(listener: (run: string) => void): () => void {
  ends.add(listener);
  return () => ends.delete(listener);
}

let following: { path: string; run: string } | null = null;
let waiting: RunEvent[] = [];
let timer: ReturnType<typeof setTimeout> | null = null;
/** How far the followed run has been heard. */
let heard = 0;

export function isFollowing(run: string): boolean {
  return following?.run === run;
}

/** Shows a run; follows it where it is going on. @throws HostError */
export async function show(path: string, run: string): Promise<void> {
  const before = following?.run === run;
  await leave();
  const details = await ask('run.read', { path, run });
  const watched = watch(details);
  useRuns.setState({ watched, run: watched.record, progress: watched.progress, seen: Date.now() });
  if (details.record.status !== 'running') {
    // Its last words may come after the news of its end: whoever keeps them reads again.
    if (before) for (const listener of ends) listener(run);
    return;
  }
  following = { path, run };
  heard = details.next;
  await ask('run.follow', { path, run, from: details.next });
}

/** Goes on following after the line to the host was lost. */
export async function followAgain(): Promise<void> {
  if (following) await ask('run.follow', { ...following, from: heard });
}

/** Ends following, as when another file is opened. The run itself is left alone. */
export async function leave(): Promise<void> {
  const left = following;
  following = null;
  flush();
  if (left) {
    await ask('run.unfollow', left).catch((error: unknown) => {
      if (!(error instanceof HostError)) throw error; // a host that is gone follows nothing
    });
  }
}

function take(events: readonly RunEvent[]): void {
  for (const event of events) waiting.push(event);
  timer ??= setTimeout(flush, 100);
}

function flush(): void {
  if (timer) clearTimeout(timer);
  timer = null;
  const events = waiting;
  waiting = [];
  const { watched } = useRuns.getState();
  if (events.length === 0 || !watched) return;
  const after = advance(watched, events);
  useRuns.setState({ watched: after, run: after.record, progress: after.progress, seen: Date.now() });
  for (const listener of listeners) listener(after.record.run, events);
}

/** Begins to listen; call once. */
export function startFollowing(): void {
  on('run.events', ({ path, run, events, next }) => {
    if (following?.run !== run || following.path !== path) return;
    heard = next;
    take(events);
  });
}
