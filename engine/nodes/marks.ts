// Tokens that mark the beginning and the end of a text, and the one that stands for what is hidden, by the names vocabularies give them.
import type { Tokenizer } from './context.ts';

export interface Marks {
  start: number | null;
  end: number | null;
  mask: number | null;
}

const starts = ['[CLS]', '<s>', '<|startoftext|>', '<bos>', '<|begin_of_text|>', '<｜begin▁of▁sentence｜>'];
const ends = ['[SEP]', '</s>'];
const masks = ['[MASK]', '<mask>', '<|mask|>'];

export function marksOf({ id, end }: Pick<Tokenizer, 'id' | 'end'>): Marks {
  const first = (names: string[]): number | null => names.map(id).find((found) => found !== null) ?? null;
  return { start: first(starts), end: first(ends) ?? end, mask: first(masks) };
}
