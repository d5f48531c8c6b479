// Up in a line, down in a line.
import { defineKind } from '../kind.ts';
import { afterWarmup, falling, floorParam, warmupParam } from '../warmup.ts';

interface Params {
  warmup: number;
  floor: number;
}

export default defineKind<Params>({
  kind: 'warmup_linear',
  stage: 'train',
  version: 1,
  doc: `Learning-rate schedule: rises in a line from 0 during the warm-up, then falls in a line to \`floor\` times the optimizer's rate
at the last step, as BERT was trained. Source: Devlin et al., arXiv 1810.04805.`,
  example: 'course = warmup_linear(warmup: 10%)',
  inputs: {},
  outputs: { schedule: 'schedule' },
  params: {
    warmup: warmupParam,
    floor: { ...floorParam, default: 0 },
  },
  infer: ({ params }) => ({ schedule: { kind: 'warmup_linear', params: { ...params } } }),
  schedule: ({ warmup, floor }) => afterWarmup(warmup, (share) => floor + (1 - floor) * falling('linear', share)),
});
