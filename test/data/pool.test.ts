// Work in threads: results in order, progress, errors that keep their kind, leaving when asked.
import { expect, test } from 'vitest';
import { inWorkers, type PoolOptions } from '../../engine/data/pool.ts';
import { InputError } from '../../engine/nodes/kind.ts';
import type { Trial } from '../fixtures/work/trial.ts';

const run = (tasks: Trial[], options: PoolOptions<number> = {}) =>
  inWorkers<{ plus: number }, Trial, number>('../../../test/fixtures/work/trial', { plus: 1 }, tasks, options);

test.each([1, 2, 5])('results come in the order of the tasks, with %i threads', async (threads) => {
  const told: number[] = [];
  const finished: number[] = [];
  const results = await run([1, 2, 3, 4, 5, 6, 7], {
    threads,
    progress: (done) => void told.push(done),
    finished: (_, index) => void finished.push(index),
  });
  expect(results).toEqual([2, 5, 10, 17, 26, 37, 50]);
  expect(told.at(-1)).toBe(7);
  expect(finished.toSorted()).toEqual([0, 1, 2, 3, 4, 5, 6]);
});

test('no tasks, no results', async () => {
  expect(await run([])).toEqual([]);
});

test.each([1, 2])('what the user can mend arrives as such, with %i threads', async (threads) => {
  const failed = await run([1, 'mistake', 3], { threads }).catch((error: unknown) => error);
  expect(failed).toBeInstanceOf(InputError);
  expect((failed as InputError).complaint).toEqual({ code: 'trial', message: 'row 3 is no number', at: 'column' });
});

test.each([1, 2])('a fault keeps its name and message, with %i threads', async (threads) => {
  await expect(run([1, 'fault'], { threads })).rejects.toMatchObject({
    name: 'RangeError',
    message: 'a fault of ours',
  });
});

test('a worker that dies ends the work with an error', async () => {
  await expect(run([1, 'crash', 2], { threads: 2 })).rejects.toThrow('a worker thread ended');
});

test('an interrupted run leaves with its reason', async () => {
  const controller = new AbortController();
  const reason = new Error('interrupted');
  setTimeout(() => controller.abort(reason), 200);
  await expect(run(['forever', 'forever', 1], { threads: 2, signal: controller.signal })).rejects.toBe(reason);
});

test('nothing starts after an interruption', async () => {
  const reason = new Error('interrupted');
  await expect(run([1], { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
});
