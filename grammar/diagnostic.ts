// What every check reports: a stable code, a place, a message and, where possible, a fix that is a list of text edits.
// Offsets count UTF-16 units, as JavaScript strings and the editor do; lines and columns are for people.
export { closest } from './closest.ts';
export { formatDiagnostic } from './report.ts';

/** Half-open range of UTF-16 offsets. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/** Replaces the characters from `start` up to `end` with `text`; an insertion where both are equal. */
export interface TextEdit {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

export interface Fix {
  readonly title: string;
  readonly edits: readonly TextEdit[];
}

export type Severity = 'error' | 'warning' | 'info';

export interface Diagnostic {
  readonly severity: Severity;
  readonly code: string;
  readonly message: string;
  readonly span: Span;
  readonly notes?: readonly string[];
  readonly fixes?: readonly Fix[];
}

/** Where an offset lies: line and column from 1, the column counted in code points. LF, CRLF and CR each end a line; a
 *  byte order mark takes no column. An offset past the end is taken as the end. */
export function lineColumn(text: string, offset: number): { line: number; column: number } {
  const end = Math.max(0, Math.min(offset, text.length));
  let line = 1;
  let start = text.charCodeAt(0) === 0xfeff ? 1 : 0;
  for (let i = start; i < end; i++) {
    const unit = text.charCodeAt(i);
    if (unit === 0x0a || (unit === 0x0d && text.charCodeAt(i + 1) !== 0x0a)) {
      line++;
      start = i + 1;
    }
  }
  let column = 1;
  for (let i = start; i < end; i++) {
    const unit = text.charCodeAt(i);
    const low = unit >= 0xdc00 && unit < 0xe000;
    const afterHigh = i > start && text.charCodeAt(i - 1) >= 0xd800 && text.charCodeAt(i - 1) < 0xdc00;
    if (!(low && afterHigh)) column++;
  }
  return { line, column };
}

/** The text with all edits applied. Edits refer to the text before; several insertions at one place keep their order.
 *  Throws a RangeError where two edits overlap or one lies outside the text. */
export function applyEdits(text: string, edits: readonly TextEdit[]): string {
  const sorted = edits
    .map((edit, order) => ({ edit, order }))
    .sort((a, b) => a.edit.start - b.edit.start || a.edit.end - b.edit.end || a.order - b.order)
    .map(({ edit }) => edit);
  let result = '';
  let at = 0;
  for (const edit of sorted) {
    if (edit.start < at || edit.end < edit.start || edit.end > text.length) {
      throw new RangeError(`edit ${edit.start}-${edit.end} overlaps another or lies outside the text (${text.length})`);
    }
    result += text.slice(at, edit.start) + edit.text;
    at = edit.end;
  }
  return result + text.slice(at);
}
