// Stochastic gradient descent, with momentum.
import { defineKind } from '../kind.ts';
import { rateParam } from '../moments.ts';
import { decays, type OptimizerRule } from '../optimizer.ts';

interface Params {
  lr: number;
  momentum: number;
  nesterov: boolean;
  weight_decay: number;
}

export default defineKind<Params>({
  kind: 'sgd',
  stage: 'train',
  version: 1,
  doc: `Stochastic gradient descent with momentum, step for step as PyTorch's. Weight decay is part of the gradient, of matrices only.
Takes a third of AdamW's memory beside the weights less. Source: Sutskever et al. 2013 (Nesterov's momentum).`,
  example: 'recipe = sgd(lr: 0.1, momentum: 0.9, nesterov: true)',
  inputs: {},
  outputs: { optimizer: 'optimizer' },
  params: {
    lr: rateParam(0.1),
    momentum: {
      type: 'number',
      minimum: 0,
      exclusiveMaximum: 1,
      default: 0.9,
      description: 'Part of the last direction that is kept; 0: none.',
    },
    nesterov: { type: 'boolean', default: false, description: 'Look ahead along the momentum. Needs momentum.' },
    weight_decay: {
      type: 'number',
      minimum: 0,
      default: 0,
      description: 'Part of each weight added to its gradient.',
    },
  },
  infer({ params, error }) {
    if (params.nesterov && params.momentum === 0) {
      error({
        code: 'param-idle',
        at: 'nesterov',
        message: 'without momentum there is nothing to look ahead along',
        suggest: { value: false, title: 'use false' },
      });
      return null;
    }
    return { optimizer: { kind: 'sgd', params: { ...params } } };
  },
  optimizer({ lr, momentum, nesterov, weight_decay: decay }): OptimizerRule {
    return {
      rate: (_, factor) => lr * factor,
      elementwise: true,
      slots: ({ shape }): Record<string, number[]> => (momentum > 0 ? { momentum: shape } : {}),
      scalars: (_, factor) => ({ rate: lr * factor }),
      update(u, weight) {
        const own = decay > 0 && decays(weight);
        const g = own ? u.add(u.gradient, u.mul(u.weight(), u.number(decay))) : u.gradient;
        if (momentum === 0) return u.subtract(u.mul(g, u.scalar('rate')));
        const direction = u.add(u.mul(u.slot('momentum'), u.number(momentum)), g);
        u.keep('momentum', direction);
        const step = nesterov ? u.add(g, u.mul(direction, u.number(momentum))) : direction;
        u.subtract(u.mul(step, u.scalar('rate')));
      },
    };
  },
});
