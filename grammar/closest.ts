// "Did you mean": the candidate nearest to a mistyped name.

const LONGEST = 64; // longer names are not worth the quadratic comparison

/** The candidate that differs from `name` by the fewest typing slips (insert, drop, replace, swap two neighbours; letter
 *  case counts little), or null when none is near: at most one slip for names up to five letters, then a third of them. */
export function closest(name: string, candidates: Iterable<string>): string | null {
  if (name.length === 0 || name.length > LONGEST) return null;
  let best: string | null = null;
  let least = Math.max(1, Math.floor(name.length / 3)) + 0.5;
  for (const candidate of candidates) {
    if (candidate === name || candidate.length > LONGEST) continue;
    if (Math.abs(candidate.length - name.length) >= least) continue;
    const exact = slips(name, candidate);
    const folded = slips(name.toLowerCase(), candidate.toLowerCase());
    const distance = folded + (exact > folded ? 0.25 : 0);
    if (distance < least && distance < Math.max(name.length, candidate.length)) {
      least = distance;
      best = candidate;
    }
  }
  return best;
}

/** Edit distance with transposition (optimal string alignment), over code units. */
function slips(a: string, b: string): number {
  let before: number[] = [];
  let previous = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1] ? 0 : 1;
      let least = Math.min((previous[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1, (previous[j - 1] ?? 0) + same);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
        least = Math.min(least, (before[j - 2] ?? 0) + 1);
      }
      row.push(least);
    }
    before = previous;
    previous = row;
  }
  return previous[b.length] ?? 0;
}
