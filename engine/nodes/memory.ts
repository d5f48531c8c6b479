// Estimates of main memory, for the plan. The constants are fitted to what was measured: of a process before there is a model by `dsk run` of
// examples/quickstart.dsk, within 25% for steps that do not train; of training as said below.
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
  /** Floats of the largest weight that moves. */
  largest: number;
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
/**
 * Weights beside those in the graph, for a while: what they were read or drawn as.
 */
const outside = 0.5;
/** Tensors of the size of the largest weight that come and go: its gradient in parts, the optimizer's temporaries. */
const passing = 2;
/** What is left of activations where products are in two bytes. */
const halved = 0.5;
/** What comes and goes while the largest layer is gone through, in its activations: in two bytes there are casts, too. */
const temporaries = { float: 0.75, half: 1.5, again: 2 };

/**
 * Bytes at the peak of training: weights, their gradients, the optimizer's state, and what a step keeps for its backward pass. Fitted
 * to decoders of 1 to 32 million weights by test/tensor/peak.ts: within 10%.
 */
export function trainingMemory(cost: DecoderCost, spending: Spending): number {
  const { tokens, slots, largest, accumulates, averages, checkpointing, half } = spending;
  const copies = 1 + (accumulates ? 1 : 0) + (averages ? 1 : 0);
  const floats = (1 + outside) * cost.parameters + copies * cost.trainable + slots + passing * largest;
  const state = 4 * floats + (half ? 2 * cost.parameters : 0);
  const kept = checkpointing ? cost.entering : (half ? halved : 1) * cost.layers;
  const layers = kept + temporaries[checkpointing ? 'again' : half ? 'half' : 'float'] * cost.widest;
  const others = cost.activations - cost.layers - cost.logits;
  const logits = Math.min(3 * 4 * tokens * (cost.logits / 2), logitPieces);
  return baseMemory + state + 4 * tokens * (layers + others) + logits;
}

/** Bytes at the peak of a forward pass. */
export function inferenceMemory(cost: DecoderCost, tokens: number): number {
  return baseMemory + 4 * cost.parameters + 4 * tokens * cost.activations;
}
