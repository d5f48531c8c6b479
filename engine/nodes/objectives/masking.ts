// Which tokens of a row are hidden, and by what: BERT's way (Devlin et al., arXiv 1810.04805; create_pretraining_data.py of its code).
import type { RunContext, Tokenizer } from '../context.ts';
import { marksOf } from '../marks.ts';
import { permutation, type Random } from '../random.ts';
import type { Ref, TokenizerArtifact } from '../values.ts';

export interface Vocabulary extends Pick<Tokenizer, 'special' | 'continues'> {
  /** The token that stands for a hidden one. */
  mask: number | null;
  /** All that are not special, ascending. */
  usual: Int32Array;
}

export async function openVocabulary(context: RunContext<unknown>, tokenizer: Ref): Promise<Vocabulary> {
  return vocabularyOf(await context.tokenizers.open((context.resolve(tokenizer) as TokenizerArtifact).path));
}

export function vocabularyOf(tokenizer: Tokenizer): Vocabulary {
  const { special, size } = tokenizer;
  const all = Array.from({ length: size }, (_, id) => id);
  const usual = Int32Array.from(all.filter((id) => !special.has(id)));
  return { special, continues: tokenizer.continues, mask: marksOf(tokenizer).mask, usual };
}

/** Tokens hidden in a row of so many, at most. */
export function mostMasked(tokens: number, share: number): number {
  return Math.max(1, Math.round(tokens * share));
}

/** Hides tokens of a row, in place: says where, and what stood there. In the order of their places. */
export function maskRow(
  ids: Int32Array,
  { special, continues, mask, usual }: Vocabulary,
  { share, whole }: { share: number; whole: boolean },
  draw: Random,
): { place: number; target: number }[] {
  if (mask === null) throw new Error('a vocabulary without a token for what is hidden');
  // Places that are hidden together: of one token each, or of a word.
  const groups: number[][] = [];
  let before = -1;
  for (const [place, id] of ids.entries()) {
    if (special.has(id)) continue;
    const last = groups.at(-1);
    if (whole && last && before === place - 1 && continues(id)) last.push(place);
    else groups.push([place]);
    before = place;
  }
  const tokens = groups.reduce((sum, group) => sum + group.length, 0);
  const wanted = mostMasked(tokens, share);
  const chosen: number[] = [];
  const order = Array.from(permutation(groups.length, draw), (g) => groups[g] as number[]);
  for (const group of order) if (chosen.length + group.length <= wanted) chosen.push(...group);
  // Where every word is too long: a part of one.
  if (chosen.length === 0) chosen.push(...(order[0] ?? []).slice(0, wanted));
  chosen.sort((a, b) => a - b);
  return chosen.map((place) => {
    const target = ids[place] as number;
    const kind = draw();
    if (kind < 0.8) ids[place] = mask;
    else if (kind < 0.9) ids[place] = usual[Math.floor(draw() * usual.length)] as number;
    return { place, target };
  });
}
