// Batches: in each pass over a stream every window comes once, in an order of that pass, and a step's batch hangs on nothing but
// the step.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { checkTextColumn } from '../../engine/nodes/corpus.ts';
import type { Batch } from '../../engine/nodes/module.ts';
import { orderOf } from '../../engine/nodes/objectives/order.ts';
import { batchOf, streamWindows, type Windows } from '../../engine/nodes/windows.ts';

/** Windows of the stream 0, 1, 2, ...: a token says where it stands. */
function numbers(count: number, context: number): Windows {
  const read = (start: number, length: number): Int32Array => {
    if (start < 0 || start + length > count) throw new Error(`tokens ${start} to ${start + length} of ${count}`);
    return Int32Array.from({ length }, (_, i) => start + i);
  };
  return streamWindows({ count, read }, context);
}

interface Sampler {
  at(step: number): Batch;
}

/** The batches of training steps. */
function sample(windows: Windows, batch: number, seed: number): Sampler {
  const rows = orderOf(windows.count, batch, seed);
  return { at: (step) => batchOf(windows, rows(step)) };
}

const setting = fc
  .record({
    context: fc.integer({ min: 1, max: 7 }),
    windows: fc.integer({ min: 1, max: 20 }),
    rest: fc.nat(6),
    batch: fc.integer({ min: 1, max: 6 }),
    seed: fc.nat(5),
  })
  .map(({ context, windows, rest, batch, seed }) => {
    const count = windows * context + 1 + (rest % context);
    return { context, windows, batch, seed, count, sampler: () => sample(numbers(count, context), batch, seed) };
  });

/** First tokens of the windows that steps 1 .. steps see, in order. */
function starts(sampler: Sampler, context: number, steps: number): number[] {
  return Array.from({ length: steps }, (_, i) =>
    [...sampler.at(i + 1).ids].filter((__, at) => at % context === 0),
  ).flat();
}

describe('an order of windows', () => {
  test('sees every window once in each pass', () => {
    fc.assert(
      fc.property(setting, fc.integer({ min: 1, max: 4 }), ({ context, windows, batch, count, sampler }, passes) => {
        const made = sampler();
        expect(numbers(count, context).count).toBe(windows);
        const seen = starts(made, context, Math.ceil((passes * windows) / batch));
        for (let pass = 0; pass < passes; pass++) {
          const own = seen.slice(pass * windows, (pass + 1) * windows).sort((a, b) => a - b);
          expect(own).toEqual(Array.from({ length: windows }, (_, i) => i * context));
        }
      }),
    );
  });

  test('gives windows and the tokens after each', () => {
    fc.assert(
      fc.property(setting, fc.integer({ min: 1, max: 30 }), ({ context, batch, sampler }, step) => {
        const { ids, targets } = sampler().at(step);
        expect([ids.length, targets.length]).toEqual([batch * context, batch * context]);
        ids.forEach((id, at) => {
          expect(targets[at]).toBe(id + 1);
          if (at % context > 0) expect(id).toBe(ids[at - 1] + 1);
        });
      }),
    );
  });

  test('gives the same batch whatever was asked before', () => {
    fc.assert(
      fc.property(setting, fc.array(fc.integer({ min: 1, max: 40 }), { maxLength: 12 }), ({ sampler }, steps) => {
        const one = sampler();
        for (const step of steps) expect(one.at(step)).toEqual(sampler().at(step));
      }),
    );
  });

  test('has another order in each pass and for each seed', () => {
    const order = (seed: number, pass: number): string =>
      starts(sample(numbers(101, 1), 10, seed), 1, 10 * (pass + 1))
        .slice(100 * pass)
        .join();
    const orders = [order(0, 0), order(0, 1), order(0, 2), order(1, 0), order(1, 1), order(10, 0)];
    expect(new Set(orders).size).toBe(orders.length);
  });
});

describe('the text column', () => {
  const complaints = (columns: Record<string, 'text' | 'integer'> | null, column: string) => {
    const found: { code: string; at: string; message: string; note?: string }[] = [];
    const fine = checkTextColumn({ columns, rows: null }, column, 'data', (complaint) => found.push(complaint));
    expect(fine).toBe(found.length === 0);
    return found;
  };

  test('is there, or may be', () => {
    expect(complaints({ text: 'text', n: 'integer' }, 'text')).toEqual([]);
    expect(complaints(null, 'text')).toEqual([]);
  });

  test('is missed by name, with those there are', () => {
    const [complaint] = complaints({ body: 'text', n: 'integer' }, 'text');
    expect(complaint).toMatchObject({ code: 'column-unknown', at: 'data', message: 'the table has no column text' });
    expect(complaint.note).toContain('body, n');
  });

  test('holds text', () => {
    expect(complaints({ n: 'integer' }, 'n')).toMatchObject([
      { code: 'column-type', message: 'column n holds integer values, text is needed' },
    ]);
  });
});
