// A run taken further by its events: whoever follows it ends where the run's own record does.
import { beforeAll, describe, expect, test } from 'vitest';
import { advance, durationOf, lossOf, resumable, watch } from '../../../renderer/runs/watched.ts';
import { atStart, details, graphFolder, type RealRun, realRun, stoppedRun } from './real.ts';

let done: RealRun;
let failed: RealRun;
let wrong: RealRun;
let stopped: RealRun;
beforeAll(async () => {
  const slow = graphFolder('pause: 20, every: 3');
  [done, failed, wrong, stopped] = await Promise.all([
    realRun(graphFolder()),
    realRun(graphFolder('fault: "nan", at: 9')),
    realRun(graphFolder('fault: "input", at: 2')),
    stoppedRun(slow),
  ]);
});

describe('following', () => {
  test('every event one by one gives the record that the run wrote', () => {
    for (const run of [done, failed, wrong, stopped]) {
      const seen = run.events.reduce((watched, event) => advance(watched, [event]), atStart(run));
      const { status, exit, steps, results } = run.record;
      expect(seen.record).toMatchObject({ status, exit, results });
      expect(
        seen.record.steps.map(({ node, status, seconds, step, loss }) => ({ node, status, seconds, step, loss })),
      ).toEqual(steps.map(({ node, status, seconds, step, loss }) => ({ node, status, seconds, step, loss })));
    }
  });

  test('batches of any size end in the same', () => {
    const one = done.events.reduce((watched, event) => advance(watched, [event]), atStart(done));
    expect(advance(atStart(done), done.events)).toEqual(one);
  });

  test('what was there before is not touched', () => {
    const before = atStart(done);
    const kept = structuredClone(before);
    advance(before, done.events);
    expect(before).toEqual(kept);
  });

  test('the page that comes later knows as much as the one that was there', () => {
    const seen = advance(atStart(done), done.events);
    const later = watch(details(done.record, done.events));
    expect(later.record).toEqual(done.record);
    expect(later.progress).toEqual(seen.progress);
    expect(later.events).toEqual(seen.events);
  });

  test('while it runs, the step at work has its progress and the newest loss', () => {
    const middle = done.events.findIndex((event) => event.event === 'step' && event.step === 8);
    const seen = advance(atStart(done), done.events.slice(0, middle + 1));
    expect(seen.record.status).toBe('running');
    expect(seen.record.steps.map(({ status }) => status)).toEqual(['done', 'running', 'waiting']);
    expect(seen.record.steps[1]).toMatchObject({ step: 8, loss: expect.any(Number) as number });
    expect(seen.progress.trained).toMatchObject({ total: 20, unit: 'steps' });
    expect(seen.progress.trained?.done).toBeLessThanOrEqual(8);
  });
});

describe('failing', () => {
  test('message, place and step are kept', () => {
    const { failure } = advance(atStart(failed), failed.events);
    expect(failure).toMatchObject({ node: 'trained', step: 8, message: failed.record.message });
    expect(failure?.message).not.toBe('');
  });

  test('what to try comes with what the user gave wrong', () => {
    const { failure } = advance(atStart(wrong), wrong.events);
    expect(failure).toMatchObject({ node: 'trained', message: expect.stringContaining('too far to walk') as string });
    expect(failure?.notes).toContain('take fewer steps');
  });

  test('a run that died says nothing, but its record tells where', () => {
    const steps = done.record.steps.map((step, i) => ({
      ...step,
      status: i === 1 ? ('interrupted' as const) : step.status,
    }));
    const record = { ...done.record, status: 'died' as const, exit: null, steps };
    expect(watch(details(record, done.events.slice(0, 12))).failure).toMatchObject({ node: 'trained', message: '' });
  });
});

describe('going on', () => {
  test('a stopped run goes on from the step it saved', () => {
    const seen = advance(atStart(stopped), stopped.events);
    const saved = stopped.events.findLast(({ event }) => event === 'checkpoint');
    expect(saved?.event).toBe('checkpoint');
    expect(resumable(seen, [])).toEqual({
      node: 'trained',
      step: saved?.event === 'checkpoint' ? saved.step : -1,
      key: stopped.record.steps[1]?.key,
    });
  });

  test('a failed run goes on from its last checkpoint', () => {
    expect(resumable(advance(atStart(failed), failed.events), [])).toMatchObject({ node: 'trained', step: 5 });
  });

  test('a run without a checkpoint cannot, nor one that is done', () => {
    expect(resumable(advance(atStart(wrong), wrong.events), [])).toBeNull();
    expect(resumable(advance(atStart(done), done.events), [])).toBeNull();
  });

  test('one that died at once goes on from what was stopped before it', () => {
    const steps = stopped.record.steps.map(({ node, kind, key, status }) => ({ node, kind, key, status }));
    const died = watch(details({ ...stopped.record, run: 'later', status: 'died', steps }, []));
    expect(resumable(died, [died.record, stopped.record])).toMatchObject({ step: stopped.record.steps[1]?.step });
    const since = { ...done.record, steps: stopped.record.steps.map((step) => ({ ...step, status: 'done' as const })) };
    expect(resumable(died, [died.record, since, stopped.record])).toBeNull();
  });
});

test('duration and loss are those of the record', () => {
  expect(durationOf(done.record, 0)).toBeCloseTo(
    (Date.parse(done.record.ended ?? '') - Date.parse(done.record.started)) / 1000,
  );
  expect(durationOf({ ...done.record, ended: null }, Date.parse(done.record.started) + 5000)).toBe(5);
  expect(lossOf(done.record)).toBe(done.record.steps[1]?.loss);
});
