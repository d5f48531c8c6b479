// A running mean of the weights (Polyak & Juditsky 1992), as training moves it and as it is stored.

/**
 * By how much the mean moves towards the weights at step 1, 2, ...: more in the beginning, so that it soon forgets the first weights,
 * as TensorFlow's ExponentialMovingAverage does.
 */
export function averageShare(decay: number, step: number): number {
  return 1 - Math.min(decay, (1 + step) / (10 + step));
}

const ending = '/average';

/** The name in a session's state of the running mean of a weight. */
export function averageOf(weight: string): string {
  return `${weight}${ending}`;
}

/** The weight that a name in the state is the running mean of, or null. */
export function averaged(name: string): string | null {
  return name.endsWith(ending) ? name.slice(0, -ending.length) : null;
}
