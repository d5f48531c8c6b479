// What is used of @huggingface/tokenizers: its own declarations do not resolve in strict ES modules, so they are given here.
import * as library from '@huggingface/tokenizers';

export interface LibraryTokenizer {
  encode(text: string, options: { add_special_tokens: boolean }): { ids: number[] };
  decode(ids: number[]): string;
  token_to_id(token: string): number | undefined;
}

export const { Tokenizer, SplitPreTokenizer } = library as unknown as {
  Tokenizer: new (json: object, config: object) => LibraryTokenizer;
  SplitPreTokenizer: new (config: object) => { pattern: RegExp | null };
};
