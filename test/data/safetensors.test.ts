import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { weightFiles } from '../../engine/data/safetensors.ts';
import { InputError } from '../../engine/nodes/kind.ts';
import { anything, askPython, complaintOf, containing, ownFolder, withPython } from './setting.ts';

const folder = ownFolder();
const at = (name: string) => join(folder, name);

/** A file with this header and so many bytes of tensors. */
function file(header: unknown, bytes: number | Buffer, length?: bigint): string {
  const json = Buffer.from(typeof header === 'string' ? header : JSON.stringify(header));
  const size = Buffer.alloc(8);
  size.writeBigUInt64LE(length ?? BigInt(json.length));
  writeFileSync(
    at('made.safetensors'),
    Buffer.concat([size, json, typeof bytes === 'number' ? Buffer.alloc(bytes) : bytes]),
  );
  return at('made.safetensors');
}
const tensor = (shape: unknown, offsets: unknown, dtype: unknown = 'F32') => ({ dtype, shape, data_offsets: offsets });

async function readAll(paths: string[]): Promise<Record<string, { shape: number[]; values: number[] }>> {
  const reader = await weightFiles.open(paths);
  const all: Record<string, { shape: number[]; values: number[] }> = {};
  for (const [name, { shape }] of reader.tensors) all[name] = { shape, values: [...reader.read(name)] };
  reader.close();
  return all;
}

describe('writing and reading', () => {
  it('gives back what was written, whatever names and shapes', async () => {
    const name = fc.string({ minLength: 1, unit: 'grapheme' }).filter((n) => n !== '__metadata__' && n !== '__proto__');
    const shape = fc.array(fc.nat(4), { maxLength: 4 });
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(fc.tuple(name, shape), { selector: ([n]) => n, maxLength: 8 }),
        async (layout) => {
          const tensors = layout.map(([n, s], k) => ({
            name: n,
            shape: s,
            values: Float32Array.from({ length: s.reduce((p, d) => p * d, 1) }, (_, i) => Math.fround(k + i / 3)),
          }));
          await weightFiles.write(at('w.safetensors'), tensors, { made: 'by a test' });
          const read = await readAll([at('w.safetensors')]);
          expect(Object.keys(read)).toHaveLength(tensors.length);
          for (const t of tensors) expect(read[t.name]).toEqual({ shape: t.shape, values: [...t.values] });
        },
      ),
      { numRuns: 40 },
    );
  });
  it('starts tensors at a multiple of eight bytes', async () => {
    await weightFiles.write(at('a.safetensors'), [{ name: 'x', shape: [1], values: new Float32Array([1]) }]);
    expect(readFileSync(at('a.safetensors')).readBigUInt64LE() % 8n).toBe(0n);
  });
  it('leaves the old file and no other when writing fails', async () => {
    const one = { name: 'x', shape: [1], values: new Float32Array([1]) };
    await weightFiles.write(at('kept.safetensors'), [one]);
    const before = readFileSync(at('kept.safetensors'));
    await expect(weightFiles.write(at('kept.safetensors'), [one, one])).rejects.toThrow('written twice');
    await expect(weightFiles.write(at('kept.safetensors'), [{ ...one, shape: [2] }])).rejects.toThrow('1 values');
    const full = Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' });
    function* failing() {
      yield one;
      throw full;
    }
    expect(await complaintOf(weightFiles.write(at('kept.safetensors'), failing()))).toMatchObject({
      code: 'disk-full',
      message: containing('kept.safetensors'),
    });
    expect(readFileSync(at('kept.safetensors')).equals(before)).toBe(true);
    expect(readdirSync(folder).filter((name) => name.startsWith('.tmp'))).toEqual([]);
  });
  it('reads shards, by themselves or from their index', async () => {
    const one = (name: string) => [{ name, shape: [1], values: new Float32Array([7]) }];
    await weightFiles.write(at('m-1.safetensors'), one('a'));
    await weightFiles.write(at('m-2.safetensors'), one('b'));
    const index = at('m.safetensors.index.json');
    writeFileSync(index, JSON.stringify({ weight_map: { a: 'm-1.safetensors', b: 'm-2.safetensors' } }));
    expect(Object.keys(await readAll([index]))).toEqual(['a', 'b']);
    expect(Object.keys(await readAll([at('m-2.safetensors'), at('m-1.safetensors')]))).toEqual(['b', 'a']);
    await weightFiles.write(at('m-2.safetensors'), one('a'));
    expect((await complaintOf(weightFiles.open([index]))).message).toContain(
      'm-2.safetensors repeats the tensor a of m-1.safetensors',
    );
    for (const map of [{ a: '../m-1.safetensors' }, { a: 'm.bin' }, { a: 3 }, undefined, []]) {
      writeFileSync(index, JSON.stringify({ weight_map: map }));
      expect((await complaintOf(weightFiles.open([index]))).code).toBe('weights-broken');
    }
    writeFileSync(index, JSON.stringify({ weight_map: { a: 'gone.safetensors' } }));
    expect(await complaintOf(weightFiles.open([index]))).toMatchObject({
      code: 'path-missing',
      message: 'gone.safetensors does not exist',
    });
  });
});

withPython('against Python safetensors', () => {
  it('reads what Python wrote: F32, F64, F16, BF16, and lists I64', async () => {
    const path = at('python.safetensors');
    const wanted = askPython(
      `
import torch
from safetensors.torch import save_file
torch.manual_seed(1)
t = {k: torch.randn(3, 5).mul(100).to(d) for k, d in dict(a=torch.float32, b=torch.float64, c=torch.float16, d=torch.bfloat16).items()}
t["c"][0] = torch.tensor([float("inf"), -float("inf"), 6e-8, -0.0, 65504])
t["ids"] = torch.arange(4)
t["none"] = torch.zeros(0, 3)
t["one"] = torch.tensor(2.5)
save_file(t, ask["path"], {"format": "pt"})
print(json.dumps({k: [list(v.shape), [repr(x) for x in v.float().flatten().tolist()]] for k, v in t.items() if k != "ids"}))`,
      { path },
    ) as Record<string, [number[], string[]]>;
    const reader = await weightFiles.open([path]);
    expect(reader.tensors.get('ids')).toMatchObject({ dtype: 'I64', shape: [4] });
    expect((await complaintOf(() => reader.read('ids'))).message).toContain('as I64');
    expect((await complaintOf(() => reader.read('missing'))).code).toBe('tensor-missing');
    for (const [name, [shape, values]] of Object.entries(wanted)) {
      expect(reader.tensors.get(name)?.shape).toEqual(shape);
      const numbers = values.map((v) =>
        v.endsWith('inf') ? (v.startsWith('-') ? -1 : 1) * Number.POSITIVE_INFINITY : Number(v),
      );
      expect([...reader.read(name)], name).toEqual(numbers);
    }
    reader.close();
  });
  it('writes what Python reads', async () => {
    const path = at('ours.safetensors');
    await weightFiles.write(
      path,
      [
        {
          name: 'model.layers.0.w',
          shape: [2, 3],
          values: new Float32Array([1, -2.5, 3e-40, 4, Number.POSITIVE_INFINITY, 6]),
        },
        { name: 'ünï"\\', shape: [], values: new Float32Array([0.1]) },
        { name: 'none', shape: [0, 2], values: new Float32Array() },
      ],
      { format: 'pt' },
    );
    const read = askPython(
      `
from safetensors import safe_open
with safe_open(ask["path"], "pt") as f:
    print(json.dumps([f.metadata(), {k: [list(f.get_tensor(k).shape), [repr(x) for x in f.get_tensor(k).flatten().tolist()]] for k in f.keys()}]))`,
      { path },
    );
    const float = (x: number) => Math.fround(x);
    expect(read).toMatchObject([{ format: 'pt' }, { 'model.layers.0.w': [[2, 3], anything], none: [[0, 2], []] }]);
    const [, tensors] = read as [unknown, Record<string, [number[], string[]]>];
    expect(tensors['model.layers.0.w']?.[1].map((v) => (v === 'inf' ? Number.POSITIVE_INFINITY : Number(v)))).toEqual([
      1,
      -2.5,
      float(3e-40),
      4,
      Number.POSITIVE_INFINITY,
      6,
    ]);
    expect(Number(tensors['ünï"\\']?.[1][0])).toBe(float(0.1));
  });
});

describe('files that are refused', () => {
  const cases: [string, () => string, RegExp][] = [
    [
      'cut off before the header',
      () => (writeFileSync(at('x.safetensors'), Buffer.alloc(5)), at('x.safetensors')),
      /has 5 bytes/,
    ],
    ['an oversized header', () => file({}, 0, 2n ** 63n), /header of 9223372036854775808 bytes; 100000000 are allowed/],
    ['a header longer than the file', () => file({}, 0, 1000n), /header of 1000 bytes, but has only/],
    ['a header that is no JSON', () => file('{"a":', 0), /no JSON/],
    ['a header that is no UTF-8', () => file('', Buffer.from([0xff, 0xfe]), 2n), /no JSON/],
    ['a header that is a list', () => file('[]', 0), /no JSON object/],
    ['tensors cut off', () => file({ a: tensor([4], [0, 16]) }, 15), /holds 15 bytes of tensors: it is cut off/],
    ['bytes after the last tensor', () => file({ a: tensor([4], [0, 16]) }, 20), /4 bytes after its last tensor/],
    ['overlapping tensors', () => file({ a: tensor([2], [0, 8]), b: tensor([2], [4, 12]) }, 12), /lets b overlap a/],
    ['two tensors in one place', () => file({ a: tensor([2], [0, 8]), b: tensor([2], [0, 8]) }, 8), /overlap/],
    ['a hole', () => file({ a: tensor([1], [0, 4]), b: tensor([1], [8, 12]) }, 12), /a hole of 4 bytes before b/],
    ['a hole at the start', () => file({ a: tensor([1], [4, 8]) }, 8), /a hole of 4 bytes before a/],
    [
      'more bytes than the shape takes',
      () => file({ a: tensor([2, 2], [0, 20]) }, 20),
      /20 bytes; F32 of shape \[2, 2\] takes 16/,
    ],
    ['a shape whose product overflows', () => file({ a: tensor([2 ** 40, 2 ** 40], [0, 8]) }, 8), /impossibly large/],
    [
      'a shape whose product overflows to zero',
      () => file({ a: tensor([4294967296, 4294967296, 0], [0, 0]) }, 0),
      /impossibly large/,
    ],
    ['a negative length', () => file({ a: tensor([-1], [0, 4]) }, 4), /whole numbers/],
    ['a broken length', () => file({ a: tensor([1.5], [0, 6]) }, 6), /whole numbers/],
    ['no shape', () => file({ a: { dtype: 'F32', data_offsets: [0, 4] } }, 4), /shape undefined/],
    ['negative offsets', () => file({ a: tensor([1], [-4, 0]) }, 4), /offsets \[-4,0\]/],
    ['reversed offsets', () => file({ a: tensor([1], [4, 0]) }, 4), /bytes 4 to 0/],
    ['offsets that are text', () => file({ a: tensor([1], ['0', '4']) }, 4), /two whole numbers/],
    ['three offsets', () => file({ a: tensor([1], [0, 4, 8]) }, 4), /two whole numbers/],
    ['an unknown type', () => file({ a: tensor([1], [0, 4], 'F33') }, 4), /type "F33"/],
    [
      'a type from the object prototype',
      () => file({ a: tensor([1], [0, 4], 'constructor') }, 4),
      /type "constructor"/,
    ],
    ['a tensor that is no object', () => file({ a: 3 }, 0), /describes a by no object/],
    [
      'a tensor named twice',
      () => file(`{"a":${JSON.stringify(tensor([1], [0, 4]))},"\\u0061":${JSON.stringify(tensor([1], [0, 4]))}}`, 4),
      /names the tensor a twice/,
    ],
    ['metadata that is no texts', () => file({ __metadata__: { a: 1 } }, 0), /metadata/],
    ['a file that is missing', () => at('missing.safetensors'), /missing.safetensors does not exist/],
  ];
  it.each(cases)('%s', async (_, make, message) => {
    const path = make();
    const complaint = await complaintOf(weightFiles.open([path]));
    expect(complaint.message).toMatch(message);
    expect(complaint.message.startsWith(basename(path))).toBe(true);
  });

  it('any change of bytes gives tensors or an InputError, and allocates no more than the file holds', async () => {
    await weightFiles.write(at('base.safetensors'), [
      { name: 'a', shape: [2, 3], values: new Float32Array(6) },
      { name: 'b', shape: [4], values: new Float32Array(4) },
    ]);
    const base = readFileSync(at('base.safetensors'));
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.nat(base.length - 1), fc.nat(255)), { minLength: 1, maxLength: 4 }),
        fc.option(fc.nat(base.length)),
        async (changes, cut) => {
          const bytes = Buffer.from(base);
          for (const [i, byte] of changes) bytes[i] = byte;
          writeFileSync(at('mutated.safetensors'), cut === null ? bytes : bytes.subarray(0, cut));
          try {
            const read = await readAll([at('mutated.safetensors')]);
            const values = Object.values(read).reduce((sum, t) => sum + t.values.length, 0);
            expect(values * 2).toBeLessThanOrEqual(base.length);
          } catch (error) {
            if (!(error instanceof InputError)) throw error;
          }
        },
      ),
      { numRuns: 300 },
    );
  });
});
