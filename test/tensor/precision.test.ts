// Products in bfloat16 and float16: the losses and gradient norms are those of torch.autocast (fixtures/models/half.py) as closely as
// that many digits tell, and not those of float32; float16's loss scale goes down where a gradient overflows, and the step is skipped.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { causal } from '../../engine/nodes/learning.ts';
import type { Learning, StepResult, TrainingOptions, TrainingSession, Weight } from '../../engine/nodes/module.ts';
import { openTensors } from '../../engine/tensor/index.ts';
import { adamw, models, openFixture, sgd, stateOf, windows } from './setting.ts';

const tensors = await openTensors();
const optimizer = await adamw();
const half = JSON.parse(readFileSync(join(models, 'half.json'), 'utf8')) as Record<
  string,
  { losses: number[]; norms: number[] }
>;

async function ten(name: string, options: Partial<TrainingOptions>): Promise<StepResult[]> {
  const { program, initial, expected } = await openFixture(name);
  const learning = causal(program, { batch: 2, context: 24 });
  const session = tensors.train({ learning, initial, optimizer, clip: 1, ...options });
  const results = expected.batches.map((tokens, i) => session.step(windows(tokens), optimizer.scalars(i + 1, 1)));
  session.dispose();
  return results;
}

describe.skipIf(!tensors.native)('on the native backend', () => {
  // Rounding sends some tokens to other experts: a model with experts is as close as these let it be.
  test.each([
    ['llama', 'bf16', 1e-3, 2e-2],
    ['llama', 'fp16', 2e-4, 4e-3],
    ['deepseek-plain', 'bf16', 1e-3, 3e-2],
    ['deepseek-plain', 'fp16', 1e-3, 1e-2],
  ] as const)('%s in %s has the losses and norms of autocast', async (name, precision, loss, norm) => {
    const found = await ten(name, { precision });
    const { losses, norms } = half[`${name} ${precision}`];
    const { expected } = await openFixture(name);
    found.forEach((step, i) => {
      expect(Math.abs(step.loss - losses[i]), `loss of step ${i + 1}`).toBeLessThan(loss * losses[i]);
      expect(Math.abs(step.gradientNorm - norms[i]), `norm of step ${i + 1}`).toBeLessThan(norm * norms[i]);
    });
    // Rounded it is.
    expect(Math.abs(found[0].loss - expected.losses[0])).toBeGreaterThan(1e-6);
  });

  test('checkpointing and several batches go with it', async () => {
    const { program, expected } = await openFixture('llama');
    const open = async (options: Partial<TrainingOptions>): Promise<TrainingSession> =>
      tensors.train({
        learning: causal(program, { batch: 2, context: 24 }),
        initial: (await openFixture('llama')).initial,
        optimizer,
        clip: 1,
        precision: 'fp16',
        ...options,
      });
    const [one, many] = [await open({}), await open({ checkpointing: true, accumulate: 2 })];
    const batch = windows(expected.batches[0]);
    const [a, b] = [one.step(batch, optimizer.scalars(1, 1)), many.step([batch, batch], optimizer.scalars(1, 1))];
    one.dispose();
    many.dispose();
    expect(b.loss).toBeCloseTo(a.loss, 4);
    expect(Math.abs(b.gradientNorm - a.gradientNorm)).toBeLessThan(1e-3 * a.gradientNorm);
  });

  /** x [1, 2] times w [1, 2], a number with the gradient x; x is fed. */
  const learning: Learning = {
    weights: [{ name: 'w', shape: [1, 2], init: 'ones', trained: true } as Weight],
    inputs: [{ name: 'x', shape: [1, 2], dtype: 'float32' }],
    loss: ({ ops, input, weight }) => ({ sum: ops.total(ops.linear(input('x'), weight('w'))), count: 1 }),
  };

  test('float16 finds its scale as a GradScaler: down at each overflow, with nothing changed, and goes on from a saved one', async () => {
    const rule = await sgd();
    const open = (): TrainingSession =>
      tensors.train({ learning, initial: () => Float32Array.of(1, 1), optimizer: rule, clip: null, precision: 'fp16' });
    const read = (session: TrainingSession): Record<string, number[]> =>
      Object.fromEntries([...session.state()].map(({ name, values }) => [name, [...values]]));
    const session = open();
    expect(read(session)).toMatchObject({ w: [1, 1], loss_scale: [65_536] });
    // Times 65,536 and 32,768 it is beyond float16, times 16,384 not.
    const x = Float32Array.of(2.5, -0.5);
    const results = [1, 2, 3].map((step) => session.step({ x }, rule.scalars(step, 1)));
    expect(results.map(({ skipped = false }) => skipped)).toEqual([true, true, false]);
    expect(results[2].loss).toBe(2);
    expect(results[2].gradientNorm).toBeCloseTo(Math.hypot(2.5, 0.5), 5);
    const state = read(session);
    expect(state).toMatchObject({ loss_scale: [16_384], 'loss_scale/steps': [1] });
    expect(state.w[0]).toBeCloseTo(1 - 0.1 * 2.5, 6);

    const second = open();
    second.load(stateOf(session));
    session.dispose();
    expect(second.step({ x }, rule.scalars(4, 1)).skipped).toBeUndefined();
    expect(read(second)).toMatchObject({ loss_scale: [16_384], 'loss_scale/steps': [2] });
    second.dispose();
  });

  test('gives up where no scale makes a gradient finite', async () => {
    const rule = await sgd();
    const session = tensors.train({
      learning,
      initial: () => Float32Array.of(1, 1),
      optimizer: rule,
      clip: null,
      precision: 'fp16',
    });
    const x = Float32Array.of(Number.NaN, 0);
    const all = (): void => {
      for (let step = 1; step <= 60; step++) session.step({ x }, rule.scalars(step, 1));
    };
    expect(all).toThrow('is not a finite number');
    session.dispose();
  });
});
