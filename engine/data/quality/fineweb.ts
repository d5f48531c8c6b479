// FineWeb's own rules (Penedo et al. 2024, arXiv:2406.17557), in the order and to the letter of datatrove's FineWebQualityFilter.
import { codePoints, endsSentence } from '../words.ts';
import { amount, type Judged, type Reason, type Standard, share } from './limits.ts';
import { eachPart, occurrences, openRepeats, stripped } from './lines.ts';

export function fineweb(judged: Judged, { limits, shortLine, without }: Standard): Reason {
  const { text, length, count } = judged;
  const on = (rule: string) => !without.has(rule);
  const lines: string[] = [];
  eachPart(text, (line) => {
    if (stripped(line) !== '') lines.push(line);
  });
  if (lines.length === 0) return 'fineweb: there is no text';
  if (on('fineweb_min_ended_lines')) {
    const ended = lines.filter(endsSentence).length / lines.length;
    const limit = limits.fineweb_min_ended_lines;
    if (ended < limit) {
      return `fineweb_min_ended_lines: ${share(ended, limit)} of the lines end a sentence, at least ${share(limit, 0)} should`;
    }
  }
  if (on('fineweb_max_short_lines')) {
    const short = lines.filter((line) => codePoints(line) <= shortLine).length / lines.length;
    const limit = limits.fineweb_max_short_lines;
    if (short > limit) {
      return `fineweb_max_short_lines: ${share(short, limit)} of the lines have ${shortLine} characters or fewer, at most ${share(limit, 0)} may`;
    }
  }
  if (on('fineweb_max_repeated_text')) {
    const repeats = openRepeats();
    for (const line of lines) repeats.add(line);
    const same = repeats.characters / (length - occurrences(text, '\n'));
    const limit = limits.fineweb_max_repeated_text;
    if (same > limit) {
      return `fineweb_max_repeated_text: ${share(same, limit)} of the text are repeated lines, at most ${share(limit, 0)} may be`;
    }
  }
  if (on('fineweb_max_line_breaks')) {
    const breaks = occurrences(text, '\n') / count;
    const limit = limits.fineweb_max_line_breaks;
    if (breaks > limit)
      return `fineweb_max_line_breaks: ${amount(breaks, limit)} line breaks a word, at most ${limit} wanted`;
  }
  return null;
}
