// One contestant that runs on Node: `worker.ts (recorded|eager) (dense|deepseek)`.
import { readKinds } from '../../engine/graph/kinds.ts';
import { loadTensorflow } from '../../engine/native/load.ts';
import { decoder } from '../../engine/nodes/decoder.ts';
import type { DefiningKind } from '../../engine/nodes/kind.ts';
import { causal } from '../../engine/nodes/learning.ts';
import { initialValues } from '../../engine/nodes/weights.ts';
import { openTensors } from '../../engine/tensor/index.ts';
import { architecture, batch, type ModelName, shape } from './models.ts';
import { stockStep } from './stock.ts';
import { takeTurns } from './turns.ts';

const [, , contestant, name] = process.argv as [string, string, string, ModelName];

async function recordedStep(): Promise<(step: number) => number> {
  const kinds = await readKinds();
  const adamw = kinds.get('adamw') as DefiningKind | undefined;
  const optimizer = adamw?.optimizer?.({ lr: 1e-3, betas: [0.9, 0.95], eps: 1e-8, weight_decay: 0.1 });
  if (optimizer === undefined) throw new Error('no adamw');
  const model = await architecture(name);
  const program = decoder(kinds, model);
  const tensors = await openTensors();
  const session = tensors.train({
    learning: causal(program, shape),
    initial: (weight) => initialValues(weight, model.init, 0),
    optimizer,
    clip: 1,
  });
  return (step) => session.step({ ...batch(step) }, optimizer.scalars(step, 1)).loss;
}

await takeTurns(
  contestant === 'recorded' ? await recordedStep() : stockStep((await loadTensorflow()).tf, await architecture(name)),
);
