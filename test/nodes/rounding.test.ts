// Rounding weights: to the nearest, and by GPTQ, whose making-up is checked against least squares solved directly.
import { describe, expect, test } from 'vitest';
import { random } from '../../engine/nodes/random.ts';
import {
  gptqInputs,
  lossOf,
  pack,
  restored,
  roundGptq,
  roundNearest,
  toBfloat16,
  unpack,
} from '../../engine/nodes/rounding.ts';

const draw = random('rounding');
const normal = (): number => Math.sqrt(-2 * Math.log(1 - draw())) * Math.cos(2 * Math.PI * draw());
const matrix = (rows: number, columns: number): Float32Array => Float32Array.from({ length: rows * columns }, normal);

/** Inputs [count, columns] that depend on each other, and the sum of x x^T. */
function inputs(count: number, columns: number): { rows: Float64Array[]; hessian: Float64Array } {
  const mix = matrix(columns, columns);
  const rows = Array.from({ length: count }, () => {
    const from = Array.from({ length: columns }, normal);
    return Float64Array.from({ length: columns }, (_, i) =>
      from.reduce((sum, value, j) => sum + value * (mix[i * columns + j] as number), 0),
    );
  });
  const hessian = new Float64Array(columns * columns);
  for (const x of rows)
    for (let i = 0; i < columns; i++)
      for (let j = 0; j < columns; j++) (hessian[i * columns + j] as number) += (x[i] as number) * (x[j] as number);
  return { rows, hessian };
}

/** Squared error of the outputs. */
function outputError(a: Float32Array, b: Float32Array, columns: number, xs: Float64Array[]): number {
  let sum = 0;
  for (let r = 0; r < a.length / columns; r++)
    for (const x of xs) {
      let difference = 0;
      for (let c = 0; c < columns; c++)
        difference += ((a[r * columns + c] as number) - (b[r * columns + c] as number)) * (x[c] as number);
      sum += difference ** 2;
    }
  return sum;
}

describe('to the nearest', () => {
  test('8 bits: no value moves by more than half a step of its row', () => {
    const values = matrix(16, 48);
    const rounded = roundNearest(values, 16, 48, 8);
    restored(rounded).forEach((back, i) => {
      const step = rounded.scales[Math.floor(i / 48)] as number;
      expect(Math.abs(back - (values[i] as number))).toBeLessThanOrEqual(step * 0.51);
    });
    expect(lossOf(values, rounded)).toBeLessThan(0.01);
  });

  test('4 bits: scales are bfloat16, a zero row stays zero, the largest magnitude costs no more than the search gains', () => {
    const values = matrix(8, 64);
    values.fill(0, 64, 128);
    const rounded = roundNearest(values, 8, 64, 4, 32);
    for (const scale of rounded.scales) expect(toBfloat16(scale)).toBe(scale);
    expect([...restored(rounded).subarray(64, 128)].every((value) => value === 0)).toBe(true);
    expect(lossOf(values, rounded)).toBeLessThan(0.11);
    expect(Math.min(...rounded.numbers)).toBeGreaterThanOrEqual(-8);
    expect(Math.max(...rounded.numbers)).toBeLessThanOrEqual(7);
  });

  test('packing and unpacking are inverse', () => {
    const rounded = roundNearest(matrix(5, 24), 5, 24, 4, 8);
    expect(unpack(pack(rounded), 5, 24)).toEqual(rounded.numbers);
  });
});

describe('GPTQ', () => {
  test('loses less of the outputs than rounding to the nearest', () => {
    for (const [rows, columns, group] of [
      [12, 32, 16],
      [8, 64, 64],
    ] as const) {
      const values = matrix(rows, columns);
      const { rows: xs, hessian } = inputs(4 * columns, columns);
      const nearest = outputError(values, restored(roundNearest(values, rows, columns, 4, group)), columns, xs);
      const made = roundGptq(values, rows, 4, group, gptqInputs(hessian, columns));
      expect(outputError(values, restored(made), columns, xs)).toBeLessThan(0.8 * nearest);
    }
  });

  test('makes up for each column as least squares over the columns behind it would', () => {
    const columns = 8;
    const values = matrix(1, columns);
    const { hessian } = inputs(64, columns);
    const whole = Float64Array.from(hessian);
    const rounded = roundGptq(values, 1, 4, columns, gptqInputs(hessian, columns, 0));
    const scale = rounded.scales[0] as number;
    // With the first c columns fixed, the others best take H22^-1 H21 (w - q) upon them.
    const at = (i: number, j: number): number => whole[i * columns + j] as number;
    for (let c = 0; c < columns; c++) {
      const rest = columns - c;
      const lost = Array.from({ length: c }, (_, i) => (values[i] as number) - (rounded.numbers[i] as number) * scale);
      const right = Array.from({ length: rest }, (_, i) =>
        lost.reduce((sum, value, j) => sum + at(c + i, j) * value, 0),
      );
      const more = solve(
        Array.from({ length: rest }, (_, i) => Array.from({ length: rest }, (_, j) => at(c + i, c + j))),
        right,
      );
      const wanted = ((values[c] as number) + (more[0] as number)) / scale;
      expect(rounded.numbers[c]).toBe(Math.max(-8, Math.min(7, Math.round(wanted))));
    }
  });

  test('an input that is always 0 gets weights of 0', () => {
    const { hessian } = inputs(64, 8);
    for (let i = 0; i < 8; i++) {
      hessian[3 * 8 + i] = 0;
      hessian[i * 8 + 3] = 0;
    }
    const rounded = roundGptq(matrix(2, 8), 2, 4, 8, gptqInputs(hessian, 8));
    expect([rounded.numbers[3], rounded.numbers[11]]).toEqual([0, 0]);
  });
});

/** Gaussian elimination with pivoting. */
function solve(matrix: number[][], right: number[]): number[] {
  const n = right.length;
  const rows = matrix.map((row, i) => [...row, right[i] as number]);
  for (let i = 0; i < n; i++) {
    const pivot = rows
      .slice(i)
      .reduce((best, row, j) => (Math.abs(row[i] as number) > Math.abs(rows[best]?.[i] as number) ? i + j : best), i);
    [rows[i], rows[pivot]] = [rows[pivot] as number[], rows[i] as number[]];
    for (let r = i + 1; r < n; r++) {
      const factor = (rows[r]?.[i] as number) / (rows[i]?.[i] as number);
      for (let c = i; c <= n; c++)
        (rows[r] as number[])[c] = (rows[r]?.[c] as number) - factor * (rows[i]?.[c] as number);
    }
  }
  const x = new Array<number>(n).fill(0);
  for (let i = n - 1; i >= 0; i--) {
    let sum = rows[i]?.[n] as number;
    for (let c = i + 1; c < n; c++) sum -= (rows[i]?.[c] as number) * (x[c] as number);
    x[i] = sum / (rows[i]?.[i] as number);
  }
  return x;
}
