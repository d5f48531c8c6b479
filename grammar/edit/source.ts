// A parsed text as the edits see it, and how an edit is refused.
import { blockAbove, isLineStart } from '../comments.ts';
import type { Diagnostic, Span } from '../diagnostic.ts';
import { lineEnding } from '../format.ts';
import { tick } from '../literal.ts';
import { parse } from '../parse.ts';
import type { Comment, Document, Statement } from '../tree.ts';

export interface Source {
  readonly text: string;
  readonly document: Document;
  readonly errors: readonly Diagnostic[];
  readonly ending: string;
}

export type EditCode =
  | 'edit-unknown'
  | 'edit-broken'
  | 'edit-name'
  | 'edit-value'
  | 'edit-ambiguous'
  | 'edit-shape'
  | 'edit-depth';

/** Why an edit cannot be made; becomes the `error` that `edit` returns. */
export class Refusal extends Error {
  readonly code: EditCode;
  readonly span: Span;
  readonly note: string | null;

  constructor(code: EditCode, message: string, span: Span, note: string | null = null) {
    super(message);
    this.code = code;
    this.span = span;
    this.note = note;
  }
}

export function read(text: string): Source {
  const { document, diagnostics } = parse(text);
  const errors = diagnostics.filter(({ severity }) => severity === 'error');
  return { text, document, errors, ending: lineEnding(text) };
}

/** The one statement of this name. */
export function findStatement({ document }: Source, name: string): Statement {
  const found = document.statements.filter((statement) => statement.name.text === name);
  const [first, second] = found;
  if (!first) throw new Refusal('edit-unknown', `there is no node or param ${tick(name)}`, { start: 0, end: 0 });
  if (second) throw new Refusal('edit-ambiguous', `${tick(name)} is defined ${found.length} times`, second.name.span);
  return first;
}

/** Refuses where the statement has syntax errors: its parts may not be what they seem. */
export function requireSound({ errors }: Source, statement: Statement): void {
  const { start, end } = statement.span;
  const found = errors.find(({ span, code }) => {
    return code !== 'syntax-version-missing' && span.start <= end && span.end >= start;
  });
  if (!found) return;
  const message = `${tick(statement.name.text)} cannot be changed while it has a syntax error`;
  throw new Refusal('edit-broken', message, found.span, found.message);
}

export const slice = ({ text }: Source, span: Span) => text.slice(span.start, span.end);

export const isInside = (inner: Span, outer: Span) => inner.start >= outer.start && inner.end <= outer.end;

export const commentsIn = ({ document }: Source, span: Span): Comment[] =>
  document.comments.filter((comment) => isInside(comment.span, span));

/** Start of the line an offset lies in; after a byte order mark. */
export function lineStart(text: string, offset: number): number {
  let at = offset;
  while (at > 0 && !isBreak(text[at - 1])) at--;
  return at === 0 && text[0] === '\ufeff' ? 1 : at;
}

/** End of the line an offset lies in, before its line ending. */
export function lineEnd(text: string, offset: number): number {
  let at = offset;
  while (at < text.length && !isBreak(text[at])) at++;
  return at;
}

/** After the line ending at `offset`, if there is one. */
export function afterBreak(text: string, offset: number): number {
  if (text.startsWith('\r\n', offset)) return offset + 2;
  return isBreak(text[offset]) ? offset + 1 : offset;
}

export const isBreak = (character: string | undefined) => character === '\n' || character === '\r';

export function skipSpaces(text: string, offset: number): number {
  let at = offset;
  while (text[at] === ' ' || text[at] === '\t') at++;
  return at;
}

export function skipSpacesBack(text: string, offset: number): number {
  let at = offset;
  while (text[at - 1] === ' ' || text[at - 1] === '\t') at--;
  return at;
}

/** The next offset at which neither white space nor a comment stands. */
export function skipTrivia(text: string, offset: number): number {
  let at = offset;
  for (;;) {
    while (text[at] !== undefined && /\s/.test(text[at] as string)) at++;
    if (text[at] !== '#') return at;
    at = lineEnd(text, at);
  }
}

/** The white space an offset's line begins with. */
export function indentation(text: string, offset: number): string {
  const start = lineStart(text, offset);
  return text.slice(start, skipSpaces(text, start));
}

/** Where the lines of a statement begin, its comment block above included. */
export function statementTop({ text, document }: Source, statement: Statement): number {
  const [first] = blockAbove(text, document.comments, statement.span.start);
  return lineStart(text, first?.span.start ?? statement.span.start);
}

/** Whether only white space stands before it in its line. */
export const opensLine = ({ text }: Source, span: Span) => isLineStart(text, span.start);
