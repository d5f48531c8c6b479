// Puts entries into calls and lists and takes them out, so that commas, comments and lines stay as they should.
import type { Span, TextEdit } from '../diagnostic.ts';
import { LINE_WIDTH } from '../lines.ts';
import type { Call, ListLiteral, Statement } from '../tree.ts';
import { textWidth } from '../width.ts';
import * as s from './source.ts';

/** The entries between two brackets. */
export interface Sequence {
  /** Just after the opening bracket. */
  readonly open: number;
  readonly entries: readonly Span[];
}

/** A piped argument stands before the brackets and is not an entry. */
export function sequenceOf(part: Call | ListLiteral): Sequence {
  if (part.type === 'list') return { open: part.span.start + 1, entries: part.items.map((item) => item.span) };
  const entries = part.arguments.filter((argument) => !argument.piped).map((argument) => argument.span);
  return { open: part.parentheses.start + 1, entries };
}

/** Inserts an entry before the one at `index`, or after the last: on a line of its own where all entries have one. */
export function insertEntry(
  source: s.Source,
  statement: Statement,
  { open, entries }: Sequence,
  index: number,
  entry: string,
): TextEdit[] {
  const { text, ending } = source;
  const next = entries[index];
  const ownLines = entries.length > 0 && entries.every((span) => s.opensLine(source, span));
  if (next) {
    const gap = ownLines ? `,${ending}${s.indentation(text, next.start)}` : ', ';
    return [insertion(next.start, entry + gap)];
  }
  const last = entries.at(-1);
  if (!last) return [insertion(open, text[open] === '#' ? `${entry} ` : entry)];
  if (!ownLines) return [insertion(last.end, `,${gapFor(source, statement, last, entry)}${entry}`)];
  const indent = s.indentation(text, last.start);
  const comma = commaAfter(text, last.end);
  const anchor = comma ? comma.end : last.end;
  const rest = s.skipSpaces(text, anchor);
  const free = text[rest] === '#' || s.isBreak(text[rest]) || rest === text.length;
  if (!free) {
    const line = `${ending}${indent}${entry}`;
    return comma ? [insertion(anchor, `${line},`)] : [insertion(anchor, `,${line}`)];
  }
  const lineEnd = text[rest] === '#' ? s.lineEnd(text, rest) : anchor;
  const line = insertion(lineEnd, `${ending}${indent}${entry}${comma ? ',' : ''}`);
  return comma ? [line] : [insertion(last.end, ','), line];
}

const insertion = (at: number, text: string): TextEdit => ({ start: at, end: at, text });

/** A space, or a new line where the entry would make the line too long. */
function gapFor({ text, ending }: s.Source, statement: Statement, last: Span, entry: string): string {
  const start = s.lineStart(text, last.end);
  const behind = text.slice(last.end, s.lineEnd(text, last.end)).replace(/#.*/u, '').trimEnd();
  const width = textWidth(text.slice(start, last.end)) + 2 + textWidth(entry) + textWidth(behind);
  if (width <= LINE_WIDTH) return ' ';
  const first = start <= statement.span.start;
  const column = textWidth(text.slice(s.lineStart(text, statement.span.start), statement.value.span.start));
  return ending + (first ? ' '.repeat(column + 2) : s.indentation(text, last.end));
}

/** The comma that follows an entry, comments and line ends between skipped. */
export function commaAfter(text: string, end: number): Span | null {
  const at = s.skipTrivia(text, end);
  return text[at] === ',' ? { start: at, end: at + 1 } : null;
}

/** The places to cut so that the entries with these indexes are gone. Comments outside of them stay. */
export function cutEntries(source: s.Source, { entries }: Sequence, gone: ReadonlySet<number>): Span[] {
  const { text } = source;
  const cuts: Span[] = [];
  let kept = entries.length - 1; // last entry that stays
  while (kept >= 0 && gone.has(kept)) kept--;
  const before = entries[kept];
  const tail = entries.slice(kept + 1);
  const last = tail.at(-1);
  const trailingComma = last ? commaAfter(text, last.end) : null;
  if (before && last && !trailingComma) {
    const whole = { start: before.end, end: last.end };
    const loose = s.commentsIn(source, whole).filter(({ span }) => !tail.some((entry) => s.isInside(span, entry)));
    if (loose.length === 0) cuts.push(whole);
    else
      cuts.push(
        ...cutBoth(text, null, commaAfter(text, before.end)),
        ...tail.flatMap((entry) => cutEntry(text, entry)),
      );
  } else cuts.push(...tail.flatMap((entry) => cutEntry(text, entry)));
  entries.slice(0, kept + 1).forEach((entry, i) => {
    if (gone.has(i)) cuts.push(...cutEntry(text, entry));
  });
  return cuts;
}

const cutEntry = (text: string, entry: Span) => cutBoth(text, entry, commaAfter(text, entry.end));

/** Cuts an entry and a comma, as one where only spaces stand between them. */
function cutBoth(text: string, entry: Span | null, comma: Span | null): Span[] {
  if (entry && comma && s.skipSpaces(text, entry.end) === comma.start) {
    return [tidy(text, { start: entry.start, end: comma.end })];
  }
  return [entry, comma].filter((span) => span !== null).map((span) => tidy(text, span));
}

/** Widens a cut over the white space that would be left over: its whole lines, or the spaces on one side. */
function tidy(text: string, cut: Span): Span {
  const left = s.skipSpacesBack(text, cut.start);
  const right = s.skipSpaces(text, cut.end);
  const opensLine = left === s.lineStart(text, cut.start);
  const endsLine = right === text.length || s.isBreak(text[right]);
  if (opensLine && endsLine) return { start: left, end: s.afterBreak(text, right) };
  if (opensLine) return { start: cut.start, end: right };
  if (endsLine || /[)\]#]/.test(text[right] ?? '')) return { start: left, end: cut.end };
  return { start: cut.start, end: right };
}

/** Cuts as edits; overlapping ones become one. One that joins several up to the end of a line takes the spaces before it. */
export function cutEdits(text: string, cuts: readonly Span[]): TextEdit[] {
  const edits: { start: number; end: number; text: string }[] = [];
  for (const { start, end } of [...cuts].sort((a, b) => a.start - b.start)) {
    const last = edits.at(-1);
    if (last && start <= last.end) last.end = Math.max(last.end, end);
    else edits.push({ start, end, text: '' });
  }
  for (const [i, edit] of edits.entries()) {
    const left = Math.max(s.skipSpacesBack(text, edit.start), edits[i - 1]?.end ?? 0);
    if (s.isBreak(text[edit.end]) && left > s.lineStart(text, edit.start)) edit.start = left;
  }
  return edits;
}
