// A training that does not fit is said before it runs, with changes that the estimate itself found to fit: as fixes that are applied to
// the text, after which nothing is said any more.
import { describe, expect, test } from 'vitest';
import { check } from '../../engine/graph/check.ts';
import { readKinds } from '../../engine/graph/kinds.ts';
import type { CheckFiles } from '../../engine/nodes/kind.ts';
import { applyEdits, type Diagnostic } from '../../grammar/diagnostic.ts';

const kinds = await readKinds({ folders: [] });

function graph(train: string): string {
  return `dsk 1

book    = load("book.txt", rows: "paragraph")
vocab   = tokenizer(book, size: 2048)
tokens  = embedding(vocab, dim: 256)
layers  = transformer_block(tokens, repeat: 8, attention: mha(heads: 8), ffn: swiglu(dim: 768))
trained = train(lm_head(layers), book, ${train}, steps: 100)
saved   = export(trained, path: "out")
`;
}

async function said(text: string, memory: number): Promise<Diagnostic[]> {
  const files: Partial<CheckFiles> = {
    memory,
    glob: (path) => [{ path, bytes: 1000 }],
    output: () => undefined,
    columns: async () => ({ text: 'text' }),
  };
  const { diagnostics } = await check(text, { kinds, files: files as CheckFiles });
  return diagnostics.filter(({ code }) => code === 'memory');
}

describe('a training of 16 windows of 256 tokens', () => {
  const text = graph('optimizer: adamw(), context: 256, batch: 16');

  test('fits in 3 GB, and nothing is said', async () => {
    expect(await said(text, 3e9)).toEqual([]);
  });

  test.each([
    [1.5e9, [{ checkpointing: true }, { batch: 8, accumulate: 2 }]],
    [1.3e9, [{ checkpointing: true }, { batch: 4, accumulate: 4 }]],
    [
      1e9,
      [
        { checkpointing: true, batch: 8, accumulate: 2 },
        { batch: 2, accumulate: 8 },
      ],
    ],
    [8.5e8, [{ checkpointing: true, batch: 2, accumulate: 8 }]],
  ] as const)('does not fit in %d bytes, but does with these', async (memory, expected) => {
    const [found, ...others] = await said(text, memory);
    expect(others).toEqual([]);
    expect(found.severity).toBe('warning');
    expect(text.slice(found.span.start, found.span.end)).toBe('16');
    const titles = found.fixes?.map(({ title }) => title) ?? [];
    for (const set of expected) {
      const wanted = Object.entries(set).map(([name, value]) => `${name}: ${value}`);
      expect(
        titles.some((title) => wanted.every((each) => title.includes(each))),
        wanted.join(),
      ).toBe(true);
    }
    for (const { edits } of found.fixes ?? []) {
      const mended = applyEdits(text, edits);
      expect(mended).not.toBe(text);
      expect(await said(mended, memory)).toEqual([]);
    }
  });

  test('with what is given already, values stand in its place', async () => {
    const given = graph('optimizer: sgd(), context: 256, checkpointing: false, accumulate: 3, batch: 16');
    const [found] = await said(given, 1.3e9);
    for (const { edits } of found.fixes ?? []) {
      const mended = applyEdits(given, edits);
      expect(await said(mended, 1.3e9)).toEqual([]);
      expect(mended.match(/checkpointing|accumulate: |batch: /g)).toHaveLength(3);
    }
  });

  test('where nothing helps, no fix is offered', async () => {
    const [found] = await said(text, 6e8);
    expect(found.fixes ?? []).toEqual([]);
    expect(found.notes?.[0]).toContain('a smaller model');
  });
});

test('the optimizer counts: what keeps less takes less', async () => {
  const memory = async (optimizer: string): Promise<number> => {
    const [found] = await said(graph(`optimizer: ${optimizer}, context: 256, batch: 1`), 1);
    return Number(/about ([\d.]+) MB/.exec(found.message)?.[1]);
  };
  const [adamw, sgd, adafactor] = [await memory('adamw()'), await memory('sgd()'), await memory('adafactor()')];
  const floats = 7_868_672;
  expect(adamw - sgd).toBeCloseTo((4 * floats) / 1e6, -1);
  expect(sgd - adafactor).toBeCloseTo((4 * floats) / 1e6, -1);
});
