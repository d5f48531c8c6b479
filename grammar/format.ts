// The one look of a Dsk file: `=` aligned over the file, lines broken at 100 columns with what follows two columns inside
// of the value, the user's own line breaks between arguments and single empty lines kept. Only white space changes.
import type { IToken } from 'chevrotain';
import type { Diagnostic, Span } from './diagnostic.ts';
import { type Gap, layLines, type Piece, withComment } from './lines.ts';
import { parse } from './parse.ts';
import * as t from './tokens.ts';
import type { Comment, Document, Statement } from './tree.ts';
import { textWidth } from './width.ts';

const SKIP = 'skip ';
export const WIDEST_NAME = 16; // longer names do not push all other values to the right

export interface Formatted {
  /** The text in its one look; the text as it was where it has errors. */
  readonly text: string;
  readonly changed: boolean;
  /** Of the text before; formatted only where none of them is an error. */
  readonly diagnostics: readonly Diagnostic[];
}

/** Formats a file. Comments, the tree, the line endings (the ones used most), a byte order mark and single empty lines
 *  stay; formatting twice changes nothing. A text with errors is returned as it is. */
export function format(text: string): Formatted {
  const { document, diagnostics } = parse(text);
  if (diagnostics.some(({ severity }) => severity === 'error')) return { text, changed: false, diagnostics };
  const mark = text.startsWith('\ufeff') ? '\ufeff' : '';
  const lines = layDocument(text, document);
  const ending = lineEnding(text);
  const formatted = mark + lines.map((line) => line + ending).join('');
  return { text: formatted, changed: formatted !== text, diagnostics };
}

/** The line ending used most in a text; LF where none is. */
export function lineEnding(text: string): string {
  const crlf = text.split('\r\n').length - 1;
  const lf = text.split('\n').length - 1 - crlf;
  const cr = text.split('\r').length - 1 - crlf;
  if (crlf > lf && crlf >= cr) return '\r\n';
  return cr > lf ? '\r' : '\n';
}

type Entry = { readonly span: Span } & (
  | { readonly type: 'version'; readonly value: number }
  | { readonly type: 'statement'; readonly statement: Statement }
  | { readonly type: 'comment'; readonly comment: Comment }
);

function layDocument(text: string, document: Document): string[] {
  const columns = valueColumns(document.statements);
  const tokens = t.tokenize(text);
  const lines: string[] = [];
  let at = 0; // index into the tokens
  let before: Entry | null = null;
  for (const entry of entries(document)) {
    const gap: string = text.slice(before?.span.end ?? entry.span.start, entry.span.start);
    if (entry.type === 'comment' && before && !entry.comment.ownLine) {
      lines.push(withComment(lines.pop() ?? '', entry.comment, column(text, entry.span.start)));
    } else {
      if (newLines(gap) > 1) lines.push('');
      if (entry.type === 'comment') lines.push(entry.comment.text);
      else if (entry.type === 'version') lines.push(`dsk ${entry.value}`);
      else {
        while ((tokens[at]?.startOffset ?? Number.POSITIVE_INFINITY) < entry.span.start) at++;
        const from = at;
        while ((tokens[at]?.startOffset ?? Number.POSITIVE_INFINITY) < entry.span.end) at++;
        lines.push(...layStatement(text, entry.statement, tokens.slice(from, at), columns));
      }
    }
    before = entry;
  }
  return lines;
}

/** What stands at the top level, in order: comments inside of statements left out. */
function entries(document: Document): Entry[] {
  const code: Entry[] = document.statements.map((statement) => ({
    type: 'statement',
    statement,
    span: statement.span,
  }));
  if (document.version) code.unshift({ type: 'version', ...document.version });
  const list: Entry[] = [];
  let next = 0;
  for (const comment of document.comments) {
    while (next < code.length && (code[next] as Entry).span.start < comment.span.start)
      list.push(code[next++] as Entry);
    const last = code[next - 1];
    if (!last || comment.span.start >= last.span.end) list.push({ type: 'comment', comment, span: comment.span });
  }
  list.push(...code.slice(next));
  return list;
}

/** Where values begin, for nodes and for params. */
function valueColumns(statements: readonly Statement[]): Record<Statement['type'], number> {
  const widest = (type: Statement['type']) => {
    const widths = statements.filter((one) => one.type === type).map((one) => textWidth(one.name.text));
    return widths.filter((width) => width <= WIDEST_NAME).reduce((most, width) => Math.max(most, width), 0);
  };
  return { node: widest('node'), param: widest('param') };
}

function layStatement(
  text: string,
  statement: Statement,
  tokens: readonly IToken[],
  columns: Record<Statement['type'], number>,
): string[] {
  const { type, name } = statement;
  const word = type === 'param' ? 'param ' : statement.skip ? SKIP : '';
  // `skip` takes the room of the spaces before `=`, and moves no other line: they stand as they do without it
  const lead = type === 'param' ? word.length : 0;
  const width = Math.max(lead + columns[type], lead + textWidth(name.text));
  const head = (word + name.text).padEnd(
    word.length + name.text.length + Math.max(0, width - textWidth(word + name.text)),
  );
  const pieces: Piece[] = [];
  let gap: Gap = { breaks: 0, comments: [] };
  for (const token of tokens) {
    if (token.tokenType === t.NewLine) gap = { ...gap, breaks: gap.breaks + 1 };
    else if (token.tokenType === t.CommentToken) {
      const ownLine = gap.breaks > 0;
      const comment = {
        text: token.image.trimEnd(),
        ownLine,
        column: column(text, token.startOffset),
        blank: gap.breaks > 1,
      };
      gap = { breaks: 0, comments: [...gap.comments, comment] };
    } else {
      if (token.startOffset >= statement.value.span.start)
        pieces.push({ image: token.image, type: token.tokenType, gap });
      gap = { breaks: 0, comments: [] };
    }
  }
  return layLines(`${head} = `, pieces, width + 3);
}

function column(text: string, offset: number): number {
  let start = offset;
  while (start > 0 && text[start - 1] !== '\n' && text[start - 1] !== '\r') start--;
  return textWidth(text.slice(start, offset).replace('\ufeff', ''));
}

const newLines = (gap: string) => gap.match(/\r\n|\n|\r/g)?.length ?? 0;
