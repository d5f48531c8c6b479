// Gopher's rules for quality (Rae et al. 2021, arXiv:2112.11446, appendix A.1), in the order and to the letter of datatrove's
// GopherQualityFilter.
import { isSpace, LETTERS, SYMBOLS } from '../words.ts';
import { amount, type Judged, type Reason, type Standard, share } from './limits.ts';
import { eachLine, occurrences } from './lines.ts';

export function gopher(judged: Judged, { limits, stopWords, without }: Standard): Reason {
  const { text, ids, count, words } = judged;
  const on = (rule: string) => !without.has(rule);
  let worded = 0;
  let characters = 0;
  let lettered = 0;
  for (let i = 0; i < count; i++) {
    const flags = words.flags(ids[i] as number);
    if ((flags & SYMBOLS) === 0) {
      worded++;
      characters += words.length(ids[i] as number);
    }
    if ((flags & LETTERS) !== 0) lettered++;
  }
  if (on('gopher_min_words') && worded < limits.gopher_min_words) {
    return `gopher_min_words: ${counted(worded, 'word')}, at least ${limits.gopher_min_words} wanted`;
  }
  if (on('gopher_max_words') && worded > limits.gopher_max_words) {
    return `gopher_max_words: ${counted(worded, 'word')}, at most ${limits.gopher_max_words} wanted`;
  }
  // Without words this is no number, and nothing is true of it.
  const mean = characters / worded;
  if (on('gopher_min_word_length') && mean < limits.gopher_min_word_length) {
    const limit = limits.gopher_min_word_length;
    return `gopher_min_word_length: words have ${amount(mean, limit)} characters on average, at least ${limit} wanted`;
  }
  if (on('gopher_max_word_length') && mean > limits.gopher_max_word_length) {
    const limit = limits.gopher_max_word_length;
    return `gopher_max_word_length: words have ${amount(mean, limit)} characters on average, at most ${limit} wanted`;
  }
  const symbols = limits.gopher_max_symbols;
  if (on('gopher_max_symbols') && count > 0) {
    const hashes = occurrences(text, '#') / count;
    if (hashes > symbols) {
      return `gopher_max_symbols: ${amount(hashes, symbols)} number signs a word, at most ${symbols} wanted`;
    }
    const ellipses = (occurrences(text, '...') + occurrences(text, '…')) / count;
    if (ellipses > symbols) {
      return `gopher_max_symbols: ${amount(ellipses, symbols)} ellipses a word, at most ${symbols} wanted`;
    }
  }
  const shape = byLines(text, limits, on);
  if (shape !== null) return shape;
  const letters = lettered / count;
  if (on('gopher_min_letters') && letters < limits.gopher_min_letters) {
    const limit = limits.gopher_min_letters;
    return `gopher_min_letters: ${share(letters, limit)} of the words hold a letter, at least ${share(limit, 0)} should`;
  }
  if (on('gopher_min_stop_words')) {
    const found = new Set<number>();
    for (let i = 0; i < count && found.size < limits.gopher_min_stop_words; i++) {
      const id = ids[i] as number;
      if (words.length(id) < 20 && stopWords.has(words.text(id))) found.add(id);
    }
    if (found.size < limits.gopher_min_stop_words) {
      const wanted = limits.gopher_min_stop_words;
      return `gopher_min_stop_words: ${found.size} of the words "the", "of", ... in it, at least ${wanted} wanted`;
    }
  }
  return null;
}

/** Lines that begin as an item of a list, or end in an ellipsis. */
function byLines(text: string, limits: Standard['limits'], on: (rule: string) => boolean): Reason {
  if (!on('gopher_max_bullets') && !on('gopher_max_ellipses')) return null;
  let lines = 0;
  let bullets = 0;
  let ellipses = 0;
  eachLine(text, (line) => {
    lines++;
    let start = 0;
    while (start < line.length && isSpace(line.charCodeAt(start))) start++;
    const first = line.charCodeAt(start);
    if (first === 0x2022 || first === 0x2d) bullets++;
    let end = line.length;
    while (end > 0 && isSpace(line.charCodeAt(end - 1))) end--;
    const last = line.charCodeAt(end - 1);
    if (last === 0x2026 || (last === 0x2e && line.startsWith('...', end - 3) && end >= 3)) ellipses++;
  });
  const listed = bullets / lines;
  if (on('gopher_max_bullets') && listed > limits.gopher_max_bullets) {
    const limit = limits.gopher_max_bullets;
    return `gopher_max_bullets: ${share(listed, limit)} of the lines are bullets, at most ${share(limit, 0)} may be`;
  }
  const trailing = ellipses / lines;
  if (on('gopher_max_ellipses') && trailing > limits.gopher_max_ellipses) {
    const limit = limits.gopher_max_ellipses;
    return `gopher_max_ellipses: ${share(trailing, limit)} of the lines end in an ellipsis, at most ${share(limit, 0)} may`;
  }
  return null;
}

const counted = (count: number, noun: string) => `${count} ${noun}${count === 1 ? '' : 's'}`;
