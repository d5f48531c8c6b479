// Hands a trained model over: a folder that the transformers library opens as it is.
import { decoderCost, decoderWeights } from '../decoder.ts';
import { writeConfig } from '../families/families.ts';
import { defineKind } from '../kind.ts';
import type { ModelArtifact, ModelSpec } from '../values.ts';
import { fromStored, toStored } from '../weights.ts';

interface Params {
  path: string;
  format: 'hf';
}

const written = ['config.json', 'model.safetensors', 'tokenizer.json', 'tokenizer_config.json'];

export default defineKind<Params>({
  kind: 'export',
  stage: 'deliver',
  version: 1,
  doc: `Writes a model for other programs. Format \`hf\`: \`config.json\`, \`model.safetensors\` and \`tokenizer.json\` in one folder, as
transformers' \`AutoModelForCausalLM.from_pretrained\` reads them. The folder is replaced as a whole once everything is written; one
that holds other files is left alone.`,
  example: 'saved = export(trained, format: "hf", path: "out/whale")',
  inputs: { model: { type: 'model', doc: 'A trained model.' } },
  outputs: { file: 'file' },
  params: {
    path: { type: 'string', minLength: 1, format: 'path', description: "Folder to write, inside the graph's folder." },
    format: { enum: ['hf'], default: 'hf', description: 'hf: the layout of the transformers library.' },
  },
  required: ['path'],
  cached: false,
  infer({ params: { path }, inputs, files, error }) {
    const { architecture, weights } = inputs.model as ModelSpec;
    if (weights === null) {
      error({
        code: 'untrained-model',
        at: 'model',
        message: 'this model has not been trained: there are no weights to write',
        note: 'wire it through train(...) first',
      });
      return null;
    }
    const config = writeConfig(architecture, null);
    if ('reasons' in config) {
      error({
        code: 'no-family',
        at: 'model',
        message: 'no model class of the transformers library has this architecture',
        note: config.reasons.join('; '),
      });
      return null;
    }
    files?.output(path, written);
    return { file: { path } };
  },
  cost({ inputs, kinds }) {
    const { parameters } = decoderCost(kinds, (inputs.model as ModelSpec).architecture, 1);
    return { disk: 4 * parameters };
  },
  async run(context) {
    const { files, params } = context;
    const model = context.artifact('model', 'model') as ModelArtifact;
    const target = files.output(params.path, written);
    const folder = files.join('export');
    const tokenizer = model.tokenizer === null ? null : await context.tokenizers.open(model.tokenizer);
    const config = writeConfig(model.architecture, tokenizer?.end ?? null);
    if ('reasons' in config) throw new Error('checked before: a family has this architecture');
    await files.writeText(`${folder}/config.json`, config.text);
    const reader = await context.weights.open(model.weights);
    try {
      const tensors: { name: string; shape: number[]; values: Float32Array }[] = [];
      for (const weight of decoderWeights(context.kinds, model.architecture)) {
        for (const tensor of toStored(weight, await fromStored(weight, reader))) tensors.push(tensor);
        context.signal.throwIfAborted();
      }
      await context.weights.write(`${folder}/model.safetensors`, tensors, { format: 'pt' });
    } finally {
      await reader.close();
    }
    if (model.tokenizer !== null) await files.copy(model.tokenizer, `${folder}/tokenizer.json`);
    if (tokenizer !== null) {
      const settings = {
        tokenizer_class: 'PreTrainedTokenizerFast',
        model_max_length: model.architecture.context ?? 4096,
      };
      const end = tokenizer.end === null ? {} : { eos_token: tokenizer.decode([tokenizer.end]) };
      await files.writeText(`${folder}/tokenizer_config.json`, `${JSON.stringify({ ...settings, ...end }, null, 2)}\n`);
    }
    await files.publish(folder, target);
    return { file: { type: 'file', path: target } };
  },
});
