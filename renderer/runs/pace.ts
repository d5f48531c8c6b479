// How long something will take still: from the time its units took lately, shown so that it neither jumps nor flickers.

/** What is known of the speed of one step; plain data, made anew at each progress. Times in seconds. */
export interface Pace {
  /** What is counted now: a step may count several things one after another. */
  readonly unit: string;
  readonly total: number;
  /** Where it stood at the last sign, and when that was. */
  readonly done: number;
  readonly at: number;
  /** Seconds and units lately: what is long past counts little. */
  readonly seconds: number;
  readonly units: number;
  /** When it is expected to end, drawn towards each new estimate by degrees; null before it can be told. */
  readonly end: number | null;
}

/** Seconds after which something counts e times less. */
const memory = 20;
/** Below these nothing is said: the first units are slower (compiling, warming up). */
const least = { seconds: 1.5, units: 2 };
/** Seconds in which the shown end follows a changed estimate. */
const sluggishness = 5;

/** A step that begins at `at` with `done` units behind it. */
export function beginPace(at: number, done = 0, unit = '', total = 0): Pace {
  return { unit, total, done, at, seconds: 0, units: 0, end: null };
}

/** Takes a sign of progress at the moment `at`. */
export function advancePace(before: Pace, progress: { done: number; total: number; unit: string; at: number }): Pace {
  const { done, total, unit, at } = progress;
  const first = before.unit === '';
  if (!first && (unit !== before.unit || total !== before.total || done < before.done))
    return beginPace(at, done, unit, total);
  if (done <= before.done) return { ...before, unit, total };
  const passed = Math.max(0, at - before.at);
  const keep = Math.exp(-passed / memory);
  const seconds = before.seconds * keep + passed;
  const units = before.units * keep + (done - before.done);
  const known = before.units + (done - before.done) >= least.units && seconds >= least.seconds;
  const estimate = known ? at + (Math.max(0, total - done) * seconds) / units : null;
  const follow = 1 - Math.exp(-passed / sluggishness);
  const end = estimate === null || before.end === null ? estimate : before.end + (estimate - before.end) * follow;
  return { unit, total, done, at, seconds, units, end };
}

/** Seconds left at the moment `now`, or null before it can be told. */
export function leftOf(pace: Pace, now: number): number | null {
  return pace.end === null ? null : Math.max(0, pace.end - now);
}

export interface Overall {
  /** 0 to 1. */
  readonly fraction: number;
  /** Seconds left of the whole run, null where one of its steps cannot be told. */
  readonly left: number | null;
  readonly done: number;
  readonly total: number;
}

/**
 * How far a run is: by expected time where it is known of all steps, otherwise by the number of steps.
 * @param steps those that this run carries out, in order, with the seconds they took or are expected to take
 */
export function overall(
  steps: readonly {
    state: 'done' | 'running' | 'waiting';
    seconds: number | null;
    fraction: number;
    left: number | null;
  }[],
): Overall {
  const finished = steps.filter(({ state }) => state === 'done').length;
  if (steps.length === 0) return { fraction: 1, left: 0, done: 0, total: 0 };
  // A running step's time: what has passed of it is not known here, so its share follows from fraction and time left.
  const whole = steps.map(({ state, seconds, fraction, left }) =>
    state === 'running' && left !== null && fraction > 0 && fraction < 1 ? left / (1 - fraction) : seconds,
  );
  const rest = steps.map(({ state, fraction, left }, i) => {
    const expected = whole[i] ?? null;
    if (state === 'done') return 0;
    if (state === 'waiting') return expected;
    return left ?? (expected === null ? null : expected * (1 - fraction));
  });
  const known = whole.every((each) => each !== null) && rest.every((each) => each !== null);
  const left = rest.some((each) => each === null) ? null : rest.reduce<number>((sum, each) => sum + (each ?? 0), 0);
  const weights = known ? whole.map((each) => Math.max(each ?? 0, 0.01)) : whole.map(() => 1);
  const sum = weights.reduce((total, each) => total + each, 0);
  const passed = steps.reduce(
    (total, { state, fraction }, i) =>
      total + (weights[i] ?? 0) * (state === 'done' ? 1 : state === 'running' ? fraction : 0),
    0,
  );
  return { fraction: Math.min(1, passed / sum), left, done: finished, total: steps.length };
}
