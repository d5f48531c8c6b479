// Hands a trained model over: a folder that the transformers library opens as it is.
import { tables } from '../compressed.ts';
import type { RunContext, StoredTensor, Tokenizer, WeightReader } from '../context.ts';
import { decoder, decoderCost } from '../decoder.ts';
import { writeConfig } from '../families/families.ts';
import { inFamily } from '../families/names.ts';
import { defineKind } from '../kind.ts';
import { packed, readRounded, stemOf } from '../packed.ts';
import { checkPeft, peftFiles, writePeft } from '../peft.ts';
import { alone } from '../templates.ts';
import type { ChatTemplate, ModelArtifact, ModelSpec } from '../values.ts';
import { fromStored, toStored } from '../weights.ts';

interface Params {
  path: string;
  format: 'hf' | 'peft';
  base?: string;
}

const written = [
  'config.json',
  'generation_config.json',
  'model.safetensors',
  'tokenizer.json',
  'tokenizer_config.json',
  'chat_template.jinja',
];

export default defineKind<Params>({
  kind: 'export',
  stage: 'deliver',
  version: 1,
  doc: `Writes a model for other programs. Format \`hf\`: \`config.json\`, \`model.safetensors\` and \`tokenizer.json\` in one folder, as
transformers' \`AutoModelForCausalLM.from_pretrained\` reads them. The folder is replaced as a whole once everything is written; one
that holds other files is left alone.

Format \`peft\`: adapters alone (see \`lora\`), \`adapter_config.json\` and \`adapter_model.safetensors\`, as peft's
\`PeftModel.from_pretrained\` puts them beside the model they were trained on.

A model that \`quantize\` made is written in its bits, as compressed-tensors does; the embedding's table is float32 there.

A model that learned conversations (see \`chat\`) takes its template with it, as \`chat_template.jinja\` and in \`tokenizer_config.json\`:
transformers' \`apply_chat_template\` writes what it learned, and \`generate\` there stops at the template's end mark too.`,
  example: 'saved = export(trained, format: "hf", path: "out/whale")',
  inputs: { model: { type: 'model', doc: 'A trained model.' } },
  outputs: { file: 'file' },
  params: {
    path: { type: 'string', minLength: 1, format: 'path', description: "Folder to write, inside the graph's folder." },
    format: {
      enum: ['hf', 'peft'],
      default: 'hf',
      description: 'hf: the layout of the transformers library. peft: adapters alone.',
    },
    base: {
      type: 'string',
      minLength: 1,
      description: 'With peft: what its files say the model beside the adapters is, a folder or a name on the Hub.',
      advanced: true,
    },
  },
  required: ['path'],
  cached: false,
  infer({ params: { path, format, base }, inputs, files, kinds, error }) {
    const { architecture, weights } = inputs.model as ModelSpec;
    if (format === 'peft') {
      if (!checkPeft(inputs.model as ModelSpec, kinds, error)) return null;
      files?.output(path, peftFiles);
      return { file: { path } };
    }
    if (base !== undefined || architecture.adapters !== undefined) {
      error(
        architecture.adapters === undefined
          ? {
              code: 'param-idle',
              at: 'base',
              message: 'base would be ignored: only format "peft" writes what a model is based on',
            }
          : {
              code: 'adapters-apart',
              at: 'model',
              message: 'the adapters of this model stand apart from its weights, which this format has no place for',
              note: 'fold them in with merge(...), or write them alone with format: "peft"',
            },
      );
      return null;
    }
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
    const { trainable } = decoderCost(kinds, (inputs.model as ModelSpec).architecture, 1); // of adapters: theirs alone
    return { disk: 4 * trainable };
  },
  async run(context) {
    const { files, params } = context;
    const model = context.artifact('model', 'model') as ModelArtifact;
    if (params.format === 'peft') {
      const target = files.output(params.path, peftFiles);
      const folder = files.join('export');
      await writePeft(context, model, folder, params.base ?? null);
      await files.publish(folder, target);
      return { file: { type: 'file', path: target } };
    }
    const target = files.output(params.path, written);
    const folder = files.join('export');
    const tokenizer = model.tokenizer === null ? null : await context.tokenizers.open(model.tokenizer);
    const config = writeConfig(model.architecture, tokenizer?.end ?? null);
    if ('reasons' in config) throw new Error('checked before: a family has this architecture');
    await files.writeText(`${folder}/config.json`, config.text);
    const reader = await context.weights.open(model.weights);
    try {
      const tensors = inFamily(config, stored(context, model, reader));
      await context.weights.write(`${folder}/model.safetensors`, tensors, { format: 'pt' });
    } finally {
      reader.close();
    }
    if (model.tokenizer !== null) await files.copy(model.tokenizer, `${folder}/tokenizer.json`);
    if (tokenizer !== null) {
      const { chat = null } = context.inputs.model as ModelSpec;
      if (chat !== null && chat.eos !== '' && marks(tokenizer, chat.eos) === null)
        context.warn(
          `"${chat.eos}" ends an answer, but is no token of its own in this tokenizer: other programs will not stop there`,
        );
      const { texts, ends } = settings(tokenizer, model.architecture.context ?? 4096, chat);
      for (const [name, text] of Object.entries(texts)) await files.writeText(`${folder}/${name}`, text);
      if (ends.some((id) => id !== tokenizer.end))
        await files.writeText(`${folder}/generation_config.json`, json({ eos_token_id: ends }));
    }
    await files.publish(folder, target);
    return { file: { type: 'file', path: target } };
  },
});

/** The model's tensors, one after another as they are asked for; rounded ones as they are stored. */
function* stored(
  { kinds, signal }: Pick<RunContext<Params>, 'kinds' | 'signal'>,
  { architecture }: ModelArtifact,
  reader: WeightReader,
): Generator<StoredTensor> {
  for (const weight of decoder(kinds, architecture).weights) {
    for (const tensor of toStored(weight, fromStored(weight, reader))) {
      const rounded = tables.test(stemOf(tensor.name)) ? null : readRounded(reader, tensor.name);
      if (rounded === null) yield tensor;
      else yield* packed(tensor.name, rounded);
    }
    signal.throwIfAborted();
  }
}

/**
 * What stands beside a tokenizer.json, by file name, and the tokens that end what a model writes.
 * @param context longest text, in tokens
 */
function settings(
  tokenizer: Tokenizer,
  context: number,
  chat: ChatTemplate | null,
): { texts: Record<string, string>; ends: number[] } {
  const bos = chat !== null && marks(tokenizer, chat.bos) !== null ? chat.bos : undefined;
  const mark = chat && marks(tokenizer, chat.eos);
  const ends = [...new Set([mark, tokenizer.end].filter((id) => id !== null))];
  const eos = ends[0] === undefined ? undefined : tokenizer.decode([ends[0]]);
  const template = chat && alone(chat, { bos, eos });
  const config = {
    tokenizer_class: 'PreTrainedTokenizerFast',
    model_max_length: context,
    ...(bos === undefined ? {} : { bos_token: bos }),
    ...(eos === undefined ? {} : { eos_token: eos }),
    ...(template === null ? {} : { chat_template: template }),
  };
  return {
    texts: { 'tokenizer_config.json': json(config), ...(template === null ? {} : { 'chat_template.jinja': template }) },
    ends,
  };
}

/** Id of a special token; null for other text: as a token it would be a new one, which the model has no vector for. */
function marks({ id, special }: Tokenizer, text: string): number | null {
  const found = id(text);
  return found !== null && special.has(found) ? found : null;
}

const json = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`;
