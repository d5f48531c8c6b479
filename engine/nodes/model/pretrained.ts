// A model from files, as transformers saves it: config.json, safetensors, tokenizer.json.
import type { RunContext } from '../context.ts';
import { decoderCost, decoderWeights } from '../decoder.ts';
import { readConfig } from '../families/families.ts';
import { ConfigError } from '../families/family.ts';
import { isGguf, openGguf, type Source } from '../gguf/gguf.ts';
import { readTypes } from '../gguf/header.ts';
import { type CheckFiles, defineKind, type InferContext, type Inferred, InputError } from '../kind.ts';
import { shardsIn, tensorsIn } from '../safetensors.ts';
import { largestConfig, templateIn } from '../templates.ts';
import type { Architecture, Artifact, ModelSpec, Ref } from '../values.ts';
import { checkVocabulary } from '../vocabulary.ts';
import { checkStored, storedParts } from '../weights.ts';

interface Params {
  path: string;
  bias_speed: number;
}

const index = 'model.safetensors.index.json';
/** Where a chat template stands, if the model has one. */
const templates = ['chat_template.jinja', 'tokenizer_config.json'];
const hasTokenizer = (files: CheckFiles, path: string): boolean => files.glob(`${path}/tokenizer.json`).length > 0;

export default defineKind<Params>({
  kind: 'pretrained',
  stage: 'model',
  version: 1,
  doc: `A model from a folder in Hugging Face's layout: \`config.json\`, one or more \`.safetensors\` files and, where text is to be
read or written, \`tokenizer.json\`; or one from a GGUF file (llama.cpp's). Families: deepseek_v2, deepseek_v3, llama, qwen2,
gpt2, bert (masked tokens, classes, or without a head: the mean of its states). Weights may be float32,
float16, bfloat16 or float8 (E4M3, in blocks); in GGUF F32, F16, BF16, Q8_0, Q4_0, Q4_1, Q4_K or Q6_K, of llama alone. They are computed
in float32, and read from the file tensor by tensor. Its chat template (\`chat_template.jinja\` or \`tokenizer_config.json\`), where there is one, goes with it: \`generate\` asks in
that form, \`export\` writes it again.`,
  example: 'base = pretrained("models/tiny-deepseek")',
  inputs: {},
  outputs: { model: 'model', tokenizer: 'tokenizer' },
  positional: ['path'],
  params: {
    path: { type: 'string', minLength: 1, format: 'path', description: 'Folder with the files, or a .gguf file.' },
    bias_speed: {
      type: 'number',
      minimum: 0,
      default: 0,
      description: "Further training: how far each expert's bias moves per step towards balance; 0 keeps it.",
      advanced: true,
    },
  },
  required: ['path'],
  infer(context) {
    const { params, files, node, error } = context;
    const { path, bias_speed: biasSpeed } = params;
    if (files === null) return null;
    if (isGguf(path)) return inferGguf(context, files);
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
    const shards = weightFiles(path, files);
    if (shards.length === 0) {
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
      const tensors = tensorsIn(shards.map((file) => sourceOf(files, file)));
      checkTensors(context, architecture, tensors);
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
    if (isGguf(path)) return files.glob(path).map((file) => file.path);
    return ['config.json', index, '*.safetensors', 'tokenizer.json', ...templates].flatMap((name) => {
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
    if (isGguf(path)) return runGguf(context, architecture);
    const [indexed] = context.files.glob(`${path}/${index}`);
    const weights =
      indexed === undefined
        ? context.files.glob(`${path}/*.safetensors`)
        : shardsIn(new TextEncoder().encode(await context.files.readText(indexed)), index).flatMap((name) =>
            context.files.glob(`${path}/${name}`),
          );
    const reader = await context.weights.open(weights);
    try {
      checkStored(decoderWeights(context.kinds, architecture), reader, path, 'path');
    } finally {
      reader.close();
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

interface Found {
  path: string;
  bytes: number;
}

/** The files with the weights: those that an index names, else all. Throws InputError where one of them is missing. */
function weightFiles(path: string, files: CheckFiles): Found[] {
  const [listed] = files.glob(`${path}/${index}`);
  if (listed === undefined) return files.glob(`${path}/*.safetensors`);
  return shardsIn(files.bytes(listed.path, 0, listed.bytes), index).map((name) => {
    const [file] = files.glob(`${path}/${name}`);
    if (file !== undefined) return file;
    throw new InputError({
      code: 'path-missing',
      at: 'path',
      message: `there is no ${path}/${name}, which ${index} names`,
      note: 'a file of the set is missing; fetch it too',
    });
  });
}

const sourceOf = (files: CheckFiles, { path, bytes }: Found): Source => ({
  name: path.replace(/^.*[/\\]/, ''),
  bytes,
  read: (at, length) => files.bytes(path, at, length),
});

/** Tensors that other programs leave in files although nothing is computed with them. */
const idle =
  /(?:^|\.)(?:rotary_emb\.inv_freq|position_ids|weight_(?:scale|shape|packed|zero_point)|input_scale)$|^(?:lm_head|pooler|score)\.|^rope_freqs\.weight$/;

/** Types that weights may have; I8 with scales beside it (see packed.ts). */
const stored = new Set(['F64', 'F8_E4M3', 'I8', ...readTypes]);

/** Every weight must be there in its shape; what is there besides is said. Throws InputError. */
function checkTensors(
  { kinds, params: { path }, warn }: InferContext<Params>,
  architecture: Architecture,
  tensors: ReadonlyMap<string, { dtype: string; shape: number[] }>,
): void {
  const weights = decoderWeights(kinds, architecture);
  checkStored(weights, { tensors }, path, 'path');
  const known = new Set(weights.flatMap((weight) => storedParts(weight).map(({ name }) => name)));
  for (const name of known) {
    const { dtype } = tensors.get(name) ?? {};
    if (dtype === undefined || stored.has(dtype)) continue;
    throw new InputError({
      code: 'weights-broken',
      at: 'path',
      message: `${path} holds ${name} as ${dtype}; weights are read as ${[...stored].join(', ')}`,
    });
  }
  const layers = architecture.blocks.reduce((sum, { repeat }) => sum + repeat, 0);
  // Layers beyond the last are modules for multi-token prediction, which serve training alone.
  const beyond = (name: string): boolean => Number(/^model\.layers\.(\d+)\./.exec(name)?.[1] ?? -1) >= layers;
  const extra = [...tensors.keys()].filter((name) => !known.has(name) && !idle.test(name) && !beyond(name));
  if (extra.length === 0) return;
  const more = extra.length > 3 ? ` and ${extra.length - 3} more` : '';
  warn({
    code: 'tensor-unused',
    at: 'path',
    message: `${path} holds tensors that the model of its config.json does not have: ${extra.slice(0, 3).join(', ')}${more}`,
    note: 'they are left out; the weights and config.json may not belong together',
  });
}

/** What the file says of itself; null after reporting an error. */
function inferGguf(context: InferContext<Params>, files: CheckFiles): Inferred {
  const { params, node, error, warn } = context;
  const { path, bias_speed: biasSpeed } = params;
  const [file] = files.glob(path);
  if (file === undefined) {
    error({ code: 'path-missing', at: 'path', message: `there is no file ${path}` });
    return null;
  }
  try {
    const { architecture, tensors, tokenizer, chat } = openGguf(sourceOf(files, file), { biasSpeed });
    checkTensors(context, architecture, typed(tensors));
    const has = 'text' in tokenizer;
    if (!has)
      warn({
        code: 'no-tokenizer',
        at: 'path',
        message: `${path}: ${tokenizer.reason}`,
        note: 'without a tokenizer the model can neither read nor write text; use the folder that the file was made from',
      });
    const own: Ref = { node, output: 'tokenizer' };
    return {
      model: {
        architecture: { ...architecture, tokenizer: has ? own : null },
        weights: { node, output: 'model' },
        ...(has && chat && { chat }),
      },
      ...(has && { tokenizer: { size: null } }),
    };
  } catch (problem) {
    if (!(problem instanceof ConfigError)) throw problem;
    error({ code: 'model-config', at: 'path', message: `${path}: ${problem.message}` });
    return null;
  }
}

const typed = (tensors: ReadonlyMap<string, { type: string; shape: number[] }>) =>
  new Map([...tensors].map(([name, { type, shape }]) => [name, { dtype: type, shape }]));

/** The file itself holds the weights; its tokenizer is written down as tokenizer.json. */
async function runGguf(context: RunContext<Params>, architecture: Architecture): Promise<Record<string, Artifact>> {
  const [path] = context.files.glob(context.params.path);
  if (path === undefined) throw new Error('checked before: the file exists');
  const source = context.weights.source(path);
  try {
    const { tensors, tokenizer } = openGguf(source);
    checkStored(decoderWeights(context.kinds, architecture), { tensors: typed(tensors) }, context.params.path, 'path');
    const model: Artifact = { type: 'model', architecture, weights: [path], tokenizer: null };
    if (!('text' in tokenizer)) return { model };
    const written = context.files.join('tokenizer.json');
    await context.files.writeText(written, tokenizer.text());
    const { size } = await context.tokenizers.open(written);
    checkVocabulary(size, architecture.vocab, context.params.path, 'path');
    return {
      model: { ...model, tokenizer: written },
      tokenizer: { type: 'tokenizer', path: written, size },
    };
  } finally {
    source.close();
  }
}
