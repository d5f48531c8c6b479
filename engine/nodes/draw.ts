// Where dropout's numbers come from: from a seed and the step, which are fed, and the place in the model that draws. So a resumed run
// draws the same, and so does a layer that is computed again for the backward pass.
import type { Draw, Hooks, Input } from './module.ts';

/** What learning with dropout is fed with: seed and step. */
export const drawn: Input = { name: 'dropout', shape: [2], dtype: 'int32' };

/**
 * What a place in a model drops; null where nothing is: not in training, or a rate of 0. The learning must have `drawn` among its
 * inputs where there is any.
 * @param name full name of the place, different for each
 */
export function draw(f: Pick<Hooks, 'training' | 'input'>, rate: number, name: string): Draw | null {
  return f.training && rate > 0 ? { rate, seed: f.input(drawn.name), site: hashed(name) } : null;
}

/** FNV-1a (Fowler, Noll & Vo), as int32. */
function hashed(text: string): number {
  let hash = 0x811c9dc5;
  for (const character of text) hash = Math.imul(hash ^ (character.codePointAt(0) ?? 0), 0x01000193);
  return hash | 0;
}
