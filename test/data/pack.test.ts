// Windows from real shards of tokens: joined ones are those of the stream, however it is cut into stretches; packed and padded ones
// learn every token of every text once, with what is learned of it, and nothing of another.
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import pack from '../../engine/data/rows/pack.ts';
import { openTokenizer, openTokenizers } from '../../engine/data/tokenizer.ts';
import { openTokenFiles } from '../../engine/data/tokens.ts';
import type { TokenReader } from '../../engine/nodes/context.ts';
import { random } from '../../engine/nodes/random.ts';
import { emptyBatch, streamWindows } from '../../engine/nodes/windows.ts';
import { ownFolder } from './setting.ts';
import { engine, textTable, watchIn } from './text-table.ts';

const folder = ownFolder();
const tokens = openTokenFiles(engine);
const path = join(folder, 'tokenizer.json');
const out = join(folder, 'tokens');
const context = 16;

const draw = random('texts to pack');
const texts = Array.from({ length: 300 }, (_, i) =>
  i % 17 === 3 ? null : 'one two three four '.repeat(Math.floor(draw() ** 3 * 30)).slice(0, Math.floor(draw() * 400)),
);
let reader: TokenReader;

beforeAll(async () => {
  const table = await textTable(join(folder, 'texts'), texts);
  const options = { column: 'text', preTokenizer: 'default' as const, special: ['<|endoftext|>'], minFrequency: 2 };
  await openTokenizers(engine).train(table, { ...options, size: 270 }, path, watchIn(join(folder, 'training')));
  const work = { name: 'text', params: null, columns: ['text'], tokenizer: path, masked: false };
  await tokens.encode(table, work, out, watchIn(join(folder, 'parts')));
  reader = await tokens.open(out);
});

interface Window {
  tokens: number[];
  documents: number[];
}

async function windowsOf(
  documents: 'joined' | 'packed' | 'padded',
  { stretch = 1 << 20, cut = false } = {},
): Promise<Window[]> {
  const make = await pack.open({ folder: out, context, documents, cut, stretch });
  const stretches = Array.from({ length: Math.ceil(reader.count / stretch) }, (_, i) => i);
  const { columns, from = [] } = await make({ stretch: stretches }, 0);
  expect([...Array.from(from)].sort((a, b) => a - b)).toEqual(Array.from(from));
  return (columns.tokens ?? []).map((ids, i) => ({
    tokens: ids as number[],
    documents: columns.documents?.[i] as number[],
  }));
}

describe('windows of texts', () => {
  test.each([16, 48, 1024, 1 << 20])('joined are those of the stream, in stretches of %i', async (stretch) => {
    const windows = await windowsOf('joined', { stretch });
    const stream = streamWindows(reader, context);
    expect(windows).toHaveLength(stream.count);
    windows.forEach(({ tokens: ids, documents }, w) => {
      const batch = emptyBatch(stream, 1);
      stream.fill(w, batch, 0);
      expect(documents).toEqual([context + 1]);
      expect(ids).toEqual([...batch.ids, batch.targets.at(-1)]);
    });
  });

  /** The texts' tokens in pieces of a window at most, each beginning with the last token of the one before. */
  const pieces = async (cut: boolean): Promise<string[]> => {
    const tokenizer = await openTokenizer(path);
    return texts.flatMap((text) => {
      if (text === null) return [];
      const ids = [...tokenizer.encode(text), tokenizer.end as number];
      const starts = Array.from({ length: Math.ceil((ids.length - 1) / context) }, (_, i) => i * context);
      return starts.slice(0, cut ? 1 : undefined).map((start) => ids.slice(start, start + context + 1).join());
    });
  };
  const piecesOf = (windows: Window[]): string[] =>
    windows.flatMap(({ tokens: ids, documents }) => {
      let at = 0;
      return documents.map((length) => ids.slice(at, (at += length)).join());
    });

  test.each([
    ['packed', 1 << 20, false],
    ['packed', 1 << 20, true],
    ['packed', 160, false],
    ['padded', 160, false],
    ['padded', 1 << 20, true],
  ] as const)('%s in stretches of %i hold every piece once (cut: %s)', async (documents, stretch, cut) => {
    const windows = await windowsOf(documents, { stretch, cut });
    expect(piecesOf(windows).sort()).toEqual((await pieces(cut)).sort());
    for (const { tokens: ids, documents: lengths } of windows) {
      expect(ids.length).toBe(lengths.reduce((sum, length) => sum + length, 0));
      expect(ids.length - lengths.length).toBeLessThanOrEqual(context);
      if (documents === 'padded') expect(lengths).toHaveLength(1);
    }
    // The same rows give the same windows.
    expect(await windowsOf(documents, { stretch, cut })).toEqual(windows);
  });

  test('packed fill nearly all there is to fill', async () => {
    const windows = await windowsOf('packed');
    const filled = windows.reduce((sum, { tokens: ids, documents }) => sum + ids.length - documents.length, 0);
    const least = Math.ceil(filled / context);
    expect(windows.length).toBeLessThanOrEqual(Math.ceil(least * 1.03));
    expect((await windowsOf('padded')).length).toBeGreaterThan(windows.length);
  });
});
