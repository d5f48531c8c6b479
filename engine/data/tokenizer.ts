// Tokenizers: writes trained ones as Hugging Face's tokenizer.json, and loads any such file. Ids are those of Hugging Face's own
// implementations; for byte-level BPE pieces are remembered, which makes a million tokens a matter of a second.
import { readFile, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import * as huggingface from '@huggingface/tokenizers';
import type { Tokenizer, Tokenizers } from '../nodes/context.ts';
import { InputError } from '../nodes/kind.ts';
import { vocabularySize } from '../nodes/vocabulary.ts';
import { writeFile } from './atomic.ts';
import { byteCharacters, newTrainer, piecePattern } from './bpe.ts';

/** What is used of the library; its own declarations do not resolve in strict ES modules. */
interface Library {
  model: { encode(pieces: string[]): string[]; tokens_to_ids: Map<string, number> } | null;
  encode(text: string, options: { add_special_tokens: boolean }): { ids: number[] };
  decode(ids: number[]): string;
  token_to_id(token: string): number | undefined;
}
const library = huggingface as unknown as {
  Tokenizer: new (json: object, config: object) => Library;
  SplitPreTokenizer: new (config: object) => { pattern: RegExp | null };
};

const LARGEST = 256e6;
/** Pieces remembered at most, and the longest that is. */
const MOST_PIECES = 500_000;
const LONGEST_PIECE = 64;

/** Names under which vocabularies keep the token that ends a document. */
const ends = ['<|endoftext|>', '<｜end▁of▁sentence｜>', '<|end_of_text|>', '</s>', '<eos>', '<|im_end|>'];

export const tokenizers: Tokenizers = {
  async train(texts, options, out, progress) {
    const trainer = newTrainer();
    for await (const batch of texts) trainer.add(batch);
    const { entries, merges } = trainer.train(options, progress);
    await writeFile(out, tokenizerJson(entries, merges, options.special));
    progress?.(1);
    return { size: entries.length };
  },
  open: openTokenizer,
};

/** A tokenizer.json as Hugging Face's library writes it. */
function tokenizerJson(entries: string[], merges: [string, string][], special: readonly string[]): string {
  return JSON.stringify(
    {
      version: '1.0',
      truncation: null,
      padding: null,
      added_tokens: special.map((content, id) => ({
        id,
        content,
        single_word: false,
        lstrip: false,
        rstrip: false,
        normalized: false,
        special: true,
      })),
      normalizer: null,
      pre_tokenizer: {
        type: 'Sequence',
        pretokenizers: [
          { type: 'Split', pattern: { Regex: piecePattern }, behavior: 'Isolated', invert: false },
          { type: 'ByteLevel', add_prefix_space: false, trim_offsets: true, use_regex: false },
        ],
      },
      post_processor: null,
      decoder: { type: 'ByteLevel', add_prefix_space: true, trim_offsets: true, use_regex: true },
      model: {
        type: 'BPE',
        dropout: null,
        unk_token: null,
        continuing_subword_prefix: null,
        end_of_word_suffix: null,
        fuse_unk: false,
        byte_fallback: false,
        ignore_merges: false,
        vocab: Object.fromEntries(entries.map((entry, id) => [entry, id])),
        merges,
      },
    },
    null,
    1,
  );
}

/** Loads a tokenizer.json, or the one in a folder. Throws InputError for what is no tokenizer or could hang or flood the memory. */
async function openTokenizer(path: string): Promise<Tokenizer> {
  const found = await stat(path).catch(() => null);
  if (found?.isDirectory()) return openTokenizer(join(path, 'tokenizer.json'));
  if (!found)
    throw fault('path-missing', `there is no tokenizer at ${path}`, 'name a tokenizer.json, or a folder with one');
  const name = basename(path);
  if (found.size > LARGEST) {
    throw fault('tokenizer-broken', `${name} has ${found.size} bytes; a tokenizer has ${LARGEST} at most`);
  }
  try {
    const json = JSON.parse(await readFile(path, 'utf8')) as Json;
    const size = vocabularySize(json);
    checkShape(json);
    const parts = { normalizer: null, post_processor: null, pre_tokenizer: null, decoder: null, added_tokens: [] };
    const loaded = new library.Tokenizer({ ...parts, ...json }, { clean_up_tokenization_spaces: false });
    return wrap(loaded, json, size);
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

interface Json {
  normalizer?: unknown;
  pre_tokenizer?: Part | null;
  decoder?: Part | null;
  added_tokens?: { id: number; content: string; single_word?: boolean; lstrip?: boolean; rstrip?: boolean }[];
  model: { type?: string; vocab: Record<string, number>; merges?: unknown; [key: string]: unknown };
}

interface Part {
  type?: string;
  pretokenizers?: Part[];
  [key: string]: unknown;
}

/** Merges and vocabulary fit each other, and no pattern can take exponential time. Throws Error with a message for people. */
function checkShape(json: Json): void {
  const { model } = json;
  if (!['BPE', 'WordPiece', 'Unigram'].includes(model.type ?? 'BPE'))
    throw new Error(`models of type ${model.type} are not supported`);
  if (model.dropout) throw new Error('it drops merges at random (`dropout`), so its ids differ from run to run');
  if ((model.type ?? 'BPE') === 'BPE') {
    if (!Array.isArray(model.merges)) throw new Error('`model.merges` is not a list');
    const ids = new Set<number>();
    for (const [entry, id] of Object.entries(model.vocab)) {
      if (ids.has(id)) throw new Error(`two entries have the id ${id}, one of them "${entry.slice(0, 40)}"`);
      ids.add(id);
    }
    for (const merge of model.merges as unknown[]) {
      const pair = typeof merge === 'string' ? merge.split(' ') : merge;
      const whole =
        Array.isArray(pair) && pair.length === 2 && pair.every((part) => typeof part === 'string')
          ? pair.join('')
          : null;
      if (whole === null) throw new Error(`the merge ${JSON.stringify(merge)?.slice(0, 60)} is not a pair of entries`);
      const { continuing_subword_prefix: prefix } = model;
      if (typeof prefix === 'string' && prefix !== '') continue;
      for (const entry of [...(pair as string[]), whole]) {
        if (!Object.hasOwn(model.vocab, entry))
          throw new Error(
            `the merge of "${(pair as string[]).join('" and "')}" needs "${entry}", which the vocabulary lacks`,
          );
      }
    }
  }
  const patterns: string[] = [];
  collectPatterns([json.normalizer, json.pre_tokenizer, json.decoder], patterns, 0);
  for (const pattern of patterns) {
    if (nestedRepeat(pattern))
      throw new Error(`the pattern ${pattern.slice(0, 60)} repeats a repetition, which can take forever`);
  }
}

function collectPatterns(value: unknown, found: string[], depth: number): void {
  if (depth > 20) throw new Error('its parts are nested too deeply');
  if (typeof value !== 'object' || value === null) return;
  for (const [key, inner] of Object.entries(value)) {
    if (key === 'Regex' && typeof inner === 'string') found.push(inner);
    else collectPatterns(inner, found, depth + 1);
  }
}

/** Whether an unbounded repetition holds another one, such as (a+)*: the usual cause of exponential matching. */
export function nestedRepeat(pattern: string): boolean {
  const open: boolean[] = [false];
  let closed = false;
  for (let at = 0; at < pattern.length; at++) {
    const character = pattern[at];
    let group = false;
    if (character === '\\') at += /^\\[pP]\{/.test(pattern.slice(at)) ? pattern.slice(at).indexOf('}') : 1;
    else if (character === '[') at = classEnd(pattern, at);
    else if (character === '(') {
      open.push(false);
      continue;
    } else if (character === ')') {
      closed = open.pop() ?? false;
      if (open.length === 0) open.push(false);
      group = true;
    }
    if (['|', '^', '$'].includes(character as string)) continue;
    const repeat = /^(?:[*+]|\{\d*,\})/.exec(pattern.slice(at + 1));
    if (repeat) {
      if (group && closed) return true;
      open[open.length - 1] = true;
      at += repeat[0].length;
    } else if (group && closed) open[open.length - 1] = true;
    closed = false;
  }
  return false;
}

function classEnd(pattern: string, start: number): number {
  let depth = 0;
  for (let at = start; at < pattern.length; at++) {
    if (pattern[at] === '\\') at++;
    else if (pattern[at] === '[') depth++;
    else if (pattern[at] === ']' && --depth === 0) return at;
  }
  return pattern.length;
}

function wrap(loaded: Library, json: Json, size: number): Tokenizer {
  const added = json.added_tokens ?? [];
  const slow = (text: string) => (text === '' ? [] : loaded.encode(text, { add_special_tokens: false }).ids);
  const end = ends.find((token) => added.some((a) => a.content === token) || Object.hasOwn(json.model.vocab, token));
  return {
    size,
    end: end === undefined ? null : (loaded.token_to_id(end) ?? null),
    encode: fastEncoder(loaded, json) ?? slow,
    decode: bytesDecoder(json, added) ?? ((ids) => (ids.length === 0 ? '' : loaded.decode(ids))),
  };
}

/** For byte-level BPE behind patterns that split: cuts like the library and remembers the ids of pieces. Null for others. */
function fastEncoder(loaded: Library, json: Json): ((text: string) => number[]) | null {
  const { model } = loaded;
  const parts = json.pre_tokenizer?.type === 'Sequence' ? (json.pre_tokenizer.pretokenizers ?? []) : [];
  const splits = parts.slice(0, -1);
  const last = parts.at(-1);
  const added = json.added_tokens ?? [];
  const plain =
    model !== null &&
    isIdle(json.normalizer) &&
    json.model.type === 'BPE' &&
    last?.type === 'ByteLevel' &&
    last.use_regex === false &&
    last.add_prefix_space !== true &&
    splits.length > 0 &&
    splits.every((part) => part.type === 'Split' && part.behavior === 'Isolated' && part.invert === false) &&
    !added.some((token) => token.lstrip || token.rstrip || token.single_word);
  if (!plain) return null;
  const patterns = splits.map((part) => new library.SplitPreTokenizer(part).pattern);
  if (patterns.some((pattern) => pattern === null)) return null;
  const special = longestFirst(added);
  const known = new Map<string, number[]>();
  const bytes = new TextEncoder();
  const pieceIds = (piece: string): number[] => {
    const stored = known.get(piece);
    if (stored !== undefined) return stored;
    let spelled = '';
    for (const byte of bytes.encode(piece)) spelled += byteCharacters[byte];
    const ids = model.encode([spelled]).map((token) => model.tokens_to_ids.get(token) as number);
    if (piece.length <= LONGEST_PIECE) {
      if (known.size >= MOST_PIECES) known.clear();
      known.set(piece, ids);
    }
    return ids;
  };
  const encodePlain = (text: string, ids: number[]) => {
    let pieces = [text];
    for (const pattern of patterns) pieces = pieces.flatMap((piece) => cut(piece, pattern as RegExp));
    for (const piece of pieces) for (const id of pieceIds(piece)) ids.push(id);
  };
  return (text) => {
    const ids: number[] = [];
    let from = 0;
    if (special) {
      for (const match of text.matchAll(special.pattern)) {
        if (match.index > from) encodePlain(text.slice(from, match.index), ids);
        ids.push(special.ids.get(match[0]) as number);
        from = match.index + match[0].length;
      }
    }
    if (from < text.length) encodePlain(from === 0 ? text : text.slice(from), ids);
    return ids;
  };
}

/** No normalizer, or a sequence of none. */
function isIdle(normalizer: unknown): boolean {
  const { type, normalizers } = (normalizer ?? {}) as { type?: string; normalizers?: unknown[] };
  return type === undefined || (type === 'Sequence' && normalizers?.length === 0);
}

/** Text cut at the matches, which are pieces themselves. */
function cut(text: string, pattern: RegExp): string[] {
  const pieces: string[] = [];
  let from = 0;
  pattern.lastIndex = 0;
  for (let match = pattern.exec(text); match !== null; match = pattern.exec(text)) {
    if (match.index > from) pieces.push(text.slice(from, match.index));
    if (match[0] === '') pattern.lastIndex += 1;
    else pieces.push(match[0]);
    from = match.index + match[0].length;
  }
  if (from < text.length) pieces.push(text.slice(from));
  return pieces;
}

/** Added tokens as one pattern; where several start at a place, the longest is taken. */
function longestFirst(added: { id: number; content: string }[]): { pattern: RegExp; ids: Map<string, number> } | null {
  if (added.length === 0) return null;
  const contents = added.map((token) => token.content).sort((a, b) => b.length - a.length);
  const pattern = new RegExp(contents.map((token) => token.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&')).join('|'), 'g');
  return { pattern, ids: new Map(added.map((token) => [token.content, token.id])) };
}

/** For byte-level vocabularies: ids to bytes to text; bytes that make no character become U+FFFD. Null for others. */
function bytesDecoder(json: Json, added: { id: number; content: string }[]): ((ids: number[]) => string) | null {
  if (json.decoder?.type !== 'ByteLevel' || json.model.type !== 'BPE') return null;
  const byteOf = new Map(byteCharacters.map((character, byte) => [character, byte]));
  const encoder = new TextEncoder();
  const spelled = (entry: string): Uint8Array => {
    const bytes = [...entry].map((character) => byteOf.get(character));
    return bytes.includes(undefined) ? encoder.encode(entry) : Uint8Array.from(bytes as number[]);
  };
  const entries: (Uint8Array | undefined)[] = [];
  for (const [entry, id] of Object.entries(json.model.vocab)) entries[id] = spelled(entry);
  for (const { id, content } of added) entries[id] = encoder.encode(content);
  return (ids) => Buffer.concat(ids.map((id) => entries[id] ?? new Uint8Array(0))).toString('utf8');
}

function fault(code: string, message: string, note?: string): InputError {
  return new InputError({ code, message, at: 'path', ...(note === undefined ? {} : { note }) });
}
