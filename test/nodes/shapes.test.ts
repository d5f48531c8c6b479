// What the kinds of models say where their parts do not fit, and the architectures that they make where they do.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { check } from '../../engine/graph/check.ts';
import { openFiles } from '../../engine/graph/files.ts';
import { readKinds } from '../../engine/graph/kinds.ts';
import { decoder, decoderCost, decoderWeights } from '../../engine/nodes/decoder.ts';
import type { ModelSpec } from '../../engine/nodes/values.ts';
import { ownFolder } from '../data/setting.ts';

const folder = ownFolder();
writeFileSync(join(folder, 'x.txt'), 'One two three.\n');
const kinds = await readKinds();

const beginnings = `
book = load("x.txt", rows: "line")
vocab = tokenizer(book, size: 300)
tokens = embedding(vocab, dim: 32)
walk = series(columns: ["a", "b"], time: 8, dim: 32)
digit = picture(column: "pixels", height: 8, width: 8, dim: 32)
own = mha(heads: 4)
net = mlp(dim: 64)
decoder = transformer_block(tokens, attention: own, ffn: net)
encoder = transformer_block(tokens, attention: own, ffn: net, causal: false)
`;

async function checked(statements: string) {
  const files = openFiles({ folder });
  const result = await check(`dsk 1\n${beginnings}${statements}\n`, { kinds, files, set: {} });
  await files.close();
  return result;
}

/** Of the node `x`. */
async function architecture(statements: string) {
  const { graph, diagnostics } = await checked(statements);
  expect(diagnostics.filter(({ severity }) => severity === 'error')).toEqual([]);
  const node = graph?.nodes.find(({ path }) => path === 'x');
  const [spec] = Object.values(node?.outputs ?? {});
  return (spec as ModelSpec).architecture;
}

test.each([
  ['x = embedding(vocab, dim: 32, context: 5)', 'param-idle', 'context has no meaning without positions'],
  ['x = embedding(vocab, dim: 32, eps: 0.1)', 'param-idle', 'eps has no meaning without norm'],
  ['x = embedding(vocab, dim: 32, positions: "learned")', 'positions-size', 'give context'],
  ['x = embedding(vocab, dim: 32, front: decoder)', 'front-place', 'only a picture or series'],
  [
    'p = picture(column: "p", height: 4, width: 4, dim: 32, positions: "learned")\nx = embedding(vocab, dim: 32, front: p)',
    'param-idle',
    'positions of the picture',
  ],
  ['x = convolution(decoder, channels: 3)', 'front-place', 'in front of everything'],
  ['x = convolution(walk, channels: 3, size: 40, padding: 0)', 'convolution-empty', 'nothing is left of 8 places'],
  ['x = series(columns: ["a", "a"], time: 8, dim: 32)', 'name-twice', 'the column a stands there twice'],
  ['x = mha(heads: 4, yarn_context: 9)', 'param-idle', 'yarn_context has no meaning without yarn_factor'],
  ['x = mha(heads: 4, positions: "none", llama3_factor: 2)', 'param-idle', 'beside positions: "none"'],
  ['x = mha(heads: 4, yarn_factor: 2, llama3_factor: 2)', 'rope-scaling', 'not by both'],
  ['x = moe(experts: 4, active: 2, dim: 8, scores: "softmax", bias_speed: 0.1)', 'param-idle', 'has no biases'],
  ['x = transformer_block(tokens, attention: own, ffn: net, cross: own)', 'param-idle', 'cross has no meaning'],
  ['x = transformer_block(tokens, attention: own, ffn: net, memory: decoder)', 'memory-wrong', 'only those before it'],
  [
    'x = transformer_block(tokens, attention: own, ffn: net, memory: encoder, cross: mla(heads: 4, kv_rank: 8, rope_dim: 4))',
    'cross-attention',
    'must be mha',
  ],
  [
    'x = transformer_block(tokens, attention: own, ffn: net, memory: encoder, cross: mha(heads: 4, yarn_factor: 2))',
    'param-idle',
    'nothing rotates',
  ],
  [
    'x = transformer_block(tokens, attention: own, ffn: net, memory: encoder, cross: mha(heads: 5))',
    'uneven-heads',
    '5 heads',
  ],
  [
    'a = transformer_block(encoder, attention: own, ffn: net, causal: false)\nb = transformer_block(tokens, attention: own, ffn: net, memory: encoder)\nx = transformer_block(b, attention: own, ffn: net, memory: a)',
    'memory-wrong',
    'another encoder',
  ],
  ['x = lm_head(walk)', 'no-tokens', 'embeds no tokens'],
  ['x = lm_head(decoder, further_weight: 0.1)', 'param-idle', 'without further'],
  ['x = lm_head(encoder, further: 1)', 'further-blind', 'only those before them'],
  ['x = class_head(decoder, labels: ["a", "b", "a"])', 'name-twice', '"a" stands there twice'],
  ['x = value_head(decoder, columns: ["a", "a"])', 'name-twice', 'the column a'],
  ['x = vector_head(decoder, pool: "first")', 'pool-blind', 'nothing but itself'],
])('%s: %s', async (statements, code, message) => {
  const { diagnostics } = await checked(statements);
  const errors = diagnostics.filter(({ severity }) => severity === 'error');
  expect(errors.map((each) => each.code)).toEqual([code]);
  expect(errors[0].message).toContain(message);
});

test('what is as in LLaMA is left out, so that keys of older graphs stay', async () => {
  const { blocks, head, ...rest } = await architecture(
    'x = lm_head(transformer_block(tokens, attention: own, ffn: swiglu(dim: 64)))',
  );
  expect(Object.keys(rest).sort()).toEqual(['dim', 'init', 'tokenizer', 'vocab']);
  expect(head).toEqual({ eps: 1e-6, tied: false });
  expect(blocks).toEqual([
    {
      repeat: 1,
      attention: { kind: 'mha', params: { heads: 4, rope_theta: 10000 } },
      ffn: { kind: 'swiglu', params: { dim: 64 } },
      eps: 1e-6,
    },
  ]);
});

test('the last norm, and what one vector is made of, go with the blocks', async () => {
  const head = async (block: string, end = 'vector_head') =>
    (await architecture(`b = transformer_block(tokens, attention: own, ffn: net, ${block})\nx = ${end}(b)`)).head;
  expect(await head('norm: "layer"')).toEqual({ kind: 'vector', tied: false, eps: 1e-6, norm: 'layer', pool: 'last' });
  expect(await head('norm: "layer", causal: false')).toMatchObject({ norm: 'layer', pool: 'mean' });
  expect(await head('norm: "layer", place: "post"', 'lm_head')).toEqual({ tied: false, eps: 1e-6, norm: 'none' });
});

test('a memory is the encoder with its last norm, and attention over it rotates nothing', async () => {
  const { blocks, memory } = await architecture(
    'x = transformer_block(tokens, attention: mha(heads: 4, kv_heads: 2, bias: "all", yarn_factor: 2), ffn: net, memory: encoder)',
  );
  expect(memory).toMatchObject({ dim: 32, head: null, final: 'rms', blocks: [{ both: true }] });
  expect(blocks[0].cross).toEqual({
    kind: 'mha',
    params: { heads: 4, kv_heads: 2, bias: 'all', rope_theta: 10000, positions: 'none' },
  });
});

test('positions of a picture are as many as its convolutions leave, those of an embedding count the picture too', async () => {
  const conv = `p = picture(column: "p", height: 8, width: 6, channels: 3, dim: 32, positions: "learned")
x = convolution(p, channels: 4, size: 2, stride: 2, padding: 0)`;
  expect((await architecture(conv)).positions).toEqual({ kind: 'learned', size: 12 });
  const both =
    'p = convolution(digit, channels: 4, size: 4, stride: 4, padding: 0)\nx = embedding(vocab, dim: 32, positions: "sinusoidal", context: 10, front: p)';
  expect((await architecture(both)).positions).toEqual({ kind: 'sinusoidal', size: 14 });
});

test('costs count all weights, and every position of a picture and its text', async () => {
  const text = `p = convolution(digit, channels: 4, size: 4, stride: 4, padding: 0)
b = transformer_block(embedding(vocab, dim: 32, front: p), attention: own, ffn: net, memory: encoder, dropout: 0.1)
x = lm_head(b, further: 1, bias: true)`;
  const found = await architecture(text);
  const all = decoderWeights(kinds, found);
  const total = all.reduce((sum, { shape }) => sum + shape.reduce((a, b) => a * b, 1), 0);
  const cost = decoderCost(kinds, found, 12);
  expect(cost.parameters).toBe(total);
  expect(new Set(all.map(({ name }) => name)).size).toBe(all.length);
  const program = decoder(kinds, found);
  expect(program.front).toEqual({ shape: [8, 8, 1], positions: 4 });
  expect(program.draws).toBe(true);
  expect(program.encoder?.draws).toBe(false);
  for (const value of Object.values(cost)) expect(Number.isFinite(value) && value > 0).toBe(true);
});
