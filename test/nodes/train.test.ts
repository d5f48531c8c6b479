// The course of the learning rate, and the optimizer's numbers: AdamW as PyTorch has it, here on plain numbers.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readKinds } from '../../engine/graph/kinds.ts';
import type { DefiningKind } from '../../engine/nodes/kind.ts';
import { showsLoads } from '../../engine/nodes/train/train.ts';
import type { OptimizerRule, Schedule, Updates } from '../../engine/nodes/module.ts';

const kinds = await readKinds({ folders: [] });

function schedule(warmup: number, floor: number): Schedule {
  const made = (kinds.get('warmup_cosine') as DefiningKind).schedule?.({ warmup, floor });
  if (made === undefined) throw new Error('no schedule');
  return made;
}

function adamw(params: { lr: number; betas: [number, number]; eps: number; weight_decay: number }): OptimizerRule {
  const made = (kinds.get('adamw') as DefiningKind).optimizer?.(params);
  if (made === undefined) throw new Error('no optimizer');
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

describe('adamw', () => {
  /** The update primitives of module.ts, on one number. */
  function apply(rule: OptimizerRule, w: number, gradients: number[], factors: number[], matrix: boolean): number {
    const slots = new Map(rule.slots.map((name) => [name, 0]));
    gradients.forEach((g, i) => {
      const scalars = rule.scalars(i + 1, factors[i]);
      const updates: Updates<number> = {
        decay(amount) {
          w -= amount * w;
        },
        adam(m, v, { rate, beta1, beta2, epsilon }) {
          const [mean, square] = [slots.get(m) ?? Number.NaN, slots.get(v) ?? Number.NaN];
          slots.set(m, mean + (g - mean) * (1 - beta1));
          slots.set(v, square + (g * g - square) * (1 - beta2));
          w -= (rate * (slots.get(m) ?? 0)) / (Math.sqrt(slots.get(v) ?? 0) + epsilon);
        },
      };
      rule.update(updates, (name) => scalars[name], matrix);
    });
    return w;
  }

  /** As torch.optim.AdamW documents it. */
  function torch(
    { lr, betas: [b1, b2], eps, weight_decay: decay }: Parameters<typeof adamw>[0],
    start: number,
    gradients: number[],
    factors: number[],
    matrix: boolean,
  ): number {
    let [w, m, v] = [start, 0, 0];
    gradients.forEach((g, i) => {
      const [t, rate] = [i + 1, lr * factors[i]];
      if (matrix) w -= rate * decay * w;
      m = b1 * m + (1 - b1) * g;
      v = b2 * v + (1 - b2) * g * g;
      w -= (rate * (m / (1 - b1 ** t))) / (Math.sqrt(v / (1 - b2 ** t)) + eps);
    });
    return w;
  }

  test('is that of PyTorch, step for step', () => {
    // Rates people use: near 0 the two ways to write a running mean differ by more than rounding.
    const unit = fc.double({ min: 0.5, max: 0.999, noNaN: true });
    const params = fc.record({
      lr: fc.double({ min: 1e-5, max: 0.1, noNaN: true }),
      betas: fc.tuple(unit, unit),
      eps: fc.constantFrom(1e-8, 1e-6, 1e-3),
      weight_decay: fc.constantFrom(0, 0.01, 0.1),
    });
    const gradient = fc.double({ min: -10, max: 10, noNaN: true }).filter((g) => g === 0 || Math.abs(g) > 1e-6);
    const steps = fc.array(fc.tuple(gradient, fc.double({ min: 0, max: 1, noNaN: true })), {
      minLength: 1,
      maxLength: 12,
    });
    fc.assert(
      fc.property(params, gradient, steps, fc.boolean(), (given, start, taken, matrix) => {
        const [gradients, factors] = [taken.map(([g]) => g), taken.map(([, factor]) => factor)];
        const ours = apply(adamw(given), start, gradients, factors, matrix);
        const theirs = torch(given, start, gradients, factors, matrix);
        expect(Math.abs(ours - theirs)).toBeLessThan(1e-9 * Math.max(1, Math.abs(theirs)));
      }),
    );
  });

  test('decays matrices only, and nothing where there is no decay', () => {
    const calls = (decay: number, matrix: boolean): string[] => {
      const found: string[] = [];
      const rule = adamw({ lr: 1e-3, betas: [0.9, 0.95], eps: 1e-8, weight_decay: decay });
      const updates: Updates<string> = { decay: (amount) => found.push(amount), adam: () => found.push('adam') };
      rule.update(updates, (name) => name, matrix);
      return found;
    };
    expect(calls(0.1, true)).toEqual(['decay', 'adam']);
    expect(calls(0.1, false)).toEqual(['adam']);
    expect(calls(0, true)).toEqual(['adam']);
  });

  test('reports its rate', () => {
    expect(adamw({ lr: 0.02, betas: [0.9, 0.95], eps: 1e-8, weight_decay: 0 }).rate).toBe(0.02);
  });
});
