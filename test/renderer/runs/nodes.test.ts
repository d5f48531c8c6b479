// How nodes stand on the canvas: from the plan of the text and a real run.
import { beforeAll, describe, expect, test } from 'vitest';
import { nodeStates, overallOf } from '../../../renderer/runs/nodes.ts';
import { advance, watch } from '../../../renderer/runs/watched.ts';
import { atStart, details, graphFolder, planOf, type RealRun, realRun } from './real.ts';

let done: RealRun;
let failed: RealRun;
beforeAll(async () => {
  [done, failed] = await Promise.all([realRun(graphFolder()), realRun(graphFolder('fault: "error", at: 9'))]);
});

const why = (reasons: readonly string[]) => reasons.join('; ') || null;

/** The run after its step 8. Progress is told ten times a second at most: of so quick a run, it is told here. */
function halfway() {
  const middle = done.events.findIndex((event) => event.event === 'step' && event.step === 8);
  const run = advance(atStart(done), done.events.slice(0, middle + 1));
  const told = { done: 8, total: 20, unit: 'steps', note: 'loss 3.21' };
  return advance(run, [{ event: 'progress', node: 'trained', ...told, at: run.at }]);
}

const states = (all: ReturnType<typeof nodeStates>) =>
  Object.fromEntries(Object.entries(all).map(([node, { state }]) => [node, state]));

describe('without a run', () => {
  test('the plan says what is cached, what is stale and why, what is a definition', () => {
    const all = nodeStates(planOf(done, ['count'], ['parameter steps changed 10 -> 20']), null, 0, {}, why);
    expect(states(all)).toEqual({
      count: 'cached',
      trained: 'stale',
      saved: 'stale',
      'trained.optimizer': 'definition',
    });
    expect(all.trained).toMatchObject({ why: 'parameter steps changed 10 -> 20', key: done.record.steps[1]?.key });
  });

  test('nothing is claimed while the text has errors', () => {
    expect(nodeStates(null, null, 0, {}, why)).toEqual({});
  });
});

describe('while a run goes on', () => {
  test('done, running with progress, waiting', () => {
    const run = halfway();
    const all = nodeStates(planOf(done), run, run.at, {}, why);
    expect(states(all)).toMatchObject({ count: 'done', trained: 'running', saved: 'waiting' });
    expect(all.trained).toMatchObject({ progress: 0.4, note: expect.stringMatching(/^loss /) as string });
  });

  test('it is shown even where the text has an error now', () => {
    const run = halfway();
    expect(states(nodeStates(null, run, run.at, {}, why))).toMatchObject({ trained: 'running', saved: 'waiting' });
  });

  test('a step that the text has changed since runs on, and says so; what waits is as the plan has it', () => {
    const run = halfway();
    const plan = planOf(done, [], ['parameter steps changed 20 -> 30']);
    for (const step of plan.steps.slice(1)) step.key = `other ${step.key}`;
    const all = nodeStates(plan, run, run.at, {}, why);
    expect(states(all)).toMatchObject({ count: 'done', trained: 'running', saved: 'stale' });
    expect(all.trained?.why).toBe('an earlier text runs');
    expect(all.trained?.key).toBe(plan.steps[1]?.key);
  });

  test('what is not part of the run is skipped', () => {
    const run = halfway();
    const plan = planOf(done);
    plan.steps.push({ ...(plan.steps[0] as (typeof plan.steps)[number]), node: 'other', key: 'k' });
    expect(states(nodeStates(plan, run, run.at, {}, why))).toMatchObject({ other: 'skipped' });
  });

  test('states that did not change are the same objects, so that nothing is drawn again', () => {
    const run = halfway();
    const before = nodeStates(planOf(done), run, run.at, {}, why);
    expect(nodeStates(planOf(done), run, run.at, before, why)).toBe(before);
    const next = advance(run, [{ event: 'progress', node: 'trained', done: 9, total: 20, unit: 'steps', at: run.at }]);
    const after = nodeStates(planOf(done), next, next.at, before, why);
    expect(after.trained).not.toBe(before.trained);
    expect(after.count).toBe(before.count);
    expect(after.saved).toBe(before.saved);
  });
});

describe('after a run', () => {
  test('what it did is done; what writes outside the cache too', () => {
    const run = advance(atStart(done), done.events);
    const plan = planOf(done, ['count', 'trained'], ['writes outside the cache']);
    expect(states(nodeStates(plan, run, run.at, {}, why))).toMatchObject({
      count: 'done',
      trained: 'done',
      saved: 'done',
    });
  });

  test('a result that is gone since is stale again', () => {
    const run = advance(atStart(done), done.events);
    expect(states(nodeStates(planOf(done, ['count']), run, run.at, {}, why))).toMatchObject({ trained: 'stale' });
  });

  test('the step that failed bears the message, as long as the text asks for the same', () => {
    const run = advance(atStart(failed), failed.events);
    const all = nodeStates(planOf(failed, ['count']), run, run.at, {}, why);
    expect(all.trained).toMatchObject({ state: 'failed', why: failed.record.message });
    expect(all.saved).toMatchObject({ state: 'stale' });
    const plan = planOf(failed, ['count']);
    for (const step of plan.steps) step.key = `other ${step.key}`;
    expect(states(nodeStates(plan, run, run.at, {}, why))).toMatchObject({ trained: 'stale' });
  });

  test('one that another run has made since is cached', () => {
    const run = advance(atStart(failed), failed.events);
    expect(states(nodeStates(planOf(failed, ['count', 'trained']), run, run.at, {}, why))).toMatchObject({
      trained: 'cached',
    });
  });

  test('where a run died the step under way has failed, and is not running for ever', () => {
    const steps = halfway().record.steps.map((step) => ({
      ...step,
      status: step.status === 'running' ? ('interrupted' as const) : step.status,
    }));
    const run = watch(details({ ...done.record, status: 'died', steps }, done.events.slice(0, 12)));
    expect(nodeStates(planOf(done, ['count']), run, run.at, {}, why).trained).toMatchObject({
      state: 'failed',
      why: 'run died',
    });
  });
});

test('the whole run knows its time left from what its steps took before', () => {
  const run = halfway();
  const expected = new Map(done.record.steps.map(({ key }, i) => [key, [1, 10, 4][i] as number]));
  const { fraction, left, done: finished, total } = overallOf(run, expected, run.at);
  expect([finished, total]).toEqual([1, 3]);
  // Too quick for a pace of its own: what it took before, so far as it is not done.
  expect(left).toBeCloseTo(10 * 0.6 + 4);
  const took = done.record.steps[0]?.seconds ?? 0;
  expect(fraction).toBeCloseTo((Math.max(took, 0.01) + 4) / (Math.max(took, 0.01) + 14));
});
