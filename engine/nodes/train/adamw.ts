// AdamW: Adam with weight decay that is not part of the gradient.
import { defineKind } from '../kind.ts';
import type { OptimizerRule } from '../module.ts';

interface Params {
  lr: number;
  betas: [number, number];
  eps: number;
  weight_decay: number;
}

export default defineKind<Params>({
  kind: 'adamw',
  stage: 'train',
  version: 1,
  doc: `AdamW, step for step as PyTorch's. Weight decay acts on matrices only, not on norms' gains and biases.
Source: Loshchilov & Hutter, arXiv 1711.05101.`,
  example: 'recipe = adamw(lr: 3e-3, betas: [0.9, 0.95], weight_decay: 0.1)',
  inputs: {},
  outputs: { optimizer: 'optimizer' },
  params: {
    lr: {
      type: 'number',
      exclusiveMinimum: 0,
      default: 1e-3,
      description: 'Highest learning rate; the schedule scales it.',
    },
    betas: {
      type: 'array',
      items: { type: 'number', minimum: 0, maximum: 0.999999 },
      minItems: 2,
      maxItems: 2,
      default: [0.9, 0.95],
      description: 'Decay rates of the running means of the gradient and its square.',
    },
    eps: {
      type: 'number',
      exclusiveMinimum: 0,
      default: 1e-8,
      description: 'Added to the denominator.',
      advanced: true,
    },
    weight_decay: {
      type: 'number',
      minimum: 0,
      default: 0.1,
      description: 'Part of each weight taken off per unit of learning rate.',
    },
  },
  infer: ({ params }) => ({ optimizer: { kind: 'adamw', params: { ...params } } }),
  optimizer({ lr, betas: [beta1, beta2], eps, weight_decay: decay }): OptimizerRule {
    return {
      rate: lr,
      slots: ['m', 'v'],
      // PyTorch: w -= lr / (1 - b1^t) * m / (sqrt(v) / sqrt(1 - b2^t) + eps), here with both corrections moved into scalars.
      scalars(step, factor) {
        const second = Math.sqrt(1 - beta2 ** step);
        return {
          rate: (lr * factor * second) / (1 - beta1 ** step),
          epsilon: eps * second,
          decay: lr * factor * decay,
        };
      },
      update(u, scalar, decays) {
        if (decays && decay > 0) u.decay(scalar('decay'));
        u.adam('m', 'v', { rate: scalar('rate'), beta1, beta2, epsilon: scalar('epsilon') });
      },
    };
  },
});
