// Estimates of main memory, for the plan. Constants come from measured runs (`npm run bench -- --memory` prints the pairs).
import type { DecoderCost } from './decoder.ts';
import type { Architecture } from './values.ts';

/** Resident bytes of the process before a model is there: Node, TensorFlow's library, DuckDB. */
export const baseMemory = 420e6;

/** Bytes at the peak of training: weights, gradients and two moments, and what a step keeps for its backward pass. */
export function trainingMemory(cost: DecoderCost, architecture: Architecture, tokens: number): number {
  const state = 4 * cost.parameters * 4;
  const activations = 4 * tokens * cost.activations;
  const logits = 2 * 4 * tokens * architecture.vocab;
  return baseMemory + state + activations + logits;
}

/** Bytes at the peak of a forward pass. */
export function inferenceMemory(cost: DecoderCost, tokens: number): number {
  return baseMemory + 4 * cost.parameters + 4 * tokens * cost.activations;
}
