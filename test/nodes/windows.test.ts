// Windows of packed documents: what is foretold, what counts and where documents begin, each token once.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { bestFit, type Piece, piecesOf } from '../../engine/data/packing.ts';
import type { TokenReader } from '../../engine/nodes/context.ts';
import { InputError } from '../../engine/nodes/kind.ts';
import { begins, countOf, counts, emptyBatch, packedWindows, streamWindows } from '../../engine/nodes/windows.ts';

interface Document {
  ids: number[];
  /** Of each token, whether it counts. */
  learned: boolean[];
}

/** Windows as engine/data/documents/windows.ts stores them: a window is a document of the reader. */
function reader(windows: Document[][]): TokenReader {
  const ids = windows.flat().flatMap((document) => document.ids);
  const bytes = windows
    .flat()
    .flatMap(({ learned }) => learned.map((one, i) => (one ? counts : 0) | (i === 0 ? begins : 0)));
  const starts = [0];
  for (const window of windows)
    starts.push((starts.at(-1) as number) + window.flatMap((document) => document.ids).length);
  return {
    count: ids.length,
    documents: windows.length,
    masked: true,
    read: (start, count) => Int32Array.from(ids.slice(start, start + count)),
    mask: (start, count) => Uint8Array.from(bytes.slice(start, start + count)),
    start: (window) => starts[window] as number,
    documentAt: () => 0,
    close: () => {},
  };
}

const document = fc
  .array(fc.tuple(fc.nat(99), fc.boolean()), { minLength: 2, maxLength: 6 })
  .map((tokens): Document => ({ ids: tokens.map(([id]) => id), learned: tokens.map(([, learned]) => learned) }));

describe('packed windows', () => {
  test('foretell each token of a document from the one before it, and nothing else', () => {
    fc.assert(
      fc.property(
        fc.array(fc.array(document, { minLength: 1, maxLength: 4 }), { minLength: 1, maxLength: 5 }),
        (given) => {
          const context = 21;
          const useful = given.filter((window) => window.some(({ learned }) => learned.slice(1).includes(true)));
          const windows = packedWindows(reader(given), context, 'data');
          expect(windows.count).toBe(useful.length);
          const batch = emptyBatch(windows, Math.max(1, useful.length));
          useful.forEach((_, w) => windows.fill(w, batch, w));
          useful.forEach((window, w) => {
            let at = w * context;
            for (const { ids, learned } of window) {
              const start = at;
              for (let i = 1; i < ids.length; i++, at++) {
                expect([batch.ids[at], batch.targets[at]]).toEqual([ids[i - 1], ids[i]]);
                expect(batch.learned?.[at] ?? 1).toBe(learned[i] ? 1 : 0);
                if (batch.starts) expect(batch.starts[at]).toBe(start - w * context);
              }
            }
            for (; at < (w + 1) * context; at++) {
              expect([batch.ids[at], batch.targets[at], batch.learned?.[at], batch.starts?.[at]]).toEqual([
                0, 0, 0, -1,
              ]);
            }
          });
          const all = useful.flat().reduce((sum, { learned }) => sum + learned.slice(1).filter(Boolean).length, 0);
          if (useful.length > 0) expect(countOf(batch)).toBe(all);
        },
      ),
    );
  });

  const full: Document = { ids: [1, 2, 3, 4, 5], learned: [false, true, true, true, true] };

  test('that are whole and single need neither mask nor places', () => {
    const windows = packedWindows(reader([[full], [full]]), 4, 'data');
    expect([windows.learned, windows.documents]).toEqual([false, false]);
    expect(Object.keys(emptyBatch(windows, 1))).toEqual(['ids', 'targets']);
    const half = packedWindows(reader([[full], [{ ids: [1, 2], learned: [true, true] }]]), 4, 'data');
    expect([half.learned, half.documents]).toEqual([true, true]);
  });

  test('that are longer than the context are refused', () => {
    expect(() => packedWindows(reader([[full], [full, full]]), 4, 'valid')).toThrow(InputError);
    expect(() => packedWindows(reader([[full], [full, full]]), 4, 'valid')).toThrow(
      'row 2 of `valid` is a window of 8 tokens, but context is 4',
    );
  });
});

describe('windows of a stream', () => {
  test('in which nothing counts are left out', () => {
    const mask = [1, 0, 0, 0, 0, 1, 1, 0, 0, 0, 1, 0, 0];
    const stream = {
      count: mask.length,
      masked: true,
      read: (start: number, count: number) => Int32Array.from({ length: count }, (_, i) => start + i),
      mask: (start: number, count: number) => Uint8Array.from(mask.slice(start, start + count)),
    };
    const windows = streamWindows(stream, 3);
    expect([windows.count, windows.learned, windows.documents]).toEqual([2, true, false]);
    const batch = emptyBatch(windows, 2);
    windows.fill(0, batch, 0);
    windows.fill(1, batch, 1);
    expect([...batch.ids]).toEqual([3, 4, 5, 9, 10, 11]);
    expect([...(batch.learned ?? [])]).toEqual([0, 1, 1, 1, 0, 0]);
  });
});

describe('packing', () => {
  const lengths = fc.array(fc.integer({ min: 0, max: 60 }), { maxLength: 60 });
  const context = fc.integer({ min: 1, max: 24 });
  const all = (given: number[], size: number, cut = false): Piece[] => {
    let start = 0;
    return given.flatMap((length) => {
      start += length;
      return piecesOf(start - length, length, size, cut);
    });
  };

  test('learns every token but the first of each document, once', () => {
    fc.assert(
      fc.property(lengths, context, (given, size) => {
        const learned = bestFit(all(given, size), size)
          .flat()
          .flatMap(({ start, length }) => Array.from({ length: length - 1 }, (_, i) => start + 1 + i))
          .sort((a, b) => a - b);
        let start = 0;
        const expected = given.flatMap((length) => {
          start += length;
          return Array.from({ length: Math.max(0, length - 1) }, (_, i) => start - length + 1 + i);
        });
        expect(learned).toEqual(expected);
      }),
    );
  });

  test('fills no window beyond its size, and two windows never fit into one', () => {
    fc.assert(
      fc.property(lengths, context, (given, size) => {
        const windows = bestFit(all(given, size), size);
        const filled = windows
          .map((window) => window.reduce((sum, { length }) => sum + length - 1, 0))
          .sort((a, b) => a - b);
        for (const one of filled) expect(one).toBeLessThanOrEqual(size);
        if (filled.length > 1) expect((filled[0] as number) + (filled[1] as number)).toBeGreaterThan(size);
      }),
    );
  });

  test('keeps the order of the stream in windows and among them', () => {
    fc.assert(
      fc.property(lengths, context, (given, size) => {
        const windows = bestFit(all(given, size), size);
        const firsts = windows.map(([piece]) => (piece as Piece).start);
        expect(firsts).toEqual([...firsts].sort((a, b) => a - b));
        for (const window of windows) {
          const starts = window.map(({ start }) => start);
          expect(starts).toEqual([...starts].sort((a, b) => a - b));
        }
      }),
    );
  });

  test('may leave out what a document has more than a window holds', () => {
    expect(piecesOf(10, 9, 4, true)).toEqual([{ start: 10, length: 5 }]);
    expect(piecesOf(10, 9, 4, false)).toEqual([
      { start: 10, length: 5 },
      { start: 14, length: 5 },
    ]);
    expect(piecesOf(10, 1, 4, false)).toEqual([]);
  });
});
