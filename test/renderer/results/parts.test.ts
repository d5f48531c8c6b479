// A model's parameters by part add up to what the plan says of it.
import { beforeAll, describe, expect, test } from 'vitest';
import { check } from '../../../engine/graph/check.ts';
import type { Checked } from '../../../engine/graph/graph.ts';
import { readKinds } from '../../../engine/graph/kinds.ts';
import type { Kinds } from '../../../engine/graph/registry.ts';
import { decoderCost } from '../../../engine/nodes/decoder.ts';
import type { ModelSpec } from '../../../engine/nodes/values.ts';
import { partsOf } from '../../../renderer/results/parts.ts';
import { writtenBy } from '../../../renderer/results/written.ts';
import { graphFolder, realRun } from '../runs/real.ts';

let kinds: Kinds;
beforeAll(async () => {
  kinds = await readKinds({ folders: [] });
});

const text = `dsk 1

param lr = 3e-3

book = load("book.txt")
vocab = tokenizer(book, size: 512)
tokens = embedding(vocab, dim: 32)
dense = transformer_block(tokens, attention: mla(heads: 2, kv_rank: 16, rope_dim: 8), ffn: swiglu(dim: 64))
sparse = transformer_block(dense, repeat: 3, attention: mla(heads: 2, kv_rank: 16, rope_dim: 8), ffn: moe(experts: 8, active: 2, shared: 1, dim: 32))
model = lm_head(sparse)
trained = train(model, book, optimizer: adamw(lr: lr), schedule: warmup_cosine(warmup: 10%), context: 32, batch: 4, steps: 20)
sample = generate(trained, prompt: "The whale")
`;

const checked = (source: string): Promise<Checked> => check(source, { kinds, files: null });
const modelOf = async (source: string) =>
  ((await checked(source)).graph.byPath.get('model')?.outputs?.model as ModelSpec).architecture;

describe('parts of a model', () => {
  test('add up to all of it, and to what one token uses', async () => {
    for (const source of [text, text.replace('lm_head(sparse)', 'lm_head(sparse, tied: true)')]) {
      const architecture = await modelOf(source);
      const { parts, layers, total } = partsOf(kinds, architecture);
      const cost = decoderCost(kinds, architecture, 1);
      expect(layers).toBe(4);
      expect(total).toBe(cost.parameters);
      expect(parts.reduce((sum, part) => sum + part.total, 0)).toBe(cost.parameters);
      for (const part of parts) expect(part.active).toBeLessThanOrEqual(part.total);
    }
  });

  test('say where they are and how large one layer of them is', async () => {
    const { parts } = partsOf(kinds, await modelOf(text));
    expect(parts.map(({ role, part, layers }) => [role, part?.kind ?? null, layers])).toEqual([
      ['embedding', null, null],
      ['attention', 'mla', [0, 0]],
      ['ffn', 'swiglu', [0, 0]],
      ['norms', null, [0, 0]],
      ['attention', 'mla', [1, 3]],
      ['ffn', 'moe', [1, 3]],
      ['norms', null, [1, 3]],
      ['head', null, null],
    ]);
    const moe = parts[5];
    expect(moe?.total).toBe(3 * (moe?.each ?? 0));
    // The router's bias moves by itself and is no trained parameter: router, eight experts and one that is shared.
    expect(moe?.each).toBe(8 * 32 + 9 * 3 * 32 * 32);
    expect(moe?.active).toBe(3 * (8 * 32 + 3 * 3 * 32 * 32));
    expect(parts[0]?.weights).toEqual([{ name: 'model.embed_tokens.weight', shape: [512, 32], parameters: 512 * 32 }]);
  });
});

test('what a step wrote outside the cache is told by its run, as long as the work is the same', async () => {
  const { record } = await realRun(graphFolder());
  const saved = record.steps[2];
  const found = writtenBy([record], 'saved', saved?.key ?? '', { file: 'file' });
  expect(found).toMatchObject({
    node: 'saved',
    kind: 'deliver',
    artifacts: { file: { type: 'file', path: expect.stringContaining('walk') as string } },
  });
  expect(writtenBy([record], 'saved', 'another key', { file: 'file' })).toBeNull();
});
