// Small random edits of a text, as in EDA (Wei & Zou 2019): synonyms, insertions, deletions, swaps. Everything between the words
// stays as it is.
import type { Random } from '../nodes/random.ts';
import type { Wordnet } from './wordnet.ts';

/** A text as its words and what stands before, between and behind them: one more of these. */
export interface Words {
  words: string[];
  gaps: string[];
}

export function splitWords(text: string): Words {
  const words: string[] = [];
  const gaps: string[] = [];
  let end = 0;
  for (const match of text.matchAll(/[\p{L}\p{M}\p{N}]+(?:['’-][\p{L}\p{M}\p{N}]+)*/gu)) {
    gaps.push(text.slice(end, match.index));
    words.push(match[0]);
    end = match.index + match[0].length;
  }
  gaps.push(text.slice(end));
  return { words, gaps };
}

export function joinWords({ words, gaps }: Words): string {
  return words.map((word, i) => (gaps[i] as string) + word).join('') + (gaps.at(-1) as string);
}

/** How many of the words a share means: at least one, as in EDA. */
const countOf = (words: number, share: number) => (share > 0 && words > 0 ? Math.max(1, Math.round(words * share)) : 0);

/** Puts synonyms in the place of a share of the words; fewer where not so many have one. In place. */
export function replaceWords(
  { words, gaps }: Words,
  share: number,
  senses: number,
  wordnet: Wordnet,
  draw: Random,
): void {
  let left = countOf(words.length, share);
  for (const at of shuffled(words.length, draw)) {
    if (left === 0) return;
    const word = words[at] as string;
    const found = wordnet.synonyms(word.toLowerCase(), senses);
    if (found.length === 0 || !isPlain(word, gaps[at] as string)) continue;
    const synonym = inCase(pick(found, draw), word);
    words[at] = synonym;
    if (at > 0) words[at - 1] = article(words[at - 1] as string, word, synonym);
    left--;
  }
}

/** Puts a synonym of some word behind a random word, for a share of the words. In place. */
export function insertWords(text: Words, share: number, wordnet: Wordnet, draw: Random): void {
  const { words, gaps } = text;
  const candidates = words.filter((word) => wordnet.synonyms(word.toLowerCase(), 1).length > 0);
  if (candidates.length === 0) return;
  for (let left = countOf(words.length, share); left > 0; left--) {
    const word = pick(wordnet.synonyms(pick(candidates, draw).toLowerCase(), 1), draw);
    const at = Math.floor(draw() * words.length);
    words.splice(at + 1, 0, word);
    gaps.splice(at + 1, 0, ' ');
  }
}

/** Takes out each word with a probability, and the space before it; one stays. In place. */
export function deleteWords(text: Words, share: number, draw: Random): void {
  const kept = text.words.map(() => draw() >= share);
  const { words, gaps } = text;
  if (words.length > 0 && !kept.includes(true)) kept[Math.floor(draw() * words.length)] = true;
  for (let at = words.length - 1; at >= 0; at--) {
    if (kept[at]) continue;
    const [before, behind] = [gaps[at] as string, gaps[at + 1] as string];
    words.splice(at, 1);
    // One space of the two goes; whatever else stands there stays.
    gaps.splice(at, 2, at > 0 && !/^\s/.test(behind) ? before.trimEnd() + behind : before + behind.trimStart());
  }
}

/** Exchanges two random words, as often as the share says. In place. */
export function swapWords({ words }: Words, share: number, draw: Random): void {
  if (words.length < 2) return;
  for (let left = countOf(words.length, share); left > 0; left--) {
    const a = Math.floor(draw() * words.length);
    const b = (a + 1 + Math.floor(draw() * (words.length - 1))) % words.length;
    [words[a], words[b]] = [words[b] as string, words[a] as string];
  }
}

const pick = <T>(from: readonly T[], draw: Random): T => from[Math.floor(draw() * from.length)] as T;

function shuffled(count: number, draw: Random): number[] {
  const order = Array.from({ length: count }, (_, i) => i);
  for (let i = count - 1; i > 0; i--) {
    const j = Math.floor(draw() * (i + 1));
    [order[i], order[j]] = [order[j] as number, order[i] as number];
  }
  return order;
}

/** Not a name: a capital inside a sentence makes it one. */
function isPlain(word: string, before: string): boolean {
  return !/^\p{Lu}\p{Ll}/u.test(word) || before === '' || /[.!?:"“”«»\n(\]]\s*$/.test(before);
}

/** A word in lower case, written as another is. */
function inCase(word: string, like: string): string {
  if (like.length > 1 && like === like.toUpperCase()) return word.toUpperCase();
  return /^\p{Lu}/u.test(like) ? (word[0] as string).toUpperCase() + word.slice(1) : word;
}

/** "a" and "an" before another word, where they went by the first letter before. */
function article(before: string, old: string, now: string): string {
  const vowel = (word: string) => /^[aeiou]/i.test(word);
  if (!/^an?$/i.test(before) || (before.length === 2) !== vowel(old)) return before;
  return before.charAt(0) + (vowel(now) ? (before === before.toUpperCase() && before.length > 1 ? 'N' : 'n') : '');
}
