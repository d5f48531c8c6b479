// Tokenizers: writes trained ones as Hugging Face's tokenizer.json, and loads any such file. Ids are those of Hugging Face's own
// implementations; for byte-level BPE pieces are remembered, which makes a million tokens a matter of a second.
import { readFile, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { byteBpeJson, splitBy } from '../nodes/bytebpe.ts';
import type { Tokenizer, Tokenizers, TrainOptions, Turn } from '../nodes/context.ts';
import { InputError } from '../nodes/kind.ts';
import type { ChatTemplate } from '../nodes/values.ts';
import { vocabularySize } from '../nodes/vocabulary.ts';
import { writeFile } from './atomic.ts';
import { byteLevelDecoder, byteLevelEncoder } from './bytelevel.ts';
import type { EngineOptions } from './duckdb.ts';
import { Tokenizer as Library, type LibraryTokenizer } from './huggingface.ts';
import { preTokenizers } from './pieces.ts';
import { answerEnd, answerStart, Refusal, readTemplate, TemplateError } from './template.ts';
import { checkTokenizer, type Merges, type TokenizerJson } from './tokenizer-json.ts';
import { trainOn } from './train-bpe.ts';

const LARGEST = 256e6;
/** Names under which vocabularies keep the token that ends a document. */
const ends = ['<|endoftext|>', '<｜end▁of▁sentence｜>', '<|end_of_text|>', '</s>', '<eos>', '<|im_end|>'];

export function openTokenizers(engine: EngineOptions): Tokenizers {
  return {
    async train(table, options, out, watch) {
      const { entries, merges } = await trainOn(engine, table, options, watch);
      await writeFile(out, tokenizerJson(entries, merges, options));
      return { size: entries.length };
    },
    open: openTokenizer,
    asked,
  };
}

function asked({ template, bos, eos }: ChatTemplate, turns: readonly Turn[], at: string): string {
  const messages = turns.map((turn) => ({ ...turn }));
  try {
    return readTemplate(template, { bos, eos }).render(messages, true).replace(marks, '');
  } catch (error) {
    if (!(error instanceof Refusal || error instanceof TemplateError)) throw error;
    const message =
      error instanceof Refusal
        ? `the model's chat template refuses the conversation: ${error.message}`
        : `the model's chat template cannot be used: ${error.message}`;
    throw new InputError({ code: 'template-broken', message, at });
  }
}

const marks = new RegExp(`[${answerStart}${answerEnd}]`, 'g');

/** A tokenizer.json as Hugging Face's library writes it. */
function tokenizerJson(
  entries: string[],
  merges: [string, string][],
  { special, preTokenizer }: Pick<TrainOptions, 'special' | 'preTokenizer'>,
): string {
  const json = byteBpeJson({
    added: special.map((content, id) => ({ id, content, special: true })),
    before: preTokenizers[preTokenizer].map(splitBy),
    space: false,
    regex: false,
    whole: false,
    vocab: Object.fromEntries(entries.map((entry, id) => [entry, id])),
    merges,
  });
  return JSON.stringify(json, null, 1);
}

/** Loads a tokenizer.json, or the one in a folder. Throws InputError for what is no tokenizer or could hang or flood the memory. */
export async function openTokenizer(path: string): Promise<Tokenizer> {
  const found = await stat(path).catch(() => null);
  if (found?.isDirectory()) return openTokenizer(join(path, 'tokenizer.json'));
  if (!found)
    throw fault('path-missing', `there is no tokenizer at ${path}`, 'name a tokenizer.json, or a folder with one');
  const name = basename(path);
  if (found.size > LARGEST) {
    throw fault('tokenizer-broken', `${name} has ${found.size} bytes; a tokenizer has ${LARGEST} at most`);
  }
  return readTokenizer(await readFile(path, 'utf8'), name);
}

/** As `openTokenizer`, from a tokenizer.json's text. */
export function readTokenizer(text: string, name: string): Tokenizer {
  try {
    const json = JSON.parse(text) as TokenizerJson;
    const size = vocabularySize(json);
    return wrap(json, size, checkTokenizer(json));
  } catch (error) {
    const what =
      error instanceof SyntaxError ? `it is cut off or no JSON (${error.message})` : (error as Error).message;
    throw fault(
      'tokenizer-broken',
      `${name} is no usable tokenizer: ${what}`,
      'a tokenizer.json as Hugging Face writes it is needed',
    );
  }
}

/** The quick ways where the tokenizer has the usual form, the library for all others; it is loaded when it is needed. */
function wrap(json: TokenizerJson, size: number, merges: Merges | null): Tokenizer {
  let loaded: LibraryTokenizer | null = null;
  const library = () => {
    const parts = { normalizer: null, post_processor: null, pre_tokenizer: null, decoder: null, added_tokens: [] };
    loaded ??= new Library({ ...parts, ...json }, { clean_up_tokenization_spaces: false });
    return loaded;
  };
  const slow = (text: string) => (text === '' ? [] : library().encode(text, { add_special_tokens: false }).ids);
  const encode = byteLevelEncoder(json, merges);
  const decode = byteLevelDecoder(json);
  if (!encode || !decode) library();
  const idOf = (token: string) =>
    json.added_tokens?.find((added) => added.content === token)?.id ??
    (Object.hasOwn(json.model.vocab, token) ? json.model.vocab[token] : undefined);
  let continuing: Uint8Array | null = null;
  return {
    size,
    end: ends.map(idOf).find((id) => id !== undefined) ?? null,
    special: new Set((json.added_tokens ?? []).flatMap(({ special, id }) => (special ? [id] : []))),
    id: (entry) => idOf(entry) ?? null,
    continues(id) {
      continuing ??= continuations(json, size);
      return continuing[id] === 1;
    },
    encode: encode ?? slow,
    decode: decode ?? ((ids) => (ids.length === 0 ? '' : library().decode(ids))),
  };
}

/** By id: 1 for entries that go on with a word. */
function continuations({ model }: TokenizerJson, size: number): Uint8Array {
  const { type = 'BPE', vocab, continuing_subword_prefix: prefix = '##' } = model;
  const entries = Array.isArray(vocab)
    ? (vocab as [string, number][]).map(([entry], id): [string, number] => [entry, id])
    : Object.entries(vocab);
  const within = new Uint8Array(size);
  // Spaces, tabs and line breaks as the alphabet of bytes writes them, and SentencePiece's space.
  for (const [entry, id] of entries)
    within[id] = Number(type === 'WordPiece' ? entry.startsWith(String(prefix)) : !/^[ĠĉĊč▁\s]/.test(entry));
  return within;
}

function fault(code: string, message: string, note?: string): InputError {
  return new InputError({ code, message, at: 'path', ...(note === undefined ? {} : { note }) });
}
