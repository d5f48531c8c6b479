// A model from files, as transformers saves it: config.json, safetensors, tokenizer.json.
import { decoderCost, decoderWeights } from '../decoder.ts';
import { readConfig } from '../families/families.ts';
import { ConfigError } from '../families/family.ts';
import { type CheckFiles, defineKind } from '../kind.ts';
import { largestConfig, templateIn } from '../templates.ts';
import type { Artifact, ModelSpec, Ref } from '../values.ts';
import { checkVocabulary } from '../vocabulary.ts';
import { checkStored } from '../weights.ts';

interface Params {
  path: string;
  bias_speed: number;
}

const weightFiles = (path: string, glob: (pattern: string) => string[]): string[] => glob(`${path}/*.safetensors`);
/** Where a chat template stands, if the model has one. */
const templates = ['chat_template.jinja', 'tokenizer_config.json'];
const hasTokenizer = (files: CheckFiles, path: string): boolean => files.glob(`${path}/tokenizer.json`).length > 0;

export default defineKind<Params>({
  kind: 'pretrained',
  stage: 'model',
  version: 1,
  doc: `A model from a folder in Hugging Face's layout: \`config.json\`, one or more \`.safetensors\` files and, where text is to be
read or written, \`tokenizer.json\`. Families: deepseek_v3, llama. Weights may be float32, float16 or bfloat16; they are computed
in float32. Its chat template (\`chat_template.jinja\` or \`tokenizer_config.json\`), where there is one, goes with it: \`generate\` asks in
that form, \`export\` writes it again.`,
  example: 'base = pretrained("models/tiny-deepseek")',
  inputs: {},
  outputs: { model: 'model', tokenizer: 'tokenizer' },
  positional: ['path'],
  params: {
    path: { type: 'string', minLength: 1, format: 'path', description: 'Folder with the files.' },
    bias_speed: {
      type: 'number',
      minimum: 0,
      default: 0,
      description: "Further training: how far each expert's bias moves per step towards balance; 0 keeps it.",
      advanced: true,
    },
  },
  required: ['path'],
  infer({ params: { path, bias_speed: biasSpeed }, files, node, error }) {
    if (files === null) return null;
    const text = files.text(`${path}/config.json`, 1 << 20);
    if (text === null) {
      error({
        code: 'path-missing',
        at: 'path',
        message: `there is no ${path}/config.json`,
        note: 'path must name a folder as transformers saves it',
      });
      return null;
    }
    if (files.glob(`${path}/*.safetensors`).length === 0) {
      error({
        code: 'path-missing',
        at: 'path',
        message: `there are no .safetensors files in ${path}`,
        note: 'weights in other formats (.bin, .pt) can carry code and are not read',
      });
      return null;
    }
    try {
      const architecture = readConfig(text, { biasSpeed });
      const [jinja, config] = templates.map((name) => files.text(`${path}/${name}`, largestConfig));
      const chat = templateIn(path, jinja, config);
      const tokenizer: Ref | null = hasTokenizer(files, path) ? { node, output: 'tokenizer' } : null;
      return {
        model: {
          architecture: { ...architecture, tokenizer },
          weights: { node, output: 'model' },
          ...(chat && { chat }),
        },
        ...(tokenizer && { tokenizer: { size: null } }),
      };
    } catch (problem) {
      if (!(problem instanceof ConfigError)) throw problem;
      error({
        code: 'model-config',
        at: 'path',
        message: `${path}: ${problem.message}`,
        note: 'a model of transformers that this engine computes is needed; see `dsk nodes pretrained`',
      });
      return null;
    }
  },
  reads({ params: { path }, files }) {
    if (files === null) return [];
    return ['config.json', '*.safetensors', 'tokenizer.json', ...templates].flatMap((name) => {
      const found = files.glob(`${path}/${name}`);
      return found.map((file) => file.path);
    });
  },
  cost({ outputs, kinds }) {
    const { architecture } = outputs.model as ModelSpec;
    const { parameters, activeParameters } = decoderCost(kinds, architecture, 1);
    return { parameters, activeParameters, disk: 0 };
  },
  async run(context) {
    const { path } = context.params;
    const { architecture } = context.outputs.model as ModelSpec;
    const weights = weightFiles(path, (pattern) => context.files.glob(pattern));
    const reader = await context.weights.open(weights);
    try {
      checkStored(decoderWeights(context.kinds, architecture), reader, path, 'path');
    } finally {
      await reader.close();
    }
    const [tokenizer] = context.files.glob(`${path}/tokenizer.json`);
    const results: Record<string, Artifact> = {
      model: { type: 'model', architecture, weights, tokenizer: tokenizer ?? null },
    };
    if (tokenizer !== undefined) {
      const { size } = await context.tokenizers.open(tokenizer);
      checkVocabulary(size, architecture.vocab, path, 'path');
      results.tokenizer = { type: 'tokenizer', path: tokenizer, size };
    }
    return results;
  },
});
