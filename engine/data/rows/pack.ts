// Windows of tokens from a folder of tokens: each row of the table is a stretch of it, whose documents are packed together.

import { bestFit, type Piece, piecesOf } from '../packing.ts';
import { openTokenFiles } from '../tokens.ts';
import { defineRows } from './rows.ts';

interface Params {
  /** Filled by TokenFiles. */
  folder: string;
  context: number;
  documents: 'joined' | 'packed' | 'padded';
  /** Whether the end of a document that is too long is left out. */
  cut: boolean;
  /** Tokens of a stretch. */
  stretch: number;
}

export default defineRows<Params>({
  async open({ folder, context, documents, cut, stretch }) {
    const tokens = await openTokenFiles({ temp: null }).open(folder);
    /** What there is to learn in a piece: its first token is only looked at. */
    const learns = ({ start, length }: Piece): boolean =>
      !tokens.masked || tokens.mask(start + 1, length - 1).some((byte) => byte === 1);

    function windowsOf(from: number, to: number): Piece[][] {
      if (documents === 'joined') {
        const windows: Piece[][] = [];
        for (let start = from; start < to && start + context < tokens.count; start += context)
          windows.push([{ start, length: context + 1 }]);
        return windows.filter(([piece]) => learns(piece as Piece));
      }
      const pieces: Piece[] = [];
      // The documents that begin here.
      let document = from === 0 ? 0 : tokens.documentAt(from);
      if (tokens.start(document) < from) document++;
      for (; document < tokens.documents; document++) {
        const start = tokens.start(document);
        if (start >= to) break;
        pieces.push(...piecesOf(start, tokens.start(document + 1) - start, context, cut).filter(learns));
      }
      return documents === 'padded' ? pieces.map((piece) => [piece]) : bestFit(pieces, context);
    }

    return ({ stretch: numbers }) => {
      const columns = { tokens: [] as number[][], documents: [] as number[][], learned: [] as number[][] };
      const made: number[] = [];
      for (const [row, number] of (numbers as number[]).entries()) {
        const from = number * stretch;
        for (const window of windowsOf(from, Math.min(tokens.count, from + stretch))) {
          made.push(row);
          columns.tokens.push(window.flatMap(({ start, length }) => [...tokens.read(start, length)]));
          columns.documents.push(window.map(({ length }) => length));
          if (tokens.masked)
            columns.learned.push(learnedOf(window.flatMap(({ start, length }) => [...tokens.mask(start, length)])));
        }
      }
      const { learned, ...plain } = columns;
      return { columns: tokens.masked ? { ...plain, learned } : plain, from: made };
    };
  },
});

/** Where bytes are 1: from, to, from, to ... */
function learnedOf(mask: readonly number[]): number[] {
  const spans: number[] = [];
  let before = 0;
  for (const [i, byte] of mask.entries()) {
    if (byte !== before) spans.push(i);
    before = byte;
  }
  if (before === 1) spans.push(mask.length);
  return spans;
}
