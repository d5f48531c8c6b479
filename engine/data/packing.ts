// Packing documents into windows: which pieces of which documents stand in which window.

/** Tokens start .. start + length - 1 of a stream; the first of them is only looked at, each other one is learned. */
export interface Piece {
  start: number;
  length: number;
}

/**
 * Cuts a document into pieces that fit into a window of `context` learned tokens, each beginning with the last token of the one before;
 * with `cut`, the first piece alone. Nothing can be learned of a document of one token.
 */
export function piecesOf(start: number, length: number, context: number, cut: boolean): Piece[] {
  const pieces: Piece[] = [];
  for (let done = 0; done + 1 < length && !(cut && done > 0); done += context)
    pieces.push({ start: start + done, length: Math.min(context + 1, length - done) });
  return pieces;
}

/**
 * Best-fit decreasing (Johnson 1973), as in Ding et al., arXiv 2404.10830: the longest piece first, each into the fullest window that
 * still has room for it. Windows come in the order of their first pieces in the stream, as do the pieces of a window.
 */
export function bestFit(pieces: readonly Piece[], context: number): Piece[][] {
  const order = pieces.map((piece, i) => ({ piece, i })).sort((a, b) => b.piece.length - a.piece.length || a.i - b.i);
  const windows: number[][] = [];
  // Windows by the room that is left in them.
  const open: number[][] = Array.from({ length: context + 1 }, () => []);
  for (const { piece, i } of order) {
    const need = piece.length - 1;
    let room = need;
    while (room <= context && open[room]?.length === 0) room++;
    const window = room <= context ? (open[room]?.pop() as number) : windows.push([]) - 1;
    windows[window]?.push(i);
    open[(room <= context ? room : context) - need]?.push(window);
  }
  for (const window of windows) window.sort((a, b) => a - b);
  return windows
    .sort((a, b) => (a[0] as number) - (b[0] as number))
    .map((window) => window.map((i) => pieces[i] as Piece));
}
