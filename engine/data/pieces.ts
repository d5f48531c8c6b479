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

/** Cuts a text into pieces, none of them empty. */
export function cut(text: string, patterns: readonly RegExp[]): string[] {
  let pieces = text === '' ? [] : [text];
  for (const pattern of patterns)
    pieces = pieces.length === 1 ? cutOne(text, pattern) : pieces.flatMap((piece) => cutOne(piece, pattern));
  return pieces;
}

function cutOne(text: string, pattern: RegExp): string[] {
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

/** Counts the pieces of texts. */
export function newCounter(patterns: readonly RegExp[]) {
  const counts = new Map<string, number>();
  return {
    counts,
    add(text: string): void {
      for (const piece of cut(text, patterns)) counts.set(piece, (counts.get(piece) ?? 0) + 1);
    },
  };
}
