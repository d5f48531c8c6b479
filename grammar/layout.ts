// Decides which line ends are statement ends: those outside of brackets, unless the next line starts with `|>`. An
// unclosed bracket ends where a line clearly starts a new statement, so that one mistake does not swallow the rest.
import type { IToken } from 'chevrotain';
import type { SyntaxCode } from './codes.ts';
import type { Diagnostic, Fix, Span } from './diagnostic.ts';
import { tick } from './literal.ts';
import * as t from './tokens.ts';

/** Brackets and calls nest at most this deep; nobody writes more, and every consumer may recurse safely. */
export const MAX_DEPTH = 100;

export interface Layout {
  /** Tokens of the statements, an `End` after each; no comments, no line ends. */
  readonly tokens: IToken[];
  readonly comments: IToken[];
  readonly diagnostics: Diagnostic[];
}

export function fault(code: SyntaxCode, message: string, span: Span, fix?: Fix, note?: string): Diagnostic {
  return {
    severity: 'error',
    code,
    message,
    span,
    ...(note ? { notes: [note] } : {}),
    ...(fix ? { fixes: [fix] } : {}),
  };
}

export const replace = (title: string, span: Span, text: string): Fix => ({ title, edits: [{ ...span, text }] });
export const insert = (title: string, at: number, text: string): Fix => replace(title, { start: at, end: at }, text);

export function layOut(text: string): Layout {
  const source = t.tokenize(text);
  const tokens: IToken[] = [];
  const comments: IToken[] = [];
  const diagnostics: Diagnostic[] = [];
  let depth = 0; // open brackets
  let column = 0; // indentation of the statement
  let lineStart = text.charCodeAt(0) === 0xfeff ? 1 : 0;
  let fresh = true; // no token of the line seen yet
  let last: IToken | null = null; // last token of the open statement
  let deep: Span | null = null;

  const finish = () => {
    if (last) tokens.push(synthetic(t.End, t.tokenSpan(last).end));
    last = null;
    depth = 0;
  };

  for (let i = 0; i < source.length; i++) {
    const token = source[i] as IToken;
    const type = token.tokenType;
    if (type === t.NewLine) {
      lineStart = t.tokenSpan(token).end;
      fresh = true;
      continue;
    }
    if (type === t.CommentToken || type === t.SlashComment) {
      comments.push(token);
      if (type === t.SlashComment) diagnostics.push(slashComment(token));
      continue;
    }
    if (type === t.OddSpace || type === t.Unexpected) {
      diagnostics.push(oddCharacters(token));
      continue;
    }
    if (fresh && last) {
      const starts = startsStatement(source, i);
      if (depth === 0) {
        const open = last.tokenType === t.Equals || last.tokenType === t.Pipe;
        if (open && !starts) diagnostics.push(lineBreak(last, token, comments.at(-1)));
        else if (type !== t.Pipe) finish();
      } else if (starts && token.startOffset - lineStart <= column && !isArgument(source, i, last)) finish();
    }
    if (!last) column = token.startOffset - lineStart;
    fresh = false;
    last = token;
    if (opens(token)) depth++;
    if (depth <= MAX_DEPTH) {
      deep = null;
      tokens.push(token);
    } else if (!deep) {
      deep = t.tokenSpan(token);
      if (type === t.OpenRound && tokens.at(-1)?.tokenType.CATEGORIES?.includes(t.Word)) tokens.pop(); // its kind
      tokens.push({ ...token, tokenType: t.TooDeep, tokenTypeIdx: t.TooDeep.tokenTypeIdx ?? 0 });
      diagnostics.push(tooDeep(deep));
    }
    if (closes(token) && depth > 0) depth--;
  }
  finish();
  return { tokens, comments, diagnostics };
}

const opens = ({ tokenType }: IToken) =>
  tokenType === t.OpenRound || tokenType === t.OpenSquare || tokenType === t.OpenCurly;
const closes = ({ tokenType }: IToken) =>
  tokenType === t.CloseRound || tokenType === t.CloseSquare || tokenType === t.CloseCurly;

function startsStatement(source: readonly IToken[], i: number): boolean {
  const [first, second, third] = [source[i]?.tokenType, source[i + 1]?.tokenType, source[i + 2]?.tokenType];
  return (
    (first === t.Identifier && second === t.Equals) ||
    (source[i]?.image === 'skip' && second === t.Identifier && third === t.Equals) ||
    (first === t.Param && second?.CATEGORIES?.includes(t.Word) === true)
  );
}

/** `x = 3` after a comma is rather an argument with `=` for `:`, but `x = kind(` is a statement. */
function isArgument(source: readonly IToken[], i: number, previous: IToken): boolean {
  if (source[i + 1]?.tokenType !== t.Equals || (previous.tokenType !== t.Comma && !opens(previous))) return false;
  return !(source[i + 2]?.tokenType === t.Identifier && source[i + 3]?.tokenType === t.OpenRound);
}

function synthetic(tokenType: IToken['tokenType'], offset: number): IToken {
  return { image: '', startOffset: offset, endOffset: offset, tokenType, tokenTypeIdx: tokenType.tokenTypeIdx ?? 0 };
}

export function tooDeep(span: Span): Diagnostic {
  const note = 'give an inner part its own statement and write its name here';
  return fault('syntax-depth', `calls and lists are nested more than ${MAX_DEPTH} deep here`, span, undefined, note);
}

function slashComment(token: IToken): Diagnostic {
  const { start } = t.tokenSpan(token);
  const fix = replace('write `#`', { start, end: start + 2 }, '#');
  return fault('syntax-comment', 'a comment starts with `#`, not with `//`', { start, end: start + 2 }, fix);
}

function lineBreak(before: IToken, after: IToken, comment: IToken | undefined): Diagnostic {
  const span = t.tokenSpan(before);
  const gap = { start: span.end, end: after.startOffset };
  const commented = comment !== undefined && comment.startOffset >= gap.start;
  const fix = commented ? undefined : replace('join the lines', gap, ' ');
  const message = `a line cannot end with ${tick(before.image)}: what belongs to it must follow in the same line`;
  const note = 'lines may be broken inside of parentheses and brackets, and before `|>`';
  return fault('syntax-line-break', message, span, fix, note);
}

function oddCharacters(token: IToken): Diagnostic {
  const span = t.tokenSpan(token);
  if (token.tokenType === t.OddSpace) {
    const message = `an unusual space, ${codePoints(token.image)}, stands here`;
    return fault('syntax-character', message, span, replace('write a plain space', span, ' '));
  }
  if (/^[\p{C}\p{M}]+$/u.test(token.image)) {
    const message = `an invisible character, ${codePoints(token.image)}, stands here`;
    return fault('syntax-character', message, span, replace('remove it', span, ''));
  }
  const remove = replace('remove it', span, '');
  if (token.image === ';')
    return fault('syntax-character', 'a statement ends with its line, without `;`', span, remove);
  const note = 'calculations and conditions are written inside of text values, like `where: "length(text) > 200"`';
  const operator = /^[-+*/<>&|!^%]+$/.test(token.image) ? note : undefined;
  return fault('syntax-character', `${tick(token.image)} means nothing here`, span, remove, operator);
}

function codePoints(image: string): string {
  const list = [...image.slice(0, 8)].map((character) => {
    return `U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}`;
  });
  return list.slice(0, 3).join(' ') + (image.length > 3 ? ' …' : '');
}
