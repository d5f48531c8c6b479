// What objectives feed: which tokens are hidden, in which order rows come, and in which scale numbers are learned.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Weight } from '../../engine/nodes/module.ts';
import { maskRow, mostMasked, type Vocabulary } from '../../engine/nodes/objectives/masking.ts';
import { scaled } from '../../engine/nodes/objectives/scale.ts';
import { padded } from '../../engine/nodes/objectives/texts.ts';
import { random } from '../../engine/nodes/random.ts';
import type { Architecture, Head } from '../../engine/nodes/values.ts';

/** Ids 0 to 3 are special, 3 hides; odd ones go on with a word. */
const vocabulary: Vocabulary = {
  special: new Set([0, 1, 2, 3]),
  mask: 3,
  usual: Int32Array.from({ length: 96 }, (_, i) => i + 4),
  continues: (id) => id % 2 === 1,
};
const usual = { share: 0.15, whole: false };

/** Rows between special tokens, as they are read. */
const rows = fc
  .array(fc.integer({ min: 4, max: 99 }), { minLength: 1, maxLength: 60 })
  .map((ids) => Int32Array.of(1, ...ids, 2));

describe('hidden tokens', () => {
  test('are a share of those that are not special, one at least, and what stood there is to be found', () => {
    fc.assert(
      fc.property(rows, fc.nat(50), fc.boolean(), (row, seed, whole) => {
        const ids = row.slice();
        const found = maskRow(ids, vocabulary, { share: 0.15, whole }, random(seed));
        const most = mostMasked(row.length - 2, 0.15);
        expect(found.length).toBeGreaterThan(0);
        expect(found.length).toBeLessThanOrEqual(most);
        if (!whole) expect(found.length).toBe(most);
        const places = new Set(found.map(({ place }) => place));
        expect(places.size).toBe(found.length);
        for (const { place, target } of found) expect(target).toBe(row[place]);
        for (const [place, id] of row.entries()) if (!places.has(place)) expect(ids[place]).toBe(id);
        expect([ids[0], ids[ids.length - 1]]).toEqual([1, 2]);
      }),
    );
  });

  test('are replaced by the token that hides, by others, or stay: 80, 10 and 10 in a hundred', () => {
    let [hidden, other, same] = [0, 0, 0];
    for (let seed = 0; seed < 400; seed++) {
      const row = Int32Array.from({ length: 100 }, (_, i) => 4 + (i % 96));
      const ids = row.slice();
      for (const { place, target } of maskRow(ids, vocabulary, usual, random(`share ${seed}`))) {
        const now = ids[place] as number;
        if (now === 3) hidden++;
        else if (now === target) same++;
        else {
          other++;
          expect(vocabulary.special.has(now)).toBe(false);
        }
      }
    }
    const all = hidden + other + same;
    expect(all).toBe(400 * 15);
    // Four standard deviations of a share of 6,000 draws.
    expect(Math.abs(hidden / all - 0.8)).toBeLessThan(0.021);
    expect(Math.abs(other / all - 0.1 * (95 / 96))).toBeLessThan(0.016);
  });

  test('are the same for the same draws, and others for others', () => {
    const row = Int32Array.from({ length: 60 }, (_, i) => 4 + i);
    const at = (seed: string) => maskRow(row.slice(), vocabulary, usual, random(seed)).map(({ place }) => place);
    expect(at('1 7')).toEqual(at('1 7'));
    expect(at('1 7')).not.toEqual(at('1 8'));
  });

  test('are whole words where asked for', () => {
    // Words of three tokens: an even id begins one, odd ones go on.
    const row = Int32Array.from({ length: 60 }, (_, i) => (i % 3 === 0 ? 10 : 11));
    for (let seed = 0; seed < 50; seed++) {
      const found = maskRow(row.slice(), vocabulary, { share: 0.15, whole: true }, random(seed));
      expect(found).toHaveLength(9);
      const words = new Map<number, number>();
      for (const { place } of found) words.set(Math.floor(place / 3), (words.get(Math.floor(place / 3)) ?? 0) + 1);
      expect([...words.values()]).toEqual([3, 3, 3]);
    }
  });

  test('of a word that is too long are its first', () => {
    const row = Int32Array.of(1, 10, 11, 11, 11, 11, 11, 11, 11, 11, 2);
    expect(maskRow(row, vocabulary, { share: 0.2, whole: true }, random(0)).map(({ place }) => place)).toEqual([1, 2]);
  });
});

test('rows are padded behind their end', () => {
  expect(padded([Int32Array.of(5, 6), Int32Array.of(7, 8, 9)], 3)).toEqual({
    ids: Int32Array.of(5, 6, 0, 7, 8, 9),
    starts: Int32Array.of(0, 0, -1, 0, 0, 0),
  });
});

describe('numbers that are learned in another scale', () => {
  const head: Head = { kind: 'values', tied: false, pool: 'mean', columns: ['a', 'b'], eps: 1e-6 };
  const architecture: Architecture = { tokenizer: null, vocab: 0, dim: 3, init: 1, blocks: [], head };
  const scale = { mean: [10, -4], deviation: [2, 0.5] };
  const weight: Weight = { name: 'score.weight', shape: [2, 3], init: 'normal', trained: true };
  const bias: Weight = { name: 'score.bias', shape: [2], init: 'zeros', trained: true };
  const matrix = Float32Array.of(1, 2, 3, 4, 5, 6);
  const shift = Float32Array.of(0.5, -0.25);
  const answer = (w: Float32Array, b: Float32Array, x: number[]): number[] =>
    [0, 1].map((row) => x.reduce((sum, value, i) => sum + value * (w[3 * row + i] as number), b[row] as number));

  test('come out in the scale of the table, once the model is stored', () => {
    const { stored } = scaled(architecture, scale);
    const x = [0.3, -0.2, 0.7];
    const learned = answer(matrix, shift, x);
    const given = answer(stored(weight, matrix), stored(bias, shift), x);
    for (const column of [0, 1])
      expect(given[column]).toBeCloseTo(
        (learned[column] as number) * (scale.deviation[column] as number) + (scale.mean[column] as number),
        5,
      );
  });

  test('go on from what was stored', () => {
    const { stored, learned } = scaled(architecture, scale);
    for (const [one, values] of [
      [weight, matrix],
      [bias, shift],
    ] as const)
      learned(one, stored(one, values)).forEach((value, i) => expect(value).toBeCloseTo(values[i] as number, 5));
  });

  test('leave other weights as they are', () => {
    const { stored } = scaled(architecture, scale);
    expect(stored({ ...weight, name: 'model.norm.weight' }, matrix)).toBe(matrix);
  });
});
