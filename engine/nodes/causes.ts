// Why a training went wrong, as far as its numbers tell: what it read, how the loss went, and which layer's gradient stands out.
import type { Feeds, Inspection } from './module.ts';

export interface Circumstances {
  /** The batches of the step that failed. */
  feeds: readonly Feeds[];
  inspection: Inspection;
  /** Losses of the steps before, oldest first. */
  losses: readonly number[];
  /** Learning rate of the step, and the highest so far. */
  rate: number;
  clip: number;
  step: number;
  /** Norm of each weight that is trained, and how many numbers it holds. */
  weights: ReadonlyMap<string, { norm: number; size: number }>;
}

/** Numbers beyond which an input was surely not scaled: those of normalised data are a few. */
const LARGE = 100;
/** Root mean square of a weight's numbers from which it has run away: they begin at 0.02 or 1. */
const RUNAWAY = 100;

/** Sentences, the likeliest cause first. */
export function likelyCauses(around: Circumstances): string[] {
  return [...inputs(around.feeds), ...labels(around.feeds), ...runaway(around), ...rate(around), ...gradients(around)];
}

function inputs(feeds: readonly Feeds[]): string[] {
  const found: string[] = [];
  const names = Object.keys(feeds[0] ?? {}).filter((name) => feeds[0]?.[name] instanceof Float32Array);
  for (const name of names) {
    let [bad, most] = [0, 0];
    for (const batch of feeds) {
      for (const value of batch[name] as Float32Array) {
        if (!Number.isFinite(value)) bad++;
        else if (Math.abs(value) > most) most = Math.abs(value);
      }
    }
    if (bad > 0)
      found.push(
        `the batch itself has ${bad} values in \`${name}\` that are no finite numbers: look for missing values in the data`,
      );
    else if (most > LARGE)
      found.push(`\`${name}\` has values up to ${short(most)}: scale the data to mean 0 and deviation 1, or to 0 .. 1`);
  }
  return found;
}

function labels(feeds: readonly Feeds[]): string[] {
  const counted = feeds.flatMap(({ learned }) =>
    learned instanceof Float32Array ? [learned.some((value) => value > 0)] : [],
  );
  return counted.length > 0 && !counted.some(Boolean)
    ? ['nothing in this batch counts for the loss: its labels are empty']
    : [];
}

function rate({ losses, rate, clip, step }: Circumstances): string[] {
  const recent = losses.slice(-20);
  const lowest = Math.min(...losses);
  const risen = recent.length >= 5 && (recent.at(-1) as number) > 1.2 * lowest && slope(recent) > 0;
  const advice = [`a lower learning rate (lr) or a longer warmup usually helps`];
  if (clip === 0) advice.push('clip: 1.0 keeps single bad batches from throwing the weights off');
  if (risen) {
    const from = short(lowest);
    advice.unshift(
      `the loss had been rising before, from ${from} to ${short(recent.at(-1) as number)}: the learning rate, ${short(rate)} at step ${step}, is too high`,
    );
  }
  return advice;
}

/** Of a straight line through the values. */
function slope(values: readonly number[]): number {
  const middle = (values.length - 1) / 2;
  return values.reduce((sum, value, i) => sum + (i - middle) * value, 0);
}

function runaway({ weights, rate, step }: Circumstances): string[] {
  const [first] = [...weights]
    .map(([name, { norm, size }]) => ({ name, value: norm / Math.sqrt(Math.max(1, size)) }))
    .filter(({ value }) => !(value < RUNAWAY))
    .sort((a, b) => b.value - a.value);
  if (first === undefined) return [];
  const size = `those of \`${first.name}\` are ${short(first.value)} in the mean`;
  return [`the weights have run away before: ${size}; the learning rate, ${short(rate)} at step ${step}, is too high`];
}

function gradients({ inspection }: Circumstances): string[] {
  const all = [...inspection.gradients];
  const bad = all.filter(([, norm]) => !Number.isFinite(norm));
  if (bad.length === all.length && all.length > 0) {
    return Number.isFinite(inspection.loss)
      ? ['no gradient is finite although the loss is: it overflows on the way back, from the head on']
      : ['no gradient is finite: the numbers overflow on the way forward already'];
  }
  if (bad.length > 0) {
    // Layers are in the order of the way forward; the way back reaches the last ones first.
    const [name] = bad.at(-1) as [string, number];
    return [`the gradient is first not finite at \`${name}\` (${bad.length} of ${all.length} weights)`];
  }
  const total = Math.hypot(...all.map(([, norm]) => norm));
  const [most] = all.sort(([, a], [, b]) => b - a);
  if (most === undefined || most[1] < 0.9 * total) return [];
  return [`most of the gradient is that of \`${most[0]}\`: norm ${short(most[1])} of ${short(total)}`];
}

function short(value: number): string {
  return Number(value.toPrecision(3)).toString();
}
