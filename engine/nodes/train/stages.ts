// A course of the learning rate in pieces.
import { defineKind } from '../kind.ts';
import type { Schedule } from '../optimizer.ts';
import { falling, lengthIn, type Shape, shapes } from '../warmup.ts';

interface Params {
  lengths: number[];
  ends: number[];
  shapes: ('constant' | Shape)[];
}

const courses = ['constant', ...shapes];

export default defineKind<Params>({
  kind: 'stages',
  stage: 'train',
  version: 1,
  doc: `Learning-rate schedule in stages, one after another: each has a length, a factor on the optimizer's rate at its end, and a way to get
there from the end of the one before (0 before the first). \`constant\` is at its end at once. What is left after the last stage stays as it
ended.

The example is DeepSeek-V3's: 2,000 steps of warm-up, level for 67% of the tokens, half a cosine down to a tenth, and two level parts at
the end (arXiv 2412.19437, section 4.2).`,
  example: `course = stages(lengths: [2000, 0.675, 0.29, 0.0225, 0.0115], ends: [1, 1, 0.1, 0.1, 0.0332],
           shapes: ["linear", "constant", "cosine", "constant", "constant"])`,
  inputs: {},
  outputs: { schedule: 'schedule' },
  params: {
    lengths: {
      type: 'array',
      items: { type: 'number', minimum: 0 },
      minItems: 1,
      maxItems: 100,
      unit: 'steps',
      description: 'Length of each stage: below 1 a share of all steps, else a number of steps.',
    },
    ends: {
      type: 'array',
      items: { type: 'number', minimum: 0, maximum: 1 },
      minItems: 1,
      maxItems: 100,
      description: "Factor on the optimizer's rate at the end of each stage.",
    },
    shapes: {
      type: 'array',
      items: { type: 'string' },
      minItems: 1,
      maxItems: 100,
      description: 'How each stage gets to its end: `constant`, `linear`, `cosine` or `root`.',
    },
  },
  required: ['lengths', 'ends', 'shapes'],
  infer({ params, error }) {
    const { lengths, ends } = params;
    for (const at of ['ends', 'shapes'] as const)
      if (params[at].length !== lengths.length) {
        error({
          code: 'schedule-length',
          at,
          message: `there are ${lengths.length} lengths of stages, but ${params[at].length} ${at}`,
        });
        return null;
      }
    const unknown = params.shapes.find((shape) => !courses.includes(shape));
    if (unknown !== undefined) {
      error({
        code: 'schedule-shape',
        at: 'shapes',
        message: `a stage is ${courses.map((course) => `"${course}"`).join(', ')}, not "${unknown}"`,
      });
      return null;
    }
    const share = lengths.filter((length) => length < 1).reduce((a, b) => a + b, 0);
    if (share > 1.000001) {
      error({
        code: 'schedule-length',
        at: 'lengths',
        message: `the stages together are ${Math.round(100 * share)}% of all steps`,
      });
      return null;
    }
    return { schedule: { kind: 'stages', params: { lengths, ends, shapes: params.shapes } } };
  },
  schedule({ lengths, ends, shapes: ways }): Schedule {
    return (step, steps) => {
      let begin = 0;
      for (const [i, each] of lengths.entries()) {
        const length = lengthIn(steps, each);
        const before = i === 0 ? 0 : ends[i - 1];
        if (step < begin + length || (step === begin + length && i === lengths.length - 1)) {
          const way = ways[i];
          return way === 'constant' ? ends[i] : ends[i] + (before - ends[i]) * falling(way, (step - begin) / length);
        }
        begin += length;
      }
      return ends[ends.length - 1];
    };
  },
});
