// Curves made as fine as the screen shows them: of each pixel's steps the least and the greatest value, so that no spike is lost.
// Several curves come out over common places on the x axis, as uPlot wants them.
import { rowAt } from '../runs/series.ts';

export interface Line {
  /** Ascending. */
  readonly x: Float64Array;
  /** As long as `x`; NaN where there is no value. */
  readonly y: Float64Array;
}

/** Places and, line by line, values there; null where a line has none. */
export interface Reduced {
  readonly x: Float64Array;
  readonly lines: (number | null)[][];
}

/**
 * The lines between two places, with at most two values a pixel each.
 * @param pixels width of the chart
 */
export function reduce(lines: readonly Line[], from: number, to: number, pixels: number): Reduced {
  const width = Math.max(1, Math.floor(pixels));
  const parts = lines.map(({ x }) => ({
    first: Math.max(0, rowBefore(x, from)),
    last: Math.min(x.length, rowAt(x, to) + 2),
  }));
  const most = Math.max(0, ...parts.map(({ first, last }) => last - first));
  return most <= 2 * width ? exact(lines, parts) : bucketed(lines, parts, from, to, width);
}

interface Part {
  readonly first: number;
  /** Exclusive. */
  readonly last: number;
}

/** Row of the last place before `x`, so that the line enters the picture from its left edge. */
function rowBefore(places: Float64Array, x: number): number {
  return rowAt(places, x) - 1;
}

function exact(lines: readonly Line[], parts: readonly Part[]): Reduced {
  const all = lines.map(({ x }, i) => x.subarray(parts[i]?.first, parts[i]?.last));
  const [only] = all;
  const x = all.length === 1 && only ? only.slice() : union(all);
  return {
    x,
    lines: lines.map((line, i) => {
      const { first, last } = parts[i] as Part;
      const values = new Array<number | null>(x.length).fill(null);
      let at = 0;
      for (let row = first; row < last; row++) {
        while ((x[at] as number) < (line.x[row] as number)) at++;
        const value = line.y[row] as number;
        values[at] = Number.isFinite(value) ? value : null;
      }
      return values;
    }),
  };
}

function union(all: readonly Float64Array[]): Float64Array {
  const joined = new Float64Array(all.reduce((sum, each) => sum + each.length, 0));
  let length = 0;
  for (const each of all) {
    joined.set(each, length);
    length += each.length;
  }
  joined.sort();
  let kept = 0;
  for (let i = 0; i < joined.length; i++)
    if (i === 0 || joined[i] !== joined[i - 1]) joined[kept++] = joined[i] as number;
  return joined.subarray(0, kept);
}

function bucketed(lines: readonly Line[], parts: readonly Part[], from: number, to: number, width: number): Reduced {
  const step = (to - from) / width;
  const x = new Float64Array(2 * width);
  for (let i = 0; i < width; i++) {
    x[2 * i] = from + (i + 0.25) * step;
    x[2 * i + 1] = from + (i + 0.75) * step;
  }
  const reduced = lines.map((line, i) => {
    const { first, last } = parts[i] as Part;
    const values = new Array<number | null>(2 * width).fill(null);
    for (let row = first; row < last; ) {
      const bucket = Math.min(width - 1, Math.max(0, Math.floor(((line.x[row] as number) - from) / step)));
      const end = bucket === width - 1 ? Number.POSITIVE_INFINITY : from + (bucket + 1) * step;
      let [least, greatest] = [-1, -1];
      do {
        const value = line.y[row] as number;
        if (Number.isFinite(value)) {
          if (least < 0 || value < (line.y[least] as number)) least = row;
          if (greatest < 0 || value > (line.y[greatest] as number)) greatest = row;
        }
        row++;
      } while (row < last && (line.x[row] as number) < end);
      if (least < 0) continue;
      values[2 * bucket] = line.y[Math.min(least, greatest)] as number;
      values[2 * bucket + 1] = line.y[Math.max(least, greatest)] as number;
    }
    return values;
  });
  return { x, lines: reduced };
}

/** Least and greatest value of the lines between two places; null where there is none. */
export function extent(lines: readonly Line[], from: number, to: number, positive: boolean): [number, number] | null {
  let [least, greatest] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const { x, y } of lines) {
    const end = rowAt(x, to);
    for (let row = Math.max(0, rowAt(x, from)); row <= end; row++) {
      const value = y[row] as number;
      if (!Number.isFinite(value) || (positive && value <= 0)) continue;
      if (value < least) least = value;
      if (value > greatest) greatest = value;
    }
  }
  return least <= greatest ? [least, greatest] : null;
}
