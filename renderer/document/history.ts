// Undo and redo: each gesture is one entry, a list of text edits with those that take them back, and the positions it moved.
import type { TextEdit } from '../../grammar/index.ts';
import type { Positions } from './layout.ts';

export interface HistoryEntry {
  /** Key of what was done, for the menu: "undo.move". */
  readonly label: string;
  readonly forward: readonly TextEdit[];
  readonly backward: readonly TextEdit[];
  /** Positions of the nodes that moved; null where a node had none. */
  readonly layoutBefore: Positions;
  readonly layoutAfter: Positions;
  readonly selectionBefore: readonly string[];
  readonly selectionAfter: readonly string[];
  /** Later changes with the same key join this entry, such as the keystrokes of one word. */
  readonly join: string | null;
  readonly time: number;
}

/** What is typed within this time, in milliseconds, is one step. */
const pause = 700;
/** More steps than anyone takes back; each holds only what changed. */
const longest = 5000;

/** The edits that turn the text after `edits` back into `text`. */
export function inverse(text: string, edits: readonly TextEdit[]): TextEdit[] {
  let shift = 0;
  return [...edits]
    .sort((a, b) => a.start - b.start || a.end - b.end)
    .map(({ start, end, text: inserted }) => {
      const at = start + shift;
      shift += inserted.length - (end - start);
      return { start: at, end: at + inserted.length, text: text.slice(start, end) };
    });
}

/** The history with one more entry, joined to the last where both belong to one gesture. */
export function remember(past: readonly HistoryEntry[], entry: HistoryEntry): HistoryEntry[] {
  const last = past[past.length - 1];
  const joined =
    last && entry.join !== null && last.join === entry.join && entry.time - last.time < pause && join(last, entry);
  return joined ? [...past.slice(0, -1), joined] : [...past, entry].slice(-longest);
}

/** Both as one, or null where their edits do not touch each other (each is then a step of its own). */
function join(first: HistoryEntry, second: HistoryEntry): HistoryEntry | null {
  const forward = compose(first, second);
  if (!forward) return null;
  return {
    ...first,
    ...forward,
    layoutAfter: { ...first.layoutAfter, ...second.layoutAfter },
    layoutBefore: { ...second.layoutBefore, ...first.layoutBefore },
    selectionAfter: second.selectionAfter,
    time: second.time,
  };
}

/** One edit for two of one edit each, where the second lies in or beside what the first wrote. */
function compose(
  first: HistoryEntry,
  second: HistoryEntry,
): { forward: readonly TextEdit[]; backward: readonly TextEdit[] } | null {
  if (second.forward.length === 0) return { forward: first.forward, backward: first.backward };
  if (first.forward.length === 0) return { forward: second.forward, backward: second.backward };
  const [a] = first.forward;
  const [b] = second.forward;
  const [back] = first.backward;
  const [again] = second.backward;
  if (!a || !b || !back || !again || first.forward.length > 1 || second.forward.length > 1) return null;
  const written = { start: a.start, end: a.start + a.text.length };
  if (b.start > written.end || b.end < written.start) return null;
  // What the second removes before and after the first's own text was there before both.
  const before = Math.max(0, written.start - b.start);
  const after = Math.max(0, b.end - written.end);
  const head = again.text.slice(0, before);
  const tail = after > 0 ? again.text.slice(again.text.length - after) : '';
  const inner = a.text.slice(0, Math.max(0, b.start - a.start)) + b.text + a.text.slice(Math.max(0, b.end - a.start));
  const start = a.start - before;
  const old = head + back.text + tail;
  return {
    forward: [{ start, end: start + old.length, text: inner }],
    backward: [{ start, end: start + inner.length, text: old }],
  };
}
