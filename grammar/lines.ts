// Breaks one statement into lines.
import type { TokenType } from 'chevrotain';
import * as t from './tokens.ts';
import { textWidth } from './width.ts';

export const LINE_WIDTH = 100;
const INDENT = 2;

/** A token and what stood before it. */
export interface Piece {
  readonly image: string;
  readonly type: TokenType;
  readonly gap: Gap;
}

export interface Gap {
  /** Line ends, those after the last comment. */
  readonly breaks: number;
  readonly comments: readonly GapComment[];
}

export interface GapComment {
  readonly text: string;
  readonly ownLine: boolean;
  readonly column: number;
  /** An empty line stands before it. */
  readonly blank: boolean;
}

/** The lines of a statement: the head (`name = `), then the tokens of its value. A line is broken where the user broke it
 *  between arguments, after comments, and where what follows does not fit, outer arguments first. `indent` is the column
 *  that the other lines are counted from. */
export function layLines(head: string, pieces: readonly Piece[], indent = textWidth(head)): string[] {
  const depths = depthsOf(pieces);
  const widths = pieces.map((piece, i) => textWidth(firstLine(piece.image)) + (i > 0 && spaced(pieces, i) ? 1 : 0));
  const lines: string[] = [];
  let line = head;
  pieces.forEach((piece, i) => {
    const depth = depths[i] as number;
    const lead = ' '.repeat(indent + INDENT * depth);
    if (i > 0) {
      for (const comment of piece.gap.comments) {
        if (!comment.ownLine) line = withComment(line, comment, comment.column);
        else {
          lines.push(line);
          if (comment.blank) lines.push('');
          line = `${' '.repeat(indent + INDENT * (isClose(piece) ? depth + 1 : depth))}${comment.text}`;
        }
      }
      if (isForced(pieces, i)) {
        lines.push(line);
        if (piece.gap.breaks > 1) lines.push('');
        line = lead;
      } else if (isTooLong(pieces, widths, depths, i, textWidth(line), lead.length)) {
        lines.push(line);
        line = lead;
      } else if (spaced(pieces, i)) line += ' ';
    }
    const own = piece.image.split(/\r\n|\n|\r/);
    if (own.length > 1) {
      lines.push(line + own[0], ...own.slice(1, -1));
      line = own.at(-1) as string;
    } else line += piece.image;
  });
  lines.push(line);
  return lines;
}

/** A trailing comment keeps its column while there is room, else it stands two columns behind the code. */
export function withComment(line: string, comment: { readonly text: string }, column: number): string {
  return `${line}${' '.repeat(Math.max(2, column - textWidth(line)))}${comment.text}`;
}

const isOpen = ({ type }: Piece) => type === t.OpenRound || type === t.OpenSquare;
const isClose = ({ type }: Piece) => type === t.CloseRound || type === t.CloseSquare;
const firstLine = (image: string) => image.split(/[\r\n]/, 1)[0] as string;

/** Open brackets around each piece; a closing bracket stands with its opening one. */
function depthsOf(pieces: readonly Piece[]): number[] {
  let depth = 0;
  return pieces.map((piece) => {
    if (isClose(piece)) return --depth;
    return isOpen(piece) ? depth++ : depth;
  });
}

/** Whether a space stands before the piece. */
function spaced(pieces: readonly Piece[], i: number): boolean {
  const [before, piece] = [pieces[i - 1] as Piece, pieces[i] as Piece];
  if (isOpen(before) || isClose(piece) || before.type === t.Dot) return false;
  if (piece.type === t.OpenRound) return false;
  return piece.type !== t.Comma && piece.type !== t.Colon && piece.type !== t.Dot;
}

/** Whether the user broke the line where the language's look keeps a break, or a comment ends it. */
function isForced(pieces: readonly Piece[], i: number): boolean {
  const [before, piece] = [pieces[i - 1] as Piece, pieces[i] as Piece];
  if (piece.gap.comments.length > 0) return true;
  if (piece.gap.breaks === 0 || (isOpen(before) && isClose(piece))) return false;
  return isOpen(before) || before.type === t.Comma || isClose(piece) || piece.type === t.Pipe;
}

function isTooLong(
  pieces: readonly Piece[],
  widths: readonly number[],
  depths: readonly number[],
  i: number,
  column: number,
  fresh: number,
): boolean {
  const [before, piece] = [pieces[i - 1] as Piece, pieces[i] as Piece];
  if (isClose(piece)) return false;
  if (before.type === t.Comma || piece.type === t.Pipe)
    return !fits(pieces, widths, depths, i, LINE_WIDTH - column, false);
  if (!isOpen(before)) return false;
  // after an opening bracket a break helps only where the first argument's own beginning finds no room
  const [room, more] = [LINE_WIDTH - column, LINE_WIDTH - fresh];
  return !fits(pieces, widths, depths, i, room, true) && more > room && fits(pieces, widths, depths, i, more, true);
}

/** Whether the pieces from `i` to the next place for a break have room: the next at this depth or further out, or with
 *  `head` the next at any depth. */
function fits(
  pieces: readonly Piece[],
  widths: readonly number[],
  depths: readonly number[],
  i: number,
  room: number,
  head: boolean,
): boolean {
  const depth = depths[i] as number;
  let used = 0;
  for (let j = i; j < pieces.length && used <= room; j++) {
    const [before, piece] = [pieces[j - 1] as Piece, pieces[j] as Piece];
    if (j > i) {
      const place = before.type === t.Comma || piece.type === t.Pipe || (isOpen(before) && !isClose(piece));
      if (isForced(pieces, j) || (place && (head || ((depths[j] as number) <= depth && !isOpen(before))))) break;
    }
    used += widths[j] as number;
    if (/[\r\n]/.test(piece.image)) break;
  }
  return used <= room;
}
