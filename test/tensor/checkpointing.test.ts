// Gradient checkpointing changes what is kept, not what comes out: losses, gradient norms, weights, the router's bias and what experts
// got are those without it. And it lowers the peak of a real process.
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { run } from '../../engine/native/command.ts';
import { root } from '../../engine/native/paths.ts';
import { causal } from '../../engine/nodes/learning.ts';
import type { StepResult, TrainingSession } from '../../engine/nodes/module.ts';
import { random } from '../../engine/nodes/random.ts';
import { openTensors } from '../../engine/tensor/index.ts';
import { largest, openFixture, sgd, stateOf } from './setting.ts';

const tensors = await openTensors();
const optimizer = await sgd();
const layout = { batch: 2, context: 16 };

async function open(name: string, checkpointing: boolean, eager: boolean): Promise<TrainingSession> {
  const { program, initial } = await openFixture(name);
  return tensors.train({ learning: causal(program, layout), initial, optimizer, clip: 1, eager, checkpointing });
}

function take(session: TrainingSession, step: number): StepResult {
  const draw = random(`test ${step}`);
  const tokens = Int32Array.from({ length: 33 }, () => Math.floor(draw() * 64));
  return session.step({ ids: tokens.slice(0, 32), targets: tokens.slice(1) }, optimizer.scalars(step, 1));
}

describe.each(['deepseek-plain', 'llama'])('%s', (name) => {
  test.each([
    ['recorded', false],
    ['op by op', true],
  ])('learns the same with checkpointing, %s', async (_, eager) => {
    const [plain, short] = [await open(name, false, eager), await open(name, true, eager)];
    for (let step = 1; step <= 4; step++) {
      const [a, b] = [take(plain, step), take(short, step)];
      expect(Math.abs(a.loss - b.loss)).toBeLessThan(1e-6 * a.loss);
      expect(Math.abs(a.gradientNorm - b.gradientNorm)).toBeLessThan(1e-5 * a.gradientNorm);
      expect(b.reports).toEqual(a.reports);
    }
    const [a, b] = [plain, short].map((session) => {
      const state = stateOf(session);
      session.dispose();
      return state;
    });
    expect([...b.keys()]).toEqual([...a.keys()]);
    for (const [each, values] of a)
      if (!each.includes('/')) expect(largest(b.get(each) as Float32Array, values), each).toBeLessThan(1e-6);
  });
});

interface Peak {
  losses: number[];
  /** Bytes, above what the process took before the first step. */
  peak: number;
}

/** Trains in a process of its own (peak.ts). */
async function measure(checkpointing: boolean): Promise<Peak> {
  const tsx = join(root, 'node_modules/tsx/dist/cli.mjs');
  const script = join(import.meta.dirname, 'peak.ts');
  const ran = await run(process.execPath, [tsx, script, JSON.stringify({ checkpointing })], { cwd: root });
  expect(ran.status, ran.stderr).toBe(0);
  return JSON.parse(ran.stdout) as Peak;
}

test.skipIf(!tensors.native)(
  'lowers the peak of a process by most of what its layers keep, at the same losses',
  async () => {
    const [plain, short] = [await measure(false), await measure(true)];
    short.losses.forEach((loss, i) => expect(Math.abs(loss - plain.losses[i])).toBeLessThan(1e-5 * loss));
    expect(short.peak).toBeLessThan(0.6 * plain.peak);
  },
);
