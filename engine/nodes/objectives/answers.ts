// What models with a head of classes, values or vectors answer to rows, and what is told of many answers.
import { labelScores, type Pair } from '../metrics/labels.ts';
import type { Feeds, InferenceSession, Input, Program } from '../module.ts';
import type { Architecture } from '../values.ts';
import type { Fed, Scorer } from './objective.ts';
import { rowForward, rowInputs } from './rows.ts';

/** Inputs with their values, as far as they were fed. */
export function withValues(inputs: readonly Input[], feeds: Feeds): (Input & { values: Feeds[string] })[] {
  return inputs.flatMap((input) => {
    const values = feeds[input.name];
    return values === undefined ? [] : [{ ...input, values }];
  });
}

/** Answers [batch, width], row-major. */
export function answersOf(
  session: InferenceSession,
  program: Program,
  architecture: Architecture,
  { layout, feeds }: Fed,
): Float32Array {
  const inputs = withValues(rowInputs({ ...program, draws: false }, architecture, layout), feeds);
  const [answer] = session.run(inputs, (f) => {
    const own = rowForward(f, architecture, layout);
    return [program.answer(own, program.hidden(own))];
  });
  return answer?.values as Float32Array;
}

/** Shares of classes, from their scores (softmax). */
export function shares(scores: ArrayLike<number>): number[] {
  const most = Array.from(scores).reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
  const raised = Array.from(scores, (score) => Math.exp(score - most));
  const sum = raised.reduce((a, b) => a + b, 0);
  return raised.map((value) => value / sum);
}

/** Place of the largest, the first of several. */
export function largestOf(values: ArrayLike<number>): number {
  let best = 0;
  for (let i = 1; i < values.length; i++) if ((values[i] as number) > (values[best] as number)) best = i;
  return best;
}

/** Labels listed in a report, at most. */
const LISTED = 50;

/** Accuracy and F1, as scikit-learn computes them. */
export function classScores(architecture: Architecture, labels: readonly string[]): Scorer {
  const counts = new Map<string, Pair>();
  return {
    add(session, program, fed) {
      const answers = answersOf(session, program, architecture, fed);
      for (const [i, right] of (fed.feeds.labels as Int32Array).entries()) {
        const prediction = labels[largestOf(answers.subarray(i * labels.length, (i + 1) * labels.length))] as string;
        const reference = labels[right] as string;
        const key = `${right} ${prediction}`;
        const found = counts.get(key) ?? { reference, prediction, rows: 0 };
        found.rows++;
        counts.set(key, found);
      }
    },
    values() {
      const { accuracy, f1_macro, f1_weighted, labels: each } = labelScores([...counts.values()]);
      return { accuracy, f1_macro, f1_weighted, ...(each.size <= LISTED && { labels: Object.fromEntries(each) }) };
    },
  };
}

/** Root of the mean squared error, mean absolute error, and share of the variance that is foretold, of each column. */
export function valueScores(architecture: Architecture, columns: readonly string[]): Scorer {
  const sums = columns.map(() => ({ n: 0, square: 0, absolute: 0, mean: 0, spread: 0 }));
  const shown = (value: (sum: (typeof sums)[number]) => number): unknown =>
    columns.length === 1
      ? value(sums[0] as (typeof sums)[number])
      : Object.fromEntries(columns.map((column, c) => [column, value(sums[c] as (typeof sums)[number])]));
  return {
    add(session, program, fed) {
      const answers = answersOf(session, program, architecture, fed);
      const right = fed.feeds.values as Float32Array;
      for (const [i, value] of right.entries()) {
        const sum = sums[i % columns.length] as (typeof sums)[number];
        const error = (answers[i] as number) - value;
        sum.n++;
        sum.square += error * error;
        sum.absolute += Math.abs(error);
        // Welford's sums of squares about the mean.
        const from = value - sum.mean;
        sum.mean += from / sum.n;
        sum.spread += from * (value - sum.mean);
      }
    },
    values: () => ({
      rmse: shown(({ square, n }) => Math.sqrt(square / n)),
      mae: shown(({ absolute, n }) => absolute / n),
      r2: shown(({ square, spread }) => 1 - square / spread),
    }),
  };
}
