// Weights in fewer bits: symmetric whole numbers with a scale per row or per group of a row's columns, rounded to the nearest or by
// GPTQ (Frantar et al., arXiv 2210.17323), and their layout on disk (compressed-tensors: `int-quantized` and `pack-quantized`).

/** A matrix [rows, columns] as whole numbers times scales. */
export interface Rounded {
  bits: 8 | 4;
  rows: number;
  columns: number;
  /** Columns that share a scale; `columns` where the whole row does. Divides columns. */
  group: number;
  /** Row-major, -2^(bits-1) .. 2^(bits-1) - 1. */
  numbers: Int8Array;
  /** [rows, columns / group]; float32 values that a bfloat16 holds exactly. */
  scales: Float32Array;
}

/** The nearest bfloat16, ties to even: what is stored must be what was rounded by. */
export function toBfloat16(value: number): number {
  const bits = new Uint32Array(Float32Array.of(value).buffer);
  const [word] = bits as unknown as [number];
  bits[0] = ((word + 0x7fff + ((word >>> 16) & 1)) & 0xffff0000) >>> 0;
  return new Float32Array(bits.buffer)[0] as number;
}

/** Shares of the largest magnitude that are tried as the end of a group's range. */
const ranges = [1, 0.95, 0.9, 0.85, 0.8, 0.75, 0.7];

/**
 * The scale with which a group's numbers come out best: of several ranges the one with the least squared error, by `importance` of
 * each column where that is given.
 */
export function bestScale(values: Float32Array, bits: 8 | 4, importance?: Float64Array, from = 0): number {
  const top = 2 ** (bits - 1) - 1;
  let largest = 0;
  for (let i = 0; i < values.length; i++) largest = Math.max(largest, Math.abs(values[i] as number));
  if (largest === 0) return 1;
  let best = { scale: 1, error: Number.POSITIVE_INFINITY };
  // With 8 bits clipping gains nothing worth the search.
  for (const range of bits === 8 ? [1] : ranges) {
    const scale = toBfloat16((largest * range) / top) || toBfloat16(largest / top) || 2 ** -126;
    let error = 0;
    for (let i = 0; i < values.length && error < best.error; i++) {
      const value = values[i] as number;
      const difference = value - clamp(Math.round(value / scale), top) * scale;
      error += difference * difference * (importance ? (importance[from + i] as number) : 1);
    }
    if (error < best.error) best = { scale, error };
  }
  return best.scale;
}

function clamp(number: number, top: number): number {
  return Math.max(-top - 1, Math.min(top, number));
}

function empty(rows: number, columns: number, bits: 8 | 4, group: number): Rounded {
  if (columns % group !== 0) throw new Error(`${group} does not divide ${columns}`);
  return {
    bits,
    rows,
    columns,
    group,
    numbers: new Int8Array(rows * columns),
    scales: new Float32Array((rows * columns) / group),
  };
}

/** Each value to the nearest multiple of its group's scale. */
export function roundNearest(
  values: Float32Array,
  rows: number,
  columns: number,
  bits: 8 | 4,
  group = columns,
): Rounded {
  const rounded = empty(rows, columns, bits, group);
  const top = 2 ** (bits - 1) - 1;
  for (let g = 0; g < rounded.scales.length; g++) {
    const part = values.subarray(g * group, (g + 1) * group);
    const scale = bestScale(part, bits);
    rounded.scales[g] = scale;
    for (let i = 0; i < group; i++)
      rounded.numbers[g * group + i] = clamp(Math.round((part[i] as number) / scale), top);
  }
  return rounded;
}

/** What GPTQ needs to know of a layer's inputs; the same for all matrices that they go into. */
export interface GptqInputs {
  columns: number;
  /** The upper factor of the inverse of their second moments, [columns, columns]. */
  upper: Float64Array;
  /** How much an error in each column weighs. */
  importance: Float64Array;
  /** Columns whose input is always 0: their weights do not matter. */
  unused: number[];
}

/**
 * @param hessian sum over inputs x of x x^T, [columns, columns]; is changed
 * @param damping share of its diagonal's mean that is added to the diagonal
 */
export function gptqInputs(hessian: Float64Array, columns: number, damping = 0.01): GptqInputs {
  const unused: number[] = [];
  let trace = 0;
  for (let i = 0; i < columns; i++) {
    const at = i * columns + i;
    if (hessian[at] === 0) {
      hessian[at] = 1;
      unused.push(i);
    }
    trace += hessian[at] as number;
  }
  for (let i = 0; i < columns; i++) (hessian[i * columns + i] as number) += (damping * trace) / columns;
  const importance = Float64Array.from({ length: columns }, (_, i) => hessian[i * columns + i] as number);
  return { columns, upper: inverseRoot(hessian, columns), importance, unused };
}

/**
 * GPTQ: columns are rounded one after another, and what each loses is made up for in the columns behind it, as the inputs' second
 * moments say.
 */
export function roundGptq(
  values: Float32Array,
  rows: number,
  bits: 8 | 4,
  group: number,
  { columns, upper, importance, unused }: GptqInputs,
): Rounded {
  const rounded = empty(rows, columns, bits, group);
  const top = 2 ** (bits - 1) - 1;
  const left = Float64Array.from(values);
  for (const column of unused) for (let r = 0; r < rows; r++) left[r * columns + column] = 0;
  const perRow = columns / group;
  const part = new Float32Array(group);
  for (let r = 0; r < rows; r++) {
    const row = left.subarray(r * columns, (r + 1) * columns);
    for (let c = 0; c < columns; c++) {
      if (c % group === 0) {
        for (let i = 0; i < group; i++) part[i] = row[c + i] as number;
        rounded.scales[r * perRow + c / group] = bestScale(part, bits, importance, c);
      }
      const scale = rounded.scales[r * perRow + Math.floor(c / group)] as number;
      const value = row[c] as number;
      const number = clamp(Math.round(value / scale), top);
      rounded.numbers[r * columns + c] = number;
      const error = (value - number * scale) / (upper[c * columns + c] as number);
      const along = upper.subarray(c * columns, (c + 1) * columns);
      if (error !== 0) for (let j = c + 1; j < columns; j++) (row[j] as number) -= error * (along[j] as number);
    }
  }
  return rounded;
}

/** The upper Cholesky factor U of the inverse of a symmetric positive definite matrix: inverse = U^T U. */
function inverseRoot(matrix: Float64Array, n: number): Float64Array {
  const inverse = invert(cholesky(matrix, n), n);
  // U^T is the lower factor of the inverse.
  const lower = cholesky(inverse, n);
  const upper = new Float64Array(n * n);
  for (let i = 0; i < n; i++) for (let j = 0; j <= i; j++) upper[j * n + i] = lower[i * n + j] as number;
  return upper;
}

/** Lower L with L L^T = matrix. */
function cholesky(matrix: Float64Array, n: number): Float64Array {
  const lower = new Float64Array(n * n);
  for (let i = 0; i < n; i++) {
    const a = lower.subarray(i * n, i * n + n);
    for (let j = 0; j <= i; j++) {
      const b = lower.subarray(j * n, j * n + n);
      let sum = matrix[i * n + j] as number;
      for (let k = 0; k < j; k++) sum -= (a[k] as number) * (b[k] as number);
      if (i === j) {
        if (!(sum > 0)) throw new Error('the inputs of this layer depend on each other too closely for GPTQ');
        a[j] = Math.sqrt(sum);
      } else a[j] = sum / (b[j] as number);
    }
  }
  return lower;
}

/** (L L^T)^-1. */
function invert(lower: Float64Array, n: number): Float64Array {
  // Rows of L^-1, below the diagonal.
  const inverse = new Float64Array(n * n);
  for (let i = 0; i < n; i++) {
    const out = inverse.subarray(i * n, i * n + n);
    const pivot = lower[i * n + i] as number;
    out[i] = 1;
    for (let k = 0; k < i; k++) {
      const factor = lower[i * n + k] as number;
      if (factor === 0) continue;
      const other = inverse.subarray(k * n, k * n + n);
      for (let j = 0; j <= k; j++) (out[j] as number) -= factor * (other[j] as number);
    }
    for (let j = 0; j <= i; j++) (out[j] as number) /= pivot;
  }
  const product = new Float64Array(n * n);
  for (let k = 0; k < n; k++) {
    const row = inverse.subarray(k * n, k * n + n);
    for (let i = 0; i <= k; i++) {
      const factor = row[i] as number;
      const out = product.subarray(i * n, i * n + n);
      for (let j = 0; j <= i; j++) (out[j] as number) += factor * (row[j] as number);
    }
  }
  for (let i = 0; i < n; i++) for (let j = 0; j < i; j++) product[j * n + i] = product[i * n + j] as number;
  return product;
}

/** The matrix that rounded numbers stand for, [rows, columns]. */
export function restored({ numbers, scales, group }: Rounded): Float32Array {
  const values = new Float32Array(numbers.length);
  for (let i = 0; i < numbers.length; i++)
    values[i] = (numbers[i] as number) * (scales[Math.floor(i / group)] as number);
  return values;
}

/** Relative error of the rounded matrix: the norm of what was lost over the matrix's own. */
export function lossOf(values: Float32Array, rounded: Rounded): number {
  let [lost, all] = [0, 0];
  const back = restored(rounded);
  for (let i = 0; i < back.length; i++) {
    const value = values[i] as number;
    lost += (value - (back[i] as number)) ** 2;
    all += value ** 2;
  }
  return all === 0 ? 0 : Math.sqrt(lost / all);
}

/**
 * 4-bit numbers of each row, eight to an int32, the first in the lowest bits, each with 8 added: int32 [rows, ceil(columns / 8)], as
 * compressed-tensors packs them.
 */
export function pack({ numbers, rows, columns }: Rounded): Int32Array {
  const words = Math.ceil(columns / 8);
  const packed = new Int32Array(rows * words);
  for (let r = 0; r < rows; r++)
    for (let c = 0; c < columns; c++)
      (packed[r * words + (c >> 3)] as number) |= ((numbers[r * columns + c] as number) + 8) << (4 * (c & 7));
  return packed;
}

/** The opposite of `pack`. */
export function unpack(packed: Int32Array, rows: number, columns: number): Int8Array {
  const words = Math.ceil(columns / 8);
  const numbers = new Int8Array(rows * columns);
  for (let r = 0; r < rows; r++)
    for (let c = 0; c < columns; c++)
      numbers[r * columns + c] = (((packed[r * words + (c >> 3)] as number) >>> (4 * (c & 7))) & 15) - 8;
  return numbers;
}
