// Estimates of main memory, for the plan. The constants are fitted to what `dsk run` measured for examples/quickstart.dsk as it is,
// with twice the batch, with twice the width and with four times the context: within 5% for training, 25% for the other steps.
import type { DecoderCost } from './decoder.ts';
import type { Architecture } from './values.ts';

/** Resident bytes of a process that has tables, a tokenizer and TensorFlow open, before a model is there. */
export const baseMemory = 620e6;
/** Of one that has tables and a tokenizer only. */
export const dataMemory = 180e6;

/** Bytes at the peak of training: weights, gradients and two moments of those that move, and what a step keeps for its backward pass. */
export function trainingMemory(cost: DecoderCost, architecture: Architecture, tokens: number): number {
  const state = 4 * (cost.parameters + 3 * cost.trainable);
  const activations = 4 * tokens * cost.activations;
  const logits = 2 * 4 * tokens * architecture.vocab;
  return baseMemory + state + activations + logits;
}

/** Bytes at the peak of a forward pass. */
export function inferenceMemory(cost: DecoderCost, tokens: number): number {
  return baseMemory + 4 * cost.parameters + 4 * tokens * cost.activations;
}
