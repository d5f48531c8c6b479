// Lines and white space of texts as Python has them, on which the published filters rest.
import { codePoints, isSpace } from '../words.ts';

const breaks = /\r\n|[\n\r\v\f\x1c-\x1e\x85\u2028\u2029]/;

/** str.splitlines: an end of line at the very end makes no further line. */
export function linesOf(text: string): string[] {
  const lines = text.split(breaks);
  if (lines.at(-1) === '') lines.pop();
  return lines;
}

/** str.strip. */
export function stripped(text: string): string {
  let start = 0;
  let end = text.length;
  while (start < end && isSpace(text.charCodeAt(start))) start++;
  while (end > start && isSpace(text.charCodeAt(end - 1))) end--;
  return start === 0 && end === text.length ? text : text.slice(start, end);
}

/** Those that repeat an earlier one, and how many characters they have. */
export function repeated(texts: readonly string[]): { count: number; characters: number } {
  const seen = new Set<string>();
  let characters = 0;
  for (const text of texts) {
    const before = seen.size;
    if (seen.add(text).size === before) characters += codePoints(text);
  }
  return { count: texts.length - seen.size, characters };
}
