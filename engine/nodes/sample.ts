// Writing text with a model: one token at a time, drawn from the most likely ones.
import type { Tokenizer } from './context.ts';
import { InputError } from './kind.ts';
import type { Generator } from './module.ts';
import { type Random, random } from './random.ts';

export interface Sampling {
  /** 0: always the most likely token; 1: as the model says; higher: flatter. */
  temperature: number;
  /** Draw from the smallest set of tokens that together have this probability (Holtzman et al., arXiv 1904.09751). */
  topP: number;
  /** At most this many new tokens. */
  maxTokens: number;
  seed: number;
  /** Text that ends it, itself left out; '' for none. The end-of-document token always does. */
  until?: string;
}

/** Draws one token id from logits [vocab]. */
export function draw(logits: Float32Array, { temperature, topP }: Sampling, uniform: Random): number {
  let best = 0;
  for (let i = 1; i < logits.length; i++) if (logits[i] > logits[best]) best = i;
  if (temperature === 0) return best;
  const weights = Float64Array.from(logits, (logit) => Math.exp((logit - logits[best]) / temperature));
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  let order = Uint32Array.from(weights.keys());
  let mass = total;
  if (topP < 1) {
    order = order.sort((a, b) => weights[b] - weights[a] || a - b);
    mass = 0;
    let kept = 0;
    while (kept < order.length && (kept === 0 || mass < topP * total)) mass += weights[order[kept++]];
    order = order.subarray(0, kept);
  }
  let at = uniform() * mass;
  for (const id of order) {
    at -= weights[id];
    if (at < 0) return id;
  }
  return order[order.length - 1];
}

/**
 * Yields the text that follows the prompt, piece by piece (whole characters), until the end token, `until`, `maxTokens` or the last
 * place that the model has. An empty prompt starts from the end-of-document token. `stop` is asked between tokens.
 * Throws InputError where the prompt does not fit.
 */
export function* generateText(
  generator: Generator,
  tokenizer: Tokenizer,
  prompt: string,
  sampling: Sampling,
  stop: () => boolean = () => false,
): Generator_<string> {
  const uniform = random(`sample ${sampling.seed}`);
  const { until = '' } = sampling;
  const start = tokenizer.encode(prompt);
  if (start.length === 0) start.push(tokenizer.end ?? 0);
  const places = generator.places ?? Number.POSITIVE_INFINITY;
  if (start.length > places)
    throw new InputError({
      code: 'context-short',
      at: null,
      message: `the prompt is ${start.length} tokens long, but the model has places for ${places}`,
    });
  const written: number[] = [];
  let shown = 0;
  let logits = generator.feed(start);
  for (let n = 0; n < sampling.maxTokens && !stop(); n++) {
    const id = draw(logits.subarray(0, Math.min(logits.length, tokenizer.size)), sampling, uniform);
    if (id === tokenizer.end) break;
    written.push(id);
    const text = tokenizer.decode(written);
    const end = until === '' ? -1 : text.indexOf(until);
    // A character may need several tokens; until it is whole it decodes to the replacement character.
    const safe = end >= 0 ? end : text.endsWith('\uFFFD') ? shown : text.length - begun(text, until);
    if (safe > shown) yield text.slice(shown, safe);
    shown = Math.max(shown, safe);
    if (end >= 0) return;
    if (generator.length >= places) break;
    if (n + 1 < sampling.maxTokens) logits = generator.feed([id]);
  }
  const rest = tokenizer.decode(written).slice(shown);
  if (rest !== '') yield rest;
}

/** Characters at the end of a text that another may begin with. */
function begun(text: string, other: string): number {
  for (let length = Math.min(text.length, other.length - 1); length > 0; length--)
    if (text.endsWith(other.slice(0, length))) return length;
  return 0;
}

type Generator_<T> = globalThis.Generator<T, void, void>;
