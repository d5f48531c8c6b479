// The loop of a training, over a small session of plain numbers and real checkpoints: what stands out, where it stops, what results;
// and that a run that was stopped at any step ends as one that never was.
import { existsSync, readdirSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { weightFiles } from '../../engine/data/safetensors.ts';
import { type Looping, type Source, train } from '../../engine/nodes/loop.ts';
import {
  type Feeds,
  type Limits,
  NonFiniteError,
  type OptimizerRule,
  type TrainingSession,
} from '../../engine/nodes/module.ts';
import { random } from '../../engine/nodes/random.ts';
import { along, type Course, spikeLimits } from '../../engine/nodes/spikes.ts';
import { bestName } from '../../engine/nodes/standing.ts';
import { openCheckpoints } from '../../engine/run/checkpoints.ts';
import { folders } from '../../engine/run/folders.ts';
import { ownFolder } from '../data/setting.ts';

const root = ownFolder();

/** Fits y = w x by gradient descent with momentum. Feeds are `x` and `y`, float32 [n]. */
function smallSession(): TrainingSession & { w(): number } {
  let [w, m] = [Float32Array.of(0), Float32Array.of(0)];
  const look = ({ x, y }: Record<string, Float32Array>) => {
    let [loss, gradient] = [0, 0];
    (x as Float32Array).forEach((value, i) => {
      const off = (w[0] as number) * value - (y as Float32Array)[i];
      loss += off * off;
      gradient += 2 * off * value;
    });
    return { loss: Math.fround(loss / x.length), gradient: Math.fround(gradient / x.length) };
  };
  return {
    w: () => w[0] as number,
    step(given, { rate }, limits?: Limits) {
      const { loss, gradient } = look((given as Feeds[])[0] as Record<string, Float32Array>);
      if (!Number.isFinite(loss)) throw new NonFiniteError('loss');
      const result = { loss, gradientNorm: Math.abs(gradient), reports: new Map<string, Float32Array>() };
      if (limits && loss > limits.loss) return { ...result, refused: 'loss' };
      if (limits && Math.abs(gradient) > limits.gradient) return { ...result, refused: 'gradient' };
      m = Float32Array.of(0.5 * (m[0] as number) + gradient);
      w = Float32Array.of((w[0] as number) - rate * (m[0] as number));
      return result;
    },
    inspect(given) {
      const { loss, gradient } = look((given as Feeds[])[0] as Record<string, Float32Array>);
      return { loss, gradients: new Map([['w', Math.abs(gradient)]]) };
    },
    evaluate: (feeds) => ({ loss: look(feeds as Record<string, Float32Array>).loss, count: 1 }),
    *state() {
      yield { name: 'w', shape: [1], values: w };
      yield { name: 'w/m', shape: [1], values: m };
    },
    load(values) {
      const copy = (name: string) => Float32Array.from(values.get(name) as Float32Array);
      [w, m] = [copy('w'), copy('w/m')];
    },
    dispose() {},
  };
}

const optimizer = {
  slots: [],
  scalars: (step: number, factor: number) => ({ rate: (0.5 * factor) / Math.sqrt(step) }),
  rate: (step: number) => 0.5 / Math.sqrt(step),
} as unknown as OptimizerRule;

/** Noisy rows of y = 3 x; those of the steps in `bad` are a thousand times as large, or no numbers. */
function sourceOf(
  bad: Record<number, number> = {},
  held: ((step: number) => number) | null = null,
): Source & { asked: number[] } {
  const asked: number[] = [];
  let measured = 0;
  return {
    unit: 'rows',
    size: 8,
    asked,
    at(step) {
      asked.push(step);
      const draw = random(`rows ${step}`);
      const x = Float32Array.from({ length: 8 }, () => draw() - 0.5);
      const y = x.map((value) => (3 * value + 0.1 * (draw() - 0.5)) * (bad[step] ?? 1));
      return [{ x, y }];
    },
    // A validation whose best weight moves as told.
    held: held && (() => [{ x: Float32Array.of(1), y: Float32Array.of(held(++measured)) }]),
  };
}

interface Told {
  steps: { step: number; loss: number; valid?: number; skipped?: number }[];
  log: string[];
  backs: number[];
}

const usual: Looping = { steps: 60, batch: 8, clip: 1, seed: 0, spike_window: 40 };
let homes = 0;

/** Trains in a folder; `stop` names the steps after which the user interrupts, and it is resumed. */
async function run(params: Partial<Looping>, source: () => Source, stop: readonly number[] = []) {
  const home = join(root, `home-${homes++}`);
  await mkdir(home, { recursive: true });
  const told: Told = { steps: [], log: [], backs: [] };
  for (let part = 0; ; part++) {
    const controller = new AbortController();
    const session = smallSession();
    const nothing = () => {};
    const checkpoints = openCheckpoints({
      where: folders(home),
      key: 'k',
      run: 'r',
      weights: weightFiles,
      resume: part > 0,
      warn: (message) => expect(message).toBe(''),
      log: nothing,
      saved: nothing,
      resumed: nothing,
    });
    const context = {
      params: { ...usual, ...params },
      weights: weightFiles,
      checkpoints,
      signal: controller.signal,
      step(event: { step: number; loss: number; valid_loss?: number; skipped_steps?: number }) {
        told.steps.push({
          step: event.step,
          loss: event.loss,
          ...(event.valid_loss !== undefined && { valid: event.valid_loss }),
          ...(event.skipped_steps && { skipped: event.skipped_steps }),
        });
        if (event.step === stop[part]) controller.abort(new Error('stopped'));
      },
      experts: nothing,
      progress: nothing,
      back: (step: number) => void told.backs.push(step),
      sample: nothing,
      log: (message: string) => void told.log.push(message),
      warn: nothing,
    } as unknown as Parameters<typeof train>[0];
    const trainee = {
      session,
      optimizer,
      schedule: () => 1,
      results: () => [...session.state()].slice(0, 1),
      sample: null,
    };
    try {
      const outcome = await train(context, trainee, source());
      let w = session.w();
      if (outcome.best !== null) {
        const reader = await weightFiles.open([checkpoints.kept(bestName(outcome.best))]);
        w = reader.read('w')[0] as number;
        reader.close();
      }
      const files = existsSync(join(home, '.dsk/checkpoints/k')) ? readdirSync(join(home, '.dsk/checkpoints/k')) : [];
      return { ...told, outcome, w, last: session.w(), kept: files.filter((name) => name.startsWith('kept-')) };
    } catch (error) {
      if (!controller.signal.aborted || error !== controller.signal.reason) throw error;
    }
  }
}

describe('spikes', () => {
  it('stand out of the steps before by six deviations', () => {
    const options = { window: 20, sigma: 6 };
    let course: Course = { losses: [], norms: [] };
    const values = [1, 1.2, 0.9, 1.1, 1.05, 0.95, 1, 1.15, 0.85];
    for (const value of values) {
      expect(spikeLimits(course, options)).toEqual({ loss: Infinity, gradient: Infinity }); // nothing to compare with
      course = along(course, value, 2 * value, options);
    }
    course = along(course, 1, 2, options);
    const mean = [...values, 1].reduce((a, b) => a + b) / 10;
    const deviation = Math.sqrt([...values, 1].reduce((sum, value) => sum + (value - mean) ** 2, 0) / 10);
    expect(spikeLimits(course, options).loss).toBeCloseTo(mean + 6 * deviation, 12);
    expect(spikeLimits(course, options).gradient).toBeCloseTo(2 * (mean + 6 * deviation), 12);
    for (let i = 0; i < 40; i++) course = along(course, 1, 1, options);
    expect(course.losses).toHaveLength(20);
    expect(spikeLimits(course, options).loss).toBeCloseTo(1.006, 12); // hardly any difference is no spike yet
  });

  it('are told of, and change nothing else, unless something is asked for', async () => {
    const through = await run({}, () => sourceOf({ 30: 50, 31: 50, 32: 50, 33: 50, 34: 50, 35: 50, 36: 50 }));
    expect(through.log[0]).toMatch(
      /^step 30: the loss, \d+(\.\d+)?, is beyond \d.*6 deviations above the steps before; spikes: "skip"/,
    );
    expect(through.log.length).toBeLessThanOrEqual(5);
    expect(through.steps).toHaveLength(60);
    const quiet = await run({ spike_sigma: 1e6 }, () =>
      sourceOf({ 30: 50, 31: 50, 32: 50, 33: 50, 34: 50, 35: 50, 36: 50 }),
    );
    expect(quiet.log).toEqual([]);
    expect(quiet.w).toBe(through.w);
  });

  it.each([
    ['large', 50],
    ['no number', Number.NaN],
  ])('skip: a batch that is %s leaves no trace but the number of the step', async (_, factor) => {
    const skipped = await run({ spikes: 'skip' }, () => sourceOf({ 40: factor }));
    expect(skipped.log).toHaveLength(1);
    expect(skipped.log[0]).toMatch(/^step 40: the loss.*: skipped$/);
    expect(skipped.steps.at(-1)).toMatchObject({ step: 60, skipped: 1 });
    // The same steps with that batch left out, and one step fewer.
    const source = () => {
      const all = sourceOf();
      return { ...all, at: (step: number) => all.at(step < 40 ? step : step + 1) };
    };
    const without = await run({ spikes: 'skip', steps: 59 }, source);
    expect(skipped.w).toBe(without.w);
    expect(Math.abs(skipped.w - 3)).toBeLessThan(0.5);
  });

  it('a batch that is no number ends the run where nothing is asked for, with the weights of the step before', async () => {
    const failed = run({}, () => sourceOf({ 40: Number.NaN }));
    await expect(failed).rejects.toThrow(
      'at step 40 the loss is not a finite number; the weights are those after step 39',
    );
    await expect(failed).rejects.toMatchObject({
      notes: expect.arrayContaining([
        expect.stringMatching(/has 8 values in `y` that are no finite numbers/),
      ]) as unknown,
    });
  });

  it('roll_back: goes to the last multiple, and on with the batches behind the spike', async () => {
    const source = sourceOf({ 47: 50 });
    const back = await run({ spikes: 'roll_back', roll_back_every: 10 }, () => source);
    expect(back.backs).toEqual([40]);
    expect(back.log).toEqual([
      expect.stringMatching(/^step 47: the loss.*: back to step 40, and on with the batches behind it$/),
    ]);
    expect(source.asked).toEqual([
      ...Array.from({ length: 47 }, (_, i) => i + 1),
      ...Array.from({ length: 20 }, (_, i) => i + 48),
    ]);
    // As if the batches 41 .. 47 had never been.
    const clean = await run({ spikes: 'roll_back', roll_back_every: 10 }, () => {
      const all = sourceOf();
      return { ...all, at: (step: number) => all.at(step <= 40 ? step : step + 7) };
    });
    expect(back.w).toBe(clean.w);
    // Where nothing is saved in between, no more than one place is kept.
    const seldom = await run({ spikes: 'roll_back', roll_back_every: 5, checkpoint_every: 1000 }, () => sourceOf());
    expect(seldom.kept).toEqual(['kept-back-55.safetensors']);
  });

  it('that do not end fail the run, and say what was seen', async () => {
    const all = Object.fromEntries(Array.from({ length: 400 }, (_, i) => [i + 30, 500]));
    for (const spikes of ['skip', 'roll_back'] as const) {
      const failed = run({ spikes, roll_back_every: 10 }, () => sourceOf(all));
      await expect(failed).rejects.toThrow(
        spikes === 'skip' ? 'for the 10th step in a row' : 'so again after going back 10 times',
      );
      await expect(failed).rejects.toMatchObject({
        notes: expect.arrayContaining([expect.stringMatching(/`y` has values up to \d+: scale the data/)]) as unknown,
      });
    }
  });
});

describe('where it stops, and what results', () => {
  // The measure wants a weight that comes nearer until the fifth measurement, and goes away after.
  const away = (measured: number) => (measured <= 5 ? 2 : -measured);

  it('patience: ends after so many measurements that were not better', async () => {
    const stopped = await run({ patience: 3, validate_every: 5 }, () => sourceOf({}, away));
    const measures = stopped.steps.filter(({ valid }) => valid !== undefined);
    const best = measures.reduce((a, b) => ((b.valid as number) < (a.valid as number) ? b : a));
    expect(stopped.steps.at(-1)?.step).toBe(best.step + 15);
    expect(stopped.outcome.report).toMatchObject({ steps: best.step + 15, rows: 8 * (best.step + 15) });
    expect(stopped.log.at(-1)).toContain(
      `stopped at step ${best.step + 15}: the loss on the validation text is best at step ${best.step}`,
    );
    expect(stopped.outcome.best).toBeNull();
  });

  it('min_delta: what is better by less does not count', async () => {
    const through = await run({ patience: 2, validate_every: 5 }, () => sourceOf({}, () => 3));
    const stopped = await run({ patience: 2, validate_every: 5, min_delta: 100 }, () => sourceOf({}, () => 3));
    expect(stopped.steps.at(-1)?.step).toBe(15);
    expect(through.steps.length).toBeGreaterThan(15);
  });

  it('keep: the best weights result, not the last', async () => {
    const kept = await run({ keep: 'best', validate_every: 5 }, () => sourceOf({}, away));
    const plain = await run({ validate_every: 5 }, () => sourceOf({}, away));
    expect(kept.last).toBe(plain.w);
    expect(kept.w).not.toBe(plain.w);
    const { best_step: step, valid_loss: loss } = kept.outcome.report as { best_step: number; valid_loss: number };
    expect(kept.steps.find((each) => each.step === step)?.valid).toBe(loss);
    expect(kept.w).toBe((await run({ steps: step, validate_every: 5 }, () => sourceOf({}, away))).w);
  });
});

describe('stopped and resumed', () => {
  const hard: Partial<Looping> = {
    spikes: 'roll_back',
    roll_back_every: 10,
    keep: 'best',
    validate_every: 7,
    patience: 5,
    checkpoint_every: 20,
  };
  const bad = { 26: 50, 47: 50, 52: Number.NaN };
  // Measures nothing that depends on how often it was asked.
  const source = () => ({ ...sourceOf(bad), held: () => [{ x: Float32Array.of(1), y: Float32Array.of(2.9) }] });

  it.each(['skip', 'roll_back'] as const)('it ends as one that never was: %s', { timeout: 120_000 }, async (spikes) => {
    const through = await run({ ...hard, spikes }, source);
    expect(through.log.length).toBeGreaterThan(2);
    const last = through.steps.at(-1)?.step ?? 0;
    // Around each spike, each place that is gone back to, each measurement and each checkpoint.
    for (const step of [1, 7, 10, 20, 25, 26, 30, 46, 47, 52].filter((each) => each < last)) {
      const parted = await run({ ...hard, spikes }, source, [step]);
      expect([parted.w, parted.last, parted.outcome], `stopped after step ${step}`).toEqual([
        through.w,
        through.last,
        through.outcome,
      ]);
      expect(parted.steps, `stopped after step ${step}`).toEqual(through.steps);
      expect(parted.backs).toEqual(through.backs);
    }
    const often = await run({ ...hard, spikes }, source, [3, 20, 21, 33, 40]);
    expect([often.w, often.steps]).toEqual([through.w, through.steps]);
  });
});
