// Comments and what they belong to: the block directly above a statement, without an empty line between, is the
// statement's own; so is what stands behind it in its last line.
import type { IToken } from 'chevrotain';
import type { Comment } from './tree.ts';

export function readComments(text: string, tokens: readonly IToken[]): Comment[] {
  return tokens.map((token) => {
    const written = token.image.trimEnd();
    const start = token.startOffset;
    return {
      text: written,
      span: { start, end: start + written.length },
      ownLine: isLineStart(text, start),
      documentation: /^##(?!#)/.test(written),
    };
  });
}

/** Whether only white space stands before the offset in its line. */
export function isLineStart(text: string, offset: number): boolean {
  let at = offset;
  while (text[at - 1] === ' ' || text[at - 1] === '\t') at--;
  return at === 0 || text[at - 1] === '\n' || text[at - 1] === '\r' || (at === 1 && text[0] === '\ufeff');
}

/** The comments of the block directly above the statement that starts at `start`, in order. */
export function blockAbove(text: string, comments: readonly Comment[], start: number): Comment[] {
  const block: Comment[] = [];
  let below = start;
  for (let i = firstAtOrAfter(comments, start) - 1; i >= 0; i--) {
    const comment = comments[i] as Comment;
    if (!comment.ownLine || endOfLineAbove(text, below) !== comment.span.end) break;
    block.push(comment);
    below = comment.span.start;
  }
  return block.reverse();
}

/** Where the text of the line above the one that starts with the thing at `offset` ends, or -1 at the first line. */
function endOfLineAbove(text: string, offset: number): number {
  let at = offset;
  while (isBlank(text[at - 1])) at--;
  if (text[at - 1] === '\n') at -= text[at - 2] === '\r' ? 2 : 1;
  else if (text[at - 1] === '\r') at--;
  else return -1;
  while (isBlank(text[at - 1])) at--;
  return at;
}

const isBlank = (character: string | undefined) => character !== undefined && /[^\S\r\n]/.test(character);

/** Index of the first comment that starts at or after the offset. */
export function firstAtOrAfter(comments: readonly Comment[], offset: number): number {
  let low = 0;
  let high = comments.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((comments[middle] as Comment).span.start < offset) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The text of the `##` lines in the block above a statement, without the marks; null where there are none. */
export function documentation(text: string, comments: readonly Comment[], start: number): string | null {
  const lines = blockAbove(text, comments, start).filter((comment) => comment.documentation);
  return lines.length === 0 ? null : lines.map((comment) => comment.text.slice(2).replace(/^ /, '')).join('\n');
}
