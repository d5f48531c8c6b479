// Tensors of families that store them in another form: what transformers wrote comes back the same, name by name and value by value.
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { weightFiles } from '../../engine/data/safetensors.ts';
import { openSource } from '../../engine/data/source.ts';
import { inFamily, ownNames, placedShape } from '../../engine/nodes/families/names.ts';
import { readHeader } from '../../engine/nodes/safetensors.ts';
import { complaintOf, ownFolder } from '../data/setting.ts';

const models = join(import.meta.dirname, '../fixtures/models');
const folder = ownFolder();

/** Names, shapes and bytes as they stand in the file. */
function plain(path: string): [string, number[], Buffer][] {
  const source = openSource(path);
  const all = [...readHeader(path, source)].map(([name, { shape, begin, end }]): [string, number[], Buffer] => [
    name,
    shape,
    Buffer.from(source.read(begin, end - begin)),
  ]);
  source.close();
  return all.sort(([a], [b]) => (a < b ? -1 : 1));
}

describe.each(['gpt2', 'bert'])('%s', (type) => {
  const path = join(models, type, 'model.safetensors');

  test('is written as it was read', async () => {
    const reader = await weightFiles.open([path]);
    const tensors = [...reader.tensors].map(([name, { shape }]) => ({ name, shape, values: reader.read(name) }));
    const out = join(folder, `${type}.safetensors`);
    await weightFiles.write(out, inFamily({ type, bare: false }, tensors));
    expect(plain(out)).toEqual(plain(path));
  });

  test('has its names in models without a head too', async () => {
    const reader = await weightFiles.open([path]);
    const body = [...reader.tensors.keys()].filter((name) => name.startsWith('model.'));
    const tensors = body.map((name) => ({
      name,
      shape: reader.tensors.get(name)?.shape ?? [],
      values: reader.read(name),
    }));
    const out = join(folder, `${type}-bare.safetensors`);
    await weightFiles.write(out, inFamily({ type, bare: true }, tensors));
    const bare = await weightFiles.open([out]);
    expect([...bare.tensors.keys()].sort()).toEqual([...body].sort());
    for (const { name, values } of tensors) expect(bare.read(name)).toEqual(values);
  });
});

describe('names', () => {
  test('of other families are left alone', () => {
    expect(ownNames(new Map([['model.embed_tokens.weight', 1]]))).toBeNull();
    const tensors = [{ name: 'x', shape: [1], values: Float32Array.of(1) }];
    expect([...inFamily({ type: 'llama', bare: false }, tensors)]).toEqual(tensors);
  });

  test('of the first BERT, gamma and beta, are known', () => {
    const names = ownNames(
      new Map([
        ['bert.embeddings.word_embeddings.weight', 1],
        ['bert.encoder.layer.11.output.LayerNorm.gamma', 1],
        ['bert.encoder.layer.11.output.LayerNorm.beta', 1],
      ]),
    );
    expect([...(names?.keys() ?? [])]).toEqual([
      'model.embed_tokens.weight',
      'model.layers.11.post_attention_layernorm.weight',
      'model.layers.11.post_attention_layernorm.bias',
    ]);
  });

  test('a part of a transposed matrix has the shape of its own', () => {
    expect(placedShape([8, 24], { stored: '', index: 1, of: 3, turned: true })).toEqual([8, 8]);
    expect(placedShape([24], { stored: '', index: 1, of: 3, turned: false })).toEqual([8]);
  });
});

describe('FP8 in blocks', () => {
  test('is what PyTorch makes of it', async () => {
    const path = join(models, 'fp8.safetensors');
    const reader = await weightFiles.open([path]);
    expect([...reader.tensors.keys()].sort()).toEqual(['expected', 'matrix.weight']);
    expect(reader.read('matrix.weight')).toEqual(reader.read('expected'));
  });

  test('with factors of another shape is refused by name', async () => {
    const found = await complaintOf(weightFiles.open([join(models, 'fp8-wrong.safetensors')]));
    expect(found.message).toContain('matrix.weight_scale_inv has shape [1, 1]');
    expect(found.message).toContain('needs [2, 2]');
  });
});
