// Up in a line, and no further.
import { defineKind } from '../kind.ts';
import { afterWarmup, warmupParam } from '../warmup.ts';

interface Params {
  warmup: number;
}

export default defineKind<Params>({
  kind: 'warmup_constant',
  stage: 'train',
  version: 1,
  doc: 'Learning-rate schedule: rises in a line from 0 during the warm-up, then stays. For training that has no end yet.',
  example: 'course = warmup_constant(warmup: 100)',
  inputs: {},
  outputs: { schedule: 'schedule' },
  params: { warmup: warmupParam },
  infer: ({ params }) => ({ schedule: { kind: 'warmup_constant', params: { ...params } } }),
  schedule: ({ warmup }) => afterWarmup(warmup, () => 1),
});
