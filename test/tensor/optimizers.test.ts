// Every optimizer moves weights as the one it is named after: torch's AdamW, SGD and Muon, timm's LAMB, transformers' Adafactor, over 20
// steps on gradients that depend on the weights (fixtures/optimizers/make.py). Recorded, and op by op.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { readKinds } from '../../engine/graph/kinds.ts';
import { withDefaults } from '../../engine/graph/schema.ts';
import type { DefiningKind } from '../../engine/nodes/kind.ts';
import type { Feeds, Learning, OptimizerRule, Weight } from '../../engine/nodes/module.ts';
import { openTensors } from '../../engine/tensor/index.ts';
import { largest, stateOf } from './setting.ts';

interface Expected {
  rows: number;
  shapes: Record<string, number[]>;
  parts: Record<string, number>;
  fixed: { shape: number[]; values: number[] };
  first: Record<string, number[]>;
  inputs: Record<string, number[]>[];
  targets: Record<string, number[]>[];
  runs: { kind: string; params: Record<string, unknown>; weights: Record<string, number[]> }[];
}

const expected = JSON.parse(
  readFileSync(join(import.meta.dirname, '../fixtures/optimizers/expected.json'), 'utf8'),
) as Expected;
const tensors = await openTensors();
const kinds = await readKinds();
const names = Object.keys(expected.shapes);

function rule(name: string, params: Record<string, unknown>): OptimizerRule {
  const kind = kinds.get(name) as DefiningKind;
  const made = kind.optimizer?.(withDefaults(kind, params));
  if (made === undefined) throw new Error(`no optimizer ${name}`);
  return made;
}

/** The model of make.py. */
const learning: Learning = {
  weights: [
    ...names.map(
      (name): Weight => ({
        name,
        shape: expected.shapes[name],
        init: 'normal',
        trained: true,
        ...(name === 'table' && { use: 'table' }),
        ...(name === 'fused' && { parts: Object.entries(expected.parts).map(([name, rows]) => ({ name, rows })) }),
      }),
    ),
    { name: 'behind', shape: expected.fixed.shape, init: 'normal', trained: false },
  ],
  inputs: names.flatMap((name) => [
    { name: `${name}.x`, shape: [expected.rows, expected.shapes[name].slice(-1)[0]], dtype: 'float32' as const },
    { name: `${name}.t`, shape: [expected.rows], dtype: 'int32' as const },
  ]),
  loss(f) {
    const { ops } = f;
    const losses = names.map((name) => {
      const [x, w] = [f.input(`${name}.x`), f.weight(name)];
      const [states, head] = name === 'gain' ? [ops.rmsNorm(x, w, 1e-6), f.weight('behind')] : [x, w];
      return ops.headLoss(states, head, f.input(`${name}.t`));
    });
    return { sum: losses.reduce((a, b) => ops.add(a, b)), count: expected.rows };
  },
};

function feeds(step: number): Feeds {
  return Object.fromEntries(
    names.flatMap((name): [string, Float32Array | Int32Array][] => [
      [`${name}.x`, Float32Array.from(expected.inputs[step - 1][name])],
      [`${name}.t`, Int32Array.from(expected.targets[step - 1][name])],
    ]),
  );
}

describe.each(expected.runs)('$kind($params)', ({ kind, params, weights }) => {
  test.each([
    ['recorded', false],
    ['op by op', true],
  ])('moves weights as its model does, %s', (_, eager) => {
    const optimizer = rule(kind, params);
    const initial = ({ name }: Weight): Float32Array =>
      Float32Array.from(name === 'behind' ? expected.fixed.values : expected.first[name]);
    const session = tensors.train({ learning, initial, optimizer, clip: null, eager });
    for (let step = 1; step <= expected.inputs.length; step++) session.step(feeds(step), optimizer.scalars(step, 1));
    const state = stateOf(session);
    session.dispose();
    for (const name of names) {
      const [ours, first] = [state.get(name) as Float32Array, expected.first[name]];
      const difference = largest(ours, weights[name]);
      expect(difference, name).toBeLessThan(1e-5);
      expect(difference, name).toBeLessThan(0.01 * largest(ours, first));
    }
  });
});
