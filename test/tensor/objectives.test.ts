// Objectives: each loss equals torch's on what the model says of a batch, padding changes nothing, and the recorded step is the eager one.
import { beforeAll, describe, expect, test } from 'vitest';
import { readKinds } from '../../engine/graph/kinds.ts';
import { decoder, memoryOf, tokenScores } from '../../engine/nodes/decoder.ts';
import { type Layout, windowForward } from '../../engine/nodes/learning.ts';
import type { Feeds, Hooks, Input, Learning, Program, Tensor, Tensors } from '../../engine/nodes/module.ts';
import { withValues } from '../../engine/nodes/objectives/answers.ts';
import { objectiveOf } from '../../engine/nodes/objectives/objective.ts';
import { rowForward } from '../../engine/nodes/objectives/rows.ts';
import { padded } from '../../engine/nodes/objectives/texts.ts';
import { random } from '../../engine/nodes/random.ts';
import type { Architecture, BlockSpec, Head } from '../../engine/nodes/values.ts';
import { initialValues } from '../../engine/nodes/weights.ts';
import { openTensors } from '../../engine/tensor/index.ts';
import { askPython, withPython } from '../data/setting.ts';
import { adamw } from './setting.ts';

const kinds = await readKinds();
const optimizer = await adamw();
let tensors: Tensors;
beforeAll(async () => {
  tensors = await openTensors();
});

const block: BlockSpec = {
  repeat: 1,
  attention: { kind: 'mha', params: { heads: 2, rope_theta: 10000 } },
  ffn: { kind: 'mlp', params: { dim: 24, activation: 'gelu', bias: true, dropout: 0 } },
  eps: 1e-6,
  norm: 'layer',
  both: true,
};

const ref = { node: 'vocab', output: 'tokenizer' };
const encoder = (head: Head | null): Architecture => ({
  tokenizer: ref,
  vocab: 30,
  dim: 16,
  init: 0.4,
  blocks: [block],
  head,
});
const heads = {
  classes: { kind: 'classes', tied: false, pool: 'mean', labels: ['a', 'b', 'c'], eps: 1e-6 },
  values: { kind: 'values', tied: false, pool: 'mean', columns: ['x', 'y'], eps: 1e-6 },
  vector: { kind: 'vector', tied: false, pool: 'mean', eps: 1e-6 },
  tokens: { tied: false, eps: 1e-6 },
} satisfies Record<string, Head>;

const { both: _, ...onward } = block;
const reader: Architecture = {
  ...encoder(heads.tokens),
  blocks: [{ ...onward, cross: { kind: 'mha', params: { heads: 2, rope_theta: 10000, positions: 'none' } } }],
  memory: { ...encoder(null), final: 'layer' },
};

interface Case {
  kind: string;
  params: Record<string, unknown>;
  architecture: Architecture;
  layout: Layout;
  feeds: Feeds;
}

const draw = random('objectives');
const tokens = (count: number): Int32Array => Int32Array.from({ length: count }, () => Math.floor(draw() * 30));
const numbers = (count: number): Float32Array => Float32Array.from({ length: count }, () => 4 * draw() - 2);

/** Rows of these lengths, padded to `time`. */
const texts = lengthsOf([5, 3, 6, 2]);
function lengthsOf(lengths: number[]): Int32Array[] {
  return lengths.map(tokens);
}

const layout: Layout = { batch: 4, context: 6, documents: true };
const labels = Int32Array.of(0, 2, 1, 2);
const classWeights = Float32Array.of(1, 2, 5);
const classed = (params: Record<string, unknown>): Case => ({
  kind: 'classification',
  params: { label: 'label', smoothing: 0, ...params },
  architecture: encoder(heads.classes),
  layout,
  feeds: {
    ...padded(texts, 6),
    labels,
    weights: Float32Array.from(labels, (l) => classWeights[l] as number),
    classes: classWeights,
  },
});
const valued = (params: Record<string, unknown>): Case => ({
  kind: 'regression',
  params: { scale: false, ...params },
  architecture: encoder(heads.values),
  layout,
  feeds: { ...padded(texts, 6), values: numbers(8) },
});
const masked: Case = {
  kind: 'masked',
  params: { share: 0.3, whole_words: false, smoothing: 0.1 },
  architecture: encoder(heads.tokens),
  layout,
  feeds: {
    ...padded(texts, 6),
    places: Int32Array.of(1, 4, 7, 0, 12, 14, 19, 0),
    targets: Int32Array.of(3, 8, 2, 0, 29, 5, 7, 0),
    learned: Float32Array.of(1, 1, 1, 0, 1, 1, 1, 0),
  },
};
const compared = (params: Record<string, unknown>, views: number): Case => ({
  kind: 'simcse',
  params: { temperature: 0.05, ...params },
  architecture: encoder(heads.vector),
  layout,
  feeds: padded([...texts, ...Array.from({ length: views - 1 }, () => lengthsOf([4, 6, 1, 5])).flat()], 6),
});
const written = lengthsOf([4, 3, 5, 2]);
const spoken: Case = {
  kind: 'seq2seq',
  params: { target: 'target', smoothing: 0.1 },
  architecture: reader,
  layout: { batch: 4, context: 4, learned: true, source: 6 },
  feeds: {
    ...Object.fromEntries(Object.entries(padded(texts, 6)).map(([name, values]) => [`memory/${name}`, values])),
    ids: padded(
      written.map((ids) => ids.subarray(0, -1)),
      4,
    ).ids,
    targets: padded(
      written.map((ids) => ids.subarray(1)),
      4,
    ).ids,
    learned: Float32Array.from({ length: 16 }, (_, i) =>
      Number(i % 4 < ((written[Math.floor(i / 4)] as Int32Array).length ?? 0) - 1),
    ),
  },
};

const cases: [string, Case][] = [
  ['classes', classed({})],
  ['classes, smoothed', classed({ smoothing: 0.1 })],
  ['classes, weighed', classed({ class_weights: [1, 2, 5] })],
  ['classes, weighed and smoothed', classed({ smoothing: 0.1, class_weights: [1, 2, 5] })],
  ['numbers', valued({ loss: 'mse' })],
  ['numbers, by Huber', valued({ loss: 'huber', delta: 0.7 })],
  ['hidden tokens', masked],
  ['two views', compared({ positive: 'b' }, 2)],
  ['two views and hard negatives', compared({ positive: 'b', negative: 'c' }, 3)],
  ['sequences', spoken],
];

function open({ kind, params, architecture, layout: size }: Case): { program: Program; learning: Learning } {
  const program = decoder(kinds, architecture);
  return { program, learning: objectiveOf(kinds, { kind, params }).learning(program, architecture, size) };
}

/** The weights that a case begins with. */
const initial = (weight: Parameters<typeof initialValues>[0]): Float32Array => initialValues(weight, 0.4, 7);

/** Losses of the first training steps. */
function losses(one: Case, steps: number, eager: boolean): number[] {
  const session = tensors.train({ learning: open(one).learning, initial, optimizer, clip: 1, eager });
  const all = Array.from({ length: steps }, (_, i) => session.step(one.feeds, optimizer.scalars(i + 1, 1)).loss);
  session.dispose();
  return all;
}

/** What the model says, which the loss is made of: logits, values, vectors, or logits of tokens. */
function said({ architecture, layout: size, feeds, kind }: Case): { values: number[]; width: number } {
  const program = decoder(kinds, architecture);
  const session = tensors.infer(program, initial);
  const given = Object.entries(feeds).map(
    ([name, values]): Input => ({
      name,
      shape: name === 'values' ? [4, 2] : [values.length],
      dtype: values instanceof Int32Array ? 'int32' : 'float32',
    }),
  );
  const states = (f: Hooks): Tensor => {
    if (kind === 'seq2seq') {
      const documents = f.ops.documents(f.input('memory/starts'), 4, 6);
      const memory = memoryOf(program, f, { batch: 4, time: 6, documents });
      const hidden = program.hidden({ ...windowForward(f, 4, 4, null), memory });
      return tokenScores(program, f, hidden);
    }
    const batch = (feeds.ids as Int32Array).length / 6;
    const own = rowForward(f, architecture, { ...size, batch });
    const hidden = program.hidden(own);
    return kind === 'masked'
      ? tokenScores(program, f, f.ops.embed(hidden, f.input('places')))
      : program.answer(own, hidden);
  };
  const [output] = session.run(withValues(given, feeds), (f) => [states(f)]);
  session.dispose();
  return { values: [...(output?.values as Float32Array)], width: output?.shape[1] as number };
}

/** All of them at once: importing torch takes longer than the rest. */
const reference = `
import torch, torch.nn.functional as F
def lossOf(one):
    p, feeds, kind = one['params'], one['feeds'], one['kind']
    y = torch.tensor(one['values'], dtype=torch.float64).view(-1, one['width'])
    if kind == 'classification':
        w = torch.tensor(p['class_weights'], dtype=torch.float64) if 'class_weights' in p else None
        return F.cross_entropy(y, torch.tensor(feeds['labels']), weight=w, label_smoothing=p['smoothing'])
    if kind == 'regression':
        t = torch.tensor(feeds['values'], dtype=torch.float64).view(-1, 2)
        return F.mse_loss(y, t) if p['loss'] == 'mse' else F.huber_loss(y, t, delta=p['delta'])
    if kind in ('masked', 'seq2seq'):
        t = torch.tensor([t if l else -100 for t, l in zip(feeds['targets'], feeds['learned'])])
        return F.cross_entropy(y, t, ignore_index=-100, label_smoothing=p['smoothing'])
    # As SimCSE's models.py: cosines of all pairs, those of hard negatives beside them.
    z = y.view(-1, 4, one['width'])
    cos = torch.cat([F.cosine_similarity(z[0].unsqueeze(1), o.unsqueeze(0), dim=-1) for o in z[1:]], 1)
    return F.cross_entropy(cos / p['temperature'], torch.arange(4))
print(json.dumps([float(lossOf(one)) for one in ask]))`;

withPython('the loss of torch', () => {
  let expected: number[] = [];
  beforeAll(() => {
    const asked = cases.map(([, one]) => ({
      kind: one.kind,
      params: one.params,
      feeds: Object.fromEntries(Object.entries(one.feeds).map(([name, all]) => [name, [...all]])),
      ...said(one),
    }));
    expected = askPython(reference, asked) as number[];
  }, 120_000);
  test.each(cases.map(([name], i) => [name, i] as const))('%s', (_name, i) => {
    const [loss] = losses((cases[i] as [string, Case])[1], 1, true) as [number];
    expect(Math.abs(loss - (expected[i] as number))).toBeLessThan(1e-5 * Math.max(1, expected[i] as number));
  });
});

describe('a recorded step', () => {
  test.each(cases)('of %s has the losses of the eager one', (_name, one) => {
    const [recorded, eager] = [losses(one, 3, false), losses(one, 3, true)];
    recorded.forEach((loss, i) => expect(Math.abs(loss - (eager[i] as number))).toBeLessThan(1e-4));
    expect(recorded[2]).toBeLessThan(recorded[0] as number);
  });
});

describe('padding', () => {
  const wider: [string, Case, Case][] = [
    [
      'classes',
      classed({}),
      { ...classed({}), layout: { ...layout, context: 9 }, feeds: { ...classed({}).feeds, ...padded(texts, 9) } },
    ],
    [
      'what an encoder reads',
      spoken,
      {
        ...spoken,
        layout: { ...spoken.layout, source: 9 },
        feeds: {
          ...spoken.feeds,
          ...Object.fromEntries(Object.entries(padded(texts, 9)).map(([name, values]) => [`memory/${name}`, values])),
        },
      },
    ],
  ];
  test.each(wider)('of %s changes no loss', (_name, narrow, wide) => {
    const [a, b] = [losses(narrow, 2, true), losses(wide, 2, true)];
    a.forEach((loss, i) => expect(Math.abs(loss - (b[i] as number))).toBeLessThan(1e-5));
  });
});

test('smoothing is for training: what is measured is without it', () => {
  const measured = [0, 0.1].map((smoothing) => {
    const { learning } = open(classed({ smoothing }));
    const session = tensors.train({ learning, initial, optimizer, clip: 1, eager: true });
    const { loss } = session.evaluate(classed({}).feeds);
    session.dispose();
    return loss;
  });
  expect(measured[1]).toBe(measured[0]);
});
