// Steps that are refused: beyond a limit, or not finite, nothing changes, not even in the last bit; and what was wrong can be told.
import { describe, expect, test } from 'vitest';
import { causal } from '../../engine/nodes/learning.ts';
import { NonFiniteError, type TrainingOptions, type TrainingSession } from '../../engine/nodes/module.ts';
import { random } from '../../engine/nodes/random.ts';
import { openTensors } from '../../engine/tensor/index.ts';
import { adamw, fingerprint, openFixture, stateOf } from './setting.ts';

const tensors = await openTensors();
const optimizer = await adamw();
const layout = { batch: 2, context: 16 };

async function open(options: Partial<TrainingOptions>): Promise<TrainingSession> {
  const { program, initial } = await openFixture('deepseek-full');
  return tensors.train({ learning: causal(program, layout), initial, optimizer, clip: 1, ...options });
}

function batch(step: number): { ids: Int32Array; targets: Int32Array } {
  const draw = random(`limits ${step}`);
  const tokens = Int32Array.from({ length: 33 }, () => Math.floor(draw() * 64));
  return { ids: tokens.slice(0, 32), targets: tokens.slice(1) };
}

/** The batches of a step. */
const given = (step: number, accumulate: number) => Array.from({ length: accumulate }, (_, i) => batch(10 * step + i));
const none = { loss: Number.POSITIVE_INFINITY, gradient: Number.POSITIVE_INFINITY };

const ways: [title: string, options: Partial<TrainingOptions>][] = [
  ['recorded', {}],
  ['recorded, several batches a step, with a running mean of weights', { accumulate: 3, average: true }],
  ['recorded, with gradient checkpointing', { checkpointing: true }],
  ['op by op', { eager: true }],
  ['op by op, several batches a step', { eager: true, accumulate: 2 }],
];

describe.each(ways)('%s', (_, options) => {
  const { accumulate = 1, average = false } = options;
  const scalars = (step: number) => ({ ...optimizer.scalars(step, 1), ...(average && { average: 0.1 }) });

  test('a step beyond a limit changes nothing, and tells its numbers', async () => {
    const [limited, plain] = [await open({ ...options, limits: true }), await open(options)];
    for (let step = 1; step <= 3; step++) {
      const a = limited.step(given(step, accumulate), scalars(step), none);
      const b = plain.step(given(step, accumulate), scalars(step));
      expect(a).toEqual(b);
      expect(a.refused).toBeUndefined();
    }
    expect(fingerprint(limited)).toBe(fingerprint(plain));
    const before = fingerprint(limited);
    const loss = limited.step(given(4, accumulate), scalars(4), { ...none, loss: 1 });
    const norm = limited.step(given(4, accumulate), scalars(4), { ...none, gradient: 1e-6 });
    expect([loss.refused, norm.refused]).toEqual(['loss', 'gradient']);
    expect(fingerprint(limited)).toBe(before);
    const through = plain.step(given(4, accumulate), scalars(4));
    for (const refused of [loss, norm]) {
      expect(refused.loss).toBe(through.loss);
      expect(refused.gradientNorm).toBe(through.gradientNorm);
      expect([...refused.reports]).toEqual([...through.reports]);
    }
    // A limit that is just not reached lets the step through.
    const passed = limited.step(given(4, accumulate), scalars(4), {
      loss: through.loss,
      gradient: through.gradientNorm,
    });
    expect(passed.refused).toBeUndefined();
    expect(fingerprint(limited)).toBe(fingerprint(plain));
    limited.dispose();
    plain.dispose();
  });

  test('a number that is none reaches no weight, whatever way it comes', async () => {
    const session = await open({ ...options, limits: true });
    session.step(given(1, accumulate), scalars(1), none);
    const sound = stateOf(session);
    // A weight of each kind goes wrong: what is looked up, what is multiplied, what normalises, what routes, what gives the logits.
    const weights = [...sound.keys()].filter((name) => !/\/(m|v|average)$/.test(name));
    const kinds = ['embed_tokens', 'layernorm', 'kv_b_proj', 'gate.weight', 'experts', 'lm_head'];
    const chosen = kinds.flatMap((kind) => weights.find((name) => name.includes(kind)) ?? []);
    expect(chosen.length).toBeGreaterThan(4);
    for (const name of chosen) {
      for (const value of [Number.NaN, Number.POSITIVE_INFINITY, 3e38]) {
        const broken = new Map(sound);
        broken.set(name, Float32Array.from(sound.get(name) as Float32Array).fill(value));
        session.load(broken);
        const before = fingerprint(session);
        let failed: unknown = null;
        try {
          session.step(given(2, accumulate), scalars(2), none);
        } catch (error) {
          failed = error;
        }
        if (failed === null) {
          // All numbers were finite: then those of the weights are too.
          for (const { name, values } of session.state())
            if (name !== chosen[0]) expect(values.some(Number.isNaN), name).toBe(false);
          continue;
        }
        expect(failed, `${name} ${value}`).toBeInstanceOf(NonFiniteError);
        expect(fingerprint(session), `${name} ${value}`).toBe(before);
        const { loss, gradients } = session.inspect(given(2, accumulate));
        expect(Number.isFinite(loss) && [...gradients.values()].every(Number.isFinite)).toBe(false);
        expect(fingerprint(session)).toBe(before);
      }
    }
    session.load(sound);
    expect(session.step(given(2, accumulate), scalars(2), none).loss).toBeGreaterThan(0);
    session.dispose();
  });

  test('looked at, gradients weight by weight make up the norm, and nothing is changed', async () => {
    const session = await open(options);
    const before = fingerprint(session);
    const { loss, gradients } = session.inspect(given(1, accumulate));
    expect(fingerprint(session)).toBe(before);
    const result = session.step(given(1, accumulate), scalars(1));
    expect(loss).toBeCloseTo(result.loss, 5);
    const norm = Math.sqrt([...gradients.values()].reduce((sum, each) => sum + each * each, 0));
    expect(norm / result.gradientNorm).toBeCloseTo(1, 4);
    expect(gradients.size).toBeGreaterThan(10);
    session.dispose();
  });
});
