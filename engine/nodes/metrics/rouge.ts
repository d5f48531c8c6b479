// ROUGE (Lin 2004) as Google's rouge-score computes it: ROUGE-N by n-grams, ROUGE-L by the longest common subsequence of words, and
// ROUGE-Lsum by that of lines, joined for a whole summary.
import { stem } from './stem.ts';

export const rougeTypes = ['rouge1', 'rouge2', 'rougeL', 'rougeLsum'] as const;
export type RougeType = (typeof rougeTypes)[number];

export interface Score {
  precision: number;
  recall: number;
  f: number;
}

export interface RougeOptions {
  /** Compares stems (stem.ts) of words of more than three letters. */
  stemmer?: boolean;
}

/** Runs of the letters a-z and digits, lower-case. Other scripts have none: ROUGE is made for English. */
export function rougeTokens(text: string, { stemmer = false }: RougeOptions = {}): string[] {
  const words = text.toLowerCase().match(/[a-z0-9]+/g) ?? [];
  return stemmer ? words.map((word) => (word.length > 3 ? stem(word) : word)) : words;
}

/** Scores against the reference; of several references, for each type the one with the best F. */
export function rouge(
  prediction: string,
  references: readonly string[],
  options: RougeOptions = {},
): Record<RougeType, Score> {
  const scores = references.map((reference) => against(prediction, reference, options));
  const best = (type: RougeType) => scores.map((each) => each[type]).reduce((a, b) => (b.f > a.f ? b : a));
  return {
    rouge1: best('rouge1'),
    rouge2: best('rouge2'),
    rougeL: best('rougeL'),
    rougeLsum: best('rougeLsum'),
  };
}

function against(prediction: string, reference: string, options: RougeOptions): Record<RougeType, Score> {
  const ids = new Map<string, number>();
  const cut = (text: string): number[] =>
    rougeTokens(text, options).map((word) => {
      const id = ids.get(word) ?? ids.size;
      ids.set(word, id);
      return id;
    });
  const [predicted, wanted] = [cut(prediction), cut(reference)];
  const [lines, wantedLines] = [prediction, reference].map((text) =>
    text
      .split('\n')
      .filter((line) => line !== '')
      .map(cut),
  );
  return {
    rouge1: ofNgrams(predicted, wanted, 1),
    rouge2: ofNgrams(predicted, wanted, 2),
    rougeL: score(commonLength(predicted, wanted), predicted.length, wanted.length),
    rougeLsum: summary(lines as number[][], wantedLines as number[][]),
  };
}

function score(hits: number, predicted: number, wanted: number): Score {
  const [precision, recall] = [hits / Math.max(predicted, 1), hits / Math.max(wanted, 1)];
  return { precision, recall, f: precision + recall > 0 ? (2 * precision * recall) / (precision + recall) : 0 };
}

function ofNgrams(predicted: number[], wanted: number[], n: number): Score {
  const count = (tokens: number[]) => {
    const counts = new Map<string, number>();
    for (let i = 0; i + n <= tokens.length; i++) {
      const ngram = tokens.slice(i, i + n).join(' ');
      counts.set(ngram, (counts.get(ngram) ?? 0) + 1);
    }
    return counts;
  };
  const theirs = count(predicted);
  let hits = 0;
  for (const [ngram, times] of count(wanted)) hits += Math.min(times, theirs.get(ngram) ?? 0);
  return score(hits, Math.max(predicted.length - n + 1, 0), Math.max(wanted.length - n + 1, 0));
}

/** Length of the longest common subsequence, in memory for one row of the table. */
function commonLength(a: number[], b: number[]): number {
  const row = new Int32Array(b.length + 1);
  for (const token of a) {
    let corner = 0; // of the row above, one to the left
    for (let j = 1; j <= b.length; j++) {
      const above = row[j];
      row[j] = token === b[j - 1] ? corner + 1 : Math.max(above, row[j - 1]);
      corner = above;
    }
  }
  return row[b.length] as number;
}

/** Places in `wanted` of one longest common subsequence: the one that rouge-score finds, walking back from the end. */
function commonPlaces(wanted: number[], predicted: number[]): number[] {
  const [rows, columns] = [wanted.length, predicted.length];
  // For each cell where to go on: along both, left or up. A byte each, where lengths would take four.
  const way = new Uint8Array(rows * columns);
  const row = new Int32Array(columns + 1);
  for (let i = 0; i < rows; i++) {
    let corner = 0;
    for (let j = 0; j < columns; j++) {
      const [above, left] = [row[j + 1], row[j]];
      const same = wanted[i] === predicted[j];
      way[i * columns + j] = same ? BOTH : left > above ? LEFT : UP;
      row[j + 1] = same ? corner + 1 : Math.max(above, left);
      corner = above;
    }
  }
  const places: number[] = [];
  for (let [i, j] = [rows - 1, columns - 1]; i >= 0 && j >= 0; ) {
    const next = way[i * columns + j];
    if (next === BOTH) places.push(i);
    if (next !== LEFT) i--;
    if (next !== UP) j--;
  }
  return places;
}
const [BOTH, LEFT, UP] = [0, 1, 2];

/** Section 3.2 of the paper; a word counts no more often than it occurs, as in version 1.5.5 of the original program. */
function summary(lines: number[][], wantedLines: number[][]): Score {
  const left = [lines, wantedLines].map((each) => {
    const counts = new Map<number, number>();
    for (const token of each.flat()) counts.set(token, (counts.get(token) ?? 0) + 1);
    return counts;
  });
  let hits = 0;
  for (const wanted of wantedLines) {
    const places = new Set(lines.flatMap((line) => commonPlaces(wanted, line)));
    for (const place of [...places].sort((a, b) => a - b)) {
      const token = wanted[place] as number;
      if (left.some((counts) => (counts.get(token) ?? 0) === 0)) continue;
      for (const counts of left) counts.set(token, (counts.get(token) as number) - 1);
      hits++;
    }
  }
  return score(hits, lines.flat().length, wantedLines.flat().length);
}
