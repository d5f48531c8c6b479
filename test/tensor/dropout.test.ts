// Dropout draws from seed and step that are fed, and losses that are added while training reach the gradients alone: recorded and op by
// op alike, on a model that has both everywhere.
import { expect, test } from 'vitest';
import { readKinds } from '../../engine/graph/kinds.ts';
import { decoder } from '../../engine/nodes/decoder.ts';
import { drawn } from '../../engine/nodes/draw.ts';
import { causal } from '../../engine/nodes/learning.ts';
import type { TrainingSession } from '../../engine/nodes/module.ts';
import { random } from '../../engine/nodes/random.ts';
import type { Architecture, BlockSpec, Part } from '../../engine/nodes/values.ts';
import { initialValues } from '../../engine/nodes/weights.ts';
import { openTensors } from '../../engine/tensor/index.ts';
import { gradients, largest } from './setting.ts';

const kinds = await readKinds();
const tensors = await openTensors();

const attention: Part = { kind: 'mha', params: { heads: 2, rope_theta: 10000, dropout: 0.2 } };
const experts = (balance: number): Part => ({
  kind: 'moe',
  params: { experts: 4, active: 2, shared: 1, dim: 8, groups: 1, scale: 1, normalize: true, bias_speed: 0, balance },
});
const mlp: Part = { kind: 'mlp', params: { dim: 24, activation: 'gelu', bias: true, dropout: 0.1 } };

function model(dropout: number, balance: number): Architecture {
  const block = (ffn: Part): BlockSpec => ({ repeat: 1, attention, ffn, eps: 1e-6, ...(dropout > 0 && { dropout }) });
  const plain = ({ kind, params }: Part): Part => ({ kind, params: { ...params, dropout: 0 } });
  const blocks = [block(mlp), block(experts(balance))];
  return {
    tokenizer: null,
    vocab: 31,
    dim: 16,
    init: 0.3,
    blocks:
      dropout > 0
        ? blocks
        : blocks.map((each) => ({ ...each, attention: plain(each.attention), ffn: plain(each.ffn) })),
    head: { eps: 1e-6, tied: true },
    ...(dropout > 0 && { embedded: { dropout } }),
  };
}

function open(architecture: Architecture, eager: boolean): TrainingSession {
  const program = decoder(kinds, architecture);
  expect(program.draws).toBe(architecture.embedded !== undefined);
  return tensors.train({
    learning: causal(program, { batch: 2, context: 8 }),
    initial: (weight) => initialValues(weight, architecture.init, 3),
    optimizer: gradients,
    clip: null,
    eager,
  });
}

const draw = random('dropout');
const ids = Int32Array.from({ length: 16 }, () => Math.floor(draw() * 31));
const targets = Int32Array.from({ length: 16 }, () => Math.floor(draw() * 31));

function stepped(session: TrainingSession, seed: number, step: number) {
  const feeds = { ids, targets, [drawn.name]: Int32Array.of(seed, step) };
  const { loss } = session.step(feeds, gradients.scalars(1, 1));
  const found = [...session.state()].filter(({ name }) => name.endsWith('/m'));
  const values = found.flatMap((each) => Array.from(each.values));
  return { loss, measured: session.evaluate(feeds).loss, gradients: values, names: found.map(({ name }) => name) };
}

test('recorded and op by op the same is dropped', () => {
  const [recorded, eager] = [open(model(0.1, 0), false), open(model(0.1, 0), true)];
  const [a, b] = [stepped(recorded, 1, 2), stepped(eager, 1, 2)];
  expect(Math.abs(a.loss - b.loss)).toBeLessThan(1e-5);
  expect(largest(a.gradients, b.gradients)).toBeLessThan(1e-4 * Math.max(...b.gradients.map(Math.abs)));
  // Each step and each seed drops something else, the same ones the same; measuring drops nothing.
  expect(stepped(recorded, 1, 2).loss).toBe(a.loss);
  for (const [seed, step] of [
    [1, 3],
    [2, 2],
  ]) {
    const other = stepped(recorded, seed, step);
    expect(Math.abs(other.loss - a.loss)).toBeGreaterThan(1e-4);
    expect(other.measured).toBe(a.measured);
  }
  expect(Math.abs(a.measured - a.loss)).toBeGreaterThan(1e-4);
  recorded.dispose();
  eager.dispose();
});

test('a loss on balance is minimised and not reported', () => {
  const run = (balance: number, eager: boolean) => {
    const session = open(model(0, balance), eager);
    const result = stepped(session, 0, 0);
    session.dispose();
    return result;
  };
  const [without, recorded, eager] = [run(0, false), run(0.5, false), run(0.5, true)];
  expect(recorded.loss).toBe(without.loss);
  expect(recorded.measured).toBe(without.measured);
  const most = Math.max(...eager.gradients.map(Math.abs));
  expect(largest(recorded.gradients, eager.gradients)).toBeLessThan(1e-4 * most);
  expect(largest(recorded.gradients, without.gradients)).toBeGreaterThan(1e-3 * most);
});
