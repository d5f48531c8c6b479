// BLEU (Papineni et al. 2002) as sacrebleu computes it (Post 2018, arXiv:1804.08771): the tokens of mteval-v13a, n-grams of one to
// four, exponential smoothing. Counts of segments add up, so a corpus needs no more memory than a sentence.

const ORDER = 4;

/** What of a segment goes into the score. Of several segments: the sums. */
export interface BleuCounts {
  /** Tokens of the prediction, and of the reference nearest to it in length. */
  length: number;
  reference: number;
  /** N-grams of the prediction that a reference has too, and all of them; for n = 1 .. 4. */
  correct: number[];
  total: number[];
}

export interface BleuOptions {
  lowercase?: boolean;
}

export const noCounts: BleuCounts = { length: 0, reference: 0, correct: [0, 0, 0, 0], total: [0, 0, 0, 0] };

// What Python takes for white space, which is not what JavaScript does.
const SPACE = '[\\t-\\r\\x1c-\\x20\\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000]';
const spaces = new RegExp(`${SPACE}+`, 'u');
const lastSpaces = new RegExp(`${SPACE}+$`, 'u');

/** The tokens of mteval-v13a, by white space and punctuation. */
export function tokens13a(text: string): string[] {
  const plain = text
    .replace(lastSpaces, '')
    .replaceAll('<skipped>', '')
    .replaceAll('-\n', '')
    .replaceAll('\n', ' ')
    .replaceAll('&quot;', '"')
    .replaceAll('&amp;', '&')
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>');
  return ` ${plain} `
    .replace(/([{-~[-` -&(-+:-@/])/gu, ' $1 ')
    .replace(/([^0-9])([.,])/gu, '$1 $2 ')
    .replace(/([.,])([^0-9])/gu, ' $1 $2')
    .replace(/([0-9])(-)/gu, '$1 $2 ')
    .split(spaces)
    .filter((token) => token !== '');
}

/** @param references at least one */
export function bleuCounts(
  prediction: string,
  references: readonly string[],
  { lowercase = false }: BleuOptions = {},
): BleuCounts {
  const cut = (text: string) => tokens13a(lowercase ? text.toLowerCase() : text);
  const tokens = cut(prediction);
  const given = references.map(cut);
  const wanted = new Map<string, number>();
  for (const reference of given) {
    for (const [ngram, count] of ngrams(reference)) wanted.set(ngram, Math.max(count, wanted.get(ngram) ?? 0));
  }
  const [correct, total] = [new Array<number>(ORDER).fill(0), new Array<number>(ORDER).fill(0)];
  for (const [ngram, count] of ngrams(tokens)) {
    const n = ngram.split(' ').length - 1;
    total[n] += count;
    correct[n] += Math.min(count, wanted.get(ngram) ?? 0);
  }
  const far = (length: number) => Math.abs(length - tokens.length);
  const [nearest] = given.map((reference) => reference.length).sort((a, b) => far(a) - far(b) || a - b);
  if (nearest === undefined) throw new Error('BLEU needs a reference');
  return { length: tokens.length, reference: nearest, correct, total };
}

export function addCounts(a: BleuCounts, b: BleuCounts): BleuCounts {
  return {
    length: a.length + b.length,
    reference: a.reference + b.reference,
    correct: a.correct.map((count, n) => count + (b.correct[n] as number)),
    total: a.total.map((count, n) => count + (b.total[n] as number)),
  };
}

/**
 * BLEU, 0 .. 100.
 * @param effective leaves out the orders that the prediction is too short for: for single sentences
 */
export function bleu({ length, reference, correct, total }: BleuCounts, effective = false): number {
  if (correct.every((count) => count === 0)) return 0;
  const brevity = length < reference ? Math.exp(1 - reference / length) : 1;
  const reached = total.findIndex((count) => count === 0);
  const orders = reached < 0 ? ORDER : reached;
  if (orders < ORDER && !effective) return 0;
  let smooth = 1;
  let sum = 0;
  for (let n = 0; n < orders; n++) {
    if (correct[n] === 0) smooth *= 2;
    const precision = correct[n] === 0 ? 100 / (smooth * total[n]) : (100 * correct[n]) / total[n];
    sum += Math.log(precision);
  }
  return brevity * Math.exp(sum / orders);
}

/** How often each run of one to four tokens occurs; joined by spaces, which no token contains. */
function ngrams(tokens: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (let n = 1; n <= ORDER; n++) {
    for (let i = 0; i + n <= tokens.length; i++) {
      const ngram = tokens.slice(i, i + n).join(' ');
      counts.set(ngram, (counts.get(ngram) ?? 0) + 1);
    }
  }
  return counts;
}
