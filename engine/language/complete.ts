// Completion: what can stand at the cursor. Tells the place from the tokens around it (cursor.ts, calls.ts) and what is known
// from the last check; never parses the text again.
import * as t from '../../grammar/tokens.ts';
import { isReserved } from '../../grammar/words.ts';
import type { Checked, Node } from '../graph/graph.ts';
import type { Kinds } from '../graph/registry.ts';
import type { Kind } from '../nodes/kind.ts';
import type { PortType, TableSpec } from '../nodes/values.ts';
import { type Frame, framesAt, freePlaces, isSeparator, type Slot, slotAt, typeEndingAt } from './calls.ts';
import { type Cursor, cursorAt, isWord, type Piece } from './cursor.ts';
import { type Completion, type Item, item } from './item.ts';
import * as offer from './offers.ts';

export type { Completion, Item, ItemKind } from './item.ts';

/** What may be written at an offset; the editor filters by the word from `from` to `to`. Empty inside of comments and numbers. */
export function complete(checked: Checked, kinds: Kinds, offset: number): Completion {
  const cursor = cursorAt(checked, offset);
  const { start: from, end: to } = cursor.word;
  return { from, to, items: cursor.inside ? [] : itemsAt(checked, kinds, cursor) };
}

interface Scene {
  readonly checked: Checked;
  readonly kinds: Kinds;
  readonly cursor: Cursor;
  readonly frames: readonly Frame[];
  /** What the value at the cursor is for. */
  readonly slot: Slot | null;
  /** Nodes that may be named here, made when needed. */
  readonly nodes: () => readonly Node[];
}

function itemsAt(checked: Checked, kinds: Kinds, cursor: Cursor): Item[] {
  const { before, word } = cursor;
  const frames = framesAt(cursor);
  const nodes = () => offer.readable(checked, statementName(before), word.start);
  const slot = slotAt(frames, before, checked, kinds);
  const scene: Scene = { checked, kinds, cursor, frames, slot, nodes };
  const last = before.at(-1);
  if (cursor.quoted) return isValueStart(scene) ? slotValues(scene) : [];
  if (!last) return beginning(scene);
  if (last.type === t.Dot) return dotted(scene);
  if (last.type === t.Pipe) return piped(scene);
  if (frames.length === 0) return topLevel(scene);
  return isValueStart(scene) ? argument(scene) : [];
}

/** Where `name` and `=` stand, behind `param` or `skip`. */
function nameIndex([first, second]: readonly Piece[]): number {
  if (first?.type === t.Param) return 1;
  return first?.image === 'skip' && second && isWord(second) ? 1 : 0;
}

function statementName(before: readonly Piece[]): string | null {
  const at = nameIndex(before);
  const [name, equals] = [before[at], before[at + 1]];
  return name && equals && isSeparator(equals) && isWord(name) ? name.image : null;
}

/** Whether a value may begin here: behind a bracket, a comma or the name of an argument. */
function isValueStart({ frames, cursor }: Scene): boolean {
  const frame = frames.at(-1);
  return frame ? frame.begin === cursor.before.length : false;
}

/** Where a statement begins: the words of the language, names that are used and not defined, kinds with a name before them. */
function beginning({ checked, kinds, cursor, nodes }: Scene): Item[] {
  const { text, document, diagnostics } = checked;
  const first = text.slice(0, cursor.word.start).trim() === '';
  if (first && !document.version) return [item('keyword', 'dsk 1', 0, { detail: 'version of the language' })];
  const [next] = cursor.after;
  if (next) return isSeparator(next) ? undefinedNames(diagnostics, checked, true) : [];
  const taken = new Set(document.statements.map(({ name }) => name.text));
  return [
    ...undefinedNames(diagnostics, checked, false),
    item('keyword', 'param', 1, {
      detail: 'a value with a name',
      documentation: 'A value that the command line can replace: `dsk run --set steps=1000`.',
      insert: ['param ', { place: freeName('name', taken) }, ' = ', { place: '1' }],
    }),
    item('keyword', 'skip', 1, {
      detail: 'a node that is not run',
      documentation: 'The node stays in the text and is not run: what reads it gets what it reads.',
      insert: ['skip ', { place: freeName('name', taken) }, ' = ', { place: 'kind()' }],
    }),
    ...offer.kindItems(kinds.list, {
      nodes: nodes(),
      rank: 2,
      name: (kind) => freeName(offer.exampleName(kind), taken),
    }),
  ];
}

/** Names that some statement uses and none defines. */
function undefinedNames(diagnostics: Checked['diagnostics'], { text }: Checked, equals: boolean): Item[] {
  const missing = diagnostics.filter(({ code }) => code === 'name-undefined');
  const names = new Set(missing.map(({ span }) => text.slice(span.start, span.end)));
  return [...names].map((name) =>
    item('name', name, 0, { detail: 'used, not defined', insert: equals ? [name] : [name, ' = '], again: !equals }),
  );
}

function freeName(name: string, taken: ReadonlySet<string>): string {
  let free = isReserved(name) ? `${name}_` : name;
  for (let i = 2; taken.has(free); i++) free = `${name}${i}`;
  return free;
}

/** Behind `name =`, outside of brackets. */
function topLevel(scene: Scene): Item[] {
  const { checked, kinds, cursor, nodes } = scene;
  const { before } = cursor;
  const at = nameIndex(before);
  const [equals, more] = [before[at + 1], before[at + 2]];
  if (!equals || !isSeparator(equals) || more) return [];
  if (before[0]?.type === t.Param) {
    const truths = ['true', 'false'].map((word) => item('keyword', word, 2));
    return [...offer.paramItems(otherParams(checked, before)), ...truths];
  }
  const list = nodes();
  return [
    ...offer.kindItems(kinds.list, { nodes: list, open: opensCall(cursor) }),
    ...(opensCall(cursor) ? [] : offer.references(list, null, kinds)),
  ];
}

const otherParams = ({ graph }: Checked, before: readonly Piece[]) =>
  graph.params.filter(({ name }) => name !== before[1]?.image);

/** Whether a bracket stands behind the word already, so that only the kind's name is missing. */
const opensCall = ({ after }: Cursor) => after[0]?.type === t.OpenRound;

/** Behind `name.`: its outputs. */
function dotted({ checked, kinds, cursor, slot }: Scene): Item[] {
  const node = checked.graph.byPath.get(cursor.before.at(-2)?.image ?? '');
  if (!node || node.owner) return [];
  return offer.outputs(node, slot?.type === 'port' ? slot.port.type : null, kinds);
}

/** Behind `value |>`: kinds that take it. */
function piped({ checked, kinds, cursor, nodes }: Scene): Item[] {
  const value = typeEndingAt(cursor.before, cursor.before.length - 1, checked, kinds);
  const takes = (kind: Kind) => {
    const order = kind.positional ?? Object.keys(kind.inputs);
    const first = order.map((name) => kind.inputs[name]).find((port) => port !== undefined);
    return first !== undefined && (value === null || first.type === value.type);
  };
  return offer.kindItems(kinds.list.filter(takes), { nodes: nodes(), piped: true, open: opensCall(cursor) });
}

/** Where an argument or an item of a list begins, or the value of an argument with a name. */
function argument(scene: Scene): Item[] {
  const { frames, cursor, kinds, checked } = scene;
  const frame = frames.at(-1) as Frame;
  if (!frame.kind || frame.label !== null) return slotValues(scene);
  const kind = kinds.get(frame.kind.image);
  if (!kind) return [];
  const free = new Set(freePlaces(frame, kind, cursor.before, checked));
  const order = kind.positional ?? Object.keys(kind.inputs);
  const given = (name: string) => frame.given.has(name) || (order.includes(name) && !free.has(name));
  const colon = cursor.after[0]?.type === t.Colon;
  return [...(colon ? [] : slotValues(scene)), ...offer.labels(kind, given, colon)];
}

/** Values for what the cursor's argument is for. */
function slotValues(scene: Scene): Item[] {
  const { checked, kinds, cursor, frames, slot, nodes } = scene;
  if (!slot) return [];
  if (slot.type === 'port') return cursor.quoted ? [] : sources(scene, slot.port.type, nodes());
  const call = frames.findLast(({ kind }) => kind !== null);
  const kind = call?.kind && kinds.get(call.kind.image);
  if (!call || !kind) return [];
  return offer.values(kind, slot.name, {
    params: checked.graph.params,
    table: tableOf(scene, call, kind),
    quoted: cursor.quoted !== null,
    single: frames.at(-1) !== call,
  });
}

/** Nodes of a type, and kinds that give it. What only describes is rather written in place, what runs rather named. */
function sources({ kinds, cursor }: Scene, type: PortType, nodes: readonly Node[]): Item[] {
  const kindsOf = kinds.list.filter((kind) => Object.values(kind.outputs)[0] === type);
  const inline = kindsOf.every((kind) => !('run' in kind) && Object.keys(kind.inputs).length === 0);
  return [
    ...(opensCall(cursor) ? [] : offer.references(nodes, type, kinds, inline ? 1 : 0)),
    ...offer.kindItems(kindsOf, { nodes, open: opensCall(cursor), rank: inline ? 0 : 1 }),
  ];
}

/** What is known of the first table that a call reads. */
function tableOf({ checked, kinds, cursor }: Scene, call: Frame, kind: Kind): TableSpec | null {
  const port = Object.keys(kind.inputs).find((name) => kind.inputs[name]?.type === 'table');
  if (port === undefined) return null;
  const node = checked.graph.nodes.find(({ spans }) => spans.kind.start === call.kind?.start);
  const input = node?.inputs[port];
  const spec = input && checked.graph.byPath.get(input.node)?.outputs?.[input.output];
  if (spec) return spec as TableSpec;
  const ends = [call.piped, ...call.unnamed.map(({ to }) => to)].filter((end) => end !== null);
  for (const end of ends) {
    const value = typeEndingAt(cursor.before, end, checked, kinds);
    if (value?.type === 'table') return value.spec as TableSpec | null;
  }
  return null;
}
