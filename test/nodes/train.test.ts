// The course of the learning rate.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readKinds } from '../../engine/graph/kinds.ts';
import type { DefiningKind } from '../../engine/nodes/kind.ts';
import { showsLoads } from '../../engine/nodes/loop.ts';
import type { Schedule } from '../../engine/nodes/module.ts';

const kinds = await readKinds({ folders: [] });

function schedule(warmup: number, floor: number): Schedule {
  const made = (kinds.get('warmup_cosine') as DefiningKind).schedule?.({ warmup, floor });
  if (made === undefined) throw new Error('no schedule');
  return made;
}

test.each([1, 2, 200, 256, 257, 1000, 100_000])('what the experts got is reported evenly over %i steps', (steps) => {
  const shown = Array.from({ length: steps }, (_, i) => i + 1).filter((step) => showsLoads(step, steps));
  expect([shown[0], shown.at(-1)]).toEqual([1, steps]);
  expect(shown.length).toBeLessThanOrEqual(258);
  expect(shown.length).toBeGreaterThanOrEqual(Math.min(steps, 128));
});

describe('warmup_cosine', () => {
  test('has these values', () => {
    const course = schedule(0.1, 0.1);
    const at = (step: number): number => course(step, 100);
    expect([1, 5, 9].map(at)).toEqual([0.1, 0.5, 0.9]);
    expect(at(10)).toBe(1); // the top, after the rise
    expect(at(55)).toBeCloseTo(0.55, 12); // half-way down
    expect(at(25)).toBeCloseTo(0.1 + 0.45 * (1 + Math.cos(Math.PI / 6)), 12);
    expect(at(100)).toBeCloseTo(0.1, 12);
    expect(schedule(20, 0)(5, 100)).toBe(0.25); // a number of steps
    expect(schedule(20, 0)(60, 100)).toBeCloseTo(0.5, 12);
    expect(schedule(0, 0.5)(1, 1)).toBe(0.5);
    expect(schedule(0.05, 0.1)(1, 1)).toBeGreaterThan(0);
  });

  test('rises, then falls to the floor, and stays between 0 and 1', () => {
    const warmups = fc.oneof(fc.double({ min: 0, max: 0.99, noNaN: true }), fc.integer({ min: 1, max: 50 }));
    const floors = fc.double({ min: 0, max: 1, noNaN: true });
    fc.assert(
      fc.property(warmups, floors, fc.integer({ min: 60, max: 400 }), (warmup, floor, steps) => {
        const course = schedule(warmup, floor);
        const rise = warmup < 1 ? Math.round(warmup * steps) : warmup;
        const factors = Array.from({ length: steps }, (_, i) => course(i + 1, steps));
        factors.forEach((factor, i) => {
          expect(factor).toBeGreaterThanOrEqual(0);
          expect(factor).toBeLessThanOrEqual(1);
          if (i === 0) return;
          if (i + 1 < rise) expect(factor).toBeGreaterThan(factors[i - 1]);
          if (i + 1 > rise) expect(factor).toBeLessThanOrEqual(factors[i - 1] + 1e-12);
        });
        expect(factors[steps - 1]).toBeCloseTo(floor, 9);
      }),
    );
  });
});
