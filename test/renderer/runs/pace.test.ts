// Time left: soon known, near the truth, following changes without jumping.
import { describe, expect, test } from 'vitest';
import { advancePace, beginPace, leftOf, overall, type Pace } from '../../../renderer/runs/pace.ts';

/** Steps of a training that each take so many seconds; what is said after each of them. */
function said(seconds: readonly number[], total = seconds.length): { at: number; left: number | null; pace: Pace }[] {
  let pace = beginPace(0);
  let at = 0;
  return seconds.map((each, i) => {
    at += each;
    pace = advancePace(pace, { done: i + 1, total, unit: 'steps', at });
    return { at, left: leftOf(pace, at), pace };
  });
}

describe('a steady training', () => {
  const all = said(new Array<number>(100).fill(0.5));
  test('says nothing before it can know, and then the truth', () => {
    expect(all[1]?.left).toBeNull();
    expect(all[3]?.left).toBeCloseTo(48, 0);
    expect(all[49]?.left).toBeCloseTo(25, 1);
    expect(all[99]?.left).toBe(0);
  });

  test('goes on counting down between the signs of a slow step', () => {
    const { pace, at } = all[49] as (typeof all)[number];
    expect(leftOf(pace, at + 3)).toBeCloseTo(22, 1);
    expect(leftOf(pace, at + 1000)).toBe(0);
  });
});

test('a training that becomes three times slower is followed without a jump', () => {
  const all = said([...new Array<number>(60).fill(0.2), ...new Array<number>(140).fill(0.6)]);
  const lefts = all.map(({ left }) => left ?? Number.NaN);
  // Just after the change the truth is 84 s, and what was said 28 s.
  const jumps = lefts.slice(60).map((left, i) => Math.abs(left - (lefts[59 + i] as number)));
  expect(Math.max(...jumps)).toBeLessThan(4);
  expect(lefts[120]).toBeGreaterThan(35); // the truth is 47
  expect(Math.abs((lefts[180] as number) - 11.4)).toBeLessThan(1.5);
});

test('one slow step among quick ones changes little', () => {
  const steps = new Array<number>(200).fill(0.25);
  steps[100] = 3;
  const lefts = said(steps).map(({ left }) => left ?? 0);
  expect(Math.abs((lefts[100] as number) - (lefts[99] as number))).toBeLessThan(6);
});

test('a step that counts something else next begins anew', () => {
  let pace = beginPace(0);
  for (let i = 1; i <= 10; i++) pace = advancePace(pace, { done: i, total: 10, unit: 'rows', at: i });
  expect(leftOf(pace, 10)).toBe(0);
  pace = advancePace(pace, { done: 1, total: 50, unit: 'tokens', at: 11 });
  expect(leftOf(pace, 11)).toBeNull();
});

test('a resumed step counts only what it does itself', () => {
  let pace = beginPace(10, 500);
  for (let i = 1; i <= 10; i++) pace = advancePace(pace, { done: 500 + i, total: 600, unit: 'steps', at: 10 + i });
  expect(leftOf(pace, 20)).toBeCloseTo(90, 0);
});

describe('the run as a whole', () => {
  const waiting = { state: 'waiting', fraction: 0, left: null } as const;
  const done = { state: 'done', fraction: 1, left: 0 } as const;
  test('weighs steps by their time where all of them are known', () => {
    const parts = [
      { ...done, seconds: 10 },
      { state: 'running', seconds: 80, fraction: 0.5, left: 40 } as const,
      { ...waiting, seconds: 10 },
    ];
    expect(overall(parts)).toEqual({ fraction: 0.5, left: 50, done: 1, total: 3 });
  });

  test('counts steps where one never ran, and says no time left', () => {
    const parts = [
      { ...done, seconds: 10 },
      { ...waiting, seconds: null },
      { ...waiting, seconds: 5 },
      { ...waiting, seconds: 5 },
    ];
    expect(overall(parts)).toEqual({ fraction: 0.25, left: null, done: 1, total: 4 });
  });

  test('believes the running step rather than what was expected of it', () => {
    const parts = [{ state: 'running', seconds: 10, fraction: 0.5, left: 100 } as const, { ...waiting, seconds: 200 }];
    expect(overall(parts).left).toBe(300);
    expect(overall(parts).fraction).toBeCloseTo(100 / 400);
  });

  test('of nothing is done', () => expect(overall([]).fraction).toBe(1));
});
