// A step over several batches is one over all of them together, whatever counts in each: losses, gradient norms, weights, the router's
// bias and what experts got. And the running mean of the weights is what torch's AveragedModel has with the same shares.
import { describe, expect, test } from 'vitest';
import { readKinds } from '../../engine/graph/kinds.ts';
import { averageOf, averageShare } from '../../engine/nodes/averaging.ts';
import { decoder } from '../../engine/nodes/decoder.ts';
import { causal, type Layout, windowFeeds } from '../../engine/nodes/learning.ts';
import type { Batch, Feeds, TrainingOptions, TrainingSession } from '../../engine/nodes/module.ts';
import { random } from '../../engine/nodes/random.ts';
import { openTensors } from '../../engine/tensor/index.ts';
import { largest, openFixture, sgd, stateOf } from './setting.ts';

const tensors = await openTensors();
const kinds = await readKinds();
const optimizer = await sgd();
const context = 16;

async function open(
  batch: number,
  options: Partial<TrainingOptions> = {},
  name = 'deepseek-full',
): Promise<TrainingSession> {
  const { architecture, initial } = await openFixture(name);
  const blocks = architecture.blocks.map((block) =>
    block.ffn.kind === 'moe'
      ? { ...block, ffn: { ...block.ffn, params: { ...block.ffn.params, bias_speed: 0.01 } } }
      : block,
  );
  const program = decoder(kinds, { ...architecture, blocks });
  const learning = causal(program, { batch, context, learned: true });
  return tensors.train({ learning, initial, optimizer, clip: 1, ...options });
}

/** Windows of which more and more counts, the first not at all. */
function batch(step: number, windows: number): Batch {
  const draw = random(`windows ${step}`);
  const n = windows * context;
  const tokens = Int32Array.from({ length: n + 1 }, () => Math.floor(draw() * 64));
  const learned = Float32Array.from({ length: n }, (_, i) => (draw() < Math.floor(i / context) / windows ? 1 : 0));
  return { ids: tokens.slice(0, -1), targets: tokens.slice(1), learned };
}

function parts({ ids, targets, learned }: Batch, count: number, layout: Layout): Feeds[] {
  const size = ids.length / count;
  return Array.from({ length: count }, (_, i) => {
    const [from, to] = [i * size, (i + 1) * size];
    const part = { ids: ids.slice(from, to), targets: targets.slice(from, to), learned: learned?.slice(from, to) };
    return windowFeeds(part as Batch, layout);
  });
}

describe.each([
  ['recorded', false],
  ['op by op', true],
])('%s', (_, eager) => {
  test('four batches are as one', async () => {
    const accumulate = 4;
    const one = await open(4, { eager });
    const many = await open(4 / accumulate, { eager, accumulate });
    for (let step = 1; step <= 6; step++) {
      const whole = batch(step, 4);
      const scalars = optimizer.scalars(step, 1);
      const a = one.step(parts(whole, 1, { batch: 4, context, learned: true }), scalars);
      const b = many.step(parts(whole, accumulate, { batch: 4 / accumulate, context, learned: true }), scalars);
      expect(Math.abs(a.loss - b.loss), `loss of step ${step}`).toBeLessThan(1e-6 * a.loss);
      expect(Math.abs(a.gradientNorm - b.gradientNorm)).toBeLessThan(1e-5 * a.gradientNorm);
      expect([...b.reports.keys()]).toEqual([...a.reports.keys()]);
      for (const [name, load] of a.reports) expect(b.reports.get(name), name).toEqual(load);
    }
    const [a, b] = [stateOf(one), stateOf(many)];
    one.dispose();
    many.dispose();
    expect([...b.keys()]).toEqual([...a.keys()]);
    for (const [name, values] of a) {
      if (!name.includes('/')) expect(largest(b.get(name) as Float32Array, values), name).toBeLessThan(1e-6);
    }
    const bias = 'model.layers.1.mlp.gate.e_score_correction_bias';
    expect(b.get(bias)).toEqual(a.get(bias));
    expect(largest(a.get(bias) as Float32Array, new Float32Array(16))).toBeGreaterThan(0.005);
  });

  test('the running mean is what is measured, and goes on exactly', async () => {
    const decay = 0.6;
    const layout = { batch: 2, context, learned: true };
    const take = (session: TrainingSession, step: number): void => {
      const scalars = { ...optimizer.scalars(step, 1), average: averageShare(decay, step) };
      session.step(windowFeeds(batch(step, 2), layout), scalars);
    };
    const session = await open(2, { eager, average: true }, 'llama');
    const name = 'model.layers.1.mlp.down_proj.weight';
    let mean = Float64Array.from(stateOf(session).get(name) as Float32Array);
    let middle = new Map<string, Float32Array>();
    for (let step = 1; step <= 6; step++) {
      take(session, step);
      const state = stateOf(session);
      const kept = Math.min(decay, (1 + step) / (10 + step));
      const now = state.get(name) as Float32Array;
      mean = mean.map((m, i) => kept * m + (1 - kept) * now[i]);
      expect(largest(state.get(averageOf(name)) as Float32Array, mean)).toBeLessThan(1e-6);
      if (step === 3) middle = state;
    }
    const end = stateOf(session);
    const measured = session.evaluate(windowFeeds(batch(9, 2), layout));
    session.dispose();

    const second = await open(2, { eager, average: true }, 'llama');
    second.load(middle);
    for (let step = 4; step <= 6; step++) take(second, step);
    expect(stateOf(second)).toEqual(end);
    second.dispose();

    // A session whose weights are the means.
    const third = await open(2, { eager }, 'llama');
    third.load(new Map([...end].map(([each, values]) => [each, end.get(averageOf(each)) ?? values])));
    expect(third.evaluate(windowFeeds(batch(9, 2), layout)).loss).toBeCloseTo(measured.loss, 6);
    third.dispose();
  });
});
