// Rows in sight of a table of any length.
import { describe, expect, test } from 'vitest';
import { cellText, windowOf } from '../../../renderer/results/window.ts';

describe('the window of rows', () => {
  test('of a short table is all of it', () => {
    expect(windowOf(5, 0, 400, 26)).toEqual({ first: 0, last: 5, height: 130, offset: 0 });
  });

  test('follows the scrolling, with some rows to spare', () => {
    const { first, last, offset } = windowOf(1000, 2600, 260, 26);
    expect(first).toBeLessThanOrEqual(100);
    expect(last).toBeGreaterThanOrEqual(110);
    expect(last - first).toBeLessThan(40);
    expect(offset).toBe(26 * first);
  });

  test('of a hundred million rows reaches the first and the last', () => {
    const total = 100_000_000;
    const { height, first } = windowOf(total, 0, 400, 26);
    expect(height).toBeLessThan(20_000_000);
    expect(first).toBe(0);
    const end = windowOf(total, height - 400, 400, 26);
    expect(end.last).toBe(total);
    // Its rows lie within what is in sight.
    expect(end.offset + 26 * (end.last - end.first)).toBeLessThanOrEqual(height);
    const middle = windowOf(total, (height - 400) / 2, 400, 26);
    expect(middle.first / total).toBeCloseTo(0.5, 2);
  });
});

test('cells of any type are one line of text', () => {
  expect([cellText('a'), cellText(true), cellText([1, 'b']), cellText({ x: 1 })]).toEqual([
    'a',
    'true',
    '[1,"b"]',
    '{"x":1}',
  ]);
});
