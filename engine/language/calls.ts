// The calls and lists that are open at the cursor, and what is given in them so far.

import * as t from '../../grammar/tokens.ts';
import type { Checked, Node } from '../graph/graph.ts';
import type { Kinds } from '../graph/registry.ts';
import type { Kind } from '../nodes/kind.ts';
import type { PortType, Specs } from '../nodes/values.ts';
import { type Cursor, closes, isWord, opens, type Piece } from './cursor.ts';

/** An open bracket. */
export interface Frame {
  /** The call's kind, as written; null for a list. */
  readonly kind: Piece | null;
  /** Where its bracket stands among the tokens. */
  readonly open: number;
  /** Where the tokens of the value before `|>` end, or null where nothing is piped in. */
  readonly piped: number | null;
  /** Where the current argument's tokens begin, its name left out. */
  begin: number;
  /** The name of the current argument, where it has one. */
  label: string | null;
  /** Names given anywhere in the call, the current one left out. */
  readonly given: Set<string>;
  /** Arguments without a name before the current one, as ranges of tokens. */
  readonly unnamed: { readonly from: number; readonly to: number }[];
  /** A name stands before the current argument: what follows needs one too. */
  named: boolean;
}

/** The open brackets, outermost first. */
export function framesAt({ before, after }: Pick<Cursor, 'before' | 'after'>): Frame[] {
  const frames: Frame[] = [];
  before.forEach((piece, i) => {
    const frame = frames.at(-1);
    if (opens(piece)) frames.push(newFrame(before, i));
    else if (closes(piece)) frames.pop();
    else if (frame && piece.type === t.Comma) nextArgument(frame, i);
    else if (frame && isSeparator(piece) && i === frame.begin + 1 && before[i - 1]) {
      frame.label = (before[i - 1] as Piece).image;
      frame.begin = i + 1;
    }
  });
  readAhead(frames, after);
  return frames;
}

/** Between a name and what it is given: `=` stands for `:` while one is typing. */
export const isSeparator = ({ type }: Piece) => type === t.Colon || type === t.Equals;

function newFrame(pieces: readonly Piece[], open: number): Frame {
  const kind = pieces[open - 1];
  const call = pieces[open]?.type === t.OpenRound && kind && isWord(kind);
  const pipe = pieces[open - 2];
  return {
    kind: call ? kind : null,
    open,
    piped: call && pipe?.type === t.Pipe ? open - 2 : null,
    begin: open + 1,
    label: null,
    given: new Set(),
    unnamed: [],
    named: false,
  };
}

function nextArgument(frame: Frame, comma: number): void {
  if (frame.label !== null) {
    frame.given.add(frame.label);
    frame.named = true;
  } else if (comma > frame.begin) frame.unnamed.push({ from: frame.begin, to: comma });
  frame.label = null;
  frame.begin = comma + 1;
}

/** Names of the arguments behind the cursor, as far as their brackets close. */
function readAhead(frames: readonly Frame[], after: readonly Piece[]): void {
  let at = frames.length - 1;
  let inner = 0;
  after.forEach((piece, i) => {
    if (opens(piece)) inner++;
    else if (closes(piece)) {
      if (inner > 0) inner--;
      else at--;
    } else if (inner === 0 && isWord(piece) && after[i + 1]?.type === t.Colon) frames[at]?.given.add(piece.image);
  });
}

/** What a value in the current argument is for. */
export type Slot =
  | { readonly type: 'port'; readonly name: string; readonly port: Kind['inputs'][string] }
  | { readonly type: 'parameter'; readonly name: string; readonly param: Kind['params'][string] };

/** The input or parameter that the innermost argument is for; null where it can be none. */
export function slotAt(
  frames: readonly Frame[],
  pieces: readonly Piece[],
  checked: Checked,
  kinds: Kinds,
): Slot | null {
  const at = frames.findLastIndex(({ kind }) => kind !== null);
  const frame = frames[at];
  const kind = frame?.kind && kinds.get(frame.kind.image);
  if (!frame || !kind) return null;
  const name = frame.label ?? (frame.named ? null : positional(frame, kind, pieces, checked));
  return name === null ? null : slotNamed(kind, name);
}

export function slotNamed(kind: Kind, name: string): Slot | null {
  const port = Object.hasOwn(kind.inputs, name) ? kind.inputs[name] : undefined;
  if (port) return { type: 'port', name, port };
  const param = Object.hasOwn(kind.params, name) ? kind.params[name] : undefined;
  return param ? { type: 'parameter', name, param } : null;
}

/** What the next argument without a name stands for: as engine/graph/arguments.ts deals them out. */
function positional(frame: Frame, kind: Kind, pieces: readonly Piece[], checked: Checked): string | null {
  return freePlaces(frame, kind, pieces, checked).find((name) => !frame.given.has(name)) ?? null;
}

/** Places of arguments without a name that are still free. */
export function freePlaces(frame: Frame, kind: Kind, pieces: readonly Piece[], checked: Checked): string[] {
  const order = kind.positional ?? Object.keys(kind.inputs);
  const taken = new Set<string>();
  const take = (sort: 'node' | 'value' | null) => {
    const free = order.filter((name) => !taken.has(name));
    const fits = (name: string) => sort === null || (sort === 'node') === Object.hasOwn(kind.inputs, name);
    const name = free.find(fits) ?? free[0];
    if (name !== undefined) taken.add(name);
  };
  if (frame.piped !== null) take('node');
  for (const { from } of frame.unnamed) take(sortOf(pieces, from, checked));
  return order.filter((name) => !taken.has(name));
}

function sortOf(pieces: readonly Piece[], from: number, checked: Checked): 'node' | 'value' | null {
  const [first, second] = [pieces[from], pieces[from + 1]];
  if (!first) return null;
  if (!isWord(first) || [t.True, t.False, t.Null].includes(first.type)) return 'value';
  if (second?.type === t.OpenRound) return 'node';
  if (checked.graph.byPath.has(first.image)) return 'node';
  return checked.graph.params.some(({ name }) => name === first.image) ? 'value' : null;
}

/** An output of a node, with what is known of it. */
export interface Output {
  readonly name: string;
  readonly type: PortType;
  readonly spec: Specs[PortType] | null;
}

/** What a node gives with its parameters; by its kind where that is not known. */
export function outputsOf(node: Node): Output[] {
  return Object.entries(node.kind.outputs)
    .filter(([name]) => !node.outputs || Object.hasOwn(node.outputs, name))
    .map(([name, type]) => ({ name, type, spec: node.outputs?.[name] ?? null }));
}

/** What the expression whose tokens end before `to` gives; null where that cannot be told. */
export function typeEndingAt(
  pieces: readonly Piece[],
  to: number,
  checked: Checked,
  kinds: Kinds,
): { type: PortType; spec: Specs[PortType] | null } | null {
  const last = pieces[to - 1];
  if (!last) return null;
  if (last.type === t.CloseRound) {
    let depth = 0;
    for (let i = to - 1; i >= 0; i--) {
      const piece = pieces[i] as Piece;
      if (closes(piece)) depth++;
      if (opens(piece) && --depth === 0) {
        const name = pieces[i - 1];
        const inline = name && checked.graph.nodes.find(({ spans }) => spans.kind.start === name.start);
        if (inline) return outputsOf(inline)[0] ?? null;
        const type = name && Object.values(kinds.get(name.image)?.outputs ?? {})[0];
        return type ? { type, spec: null } : null;
      }
    }
    return null;
  }
  if (!isWord(last)) return null;
  const dotted = pieces[to - 2]?.type === t.Dot;
  const node = checked.graph.byPath.get((dotted ? pieces[to - 3] : last)?.image ?? '');
  if (!node) return null;
  return outputsOf(node).find(({ name }, i) => (dotted ? name === last.image : i === 0)) ?? null;
}
