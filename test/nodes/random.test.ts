// Random numbers: the same everywhere for ever (weights and orders of training are made of them), uniform, and independent of what
// else was drawn.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { normals, permutation, random } from '../../engine/nodes/random.ts';

/** Pearson's statistic of counts that should be equal, as standard deviations from its mean. */
function unevenness(counts: number[]): number {
  const expected = counts.reduce((a, b) => a + b) / counts.length;
  const statistic = counts.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
  const freedom = counts.length - 1;
  return (statistic - freedom) / Math.sqrt(2 * freedom);
}

function counted(values: Iterable<number>, bins: number): number[] {
  const counts = new Array<number>(bins).fill(0);
  for (const value of values) counts[value]++;
  return counts;
}

const take = <R>(count: number, draw: () => R): R[] => Array.from({ length: count }, draw);

describe('random', () => {
  test('gives these numbers', () => {
    expect(take(4, random('weight 0 model.embed_tokens.weight')).map((x) => x * 2 ** 32)).toEqual([
      2326343180, 890244718, 3357488511, 3212493336,
    ]);
    expect(take(4, random('order 0 0')).map((x) => x * 2 ** 32)).toEqual([
      2302072707, 491698112, 4120524407, 3457755979,
    ]);
    expect(take(2, random('')).map((x) => x * 2 ** 32)).toEqual([1124887014, 3599819727]);
    expect(take(3, random(7))).toEqual(take(3, random('7')));
  });

  test('is uniform in [0, 1), within a stream and across seeds', () => {
    const streams = [
      take(64_000, random('one')),
      take(64_000, random(0)),
      // one number of each of many seeds that differ little
      Array.from({ length: 64_000 }, (_, i) => random(`order 0 ${i}`)()),
      Array.from({ length: 64_000 }, (_, i) => random(`weight ${i} model.norm.weight`)()),
    ];
    for (const values of streams) {
      expect(Math.min(...values.slice(0, 60_000))).toBeGreaterThanOrEqual(0);
      expect(values.every((value) => value < 1)).toBe(true);
      expect(
        Math.abs(
          unevenness(
            counted(
              values.map((value) => Math.floor(value * 100)),
              100,
            ),
          ),
        ),
      ).toBeLessThan(5);
      // pairs of neighbours, as points in a square
      const cells = values.slice(1).map((value, i) => 10 * Math.floor(value * 10) + Math.floor(values[i] * 10));
      expect(Math.abs(unevenness(counted(cells, 100)))).toBeLessThan(5);
    }
  });

  test('does not depend on what else is drawn', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), fc.infiniteStream(fc.boolean()), (a, b, turns) => {
        const [x, y] = [random(a), random(b)];
        const mixed: [number[], number[]] = [[], []];
        while (mixed[0].length < 5 || mixed[1].length < 5) {
          const first = turns.next().value as boolean;
          mixed[first ? 0 : 1].push((first ? x : y)());
        }
        expect(mixed[0].slice(0, 5)).toEqual(take(5, random(a)));
        expect(mixed[1].slice(0, 5)).toEqual(take(5, random(b)));
      }),
    );
  });

  test('gives other numbers for another seed', () => {
    const seeds = Array.from({ length: 20_000 }, (_, i) => `order ${i % 100} ${Math.floor(i / 100)}`);
    const firsts = new Set(seeds.map((seed) => take(2, random(seed)).join()));
    expect(firsts.size).toBe(seeds.length);
  });
});

describe('normals', () => {
  test('have the moments of a normal distribution', () => {
    const values = [...normals(100_001, 0.5, random('moments'))].map((value) => value / 0.5);
    const moment = (n: number): number => values.reduce((sum, value) => sum + value ** n, 0) / values.length;
    expect(values.length).toBe(100_001);
    expect(moment(1)).toBeCloseTo(0, 1);
    expect(Math.abs(moment(2) - 1)).toBeLessThan(0.02);
    expect(Math.abs(moment(3))).toBeLessThan(0.05);
    expect(Math.abs(moment(4) - 3)).toBeLessThan(0.15);
    expect(values.every(Number.isFinite)).toBe(true);
    const pairs = values.slice(1).reduce((sum, value, i) => sum + value * values[i], 0) / values.length;
    expect(Math.abs(pairs)).toBeLessThan(0.02);
  });

  test('begin alike, however many are drawn', () => {
    fc.assert(
      fc.property(fc.nat(40), fc.nat(40), (a, b) => {
        const [short, long] = [Math.min(a, b), Math.max(a, b)];
        const few = normals(short, 1, random('x'));
        expect([...normals(long, 1, random('x')).subarray(0, short)]).toEqual([...few]);
      }),
    );
  });
});

describe('permutation', () => {
  test('has every number once', () => {
    fc.assert(
      fc.property(fc.nat(300), fc.string(), (count, seed) => {
        const order = permutation(count, random(seed));
        expect([...order].sort((a, b) => a - b)).toEqual(Array.from({ length: count }, (_, i) => i));
      }),
    );
  });

  test('is each of the possible orders equally often', () => {
    const orders = Array.from({ length: 24_000 }, (_, i) => permutation(4, random(`order ${i} 3`)).join(''));
    const names = [...new Set(orders)].sort();
    expect(names).toHaveLength(24);
    expect(
      Math.abs(
        unevenness(
          counted(
            orders.map((order) => names.indexOf(order)),
            24,
          ),
        ),
      ),
    ).toBeLessThan(5);
  });
});
