// Estimates of main memory, for the plan. The constants are fitted to what `dsk run` measured for examples/quickstart.dsk as it is,
// with twice the batch, with twice the width and with four times the context: within 5% for training, 25% for the other steps.
import type { DecoderCost } from './decoder.ts';

/** Resident bytes of a process that has tables, a tokenizer and TensorFlow open, before a model is there. */
export const baseMemory = 620e6;
/** Of one that has tables and a tokenizer only. */
export const dataMemory = 180e6;

/** How a training spends memory, besides on its model. */
export interface Spending {
  /** Tokens, or rows' positions, of one batch. */
  tokens: number;
  /** Floats of the optimizer's state. */
  slots: number;
  /** Several batches are added up. */
  accumulates: boolean;
  /** A running mean of the weights is kept. */
  averages: boolean;
  checkpointing: boolean;
  /** Products are computed in two bytes. */
  half: boolean;
}

/** Bytes of logits and their gradients that stand in memory at once (see headLoss). */
const logitPieces = 3 * (8 << 20);
/** What is left of activations where products are in two bytes: softmax, norms and the residual stream are not. */
const halved = 0.6;
/** A layer that is computed once more stands there with its gradients. */
const repeated = 2;

/**
 * Bytes at the peak of training: weights (twice: they were read or drawn outside of the graph), their gradients, the optimizer's state,
 * and what a step keeps for its backward pass.
 */
export function trainingMemory(cost: DecoderCost, spending: Spending): number {
  const { tokens, slots, accumulates, averages, checkpointing, half } = spending;
  const copies = 1 + (accumulates ? 1 : 0) + (averages ? 1 : 0);
  const state = 4 * (2 * cost.parameters + copies * cost.trainable + slots) + (half ? 2 * cost.parameters : 0);
  const layers = checkpointing ? cost.entering + repeated * cost.widest : cost.layers;
  const others = cost.activations - cost.layers - cost.logits;
  const logits = Math.min(3 * 4 * tokens * (cost.logits / 2), logitPieces);
  return baseMemory + state + 4 * tokens * (layers * (half ? halved : 1) + others) + logits;
}

/** Bytes at the peak of a forward pass. */
export function inferenceMemory(cost: DecoderCost, tokens: number): number {
  return baseMemory + 4 * cost.parameters + 4 * tokens * cost.activations;
}
