// What is known of one run that is looked at: its record, taken further by the events that arrive. Pure; follow.ts feeds it.
import type { RunDetails } from '../../engine/host/contract.ts';
import type { RunEvent, Status } from '../../engine/run/events.ts';
import type { RunRecord, StepRecord } from '../../engine/run/record.ts';
import { advancePace, beginPace, type Pace } from './pace.ts';

export type Progress = Extract<RunEvent, { event: 'progress' }>;

export interface Failure {
  /** Where it stopped; null when no step had begun. */
  node: string | null;
  /** Training step, where one was under way. */
  step: number | null;
  message: string;
  /** What to try. */
  notes: readonly string[];
}

export interface Watched {
  readonly record: RunRecord;
  /** The graph as it was run. */
  readonly text: string;
  /** Content of error.log, or null. */
  readonly error: string | null;
  readonly progress: { readonly [node: string]: Progress };
  readonly paces: { readonly [node: string]: Pace };
  /** All events but steps and progress, oldest first, the last thousand. */
  readonly events: readonly RunEvent[];
  readonly failure: Failure | null;
  /** Seconds of the run at its newest sign of life. */
  readonly at: number;
}

const kept = 1000;

export function watch(details: RunDetails): Watched {
  const start: Watched = {
    record: details.record,
    text: details.text,
    error: details.error,
    progress: {},
    paces: {},
    events: [],
    failure: null,
    at: 0,
  };
  // Its events as far as they were kept, then the last progress of each step, which lies behind them.
  const progress = Object.values(details.progress);
  const seen = advance(start, [...details.events, ...progress]);
  // The record was read when all of these had happened already.
  return { ...seen, record: details.record, failure: seen.failure ?? failureOf(details.record) };
}

/** The run after these events. */
export function advance(before: Watched, events: readonly RunEvent[]): Watched {
  if (events.length === 0) return before;
  const record: RunRecord = { ...before.record, steps: before.record.steps.map((step) => ({ ...step })) };
  const byNode = new Map(record.steps.map((step) => [step.node, step]));
  const progress = { ...before.progress };
  const paces = { ...before.paces };
  const told: RunEvent[] = [];
  let { failure, at } = before;
  const end = (status: Status, exit: number | null, seconds: number) => {
    record.status = status;
    record.exit = exit;
    at = Math.max(at, seconds);
    record.ended = new Date(Date.parse(record.started) + 1000 * seconds).toISOString();
  };
  const stop = (node: string | undefined, status: StepRecord['status']) => {
    const step = node === undefined ? undefined : byNode.get(node);
    if (step) step.status = status;
  };
  for (const event of events) {
    if ('at' in event) at = Math.max(at, event.at);
    if (event.event !== 'progress' && event.event !== 'step' && event.event !== 'experts') told.push(event);
    switch (event.event) {
      case 'cached':
        stop(event.node, 'cached');
        break;
      case 'begin':
        stop(event.node, 'running');
        paces[event.node] = beginPace(event.at);
        break;
      case 'resumed': {
        const step = byNode.get(event.node);
        if (step) Object.assign(step, { step: event.step, resumed: { run: event.run, step: event.step } });
        paces[event.node] = beginPace(event.at, event.step);
        break;
      }
      case 'progress':
        progress[event.node] = event;
        paces[event.node] = advancePace(paces[event.node] ?? beginPace(event.at, event.done), event);
        break;
      case 'step': {
        const step = byNode.get(event.node);
        if (step) step.step = event.step;
        if (step && typeof event.loss === 'number') step.loss = event.loss;
        break;
      }
      case 'end': {
        const step = byNode.get(event.node);
        if (step) Object.assign(step, { status: 'done', seconds: event.seconds, memory: event.memory });
        break;
      }
      case 'finished':
        record.results = event.results;
        end('done', 0, event.seconds);
        break;
      case 'failed':
        stop(event.node, 'failed');
        failure = {
          node: event.node ?? null,
          step: event.step ?? null,
          message: event.message,
          notes: event.notes ?? [],
        };
        record.message = event.message;
        end('failed', event.exit, event.seconds);
        break;
      case 'interrupted':
        stop(event.node, 'interrupted');
        end('interrupted', 130, event.seconds);
        break;
      case 'back': {
        const step = byNode.get(event.node);
        if (step) step.step = event.step;
        break;
      }
      case 'started':
      case 'experts':
      case 'sample':
      case 'checkpoint':
      case 'log':
      case 'diagnostic':
        break;
    }
  }
  const all = told.length === 0 ? before.events : [...before.events, ...told].slice(-kept);
  return { ...before, record, progress, paces, events: all, failure, at };
}

/** A run that died says nothing itself: only its record tells. */
function failureOf(record: RunRecord): Failure | null {
  if (record.status !== 'failed' && record.status !== 'died') return null;
  const step = record.steps.find(({ status }) => isStopped(status));
  return { node: step?.node ?? null, step: step?.step ?? null, message: record.message ?? '', notes: [] };
}

/**
 * The step at which a run stopped and from whose checkpoint it could go on; null where there is none. Checkpoints belong to the work,
 * not to the run: one that a run before it left counts as well.
 */
export function resumable(
  { record, events }: Pick<Watched, 'record' | 'events'>,
  list: readonly RunRecord[],
): { node: string; step: number; key: string } | null {
  if (record.status === 'running' || record.status === 'done') return null;
  const stopped = record.steps.find(({ status }) => isStopped(status));
  if (!stopped) return null;
  let saved: number | null = stopped.resumed?.step ?? null;
  for (const event of events) if (event.event === 'checkpoint' && event.node === stopped.node) saved = event.step;
  saved ??= leftBehind(stopped.key, list);
  return saved === null ? null : { node: stopped.node, step: saved, key: stopped.key };
}

/** Where somebody stopped the same work in an earlier run: that saves a checkpoint. */
function leftBehind(key: string, list: readonly RunRecord[]): number | null {
  for (const { status, steps } of list) {
    const step = steps.find((each) => each.key === key);
    if (step?.status === 'done') return null;
    if (status === 'interrupted' && step?.status === 'interrupted' && step.step !== undefined) return step.step;
  }
  return null;
}

function isStopped(status: StepRecord['status']): boolean {
  return status === 'failed' || status === 'interrupted' || status === 'running';
}

/** Seconds a run took, or has taken until now. */
export function durationOf(record: RunRecord, now: number): number {
  const end = record.ended === null ? now : Date.parse(record.ended);
  return Math.max(0, (end - Date.parse(record.started)) / 1000);
}

/** Loss of the last step that trains, or null. */
export function lossOf(record: RunRecord): number | null {
  for (const { loss } of record.steps.toReversed()) if (loss !== undefined) return loss;
  return null;
}
