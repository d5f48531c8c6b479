// MinHash: texts simplified as datatrove does it, signatures that estimate similarity, bands that text-dedup would choose, clusters
// that are the connected rows, whatever the memory.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { clusters } from '../../engine/data/clusters.ts';
import { bandHashes, permutations, shingles, signature, similarity, sketch } from '../../engine/data/minhash.ts';
import { encodeSignatures, openSignatures, type Signatures } from '../../engine/data/signatures.ts';
import { simplifyText } from '../../engine/data/simplify.ts';
import { bandsFor } from '../../engine/nodes/bands.ts';
import { random } from '../../engine/nodes/random.ts';
import { mails, planted } from '../bench/corpus.ts';
import { askPython, ownFolder, withPython } from './setting.ts';

const words = { unit: 'word', size: 5 } as const;
const texts = mails();

describe('a simplified text', () => {
  it.each([
    ['Hello,  World!', 'hello world'],
    ['  a\t\n b ', 'a b'],
    ['Größe CAFÉ naïve', 'große cafe naive'],
    ['it costs 1,234.50 or 12.5 or 3.4.5', 'it costs 0 0 or 0 or 0 0'],
    ['v2 and abc123def', 'v0 and abc0def'],
    ['１２３ ٣٫٥ x', '0 0 x'],
    ['日本語、テスト。', '日本語 テスト'],
    ['a🎉b 𝒳y', 'a b 𝒳y'],
    ['…!?', ''],
    ['', ''],
  ])('of %j is %j', (text, simple) => expect(simplifyText(text).normalize('NFC')).toBe(simple));

  it('is the same after 200 pages of other texts', () => {
    const long = 'One, two. '.repeat(500_000);
    expect(simplifyText(long)).toBe(`${'one two '.repeat(500_000)}`.trimEnd());
    expect(simplifyText('Short.')).toBe('short');
  });
});

withPython('datatrove as referee', () => {
  it('simplifies mails to the same words', () => {
    // What Unicode counts as punctuation or symbol is a gap here; datatrove has a list, which lacks some.
    const some = texts
      .filter((_, i) => i % 7 === 0)
      .map((text) => text.replace(/[\p{P}\p{S}\p{Cc}]/gu, (sign) => (sign < '\x80' ? sign : ' ')));
    const path = join(folder, 'mails.json');
    writeFileSync(path, JSON.stringify(some));
    const theirs = askPython(
      `from datatrove.utils.text import simplify_text
texts = json.load(open(ask, encoding="utf8"))
print(json.dumps([" ".join(simplify_text(text).split()) for text in texts]))`,
      path,
    );
    expect(some.length).toBeGreaterThan(800);
    expect(some.some((text) => /[^\x00-\x7f]/.test(text))).toBe(true);
    expect(some.map(simplifyText)).toEqual(theirs);
  });
});

const folder = ownFolder();

/** Similarity by sets of the shingles themselves. */
function jaccard(a: string, b: string, size: number): number {
  const set = (text: string) => {
    const all = simplifyText(text).split(' ');
    return new Set(all.slice(0, Math.max(1, all.length - size + 1)).map((_, i) => all.slice(i, i + size).join(' ')));
  };
  const [x, y] = [set(a), set(b)];
  const shared = [...x].filter((shingle) => y.has(shingle)).length;
  return shared / (x.size + y.size - shared);
}

describe('shingles', () => {
  const count = (text: string, unit: 'word' | 'character', size: number) => shingles(text, { unit, size }).length;

  it('are the different runs of words or characters; a short text is one, a text without words has none', () => {
    expect(count('a b c d e f', 'word', 5)).toBe(2);
    expect(count('a b a b a b a b', 'word', 2)).toBe(2);
    expect(count('a b c', 'word', 5)).toBe(1);
    expect(count('abcdef', 'character', 5)).toBe(2);
    expect(count(' ... ', 'word', 5)).toBe(0);
    expect(count('', 'character', 3)).toBe(0);
  });

  it('tell case and punctuation apart no more than the simplified text, but the order of words', () => {
    expect(shingles('The Whale, 1851!', words)).toEqual(shingles('the whale 9', words));
    expect(shingles('a b', words)).not.toEqual(shingles('b a', words));
  });

  it('ascend, and are as many as those counted by their words', () => {
    for (const text of texts.slice(0, 200)) {
      const set = shingles(text, words);
      expect(set.every((hash, i) => i === 0 || hash > (set[i - 1] as number))).toBe(true);
      const all = simplifyText(text).split(' ');
      const own = new Set(all.slice(0, Math.max(1, all.length - 4)).map((_, i) => all.slice(i, i + 5).join(' ')));
      expect(set.length).toBe(own.size);
    }
  });
});

describe('similarity', () => {
  const pairs = [...planted(600, 3)];
  const both = pairs
    .filter(({ pair, rate }) => pair !== null && rate > 0)
    .map(
      (copy) => [copy.text, pairs.find((other) => other.pair === copy.pair && other !== copy)?.text as string] as const,
    );

  it('of whole sets is exact, of sketches near it', () => {
    let apart = 0;
    for (const [a, b] of both) {
      const [x, y] = [shingles(a, words), shingles(b, words)];
      const exact = jaccard(a, b, 5);
      expect(similarity(sketch(x, Infinity), sketch(y, Infinity))).toBe(exact);
      const estimate = similarity(sketch(x, 128), sketch(y, 128));
      expect(Math.abs(estimate - exact)).toBeLessThan(0.2);
      apart += (estimate - exact) ** 2;
    }
    expect(both.length).toBeGreaterThan(100);
    expect(Math.sqrt(apart / both.length)).toBeLessThan(0.044);
  });

  it('is what share of a signature agrees, on the whole', () => {
    const family = permutations(112, 1);
    let [sum, apart] = [0, 0];
    for (const [a, b] of both) {
      const [x, y] = [signature(shingles(a, words), family), signature(shingles(b, words), family)];
      const off = x.filter((hash, k) => hash === y[k]).length / 112 - jaccard(a, b, 5);
      sum += off;
      apart += off ** 2;
    }
    // The standard error of one estimate is sqrt(s (1 - s) / 112), 0.047 at most.
    expect(Math.abs(sum / both.length)).toBeLessThan(0.015);
    expect(Math.sqrt(apart / both.length)).toBeLessThan(0.05);
  });

  it('of a set with itself is 1, with another 0, and does not mind which comes first', () => {
    const [a, b] = ['one two three four five six', 'seven eight nine ten eleven twelve'].map((text) =>
      sketch(shingles(text, words), 1),
    );
    expect(similarity(a as Uint32Array, a as Uint32Array)).toBe(1);
    expect(similarity(a as Uint32Array, b as Uint32Array)).toBe(0);
    const [x, y] = [texts[3], texts[4]].map((text) => sketch(shingles(text as string, words), 64));
    expect(similarity(x as Uint32Array, y as Uint32Array)).toBe(similarity(y as Uint32Array, x as Uint32Array));
  });
});

describe('signatures', () => {
  it('hold the smallest value of each permutation', () => {
    const family = permutations(7, 5);
    const set = shingles(texts[0] as string, words);
    const plain = Array.from(family.multipliers, (multiplier, k) =>
      Math.min(...Array.from(set, (hash) => (Math.imul(multiplier, hash) + (family.shifts[k] as number)) | 0)),
    );
    expect([...signature(set, family)]).toEqual(plain);
  });

  it('differ by seed, and bands by the hashes in them', () => {
    const set = shingles(texts[1] as string, words);
    const hashes = signature(set, permutations(112, 1));
    expect(signature(set, permutations(112, 2))).not.toEqual(hashes);
    const bands = bandHashes(hashes, 8);
    const other = Int32Array.from(hashes);
    other[8] = (other[8] as number) + 1;
    const changed = bandHashes(other, 8);
    expect([...bands].flatMap((hash, i) => (hash === changed[i] ? [] : [i]))).toEqual([2, 3]);
  });
});

// text-dedup 0.4.0: `from text_dedup.utils.analysis import optimal_param; optimal_param(0.7, 250)`.
it.each([
  [0.5, 16, 5, 3],
  [0.7, 112, 12, 9],
  [0.7, 250, 25, 10],
  [0.75, 256, 21, 12],
  [0.8, 128, 9, 13],
  [0.9, 64, 3, 21],
  [0.1, 112, 56, 2],
  [0.95, 500, 9, 55],
])('a threshold of %d with %d permutations takes %d bands of %d, as in text-dedup', (threshold, count, bands, rows) => {
  expect(bandsFor(threshold, count)).toEqual({ bands, rows });
});

describe('clusters', () => {
  const draw = random('clusters');
  const rows = 3000;
  const bandCount = 3;
  // Few different hashes, so that chains come about; some rows have none.
  const signed: Signatures = {
    bands: Array.from({ length: rows }, () =>
      draw() < 0.1
        ? null
        : Uint32Array.from(
            Array.from({ length: bandCount }, () => Math.floor(draw() * 4000)).flatMap((hash) => [
              hash + 1,
              hash * 1e6,
            ]),
          ),
    ),
    sketches: Array.from({ length: rows }, () => null),
  };
  const ranges = [0, 1000, 1001, 2500].map((start, i, starts) => ({ start, end: starts[i + 1] ?? rows }));
  const paths = ranges.map(({ start, end }) => {
    const path = join(folder, `${start}.bin`);
    const part = { bands: signed.bands.slice(start, end), sketches: signed.sketches.slice(start, end) };
    writeFileSync(path, encodeSignatures(part, bandCount));
    return path;
  });
  const pause = async () => {};

  /** By searching through the graph of all links. */
  function connected(): number[] {
    const by = new Map<string, number[]>();
    for (const [row, hashes] of signed.bands.entries()) {
      for (let band = 0; hashes && band < bandCount; band++) {
        const key = `${band} ${hashes[2 * band]} ${hashes[2 * band + 1]}`;
        by.set(key, [...(by.get(key) ?? []), row]);
      }
    }
    const near = Array.from({ length: rows }, () => new Set<number>());
    for (const group of by.values()) for (const a of group) for (const b of group) near[a]?.add(b);
    const first = new Array<number>(rows).fill(-1);
    for (let row = 0; row < rows; row++) {
      if (first[row] !== -1) continue;
      const open = [row];
      for (let at = open.pop(); at !== undefined; at = open.pop()) {
        if (first[at] !== -1) continue;
        first[at] = row;
        open.push(...(near[at] as Set<number>));
      }
    }
    return first;
  }

  it.each([10_000, 900, 100])('are the rows that are connected, with %d rows in memory at once', async (most) => {
    const files = openSignatures({ files: paths, ranges, bands: bandCount });
    const found = await clusters(files, { threshold: null, most, pause });
    files.close();
    const wanted = connected();
    expect([...found]).toEqual(wanted);
    expect(new Set(wanted).size).toBeLessThan(rows - 500);
  });

  it('of texts that agree in a band by chance are none when they are compared', async () => {
    const [a, b] = ['the first of two texts about whales', 'the other one has nothing to do with it'].map((text) =>
      shingles(text, words),
    );
    const sketches = [a, b, a].map((set) => sketch(set as Uint32Array, Infinity));
    const path = join(folder, 'same-band.bin');
    const bands = sketches.map(() => Uint32Array.of(7, 9));
    writeFileSync(path, encodeSignatures({ bands, sketches }, 1));
    const place = { files: [path], ranges: [{ start: 0, end: 3 }], bands: 1 };
    const files = openSignatures(place);
    expect([...(await clusters(files, { threshold: null, pause }))]).toEqual([0, 0, 0]);
    expect([...(await clusters(files, { threshold: 0.5, pause }))]).toEqual([0, 1, 0]);
    files.close();
  });
});
