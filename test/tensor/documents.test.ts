// Several documents in a window are as if each stood alone: the losses, the gradients and what experts get are those of the documents
// one by one, on every model, recorded and op by op. And a loss on some of the targets is the mean over these.
import { describe, expect, test } from 'vitest';
import { causal, type Layout, windowFeeds } from '../../engine/nodes/learning.ts';
import type { Batch, Measured, StepResult, TrainingOptions, TrainingSession } from '../../engine/nodes/module.ts';
import { random } from '../../engine/nodes/random.ts';
import { openTensors } from '../../engine/tensor/index.ts';
import { gradients, largest, names, openFixture } from './setting.ts';

const tensors = await openTensors();

const context = 24;
/** Lengths of the documents in each window; what is left is padding. */
const windows = [[7, 9, 5], [24], [1, 1, 20], [11]];

interface Document {
  ids: Int32Array;
  targets: Int32Array;
  learned: Float32Array;
}

function document(length: number, seed: string): Document {
  const draw = random(seed);
  const tokens = Int32Array.from({ length: length + 1 }, () => Math.floor(draw() * 64));
  return {
    ids: tokens.slice(0, -1),
    targets: tokens.slice(1),
    learned: Float32Array.from({ length }, () => (draw() < 0.6 ? 1 : 0)),
  };
}

const documents = windows.map((lengths, w) => lengths.map((length, d) => document(length, `document ${w} ${d}`)));

/** All documents in their windows. `filler` is the id and target of padding. */
function packed(filler = 0): Required<Batch> {
  const n = windows.length * context;
  const batch = {
    ids: new Int32Array(n).fill(filler),
    targets: new Int32Array(n).fill(filler),
    learned: new Float32Array(n),
    starts: new Int32Array(n).fill(-1),
  };
  documents.forEach((own, w) => {
    let at = 0;
    for (const { ids, targets, learned } of own) {
      const place = w * context + at;
      batch.ids.set(ids, place);
      batch.targets.set(targets, place);
      batch.learned.set(learned, place);
      batch.starts.fill(at, place, place + ids.length);
      at += ids.length;
    }
  });
  return batch;
}

const sum = (values: ArrayLike<number>): number => Array.from(values).reduce((a, b) => a + b, 0);
const total = documents.flat().reduce((all, { learned }) => all + sum(learned), 0);

interface Opened extends Omit<TrainingSession, 'step' | 'evaluate'> {
  step(batch: Batch, scalars: Record<string, number>): StepResult;
  evaluate(batch: Batch): Measured;
}

/** A session that is fed with windows. */
async function open(
  name: string,
  { eager = false, clip = null, ...rest }: Partial<Layout & Pick<TrainingOptions, 'eager' | 'clip'>>,
): Promise<Opened> {
  const { program, initial } = await openFixture(name);
  const layout: Layout = { batch: windows.length, context, learned: true, documents: true, ...rest };
  const learning = causal(program, layout);
  const session = tensors.train({ learning, initial, optimizer: gradients, clip, eager });
  return {
    ...session,
    step: (batch, scalars) => session.step(windowFeeds(batch, layout), scalars),
    evaluate: (batch) => session.evaluate(windowFeeds(batch, layout)),
  };
}

/** Of one step: its loss, its gradients and the experts' loads. */
function stepped(session: Opened, batch: Batch) {
  const { loss, gradientNorm, reports } = session.step(batch, gradients.scalars(1, 1));
  const measured = session.evaluate(batch).loss;
  const found = new Map<string, Float32Array>();
  for (const { name, values } of session.state()) if (name.endsWith('/m')) found.set(name, Float32Array.from(values));
  session.dispose();
  return { loss, measured, gradientNorm, reports, gradients: found };
}

/** The same of the documents one by one, op by op, put together as the mean over all that is learned. */
async function oneByOne(name: string) {
  const gradient = new Map<string, Float32Array>();
  const loads = new Map<string, Float32Array>();
  let loss = 0;
  for (const { ids, targets, learned } of documents.flat()) {
    const session = await open(name, { batch: 1, context: ids.length, documents: false, eager: true });
    const own = stepped(session, { ids, targets, learned });
    const share = sum(learned) / total;
    loss += own.loss * share;
    const add = (to: Map<string, Float32Array>, key: string, values: Float32Array, factor: number): void => {
      const before = to.get(key) ?? new Float32Array(values.length);
      to.set(
        key,
        values.map((value, i) => before[i] + value * factor),
      );
    };
    for (const [key, values] of own.gradients) add(gradient, key, values, share);
    for (const [key, values] of own.reports) add(loads, key, values, 1);
  }
  return { loss, gradients: gradient, loads };
}

describe.each(names)('documents in the windows of %s', (name) => {
  test.each([
    ['recorded', false],
    ['op by op', true],
  ])('are as if alone, %s', { timeout: 120_000 }, async (_, eager) => {
    const alone = await oneByOne(name);
    const together = stepped(await open(name, { eager }), packed());
    expect(Math.abs(together.loss - alone.loss)).toBeLessThan(1e-5 * alone.loss);
    expect(Math.abs(together.measured - alone.loss)).toBeLessThan(1e-5 * alone.loss);
    expect([...together.gradients.keys()].sort()).toEqual([...alone.gradients.keys()].sort());
    const scale = Math.max(
      ...[...alone.gradients.values()].map((values) => largest(values, new Float32Array(values.length))),
    );
    expect(scale).toBeGreaterThan(1e-3);
    for (const [key, values] of together.gradients)
      expect(largest(values, alone.gradients.get(key) ?? []), key).toBeLessThan(2e-5 * scale);
    const squares = [...alone.gradients.values()].reduce((all, values) => all + sum(values.map((x) => x * x)), 0);
    expect(Math.abs(together.gradientNorm - Math.sqrt(squares))).toBeLessThan(1e-4 * Math.sqrt(squares));
    // Padding goes to no expert's account.
    for (const [key, load] of together.reports) expect([...load], key).toEqual([...(alone.loads.get(key) ?? [])]);
  });

  test('see nothing of each other and of padding', async () => {
    const first = stepped(await open(name, {}), packed(0));
    const other = stepped(await open(name, {}), packed(63));
    expect(Math.abs(other.loss - first.loss)).toBeLessThan(1e-6 * first.loss);
    // Joined, they do: the loss of the same tokens is another one.
    const { ids, targets, learned } = packed(0);
    const joined = stepped(await open(name, {}), { ids, targets, learned });
    expect(Math.abs(joined.loss - first.loss)).toBeGreaterThan(1e-4);
  });

  test('are measured by inference as by training', async () => {
    const { program, initial } = await openFixture(name);
    const session = tensors.infer(program, initial);
    const layout = { batch: windows.length, context, learned: true, documents: true };
    const { loss } = session.measure(causal(program, layout), windowFeeds(packed(), layout));
    session.dispose();
    const { measured } = stepped(await open(name, {}), packed());
    expect(Math.abs(loss - measured)).toBeLessThan(1e-5 * measured);
  });
});

describe('what counts in the loss', () => {
  test.each([
    ['recorded', false],
    ['op by op', true],
  ])('may be nothing: then the loss is 0 and nothing moves (%s)', async (_, eager) => {
    const batch = { ...packed(), learned: new Float32Array(windows.length * context) };
    const { loss, measured, gradientNorm, gradients: found } = stepped(await open('llama', { eager, clip: 1 }), batch);
    expect([loss, measured, gradientNorm]).toEqual([0, 0, 0]);
    for (const [key, values] of found)
      expect(
        values.every((value) => value === 0),
        key,
      ).toBe(true);
  });

  test('is everything in single documents where a batch says nothing', async () => {
    const draw = random('whole windows');
    const ids = Int32Array.from({ length: windows.length * context }, () => Math.floor(draw() * 64));
    const batch = { ids, targets: ids.map((id) => (id * 7 + 1) % 64) };
    const [plain, told] = [await open('llama', { learned: false, documents: false }), await open('llama', {})];
    const [a, b] = [stepped(plain, batch), stepped(told, batch)];
    expect(Math.abs(a.loss - b.loss)).toBeLessThan(1e-6 * a.loss);
    for (const [key, values] of a.gradients)
      expect(largest(values, b.gradients.get(key) ?? []), key).toBeLessThan(1e-6);
  });

  test.each([
    ['recorded', false],
    ['op by op', true],
  ])('is never overlooked by a session that was not opened for it (%s)', async (_, eager) => {
    const session = await open('llama', { learned: false, documents: false, eager });
    const { ids, targets, learned, starts } = packed();
    expect(() => session.step({ ids, targets, learned }, gradients.scalars(1, 1))).toThrow('count as a whole');
    expect(() => session.evaluate({ ids, targets, starts })).toThrow('one document each');
    session.dispose();
  });
});
