// Three-way merge of a text, line by line: what this page and somebody else made of the same file.
import { diff } from '@codemirror/merge';

interface Change {
  /** Lines of the base that are replaced, half-open, and what stands there instead. */
  from: number;
  to: number;
  lines: readonly string[];
}

/**
 * Both changes of `base` in one text; null where they change the same or neighbouring lines differently. Lines keep their ends.
 */
export function merge(base: string, mine: string, theirs: string): string | null {
  if (mine === theirs || theirs === base) return mine;
  if (mine === base) return theirs;
  const lines = split(base);
  const changes = [...changesOf(lines, split(mine)), ...changesOf(lines, split(theirs))];
  changes.sort((a, b) => a.from - b.from || a.to - b.to);
  const result: string[] = [];
  let at = 0;
  let last: Change | null = null;
  for (const change of changes) {
    if (last && same(last, change)) continue;
    if (last && change.from <= last.to) return null;
    result.push(...lines.slice(at, change.from), ...change.lines);
    at = change.to;
    last = change;
  }
  return [...result, ...lines.slice(at)].join('');
}

function split(text: string): string[] {
  return text.match(/[^\n]*\n|[^\n]+$/g) ?? [];
}

function same(a: Change, b: Change): boolean {
  return a.from === b.from && a.to === b.to && a.lines.join('') === b.lines.join('');
}

/** Lines are compared as single characters of a made-up alphabet, which the character diff then reads. */
function changesOf(base: readonly string[], other: readonly string[]): Change[] {
  const letters = new Map<string, string>();
  // Outside of the surrogates, which the diff would keep together.
  const letter = (line: string) => {
    const known = letters.get(line);
    if (known !== undefined) return known;
    const code = letters.size < 0xd000 ? letters.size + 1 : 0xe000 + (letters.size - 0xd000);
    const made = String.fromCharCode(Math.min(code, 0xffff));
    letters.set(line, made);
    return made;
  };
  const encode = (lines: readonly string[]) => lines.map(letter).join('');
  return diff(encode(base), encode(other)).map(({ fromA, toA, fromB, toB }) => ({
    from: fromA,
    to: toA,
    lines: other.slice(fromB, toB),
  }));
}
