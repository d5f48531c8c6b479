// Byte-level BPE, quickly: cuts text like Hugging Face's library, merges on numbers, and remembers the ids of pieces, so that a
// million tokens take less than a second. Only for tokenizers of the usual forms; ids are the library's, which a test compares.
import { byteCharacters } from './bpe.ts';
import { merger } from './merge.ts';
import { compile, cutter, patternsOf } from './pieces.ts';
import type { Merges, Part, TokenizerJson } from './tokenizer-json.ts';

/** Pieces remembered at most, and the longest that is. */
const MOST_PIECES = 500_000;
const LONGEST_PIECE = 64;

/**
 * The encoder of a byte-level BPE behind patterns that split, or null for tokenizers of another form.
 */
export function byteLevelEncoder(json: TokenizerJson, merges: Merges | null): ((text: string) => number[]) | null {
  const added = json.added_tokens ?? [];
  const { model } = json;
  const patterns = splitPatterns(json.pre_tokenizer);
  const plain =
    isIdle(json.normalizer) &&
    model.type === 'BPE' &&
    !model.byte_fallback &&
    !model.continuing_subword_prefix &&
    !model.end_of_word_suffix &&
    !added.some((token) => token.lstrip || token.rstrip || token.single_word);
  if (!plain || !patterns || !merges || byteCharacters.some((character) => !Object.hasOwn(model.vocab, character)))
    return null;

  const special = longestFirst(added);
  const cut = cutter(patterns);
  const merge = merger(model, merges);
  const known = new Map<string, readonly number[]>();
  let ids: number[] = [];
  const take = (piece: string) => {
    let pieceIds = known.get(piece);
    if (pieceIds === undefined) {
      pieceIds = merge(Buffer.from(piece));
      if (piece.length <= LONGEST_PIECE) {
        if (known.size >= MOST_PIECES) known.clear();
        known.set(flat(piece), pieceIds);
      }
    }
    for (let i = 0; i < pieceIds.length; i++) ids.push(pieceIds[i] as number);
  };
  return (text) => {
    ids = [];
    let from = 0;
    if (special) {
      for (const match of text.matchAll(special.pattern)) {
        if (match.index > from) cut(text.slice(from, match.index), take);
        ids.push(special.ids.get(match[0]) as number);
        from = match.index + match[0].length;
      }
    }
    if (from < text.length) cut(from === 0 ? text : text.slice(from), take);
    return ids;
  };
}

/** A copy of a piece: a slice would keep the whole text it was cut from in memory. */
function flat(piece: string): string {
  return piece.length < 13 ? piece : Buffer.from(piece, 'utf16le').toString('utf16le');
}

/** What a byte-level pre-tokenizer cuts by; null for one of another form, or without any pattern. */
function splitPatterns(preTokenizer: Part | null | undefined): RegExp[] | null {
  const parts =
    preTokenizer?.type === 'Sequence' ? (preTokenizer.pretokenizers ?? []) : preTokenizer ? [preTokenizer] : [];
  const last = parts.at(-1);
  if (last?.type !== 'ByteLevel' || last.add_prefix_space === true) return null;
  const patterns = parts.slice(0, -1).map((part) => {
    if (part.type === 'Digits') return part.individual_digits === true ? /\p{N}/gu : /\p{N}+/gu;
    const isolates = part.type === 'Split' && part.behavior === 'Isolated' && part.invert === false;
    return isolates ? compile(part) : null;
  });
  if (last.use_regex !== false) patterns.push(...patternsOf('gpt2'));
  return patterns.length > 0 && patterns.every((pattern) => pattern !== null) ? patterns : null;
}

/** No normalizer, or a sequence of none. */
function isIdle(normalizer: unknown): boolean {
  const { type, normalizers } = (normalizer ?? {}) as { type?: string; normalizers?: unknown[] };
  return type === undefined || (type === 'Sequence' && normalizers?.length === 0);
}

/** Added tokens as one pattern; where several start at a place, the longest is taken. */
function longestFirst(added: { id: number; content: string }[]): { pattern: RegExp; ids: Map<string, number> } | null {
  if (added.length === 0) return null;
  const contents = added.map((token) => token.content).sort((a, b) => b.length - a.length);
  const pattern = new RegExp(contents.map((token) => token.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&')).join('|'), 'g');
  return { pattern, ids: new Map(added.map((token) => [token.content, token.id])) };
}

/** For byte-level vocabularies: ids to bytes to text; bytes that make no character become U+FFFD. Null for others. */
export function byteLevelDecoder(json: TokenizerJson): ((ids: number[]) => string) | null {
  if (json.decoder?.type !== 'ByteLevel' || json.model.type !== 'BPE') return null;
  // Made when it is needed: whoever only encodes does not wait for it.
  let entries: (Uint8Array | undefined)[] | null = null;
  return (ids) => {
    entries ??= spelledEntries(json);
    const table = entries;
    return Buffer.concat(ids.map((id) => table[id] ?? new Uint8Array(0))).toString('utf8');
  };
}

/** The bytes of each entry, by id. */
function spelledEntries(json: TokenizerJson): (Uint8Array | undefined)[] {
  const byteOf = new Map(byteCharacters.map((character, byte) => [character, byte]));
  const encoder = new TextEncoder();
  const spelled = (entry: string): Uint8Array => {
    const bytes = [...entry].map((character) => byteOf.get(character));
    return bytes.includes(undefined) ? encoder.encode(entry) : Uint8Array.from(bytes as number[]);
  };
  const entries: (Uint8Array | undefined)[] = [];
  for (const [entry, id] of Object.entries(json.model.vocab)) entries[id] = spelled(entry);
  for (const { id, content } of json.added_tokens ?? []) entries[id] = encoder.encode(content);
  return entries;
}
