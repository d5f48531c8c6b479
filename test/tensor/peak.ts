// Trains a decoder for two steps and prints its losses and the peak of the process (VmHWM), for checkpointing.test.ts and the fit of
// engine/nodes/memory.ts:   npx tsx test/tensor/peak.ts '{"checkpointing": true}'
import { readFileSync } from 'node:fs';
import { readKinds } from '../../engine/graph/kinds.ts';
import { withDefaults } from '../../engine/graph/schema.ts';
import { decoder } from '../../engine/nodes/decoder.ts';
import type { DefiningKind } from '../../engine/nodes/kind.ts';
import { causal } from '../../engine/nodes/learning.ts';
import type { TrainingOptions } from '../../engine/nodes/module.ts';
import { random } from '../../engine/nodes/random.ts';
import type { Architecture } from '../../engine/nodes/values.ts';
import { initialValues } from '../../engine/nodes/weights.ts';
import { openTensors } from '../../engine/tensor/index.ts';

interface Given extends Pick<TrainingOptions, 'checkpointing' | 'accumulate' | 'average' | 'precision'> {
  dim?: number;
  layers?: number;
  vocab?: number;
  batch?: number;
  context?: number;
  optimizer?: string;
}

const given = JSON.parse(process.argv[2] ?? '{}') as Given;
const {
  dim = 128,
  layers = 12,
  vocab = 512,
  batch = 8,
  context = 256,
  accumulate = 1,
  optimizer: name = 'sgd',
} = given;
const architecture: Architecture = {
  tokenizer: null,
  vocab,
  dim,
  init: 0.02,
  blocks: [
    {
      repeat: layers,
      eps: 1e-6,
      attention: { kind: 'mha', params: { heads: dim / 32, rope_theta: 10_000 } },
      ffn: { kind: 'swiglu', params: { dim: 3 * dim } },
    },
  ],
  head: { eps: 1e-6, tied: false },
};

function status(field: string): number {
  const line = readFileSync('/proc/self/status', 'utf8')
    .split('\n')
    .find((each) => each.startsWith(field));
  return 1024 * Number(/\d+/.exec(line ?? '')?.[0]);
}

const kinds = await readKinds({ folders: [] });
for (const part of [architecture.blocks[0].attention, architecture.blocks[0].ffn])
  part.params = withDefaults(kinds.get(part.kind) as DefiningKind, part.params);
const kind = kinds.get(name) as DefiningKind;
const optimizer = kind.optimizer?.(withDefaults(kind, { lr: 1e-2 }));
if (optimizer === undefined) throw new Error(`no optimizer ${name}`);
const tensors = await openTensors();
const session = tensors.train({
  learning: causal(decoder(kinds, architecture), { batch, context }),
  initial: (weight) => initialValues(weight, architecture.init, 1),
  optimizer,
  clip: 1,
  accumulate,
  average: given.average,
  checkpointing: given.checkpointing,
  precision: given.precision,
});
const before = status('VmRSS');
const losses: number[] = [];
let seconds = 0; // of the second step: the first prepares the graph
for (let step = 1; step <= 2; step++) {
  const draw = random(`peak ${step}`);
  const feeds = Array.from({ length: accumulate }, () => {
    const tokens = Int32Array.from({ length: batch * context + 1 }, () => Math.floor(draw() * vocab));
    return { ids: tokens.slice(0, -1), targets: tokens.slice(1) };
  });
  const start = performance.now();
  losses.push(session.step(feeds, { ...optimizer.scalars(step, 1), average: 0.1 }).loss);
  seconds = (performance.now() - start) / 1000;
}
console.log(JSON.stringify({ losses, seconds, peak: status('VmHWM') - before, whole: status('VmHWM') }));
session.dispose();
