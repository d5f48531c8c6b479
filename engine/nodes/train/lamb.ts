// LAMB: Adam's direction, with each layer's step in proportion to the size of its weights.
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
  kind: 'lamb',
  stage: 'train',
  version: 1,
  doc: `LAMB, for very large batches: Adam's direction, scaled for each matrix by the ratio of its norm to the direction's. Norms'
gains and biases are neither scaled nor decayed. Step for step as timm's. Source: You et al., arXiv 1904.00962.`,
  example: 'recipe = lamb(lr: 5e-3, weight_decay: 0.01)',
  inputs: {},
  outputs: { optimizer: 'optimizer' },
  params: {
    lr: rateParam(5e-3),
    betas: betasParam(0.999),
    eps: epsParam(1e-6),
    weight_decay: { ...decayParam(0.01), description: 'Part of each weight added to the direction.' },
  },
  infer: ({ params }) => ({ optimizer: { kind: 'lamb', params: { ...params } } }),
  optimizer({ lr, betas, eps, weight_decay: decay }): OptimizerRule {
    const [beta1, beta2] = betas;
    return {
      rate: (_, factor) => lr * factor,
      elementwise: false,
      slots: ({ shape }) => ({ m: shape, v: shape }),
      scalars(step, factor) {
        // The direction without the learning rate: the ratio comes between them.
        const { rate, epsilon } = corrected({ betas, eps }, 1, step);
        return { correction: rate, epsilon, rate: lr * factor };
      },
      update(u, weight) {
        const g = u.gradient;
        const m = u.add(u.mul(u.slot('m'), u.number(beta1)), u.mul(g, u.number(1 - beta1)));
        const v = u.add(u.mul(u.slot('v'), u.number(beta2)), u.mul(u.square(g), u.number(1 - beta2)));
        u.keep('m', m);
        u.keep('v', v);
        const adam = u.mul(u.div(m, u.add(u.sqrt(v), u.scalar('epsilon'))), u.scalar('correction'));
        if (decay === 0 || !decays(weight)) return u.subtract(u.mul(adam, u.scalar('rate')));
        const w = u.weight();
        const direction = u.add(adam, u.mul(w, u.number(decay)));
        const [size, length] = [w, direction].map((x) => u.sqrt(u.sumOfSquares(x)));
        const one = u.number(1);
        const ratio = u.where(size, u.where(length, u.div(size, length), one), one);
        u.subtract(u.mul(direction, u.mul(ratio, u.scalar('rate'))));
      },
    };
  },
});
