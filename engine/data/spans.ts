// Spans of a text as a table holds them, and the tokens that they cover. Tables count characters as DuckDB and Python do, in code
// points of Unicode; JavaScript counts UTF-16, where some characters are two.
import type { Tokenizer } from '../nodes/context.ts';

const isWide = (text: string) => /[\uD800-\uDBFF]/.test(text);

/** Places in JavaScript's count to those in code points; ascending. */
export function codePoints(text: string, places: readonly number[]): number[] {
  return isWide(text) ? counted(text, places, (at, points) => [at, points]) : [...places];
}

/** Places in code points to those in JavaScript's count; ascending. Those past the end are its end. */
export function places(text: string, points: readonly number[]): number[] {
  return isWide(text)
    ? counted(text, points, (at, passed) => [passed, at])
    : points.map((point) => Math.min(point, text.length));
}

/** Walks through the characters: for each wanted `from`, the `to` at that character. */
function counted(
  text: string,
  wanted: readonly number[],
  pair: (at: number, points: number) => [from: number, to: number],
): number[] {
  const found: number[] = [];
  let [at, points] = [0, 0];
  for (const want of wanted) {
    while (at < text.length && pair(at, points)[0] < want) {
      at += (text.codePointAt(at) as number) > 0xffff ? 2 : 1;
      points += 1;
    }
    found.push(pair(at, points)[1]);
  }
  return found;
}

/**
 * The tokens of a text, and which of them lie in spans ([from, to) in JavaScript's count, ascending, apart). A token that lies there
 * in part counts, as in transformers' `return_assistant_tokens_mask`. Where the tokenizer changes the text, so that places in it
 * cannot be followed, spans are tokenized by themselves, as a prompt is before its answer is written.
 */
export function markTokens(
  { encode, decode }: Pick<Tokenizer, 'encode' | 'decode'>,
  text: string,
  spans: readonly (readonly [number, number])[],
): { ids: number[]; mask: Uint8Array } {
  const ids = encode(text);
  const cuts = [0, ...spans.flat(), text.length];
  const pieces = cuts.slice(1).map((to, i) => encode(text.slice(cuts[i], to)));
  const apart = pieces.flat();
  const clean = apart.length === ids.length && apart.every((id, i) => id === ids[i]);
  const inPieces = () => Uint8Array.from(pieces.flatMap((piece, i) => piece.map(() => i % 2)));
  if (clean) return { ids, mask: inPieces() };
  const mask = new Uint8Array(ids.length);
  let place = 0;
  let span = 0;
  for (let from = 0; from < ids.length; ) {
    // A character may need several tokens: they are taken together.
    let to = from;
    let piece: string;
    do {
      to += 1;
      piece = decode(ids.slice(from, to));
    } while (!text.startsWith(piece, place) && piece.endsWith('\uFFFD') && to < ids.length);
    if (!text.startsWith(piece, place)) return { ids: apart, mask: inPieces() };
    while (span < spans.length && (spans[span]?.[1] as number) <= place) span++;
    const next = spans[span];
    if (next !== undefined && next[0] < place + piece.length && piece.length > 0) mask.fill(1, from, to);
    place += piece.length;
    from = to;
  }
  return place === text.length ? { ids, mask } : { ids: apart, mask: inPieces() };
}
