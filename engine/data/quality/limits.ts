// The rules that texts are judged by, each under the name that reasons begin with, and how reasons say what was found.
import type { Words } from '../words.ts';

/** A text that is judged, with what the rules of all sets need of it. */
export interface Judged {
  text: string;
  /** In code points. */
  length: number;
  /** Ids of its words, in order; the first `count` hold. */
  ids: Int32Array;
  count: number;
  words: Words;
}

/** Thresholds by the rule's name. */
export interface Limits {
  gopher_min_words: number;
  gopher_max_words: number;
  gopher_min_word_length: number;
  gopher_max_word_length: number;
  gopher_max_symbols: number;
  gopher_max_bullets: number;
  gopher_max_ellipses: number;
  gopher_min_letters: number;
  gopher_min_stop_words: number;
  repetition_max_paragraphs: number;
  repetition_max_paragraph_text: number;
  repetition_max_lines: number;
  repetition_max_line_text: number;
  repetition_top_ngrams: readonly number[];
  repetition_ngrams: readonly number[];
  c4_max_word_length: number;
  c4_min_line_words: number;
  c4_min_sentences: number;
  fineweb_min_ended_lines: number;
  fineweb_max_short_lines: number;
  fineweb_max_repeated_text: number;
  fineweb_max_line_breaks: number;
}

/** Rules without a threshold. */
export type Switch = 'c4_citations' | 'c4_ending' | 'c4_lorem_ipsum' | 'c4_javascript' | 'c4_brace' | 'c4_policy';

export type RuleName = keyof Limits | Switch;

/** What the rules are held to. */
export interface Standard {
  limits: Limits;
  /** Words of which `gopher_min_stop_words` different ones are wanted. */
  stopWords: ReadonlySet<string>;
  /** `fineweb_max_short_lines`: a line of at most so many characters is short. */
  shortLine: number;
  /** Rules left out. */
  without: ReadonlySet<string>;
}

/** Why a text is not wanted: "gopher_max_bullets: 95% of the lines are bullets, at most 90% may be"; null where it is. */
export type Reason = string | null;

/** A share as percent, with as many digits as it takes to tell it from the limit. */
export function share(value: number, limit: number): string {
  for (let digits = 0; digits < 6; digits++) {
    const text = (value * 100).toFixed(digits);
    if (digits >= 2 || Number(text) === Number((value * 100).toFixed(digits + 2))) {
      if (Number(text) !== limit * 100) return `${Number(text)}%`;
    }
  }
  return `${value * 100}%`;
}

/** A mean or count, likewise. */
export function amount(value: number, limit: number): string {
  for (let digits = 1; digits < 12; digits++) {
    const number = Number(value.toFixed(digits));
    if (number !== limit) return String(number);
  }
  return String(value);
}
