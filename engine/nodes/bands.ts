// How MinHash signatures are cut into bands. Two texts of similarity s agree in one of b bands of r hashes with a probability of
// 1 - (1 - s^r)^b, which rises steeply about s = (1/b)^(1/r).

export interface Bands {
  bands: number;
  /** Hashes in a band. */
  rows: number;
}

const known = new Map<string, Bands>();

/**
 * Bands for a similarity above which texts count as near-duplicates: of all ways to cut at most `permutations` hashes, the one for
 * which too much and too little being found are least together, as in datasketch and text-dedup (areas between the curve and a step
 * at the threshold, weighted equally).
 */
export function bandsFor(threshold: number, permutations: number): Bands {
  const key = `${threshold} ${permutations}`;
  const found = known.get(key);
  if (found) return found;
  let best: Bands = { bands: 1, rows: 1 };
  let least = Infinity;
  for (let bands = 1; bands <= permutations; bands++) {
    for (let rows = 1; rows <= Math.floor(permutations / bands); rows++) {
      const missed = (s: number) => (1 - s ** rows) ** bands;
      const error = integral((s) => 1 - missed(s), 0, threshold) + integral(missed, threshold, 1);
      if (error < least) {
        least = error;
        best = { bands, rows };
      }
    }
  }
  known.set(key, best);
  return best;
}

/** The similarity about which bands begin to find texts. */
export function thresholdOf({ bands, rows }: Bands): number {
  return (1 / bands) ** (1 / rows);
}

/** Simpson's rule. */
function integral(f: (x: number) => number, from: number, to: number, pieces = 64): number {
  const step = (to - from) / pieces;
  let sum = f(from) + f(to);
  for (let i = 1; i < pieces; i++) sum += (i % 2 === 1 ? 4 : 2) * f(from + i * step);
  return (sum * step) / 3;
}
