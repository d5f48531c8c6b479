// Run by plain.test.ts in a process of its own, whose TensorFlow is tfjs's own backend: what each stored model differs by from
// transformers, as a line of JSON. With `--broken`, the native library is there but does not load.
import Module from 'node:module';
import { openTensors } from '../../engine/tensor/index.ts';
import { logitDifference, names, openFixture, tenSteps } from './setting.ts';

if (process.argv.includes('--broken')) {
  const loader = Module as unknown as { _load: (request: string, ...rest: unknown[]) => unknown };
  const load = loader._load;
  loader._load = (request, ...rest) => {
    if (request === '@tensorflow/tfjs-node-gpu') throw new Error('libtensorflow.so.2: cannot open shared object file');
    return load(request, ...rest);
  };
}

const tensors = await openTensors();
const again = await openTensors();
const models: Record<string, { logits: number; losses: number }> = {};
for (const name of process.argv.includes('--broken') ? ['llama'] : names)
  models[name] = {
    logits: logitDifference(again, await openFixture(name)),
    losses: await tenSteps(tensors, await openFixture(name)),
  };
console.log(JSON.stringify({ native: tensors.native, models }));
