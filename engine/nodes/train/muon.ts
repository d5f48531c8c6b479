// Muon: momentum made orthogonal, for the matrices inside a model; AdamW for everything else.
import { defineKind } from '../kind.ts';
import { betasParam, corrected, decayParam, epsParam, rateParam } from '../moments.ts';
import type { Tensor } from '../ops.ts';
import { decays, type Moved, type OptimizerRule, type Updates } from '../optimizer.ts';

interface Params {
  lr: number;
  momentum: number;
  nesterov: boolean;
  weight_decay: number;
  iterations: number;
  scale: 'original' | 'adamw';
  other_lr: number;
  betas: [number, number];
  eps: number;
}

/** Newton-Schulz coefficients of Keller Jordan's Muon: the steepest at 0. */
const [a, b, c] = [3.4445, -4.775, 2.0315];
const smallestNorm = 1e-7;

export default defineKind<Params>({
  kind: 'muon',
  stage: 'train',
  version: 1,
  doc: `Muon: each matrix inside the model moves along its momentum made orthogonal by Newton-Schulz iterations, step for step as
torch.optim.Muon (computed in float32 here, not in bfloat16). Embeddings, the head, norms' gains and biases move by AdamW at \`other_lr\`. Of
weights that hold several (q, k and v), each is made orthogonal alone. Source: Jordan et al. 2024 (kellerjordan.github.io/posts/muon);
\`scale: "adamw"\`: Liu et al., arXiv 2502.16982.`,
  example: 'recipe = muon(lr: 0.02, other_lr: 3e-3)',
  inputs: {},
  outputs: { optimizer: 'optimizer' },
  params: {
    lr: rateParam(0.02, 'Highest learning rate of matrices; the schedule scales it.'),
    other_lr: rateParam(3e-3, 'Highest learning rate of everything else; the schedule scales it as well.'),
    momentum: {
      type: 'number',
      minimum: 0,
      exclusiveMaximum: 1,
      default: 0.95,
      description: 'Part of the running mean of the gradient that is kept.',
    },
    nesterov: { type: 'boolean', default: true, description: 'Look ahead along the momentum.', advanced: true },
    weight_decay: decayParam(0.1),
    iterations: {
      type: 'integer',
      minimum: 1,
      maximum: 20,
      default: 5,
      description: 'Newton-Schulz iterations.',
      advanced: true,
    },
    scale: {
      type: 'string',
      enum: ['original', 'adamw'],
      default: 'original',
      description:
        'Factor on the step of a matrix of r rows and c columns. original: root of max(1, r / c); adamw: 0.2 root of max(r, c), so that a learning rate found for AdamW fits.',
    },
    betas: { ...betasParam(0.95), advanced: true },
    eps: epsParam(1e-8),
  },
  infer: ({ params }) => ({ optimizer: { kind: 'muon', params: { ...params } } }),
  optimizer({ lr, other_lr: otherRate, momentum, nesterov, iterations, scale, betas, eps, ...params }): OptimizerRule {
    const [beta1, beta2] = betas;
    const decay = params.weight_decay;
    return {
      rate: (_, factor) => lr * factor,
      elementwise: false,
      slots: (weight): Record<string, number[]> =>
        inside(weight) ? { momentum: weight.shape } : { m: weight.shape, v: weight.shape },
      scalars(step, factor) {
        const other = corrected({ betas, eps }, otherRate * factor, step);
        return {
          rate: lr * factor,
          decay: lr * factor * decay,
          other_rate: other.rate,
          other_epsilon: other.epsilon,
          other_decay: otherRate * factor * decay,
        };
      },
      update(u, weight) {
        if (!inside(weight)) {
          if (decay > 0 && decays(weight)) u.decay(u.scalar('other_decay'));
          u.adam('m', 'v', { rate: u.scalar('other_rate'), beta1, beta2, epsilon: u.scalar('other_epsilon') });
          return;
        }
        const g = u.gradient;
        const between = (x: Tensor, y: Tensor, share: number): Tensor => u.add(x, u.mul(u.sub(y, x), u.number(share)));
        const mean = between(u.slot('momentum'), g, 1 - momentum);
        u.keep('momentum', mean);
        const [rows] = weight.shape;
        const columns = weight.shape.slice(1).reduce((x, y) => x * y, 1);
        const matrix = u.reshape(nesterov ? between(g, mean, momentum) : mean, [rows, columns]);
        const direction = u.reshape(orthogonal(u, matrix, iterations), weight.shape);
        if (decay > 0) u.decay(u.scalar('decay'));
        const factor =
          scale === 'adamw' ? 0.2 * Math.sqrt(Math.max(rows, columns)) : Math.sqrt(Math.max(1, rows / columns));
        u.subtract(u.mul(direction, u.mul(u.scalar('rate'), u.number(factor))));
      },
    };
  },
});

function inside(weight: Moved): boolean {
  return weight.shape.length > 1 && weight.use === undefined;
}

/** x [r, c] with all singular values near 1. */
function orthogonal(u: Updates, matrix: Tensor, iterations: number): Tensor {
  const [rows, columns] = matrix.shape;
  const tall = rows > columns; // the smaller of x x^T and x^T x
  let x = u.div(matrix, u.maximum(u.sqrt(u.sumOfSquares(matrix)), u.number(smallestNorm)));
  for (let i = 0; i < iterations; i++) {
    const gram = u.matmul(x, x, tall, !tall);
    const change = u.add(u.mul(gram, u.number(b)), u.mul(u.matmul(gram, gram), u.number(c)));
    x = u.add(u.mul(x, u.number(a)), tall ? u.matmul(x, change) : u.matmul(change, x));
  }
  return x;
}
