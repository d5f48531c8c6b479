// Cutting text into the pieces that merges never cross (pre-tokenizers): patterns in Oniguruma's syntax, as tokenizer.json has them,
// each applied to what the one before it left; what they match and what stands between are pieces.
import type { PreTokenizer } from '../nodes/context.ts';
import { SplitPreTokenizer } from './huggingface.ts';

/** Patterns by name, in the order they are applied. */
export const preTokenizers: Record<PreTokenizer, readonly string[]> = {
  // An optional mark with letters, up to three digits, punctuation with a leading space and the line breaks after it, line breaks,
  // spaces (the last one goes to the next word).
  default: [
    '[^\\r\\n\\p{L}\\p{N}]?[\\p{L}\\p{M}]+|\\p{N}{1,3}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+',
  ],
  gpt2: ["'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+"],
  llama3: [
    "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}{1,3}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+",
  ],
  // DeepSeek-V3: numbers, then Chinese and Japanese, then the rest.
  deepseek: [
    '\\p{N}{1,3}',
    '[一-龥\u3040-ゟ゠-ヿ]+',
    '[!"#$%&\'()*+,\\-./:;<=>?@\\[\\\\\\]^_`{|}~][A-Za-z]+|[^\r\n\\p{L}\\p{P}\\p{S}]?[\\p{L}\\p{M}]+| ?[\\p{P}\\p{S}]+[\r\n]*|\\s*[\r\n]+|\\s+(?!\\S)|\\s+',
  ],
};

/** The pattern of a Split for JavaScript, where \s means other characters; null for what it cannot express. */
export function compile(split: { [key: string]: unknown }): RegExp | null {
  const pattern = split.pattern as { Regex?: string; String?: string } | undefined;
  const given = pattern?.Regex === undefined ? pattern : { Regex: folded(pattern.Regex) };
  return new SplitPreTokenizer({ type: 'Split', pattern: given, behavior: 'Isolated', invert: false }).pattern;
}

/** Where case is ignored, s is also the long s, and k the Kelvin sign: Oniguruma folds as Unicode does. */
function folded(pattern: string): string {
  return pattern.replace(/\(\?i:([^()[\]\\]*)\)/g, (_, inner: string) => {
    const wide = inner.replace(/[sS]/g, '[sS\u017f]').replace(/[kK]/g, '[kK\u212a]');
    return `(?i:${wide})`;
  });
}

/** The patterns of a pre-tokenizer. */
export function patternsOf(name: PreTokenizer): RegExp[] {
  return preTokenizers[name].map((pattern) => {
    const compiled = compile({ pattern: { Regex: pattern } });
    if (compiled === null) throw new Error(`the pattern of ${name} cannot be expressed`);
    return compiled;
  });
}

/** Hands the pieces of a text on, one after another; none is empty. */
export type Cut = (text: string, take: (piece: string) => void) => void;

/** What matches a text depends on nothing but the characters it matches: no looking around, no edges. */
const LOOKS = /\(\?[=!<]|[\^$]|\\[bB]/;

/** Gives a function that cuts texts by patterns. */
export function cutter(patterns: readonly RegExp[]): Cut {
  const levels = patterns.map((pattern) => ({
    search: pattern,
    here: new RegExp(pattern.source, pattern.flags.replace('g', 'y')),
    /** Most last patterns match all of a text; one that once did not is searched for instead. */
    covers: true,
    plain: !LOOKS.test(pattern.source),
    /** Whether it can match in the text at hand. */
    occurs: true,
  }));
  const cut = (text: string, depth: number, take: (piece: string) => void): void => {
    const level = levels[depth];
    if (level === undefined) {
      take(text);
      return;
    }
    if (!level.occurs) {
      cut(text, depth + 1, take);
      return;
    }
    const { here, search } = level;
    let at = 0;
    while (level.covers && at < text.length) {
      here.lastIndex = at;
      if (!here.test(text) || here.lastIndex === at) {
        level.covers = false;
        break;
      }
      const end = here.lastIndex;
      cut(text.slice(at, end), depth + 1, take);
      at = end;
    }
    if (at === text.length) return;
    search.lastIndex = at;
    for (let match = search.exec(text); match !== null; match = search.exec(text)) {
      const { index, 0: found } = match;
      const next = found === '' ? search.lastIndex + 1 : search.lastIndex;
      if (index > at) cut(text.slice(at, index), depth + 1, take);
      if (found !== '') cut(found, depth + 1, take);
      at = index + found.length;
      search.lastIndex = next;
    }
    if (at < text.length) cut(text.slice(at), depth + 1, take);
  };
  return (text, take) => {
    if (text === '') return;
    for (const level of levels) {
      if (!level.plain) continue;
      level.search.lastIndex = 0;
      level.occurs = level.search.test(text);
    }
    cut(text, 0, take);
  };
}

/** Counts the pieces of texts. */
export function newCounter(patterns: readonly RegExp[]) {
  const counts = new Map<string, number>();
  const cut = cutter(patterns);
  const take = (piece: string) => {
    counts.set(piece, (counts.get(piece) ?? 0) + 1);
  };
  return { counts, add: (text: string) => cut(text, take) };
}
