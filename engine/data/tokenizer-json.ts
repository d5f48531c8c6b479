// The content of a Hugging Face tokenizer.json, as far as it is looked at here, and the checks before any of it is used: a file may
// come from anywhere, and must neither hang nor flood the memory.

/** A tokenizer.json whose vocabulary was checked by `vocabularySize`. */
export interface TokenizerJson {
  normalizer?: unknown;
  pre_tokenizer?: Part | null;
  decoder?: Part | null;
  added_tokens?: {
    id: number;
    content: string;
    special?: boolean;
    single_word?: boolean;
    lstrip?: boolean;
    rstrip?: boolean;
  }[];
  model: { type?: string; vocab: Record<string, number>; merges?: unknown; [key: string]: unknown };
}

export interface Part {
  type?: string;
  pretokenizers?: Part[];
  [key: string]: unknown;
}

/** The merges of a BPE in the order they were made: ids of both sides, and of the entry they become. */
export interface Merges {
  left: Int32Array;
  right: Int32Array;
  makes: Int32Array;
}

/**
 * Merges and vocabulary fit each other, and no pattern can take exponential time. Throws Error with a message for people.
 * @returns the merges, where the model is a BPE whose entries are joined as they are
 */
export function checkTokenizer(json: TokenizerJson): Merges | null {
  const { model } = json;
  if (!['BPE', 'WordPiece', 'Unigram'].includes(model.type ?? 'BPE'))
    throw new Error(`models of type ${model.type} are not supported; BPE, WordPiece and Unigram are`);
  if (model.dropout) throw new Error('it drops merges at random (`dropout`), so its ids differ from run to run');
  const merges = (model.type ?? 'BPE') === 'BPE' ? readMerges(model) : null;
  const patterns: string[] = [];
  collectPatterns([json.normalizer, json.pre_tokenizer, json.decoder], patterns, 0);
  for (const pattern of patterns) {
    if (nestedRepeat(pattern))
      throw new Error(`the pattern ${pattern.slice(0, 60)} repeats a repetition, which can take forever`);
  }
  return merges;
}

function readMerges({ vocab, merges, continuing_subword_prefix: prefix }: TokenizerJson['model']): Merges | null {
  if (!Array.isArray(merges)) throw new Error('`model.merges` is not a list');
  const ids = new Map<string, number>();
  const seen = new Set<number>();
  for (const entry of Object.keys(vocab)) {
    const id = vocab[entry] as number;
    if (seen.has(id)) throw new Error(`two entries have the id ${id}, one of them "${entry.slice(0, 40)}"`);
    seen.add(id);
    ids.set(entry, id);
  }
  const joined = typeof prefix !== 'string' || prefix === '';
  const [left, right, makes] = [0, 1, 2].map(() => new Int32Array(merges.length)) as [
    Int32Array,
    Int32Array,
    Int32Array,
  ];
  for (let rank = 0; rank < merges.length; rank++) {
    const pair = sides(merges[rank]);
    if (!joined) continue;
    const idOf = (entry: string): number => {
      const id = ids.get(entry);
      if (id !== undefined) return id;
      throw new Error(`the merge of "${pair.join('" and "')}" needs "${entry}", which the vocabulary lacks`);
    };
    left[rank] = idOf(pair[0]);
    right[rank] = idOf(pair[1]);
    makes[rank] = idOf(pair[0] + pair[1]);
  }
  return joined ? { left, right, makes } : null;
}

/** The two sides of a merge, which is "a b" or ["a", "b"]. */
function sides(merge: unknown): [string, string] {
  if (typeof merge === 'string') {
    const space = merge.indexOf(' ');
    if (space >= 0 && space === merge.lastIndexOf(' ')) return [merge.slice(0, space), merge.slice(space + 1)];
  } else if (Array.isArray(merge) && merge.length === 2 && merge.every((part) => typeof part === 'string')) {
    return merge as [string, string];
  }
  throw new Error(`the merge ${JSON.stringify(merge)?.slice(0, 60)} is not a pair of entries`);
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
