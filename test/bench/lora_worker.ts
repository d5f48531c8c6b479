// Fine-tuning with adapters, for the bench of that name.
import { readKinds } from '../../engine/graph/kinds.ts';
import { decoder } from '../../engine/nodes/decoder.ts';
import type { DefiningKind } from '../../engine/nodes/kind.ts';
import { causal } from '../../engine/nodes/learning.ts';
import { initialValues } from '../../engine/nodes/weights.ts';
import { openTensors } from '../../engine/tensor/index.ts';
import { adaptedArchitecture, batch, smollm2 } from './models.ts';
import { takeTurns } from './turns.ts';

const kinds = await readKinds();
const optimizer = (kinds.get('adamw') as DefiningKind | undefined)?.optimizer?.({
  lr: 1e-3,
  betas: [0.9, 0.95],
  eps: 1e-8,
  weight_decay: 0,
});
if (optimizer === undefined) throw new Error('no adamw');
const model = await adaptedArchitecture();
const session = (await openTensors()).train({
  learning: causal(decoder(kinds, model), smollm2),
  initial: (weight) => initialValues(weight, model.init, 0),
  optimizer,
  clip: 1,
});
await takeTurns(
  (step) => session.step({ ...batch(step, smollm2), dropout: Int32Array.of(0, step) }, optimizer.scalars(step, 1)).loss,
);
