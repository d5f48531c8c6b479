// A few thousand of the fuzz test's inputs; the million is `npx tsx test/fuzz/grammar.ts`.
import { expect, test } from 'vitest';
import { parse } from '../../grammar/index.ts';
import { fuzz } from '../fuzz/grammar.ts';

test('random and mutated texts neither crash nor hang', () => {
  expect(fuzz(4000, Date.now() % 2 ** 31).count).toBe(4000);
}, 60_000);

test.each([
  ['brackets', 'dsk 1\na = ', 'f('],
  ['lists', 'dsk 1\na = ', '['],
  ['pipes', 'dsk 1\na = x', ' |> f()'],
  ['block quotes', 'dsk 1\na = ', '"""\n'],
  ['escapes', 'dsk 1\na = "', '\\"'],
  ['comments', 'dsk 1\n', '# c\n'],
  ['statements', 'dsk 1\n', 'a = f()\n'],
  ['arguments', 'dsk 1\na = f(', 'x, '],
  ['spaces', 'dsk 1\na =', ' '],
  ['line ends', 'dsk 1\na = f(', '\n'],
])('time grows in proportion to the text: %s', (_, start, unit) => {
  const time = (count: number) => {
    const text = start + unit.repeat(count);
    const before = process.cpuUsage();
    parse(text);
    return process.cpuUsage(before).user / 1000;
  };
  time(1000);
  const [small, large] = [Math.min(time(4000), time(4000)), Math.min(time(32000), time(32000))];
  // eight times the text: 64 times the time would be quadratic; small times are noise
  expect(large).toBeLessThan(Math.max(small, 4) * 30);
});
