// What the curves panel shows: smoothed lines, charts by name, sources by run, expert loads as a heat map.
import { beforeAll, describe, expect, test } from 'vitest';
import type { RunRecord } from '../../../engine/run/record.ts';
import { chartsOf } from '../../../renderer/results/charts.ts';
import { heatOf } from '../../../renderer/results/heat.ts';
import { extend, newSmoothed } from '../../../renderer/results/smooth.ts';
import { firstSource, sourcesOf } from '../../../renderer/results/sources.ts';
import { curvesOf } from '../../../renderer/runs/series.ts';
import { dsk, records } from '../../run/dsk.ts';
import { graphFolder } from '../runs/real.ts';

describe('smoothing', () => {
  const raw = Float64Array.from({ length: 50 }, (_, i) => (i % 2 === 0 ? 1 : 3));
  test('a constant stays one from its first value on', () => {
    expect([...extend(newSmoothed(0.9), new Float64Array(5).fill(2))].every((each) => Math.abs(each - 2) < 1e-12)).toBe(
      true,
    );
  });

  test('noise comes near its mean', () => {
    const smooth = extend(newSmoothed(0.95), raw);
    expect(smooth[49]).toBeCloseTo(2, 0);
    expect(smooth[0]).toBe(1);
  });

  test('a curve that grows is smoothed as if it had been there at once', () => {
    const pieces = newSmoothed(0.8);
    for (const end of [3, 4, 20, 50]) extend(pieces, raw.subarray(0, end));
    expect([...extend(pieces, raw)]).toEqual([...extend(newSmoothed(0.8), raw)]);
  });

  test('a gap stays one and pulls nothing down', () => {
    expect([...extend(newSmoothed(0.5), Float64Array.of(2, Number.NaN, 2))]).toEqual([2, Number.NaN, 2]);
  });
});

test('charts are made by name: what belongs together shares one, what is unknown gets its own', () => {
  const names = [
    'gradient_norm',
    'loss',
    'expert_imbalance/layer_1',
    'valid_loss',
    'mine/a',
    'mine/b',
    'other',
    'expert_imbalance/layer_2',
  ];
  expect(chartsOf(names).map(({ id, names }) => [id, ...names])).toEqual([
    ['loss', 'loss', 'valid_loss'],
    ['gradient_norm', 'gradient_norm'],
    ['expert_imbalance', 'expert_imbalance/layer_1', 'expert_imbalance/layer_2'],
    ['mine', 'mine/a', 'mine/b'],
    ['other', 'other'],
  ]);
});

describe('curves to show', () => {
  let runs: RunRecord[];
  const trains = (node: string) => node === 'trained';
  beforeAll(async () => {
    const here = graphFolder();
    await dsk(here, 'run', 'g.dsk', '--quiet');
    await dsk(here, 'run', 'g.dsk', '--quiet'); // takes the training from the cache
    runs = records(here).reverse();
  });

  test('of a result from the cache are those of the run that made it', () => {
    const [later, first] = runs as [RunRecord, RunRecord];
    expect(later.steps[1]?.status).toBe('cached');
    expect(sourcesOf(first, runs)).toEqual([{ run: first.run, node: 'trained' }]);
    expect(sourcesOf(later, runs)).toEqual([{ run: first.run, node: 'trained' }]);
  });

  test('are of the newest run that has some, where the one in front has none', () => {
    const [later, first] = runs as [RunRecord, RunRecord];
    const failed: RunRecord = { ...later, run: 'failed', status: 'failed', steps: later.steps.slice(0, 1) };
    expect(firstSource(failed, [failed, ...runs], 'g.dsk', null, trains).source).toEqual({
      run: first.run,
      node: 'trained',
    });
    expect(firstSource(failed, [failed, ...runs], 'other.dsk', null, trains).source).toBeNull();
  });

  test('of a run that has yet to train are waited for', () => {
    const [later] = runs as [RunRecord, RunRecord];
    const steps = later.steps.map(({ node, kind }) => ({ node, kind, key: `new ${node}`, status: 'waiting' as const }));
    const fresh: RunRecord = { ...later, run: 'fresh', status: 'running', steps };
    expect(firstSource(fresh, [fresh, ...runs], 'g.dsk', null, trains).source).toEqual({
      run: 'fresh',
      node: 'trained',
    });
  });
});

describe('expert loads', () => {
  const load = {
    '1': [
      [8, 0, 4, 4],
      [4, 4, 4, 4],
      [0, 0, 0, 0],
    ],
    '2': [
      [16, 0, 0, 0],
      [4, 4, 4, 4],
      [1, 3, 2, 2],
    ],
  };
  const { experts } = curvesOf({ step: [], at: [], columns: {}, experts: { step: [1, 50, 100], load } });

  test('over the training: a column a step, a row an expert, 1 being the fair share', () => {
    const heat = heatOf(experts, { layer: '1' }, 100);
    expect([heat.columns, heat.rows]).toEqual([3, 4]);
    expect(heat.places).toEqual([1, 50, 100]);
    expect([0, 1, 2, 3].map((expert) => heat.values[expert * 3])).toEqual([2, 0, 1, 1]);
    expect([...heat.values].every(Number.isFinite)).toBe(true);
  });

  test('of more steps than there is room for, each column is a mean', () => {
    const heat = heatOf(experts, { layer: '2' }, 1);
    expect([heat.columns, heat.rows]).toEqual([1, 4]);
    expect([...heat.values].map((each) => Math.round(100 * each) / 100)).toEqual([1.83, 0.83, 0.67, 0.67]);
  });

  test('of all layers at one step', () => {
    const heat = heatOf(experts, { row: 0, layers: ['1', '2'] }, 100);
    expect([heat.columns, heat.rows, ...heat.places]).toEqual([4, 2, 1, 2]);
    expect([...heat.values]).toEqual([2, 0, 1, 1, 4, 0, 0, 0]);
  });
});
