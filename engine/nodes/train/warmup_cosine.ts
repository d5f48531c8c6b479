// The usual course of a learning rate: up in a line, down along half a cosine.
import { defineKind } from '../kind.ts';
import type { Schedule } from '../module.ts';

interface Params {
  warmup: number;
  floor: number;
}

export default defineKind<Params>({
  kind: 'warmup_cosine',
  stage: 'train',
  version: 1,
  doc: `Learning-rate schedule: rises in a line from 0 during the warm-up, then falls along half a cosine to \`floor\` times the
optimizer's rate at the last step. Source: Loshchilov & Hutter, arXiv 1608.03983.`,
  example: 'course = warmup_cosine(warmup: 10%, floor: 10%)',
  inputs: {},
  outputs: { schedule: 'schedule' },
  params: {
    warmup: {
      type: 'number',
      minimum: 0,
      default: 0.05,
      unit: 'steps',
      description: 'Length of the rise: below 1 a share of all steps (10%), else a number of steps.',
    },
    floor: {
      type: 'number',
      minimum: 0,
      maximum: 1,
      default: 0.1,
      description: 'Share of the rate that is left at the end.',
    },
  },
  infer: ({ params }) => ({ schedule: { kind: 'warmup_cosine', params: { ...params } } }),
  schedule({ warmup, floor }): Schedule {
    return (step, steps) => {
      const rise = warmup < 1 ? Math.round(warmup * steps) : warmup;
      if (step < rise) return step / rise;
      const course = steps > rise ? Math.min((step - rise) / (steps - rise), 1) : 1;
      return floor + (1 - floor) * 0.5 * (1 + Math.cos(Math.PI * course));
    };
  },
});
