// Which rows of a long table are in sight. Browsers cannot scroll over more than some tens of millions of pixels: longer tables are
// scrolled in proportion.

/** Pixels a scrolled area has at most. */
const tallest = 10_000_000;
/** Rows drawn above and below what is in sight. */
const margin = 6;

export interface Window {
  readonly first: number;
  /** Exclusive. */
  readonly last: number;
  /** Pixels of the whole scrolled area, and where the first row lies in it. */
  readonly height: number;
  readonly offset: number;
}

export function windowOf(total: number, top: number, visible: number, rowHeight: number): Window {
  const natural = total * rowHeight;
  const height = Math.min(natural, tallest);
  const fit = Math.ceil(visible / rowHeight) + 1;
  if (natural <= tallest) {
    const first = Math.max(0, Math.floor(top / rowHeight) - margin);
    return {
      first,
      last: Math.min(total, Math.floor(top / rowHeight) + fit + margin),
      height,
      offset: first * rowHeight,
    };
  }
  // Scrolled all the way down, the last row has to be in sight.
  const part = Math.min(1, top / Math.max(1, height - visible));
  const first = Math.round(part * Math.max(0, total - fit + 1));
  return { first, last: Math.min(total, first + fit), height, offset: Math.min(top, height - fit * rowHeight) };
}

/** A cell as one line of text. */
export function cellText(value: unknown): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'boolean') return value ? 'true' : 'false';
  if (Array.isArray(value) && value.length > 0 && value.every((each) => typeof each === 'number' || each === '…')) {
    return `[${value.join(', ')}]`;
  }
  return JSON.stringify(value) ?? '';
}
