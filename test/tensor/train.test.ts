// What a training session promises, on the tiny DeepSeek: recorded steps agree with eager ones, repeat bit by bit, can be resumed,
// refuse numbers that are not finite, and do not grow.
import { describe, expect, test } from 'vitest';
import { causal } from '../../engine/nodes/learning.ts';
import { NonFiniteError, type TrainingOptions, type TrainingSession } from '../../engine/nodes/module.ts';
import { random } from '../../engine/nodes/random.ts';
import { openTensors } from '../../engine/tensor/index.ts';
import { adamw, fingerprint, openFixture } from './setting.ts';

const tensors = await openTensors();
const optimizer = await adamw();
const layout = { batch: 2, context: 16 };

async function open(options: Partial<TrainingOptions> = {}): Promise<TrainingSession> {
  const { program, initial } = await openFixture('deepseek-full');
  return tensors.train({ learning: causal(program, layout), initial, optimizer, clip: 1, ...options });
}

/** A batch whose tokens, and so the experts they go to, are different at every step. */
function batch(step: number): { ids: Int32Array; targets: Int32Array } {
  const draw = random(`test ${step}`);
  // Some steps use only a few tokens: then many experts get no row at all.
  const range = step % 3 === 0 ? 2 : 64;
  const tokens = Int32Array.from({ length: 33 }, () => Math.floor(draw() * range));
  return { ids: tokens.slice(0, 32), targets: tokens.slice(1) };
}

function steps(session: TrainingSession, from: number, to: number): number[] {
  const losses: number[] = [];
  for (let step = from; step <= to; step++) {
    losses.push(session.step(batch(step), optimizer.scalars(step, 1)).loss);
  }
  return losses;
}

describe('a recorded step', () => {
  test('has the losses of the eager one, whatever rows the experts get', async () => {
    const [recorded, eager] = [await open(), await open({ eager: true })];
    const [a, b] = [steps(recorded, 1, 12), steps(eager, 1, 12)];
    recorded.dispose();
    eager.dispose();
    a.forEach((loss, i) => expect(Math.abs(loss - b[i])).toBeLessThan(1e-4 * b[i]));
  });

  test('gives the same bits in a second run', async () => {
    const runs = [];
    for (let run = 0; run < 2; run++) {
      const session = await open();
      runs.push({ losses: steps(session, 1, 8), weights: fingerprint(session) });
      session.dispose();
    }
    expect(runs[1]).toEqual(runs[0]);
  });

  test('goes on from a saved state with the same bits', async () => {
    const whole = await open();
    const expected = [...steps(whole, 1, 4), ...steps(whole, 5, 9)];
    const end = fingerprint(whole);
    whole.dispose();

    const first = await open();
    const losses = steps(first, 1, 4);
    const state = new Map([...first.state()].map(({ name, values }) => [name, values]));
    first.dispose();
    const second = await open();
    second.load(state);
    losses.push(...steps(second, 5, 9));
    expect(losses).toEqual(expected);
    expect(fingerprint(second)).toBe(end);
    second.dispose();
  });

  test('measures a loss without changing anything', async () => {
    const session = await open();
    steps(session, 1, 2);
    const before = fingerprint(session);
    const { loss, count } = session.evaluate(batch(3));
    expect(count).toBe(32);
    expect(fingerprint(session)).toBe(before);
    // TensorFlow arranges the forward pass alone differently: equal up to rounding.
    expect(session.step(batch(3), optimizer.scalars(3, 1)).loss).toBeCloseTo(loss, 5);
    session.dispose();
  });

  test.each([
    ['recorded', false],
    ['eager', true],
  ])('touches no weight when the loss is not finite (%s)', async (_, eager) => {
    const { program, initial } = await openFixture('deepseek-full');
    const broken = (weight: Parameters<typeof initial>[0]): Float32Array => {
      const values = initial(weight);
      if (weight.name === 'model.norm.weight') values[3] = Number.NaN;
      return values;
    };
    const session = tensors.train({
      learning: causal(program, layout),
      initial: broken,
      optimizer,
      clip: 1,
      eager,
    });
    const before = fingerprint(session);
    expect(() => session.step(batch(1), optimizer.scalars(1, 1))).toThrow(NonFiniteError);
    expect(fingerprint(session)).toBe(before);
    session.dispose();
  });

  test('moves the router bias towards balance, by its speed', async () => {
    const { architecture, initial } = await openFixture('deepseek-full');
    const { decoder } = await import('../../engine/nodes/decoder.ts');
    const { readKinds } = await import('../../engine/graph/kinds.ts');
    const blocks = architecture.blocks.map((block) =>
      block.ffn.kind === 'moe'
        ? { ...block, ffn: { ...block.ffn, params: { ...block.ffn.params, bias_speed: 0.01 } } }
        : block,
    );
    const program = decoder(await readKinds(), { ...architecture, blocks });
    const session = tensors.train({ learning: causal(program, layout), initial, optimizer, clip: 1 });
    const name = 'model.layers.1.mlp.gate.e_score_correction_bias';
    const read = (): Float32Array =>
      new Map([...session.state()].map((t) => [t.name, t.values])).get(name) ?? new Float32Array();
    const before = read();
    const load =
      session.step(batch(1), optimizer.scalars(1, 1)).reports.get('model.layers.1.mlp.load') ?? new Float32Array();
    const after = read();
    session.dispose();
    const mean = load.reduce((sum, rows) => sum + rows, 0) / load.length;
    expect(load.reduce((sum, rows) => sum + rows, 0)).toBe(32 * 4); // dropless: every token reaches its experts
    load.forEach((rows, e) => expect(after[e] - before[e]).toBeCloseTo(0.01 * Math.sign(mean - rows), 6));
  });

  test('does not grow over a thousand steps', async () => {
    const session = await open();
    steps(session, 1, 100);
    const before = process.memoryUsage().rss;
    steps(session, 101, 1100);
    const growth = process.memoryUsage().rss - before;
    session.dispose();
    expect(growth).toBeLessThan(16e6);
  });
});
