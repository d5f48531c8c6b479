// Learning from a teacher: losses and gradients are those of torch (fixtures/distil/make.py), on all kernels, recorded too.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { loadTensorflow } from '../../engine/native/load.ts';
import { type Kernels, plainKernels } from '../../engine/tensor/kernels.ts';
import { eagerExecutor, type NodeBackend, nativeKernels } from '../../engine/tensor/native.ts';
import { createOps } from '../../engine/tensor/ops.ts';
import { Tape, Value } from '../../engine/tensor/tape.ts';
import { largest } from './setting.ts';

interface Case {
  temperature: number;
  alpha: number;
  count: number;
  loss: number;
  gradients: number[][];
  shares: number[];
  ids: number[];
}
type Name = 'x' | 'head' | 'bias' | 'other' | 'table' | 'targets' | 'learned';
const file = join(import.meta.dirname, '../fixtures/distil/expected.json');
const given = JSON.parse(readFileSync(file, 'utf8')) as { rows: number; dim: number; vocab: number; cases: Case[] } & {
  [name in Name]: number[];
};
const { rows, dim, vocab } = given;

const { tf, native } = await loadTensorflow();
const sets: [string, Kernels][] = [
  ...(native
    ? [['TensorFlow', nativeKernels(eagerExecutor(tf, tf.backend() as unknown as NodeBackend))] as [string, Kernels]]
    : []),
  ['plain', plainKernels(tf)],
];

describe.each(sets)('on %s kernels', (_, k) => {
  test.each(given.cases)('temperature $temperature, alpha $alpha, $count of 11 tokens', (expected) => {
    const { temperature, alpha, count } = expected;
    tf.tidy(() => {
      const tape = new Tape(k, true);
      const ops = createOps(k, tape);
      const tensor = (name: Name, shape: number[], tracked = true): Value =>
        new Value(tf.tensor(given[name], shape), tracked);
      const [x, head, bias] = [tensor('x', [rows, dim]), tensor('head', [vocab, dim]), tensor('bias', [vocab])];
      const likeliest = ops.likeliest(tensor('other', [rows, 3], false), tensor('table', [vocab, 3], false), {
        count,
        vocab,
        temperature,
      });
      expect([...(likeliest.ids as Value).data.dataSync()]).toEqual(expected.ids);
      expect(largest((likeliest.shares as Value).data.dataSync(), expected.shares)).toBeLessThan(1e-6);
      const loss = ops.headLoss(x, head, new Value(tf.tensor(given.targets, [rows], 'int32'), false), {
        bias,
        learned: tensor('learned', [rows], false),
        soft: { ...likeliest, temperature, alpha },
      }) as Value;
      expect(loss.data.dataSync()[0]).toBeCloseTo(expected.loss, 4);
      const gradients = tape.gradients(loss, k.scalar(1), [x, head, bias]);
      gradients.forEach((gradient, i) => {
        expect(largest(gradient?.dataSync() ?? [], expected.gradients[i] as number[])).toBeLessThan(2e-5);
      });
    });
  });

  test('tokens beyond a common vocabulary have no share', () => {
    tf.tidy(() => {
      const ops = createOps(k, new Tape(k, false));
      const x = new Value(tf.tensor(given.other, [rows, 3]), false);
      const table = new Value(tf.tensor(given.table, [vocab, 3]), false);
      const { ids, shares, rest } = ops.likeliest(x, table, { count: 4, vocab: 7, temperature: 1 });
      expect(Math.max(...(ids as Value).data.dataSync())).toBeLessThan(7);
      const sums = tf.add(tf.sum((shares as Value).data, 1), (rest as Value).data).dataSync();
      for (const sum of sums) expect(sum).toBeCloseTo(1, 5);
    });
  });
});
