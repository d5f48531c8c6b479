// Scores of predicted labels as scikit-learn computes them, from how often each pair of labels occurs: however many rows there were.

/** Rows of which the reference says one label and the prediction another, or the same. */
export interface Pair {
  reference: string;
  prediction: string;
  rows: number;
}

export interface LabelScore {
  precision: number;
  recall: number;
  f1: number;
  /** That the reference gives the label to. */
  rows: number;
}

export interface LabelScores {
  accuracy: number;
  /** Mean over labels; over labels weighted by their rows; and over all decisions together. */
  f1_macro: number;
  f1_weighted: number;
  f1_micro: number;
  /** By label, of all that reference or prediction has, sorted. */
  labels: Map<string, LabelScore>;
}

/** Where nothing was predicted, or nothing was there, a score is 0 (scikit-learn's `zero_division=0`). */
export function labelScores(pairs: readonly Pair[]): LabelScores {
  const counts = new Map<string, { hits: number; predicted: number; rows: number }>();
  const of = (label: string) => {
    const found = counts.get(label) ?? { hits: 0, predicted: 0, rows: 0 };
    counts.set(label, found);
    return found;
  };
  for (const { reference, prediction, rows } of pairs) {
    of(reference).rows += rows;
    of(prediction).predicted += rows;
    if (reference === prediction) of(reference).hits += rows;
  }
  const share = (part: number, whole: number) => (whole === 0 ? 0 : part / whole);
  const sorted = [...counts].sort(([a], [b]) => (a < b ? -1 : 1));
  const labels = new Map<string, LabelScore>(
    sorted.map(([label, { hits, predicted, rows }]) => [
      label,
      {
        precision: share(hits, predicted),
        recall: share(hits, rows),
        f1: share(2 * hits, predicted + rows),
        rows,
      },
    ]),
  );
  const sum = (numbers: number[]) => numbers.reduce((total, number) => total + number, 0);
  const all = sum(sorted.map(([, { rows }]) => rows));
  const right = sum(sorted.map(([, { hits }]) => hits));
  const scores = [...labels.values()];
  return {
    accuracy: share(right, all),
    f1_macro: share(sum(scores.map(({ f1 }) => f1)), scores.length),
    f1_weighted: share(sum(scores.map(({ f1, rows }) => f1 * rows)), all),
    // Each row is one decision with one label: precision, recall and F1 over all of them are the accuracy.
    f1_micro: share(right, all),
    labels,
  };
}
