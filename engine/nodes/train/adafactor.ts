// Adafactor: the second moment of a matrix kept as its rows' and columns' means.
import { defineKind } from '../kind.ts';
import type { Tensor } from '../ops.ts';
import { decays, type OptimizerRule, type Updates } from '../optimizer.ts';

interface Params {
  lr?: number;
  warmup_init: boolean;
  scale_parameter: boolean;
  clip_threshold: number;
  decay_rate: number;
  momentum: number;
  weight_decay: number;
}

/** Added to squares of the gradient; the least that counts as the size of a weight (the paper's epsilon 1 and 2). */
const [least, smallest] = [1e-30, 1e-3];

export default defineKind<Params>({
  kind: 'adafactor',
  stage: 'train',
  version: 1,
  doc: `Adafactor, step for step as in transformers. Of a matrix's second moment only the means of rows and columns are kept, so that it
needs hardly any memory beside the weights. Without \`lr\` the step is relative: the size of the weight times the smaller of 1/100 and one
over the root of the number of steps. Source: Shazeer & Stern, arXiv 1804.04235.`,
  example: 'recipe = adafactor()',
  inputs: {},
  outputs: { optimizer: 'optimizer' },
  params: {
    lr: {
      type: 'number',
      exclusiveMinimum: 0,
      description: 'Learning rate; the schedule scales it. Default: relative to the number of steps.',
    },
    warmup_init: {
      type: 'boolean',
      default: false,
      description: 'Begin with steps of a millionth of their number. For relative steps.',
      advanced: true,
    },
    scale_parameter: {
      type: 'boolean',
      default: true,
      description: 'Make steps proportional to the root mean square of the weight.',
    },
    clip_threshold: {
      type: 'number',
      exclusiveMinimum: 0,
      default: 1,
      description: 'Largest root mean square of an update before the learning rate.',
      advanced: true,
    },
    decay_rate: {
      type: 'number',
      maximum: 0,
      default: -0.8,
      description: 'The second moment keeps 1 - step ^ decay_rate of itself.',
      advanced: true,
    },
    momentum: {
      type: 'number',
      minimum: 0,
      exclusiveMaximum: 1,
      default: 0,
      description: 'Part of the last update that is kept; 0: none, which saves memory.',
    },
    weight_decay: {
      type: 'number',
      minimum: 0,
      default: 0,
      description: 'Part of each matrix taken off per unit of learning rate.',
    },
  },
  infer({ params, error }) {
    if (params.lr !== undefined && params.warmup_init) {
      error({
        code: 'param-idle',
        at: 'warmup_init',
        message: 'only relative steps begin small: with `lr` a schedule does that',
        suggest: { value: false, title: 'use false' },
      });
      return null;
    }
    return { optimizer: { kind: 'adafactor', params: { ...params } } };
  },
  optimizer({ lr, clip_threshold: threshold, momentum, weight_decay: decay, ...params }): OptimizerRule {
    const rate = (step: number, factor: number): number => {
      const most = params.warmup_init ? 1e-6 * step : 1e-2;
      return factor * (lr ?? Math.min(most, 1 / Math.sqrt(step)));
    };
    return {
      rate,
      elementwise: false,
      slots({ shape }) {
        const second: Record<string, number[]> =
          shape.length > 1
            ? { row: shape.slice(0, -1), column: [...shape.slice(0, -2), shape[shape.length - 1]] }
            : { v: shape };
        return momentum > 0 ? { ...second, m: shape } : second;
      },
      scalars(step, factor) {
        const kept = 1 - step ** params.decay_rate;
        return { rate: rate(step, factor), kept, fresh: 1 - kept };
      },
      update(u, weight) {
        const squares = u.add(u.square(u.gradient), u.number(least));
        const mixed = (slot: string, value: Tensor): Tensor => {
          const next = u.add(u.mul(u.slot(slot), u.scalar('kept')), u.mul(value, u.scalar('fresh')));
          u.keep(slot, next);
          return next;
        };
        const direction = u.mul(factored(u, weight.shape, squares, mixed), u.gradient);
        const excess = u.maximum(u.div(rms(u, direction), u.number(threshold)), u.number(1));
        const size = params.scale_parameter ? u.maximum(rms(u, u.weight()), u.number(smallest)) : null;
        const amount = size === null ? u.scalar('rate') : u.mul(size, u.scalar('rate'));
        let step = u.mul(u.div(direction, excess), amount);
        if (momentum > 0) {
          step = u.add(u.mul(u.slot('m'), u.number(momentum)), u.mul(step, u.number(1 - momentum)));
          u.keep('m', step);
        }
        if (decay > 0 && decays(weight)) u.decay(u.mul(amount, u.number(decay)));
        u.subtract(step);
      },
    };
  },
});

function rms(u: Updates, x: Tensor): Tensor {
  return u.sqrt(u.div(u.sumOfSquares(x), u.number(x.shape.reduce((a, b) => a * b, 1))));
}

/** One over the root of the second moment. */
function factored(
  u: Updates,
  shape: number[],
  squares: Tensor,
  mixed: (slot: string, value: Tensor) => Tensor,
): Tensor {
  if (shape.length < 2) return u.rsqrt(mixed('v', squares));
  const [rows, columns] = [shape.length - 2, shape.length - 1];
  const row = mixed('row', u.mean(squares, [columns]));
  const column = mixed('column', u.mean(squares, [rows]));
  const across = u.rsqrt(u.div(row, u.mean(row, [rows], true)));
  return u.mul(
    u.reshape(across, [...row.shape, 1]),
    u.reshape(u.rsqrt(column), [...shape.slice(0, -2), 1, shape[columns]]),
  );
}
