// A model in one GGUF file, as the rest of the engine takes models: architecture, tensors, tokenizer, chat template.
import { readConfig } from '../families/families.ts';
import type { ReadOptions } from '../families/family.ts';
import type { Architecture, ChatTemplate } from '../values.ts';
import { readGguf, type Source } from './header.ts';
import { configOf, type Placed, placed } from './llama.ts';
import { chatOf, tokenizerOf } from './tokenizer.ts';

export type { Source } from './header.ts';

export interface GgufModel {
  architecture: Architecture;
  /** Under Hugging Face's names. */
  tensors: ReadonlyMap<string, Placed>;
  /** As tokenizer.json, or why there is none; `text` throws InputError where the metadata contradicts itself. */
  tokenizer: { text(): string } | { reason: string };
  chat: ChatTemplate | null;
}

export const isGguf = (path: string): boolean => path.toLowerCase().endsWith('.gguf');

/** Throws InputError for a file that is damaged, ConfigError for a model that is not computed here. */
export function openGguf(source: Source, options?: ReadOptions): GgufModel {
  const gguf = readGguf(source);
  return {
    architecture: readConfig(JSON.stringify(configOf(gguf, source)), options),
    tensors: placed(gguf),
    tokenizer: tokenizerOf(gguf, source.name),
    chat: chatOf(gguf),
  };
}
