// A tokenizer.json of byte-level BPE, as Hugging Face's library writes it: for trained tokenizers and those of GGUF files.

export interface ByteBpe {
  added: { id: number; content: string; special: boolean }[];
  /** What cuts text before it becomes bytes. */
  before: unknown[];
  /** Whether a space is put before the text. */
  space: boolean;
  /** Whether the bytes are cut by GPT-2's pattern. */
  regex: boolean;
  /** Whether a piece that is an entry as a whole is not merged. */
  whole: boolean;
  vocab: Record<string, number>;
  /** Pairs, or texts with a space between the two. */
  merges: (string | [string, string])[];
}

/** Cuts text by a pattern, as an entry of `before`. */
export const splitBy = (pattern: string) => ({
  type: 'Split',
  pattern: { Regex: pattern },
  behavior: 'Isolated',
  invert: false,
});

/** Plain data; the order of its keys is the library's. */
export function byteBpeJson({ added, before, space, regex, whole, vocab, merges }: ByteBpe): unknown {
  return {
    version: '1.0',
    truncation: null,
    padding: null,
    added_tokens: added.map(({ id, content, special }) => ({
      id,
      content,
      single_word: false,
      lstrip: false,
      rstrip: false,
      normalized: false,
      special,
    })),
    normalizer: null,
    pre_tokenizer: {
      type: 'Sequence',
      pretokenizers: [...before, { type: 'ByteLevel', add_prefix_space: space, trim_offsets: true, use_regex: regex }],
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
      ignore_merges: whole,
      vocab,
      merges,
    },
  };
}
