// Pairs in a list of texts, since the language has no maps: `columns: ["old: new"]`, `types: ["price: number"]`.
import type { InferContext } from './kind.ts';

export interface Pair {
  readonly left: string;
  readonly right: string;
}

/**
 * Reads texts such as "old: new". A name may hold a colon itself: where several places could part the text, the one that leaves a
 * name of `known` on the left counts, else the first. Reports at parameter `at` what is no pair; then null.
 * @param example shown in messages
 */
export function readPairs<P>(
  { error }: Pick<InferContext<P>, 'error'>,
  texts: readonly string[],
  known: readonly string[] | null,
  at: string,
  example: string,
): Pair[] | null {
  const pairs: Pair[] = [];
  for (const text of texts) {
    const pair = pairOf(text, known);
    if (!pair) {
      error({ code: 'param-pair', message: `"${text}" is no pair`, at, note: `write it as in "${example}"` });
      return null;
    }
    pairs.push(pair);
  }
  return pairs;
}

/** "old: new" as a pair; null where the text is none. */
export function pairOf(text: string, known: readonly string[] | null = null): Pair | null {
  const colons = [...text.matchAll(/:/g)].map(({ index }) => index);
  const pairs = colons.map((index) => ({ left: text.slice(0, index).trim(), right: text.slice(index + 1).trim() }));
  const whole = pairs.filter(({ left, right }) => left !== '' && right !== '');
  return whole.find(({ left }) => known?.includes(left)) ?? whole[0] ?? null;
}
