// Adapters are those of peft: its files give its logits here, token by token too, and the losses of ten steps of its training. The
// expected numbers were made by fixtures/adapters/make.py.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { weightFiles } from '../../engine/data/safetensors.ts';
import { readKinds } from '../../engine/graph/kinds.ts';
import { adapterWeights, linearLayers, mergeInto } from '../../engine/nodes/adapters.ts';
import { decoder, decoderWeights } from '../../engine/nodes/decoder.ts';
import { causal } from '../../engine/nodes/learning.ts';
import type { Weight } from '../../engine/nodes/module.ts';
import { adapterConfig, adapterTensors, readAdapters, tensorPrefix } from '../../engine/nodes/peft.ts';
import type { Architecture } from '../../engine/nodes/values.ts';
import { initialValues } from '../../engine/nodes/weights.ts';
import { openTensors } from '../../engine/tensor/index.ts';
import { adamw, largest, type Model, names as models, openFixture, windows } from './setting.ts';

const tensors = await openTensors();
const kinds = await readKinds();
const folder = join(import.meta.dirname, '../fixtures/adapters');
const names = readdirSync(folder).filter((name) => !name.includes('.'));

interface Adapted {
  base: Model;
  architecture: Architecture;
  values: (weight: Weight) => Float32Array;
  expected: { logits: number[]; losses: number[] };
}

async function open(name: string): Promise<Adapted> {
  const read = (file: string): string => readFileSync(join(folder, name, file), 'utf8');
  const expected = JSON.parse(read('expected.json')) as Adapted['expected'] & { model: string };
  const base = await openFixture(expected.model);
  const weights = decoderWeights(kinds, base.architecture);
  const adapters = readAdapters(read(adapterConfig), linearLayers(weights));
  const stored = await weightFiles.open([join(folder, name, adapterTensors)]);
  const own = new Map<string, Float32Array>();
  for (const weight of adapterWeights(weights, adapters)) own.set(weight.name, stored.read(tensorPrefix + weight.name));
  expect(own.size).toBe(stored.tensors.size);
  stored.close();
  return {
    base,
    architecture: { ...base.architecture, adapters },
    values: (weight) => own.get(weight.name) ?? base.initial(weight),
    expected,
  };
}

test('there are adapters of peft', () => expect(names.length).toBeGreaterThan(3));

describe.each(names)('%s', (name) => {
  test('gives the logits of peft', async () => {
    const { base, architecture, values, expected } = await open(name);
    const [, time] = base.expected.shape;
    const session = tensors.infer(decoder(kinds, architecture), values);
    const logits = session.logits(Int32Array.from(base.expected.ids.slice(0, time)), 1, time);
    session.dispose();
    expect(largest(logits, expected.logits)).toBeLessThan(1e-4);
    expect(largest(logits, base.expected.logits.slice(0, logits.length))).toBeGreaterThan(0.1);
  });

  test('gives them token by token with its cache', async () => {
    const { base, architecture, values, expected } = await open(name);
    const [, time] = base.expected.shape;
    const session = tensors.infer(decoder(kinds, architecture), values);
    const generator = session.generator();
    const ids = base.expected.ids.slice(0, time);
    const last = [generator.feed(ids.slice(0, 5)), ...ids.slice(5).map((id) => generator.feed([id]))];
    generator.dispose();
    session.dispose();
    last.forEach((logits, i) => {
      const at = (i + 4) * logits.length;
      expect(largest(logits, expected.logits.slice(at, at + logits.length))).toBeLessThan(1e-4);
    });
  });

  test('gives them merged', async () => {
    const { base, architecture, values, expected } = await open(name);
    const { adapters, ...plain } = architecture;
    if (adapters === undefined) throw new Error('no adapters');
    const byName = new Map(adapterWeights(decoderWeights(kinds, plain), adapters).map((w) => [w.name, w]));
    const merged = new Map<string, Float32Array>();
    for (const weight of decoderWeights(kinds, plain)) {
      const all = values(weight).slice();
      mergeInto(weight, all, adapters, (name) => values(byName.get(name) as Weight));
      merged.set(weight.name, all);
    }
    const [, time] = base.expected.shape;
    const session = tensors.infer(decoder(kinds, plain), ({ name }) => merged.get(name) as Float32Array);
    const logits = session.logits(Int32Array.from(base.expected.ids.slice(0, time)), 1, time);
    session.dispose();
    expect(largest(logits, expected.logits)).toBeLessThan(1e-4);
  });

  test.each([
    ['recorded', false],
    ['eager', true],
  ])('has the losses of ten steps of peft, and moves nothing else (%s)', async (_, eager) => {
    const { base, architecture, values, expected } = await open(name);
    const program = decoder(kinds, architecture);
    const optimizer = await adamw();
    const learning = causal(program, { batch: 2, context: 24 });
    const session = tensors.train({ learning, initial: values, optimizer, clip: 1, eager });
    const losses = base.expected.batches.map(
      (tokens, i) => session.step(windows(tokens), optimizer.scalars(i + 1, 1)).loss,
    );
    const state = [...session.state()].map((tensor) => tensor.name);
    session.dispose();
    losses.forEach((loss, i) => expect(Math.abs(loss - expected.losses[i])).toBeLessThan(1e-4));
    expect(state.length).toBeGreaterThan(0);
    expect(state.filter((name) => !name.includes('.lora_'))).toEqual([]);
  });
});

test.each(models)('the linear layers of %s found by name are those that go through the hook', async (name) => {
  const { architecture, initial } = await openFixture(name);
  const program = decoder(kinds, architecture);
  const through = new Set<string>();
  const session = tensors.infer(
    {
      ...program,
      hidden: (f) =>
        program.hidden({
          ...f,
          linear(x, layer, plain) {
            through.add(layer);
            return plain(x);
          },
        }),
    },
    initial,
  );
  session.logits(Int32Array.of(1, 2, 3), 1, 3);
  session.dispose();
  const found = program.weights.filter((weight) => linearLayers([weight]).length > 0);
  expect(found.map((weight) => weight.name.slice(0, -'.weight'.length)).sort()).toEqual([...through].sort());
});

test('new adapters change nothing, and few parameters are trainable', async () => {
  const { architecture, initial, expected } = await openFixture('deepseek-full');
  const adapters = { rank: 4, scale: 2, dropout: 0, targets: ['q_b_proj', 'kv_b_proj'] };
  const program = decoder(kinds, { ...architecture, adapters });
  const session = tensors.infer(program, (weight) =>
    weight.name.includes('.lora_') ? initialValues(weight, 0, 3) : initial(weight),
  );
  const logits = session.logits(Int32Array.from(expected.ids), 2, 24);
  session.dispose();
  expect(largest(logits, expected.logits)).toBeLessThan(1e-4);
  const [first] = program.weights.filter(({ name }) => name.includes('lora_A'));
  const values = initialValues(first, 0, 3);
  const bound = 1 / Math.sqrt(first.shape[1]);
  expect(Math.max(...values.map(Math.abs))).toBeLessThanOrEqual(bound);
  expect(Math.max(...values)).toBeGreaterThan(0.8 * bound);
});

test('dropout falls on what adapters get, in training alone, another at each step and the same for the same', async () => {
  const optimizer = await adamw();
  const lossOf = async (dropout: number, seed: [number, number]): Promise<number[]> => {
    const { base, architecture, values } = await open('llama-attention');
    const { adapters } = architecture;
    if (adapters === undefined) throw new Error('no adapters');
    const learning = causal(decoder(kinds, { ...architecture, adapters: { ...adapters, dropout } }), {
      batch: 2,
      context: 24,
    });
    const session = tensors.train({ learning, initial: (weight) => values(weight).slice(), optimizer, clip: 1 });
    const feeds = { ...windows(base.expected.batches[0]), dropout: Int32Array.from(seed) };
    const measured = session.evaluate(feeds).loss;
    const stepped = session.step(feeds, optimizer.scalars(1, 1)).loss;
    session.dispose();
    return [measured, stepped];
  };
  const plain = await lossOf(0, [0, 1]);
  expect(plain[1]).toBeCloseTo(plain[0], 5);
  const dropped = [await lossOf(0.5, [0, 1]), await lossOf(0.5, [0, 1]), await lossOf(0.5, [0, 2])];
  for (const [measured] of dropped) expect(measured).toBeCloseTo(plain[0], 5);
  expect(dropped[0][1]).not.toBeCloseTo(plain[1], 4);
  expect(dropped[1][1]).toBe(dropped[0][1]);
  expect(dropped[2][1]).not.toBeCloseTo(dropped[0][1], 4);
});
