// Gopher's rules against repetition (Rae et al. 2021, arXiv:2112.11446, table A1), in the order and to the letter of datatrove's
// GopherRepetitionFilter: repeated lines and paragraphs, the most frequent 2- to 4-gram, repeated 5- to 10-grams.
import type { Judged, Reason, Standard } from './limits.ts';
import { share } from './limits.ts';
import { eachPart, openRepeats, stripped } from './lines.ts';
import { repeatedRuns, topRuns } from './ngrams.ts';

const FIRST_TOP = 2;
const FIRST_REPEATED = 5;

export function repetition(judged: Judged, { limits, without }: Standard): Reason {
  const { text, length } = judged;
  if (text === '') return 'repetition: there is no text';
  const on = (rule: string) => !without.has(rule);
  if (on('repetition_max_paragraphs') || on('repetition_max_paragraph_text')) {
    const found = openRepeats();
    for (const paragraph of stripped(text).split(/\n{2,}/)) found.add(paragraph);
    const reason =
      above('repetition_max_paragraphs', found.count / found.all, 'of the paragraphs are repetitions') ??
      above('repetition_max_paragraph_text', found.characters / length, 'of the text are repeated paragraphs');
    if (reason !== null) return reason;
  }
  if (on('repetition_max_lines') || on('repetition_max_line_text')) {
    const found = openRepeats();
    eachPart(text, (line) => found.add(line));
    const reason =
      above('repetition_max_lines', found.count / found.all, 'of the lines are repetitions') ??
      above('repetition_max_line_text', found.characters / length, 'of the text are repeated lines');
    if (reason !== null) return reason;
  }
  if (on('repetition_top_ngrams')) {
    const reason = overLimits(
      'repetition_top_ngrams',
      topRuns(judged, FIRST_TOP, limits.repetition_top_ngrams.length),
      (i) => `of the text are the same ${FIRST_TOP + i} words`,
    );
    if (reason !== null) return reason;
  }
  if (on('repetition_ngrams')) {
    return overLimits(
      'repetition_ngrams',
      repeatedRuns(judged, FIRST_REPEATED, limits.repetition_ngrams.length),
      (i) => `of the text are repeated runs of ${FIRST_REPEATED + i} words`,
    );
  }
  return null;

  function above(rule: ShareRule, value: number, what: string): Reason {
    return on(rule) && value > limits[rule] ? said(rule, value, limits[rule], what) : null;
  }

  function overLimits(rule: GramRule, found: Iterable<number>, what: (i: number) => string): Reason {
    let i = 0;
    for (const characters of found) {
      const limit = limits[rule][i] as number;
      if (characters / length > limit) return said(rule, characters / length, limit, what(i));
      i++;
    }
    return null;
  }
}

type GramRule = 'repetition_top_ngrams' | 'repetition_ngrams';
type ShareRule =
  | 'repetition_max_paragraphs'
  | 'repetition_max_paragraph_text'
  | 'repetition_max_lines'
  | 'repetition_max_line_text';

const said = (rule: string, value: number, limit: number, what: string) =>
  `${rule}: ${share(value, limit)} ${what}, at most ${share(limit, 0)} may be`;
