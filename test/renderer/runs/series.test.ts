// Curves of a run: read from the host and taken further by events, they are those of the whole run.
import { beforeAll, describe, expect, test } from 'vitest';
import type { Series } from '../../../engine/host/contract.ts';
import type { RunEvent } from '../../../engine/run/events.ts';
import { append, curvesOf, filled, newCurves, push, rowAt } from '../../../renderer/runs/series.ts';
import { graphFolder, type RealRun, realRun } from './real.ts';

let run: RealRun;
beforeAll(async () => {
  run = await realRun(graphFolder());
});

const empty: Series = { step: [], at: [], columns: {}, experts: { step: [], load: {} } };

function plain(curves: ReturnType<typeof curvesOf>) {
  return {
    step: [...filled(curves.step)],
    at: [...filled(curves.at)],
    columns: Object.fromEntries([...curves.columns].map(([name, values]) => [name, [...filled(values)]])),
  };
}

test('appended in pieces, they are the events of the run', () => {
  const curves = curvesOf(empty);
  for (let i = 0; i < run.events.length; i += 7) append(curves, 'trained', run.events.slice(i, i + 7));
  const steps = run.events.filter((event) => event.event === 'step');
  expect(steps.length).toBe(20);
  const { step, at, columns } = plain(curves);
  expect({ step, at, loss: columns.loss }).toEqual({
    step: steps.map(({ step }) => step),
    at: steps.map(({ at }) => at),
    loss: steps.map(({ loss }) => loss),
  });
  // Figures of the machine are there now and then, in rows of their own.
  const memory = columns['memory_gb/run'] ?? [];
  expect(memory.filter((value) => !Number.isNaN(value))).toEqual(
    steps.flatMap((step) => (typeof step['memory_gb/run'] === 'number' ? [step['memory_gb/run']] : [])),
  );
});

test('what was read from the host already is not taken twice', () => {
  const all = newCurves();
  append(all, 'trained', run.events);
  const steps = run.events.filter((event) => event.event === 'step').slice(0, 12);
  const names = [...all.columns.keys()];
  const read = curvesOf({
    ...empty,
    step: steps.map(({ step }) => step),
    at: steps.map(({ at }) => at),
    columns: Object.fromEntries(
      names.map((name) => [name, steps.map((step) => (step[name] as number | undefined) ?? null)]),
    ),
  });
  expect(append(read, 'trained', run.events.slice(0, 20))).toBe(false);
  expect(append(read, 'trained', run.events)).toBe(true);
  expect(plain(read)).toEqual(plain(all));
});

describe('columns', () => {
  const step = (number: number, scalars: Record<string, unknown>): RunEvent => {
    return { event: 'step', node: 'n', step: number, at: number, ...scalars };
  };
  test('have gaps where a step does not report them', () => {
    const curves = newCurves();
    append(curves, 'n', [step(1, { loss: 3 }), step(2, { loss: 2, valid_loss: 2.5 }), step(3, { loss: null })]);
    expect(plain(curves).columns).toEqual({ loss: [3, 2, Number.NaN], valid_loss: [Number.NaN, 2.5, Number.NaN] });
  });

  test('forget the steps that the training went back from', () => {
    const curves = newCurves();
    const back: RunEvent = { event: 'back', node: 'n', step: 1, at: 4 };
    append(curves, 'n', [step(1, { loss: 3 }), step(2, { loss: 9 }), step(3, { loss: 99, other: 1 })]);
    expect(append(curves, 'm', [back])).toBe(false);
    expect(append(curves, 'n', [{ ...back, node: 'other' }, back, step(2, { loss: 2 }), step(3, { loss: 1 })])).toBe(
      true,
    );
    expect(plain(curves).columns).toEqual({ loss: [3, 2, 1], other: [Number.NaN, Number.NaN, Number.NaN] });
    expect(plain(curves).step).toEqual([1, 2, 3]);
  });

  test('are those of their own node', () => {
    const curves = newCurves();
    expect(append(curves, 'other', [step(1, { loss: 3 })])).toBe(false);
    expect(curves.step.length).toBe(0);
  });

  test('grow over many batches', () => {
    const curves = newCurves();
    for (let i = 0; i < 5000; i++) append(curves, 'n', [step(i + 1, { loss: i })]);
    expect(curves.columns.get('loss')?.length).toBe(5000);
    expect(filled(curves.columns.get('loss') ?? { values: new Float64Array(0), length: 0 })[4999]).toBe(4999);
  });
});

test('loads of experts stand beside the steps, layer by layer', () => {
  const curves = curvesOf({ ...empty, experts: { step: [1], load: { '2': [[5, 3, 0, 4]] } } });
  const events: RunEvent[] = [
    { event: 'experts', node: 'n', step: 1, load: { '2': [9, 9, 9, 9] }, at: 0 },
    { event: 'experts', node: 'n', step: 9, load: { '2': [4, 4, 2, 2], '3': [12, 0, 0, 0] }, at: 1 },
  ];
  expect(append(curves, 'n', events)).toBe(true);
  const layer = curves.experts.get('2');
  expect(layer && [...filled(layer.step)]).toEqual([1, 9]);
  expect(layer && [...filled(layer.load)]).toEqual([5, 3, 0, 4, 4, 4, 2, 2]);
  expect(curves.experts.get('3')?.step.length).toBe(1);
});

test('the row of a step is the last one at or before it', () => {
  const steps = { values: new Float64Array(2), length: 0 };
  for (const each of [10, 20, 30]) push(steps, each);
  expect([5, 10, 19, 20, 99].map((step) => rowAt(filled(steps), step))).toEqual([-1, 0, 0, 1, 2]);
});
