// Opens models for use outside a run, as `dsk generate` does: a folder in Hugging Face's layout, a GGUF file, or a step's result.
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { weightFiles } from '../data/safetensors.ts';
import { openTokenizer, readTokenizer } from '../data/tokenizer.ts';
import { readKinds } from '../graph/kinds.ts';
import type { Tokenizer } from '../nodes/context.ts';
import { decoder } from '../nodes/decoder.ts';
import { readConfig } from '../nodes/families/families.ts';
import { ConfigError } from '../nodes/families/family.ts';
import { isGguf, openGguf } from '../nodes/gguf/gguf.ts';
import { InputError } from '../nodes/kind.ts';
import { generateText, type Sampling } from '../nodes/sample.ts';
import type { Architecture, ModelArtifact } from '../nodes/values.ts';
import { checkVocabulary } from '../nodes/vocabulary.ts';
import { checkStored, openWeights } from '../nodes/weights.ts';
import { openTensors } from '../tensor/index.ts';

export interface Model {
  architecture: Architecture;
  /** Pieces of the text that follows the prompt. */
  generate(prompt: string, sampling: Sampling): Iterable<string>;
  dispose(): void;
}

/** Throws InputError when the folder is no model, or one that is damaged or of an unknown family. */
export async function openModel(folder: string): Promise<Model> {
  const fault: Fault = (code, message, note) =>
    new InputError({ code, message, at: null, ...(note !== undefined && { note }) });
  if (!existsSync(folder))
    throw fault(
      'path-missing',
      `there is no folder ${folder}`,
      'MODEL is the folder that export writes, or a .gguf file',
    );
  if (isGguf(folder) && statSync(folder).isFile()) return openFile(folder, fault);
  if (!statSync(folder).isDirectory())
    throw fault(
      'path-missing',
      `${folder} is a file`,
      'MODEL is the folder with config.json, *.safetensors and tokenizer.json, or a .gguf file',
    );
  for (const name of ['config.json', 'tokenizer.json'])
    if (!existsSync(join(folder, name))) throw fault('path-missing', `there is no ${name} in ${folder}`);
  const index = join(folder, 'model.safetensors.index.json');
  const weights = existsSync(index)
    ? [index]
    : readdirSync(folder)
        .filter((name) => name.endsWith('.safetensors'))
        .sort()
        .map((name) => join(folder, name));
  if (weights.length === 0) throw fault('path-missing', `there are no .safetensors files in ${folder}`);

  const architecture = asking(folder, fault, () => readConfig(readFileSync(join(folder, 'config.json'), 'utf8')));
  return open({ architecture, weights }, await openTokenizer(join(folder, 'tokenizer.json')), folder);
}

/** A model in one GGUF file. */
async function openFile(path: string, fault: Fault): Promise<Model> {
  const source = weightFiles.source(path);
  try {
    const { architecture, tokenizer } = asking(path, fault, () => openGguf(source));
    if (!('text' in tokenizer)) throw fault('no-tokenizer', `${path}: ${tokenizer.reason}`);
    return await open({ architecture, weights: [path] }, readTokenizer(tokenizer.text(), path), path);
  } finally {
    source.close();
  }
}

/**
 * Opens the model that a step left in the cache.
 * @param where how to call it in messages
 * @throws InputError when its files are damaged, or it came without a tokenizer
 */
export async function openStored({ architecture, weights, tokenizer }: ModelArtifact, where: string): Promise<Model> {
  if (tokenizer === null) {
    const message = `${where} came without a tokenizer: it can neither read nor write text`;
    throw new InputError({ code: 'no-tokenizer', message, at: null });
  }
  return open({ architecture, weights }, await openTokenizer(tokenizer), where);
}

async function open(
  { architecture, weights }: { architecture: Architecture; weights: string[] },
  tokenizer: Tokenizer,
  where: string,
): Promise<Model> {
  const program = decoder(await readKinds(), architecture);
  const reader = await weightFiles.open(weights);
  try {
    checkStored(program.weights, reader, where, 'path');
  } finally {
    reader.close();
  }
  checkVocabulary(tokenizer.size, architecture.vocab, where, null);
  const tensors = await openTensors();
  const session = tensors.infer(program, await openWeights(weightFiles, program.weights, weights));
  return {
    architecture,
    *generate(prompt, sampling) {
      const generator = session.generator();
      try {
        yield* generateText(generator, tokenizer, prompt, sampling);
      } finally {
        generator.dispose();
      }
    },
    dispose: () => session.dispose(),
  };
}

type Fault = (code: string, message: string, note?: string) => InputError;

/** What `read` gives; a model that is not computed here becomes an InputError. */
function asking<T>(where: string, fault: Fault, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof ConfigError) throw fault('model-config', `${where}: ${error.message}`);
    throw error;
  }
}
