// Adapters folded into the weights they stand beside.
import { mergeInto } from '../adapters.ts';
import { checkAdapted } from '../adapting.ts';
import { decoderCost, decoderWeights } from '../decoder.ts';
import { defineKind } from '../kind.ts';
import type { Architecture, ModelArtifact, ModelSpec } from '../values.ts';
import { fromStored, type NamedTensor, toStored } from '../weights.ts';

/** Sums are not rounded again: what was quantized is float32 then. */
const plain = ({ adapters: _, quantized: __, ...architecture }: Architecture): Architecture => architecture;

export default defineKind<Record<string, never>>({
  kind: 'merge',
  stage: 'model',
  version: 1,
  doc: `Folds a model's adapters into its weights, \`W + alpha / rank * B A\`: the same answers from a model without adapters, as large as
the one they were made for. Source: Hu et al., arXiv 2106.09685, section 4.1.`,
  example: `base   = pretrained("models/tiny-deepseek")
merged = merge(lora(base))`,
  inputs: { model: { type: 'model', doc: 'A model with adapters (see lora).' } },
  outputs: { model: 'model' },
  params: {},
  infer({ inputs, node, error }) {
    const model = inputs.model as ModelSpec;
    if (!checkAdapted(model, error)) return null;
    return { model: { ...model, architecture: plain(model.architecture), weights: { node, output: 'model' } } };
  },
  cost({ outputs, kinds }) {
    const { parameters } = decoderCost(kinds, (outputs.model as ModelSpec).architecture, 1);
    return { parameters, disk: 4 * parameters };
  },
  async run(context) {
    const { files, signal } = context;
    const model = context.artifact('model', 'model') as ModelArtifact;
    const { adapters } = model.architecture;
    if (adapters === undefined) throw new Error('checked before: there are adapters');
    const architecture = plain(model.architecture);
    const path = files.join('model.safetensors');
    const reader = await context.weights.open(model.weights);
    try {
      const merged = function* (): Generator<NamedTensor> {
        for (const weight of decoderWeights(context.kinds, architecture)) {
          signal.throwIfAborted();
          const values = fromStored(weight, reader);
          mergeInto(weight, values, adapters, (name) => reader.read(name));
          yield* toStored(weight, values);
        }
      };
      await context.weights.write(path, merged(), { format: 'pt' });
    } finally {
      reader.close();
    }
    return { model: { ...model, architecture, weights: [path] } };
  },
});
