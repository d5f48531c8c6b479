// Windows of tokens, which training and evaluation look through: cut from one stream of all documents, or packed with whole ones.
import type { TokenReader } from './context.ts';
import { InputError } from './kind.ts';
import type { Batch } from './module.ts';

/** Bits of a token's byte in packed windows: it counts for the loss; it begins a document. */
export const counts = 1;
export const begins = 2;

/** Windows of `context` tokens each, and the tokens that follow these. */
export interface Windows {
  readonly count: number;
  readonly context: number;
  /** Whether some targets do not count. */
  readonly learned: boolean;
  /** Whether windows hold several documents, or padding. */
  readonly documents: boolean;
  /** Writes a window into a batch, at row `row`. */
  fill(window: number, batch: Batch, row: number): void;
  close(): void;
}

/** A batch with nothing in it, made for these windows. */
export function emptyBatch({ context, learned, documents }: Windows, windows: number): Batch {
  const n = windows * context;
  return {
    ids: new Int32Array(n),
    targets: new Int32Array(n),
    ...(learned && { learned: new Float32Array(n) }),
    ...(documents && { starts: new Int32Array(n).fill(-1) }),
  };
}

/** These windows as a batch, in this order. */
export function batchOf(windows: Windows, chosen: ArrayLike<number>): Batch {
  const batch = emptyBatch(windows, chosen.length);
  for (let row = 0; row < chosen.length; row++) windows.fill(chosen[row] as number, batch, row);
  return batch;
}

/** How many targets of a batch count. */
export function countOf({ learned, targets }: Batch): number {
  return learned ? learned.reduce((sum, one) => sum + one, 0) : targets.length;
}

type Stream = Pick<TokenReader, 'count' | 'read'> & Partial<Pick<TokenReader, 'masked' | 'mask' | 'close'>>;

/**
 * Windows of a stream, one behind the other; each begins with the last token that the one before is to foretell. Those in which
 * nothing counts are left out.
 */
export function streamWindows(stream: Stream, context: number): Windows {
  const all = Math.floor((stream.count - 1) / context);
  const mask = stream.masked === true ? stream.mask?.bind(stream) : undefined;
  const useful = mask && chosen(all, (w) => mask(w * context + 1, context).some((byte) => (byte & counts) !== 0));
  return {
    count: useful ? useful.length : all,
    context,
    learned: mask !== undefined,
    documents: false,
    fill(window, { ids, targets, learned }, row) {
      const start = (useful ? (useful[window] as number) : window) * context;
      const tokens = stream.read(start, context + 1);
      ids.set(tokens.subarray(0, context), row * context);
      targets.set(tokens.subarray(1), row * context);
      if (mask && learned)
        learned.set(
          mask(start + 1, context).map((byte) => byte & counts),
          row * context,
        );
    },
    close: () => stream.close?.(),
  };
}

/** The numbers below `all` for which something holds. */
function chosen(all: number, holds: (n: number) => boolean): Uint32Array {
  const found = new Uint32Array(all);
  let count = 0;
  for (let n = 0; n < all; n++) if (holds(n)) found[count++] = n;
  return found.slice(0, count);
}

/**
 * Packed windows: documents of a reader that engine/data/documents/windows.ts has filled. No token sees another document's, or is to
 * be foretold from one; what is left of a window is padding. Those in which nothing counts are left out.
 * Throws InputError at `port` where a window holds more than `context`.
 */
export function packedWindows(reader: TokenReader, context: number, port: string): Windows {
  let [learned, documents] = [false, false];
  const useful = chosen(reader.documents, (w) => {
    const start = reader.start(w);
    const bytes = reader.mask(start, reader.start(w + 1) - start);
    let [targets, counted, inside] = [0, 0, 0];
    for (const byte of bytes) {
      if ((byte & begins) !== 0) inside++;
      else {
        targets++;
        counted += byte & counts;
      }
    }
    if (targets > context)
      throw new InputError({
        code: 'context-short',
        at: 'context',
        message: `row ${w + 1} of \`${port}\` is a window of ${targets} tokens, but context is ${context}`,
        note: `pack with context: ${context}, or train with context: ${targets}`,
      });
    if (counted === 0) return false;
    learned ||= counted < context;
    documents ||= inside > 1 || targets < context;
    return true;
  });
  return {
    count: useful.length,
    context,
    learned,
    documents,
    fill(window, { ids, targets, learned: which, starts }, row) {
      const w = useful[window] as number;
      const first = reader.start(w);
      const tokens = reader.read(first, reader.start(w + 1) - first);
      const bytes = reader.mask(first, tokens.length);
      // A document of n tokens takes n - 1 places: its last token is foretold, but foretells nothing.
      let place = row * context;
      let start = 0;
      for (let i = 1; i < tokens.length; i++) {
        const byte = bytes[i] as number;
        if ((byte & begins) !== 0) {
          start = place - row * context;
          continue;
        }
        ids[place] = tokens[i - 1] as number;
        targets[place] = tokens[i] as number;
        if (which) which[place] = byte & counts;
        if (starts) starts[place] = start;
        place++;
      }
    },
    close: () => reader.close(),
  };
}
