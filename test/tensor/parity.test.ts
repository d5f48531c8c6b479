// The models are those of transformers: same logits from its files, same losses over ten AdamW steps. The expected numbers were
// made by fixtures/models/make.py; parity-live.test.ts makes them anew where there is a Python.
import { describe, expect, test } from 'vitest';
import type { Tensors } from '../../engine/nodes/module.ts';
import { openTensors } from '../../engine/tensor/index.ts';
import { answerDifference, encoders, largest, logitDifference, names, openFixture, tenSteps } from './setting.ts';

const tensors: Tensors = await openTensors();

describe.each(names)('%s', (name) => {
  test('gives the logits of transformers', async () => {
    expect(logitDifference(tensors, await openFixture(name))).toBeLessThan(1e-4);
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
    expect(await tenSteps(tensors, await openFixture(name), eager)).toBeLessThan(1e-3);
  });
});

test.each(encoders.slice(0, 1))('%s gives the scores of transformers, every position seeing all', async (name) => {
  expect(answerDifference(tensors, await openFixture(name))).toBeLessThan(1e-4);
});
