// What hands do on the canvas, as changes of the text: one undo step each. What cannot be done is said, never half done.

import type { Checked } from '../../engine/graph/graph.ts';
import type { Kind } from '../../engine/nodes/kind.ts';
import type { PortType } from '../../engine/nodes/values.ts';
import { type Diagnostic, type GraphEdit, parse } from '../../grammar/index.ts';
import { notify } from '../app/notices.tsx';
import { apply, type ChangeOptions, change, difference, select, useDocument } from '../document/document.ts';
import type { Positions } from '../document/layout.ts';
import { kinds } from '../kinds.ts';
import { type Key, t, type Values } from '../words/index.ts';
import { arrangeScene, freePlace, root, snapped } from './arrange.ts';
import { type End, feeds, type Reason, whyNot } from './fits.ts';
import { around, type Point, placesNow } from './flow.ts';
import { freshName, inputsFrom, namesIn, newArguments, referenceTo } from './fresh.ts';
import { docked, sizeOf, width } from './geometry.ts';
import { gather, retitle, type Section } from './groups.ts';
import { edited } from './headings.ts';
import { editPath, positionOf } from './places.ts';
import { cut, removal } from './remove.ts';
import type { WireView } from './scene.ts';
import { type Search, say, useCanvas, useFlow, view } from './state.ts';
import { animate } from './sync.ts';

const scene = () => useFlow.getState().scene;

/** The text as it is now: as it was checked, or only its syntax where it is ahead of that or has an error. */
function current(): Checked | null {
  const { text, good } = useDocument.getState();
  if (!good || good.text === text) return good;
  return { ...good, text, document: parse(text).document, graph: { ...good.graph, byPath: new Map() } };
}

/** Makes a change and says what happened, or why it could not. True where it was made. */
function make(
  edits: readonly GraphEdit[],
  options: Omit<ChangeOptions, 'origin'>,
  said: { key: Key; values?: Values },
): boolean {
  const { text } = useDocument.getState();
  const result = edited(text, edits);
  if ('error' in result) {
    complain(result.error);
    return false;
  }
  apply(difference(text, result.text), { ...options, origin: 'canvas' });
  say(t(said.key, said.values));
  if (broken()) notify({ kind: 'info', text: t('canvas.unseen') });
  return true;
}

function complain({ message, notes }: Diagnostic): void {
  notify({ kind: 'warning', text: notes?.[0] ? `${message}\n${notes[0]}` : message });
}

/** Whether the text has an error of syntax, so that what moves whole statements cannot be sure of them. */
function broken(): boolean {
  const { text } = useDocument.getState();
  return parse(text).diagnostics.some(({ severity }) => severity === 'error');
}

export function refuse({ key, values }: Reason): void {
  const text = t(key, reasonWords(values));
  notify({ kind: 'warning', text });
  say(text);
}

/** Port types in the language at hand. */
export function reasonWords(values: Values): Values {
  const words: Record<string, string | number> = { ...values };
  for (const name of ['takes', 'gives']) {
    if (values[name] !== undefined) words[name] = t(`canvas.type.${values[name] as PortType}`);
  }
  return words;
}

/** Connects an output to an input, in the place of what fed it. An inline node becomes a statement first. */
export function connect(from: End, to: End, item: number | null = null): boolean {
  const checked = current();
  const source = scene().byPath.get(from.node);
  if (!checked || !source) return false;
  const reason = whyNot(from, to, scene(), kinds);
  if (reason) {
    refuse(reason);
    return false;
  }
  const edits: GraphEdit[] = [];
  let name = from.node;
  if (source.owner) {
    name = freshName(source.kind, namesIn(checked.text));
    edits.push({ type: 'wrap', node: editPath(checked, kinds, from.node), name });
  }
  edits.push(connection(to, referenceTo(name, from.port, source.outputs), item));
  return make(
    edits,
    { label: 'undo.connect' },
    { key: 'canvas.said.connected', values: { source: name, target: to.node, port: to.port } },
  );
}

function connection(to: End, source: string, item: number | null): GraphEdit {
  const checked = current();
  const position = checked ? positionOf(checked, kinds, to.node, to.port) : undefined;
  const node = checked ? editPath(checked, kinds, to.node) : to.node;
  const place = { ...(position !== undefined && { position }), ...(item !== null && { item }) };
  return { type: 'connect', node, port: to.port, source, ...place };
}

/** Moves an end of a wire to another port. */
export function reconnect(wire: WireView, from: End, to: End): void {
  const checked = current();
  if (!checked) return;
  const same = wire.target === to.node && wire.port === to.port;
  if (same) {
    connect(from, to, wire.item);
    return;
  }
  const reason = whyNot(from, to, scene(), kinds);
  if (reason) return refuse(reason);
  const source = referenceTo(from.node, from.port, scene().byPath.get(from.node)?.outputs ?? []);
  make(
    [connection(to, source, null), cut(wire, checked, kinds)],
    { label: 'undo.connect' },
    { key: 'canvas.said.connected', values: { source: from.node, target: to.node, port: to.port } },
  );
}

export function disconnect(wires: readonly WireView[]): void {
  const checked = current();
  if (!checked || wires.length === 0) return;
  // Later items of a list first, so that the places of the others stay what they are.
  const sorted = [...wires].sort((a, b) => (b.item ?? 0) - (a.item ?? 0));
  make(
    sorted.map((wire) => cut(wire, checked, kinds)),
    { label: 'undo.disconnect' },
    { key: 'canvas.said.disconnected', values: { count: wires.length } },
  );
  useFlow.setState({ picked: [] });
}

/** Deletes nodes; what read them then reads what fed them, where `reconnected` and the types allow. */
export function remove(paths: readonly string[], reconnected: boolean): void {
  const checked = current();
  if (!checked) return;
  const edits = removal(paths, reconnected, scene(), checked, kinds);
  if (edits.length === 0) return;
  const gone: Record<string, null> = {};
  for (const path of paths) if (root(path) === path) gone[path] = null;
  make(
    edits,
    { label: 'undo.delete', layout: gone, select: [] },
    { key: 'canvas.said.deleted', values: { count: paths.length } },
  );
}

/** Adds a node where the pointer, the search or the view is; connected to a loose wire or to what is selected. */
export function add(kind: Kind, at: Point | null, wire: Search['wire'] = null, inline = false): void {
  const { text, selection } = useDocument.getState();
  if (inline && wire?.side === 'input') return addInline(kind, wire.end);
  const name = freshName(kind.kind, namesIn(text));
  const selected = selection.flatMap((path) => scene().byPath.get(path) ?? []);
  const edits: GraphEdit[] = [];
  let inputs = wire ? {} : inputsFrom(kind, selected);
  if (wire?.side === 'output') inputs = inputFor(kind, wire);
  if (wire?.side === 'input') {
    const output = Object.entries(kind.outputs).find(([, type]) => type === wire.type)?.[0];
    const outputs = Object.keys(kind.outputs).map((each) => ({ name: each }));
    if (output !== undefined) edits.push(connection(wire.end, referenceTo(name, output, outputs), null));
  }
  edits.push({ type: 'add', name, kind: kind.kind, arguments: newArguments(kind, inputs) });
  const place = at ? { x: snapped(at.x), y: snapped(at.y) } : besideSelection();
  make(
    edits,
    { label: 'undo.add', select: [name], layout: { [name]: place } },
    { key: 'canvas.said.added', values: { node: name } },
  );
}

/** The input of a new node that a loose wire feeds: one called like the output, else the first that fits. */
function inputFor(kind: Kind, { end, type }: NonNullable<Search['wire']>): Record<string, string> {
  const source = scene().byPath.get(end.node);
  const sourceKind = source && kinds.get(source.kind);
  if (!source || source.owner || !type) return {};
  const ports = Object.keys(kind.inputs).filter((port) => !sourceKind || feeds(type, sourceKind, kind, port, kinds));
  const port = ports.find((each) => each === end.port) ?? ports[0];
  return port === undefined ? {} : { [port]: referenceTo(end.node, end.port, source.outputs) };
}

/** Writes a new node into the port it is for. */
function addInline(kind: Kind, { node, port }: End): void {
  const checked = current();
  if (!checked) return;
  const value = { call: kind.kind, arguments: newArguments(kind, {}) };
  make(
    [{ type: 'set', node: editPath(checked, kinds, node), parameter: port, value }],
    { label: 'undo.add', select: [`${node}.${port}`] },
    { key: 'canvas.said.added', values: { node: `${node}.${port}` } },
  );
}

/** A free place to the right of what is selected, else in the middle of what is seen. */
function besideSelection(): Point {
  const places = placesNow(useFlow.getState().nodes);
  const taken = Object.entries(places).flatMap(([path, place]) => {
    const node = scene().byPath.get(path);
    return node ? [{ ...place, ...docked(node, scene()) }] : [];
  });
  const box = around([...new Set(useDocument.getState().selection.map(root))], scene(), places);
  const size = { width, height: 120 };
  return freePlace(box ? { x: box.x + box.width + 84, y: box.y } : middle(), size, taken);
}

/** The middle of what is seen, on the canvas. */
export function middle(): Point {
  const box = view.element?.getBoundingClientRect();
  if (!box || !view.flow) return { x: 0, y: 0 };
  const at = view.flow.screenToFlowPosition({ x: box.left + box.width / 2, y: box.top + box.height / 2 });
  return { x: at.x - width / 2, y: at.y - 60 };
}

/** Gives a node another name; an inline node becomes a statement of that name. */
export function rename(path: string, to: string): void {
  useCanvas.setState({ renaming: null });
  const node = scene().byPath.get(path);
  if (!node || to === '' || to === node.path) return;
  if (node.owner) return moveOut(path, null, to);
  // Places go with the name, which `change` sees to.
  const error = change({ type: 'rename', from: path, to }, { label: 'undo.rename', origin: 'canvas', select: [to] });
  if (error) complain(error);
  else say(t('canvas.said.renamed', { from: path, to }));
}

/** Makes an inline node a statement of its own. */
export function moveOut(path: string, at: Point | null, name?: string): void {
  const checked = current();
  const node = scene().byPath.get(path);
  if (!checked || !node?.owner) return;
  const free = name ?? freshName(node.kind, namesIn(useDocument.getState().text));
  const place = at ?? besideOwner(node.owner.node);
  make(
    [{ type: 'wrap', node: editPath(checked, kinds, path), name: free }],
    { label: 'undo.moveOut', select: [free], layout: { [free]: { x: snapped(place.x), y: snapped(place.y) } } },
    { key: 'canvas.said.movedOut', values: { node: free } },
  );
}

function besideOwner(path: string): Point {
  const places = placesNow(useFlow.getState().nodes);
  const owner = places[root(path)] ?? middle();
  const taken = Object.entries(places).flatMap(([other, place]) => {
    const node = scene().byPath.get(other);
    return node ? [{ ...place, ...docked(node, scene()) }] : [];
  });
  return freePlace({ x: owner.x - width - 84, y: owner.y + 60 }, { width, height: 90 }, taken);
}

/** Turns nodes off, or on again where all are off: what reads them then reads what feeds them. */
export function skip(paths: readonly string[]): void {
  const off = paths.every((path) => scene().byPath.get(path)?.skipped);
  const edits = paths.map((node): GraphEdit => ({ type: 'skip', node, skip: !off }));
  make(
    edits,
    { label: off ? 'undo.unskip' : 'undo.skip' },
    { key: off ? 'canvas.said.unskipped' : 'canvas.said.skipped', values: { count: paths.length } },
  );
}

/** The port that could hold a node itself instead of naming it: the node is used there alone, as a whole. */
export function onlyUse(path: string): End | null {
  const uses = scene().wires.filter(({ source }) => source === path);
  const [use] = uses;
  const node = scene().byPath.get(path);
  if (!use || uses.length > 1 || !node || node.owner || use.output !== node.outputs[0]?.name) return null;
  return { node: use.target, port: use.port };
}

/** Writes a node that is used once into the port that uses it. */
export function moveIn(path: string): void {
  const use = onlyUse(path);
  if (!use) return refuse({ key: 'canvas.why.usedOnce', values: { node: path } });
  make(
    [{ type: 'unwrap', name: path }],
    { label: 'undo.moveIn', select: [`${use.node}.${use.port}`], layout: { [path]: null } },
    { key: 'canvas.said.movedIn', values: { node: path, target: use.node } },
  );
}

/** Ends a move: nodes that stand elsewhere now, as one step. */
export function commitPlaces(label: 'undo.move' | 'undo.tidy' = 'undo.move', join?: string): void {
  const { layout } = useDocument.getState();
  const moved: Record<string, Positions[string]> = {};
  for (const [path, place] of Object.entries(placesNow(useFlow.getState().nodes))) {
    const before = layout.nodes[path];
    const to = { x: Math.round(place.x), y: Math.round(place.y) };
    if (before?.x !== to.x || before.y !== to.y) moved[path] = { ...before, ...to };
  }
  if (Object.keys(moved).length === 0) return;
  apply([], { label, origin: 'canvas', layout: moved, ...(join !== undefined && { join }) });
}

/** Moves the selected nodes by the keyboard. */
export function nudge(dx: number, dy: number): void {
  const { selection, layout } = useDocument.getState();
  const moved: Record<string, Positions[string]> = {};
  for (const path of new Set(selection.map(root))) {
    const place = layout.nodes[path];
    if (place) moved[path] = { ...place, x: place.x + dx, y: place.y + dy };
  }
  if (Object.keys(moved).length > 0) {
    apply([], { label: 'undo.move', origin: 'canvas', layout: moved, join: 'canvas.nudge' });
  }
}

/** Lays out the selected nodes, or all. */
export function tidy(): void {
  const { selection, layout } = useDocument.getState();
  const chosen = new Set(selection.map(root));
  const only = chosen.size > 1 ? chosen : null;
  const places = arrangeScene(scene(), only);
  if (only) {
    // They stay where they were, as a whole.
    const before = around([...only], scene(), layout.nodes);
    const after = around([...only], scene(), places);
    if (before && after) {
      for (const [path, place] of Object.entries(places)) {
        places[path] = { x: snapped(place.x + before.x - after.x), y: snapped(place.y + before.y - after.y) };
      }
    }
  }
  animate();
  apply([], { label: 'undo.tidy', origin: 'canvas', layout: places });
  say(t('canvas.said.tidied'));
  if (!only) setTimeout(() => void view.flow?.fitView({ duration: 300, padding: 0.12, maxZoom: 1 }), 30);
}

export function setNote(path: string, note: string): void {
  useCanvas.setState({ noting: null });
  const state = useDocument.getState();
  const statement = parse(state.text).document.statements.find(({ name }) => name.text === path);
  if (!statement) return refuse({ key: 'canvas.why.gone', values: {} });
  const before = statement.documentation ?? '';
  if (note.trim() === before.trim()) return;
  apply(noteEdits(state.text, statement.span.start, before, note), { label: 'undo.note', origin: 'canvas' });
  say(t('canvas.said.noted', { node: path }));
}

/** Writes `##` lines directly above a statement in the place of those that are there. */
export function noteEdits(text: string, statement: number, before: string, note: string) {
  const ending = text.includes('\r\n') ? '\r\n' : '\n';
  let start = text.lastIndexOf('\n', statement - 1) + 1;
  const end = start;
  for (let lines = before === '' ? 0 : before.split('\n').length; lines > 0; ) {
    const above = text.lastIndexOf('\n', start - 2) + 1;
    if (/^[ \t]*##(?!#)/.test(text.slice(above, start))) lines--;
    else break;
    start = above;
  }
  const lines = note.trim() === '' ? [] : note.trim().split(/\r\n|\n|\r/);
  return [{ start, end, text: lines.map((line) => `## ${line}`.trimEnd() + ending).join('') }];
}

/** Puts a comment above the selected nodes, which makes a group of them. */
export function group(): void {
  const state = useDocument.getState();
  const names = [...new Set(state.selection.map(root))];
  const checked = current();
  if (names.length === 0 || !checked) return;
  if (broken()) return refuse({ key: 'canvas.why.broken', values: {} });
  const edits = gather(checked, names, t('canvas.group.new'));
  if (edits.length === 0) return;
  apply(edits, { label: 'undo.group', origin: 'canvas' });
  say(t('canvas.said.grouped', { count: names.length }));
  // Its title is asked for as soon as it is there.
  const stop = useFlow.subscribe(({ scene: { sections } }) => {
    const last = sections.at(-1);
    if (!last || !names.every((name) => last.nodes.includes(name))) return;
    stop();
    useCanvas.setState({ renaming: last.id });
  });
}

export function renameGroup(section: Section, title: string): void {
  useCanvas.setState({ renaming: null });
  if (title.trim() === '' || title === section.title) return;
  const { text, good } = useDocument.getState();
  if (good?.text !== text) return refuse({ key: 'canvas.why.broken', values: {} });
  apply(retitle(section, title), { label: 'undo.group', origin: 'canvas' });
}

/** Selects what a selected node reads, what reads it, or its neighbour in the same rank. */
export function walk(direction: 'left' | 'right' | 'up' | 'down'): void {
  const { selection } = useDocument.getState();
  const { nodes } = useFlow.getState();
  const from = selection.at(-1);
  const here = from === undefined ? null : view.flow?.getInternalNode(from);
  if (!here || from === undefined) {
    const first = nodes.find(({ type }) => type === 'kind');
    if (first) select([first.id], 'command');
    return;
  }
  const { wires } = scene();
  const linked =
    direction === 'left'
      ? wires.filter(({ target }) => target === from).map(({ source }) => source)
      : direction === 'right'
        ? wires.filter(({ source }) => source === from).map(({ target }) => target)
        : [];
  const at = here.internals.positionAbsolute;
  const candidates = linked.length > 0 ? nodes.filter(({ id }) => linked.includes(id)) : nodes;
  const ahead = candidates.flatMap((node) => {
    if (node.type !== 'kind' || node.id === from) return [];
    const other = view.flow?.getInternalNode(node.id)?.internals.positionAbsolute;
    if (!other) return [];
    const [dx, dy] = [other.x - at.x, other.y - at.y];
    const along = { left: -dx, right: dx, up: -dy, down: dy }[direction];
    const across = Math.abs(direction === 'left' || direction === 'right' ? dy : dx);
    return linked.length > 0 || along > 4 ? [{ id: node.id, distance: Math.abs(along) + 2 * across }] : [];
  });
  ahead.sort((a, b) => a.distance - b.distance);
  const next = ahead[0];
  if (next) select([next.id], 'command');
}

/** Whether a point of the canvas lies on a node. */
export function nodeAt(at: Point, except: string): string | null {
  for (const { id, type } of [...useFlow.getState().nodes].reverse()) {
    if (type !== 'kind' || id === except) continue;
    const place = view.flow?.getInternalNode(id)?.internals.positionAbsolute;
    const node = scene().byPath.get(id);
    if (!place || !node) continue;
    const { width: w, height: h } = sizeOf(node);
    if (at.x >= place.x && at.x <= place.x + w && at.y >= place.y && at.y <= place.y + h) return id;
  }
  return null;
}
