// Lines and white space of texts as Python has them, on which the published filters rest.
import { codePoints, isSpace } from '../words.ts';

/**
 * Hands over the lines one by one, as str.splitlines cuts them (an end of line at the very end makes no further line), until it is
 * told to stop: a text may be nothing but ends of lines, and a list of its lines many times as large.
 */
export function eachLine(text: string, stop: (line: string) => boolean | void): void {
  const { length } = text;
  let start = 0;
  for (let at = 0; at < length; at++) {
    const code = text.charCodeAt(at);
    if ((code > 0x1e && code < 0x85) || !isBreak(code)) continue;
    if (stop(text.slice(start, at)) === true) return;
    if (code === 13 && text.charCodeAt(at + 1) === 10) at++;
    start = at + 1;
  }
  if (start < length) stop(text.slice(start));
}

const isBreak = (code: number): boolean =>
  (code >= 10 && code <= 13) || (code >= 0x1c && code <= 0x1e) || code === 0x85 || code === 0x2028 || code === 0x2029;

/** As `eachLine` for what stands between runs of line feeds, also before the first and behind the last: re.split('\\n+'). */
export function eachPart(text: string, take: (part: string) => void): void {
  for (let at = 0; ; ) {
    const end = text.indexOf('\n', at);
    take(end < 0 ? text.slice(at) : text.slice(at, end));
    if (end < 0) return;
    at = end + 1;
    while (text.charCodeAt(at) === 10) at++;
  }
}

/** str.strip. */
export function stripped(text: string): string {
  let start = 0;
  let end = text.length;
  while (start < end && isSpace(text.charCodeAt(start))) start++;
  while (end > start && isSpace(text.charCodeAt(end - 1))) end--;
  return start === 0 && end === text.length ? text : text.slice(start, end);
}

/** Texts one by one: how many there were, how many repeated an earlier one, and how many characters those have. */
export interface Repeats {
  all: number;
  count: number;
  characters: number;
  add(text: string): void;
}

export function openRepeats(): Repeats {
  const seen = new Set<string>();
  return {
    all: 0,
    count: 0,
    characters: 0,
    add(text) {
      this.all++;
      const before = seen.size;
      if (seen.add(text).size > before) return;
      this.count++;
      this.characters += codePoints(text);
    },
  };
}

/** How often a text stands in another, without overlaps. */
export function occurrences(text: string, of: string): number {
  let found = 0;
  for (let at = text.indexOf(of); at >= 0; at = text.indexOf(of, at + of.length)) found++;
  return found;
}
