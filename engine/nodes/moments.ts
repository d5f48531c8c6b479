// What optimizers share: what is said of their parameters, and the scalars of the Adam family.
import type { Param } from './kind.ts';

export interface Moments {
  betas: [number, number];
  eps: number;
}

/**
 * PyTorch's bias correction, w -= lr / (1 - b1^t) * m / (sqrt(v) / sqrt(1 - b2^t) + eps), with both corrections moved into the
 * scalars of a plain Adam step.
 */
export function corrected({ betas: [beta1, beta2], eps }: Moments, rate: number, step: number) {
  const second = Math.sqrt(1 - beta2 ** step);
  return { rate: (rate * second) / (1 - beta1 ** step), epsilon: eps * second };
}

export function rateParam(value: number, description = 'Highest learning rate; the schedule scales it.'): Param {
  return { type: 'number', exclusiveMinimum: 0, default: value, description };
}

export function betasParam(second: number): Param {
  return {
    type: 'array',
    items: { type: 'number', minimum: 0, maximum: 0.999999 },
    minItems: 2,
    maxItems: 2,
    default: [0.9, second],
    description: 'Decay rates of the running means of the gradient and its square.',
  };
}

export function epsParam(value: number): Param {
  return {
    type: 'number',
    exclusiveMinimum: 0,
    default: value,
    description: 'Added to the denominator.',
    advanced: true,
  };
}

export function decayParam(value: number): Param {
  return {
    type: 'number',
    minimum: 0,
    default: value,
    description: 'Part of each weight taken off per unit of learning rate.',
  };
}
