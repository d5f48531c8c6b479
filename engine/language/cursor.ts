// Where the cursor stands, told from tokens: while a text is being typed its tree is mostly broken exactly there. Only the
// statement around the cursor is read.
import type { TokenType } from 'chevrotain';
import type { Span } from '../../grammar/diagnostic.ts';
import { layOut } from '../../grammar/layout.ts';
import * as t from '../../grammar/tokens.ts';
import type { Checked } from '../graph/graph.ts';
import { statementIndex } from './find.ts';

/** A token at its place in the whole text. */
export interface Piece extends Span {
  readonly type: TokenType;
  readonly image: string;
}

export interface Cursor {
  /** The word under the cursor, which a completion replaces; empty where there is none. */
  readonly word: Span;
  readonly inside: 'comment' | 'number' | null;
  /** The text value that the cursor stands in. */
  readonly quoted: Piece | null;
  /** Tokens of the statement up to the word, and from behind it on. */
  readonly before: readonly Piece[];
  readonly after: readonly Piece[];
}

export function cursorAt(checked: Checked, offset: number): Cursor {
  const { text, document } = checked;
  const index = statementIndex(document, offset);
  const start = document.statements[index]?.span.start ?? 0;
  const end = document.statements[index + 1]?.span.start ?? text.length;
  const layout = layOut(text.slice(start, end));
  const at = offset - start;
  const comment = layout.comments.find(
    ({ startOffset, image }) => startOffset < at && at <= startOffset + image.length,
  );
  const pieces: Piece[] = layout.tokens.map((token) => ({
    start: start + token.startOffset,
    end: start + token.startOffset + token.image.length,
    type: token.tokenType,
    image: token.image,
  }));
  const under = pieces.find((piece) => piece.start < offset && offset <= piece.end && piece.type !== t.End);
  const quoted = under && isText(under) && (offset < under.end || !isClosed(under)) ? under : null;
  const touching = quoted ?? pieces.find((piece) => isWord(piece) && piece.start <= offset && offset <= piece.end);
  const word = touching ? { start: touching.start, end: touching.end } : { start: offset, end: offset };
  const inside = comment ? 'comment' : under?.type === t.NumberToken ? 'number' : null;
  return { word, inside, quoted, ...around(pieces, word, text, start) };
}

export const isWord = ({ type }: Piece) => type.CATEGORIES?.includes(t.Word) === true;
const isText = ({ type }: Piece) => type === t.Text || type === t.BlockText || type === t.WrongText;
const isClosed = ({ type, image }: Piece) =>
  type === t.BlockText ? image.length >= 6 && image.endsWith('"""') : image.length > 1 && /["'“”‘’]$/.test(image);

/** The statement's tokens on both sides of the word. Where the word begins a statement there are none before. */
function around(pieces: readonly Piece[], word: Span, text: string, start: number) {
  const split = pieces.findIndex((piece) => piece.start >= word.start && piece.type !== t.End);
  const left = pieces.slice(0, split < 0 ? pieces.length : split);
  const right = split < 0 ? [] : pieces.slice(split).filter((piece) => piece.start >= word.end && piece.end > word.end);
  const isEnd = ({ type }: Piece) => type === t.End;
  const ended = left.findLastIndex(isEnd);
  const last = left.at(-1);
  // With nothing behind the cursor the layout ends the statement there: it goes on in its line and inside of brackets.
  const trailing = last && isEnd(last) ? left.slice(0, -1) : left;
  const own = trailing.slice(trailing.findLastIndex(isEnd) + 1);
  const reaches = last && isEnd(last) ? goesOn(own, word, text) : true;
  const before = reaches ? own : [];
  const started = ended < 0 ? start : (left[ended + 1]?.start ?? word.start);
  if (before.length > 0 && leavesBrackets(before, word, text, started)) return { before: [], after: [] };
  // where a statement begins, what stands in the lines below is another one
  if (before.length === 0 && right[0] && /[\r\n]/.test(text.slice(word.end, right[0].start)))
    return { before, after: [] };
  const end = right.findIndex(isEnd);
  return { before, after: right.slice(0, end < 0 ? right.length : end) };
}

/** Whether what stands at the word still belongs to the statement before it. */
function goesOn(own: readonly Piece[], word: Span, text: string): boolean {
  const last = own.at(-1);
  if (!last) return false;
  const depth = own.reduce((sum, piece) => sum + (opens(piece) ? 1 : closes(piece) ? -1 : 0), 0);
  return depth > 0 || !/[\r\n]/.test(text.slice(last.end, word.start));
}

/** Whether brackets were left open above and the word begins a new statement: as far left, and no argument is awaited. */
function leavesBrackets(before: readonly Piece[], word: Span, text: string, start: number): boolean {
  const last = before.at(-1) as Piece;
  if (last.type === t.Comma || opens(last) || !/[\r\n]/.test(text.slice(last.end, word.start))) return false;
  return columnOf(text, word.start) <= columnOf(text, start) && last.type !== t.Colon && last.type !== t.Pipe;
}

function columnOf(text: string, offset: number): number {
  return offset - Math.max(text.lastIndexOf('\n', offset - 1), text.lastIndexOf('\r', offset - 1)) - 1;
}

export const opens = ({ type }: Piece) => type === t.OpenRound || type === t.OpenSquare || type === t.OpenCurly;
export const closes = ({ type }: Piece) => type === t.CloseRound || type === t.CloseSquare || type === t.CloseCurly;
