// Content keys: what changes them and what does not.
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hashValue } from '../../engine/data/hash.ts';
import { keyedParams } from '../../engine/plan/keys.ts';
import { format } from '../../grammar/format.ts';
import { keysOf, newPlace, type Place, whale } from './fixture.ts';

let place: Place;
let before: Record<string, string>;
beforeAll(async () => {
  place = newPlace();
  before = keysOf(await place.plan(whale));
});
afterAll(() => place.remove());

const keys = async (text: string) => keysOf(await place.plan(text));

/** Nodes and what they read, to say what lies downstream. */
const reads: Record<string, string[]> = {
  book: [],
  clean: ['book'],
  parts: ['clean'],
  vocab: ['parts'],
  hidden: ['vocab'],
  'next.attention': [],
  'next.ffn': [],
  next: ['hidden', 'next.attention', 'next.ffn'],
  model: ['next'],
  'trained.optimizer': [],
  trained: ['model', 'parts', 'trained.optimizer'],
  saved: ['trained'],
};

function downstream(node: string): string[] {
  const found = new Set([node]);
  // the record is in dependency order
  for (const [name, sources] of Object.entries(reads)) if (sources.some((each) => found.has(each))) found.add(name);
  return [...found].sort();
}

describe('keys', () => {
  it('are 64 hexadecimal digits, one for each node, all different', () => {
    expect(Object.keys(before).sort()).toEqual(Object.keys(reads).sort());
    expect(Object.values(before).every((key) => /^[0-9a-f]{64}$/.test(key))).toBe(true);
    expect(new Set(Object.values(before)).size).toBe(Object.keys(before).length);
  });

  it('are made as documented, so that other programs can make them', () => {
    const { clean, book } = before;
    const made = hashValue({
      scheme: 1,
      kind: 'keep',
      version: 1,
      params: { limit: 100, where: 'length(text) > 3' },
      inputs: { table: `${book}.table` },
      files: [],
    });
    expect(clean).toBe(made);
  });

  it('stay through comments, spacing and formatting', async () => {
    const noisy = whale.replaceAll('\n', ' # said\n').replace('dsk 1 # said', 'dsk 1').replaceAll(', ', ' ,   ');
    expect(await keys(noisy)).toEqual(before);
    expect(await keys(format(whale).text)).toEqual(before);
    expect(await keys(whale.replaceAll('\n', '\r\n'))).toEqual(before);
  });

  it('stay through renaming and reordering', async () => {
    const renamed = whale
      .replaceAll('book', 'moby')
      .replaceAll('vocab', 'words_of_it')
      .replaceAll('trained', 'learned');
    expect(Object.values(await keys(renamed)).sort()).toEqual(Object.values(before).sort());
    const [head = '', ...statements] = whale.split('\n\n');
    const lines = statements
      .join('\n')
      .split('\n')
      .filter((line) => line !== '');
    expect(await keys(`${head}\n\n${lines.reverse().join('\n')}\n`)).toEqual(before);
  });

  it('stay when a value is written another way', async () => {
    expect(await keys(whale.replace('90%', '0.9').replace('3e-3', '0.003').replace('size: size', 'size: 256'))).toEqual(
      before,
    );
    expect(await keys(whale.replace('gated()', 'gated(dim: 16)'))).toEqual(before);
    expect(await keys(whale.replace('keep(book, "length', 'keep(table: book, where: "length'))).toEqual(before);
    expect(await keys(whale.replace('keep(book, "length(text) > 3")', 'book |> keep("length(text) > 3")'))).toEqual(
      before,
    );
  });

  it('stay when an inline node gets a name of its own', async () => {
    const named = whale.replace('adam(lr: 3e-3)', 'best').replace('trained =', 'best    = adam(lr: 3e-3)\ntrained =');
    expect((await keys(named)).trained).toBe(before.trained);
  });

  it('stay when a parameter changes that has no say in the result', async () => {
    expect(
      await keys(
        whale.replace('rows: "file"', 'rows: "file", threads: 7').replace('steps: 100', 'steps: 100, log_every: 1'),
      ),
    ).toEqual(before);
  });

  it('change for exactly the node and what lies downstream, whatever parameter changes', async () => {
    const edits: [node: string, from: string, to: (n: number) => string][] = [
      ['book', 'data/*.txt', (n) => ['data/?.txt', 'data/[ab].txt', './data/*.txt'][n % 3] as string],
      ['clean', '> 3', (n) => `> ${n + 4}`],
      ['clean', '> 3")', (n) => `> 3", limit: ${n + 101})`],
      ['parts', '90%', (n) => `${1 + (n % 89)}%`],
      ['parts', '90%)', (n) => `90%, seed: ${n + 1})`],
      ['vocab', 'size = 256', (n) => `size = ${257 + n}`],
      ['hidden', 'dim: 8', (n) => `dim: ${10 + 2 * n}`],
      ['next.attention', 'heads(2)', (n) => `heads(${[1, 4, 8][n % 3]})`],
      ['next.ffn', 'gated()', (n) => `gated(dim: ${17 + n})`],
      ['next', 'gated())', (n) => `gated(), repeat: ${2 + n})`],
      ['model', 'head(next)', () => 'head(next, tied: true)'],
      ['trained.optimizer', '3e-3', (n) => `${4 + n}e-3`],
      ['trained', 'steps: 100', (n) => `steps: ${101 + n}`],
      ['saved', '"out"', (n) => `"out${n}"`],
    ];
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...edits), fc.nat({ max: 500 }), async ([node, from, to], n) => {
        const after = await keys(whale.replace(from, to(n)));
        const changed = Object.keys(before).filter((name) => before[name] !== after[name]);
        expect(changed.sort(), `${node}: ${to(n)}`).toEqual(downstream(node));
      }),
      { numRuns: 80 },
    );
  });
});

it('a parameter that has a say only beside another is part of the key only then', () => {
  const kind = {
    params: {
      every: { description: 'x', unkeyed: { unless: ['patience'] } },
      patience: { description: 'x' },
      quiet: { description: 'x', unkeyed: true },
    },
  };
  const keyed = (params: Record<string, unknown>) =>
    keyedParams({ kind, params } as unknown as Parameters<typeof keyedParams>[0]);
  expect(keyed({ every: 5, quiet: 1 })).toEqual({});
  expect(keyed({ every: 5, quiet: 1, patience: 3 })).toEqual({ every: 5, patience: 3 });
});
