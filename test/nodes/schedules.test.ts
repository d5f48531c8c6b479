// Courses of the learning rate: those of transformers, value for value, and DeepSeek-V3's own.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { readKinds } from '../../engine/graph/kinds.ts';
import { withDefaults } from '../../engine/graph/schema.ts';
import type { DefiningKind } from '../../engine/nodes/kind.ts';
import type { Schedule } from '../../engine/nodes/optimizer.ts';

interface Expected {
  steps: number;
  runs: { kind: string; params: Record<string, unknown>; factors: number[] }[];
}

const kinds = await readKinds({ folders: [] });
const path = join(import.meta.dirname, '../fixtures/optimizers/schedules.json');
const { steps, runs } = JSON.parse(readFileSync(path, 'utf8')) as Expected;

function schedule(name: string, params: Record<string, unknown>): Schedule {
  const kind = kinds.get(name) as DefiningKind;
  const made = kind.schedule?.(withDefaults(kind, params));
  if (made === undefined) throw new Error(`no schedule ${name}`);
  return made;
}

describe.each(runs)('$kind($params)', ({ kind, params, factors }) => {
  test('has the factors of transformers, without its first step of 0', () => {
    const course = schedule(kind, params);
    for (let step = 1; step <= steps; step++)
      expect(course(step, steps), `step ${step}`).toBeCloseTo(factors[step], 12);
  });
});

test('a rate falls to a floor, and stays in what is left', () => {
  const course = schedule('warmup_stable_decay', { warmup: 10, decay: 20, shape: 'linear', floor: 0.2 });
  expect([5, 10, 50, 80, 90, 100].map((step) => course(step, 100))).toEqual([
    0.5,
    1,
    1,
    1,
    expect.closeTo(0.6, 12),
    expect.closeTo(0.2, 12),
  ]);
  // Shorter than both together: no step is left out of the fall.
  expect([5, 10, 15, 20].map((step) => course(step, 20))).toEqual([
    0.5,
    1,
    expect.closeTo(0.6, 12),
    expect.closeTo(0.2, 12),
  ]);
});

test("DeepSeek-V3's course in stages", () => {
  // 14.8T tokens: 10T level, 4.3T along a cosine, 333B at a tenth, 167B at 7.3e-6 of 2.2e-4.
  const total = 14.8e6;
  const course = schedule('stages', {
    lengths: [2000, 10e6 - 2000, 4.3e6, 333e3, 167e3],
    ends: [1, 1, 0.1, 0.1, 7.3e-6 / 2.2e-4],
    shapes: ['linear', 'constant', 'cosine', 'constant', 'constant'],
  });
  const rate = (step: number): number => 2.2e-4 * course(step, total);
  expect(rate(1000)).toBeCloseTo(1.1e-4, 12);
  expect([2000, 5e6, 10e6].map(rate)).toEqual([2.2e-4, 2.2e-4, 2.2e-4]);
  expect(rate(10e6 + 2.15e6)).toBeCloseTo((2.2e-4 + 2.2e-5) / 2, 12);
  expect(rate(14.3e6)).toBeCloseTo(2.2e-5, 12);
  expect(rate(14.6e6)).toBeCloseTo(2.2e-5, 12);
  expect(rate(14.7e6)).toBeCloseTo(7.3e-6, 12);
  expect(rate(total)).toBeCloseTo(7.3e-6, 12);
});
