// AdamW: Adam with weight decay that is not part of the gradient.
import { defineKind } from '../kind.ts';
import { betasParam, corrected, decayParam, epsParam, rateParam } from '../moments.ts';
import { decays, type OptimizerRule } from '../optimizer.ts';

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
    lr: rateParam(1e-3),
    betas: betasParam(0.95),
    eps: epsParam(1e-8),
    weight_decay: decayParam(0.1),
  },
  infer: ({ params }) => ({ optimizer: { kind: 'adamw', params: { ...params } } }),
  optimizer({ lr, betas, eps, weight_decay: decay }): OptimizerRule {
    const [beta1, beta2] = betas;
    return {
      rate: (_, factor) => lr * factor,
      elementwise: true,
      slots: ({ shape }) => ({ m: shape, v: shape }),
      scalars: (step, factor) => ({
        ...corrected({ betas, eps }, lr * factor, step),
        decay: lr * factor * decay,
      }),
      update(u, weight) {
        if (decay > 0 && decays(weight)) u.decay(u.scalar('decay'));
        u.adam('m', 'v', { rate: u.scalar('rate'), beta1, beta2, epsilon: u.scalar('epsilon') });
      },
    };
  },
});
