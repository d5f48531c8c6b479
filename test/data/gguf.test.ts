// GGUF: values are those of llama.cpp's own Python package to the last bit, a model gives the logits of the folder it was made from, and
// files that are cut off or lie about themselves are refused before anything of their size is allocated.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { weightFiles } from '../../engine/data/safetensors.ts';
import { openSource } from '../../engine/data/source.ts';
import { readTokenizer } from '../../engine/data/tokenizer.ts';
import { readConfig } from '../../engine/nodes/families/families.ts';
import { ConfigError } from '../../engine/nodes/families/family.ts';
import { type GgufModel, openGguf } from '../../engine/nodes/gguf/gguf.ts';
import { InputError } from '../../engine/nodes/kind.ts';
import { complaintOf, ownFolder } from './setting.ts';

const models = join(import.meta.dirname, '../fixtures/models');
const folder = ownFolder();

type Value = [type: number, value: unknown];
const u32 = (value: number): Buffer => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
};
const u64 = (value: number | bigint): Buffer => {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(BigInt(value));
  return bytes;
};
const text = (value: string): Buffer => Buffer.concat([u64(Buffer.byteLength(value)), Buffer.from(value)]);
const f32 = (value: number): Buffer => {
  const bytes = Buffer.alloc(4);
  bytes.writeFloatLE(value);
  return bytes;
};

function bytesOf([type, value]: Value): Buffer {
  if (type === 4 || type === 5) return u32(value as number);
  if (type === 6) return f32(value as number);
  if (type === 7) return Buffer.from([value === true ? 1 : 0]);
  if (type === 8) return text(value as string);
  const [inner, entries] = value as [number, unknown[]];
  return Buffer.concat([u32(inner), u64(entries.length), ...entries.map((entry) => bytesOf([inner, entry]))]);
}

interface Written {
  metadata?: Record<string, Value>;
  tensors?: { name: string; sides: number[]; type: number; at: number }[];
  data?: Buffer;
  counts?: [bigint, bigint];
  version?: number;
}

/** A GGUF file of these parts. */
function file({ metadata = {}, tensors = [], data = Buffer.alloc(0), counts, version = 3 }: Written): Buffer {
  const keys = Object.entries(metadata);
  const [tensorCount, keyCount] = counts ?? [BigInt(tensors.length), BigInt(keys.length)];
  const head = Buffer.concat([
    Buffer.from('GGUF'),
    u32(version),
    u64(tensorCount),
    u64(keyCount),
    ...keys.flatMap(([key, value]) => [text(key), u32(value[0]), bytesOf(value)]),
    ...tensors.flatMap(({ name, sides, type, at }) => [
      text(name),
      u32(sides.length),
      ...sides.map(u64),
      u32(type),
      u64(at),
    ]),
  ]);
  return Buffer.concat([head, Buffer.alloc((32 - (head.length % 32)) % 32), data]);
}

function opened(bytes: Buffer): GgufModel {
  const path = join(folder, 'made.gguf');
  writeFileSync(path, bytes);
  const source = openSource(path);
  try {
    return openGguf(source);
  } finally {
    source.close();
  }
}

const llama: Record<string, Value> = {
  'general.architecture': [8, 'llama'],
  'llama.block_count': [4, 1],
  'llama.context_length': [4, 64],
  'llama.embedding_length': [4, 8],
  'llama.feed_forward_length': [4, 16],
  'llama.attention.head_count': [4, 2],
  'llama.attention.layer_norm_rms_epsilon': [6, 1e-5],
};
const table = { name: 'token_embd.weight', sides: [8, 4], type: 0, at: 0 };
const sound = { metadata: llama, tensors: [table], data: Buffer.alloc(128) };

describe('values', () => {
  it('of every type are those of llama.cpp', async () => {
    const reader = await weightFiles.open([join(models, 'types.gguf')]);
    const wanted = await weightFiles.open([join(models, 'types.safetensors')]);
    expect([...reader.tensors.keys()].sort()).toEqual([...wanted.tensors.keys()].sort());
    for (const [name, { shape }] of wanted.tensors) {
      expect({ name, shape: reader.tensors.get(name)?.shape }).toEqual({ name, shape });
      expect({ name, values: reader.read(name) }).toEqual({ name, values: wanted.read(name) });
    }
    reader.close();
    wanted.close();
  });

  it('stand under the names and in the order of rows of transformers', async () => {
    const reader = await weightFiles.open([join(models, 'llama.gguf')]);
    const wanted = await weightFiles.open([join(models, 'llama/model.safetensors')]);
    expect([...reader.tensors.keys()].sort()).toEqual([...wanted.tensors.keys()].sort());
    for (const name of wanted.tensors.keys())
      expect({ name, values: reader.read(name) }).toEqual({ name, values: wanted.read(name) });
    const source = openSource(join(models, 'llama.gguf'));
    const { init: _, ...architecture } = openGguf(source).architecture;
    source.close();
    const { init: __, ...folderOf } = readConfig(readFileSync(join(models, 'llama/config.json'), 'utf8'));
    expect(architecture).toEqual(folderOf);
  });
});

describe('metadata', () => {
  it('gives a tokenizer and the chat template', () => {
    const tokens = ['<|end|>', ...'abcdefgh 12'.split('').map((c) => (c === ' ' ? 'Ġ' : c)), 'ab', 'Ġab'];
    const { tokenizer, chat } = opened(
      file({
        ...sound,
        metadata: {
          ...llama,
          'tokenizer.ggml.model': [8, 'gpt2'],
          'tokenizer.ggml.pre': [8, 'smollm'],
          'tokenizer.ggml.tokens': [9, [8, tokens]],
          'tokenizer.ggml.token_type': [9, [5, tokens.map((_, i) => (i === 0 ? 3 : 1))]],
          'tokenizer.ggml.merges': [9, [8, ['a b', 'Ġ ab']]],
          'tokenizer.ggml.eos_token_id': [4, 0],
          'tokenizer.chat_template': [8, '{{ messages }}'],
        },
      }),
    );
    expect(chat).toEqual({ template: '{{ messages }}', bos: '', eos: '<|end|>' });
    if (!('text' in tokenizer)) throw new Error(tokenizer.reason);
    const read = readTokenizer(tokenizer.text(), 'made.gguf');
    expect(read.encode('ab ab12<|end|>').map((id) => tokens[id])).toEqual(['ab', 'Ġab', '1', '2', '<|end|>']);
    expect([...read.special]).toEqual([0]);
  });

  it.each([
    ['llama', undefined, '"llama"'],
    ['gpt2', 'tekken', '"tekken"'],
  ])('says why there is no tokenizer (%s, %s)', (model, pre, told) => {
    const { tokenizer } = opened(
      file({
        ...sound,
        metadata: {
          ...llama,
          'tokenizer.ggml.model': [8, model],
          ...(pre && { 'tokenizer.ggml.pre': [8, pre] satisfies Value }),
        },
      }),
    );
    expect('reason' in tokenizer && tokenizer.reason).toContain(told);
  });

  it.each<[string, Record<string, Value>, RegExp]>([
    ['another architecture', { 'general.architecture': [8, 'mamba'] }, /"mamba".*llama are supported/],
    ['experts', { 'llama.expert_count': [4, 8] }, /mixture of experts/],
    ['parts of a file', { 'split.count': [4, 3] }, /split into several files/],
    ['partial rotation', { 'llama.rope.dimension_count': [4, 2] }, /only 2 of 4 channels/],
    ['linear scaling', { 'llama.rope.scaling.type': [8, 'linear'], 'llama.rope.scaling.factor': [6, 2] }, /"linear"/],
    ['no width', { 'llama.embedding_length': [8, 'wide'] }, /hidden_size/],
  ])('of a model that is not computed here is refused: %s', (_, more, told) => {
    const work = () => opened(file({ ...sound, metadata: { ...llama, ...more } }));
    expect(work).toThrow(ConfigError);
    expect(work).toThrow(told);
  });
});

describe('a file', () => {
  it.each<[string, Buffer, RegExp]>([
    ['of nothing', Buffer.alloc(0), /is no GGUF file/],
    ['of another kind', Buffer.alloc(64, 'x'), /is no GGUF file/],
    ['of the first version', file({ ...sound, version: 1 }), /version 1/],
    ['of the other byte order', file({ ...sound, version: 3 << 24 }), /big-endian/],
    ['with a flood of tensors', file({ ...sound, counts: [1n << 60n, 1n] }), /claims 11529215046068\d+ tensors/],
    ['with a flood of keys', file({ ...sound, counts: [1n, 1n << 40n] }), /keys/],
    ['with keys that are not there', file({ ...sound, counts: [1n, 60000n] }), /cut off or damaged|unknown type|twice/],
    [
      'with a list longer than itself',
      Buffer.concat([file({ counts: [0n, 1n] }).subarray(0, 24), text('k'), u32(9), u32(4), u64(1n << 50n)]),
      /claims 1125899906842624 entries in the value of k/,
    ],
    [
      'with a text longer than itself',
      Buffer.concat([file({ counts: [0n, 1n] }).subarray(0, 24), u64((1n << 63n) + 5n)]),
      /ends within the name of a key/,
    ],
    [
      'with lists of lists',
      Buffer.concat([file({ counts: [0n, 1n] }).subarray(0, 24), text('k'), u32(9), u32(9), u64(1), Buffer.alloc(32)]),
      /a list of type 9/,
    ],
    [
      'with an impossible shape',
      file({ ...sound, tensors: [{ ...table, sides: [2 ** 40, 2 ** 40] }] }),
      /impossibly large/,
    ],
    ['with five axes', file({ ...sound, tensors: [{ ...table, sides: [1, 1, 1, 1, 1] }] }), /5 axes/],
    [
      'with a type that is not read',
      file({ ...sound, tensors: [{ ...table, type: 10 }] }),
      /Q2_K; read are F32, .*Q6_K/,
    ],
    ['with a type that does not exist', file({ ...sound, tensors: [{ ...table, type: 99 }] }), /the type 99/],
    ['with broken blocks', file({ ...sound, tensors: [{ ...table, type: 12 }] }), /blocks of 256/],
    ['that is cut off', file({ ...sound, data: Buffer.alloc(100) }), /cut off or damaged/],
    ['with a tensor off its place', file({ ...sound, tensors: [{ ...table, at: 8 }] }), /no multiple of 32/],
    ['with a tensor twice', file({ ...sound, tensors: [table, table] }), /has the tensor token_embd.weight twice/],
    [
      'with tensors over one another',
      file({ ...sound, tensors: [table, { ...table, name: 'b', at: 32 }], data: Buffer.alloc(256) }),
      /overlap/,
    ],
  ])('%s is refused', async (_, bytes, told) => {
    const { message } = await complaintOf(() => opened(bytes));
    expect(message).toMatch(told);
  });

  it('that was changed anywhere is read or refused, and nothing larger than itself is allocated', () => {
    const whole = readFileSync(join(models, 'llama.gguf')).subarray(0, 4096);
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(whole.length - 1), fc.nat(255)), { minLength: 1, maxLength: 6 }),
        fc.nat(),
        (changes, cut) => {
          const bytes = Buffer.from(whole.subarray(0, cut % 3 === 0 ? cut % whole.length : whole.length));
          for (const [at, value] of changes) if (at < bytes.length) bytes[at] = value;
          let asked = 0;
          const source = {
            name: 'made.gguf',
            bytes: bytes.length,
            read(at: number, length: number) {
              asked = Math.max(asked, length);
              return bytes.subarray(at, at + length);
            },
          };
          try {
            openGguf(source);
          } catch (error) {
            if (!(error instanceof InputError || error instanceof ConfigError)) throw error;
          }
          expect(asked).toBeLessThanOrEqual(bytes.length);
        },
      ),
      { numRuns: 300 },
    );
  });
});
