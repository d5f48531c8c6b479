// Keeps the picture with the document: each check becomes a scene, each change of places moves nodes, animated where a command
// moved them. Nodes that are being dragged stay with the pointer.
import type { NodeChange } from 'reactflow';
import { type DocumentState, place, select, useDocument } from '../document/document.ts';
import { kinds } from '../kinds.ts';
import { t } from '../words/index.ts';
import { missingPlaces, root } from './arrange.ts';
import { type FlowNode, flowEdges, flowNodes, frames, type Point, placesNow, shownDiagnostics } from './flow.ts';
import { sceneOf, type WireView } from './scene.ts';
import { useDetail, useFlow } from './state.ts';

/** Milliseconds that nodes take to their new places, and how many may be seen moving. */
const motion = { time: 260, most: 400 };

let animateNext = false;
let frame = 0;

/** The next change of places is shown as a movement. */
export function animate(): void {
  animateNext = true;
}

let following = false;

/** Begins to follow the document, once and for all: palette and commands know the graph while the canvas is closed too. */
export function startSync(): void {
  if (following) return;
  following = true;
  refreshScene(useDocument.getState());
  useDocument.subscribe((now, before) => {
    const checked = now.good !== before.good || shownDiagnostics(now) !== shownDiagnostics(before);
    if (checked) refreshScene(now);
    else if (now.layout !== before.layout || now.selection !== before.selection) {
      const command = now.origin === 'command' && now.past !== before.past && now.layout !== before.layout;
      refreshNodes(now, animateNext || command);
    }
  });
}

function refreshScene(state: DocumentState): void {
  const before = useFlow.getState();
  if (!state.good) {
    useFlow.setState({
      scene: { ...before.scene, nodes: [], byPath: new Map(), wires: [], sections: [] },
      nodes: [],
      edges: [],
    });
    return;
  }
  const scene = sceneOf(state.good, kinds, shownDiagnostics(state), before.scene);
  const picked = before.picked.filter((id) => scene.wires.some((wire) => wire.id === id));
  useFlow.setState({ scene, picked: picked.length === before.picked.length ? before.picked : picked });
  const missing = missingPlaces(scene, state.layout.nodes);
  // A text that is still being typed may not yet be the one that is shown.
  if (Object.keys(missing).length > 0) place(missing);
  refreshNodes(useDocument.getState(), false);
  refreshEdges();
}

function refreshNodes(state: DocumentState, animated: boolean): void {
  animateNext = false;
  cancelAnimationFrame(frame);
  const { scene, nodes } = useFlow.getState();
  const selection = new Set(state.selection);
  const dragged = Object.fromEntries(
    nodes.flatMap(({ id, dragging, position }) => (dragging && root(id) === id ? [[id, position]] : [])),
  );
  const goal: Record<string, Point> = { ...state.layout.nodes, ...dragged };
  const show = (places: Record<string, Point>) =>
    useFlow.setState((flow) => ({ nodes: kept(flow.nodes, flowNodes(scene, places, selection, flow.nodes)) }));
  const from = placesNow(nodes);
  const moving = Object.keys(from).filter((path) => {
    const to = goal[path];
    return to && (to.x !== from[path]?.x || to.y !== from[path].y);
  });
  if (!animated || moving.length === 0 || moving.length > motion.most || reducedMotion()) return show(goal);
  const begin = performance.now();
  const step = (now: number) => {
    const part = Math.min(1, Math.max(0, (now - begin) / motion.time));
    const eased = 1 - (1 - part) ** 3;
    const places = { ...goal };
    if (part < 1) for (const path of moving) places[path] = between(from[path] as Point, goal[path] as Point, eased);
    show(places);
    if (part < 1) frame = requestAnimationFrame(step);
  };
  step(begin);
}

function between(from: Point, to: Point, part: number): Point {
  return { x: from.x + (to.x - from.x) * part, y: from.y + (to.y - from.y) * part };
}

function reducedMotion(): boolean {
  return window.matchMedia('(prefers-reduced-motion: reduce)').matches;
}

export function refreshEdges(): void {
  const { scene, picked, edges } = useFlow.getState();
  const far = useDetail.getState().detail === 'far';
  const label = ({ source, output, target, port }: WireView) => t('canvas.wire', { source, output, target, port });
  useFlow.setState({ edges: kept(edges, flowEdges(scene, new Set(picked), edges, label, far)) });
}

/** The list as it was where every element is: React Flow goes through all nodes and wires of a new one. */
function kept<T>(before: T[], now: T[]): T[] {
  return before.length === now.length && now.every((each, i) => each === before[i]) ? before : now;
}

/** Brings nodes to where the document has them, as after a drag that came to nothing. */
export function restore(): void {
  useFlow.setState(({ nodes }) => ({
    nodes: nodes.map((node) => (node.dragging ? { ...node, dragging: false } : node)),
  }));
  refreshNodes(useDocument.getState(), true);
}

/** Takes in what React Flow says of nodes: where they are dragged, which are selected. */
export function takeChanges(changes: readonly NodeChange<FlowNode>[]): void {
  const { nodes, scene } = useFlow.getState();
  const moved = new Map<string, { position: Point; dragging: boolean }>();
  const selected = new Map<string, boolean>();
  for (const change of changes) {
    if (change.type === 'position' && change.position) {
      moved.set(change.id, { position: change.position, dragging: change.dragging ?? false });
    } else if (change.type === 'select') selected.set(change.id, change.selected);
  }
  if (moved.size > 0) move(nodes, moved);
  if (selected.size === 0) return;
  const now = new Set(useDocument.getState().selection.filter((path) => scene.byPath.has(path)));
  for (const [id, on] of selected) {
    if (on) now.add(id);
    else now.delete(id);
  }
  select([...now], 'canvas');
}

function move(nodes: readonly FlowNode[], moved: ReadonlyMap<string, { position: Point; dragging: boolean }>): void {
  const { scene } = useFlow.getState();
  const shifts = new Map<string, Point & { dragging: boolean }>();
  const touched = new Set<string>();
  for (const node of nodes) {
    const to = moved.get(node.id);
    if (!to || node.type !== 'frame') continue;
    const shift = { x: to.position.x - node.position.x, y: to.position.y - node.position.y, dragging: to.dragging };
    for (const path of node.data.section.nodes) shifts.set(path, shift);
  }
  const after = nodes.map((node): FlowNode => {
    const to = moved.get(node.id);
    if (to) return { ...node, position: to.position, dragging: to.dragging };
    const shift = shifts.get(node.id);
    if (!shift) return node;
    const position = { x: node.position.x + shift.x, y: node.position.y + shift.y };
    return { ...node, position, dragging: shift.dragging };
  });
  for (const { id, nodes: members } of scene.sections) {
    if (members.some((path) => moved.has(path) || shifts.has(path))) touched.add(id);
  }
  useFlow.setState({ nodes: touched.size > 0 ? reframed(after, touched) : after });
}

/** Nodes with the frames of some groups drawn around their nodes again. */
function reframed(nodes: FlowNode[], touched: ReadonlySet<string>): FlowNode[] {
  const { scene } = useFlow.getState();
  const some = { ...scene, sections: scene.sections.filter(({ id }) => touched.has(id)) };
  const members = new Set(some.sections.flatMap((section) => section.nodes));
  const known = new Map(nodes.filter(({ id }) => members.has(id) || touched.has(id)).map((node) => [node.id, node]));
  const drawn = new Map(frames(some, placesNow([...known.values()]), known).map((node) => [node.id, node]));
  return nodes.map((node) => {
    const again = drawn.get(node.id);
    return again ? { ...again, dragging: node.dragging } : node;
  });
}
