// What tensor tests share: TensorFlow, the registry of kinds, and the tiny models that transformers made (fixtures/models/make.py).
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { weightFiles } from '../../engine/data/safetensors.ts';
import { readKinds } from '../../engine/graph/kinds.ts';
import { decoder } from '../../engine/nodes/decoder.ts';
import { readConfig } from '../../engine/nodes/families/families.ts';
import type { DefiningKind } from '../../engine/nodes/kind.ts';
import type { OptimizerRule, Program, Weight } from '../../engine/nodes/module.ts';
import type { Architecture } from '../../engine/nodes/values.ts';
import { openWeights } from '../../engine/nodes/weights.ts';

export const models = join(import.meta.dirname, '../fixtures/models');

export interface Expected {
  ids: number[];
  shape: [number, number];
  logits: number[];
  batches: number[][];
  losses: number[];
}

export interface Model {
  architecture: Architecture;
  program: Program;
  initial: (weight: Weight) => Float32Array;
  expected: Expected;
}

export async function openFixture(name: string, folder = join(models, name)): Promise<Model> {
  const kinds = await readKinds();
  const architecture = readConfig(readFileSync(join(folder, 'config.json'), 'utf8'));
  const program = decoder(kinds, architecture);
  const initial = await openWeights(weightFiles, program.weights, [join(folder, 'model.safetensors')]);
  const expected = JSON.parse(readFileSync(join(models, name, 'expected.json'), 'utf8')) as Expected;
  return { architecture, program, initial, expected };
}

/** AdamW as make.py sets it. */
export async function adamw(): Promise<OptimizerRule> {
  const kind = (await readKinds()).get('adamw') as DefiningKind | undefined;
  const rule = kind?.optimizer?.({ lr: 3e-3, betas: [0.9, 0.95], eps: 1e-8, weight_decay: 0.1 });
  if (rule === undefined) throw new Error('no adamw');
  return rule;
}

/** A batch of make.py, [2, 25] tokens, as ids and targets. */
export function windows(tokens: number[]): { ids: Int32Array; targets: Int32Array } {
  const rows = [tokens.slice(0, 25), tokens.slice(25)];
  return {
    ids: Int32Array.from(rows.flatMap((row) => row.slice(0, -1))),
    targets: Int32Array.from(rows.flatMap((row) => row.slice(1))),
  };
}
