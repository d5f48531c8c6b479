// Words of texts as numbers: the text filters count, compare and look up words by id, so that every word is cut and judged once and
// not at each of its occurrences.
import { wordsOf } from './words/english.ts';
import { BASE, hashed, LONGEST_PIECE, openPieces } from './words/pieces.ts';

/**
 * "english": white space and punctuation, as spaCy's blank English pipeline has it (words/english.ts).
 * "unicode": word boundaries by ICU (UAX #29 and its dictionaries), for scripts that put no spaces between words.
 */
export type Splitting = 'english' | 'unicode';

/** Letters in it; nothing but punctuation and symbols; punctuation by its Unicode category; ends a sentence. */
export const LETTERS = 1;
export const SYMBOLS = 2;
export const PUNCTUATION = 4;
export const ENDS = 8;

export interface Words {
  /** Cuts a text into words. What it gives holds until the next call. */
  split(text: string): { ids: Int32Array; count: number };
  /** Sentences in a text, at least one (spaCy's sentencizer: they end with one of its 100 or so marks). */
  sentences(text: string): number;
  text(id: number): string;
  /** In code points. */
  length(id: number): number;
  flags(id: number): number;
  /** Polynomial hash of its characters, and the factor that moves another hash past them: hash(ab) = hash(a) * power(b) + hash(b). */
  hash(id: number): number;
  power(id: number): number;
}

/** Words that are kept in mind, and characters of them. */
const MOST_WORDS = 1 << 18;
const MOST_CHARACTERS = 16e6;
/** White space between words where it counts as one: id of it. */
const SPACE = 0;

export function openWords(splitting: Splitting): Words {
  const segmenter = splitting === 'unicode' ? new Intl.Segmenter('und', { granularity: 'word' }) : null;
  /** Pieces of text between white space, with the ids of their words. */
  const pieces = openPieces();
  let known = new Map<string, number>();
  let texts: string[] = [];
  let lengths: number[] = [];
  let flags: number[] = [];
  let hashes: number[] = [];
  let powers: number[] = [];
  let characters = 0;
  let full = true;
  let ids = new Int32Array(1 << 12);
  let count = 0;

  const forget = () => {
    pieces.clear();
    known = new Map();
    texts = [' '];
    lengths = [1];
    flags = [0];
    hashes = [0];
    powers = [1];
    characters = 0;
    full = false;
  };

  const idOf = (word: string): number => {
    const old = known.get(word);
    if (old !== undefined) return old;
    const own = detached(word);
    const id = texts.push(own) - 1;
    lengths.push(codePoints(own));
    flags.push(flagsOf(own));
    const { hash, power } = hashOf(own);
    hashes.push(hash);
    powers.push(power);
    known.set(own, id);
    characters += own.length;
    full ||= id === MOST_WORDS || characters > MOST_CHARACTERS;
    return id;
  };

  const push = (id: number) => {
    if (count === ids.length) {
      const longer = new Int32Array(count * 2);
      longer.set(ids);
      ids = longer;
    }
    ids[count++] = id;
  };

  const pushPiece = (text: string, start: number, end: number, hash: number) => {
    const entry = pieces.find(text, start, end, hash);
    if (entry < 0) {
      const list = wordsOf(text.slice(start, end)).map(idOf);
      for (const id of list) push(id);
      if (end - start <= LONGEST_PIECE && !pieces.add(text, start, end, hash, list)) full = true;
      return;
    }
    const { lists } = pieces;
    const last = pieces.end(entry);
    for (let i = pieces.start(entry); i < last; i++) push(lists[i] as number);
  };

  /** Fills ids; with `spaces`, also what spaCy makes a word of: white space but for a single blank after a word. */
  const scan = (text: string, spaces: boolean) => {
    // Ids hold within a text, so what is known is forgotten between two.
    if (full) forget();
    count = 0;
    if (segmenter) {
      for (const { segment } of segmenter.segment(text)) {
        if (!isSpace(segment.charCodeAt(0))) push(idOf(segment));
      }
      return;
    }
    const { length } = text;
    let at = 0;
    while (at < length) {
      const start = at;
      let hash = 0;
      for (; at < length; at++) {
        const code = text.charCodeAt(at);
        if (isSpace(code)) break;
        hash = hashed(hash, code);
      }
      if (at > start) pushPiece(text, start, at, hash);
      const gap = at;
      while (at < length && isSpace(text.charCodeAt(at))) at++;
      if (spaces && at > gap && (gap === 0 || at - gap > 1 || text.charCodeAt(gap) !== 32)) push(SPACE);
    }
  };

  return {
    split(text) {
      scan(text, false);
      return { ids, count };
    },
    sentences(text) {
      scan(text, true);
      let sentences = 1;
      let ended = false;
      for (let i = 0; i < count; i++) {
        const flag = flags[ids[i] as number] as number;
        if ((flag & ENDS) !== 0) ended = true;
        else if (ended && (flag & PUNCTUATION) === 0) {
          sentences++;
          ended = false;
        }
      }
      return sentences;
    },
    text: (id) => texts[id] as string,
    length: (id) => lengths[id] as number,
    flags: (id) => flags[id] as number,
    hash: (id) => hashes[id] as number,
    power: (id) => powers[id] as number,
  };
}

/** White space as Python has it (str.isspace), which the filters' definitions rest on. */
export function isSpace(code: number): boolean {
  if (code <= 32) return code === 32 || (code >= 9 && code <= 13) || (code >= 28 && code <= 31);
  if (code < 128) return false;
  return (
    code === 0x85 ||
    code === 0xa0 ||
    code === 0x1680 ||
    (code >= 0x2000 && code <= 0x200a) ||
    code === 0x2028 ||
    code === 0x2029 ||
    code === 0x202f ||
    code === 0x205f ||
    code === 0x3000
  );
}

/** A copy that does not hold on to the text it was cut from, as V8's slices of 13 characters and more do. */
function detached(text: string): string {
  return text.length < 13 ? text : Buffer.from(text, 'utf16le').toString('utf16le');
}

const paired = /[\ud800-\udbff]/;

/** Length in Unicode code points, as Python counts. */
export function codePoints(text: string): number {
  const { length } = text;
  if (!paired.test(text)) return length;
  let points = length;
  for (let i = 0; i < length; i++) {
    const code = text.charCodeAt(i);
    if (code >= 0xd800 && code < 0xdc00) points--;
  }
  return points;
}

function hashOf(word: string): { hash: number; power: number } {
  let hash = 0;
  let power = 1;
  for (let i = 0; i < word.length; i++) {
    hash = hashed(hash, word.charCodeAt(i));
    power = Math.imul(power, BASE);
  }
  return { hash, power };
}

const letters = /\p{L}/u;
const punctuation = /^\p{P}+$/u;

/** Marks that end a sentence: Unicode's, as of the version that datatrove's list was made of, and three Khmer signs. */
const newer =
  '\\u1b4e\\u1b4f\\u1b7f\\u2024\\u2cf9-\\u2cfb\\ufe12\\ufe15\\ufe16\\u{113d4}\\u{113d5}\\u{16d6e}\\u{16d6f}';
const terminal = `(?:(?![${newer}])\\p{Sentence_Terminal}|[\\u17d6\\u17d9\\u17da])`;
/** Of these, the ones that spaCy's sentencizer does not know. */
const unheard =
  '\\u061d\\u061e\\u0837\\u0839\\u083d\\u083e\\u17d4-\\u17d6\\u17d9\\u17da\\u1b7d\\u1b7e\\u2e53\\u2e54\\u{10f55}-\\u{10f59}' +
  '\\u{10f86}-\\u{10f89}\\u{11944}\\u{11946}\\u{11ef7}\\u{11ef8}\\u{11f43}\\u{11f44}\\u{16e98}';
const ends = new RegExp(`^(?![${unheard}])${terminal}$`, 'u');
/** datatrove's set of punctuation, which holds control characters but neither tab nor line feed. */
const symbols = new RegExp(
  `^(?:[\\u0000-\\u0008\\u000b-\\u001f\\u007f-\\u009f"#$%&'()*+,\\-/:;<=>@[\\\\\\]^_\`{|}~«´»–—’“”„…∶━►、〈-」【】％（），１：；～]|${terminal})+$`,
  'u',
);
/** Whether a text ends with a mark that ends sentences. */
export const endsSentence = (text: string): boolean => lastTerminal.test(text.slice(-2));
const lastTerminal = new RegExp(`${terminal}$`, 'u');

function flagsOf(word: string): number {
  return (
    (letters.test(word) ? LETTERS : 0) |
    (symbols.test(word) ? SYMBOLS : 0) |
    (punctuation.test(word) ? PUNCTUATION : 0) |
    (ends.test(word) ? ENDS : 0)
  );
}
