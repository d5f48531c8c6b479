// What a training takes of main memory, and what would make it fit: the plan's estimate, tried with other parameters.
import type { KindLookup } from './context.ts';
import { decoder, decoderCost } from './decoder.ts';
import type { Complaint, DefiningKind } from './kind.ts';
import { trainingMemory } from './memory.ts';
import { slotsOf } from './optimizer.ts';
import type { Architecture, Part } from './values.ts';

/** The parameters of a training that its memory depends on. */
export interface Sparing {
  context: number;
  batch: number;
  accumulate?: number;
  ema?: number;
  checkpointing?: boolean;
  precision?: 'fp32' | 'bf16' | 'fp16';
}

/** Bytes at the peak of a training with these parameters. */
export type Estimate = (params: Sparing) => number;

/** @param optimizer none yet: taken for one that keeps two floats for each weight */
export function estimateOf(kinds: KindLookup, architecture: Architecture, optimizer: Part | undefined): Estimate {
  const kind = optimizer && (kinds.get(optimizer.kind) as DefiningKind | undefined);
  const rule = kind?.optimizer?.(optimizer?.params ?? {});
  const size = (shape: number[]): number => shape.reduce((a, b) => a * b, 1);
  const trained = architecture.head === null ? [] : decoder(kinds, architecture).weights.filter((w) => w.trained);
  const slots = trained.reduce(
    (sum, weight) =>
      sum + (rule ? slotsOf(rule, weight).reduce((all, { shape }) => all + size(shape), 0) : 2 * size(weight.shape)),
    0,
  );
  return ({ context, batch, accumulate = 1, ema, checkpointing = false, precision = 'fp32' }) =>
    trainingMemory(decoderCost(kinds, architecture, context), {
      tokens: batch * context,
      slots,
      largest: Math.max(0, ...trained.map(({ shape }) => size(shape))),
      accumulates: accumulate > 1,
      averages: ema !== undefined,
      checkpointing,
      half: precision !== 'fp32',
    });
}

/** Says that a training does not fit, and with what it would; null where it does. */
export function tooLarge(estimate: Estimate, params: Sparing, memory: number): Complaint | null {
  const taken = estimate(params);
  if (taken <= memory) return null;
  const fits = (set: Partial<Sparing>): boolean => estimate({ ...params, ...set }) <= memory;
  const { accumulate = 1 } = params;
  const batches: Partial<Sparing>[] = [];
  for (let parts = 2; parts <= params.batch; parts++)
    if (params.batch % parts === 0) batches.push({ batch: params.batch / parts, accumulate: accumulate * parts });
  /** The largest batch that fits with these. */
  const smaller = (set: Partial<Sparing>): Partial<Sparing>[] =>
    batches
      .map((each) => ({ ...set, ...each }))
      .filter(fits)
      .slice(0, 1);
  const again: Partial<Sparing>[] = params.checkpointing ? [] : [{ checkpointing: true }];
  const half: Partial<Sparing>[] = (params.precision ?? 'fp32') === 'fp32' ? [{ precision: 'bf16' }] : [];
  const both = again.flatMap((a) => half.map((h) => ({ ...a, ...h })));
  const alone = again.filter(fits);
  // What gives the same result before what gives another.
  const same = [...(alone.length > 0 ? alone : again.flatMap(smaller)), ...smaller({})];
  const other = [...half.filter(fits), ...both.filter(fits)].slice(0, 1);
  const found = same.length + other.length > 0 ? [...same, ...other] : both.flatMap(smaller);
  const titles = found.map((set) => `fits with ${listed(set)} (about ${bytes(estimate({ ...params, ...set }))})`);
  return {
    code: 'memory',
    at: 'batch',
    message: `this training takes about ${bytes(taken)} of memory, and there are ${bytes(memory)}`,
    note:
      titles[0] ??
      'neither checkpointing, bf16 nor a batch of 1 make it fit: a smaller context, an optimizer that keeps less (adafactor), adapters (lora) or a smaller model would',
    fixes: found.map((set, i) => ({ set: set as Record<string, number | string | boolean>, title: titles[i] })),
  };
}

function listed(set: Partial<Sparing>): string {
  const all = Object.entries(set).map(([name, value]) => `${name}: ${JSON.stringify(value)}`);
  return all.length < 2 ? all.join() : `${all.slice(0, -1).join(', ')} and ${all[all.length - 1]}`;
}

function bytes(count: number): string {
  return count < 1e9 ? `${Math.round(count / 1e6)} MB` : `${(count / 1e9).toFixed(1)} GB`;
}
