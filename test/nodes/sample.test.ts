// Sampling: tokens are drawn as the logits say, and text comes out in whole characters.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Tokenizer } from '../../engine/nodes/context.ts';
import type { Generator } from '../../engine/nodes/module.ts';
import { random } from '../../engine/nodes/random.ts';
import { draw, generateText, type Sampling } from '../../engine/nodes/sample.ts';

const sampling = (options: Partial<Sampling> = {}): Sampling => ({
  temperature: 1,
  topP: 1,
  maxTokens: 100,
  seed: 0,
  ...options,
});
const logits = fc.array(fc.float({ min: -8, max: 8, noNaN: true }), { minLength: 1, maxLength: 12 });

function softmax(values: number[], temperature: number): number[] {
  const weights = values.map((value) => Math.exp((value - Math.max(...values)) / temperature));
  const total = weights.reduce((a, b) => a + b);
  return weights.map((weight) => weight / total);
}

/** How often each id is drawn. */
function frequencies(values: number[], options: Sampling, draws: number): number[] {
  const uniform = random(`draws ${values.join()}`);
  const counts = values.map(() => 0);
  for (let i = 0; i < draws; i++) counts[draw(Float32Array.from(values), options, uniform)]++;
  return counts.map((count) => count / draws);
}

/** The smallest set of likeliest tokens with this share, as probabilities; of equal ones the first. */
function nucleus(probabilities: number[], topP: number): number[] {
  const order = probabilities.map((p, i) => ({ p, i })).sort((a, b) => b.p - a.p || a.i - b.i);
  const kept = probabilities.map(() => 0);
  let mass = 0;
  for (const { p, i } of order) {
    if (mass >= topP) break;
    kept[i] = p;
    mass += p;
  }
  return kept.map((p) => p / mass);
}

describe('a token', () => {
  test('is the likeliest at temperature 0, the first of equal ones', () => {
    fc.assert(
      fc.property(logits, fc.float({ min: Math.fround(0.01), max: 1, noNaN: true }), (values, topP) => {
        const chosen = draw(Float32Array.from(values), sampling({ temperature: 0, topP }), () => 0.999);
        expect(chosen).toBe(values.indexOf(Math.max(...values)));
      }),
    );
  });

  test.each([0.5, 1, 3])('is drawn as softmax(logits / %d) says', (temperature) => {
    const values = [1, -2, 0.5, 3, 2.9, -50];
    const expected = softmax(values, temperature);
    frequencies(values, sampling({ temperature }), 40_000).forEach((share, i) => {
      expect(Math.abs(share - expected[i])).toBeLessThan(5 * Math.sqrt(0.25 / 40_000));
    });
  });

  test.each([0.2, 0.6, 0.9, 0.99])('is drawn from the likeliest that together have %d', (topP) => {
    const values = [1, -2, 0.5, 3, 2.9, -1];
    const expected = nucleus(softmax(values, 1), topP);
    frequencies(values, sampling({ topP }), 20_000).forEach((share, i) => {
      if (expected[i] === 0) expect(share).toBe(0);
      else expect(Math.abs(share - expected[i])).toBeLessThan(5 * Math.sqrt(0.25 / 20_000));
    });
  });

  test('is one of them whatever the logits, the uniform number, temperature and share', () => {
    const share = fc.double({ min: 0.001, max: 1, noNaN: true });
    const uniform = fc.double({ min: 0, max: 1 - 2 ** -32, noNaN: true });
    fc.assert(
      fc.property(
        logits,
        fc.double({ min: 0.05, max: 20, noNaN: true }),
        share,
        uniform,
        (values, temperature, topP, at) => {
          const given = Float32Array.from(values);
          const chosen = draw(given, sampling({ temperature, topP }), () => at);
          const probabilities = softmax([...given], temperature);
          const likelier = probabilities.filter((p) => p > probabilities[chosen] + 1e-12).reduce((a, b) => a + b, 0);
          expect(likelier).toBeLessThan(topP + 1e-9);
        },
      ),
      { numRuns: 500 },
    );
  });
});

/** A token a byte; 256 ends a document. */
const bytes: Tokenizer = {
  size: 257,
  end: 256,
  special: new Set([256]),
  id: () => null,
  continues: () => false,
  encode: (text) => [...Buffer.from(text, 'utf8')],
  decode: (ids) => Buffer.from(ids.filter((id) => id < 256)).toString('utf8'),
};

/** Says these tokens, one after another, whatever it is fed; and holds what it was fed. */
function reciting(tokens: number[], vocab = 257): Generator & { fed: number[][] } {
  const fed: number[][] = [];
  return {
    fed,
    get length() {
      return fed.flat().length;
    },
    feed(ids) {
      fed.push(ids);
      const next = new Float32Array(vocab).fill(-20);
      next[tokens[fed.length - 1] ?? 256] = 20;
      return next;
    },
    dispose: () => undefined,
  };
}

describe('text', () => {
  test('comes in whole characters, and all of it', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', minLength: 1, maxLength: 20 }), (text) => {
        const generator = reciting([...bytes.encode(text), 256]);
        const pieces = [...generateText(generator, bytes, 'x', sampling({ temperature: 0, maxTokens: 1000 }))];
        expect(pieces.join('')).toBe(text);
        for (const piece of pieces) if (!text.includes('\uFFFD')) expect(piece).not.toContain('\uFFFD');
        // the prompt at once, then each token by itself
        expect(generator.fed).toEqual([[120], ...bytes.encode(text).map((id) => [id])]);
      }),
    );
  });

  test('that breaks off within a character ends in the replacement character', () => {
    const pieces = [...generateText(reciting([97, 0xf0, 0x9f, 256]), bytes, 'x', sampling({ temperature: 0 }))];
    expect(pieces).toEqual(['a', '\uFFFD']);
  });

  test('ends after maxTokens, without asking for what comes after', () => {
    const generator = reciting([97, 98, 99, 100]);
    expect([...generateText(generator, bytes, 'xy', sampling({ temperature: 0, maxTokens: 3 }))].join('')).toBe('abc');
    expect(generator.fed).toEqual([[120, 121], [97], [98]]);
  });

  test('ends before a text that ends it, and holds back what may be its beginning', () => {
    const write = (text: string, until: string) => [
      ...generateText(reciting([...bytes.encode(text), 256]), bytes, 'x', sampling({ temperature: 0, until })),
    ];
    expect(write('a<b</s>more', '</s>')).toEqual(['a', '<b']);
    expect(write('a</s', '</s>').join('')).toBe('a</s');
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom('a', '<', '/', '🐋') }), (text) => {
        expect(write(text, '<a/').join('')).toBe(text.split('<a/', 1)[0]);
      }),
    );
  });

  test('ends where it is told to stop', () => {
    let tokens = 0;
    const text = [
      ...generateText(reciting([97, 98, 99, 100]), bytes, 'x', sampling({ temperature: 0 }), () => tokens++ >= 2),
    ];
    expect(text.join('')).toBe('ab');
  });

  test('without a prompt goes on from the end of a document', () => {
    const generator = reciting([97, 256]);
    expect([...generateText(generator, bytes, '', sampling({ temperature: 0 }))].join('')).toBe('a');
    expect(generator.fed[0]).toEqual([256]);
    const nameless = reciting([97, 98]);
    const endless: Tokenizer = { ...bytes, end: null };
    expect([...generateText(nameless, endless, '', sampling({ temperature: 0, maxTokens: 2 }))].join('')).toBe('ab');
    expect(nameless.fed[0]).toEqual([0]);
  });

  test('has no tokens that the tokenizer lacks, though the model has rows for them', () => {
    const padded: Generator = {
      length: 0,
      feed: () => new Float32Array(300).fill(0).fill(50, 257),
      dispose: () => undefined,
    };
    const ascii: Tokenizer = {
      ...bytes,
      decode(ids) {
        for (const id of ids) if (id >= 257) throw new Error(`there is no token ${id}`);
        return ids.map(() => 'a').join('');
      },
    };
    expect([...generateText(padded, ascii, 'x', sampling({ maxTokens: 50 }))].join('')).toMatch(/^a*$/);
  });

  test('is the same with the same seed, and another with another', () => {
    const write = (seed: number): string => {
      const flat: Generator = {
        length: 0,
        feed: () => Float32Array.from({ length: 257 }, (_, i) => (i > 96 && i < 123 ? 0 : -50)),
        dispose: () => undefined,
      };
      return [...generateText(flat, bytes, 'x', sampling({ seed, maxTokens: 30 }))].join('');
    };
    expect(write(3)).toBe(write(3));
    expect(write(3)).toHaveLength(30);
    expect(write(4)).not.toBe(write(3));
  });
});
