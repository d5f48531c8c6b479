// Byte-level BPE, quickly: cuts text like Hugging Face's library, merges on numbers, and remembers the ids of pieces, so that a
// million tokens take about a second. Only for tokenizers of the usual form; ids are the library's, which a test compares.
import { SplitPreTokenizer } from './huggingface.ts';
import { byteCharacters } from './bpe.ts';
import type { TokenizerJson } from './tokenizer-json.ts';

/** Pieces remembered at most, and the longest that is. */
const MOST_PIECES = 500_000;
const LONGEST_PIECE = 64;
/** Bytes of a piece that is merged here: the simple search for the next merge takes the square of it. */
const LONGEST_MERGED = 512;

/**
 * The encoder of a byte-level BPE behind patterns that split, or null for tokenizers of another form.
 * @param size ids are below it
 * @param slow encodes a piece that is too long for this encoder
 */
export function byteLevelEncoder(
  json: TokenizerJson,
  size: number,
  slow: (text: string) => number[],
): ((text: string) => number[]) | null {
  const parts = json.pre_tokenizer?.type === 'Sequence' ? (json.pre_tokenizer.pretokenizers ?? []) : [];
  const splits = parts.slice(0, -1);
  const last = parts.at(-1);
  const added = json.added_tokens ?? [];
  const { model } = json;
  const plain =
    isIdle(json.normalizer) &&
    model.type === 'BPE' &&
    !model.byte_fallback &&
    !model.continuing_subword_prefix &&
    !model.end_of_word_suffix &&
    last?.type === 'ByteLevel' &&
    last.use_regex === false &&
    last.add_prefix_space !== true &&
    splits.length > 0 &&
    splits.every((part) => part.type === 'Split' && part.behavior === 'Isolated' && part.invert === false) &&
    !added.some((token) => token.lstrip || token.rstrip || token.single_word);
  if (!plain || byteCharacters.some((character) => !Object.hasOwn(model.vocab, character))) return null;
  const patterns = splits.map((part) => new SplitPreTokenizer(part).pattern);
  if (patterns.some((pattern) => pattern === null)) return null;

  const special = longestFirst(added);
  const merge = merger(json, size);
  const known = new Map<string, number[]>();
  const pieceIds = (piece: string): number[] => {
    const stored = known.get(piece);
    if (stored !== undefined) return stored;
    const bytes = Buffer.from(piece);
    const ids = bytes.length <= LONGEST_MERGED ? merge(bytes) : slow(piece);
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

/** Merges the bytes of a piece: always the pair whose merge was made first, the leftmost of equal ones. */
function merger(json: TokenizerJson, size: number): (bytes: Uint8Array) => number[] {
  const { vocab } = json.model;
  // Pairs as left * size + right -> rank of their merge; by rank, the entry it makes.
  const ranks = new Map<number, number>();
  const makes: number[] = [];
  for (const [rank, merge] of (json.model.merges as (string | [string, string])[]).entries()) {
    const [left, right] = typeof merge === 'string' ? (merge.split(' ') as [string, string]) : merge;
    // A merge given twice counts by its last place, as in the library.
    ranks.set((vocab[left] as number) * size + (vocab[right] as number), rank);
    makes.push(vocab[left + right] as number);
  }
  const byteIds = byteCharacters.map((character) => vocab[character] as number);
  const whole = json.model.ignore_merges === true;
  return (bytes) => {
    if (whole) {
      const entry = Array.from(bytes, (byte) => byteCharacters[byte]).join('');
      if (Object.hasOwn(vocab, entry)) return [vocab[entry] as number];
    }
    const ids = Array.from(bytes, (byte) => byteIds[byte] as number);
    for (;;) {
      let best = Number.POSITIVE_INFINITY;
      let at = -1;
      for (let i = 0; i + 1 < ids.length; i++) {
        const rank = ranks.get((ids[i] as number) * size + (ids[i + 1] as number));
        if (rank !== undefined && rank < best) {
          best = rank;
          at = i;
        }
      }
      if (at < 0) return ids;
      ids.splice(at, 2, makes[best] as number);
    }
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
export function byteLevelDecoder(json: TokenizerJson): ((ids: number[]) => string) | null {
  if (json.decoder?.type !== 'ByteLevel' || json.model.type !== 'BPE') return null;
  const byteOf = new Map(byteCharacters.map((character, byte) => [character, byte]));
  const encoder = new TextEncoder();
  const spelled = (entry: string): Uint8Array => {
    const bytes = [...entry].map((character) => byteOf.get(character));
    return bytes.includes(undefined) ? encoder.encode(entry) : Uint8Array.from(bytes as number[]);
  };
  const entries: (Uint8Array | undefined)[] = [];
  for (const [entry, id] of Object.entries(json.model.vocab)) entries[id] = spelled(entry);
  for (const { id, content } of json.added_tokens ?? []) entries[id] = encoder.encode(content);
  return (ids) => Buffer.concat(ids.map((id) => entries[id] ?? new Uint8Array(0))).toString('utf8');
}
