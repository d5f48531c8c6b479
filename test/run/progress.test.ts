// Progress as people see it, on a terminal and in a pipe, and the small texts around it.
import { describe, expect, test } from 'vitest';
import { newPace, showProgress } from '../../engine/cli/progress.ts';
import { showResults } from '../../engine/cli/results.ts';
import { duration, number, parseAge, visible } from '../../engine/cli/words.ts';
import type { RunEvent, StepRows } from '../../engine/run/events.ts';

function shown(events: RunEvent[], columns: number | null): string {
  let text = '';
  let now = 0;
  const screen = {
    write: (piece: string) => (text += piece),
    columns: () => columns,
    color: false,
    now: () => (now += 1000),
  };
  const show = showProgress({ ...screen, write: (piece) => void screen.write(piece) }, () => 'DIAGNOSTIC');
  for (const event of events) show(event);
  return text;
}

const begin: RunEvent = { event: 'begin', node: 'trained', kind: 'train', why: 'never run', at: 0 };
const steps = (from: number, to: number, total = 100): RunEvent[] =>
  Array.from({ length: to - from + 1 }, (_, i) => ({
    event: 'progress',
    node: 'trained',
    done: from + i,
    total,
    unit: 'steps',
    note: `loss ${from + i}`,
    at: 0,
  }));

describe('in a pipe', () => {
  test('a line every tenth of a step at most', () => {
    const lines = shown([begin, ...steps(1, 100)], null)
      .trimEnd()
      .split('\n');
    expect(lines).toHaveLength(10);
    expect(lines[1]).toBe('trained  10%  loss 10 · 1 min 30 s left');
  });
  test('what is counted next in the same step begins anew', () => {
    const text = shown([begin, ...steps(1, 9, 10), ...steps(1, 50)], null);
    expect(text).toContain(' 80%  loss 8');
    expect(text).toContain(' 10%  loss 10 · 1 min 30 s left');
  });
});

test('a step on tables tells the rows it read and made', () => {
  const end = (rows: StepRows): string => {
    const text = shown([{ event: 'end', node: 'n', kind: 'k', seconds: 0.5, memory: 0, rows, at: 0 }], null);
    return text.replace(/^n +done in 0\.5 s/, '').trimEnd();
  };
  expect(end({ in: {}, out: { table: 1560 } })).toBe(' · 1,560 rows');
  expect(end({ in: {}, out: { table: 1, rejected: 2 } })).toBe(' · 1 row (2 rejected)');
  expect(end({ in: { table: 560 }, out: { table: 228 }, removed: 332 })).toBe(' · 560 rows -> 228 (332 removed)');
  expect(end({ in: { table: 560 }, out: { table: 560, removed: 0 }, removed: 0 })).toBe(' · 560 rows -> 560');
  expect(end({ in: { left: 6, right: 4 }, out: { table: 4, removed: 3 }, removed: 3 })).toBe(
    ' · 6 + 4 rows -> 4 (3 removed)',
  );
  expect(end({ in: { table: 12 }, out: { train: 9, valid: 2, test: 1 } })).toBe(
    ' · 12 rows -> train 9, valid 2, test 1',
  );
  const cached = shown([{ event: 'cached', node: 'n', kind: 'k', rows: { in: {}, out: { table: 3 } }, at: 0 }], null);
  expect(cached).toBe('n  already done · 3 rows\n');
});

test('on a terminal one line that is drawn again and never wider than the terminal', () => {
  const text = shown([begin, ...steps(1, 30)], 60);
  expect(text.match(/\n/g)).toBeNull();
  const drawings = text.split('\r\u001b[2K');
  expect(drawings.length).toBeGreaterThan(25);
  for (const drawing of drawings) expect(drawing.length).toBeLessThan(60);
  expect(drawings.at(-1)).toContain(' 30%  loss 30 · 1 min 10 s left');
});

test('the words come before the bar, and a long name is cut', () => {
  const node = 'a_name_that_goes_on_and_on_until_no_terminal_has_room';
  const step = { node, kind: 'train', key: 'k', status: 'run', why: '' } as const;
  const started: RunEvent = { event: 'started', run: 'r', folder: 'f', file: 'g.dsk', time: 't', steps: [step] };
  const progress = steps(1, 30).map((event) => ({ ...event, node }) as RunEvent);
  for (const columns of [60, 80, 120]) {
    const last =
      shown([started, { ...begin, node }, ...progress], columns)
        .split('\r\u001b[2K')
        .at(-1) ?? '';
    expect(last.length).toBeLessThan(columns);
    expect(last).toMatch(/^a_name_that_goes_on_and…  .*30%  loss 30 · 1 min 10 s left$/);
    expect(last.includes('━')).toBe(columns > 60);
  }
});

test('time left follows the pace of late', () => {
  const pace = newPace();
  for (let i = 0; i <= 10; i++) pace.add(i, i * 1000);
  expect(pace.left(20)).toBeCloseTo(10);
  for (let i = 1; i <= 100; i++) pace.add(10 + i, 10_000 + i * 2000);
  expect(pace.left(120)).toBeCloseTo(20, 0);
});

test('results: numbers in the line, texts below, nothing that moves the cursor', () => {
  const text = showResults({
    score: { loss: 5.43211, perplexity: 12345.6 },
    sample: { text: 'The whale\u001b[2J\nand the sea' },
    saved: { path: `${process.cwd()}/out/whale` },
  });
  expect(text).toBe(
    'score   loss 5.4321 · perplexity 12,346\nsample\n  The whale\ufffd[2J\n  and the sea\nsaved   out/whale',
  );
});

test('words', () => {
  expect([0.04, 9.94, 42.4, 200, 7500].map(duration)).toEqual(['0.0 s', '9.9 s', '42 s', '3 min 20 s', '2 h 05 min']);
  expect([0.000123456, 3.14159265, 30720].map(number)).toEqual(['0.00012346', '3.1416', '30,720']);
  expect(['90m', '12h', '7d', '2w', '7', 'd'].map(parseAge)).toEqual([5.4e6, 4.32e7, 6.048e8, 1.2096e9, null, null]);
  expect(visible('a\tb\u202ec\u0007')).toBe('a\tb\ufffdc\ufffd');
});
