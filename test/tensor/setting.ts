// What tensor tests share: TensorFlow, the registry of kinds, and the tiny models that transformers made (fixtures/models/make.py).
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { weightFiles } from '../../engine/data/safetensors.ts';
import { readKinds } from '../../engine/graph/kinds.ts';
import { decoder, tokenScores } from '../../engine/nodes/decoder.ts';
import { readConfig } from '../../engine/nodes/families/families.ts';
import type { DefiningKind } from '../../engine/nodes/kind.ts';
import { causal } from '../../engine/nodes/learning.ts';
import type { OptimizerRule, Program, Tensors, TrainingSession, Weight } from '../../engine/nodes/module.ts';
import type { Architecture } from '../../engine/nodes/values.ts';
import { openWeights } from '../../engine/nodes/weights.ts';

export const models = join(import.meta.dirname, '../fixtures/models');
/** Decoders that are stored: a few of each family. */
export const names = ['deepseek-full', 'deepseek-plain', 'deepseek-v2', 'llama', 'qwen2', 'gpt2'];
/** Decoders that make.py makes besides, where there is a Python. */
export const further = ['deepseek-v2-lite', 'llama-3', 'llama-yarn', 'qwen2-untied', 'gpt2-relu'];
/** Encoders that it makes; the first is stored. */
export const encoders = ['bert', 'bert-untied', 'bert-vector', 'bert-classes'];

export interface Expected {
  ids: number[];
  shape: [number, number];
  logits: number[];
  batches: number[][];
  losses: number[];
  /** Of encoders: which segment each token is in. */
  segments?: number[];
}

export interface Model {
  architecture: Architecture;
  program: Program;
  initial: (weight: Weight) => Float32Array;
  expected: Expected;
}

/** A model of make.py: a stored one, or one that was made in another folder. */
export async function openFixture(name: string, made = models): Promise<Model> {
  const folder = join(made, name);
  const kinds = await readKinds();
  const architecture = readConfig(readFileSync(join(folder, 'config.json'), 'utf8'));
  const program = decoder(kinds, architecture);
  const initial = await openWeights(weightFiles, program.weights, [join(folder, 'model.safetensors')]);
  const expected = JSON.parse(readFileSync(join(folder, 'expected.json'), 'utf8')) as Expected;
  return { architecture, program, initial, expected };
}

export const largest = (a: ArrayLike<number>, b: ArrayLike<number>): number =>
  Array.from(a).reduce((most, value, i) => Math.max(most, Math.abs(value - b[i])), 0);

/** AdamW as make.py sets it. */
export async function adamw(): Promise<OptimizerRule> {
  return optimizer('adamw', { lr: 3e-3, betas: [0.9, 0.95], eps: 1e-8, weight_decay: 0.1 });
}

/** Moves weights by their gradients, whose rounding Adam would blow up where they are small. */
export async function sgd(): Promise<OptimizerRule> {
  return optimizer('sgd', { lr: 0.1, momentum: 0.9, nesterov: false, weight_decay: 0 });
}

async function optimizer(name: string, params: Record<string, unknown>): Promise<OptimizerRule> {
  const kind = (await readKinds()).get(name) as DefiningKind | undefined;
  const rule = kind?.optimizer?.(params);
  if (rule === undefined) throw new Error(`no ${name}`);
  return rule;
}

/** Moves nothing; its slot `m` is the gradient of the step. */
export const gradients: OptimizerRule = {
  rate: () => 0,
  elementwise: true,
  slots: ({ shape }) => ({ m: shape }),
  scalars: () => ({ none: 0 }),
  update: (u) => u.keep('m', u.gradient),
};

/** What a session holds, copied. */
export const stateOf = (session: TrainingSession): Map<string, Float32Array> =>
  new Map([...session.state()].map(({ name, values }) => [name, Float32Array.from(values)]));

/** Of all bits of what a session holds. */
export function fingerprint(session: TrainingSession): string {
  const hash = createHash('sha256');
  for (const { name, values } of session.state()) hash.update(name).update(new Uint8Array(values.buffer));
  return hash.digest('hex');
}

/** Takes ten AdamW steps over the batches; the largest relative difference of a loss to that of PyTorch. */
export async function tenSteps(
  tensors: Tensors,
  { program, initial, expected }: Model,
  eager = false,
): Promise<number> {
  const optimizer = await adamw();
  const session = tensors.train({
    learning: causal(program, { batch: 2, context: 24 }),
    initial,
    optimizer,
    clip: 1,
    eager,
  });
  const differences = expected.batches.map((tokens, i) => {
    const { loss } = session.step(windows(tokens), optimizer.scalars(i + 1, 1));
    return Math.abs(loss - expected.losses[i]) / expected.losses[i];
  });
  session.dispose();
  return Math.max(...differences);
}

/** The largest difference between our logits and those of transformers. */
export function logitDifference(tensors: Tensors, { program, initial, expected }: Model): number {
  const [batch, time] = expected.shape;
  const session = tensors.infer(program, initial);
  const logits = session.logits(Int32Array.from(expected.ids), batch, time);
  session.dispose();
  if (logits.length !== expected.logits.length)
    throw new Error(`${logits.length} logits, not ${expected.logits.length}`);
  return largest(logits, expected.logits);
}

/** As `logitDifference`, for encoders with whatever head. */
export function answerDifference(tensors: Tensors, { program, initial, expected }: Model): number {
  const [batch, time] = expected.shape;
  const session = tensors.infer(program, initial);
  const shape = [batch * time];
  const fed = (name: string, values: number[] = []) =>
    ({ name, shape, dtype: 'int32', values: Int32Array.from(values) }) as const;
  const [answer] = session.run([fed('ids', expected.ids), fed('segments', expected.segments)], (f) => {
    const own = { ...f, batch, time, start: 0, documents: null };
    const hidden = program.hidden(own);
    return [program.head === null ? program.answer(own, hidden) : tokenScores(program, f, hidden)];
  });
  session.dispose();
  if (answer?.values.length !== expected.logits.length)
    throw new Error(`${answer?.values.length} numbers, not ${expected.logits.length}`);
  return largest(answer.values, expected.logits);
}

/** A batch of make.py, [2, 25] tokens, as ids and targets. */
export function windows(tokens: number[]): { ids: Int32Array; targets: Int32Array } {
  const rows = [tokens.slice(0, 25), tokens.slice(25)];
  return {
    ids: Int32Array.from(rows.flatMap((row) => row.slice(0, -1))),
    targets: Int32Array.from(rows.flatMap((row) => row.slice(1))),
  };
}
