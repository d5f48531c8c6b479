// How each node stands: by the run that is going on where it works on the same thing, otherwise by the plan of the text as it is.
import type { PlanResult, PlanStep } from '../../engine/host/contract.ts';
import type { StepRecord } from '../../engine/run/record.ts';
import type { NodeState } from './state.ts';
import { leftOf, type Overall, overall } from './pace.ts';
import { durationOf, type Watched } from './watched.ts';

type States = { readonly [path: string]: NodeState };

const blank: NodeState = { state: 'unknown', why: null, progress: null, left: null, note: null, key: null };

/**
 * The state of each node, by path. States that did not change are the same objects as in `before`.
 * @param plan of the text as it is, or null where it has errors or is not known yet
 * @param run the one going on, or the last one; null where there is none
 * @param now seconds of that run
 * @param why says in the reader's language why a step runs
 */
export function nodeStates(
  plan: PlanResult | null,
  run: Watched | null,
  now: number,
  before: States,
  why: (reasons: readonly string[]) => string | null,
): States {
  const steps = new Map(run?.record.steps.map((step) => [step.node, step]));
  const running = run?.record.status === 'running';
  const after: { [path: string]: NodeState } = {};
  for (const { node } of plan?.definitions ?? []) after[node] = { ...blank, state: 'definition' };
  for (const planned of plan?.steps ?? []) {
    const step = steps.get(planned.node);
    const same = step?.key === planned.key;
    // What runs now is shown although the text has changed since; all else only as far as it is still the same work.
    const counts = step && run && (same || (running && step.status === 'running'));
    if (counts) after[planned.node] = ofRun(run, step, planned, now, why);
    else after[planned.node] = ofPlan(planned, running && step === undefined, why);
  }
  if (!plan && run && running) for (const [node, step] of steps) after[node] = ofRun(run, step, null, now, why);
  let changed = Object.keys(after).length !== Object.keys(before).length;
  for (const [node, state] of Object.entries(after)) {
    const old = before[node];
    if (old && equal(old, state)) after[node] = old;
    else changed = true;
  }
  return changed ? after : before;
}

function ofPlan(step: PlanStep, leftOut: boolean, why: (reasons: readonly string[]) => string | null): NodeState {
  const { status, key } = step;
  if (status === 'cached') return { ...blank, state: 'cached', key };
  return { ...blank, state: leftOut ? 'skipped' : 'stale', why: why(step.why), key };
}

function ofRun(
  run: Watched,
  step: StepRecord,
  planned: PlanStep | null,
  now: number,
  why: (reasons: readonly string[]) => string | null,
): NodeState {
  const key = planned?.key ?? step.key;
  const going = run.record.status === 'running';
  const progress = run.progress[step.node];
  const note = progress?.note ?? null;
  switch (step.status) {
    case 'cached':
      return { ...blank, state: 'cached', key };
    case 'done':
      // Its result may have been cleaned up since.
      if (!going && planned?.status === 'run' && planned.why.length > 0 && !again(planned))
        return ofPlan(planned, false, why);
      return { ...blank, state: 'done', note, key };
    case 'waiting':
      if (going) return { ...blank, state: 'waiting', key };
      return planned ? ofPlan(planned, false, why) : { ...blank, key };
    case 'running':
      if (going) {
        const pace = run.paces[step.node];
        const fraction = progress && progress.total > 0 ? Math.min(1, progress.done / progress.total) : null;
        const left = pace ? leftOf(pace, now) : null;
        return {
          state: 'running',
          why: planned && planned.key !== step.key ? why(['an earlier text runs']) : null,
          progress: fraction === null ? null : Math.round(1000 * fraction) / 1000,
          left: left === null ? null : Math.round(left),
          note: note ?? (progress ? `${progress.done} / ${progress.total} ${progress.unit}` : null),
          key,
        };
      }
      return stopped(run, step, planned, 'interrupted', key, why);
    case 'failed':
      return stopped(run, step, planned, 'failed', key, why);
    case 'interrupted':
      return stopped(run, step, planned, run.record.status === 'died' ? 'failed' : 'interrupted', key, why);
  }
}

/** What ended without a result, unless another run has made it since. */
function stopped(
  run: Watched,
  step: StepRecord,
  planned: PlanStep | null,
  state: 'failed' | 'interrupted',
  key: string,
  why: (reasons: readonly string[]) => string | null,
): NodeState {
  if (planned?.status === 'cached') return ofPlan(planned, false, why);
  const message = run.failure?.node === step.node || run.failure?.node === null ? run.failure.message : '';
  return { ...blank, state, why: message === '' ? why([`run ${run.record.status}`]) : message, key };
}

/** Whether a step runs every time: what it writes lies outside the cache. */
function again({ why }: PlanStep): boolean {
  return why.length === 1 && why[0] === 'writes outside the cache';
}

function equal(a: NodeState, b: NodeState): boolean {
  return (
    a.state === b.state &&
    a.why === b.why &&
    a.progress === b.progress &&
    a.left === b.left &&
    a.note === b.note &&
    a.key === b.key
  );
}

/**
 * How far a run is as a whole.
 * @param expected seconds by content key, from the plan
 */
export function overallOf(run: Watched, expected: ReadonlyMap<string, number | null>, now: number): Overall {
  const steps = run.record.steps.filter(({ status }) => status !== 'cached');
  return overall(
    steps.map((step) => {
      const progress = run.progress[step.node];
      const pace = run.paces[step.node];
      const seconds = step.seconds ?? expected.get(step.key) ?? null;
      const fraction = progress && progress.total > 0 ? Math.min(1, progress.done / progress.total) : 0;
      if (step.status === 'done') return { state: 'done', seconds: step.seconds ?? seconds, fraction: 1, left: 0 };
      if (step.status === 'waiting') return { state: 'waiting', seconds, fraction: 0, left: null };
      return { state: 'running', seconds, fraction, left: pace ? leftOf(pace, now) : null };
    }),
  );
}

/** Seconds of a run at a moment of this machine's clock, which may go differently from that of the machine it runs on. */
export function secondsOf(run: Watched, seen: number, now: number): number {
  if (run.record.status !== 'running') return run.at;
  return run.at === 0 ? durationOf(run.record, now) : run.at + Math.max(0, (now - seen) / 1000);
}
