// E-mail addresses, by the pattern of datatrove's PIIFormatter (after RFC 5322: dots, digits, letters and a few signs before the @, a
// domain with a dot or an IPv4 address in square brackets after it).
import type { Span } from './spans.ts';

const domain =
  /(?:[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?\.)+[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?|\[(?:(?:25[0-5]|2[0-4]\d|[01]?\d?\d)\.){3}(?:25[0-5]|2[0-4]\d|[01]?\d?\d)\]/y;
const local = new Set(
  [..."abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789!#$%&'*+/=?^_`{|}~-"].map((c) => c.charCodeAt(0)),
);
const DOT = 46;
const word = /[\p{L}\p{N}_]/u;

/** Found by their @, so that text without one costs next to nothing. */
export function* emails(text: string): Generator<Span> {
  let done = 0;
  for (let at = text.indexOf('@'); at >= 0; at = text.indexOf('@', Math.max(at + 1, done))) {
    const start = localStart(text, at, done);
    if (start < 0) continue;
    domain.lastIndex = at + 1;
    const match = domain.exec(text);
    if (!match) continue;
    done = domain.lastIndex;
    yield { start, end: done };
  }
}

/** Where the part before the @ begins, or -1: at the border of a word, with single dots inside only. */
function localStart(text: string, at: number, from: number): number {
  let start = at;
  while (start > from) {
    const code = text.charCodeAt(start - 1);
    if (!local.has(code) && (code !== DOT || start === at || text.charCodeAt(start) === DOT)) break;
    start--;
  }
  const isWord = (i: number) => i >= 0 && word.test(text[i] as string);
  for (; start < at; start++) {
    if (text.charCodeAt(start) !== DOT && isWord(start - 1) !== isWord(start)) return start;
  }
  return -1;
}
