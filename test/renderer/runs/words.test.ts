// What people read about runs: reasons in their language, numbers and times as they write them.
import { beforeAll, describe, expect, test } from 'vitest';
import { formatOf } from '../../../renderer/runs/format.ts';
import { reason, reasons } from '../../../renderer/runs/why.ts';
import { translate, type Translate } from '../../../renderer/words/index.ts';
import { dsk, start } from '../../run/dsk.ts';
import { graphFolder } from './real.ts';

const en: Translate = (key, values) => translate('en', key, values);
const zh: Translate = (key, values) => translate('zh', key, values);

describe('why a step runs', () => {
  let whys: string[];
  beforeAll(async () => {
    const here = graphFolder();
    await dsk(here, 'run', 'g.dsk', '--quiet', '--to', 'trained');
    // One JSON text of many lines, not an event a line.
    const plan = await start(here, ['plan', 'g.dsk', '--set', 'steps=30'], 'exec "$@" --json').done;
    const { steps } = JSON.parse(plan.stdout) as { steps: { why: string[] }[] };
    whys = steps.flatMap(({ why }) => why);
  });

  test('a real plan’s reasons are known in Chinese', () => {
    expect(whys).toEqual(['parameter steps changed 20 -> 30', 'writes outside the cache']);
    for (const each of whys) expect(reason(each, zh)).toMatch(/\p{Script=Han}/u);
    expect(reason(whys[0] ?? '', zh)).toBe('steps 已更改：20 → 30');
  });

  test('those of a part are said of the part', () => {
    expect(reason('model.attention: parameter heads changed 4 -> 6', en)).toBe('model.attention: heads changed: 4 → 6');
    expect(reason('input parts.train was a.table, is b.table', en)).toBe('input parts.train was a.table, is b.table');
  });

  test('several make one line, none makes none, and what is new here stays as it is', () => {
    expect(reasons(['never run', 'something else'], en)).toBe('never run; something else');
    expect(reasons([], en)).toBeNull();
  });
});

describe('numbers', () => {
  const format = formatOf('en');
  test('durations', () => {
    expect([0, 0.044, 0.42, 9.96, 42.4, 192, 7500].map((s) => format.duration(s))).toEqual([
      '0 s',
      '44 ms',
      '0.4 s',
      '10 s',
      '42 s',
      '3 min 12 s',
      '2 h 05 min',
    ]);
    expect(formatOf('zh').duration(192)).toBe('3 分 12 秒');
  });

  test('time left is coarse where it is long', () => {
    expect([0.3, 7.2, 43, 192, 1234, 7500].map((s) => format.left(s))).toEqual([
      '1 s',
      '7 s',
      '45 s',
      '3 min 10 s',
      '21 min',
      '2 h 05 min',
    ]);
  });

  test('sizes, work, shares', () => {
    expect([0, 999, 1234, 192_345_678].map((b) => format.bytes(b))).toEqual(['0 B', '999 B', '1.2 kB', '192 MB']);
    expect(format.scaled(5.43e12, 'FLOP')).toBe('5.4 TFLOP');
    expect([0, 0.003, 0.42, 0.9961, 0.99999, 1].map((f) => format.percent(f))).toEqual([
      '0%',
      '0.3%',
      '42%',
      '99.6%',
      '99.9%',
      '100%',
    ]);
    expect(format.compact(27_904)).toBe('27.9K');
    expect(formatOf('zh').compact(1_200_000)).toBe('120万');
  });

  test('numbers of any size', () => {
    expect([3.21484, 12_408.4, 0.0003, 0, -0.5].map((n) => format.number(n))).toEqual([
      '3.2148',
      '12,408',
      '3e-4',
      '0',
      '-0.5',
    ]);
  });
});
