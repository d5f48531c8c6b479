// The models are those of transformers: same logits from its files, same losses over ten AdamW steps. The expected numbers were
// made by fixtures/models/make.py; parity-live.test.ts makes them anew where there is a Python.
import { describe, expect, test } from 'vitest';
import type { Tensors } from '../../engine/nodes/module.ts';
import { openTensors } from '../../engine/tensor/index.ts';
import { adamw, openFixture, windows } from './setting.ts';

const tensors: Tensors = await openTensors();
const names = ['deepseek-full', 'deepseek-plain', 'llama'];

const largest = (a: ArrayLike<number>, b: ArrayLike<number>): number =>
  Array.from(a).reduce((most, value, i) => Math.max(most, Math.abs(value - b[i])), 0);

describe.each(names)('%s', (name) => {
  test('gives the logits of transformers', async () => {
    const { program, initial, expected } = await openFixture(name);
    const session = tensors.infer(program, initial);
    const [batch, time] = expected.shape;
    const logits = session.logits(Int32Array.from(expected.ids), batch, time);
    session.dispose();
    expect(logits.length).toBe(expected.logits.length);
    expect(largest(logits, expected.logits)).toBeLessThan(1e-4);
  });

  test('gives the same logits token by token with its cache', async () => {
    const { program, initial, expected } = await openFixture(name);
    const session = tensors.infer(program, initial);
    const [, time] = expected.shape;
    const ids = expected.ids.slice(0, time);
    const generator = session.generator();
    const last = [generator.feed(ids.slice(0, 5)), ...ids.slice(5).map((id) => generator.feed([id]))];
    generator.dispose();
    session.dispose();
    const vocab = last[0].length;
    last.forEach((logits, i) => {
      const row = expected.logits.slice((i + 4) * vocab, (i + 5) * vocab);
      expect(largest(logits, row)).toBeLessThan(1e-4);
    });
  });

  test.each([
    ['recorded', false],
    ['eager', true],
  ])('has the losses of ten AdamW steps of PyTorch, %s', async (_, eager) => {
    const { program, initial, expected } = await openFixture(name);
    const optimizer = await adamw();
    const session = tensors.train({ program, initial, optimizer, clip: 1, batch: 2, context: 24, eager });
    expected.batches.forEach((tokens, i) => {
      const { ids, targets } = windows(tokens);
      const { loss } = session.step(ids, targets, optimizer.scalars(i + 1, 1));
      expect(Math.abs(loss - expected.losses[i]) / expected.losses[i]).toBeLessThan(1e-3);
    });
    session.dispose();
  });
});

