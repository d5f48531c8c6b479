// C4's cleaning (Raffel et al. 2020, arXiv:1910.10683), to the letter of datatrove's C4QualityFilter: line by line, so that a text that
// passes is left with its good lines only.
import { isSpace, type Words } from '../words.ts';
import type { Reason, Standard } from './limits.ts';
import { eachLine, stripped } from './lines.ts';

const citation = /\[\d*\]|\[edit\]|\[citation needed\]/g;
const policies = ['terms of use', 'privacy policy', 'cookie policy', 'uses cookies', 'use of cookies', 'use cookies'];

/** The text that is left, or why nothing is. */
export function c4(
  text: string,
  words: Words,
  { limits, without }: Standard,
): { reason: string } | { reason: null; text: string } {
  const on = (rule: string) => !without.has(rule);
  const [citations, ending, latin, script, brace, policy] = [
    on('c4_citations'),
    on('c4_ending'),
    on('c4_lorem_ipsum'),
    on('c4_javascript'),
    on('c4_brace'),
    on('c4_policy'),
  ];
  const longest = on('c4_max_word_length') ? limits.c4_max_word_length : Number.POSITIVE_INFINITY;
  const fewest = on('c4_min_line_words') ? limits.c4_min_line_words : 0;
  const counting = on('c4_min_sentences');
  const kept = openText();
  let sentences = 0;
  let reason: string | null = null;
  eachLine(text, (raw) => {
    let line = stripped(raw);
    const bare = line;
    if (citations && line.includes('[')) line = line.replace(citation, '');
    if (ending && !isEnded(line)) return false;
    if (!hasWords(bare, fewest, longest)) return false;
    const low = line.toLowerCase();
    if (latin && low.includes('lorem ipsum')) reason = 'c4_lorem_ipsum: "lorem ipsum" in it';
    else if (script && low.includes('javascript')) return false;
    else if (brace && line.includes('{')) reason = 'c4_brace: a curly bracket in it';
    if (reason !== null) return true;
    if (policy && policies.some((phrase) => low.includes(phrase))) return false;
    if (counting) sentences += words.sentences(line);
    kept.add(line);
    return false;
  });
  if (reason !== null) return { reason };
  if (counting && sentences < limits.c4_min_sentences) return { reason: few(sentences, limits.c4_min_sentences) };
  return { reason: null, text: stripped(kept.text()) };
}

/** Lines held at once: joined so many at a time, they take little more than their text. */
const LINES = 4096;

function openText(): { add(line: string): void; text(): string } {
  const pieces: string[] = [];
  let lines: string[] = [];
  return {
    add(line) {
      lines.push(line);
      if (lines.length < LINES) return;
      pieces.push(lines.join('\n'));
      lines = [];
    },
    text: () => [...pieces, ...(lines.length > 0 ? [lines.join('\n')] : [])].join('\n'),
  };
}

const few = (sentences: number, wanted: number): NonNullable<Reason> =>
  `c4_min_sentences: ${sentences} sentence${sentences === 1 ? '' : 's'} in good lines, at least ${wanted} wanted`;

function isEnded(line: string): boolean {
  const last = line.at(-1);
  return last === '.' ? !line.endsWith('...') : last === '?' || last === '!' || last === '"' || last === "'";
}

/** Whether there are at least `fewest` words between white space, none longer than `longest`. */
function hasWords(line: string, fewest: number, longest: number): boolean {
  let words = 0;
  let start = -1;
  let pairs = 0;
  for (let at = 0; at <= line.length; at++) {
    const code = at < line.length ? line.charCodeAt(at) : 32;
    if (isSpace(code)) {
      if (start >= 0 && at - start - pairs > longest) return false;
      start = -1;
      continue;
    }
    if (start < 0) {
      start = at;
      pairs = 0;
      words++;
    }
    if (code >= 0xd800 && code < 0xdc00) pairs++;
  }
  return words >= fewest;
}
