// The usual course of a learning rate: up in a line, down along half a cosine.
import { defineKind } from '../kind.ts';
import { afterWarmup, falling, floorParam, warmupParam } from '../warmup.ts';

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
    warmup: warmupParam,
    floor: floorParam,
  },
  infer: ({ params }) => ({ schedule: { kind: 'warmup_cosine', params: { ...params } } }),
  schedule: ({ warmup, floor }) => afterWarmup(warmup, (share) => floor + (1 - floor) * falling('cosine', share)),
});
