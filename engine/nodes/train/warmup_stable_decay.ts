// Up in a line, level for most of the time, down at the end.
import { defineKind } from '../kind.ts';
import type { Schedule } from '../optimizer.ts';
import { falling, floorParam, lengthIn, type Shape, shapes, warmupParam } from '../warmup.ts';

interface Params {
  warmup: number;
  decay: number;
  shape: Shape;
  floor: number;
}

export default defineKind<Params>({
  kind: 'warmup_stable_decay',
  stage: 'train',
  version: 1,
  doc: `Learning-rate schedule: rises in a line from 0 during the warm-up, stays, and falls to \`floor\` times the optimizer's rate over
the last steps. A run can go on from before the fall with more data, as the level part knows no end. Source: MiniCPM, arXiv 2404.06395;
the root as in Hägele et al., arXiv 2405.18392.`,
  example: 'course = warmup_stable_decay(warmup: 100, decay: 10%)',
  inputs: {},
  outputs: { schedule: 'schedule' },
  params: {
    warmup: warmupParam,
    decay: {
      type: 'number',
      minimum: 0,
      default: 0.1,
      unit: 'steps',
      description: 'Length of the fall: below 1 a share of all steps, else a number of steps.',
    },
    shape: {
      type: 'string',
      enum: shapes,
      default: 'root',
      description: 'How the rate falls: along half a cosine, in a line, or by 1 minus the root of the way.',
    },
    floor: { ...floorParam, default: 0 },
  },
  infer({ params, error }) {
    const { warmup, decay } = params;
    if (warmup < 1 && decay < 1 && warmup + decay > 1) {
      error({
        code: 'schedule-length',
        at: 'decay',
        message: `warm-up and fall together are ${Math.round(100 * (warmup + decay))}% of all steps`,
        suggest: { value: Number((1 - warmup).toFixed(4)), title: 'fall over the rest' },
      });
      return null;
    }
    return { schedule: { kind: 'warmup_stable_decay', params: { ...params } } };
  },
  schedule({ warmup, decay, shape, floor }): Schedule {
    return (step, steps) => {
      const [rise, fall] = [lengthIn(steps, warmup), lengthIn(steps, decay)];
      if (step < rise) return step / rise;
      const begin = Math.max(rise, steps - fall);
      if (step < begin || fall === 0) return 1;
      return floor + (1 - floor) * falling(shape, steps > begin ? Math.min((step - begin) / (steps - begin), 1) : 1);
    };
  },
});
