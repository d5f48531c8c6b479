// Adapters from files, as Python's peft saves them.
import { linearLayers } from '../adapters.ts';
import { adapterCost, addedWeights, checkBase } from '../adapting.ts';
import { decoderWeights } from '../decoder.ts';
import { ConfigError } from '../families/family.ts';
import { defineKind, InputError } from '../kind.ts';
import { adapterConfig, adapterTensors, readAdapters, tensorPrefix } from '../peft.ts';
import type { ModelArtifact, ModelSpec } from '../values.ts';
import { checkStored } from '../weights.ts';

interface Params {
  path: string;
}

export default defineKind<Params>({
  kind: 'adapters',
  stage: 'model',
  version: 1,
  doc: `Adapters from a folder as Python's peft saves them (LoRA): \`adapter_config.json\` and \`adapter_model.safetensors\`, for the model
they were trained on. Goes on learning with \`train\`, as after \`lora\`.`,
  example: `base    = pretrained("models/tiny-deepseek")
adapted = adapters(base, path: "models/tiny-adapters")`,
  inputs: { model: { type: 'model', doc: 'The model they were trained on.' } },
  outputs: { model: 'model' },
  params: { path: { type: 'string', minLength: 1, format: 'path', description: 'Folder with the files.' } },
  required: ['path'],
  positional: ['model', 'path'],
  infer({ params: { path }, inputs, node, kinds, files, error }) {
    const model = inputs.model as ModelSpec;
    const { architecture } = model;
    if (!checkBase(model, error) || files === null) return null;
    const missing = [adapterConfig, adapterTensors].find((name) => files.glob(`${path}/${name}`).length === 0);
    const text = missing === undefined ? files.text(`${path}/${adapterConfig}`, 1 << 20) : null;
    if (text === null) {
      error({
        code: 'path-missing',
        at: 'path',
        message: `there is no ${path}/${missing ?? adapterConfig}`,
        note: 'path must name a folder as peft saves it: model.save_pretrained(folder)',
      });
      return null;
    }
    try {
      const adapters = readAdapters(text, linearLayers(decoderWeights(kinds, architecture)));
      return { model: { ...model, architecture: { ...architecture, adapters }, weights: { node, output: 'model' } } };
    } catch (problem) {
      if (!(problem instanceof ConfigError)) throw problem;
      error({ code: 'adapter-config', at: 'path', message: `${path}: ${problem.message}` });
      return null;
    }
  },
  reads({ params: { path }, files }) {
    if (files === null) return [];
    return [adapterConfig, adapterTensors].flatMap((name) => files.glob(`${path}/${name}`).map((file) => file.path));
  },
  cost: adapterCost,
  async run(context) {
    const { files, params } = context;
    const { architecture } = context.outputs.model as ModelSpec;
    const base = context.artifact('model', 'model') as ModelArtifact;
    const weights = addedWeights(context.kinds, architecture);
    const named = weights.map((weight) => ({ ...weight, name: tensorPrefix + weight.name }));
    const reader = await context.weights.open([files.input(`${params.path}/${adapterTensors}`)]);
    const path = files.join('adapter.safetensors');
    try {
      checkStored(named, reader, params.path, 'path');
      const known = new Set(named.map(({ name }) => name));
      const further = [...reader.tensors.keys()].find((name) => !known.has(name));
      if (further !== undefined)
        throw new InputError({
          code: 'tensor-unknown',
          at: 'path',
          message: `${params.path} has a tensor ${further}, which belongs to no layer that ${adapterConfig} names`,
          note: 'the adapters were trained on another model, or change more of it than linear layers',
        });
      const tensors = [];
      for (const { name, shape } of weights) tensors.push({ name, shape, values: reader.read(tensorPrefix + name) });
      await context.weights.write(path, tensors, { format: 'pt' });
    } finally {
      reader.close();
    }
    return { model: { ...base, architecture, weights: [...base.weights, path] } };
  },
});
