// The engine's door to TensorFlow: recorded training where the native library is, the same code op by op elsewhere.
import { loadTensorflow } from '../native/load.ts';
import type { Tensors } from '../nodes/module.ts';
import { eagerTraining } from './eager.ts';
import { inference } from './infer.ts';
import { plainKernels } from './kernels.ts';
import { eagerExecutor, type NodeBackend, nativeKernels } from './native.ts';
import { nativeTraining } from './train.ts';

export async function openTensors(): Promise<Tensors> {
  const { tf, native } = await loadTensorflow();
  if (!native) {
    const k = plainKernels(tf);
    return {
      native: false,
      train: (options) => eagerTraining(tf, k, options),
      infer: (program, weights) => inference(tf, k, program, weights),
    };
  }
  const backend = tf.backend() as unknown as NodeBackend;
  const k = nativeKernels(eagerExecutor(tf, backend));
  return {
    native: true,
    train: (options) => (options.eager === true ? eagerTraining(tf, k, options) : nativeTraining(backend, options)),
    infer: (program, weights) => inference(tf, k, program, weights, backend),
  };
}
