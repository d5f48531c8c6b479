// CSV, record by record (RFC 4180), for files that DuckDB's reader makes no sense of, or would lose rows of: quotes that are not
// closed, line ends of several kinds, very long rows, other encodings. A record that does not fit costs one line, not all that
// follow.
import { BROKEN, LONGEST, type Source, textOf, tooLong } from './text.ts';

export interface CsvRecord {
  /** As it stands in the file, without its line end. */
  text: string;
  /** Where it begins, from 1. */
  line: number;
  /** Line ends within quotes. */
  breaks: number;
  /** Values, or what is wrong. */
  values: number | 'quote' | 'open' | 'bytes';
  /** Values up to the last that is not empty. */
  filled: number;
}

/** A quoted value that goes on for longer than this, in characters, counts as one whose quote was never closed. */
const OPEN = 16 << 20;

/** Records of a CSV file, batch by batch, blank lines included (as 0 values). */
export async function* records(source: Source, delimiter: string): AsyncGenerator<CsvRecord[]> {
  let rest = '';
  let line = 1;
  // A record that is not finished is looked at again when there is twice as much of it.
  let wait = 0;
  for await (const piece of textOf(source)) {
    rest += piece;
    if (rest.length < wait) continue;
    const { found, used } = cut(rest, delimiter, line, false);
    line = nextLine(found, line);
    rest = rest.slice(used);
    wait = found.length > 0 ? 0 : 2 * rest.length;
    if (rest.length > LONGEST) throw tooLong(source.path);
    if (found.length > 0) yield found;
  }
  while (rest !== '') {
    const { found, used } = cut(rest, delimiter, line, true);
    line = nextLine(found, line);
    rest = rest.slice(used);
    yield found;
  }
}

function nextLine(found: readonly CsvRecord[], line: number): number {
  const last = found.at(-1);
  return last ? last.line + last.breaks + 1 : line;
}

/** Whole records at the beginning of a text, and the characters they take. `all`: nothing comes behind it. */
function cut(text: string, delimiter: string, first: number, all: boolean): { found: CsvRecord[]; used: number } {
  const found: CsvRecord[] = [];
  let line = first;
  let at = 0;
  while (at < text.length) {
    const record = recordAt(text, at, delimiter, all);
    if (record === null) break;
    const { end, values, filled } = record;
    const content = text.slice(at, end);
    const breaks = values === 'open' || values === 'quote' || !content.includes('"') ? 0 : lineEnds(content);
    found.push({ text: content, line, breaks, filled, values: content.includes(BROKEN) ? 'bytes' : values });
    line += breaks + 1;
    at = end + endLength(text, end);
  }
  return { found, used: Math.min(at, text.length) };
}

/** Where the record that begins at `start` ends, and its number of values; null where the text ends before it does. */
function recordAt(
  text: string,
  start: number,
  delimiter: string,
  all: boolean,
): { end: number; values: CsvRecord['values']; filled: number } | null {
  const lineEnd = endOfLine(text, start);
  // A carriage return at the very end may be half of a line end.
  const open = !all && (lineEnd === text.length || (text[lineEnd] === '\r' && lineEnd + 1 === text.length));
  let values = 0;
  let filled = 0;
  let at = start;
  if (lineEnd === start) return open ? null : { end: start, values, filled };
  for (;;) {
    values++;
    if (text[at] === '"') {
      const close = closing(text, at + 1);
      if (close < 0) {
        if (!all && text.length - start < OPEN) return null;
        return { end: lineEnd, values: 'open', filled };
      }
      if (close > at + 1) filled = values;
      at = close + 1;
      if (at === text.length) return all ? { end: at, values, filled } : null;
      if (text.startsWith(delimiter, at)) {
        at += delimiter.length;
        continue;
      }
      if (text[at] !== '\n' && text[at] !== '\r') return open ? null : { end: lineEnd, values: 'quote', filled };
      if (text[at] === '\r' && at + 1 === text.length && !all) return null;
      return { end: at, values, filled };
    }
    const end = at <= lineEnd ? lineEnd : endOfLine(text, at);
    const next = text.indexOf(delimiter, at);
    const last = next < 0 || next >= end;
    if ((last ? end : next) > at) filled = values;
    if (!last) {
      at = next + delimiter.length;
      continue;
    }
    const whole = all || (end < text.length && !(text[end] === '\r' && end + 1 === text.length));
    return whole ? { end, values, filled } : null;
  }
}

/** Offset of the quote that closes a value; two in a row are one that belongs to it. -1: there is none. */
function closing(text: string, from: number): number {
  for (let at = text.indexOf('"', from); at >= 0; at = text.indexOf('"', at + 2)) {
    if (text[at + 1] !== '"') return at;
  }
  return -1;
}

function endOfLine(text: string, from: number): number {
  const feed = text.indexOf('\n', from);
  const end = feed < 0 ? text.length : feed;
  // Looked for within the line alone: a file without carriage returns would be searched to its end for each.
  for (let at = from; at < end; at++) if (text.charCodeAt(at) === 13) return at;
  return end;
}

function endLength(text: string, at: number): number {
  return text[at] === '\r' && text[at + 1] === '\n' ? 2 : 1;
}

function lineEnds(text: string): number {
  return text.match(/\r\n|\n|\r/g)?.length ?? 0;
}
