// Curves reduced to what a screen shows: no spike is lost, places stay in order, and a hundred thousand steps take milliseconds.
import { describe, expect, test } from 'vitest';
import { extent, type Line, reduce } from '../../../renderer/results/downsample.ts';

function line(count: number, y: (i: number) => number, x: (i: number) => number = (i) => i + 1): Line {
  return {
    x: Float64Array.from({ length: count }, (_, i) => x(i)),
    y: Float64Array.from({ length: count }, (_, i) => y(i)),
  };
}

const values = (list: readonly (number | null)[]) => list.filter((each) => each !== null);

describe('few points', () => {
  test('stay as they are, gaps too', () => {
    const { x, lines } = reduce([line(4, (i) => (i === 2 ? Number.NaN : i))], 1, 4, 100);
    expect([...x]).toEqual([1, 2, 3, 4]);
    expect(lines).toEqual([[0, 1, null, 3]]);
  });

  test('of several runs stand over all their places', () => {
    const { x, lines } = reduce(
      [
        line(3, (i) => i),
        line(
          2,
          () => 9,
          (i) => 2 * i + 2,
        ),
      ],
      1,
      4,
      100,
    );
    expect([...x]).toEqual([1, 2, 3, 4]);
    expect(lines).toEqual([
      [0, 1, 2, null],
      [null, 9, null, 9],
    ]);
  });

  test('a part of them comes with its neighbours, so that the line reaches the edges', () => {
    const { x } = reduce([line(10, (i) => i)], 4, 6, 100);
    expect([...x]).toEqual([3, 4, 5, 6, 7]);
  });
});

describe('a hundred thousand points', () => {
  const spikes = new Map([
    [12_345, 50],
    [77_777, -50],
  ]);
  const noisy = line(100_000, (i) => spikes.get(i) ?? Math.sin(i / 5000) + ((i * 7919) % 100) / 1000);
  const { x, lines } = reduce([noisy], 1, 100_000, 500);
  const [reduced = []] = lines;

  test('become two a pixel, in order', () => {
    expect(x.length).toBe(1000);
    expect(x.every((each, i) => i === 0 || each > (x[i - 1] as number))).toBe(true);
    expect(values(reduced).length).toBe(1000);
  });

  test('keep every spike, near its place', () => {
    for (const [at, value] of spikes) {
      const found = reduced.indexOf(value);
      expect(found).toBeGreaterThanOrEqual(0);
      expect(Math.abs((x[found] as number) - at)).toBeLessThan(100_000 / 500);
    }
  });

  test('show of each pixel its least and its greatest', () => {
    for (const bucket of [0, 17, 250, 499]) {
      const own = noisy.y.slice(bucket * 200, bucket * 200 + 200);
      const pair = [reduced[2 * bucket] as number, reduced[2 * bucket + 1] as number];
      // Where a pixel ends is a matter of rounding: its neighbours' first steps may count as well.
      expect(Math.max(...pair)).toBeCloseTo(Math.max(...own), 1);
      expect(Math.min(...pair)).toBeCloseTo(Math.min(...own), 1);
    }
  });

  test('that are not there leave gaps', () => {
    const holes = line(10_000, (i) => (i >= 4000 && i < 6000 ? Number.NaN : 1));
    const [shown = []] = reduce([holes], 1, 10_000, 100).lines;
    expect(shown[100]).toBeNull();
    expect(shown[10]).toBe(1);
    expect(shown[190]).toBe(1);
  });

  test('take less than a frame, five charts of them ten times a second', () => {
    const began = performance.now();
    for (let i = 0; i < 50; i++) reduce([noisy], 1, 100_000, 500);
    expect((performance.now() - began) / 50).toBeLessThan(16);
  });
});

test('the y axis covers what is in sight', () => {
  const falling = line(100, (i) => 100 - i);
  expect(extent([falling], 1, 100, false)).toEqual([1, 100]);
  expect(extent([falling], 41, 50, false)).toEqual([51, 60]);
  expect(extent([line(3, (i) => i - 1)], 1, 3, true)).toEqual([1, 1]);
  expect(extent([line(3, () => Number.NaN)], 1, 3, false)).toBeNull();
});
