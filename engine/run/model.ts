// Opens models for use outside a run, as `dsk generate` does: a folder in Hugging Face's layout, or a step's result.
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { weightFiles } from '../data/safetensors.ts';
import { openTokenizer } from '../data/tokenizer.ts';
import { readKinds } from '../graph/kinds.ts';
import { decoder } from '../nodes/decoder.ts';
import { readConfig } from '../nodes/families/families.ts';
import { ConfigError } from '../nodes/families/family.ts';
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
  const fault = (code: string, message: string, note?: string): InputError =>
    new InputError({ code, message, at: null, ...(note !== undefined && { note }) });
  if (!existsSync(folder))
    throw fault('path-missing', `there is no folder ${folder}`, 'MODEL is the folder that export writes');
  if (!statSync(folder).isDirectory())
    throw fault(
      'path-missing',
      `${folder} is a file`,
      'MODEL is the folder with config.json, *.safetensors and tokenizer.json',
    );
  for (const name of ['config.json', 'tokenizer.json'])
    if (!existsSync(join(folder, name))) throw fault('path-missing', `there is no ${name} in ${folder}`);
  const weights = readdirSync(folder)
    .filter((name) => name.endsWith('.safetensors'))
    .sort()
    .map((name) => join(folder, name));
  if (weights.length === 0) throw fault('path-missing', `there are no .safetensors files in ${folder}`);

  const architecture = read(folder, fault);
  return open({ architecture, weights, tokenizer: join(folder, 'tokenizer.json') }, folder);
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
  return open({ architecture, weights, tokenizer }, where);
}

async function open(
  { architecture, weights, tokenizer: path }: { architecture: Architecture; weights: string[]; tokenizer: string },
  where: string,
): Promise<Model> {
  const program = decoder(await readKinds(), architecture);
  const reader = await weightFiles.open(weights);
  try {
    checkStored(program.weights, reader, where, 'path');
  } finally {
    reader.close();
  }
  const tokenizer = await openTokenizer(path);
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

function read(folder: string, fault: (code: string, message: string) => InputError): Architecture {
  try {
    return readConfig(readFileSync(join(folder, 'config.json'), 'utf8'));
  } catch (error) {
    if (error instanceof ConfigError) throw fault('model-config', `${folder}: ${error.message}`);
    throw error;
  }
}
