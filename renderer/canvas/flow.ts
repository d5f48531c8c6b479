// The scene as React Flow wants it: nodes with places, sizes and ports that need no measuring; wires; frames around groups.
// Everything that did not change keeps its identity, so that React leaves it alone.
import type { Edge, Node, NodeHandle } from 'reactflow';
import { type DocumentState, diagnosticsOf } from '../document/document.ts';
import type { Place } from '../document/layout.ts';
import { root } from './arrange.ts';
import { type Box, docked, handle, portPlace, sizeOf } from './geometry.ts';
import type { Section } from './groups.ts';
import type { NodeView, Scene, WireView } from './scene.ts';

export type KindNode = Node<{ view: NodeView }, 'kind'>;
export type FrameNode = Node<{ section: Section }, 'frame'>;
export type FlowNode = KindNode | FrameNode;
export type FlowEdge = Edge<{ wire: WireView } & Lanes, 'wire'>;

/** Where a wire that goes back runs, and whether it is seen from far away. */
export type Lanes = {
  /** Places of its ports among the others of their nodes, so that wires side by side do not cover each other. */
  readonly from: number;
  readonly to: number;
  /** From the top of the target to the port. */
  readonly below: number;
  readonly far: boolean;
};

export type Point = { readonly x: number; readonly y: number };

/** Diagnostics of the text that the canvas shows. */
export function shownDiagnostics(state: DocumentState) {
  return state.checked === state.good ? diagnosticsOf(state) : (state.good?.diagnostics ?? []);
}

/** Nodes for React Flow: frames first, then each node before the inline ones in it. */
export function flowNodes(
  scene: Scene,
  places: Readonly<Record<string, Point>>,
  selection: ReadonlySet<string>,
  before: readonly FlowNode[],
): FlowNode[] {
  const known = new Map(before.map((node) => [node.id, node]));
  const inner = new Map<string, Point>();
  const nodes = scene.nodes.map((view) => {
    if (view.inline.length > 0) for (const [path, at] of docked(view, scene).places) inner.set(path, at);
    const place = view.owner ? inner.get(view.path) : places[view.path];
    return kindNode(view, place ?? { x: 0, y: 0 }, selection.has(view.path), known.get(view.path));
  });
  return [...frames(scene, places, known), ...nodes];
}

function kindNode(view: NodeView, { x, y }: Point, selected: boolean, before: FlowNode | undefined): KindNode {
  if (before?.type === 'kind' && before.data.view === view) {
    const still = before.position.x === x && before.position.y === y;
    if (still && before.selected === selected && !before.dragging) return before;
    const { dragging: _, ...rest } = before;
    return { ...rest, position: still ? before.position : { x, y }, selected };
  }
  const size = sizeOf(view);
  return {
    id: view.path,
    type: 'kind',
    position: { x, y },
    ...(view.owner && { parentId: view.owner.node }),
    data: before?.type === 'kind' && before.data.view === view ? before.data : { view },
    ...size,
    measured: size,
    handles: handlesOf(view),
    selected,
    ariaLabel: `${view.title}, ${view.kind}`,
    domAttributes: { 'aria-labelledby': labelId(view.path) },
  };
}

/** The element with a node's name and state for screen readers. */
export function labelId(path: string): string {
  return `canvas-label-${path}`;
}

function handlesOf(view: NodeView): NodeHandle[] {
  const square = ({ x, y }: Point) => ({ x: x - handle / 2, y: y - handle / 2, width: handle, height: handle });
  const inputs = view.inputs.map(({ name }, i) => ({
    id: name,
    type: 'target' as const,
    position: 'left' as NodeHandle['position'],
    ...square(portPlace(view, 'input', i)),
  }));
  const outputs = view.outputs.map(({ name }, i) => ({
    id: name,
    type: 'source' as const,
    position: (view.owner ? 'left' : 'right') as NodeHandle['position'],
    ...square(portPlace(view, 'output', i)),
  }));
  return [...inputs, ...outputs];
}

const frameSpace = { side: 24, top: 54, bottom: 24 };

/** A frame around each group's nodes. */
export function frames(
  scene: Scene,
  places: Readonly<Record<string, Point>>,
  known: ReadonlyMap<string, FlowNode>,
): FrameNode[] {
  return scene.sections.flatMap((section) => {
    const box = around(section.nodes, scene, places);
    if (!box) return [];
    const position = { x: box.x - frameSpace.side, y: box.y - frameSpace.top };
    const size = {
      width: box.width + 2 * frameSpace.side,
      height: box.height + frameSpace.top + frameSpace.bottom,
    };
    const before = known.get(section.id);
    if (before?.type === 'frame') {
      const same =
        before.position.x === position.x &&
        before.position.y === position.y &&
        before.width === size.width &&
        before.height === size.height &&
        before.data.section.title === section.title &&
        before.data.section.span.start === section.span.start &&
        before.data.section.note === section.note &&
        !before.dragging;
      if (same) return [before];
    }
    return [
      {
        id: section.id,
        type: 'frame' as const,
        position,
        ...size,
        measured: size,
        data: { section },
        handles: [],
        selectable: false,
        focusable: false,
        connectable: false,
        dragHandle: '.canvas-frame-title',
        zIndex: -10,
        style: { pointerEvents: 'none' as const },
      },
    ];
  });
}

/** The rectangle that holds these nodes with what is docked to them. */
export function around(
  paths: readonly string[],
  scene: Scene,
  places: Readonly<Record<string, Point>>,
): (Point & Box) | null {
  const boxes = paths.flatMap((path) => {
    const view = scene.byPath.get(path);
    const place = places[path];
    return view && place ? [{ ...place, ...docked(view, scene) }] : [];
  });
  if (boxes.length === 0) return null;
  const x = Math.min(...boxes.map((box) => box.x));
  const y = Math.min(...boxes.map((box) => box.y));
  const right = Math.max(...boxes.map((box) => box.x + box.width));
  const bottom = Math.max(...boxes.map((box) => box.y + box.height));
  return { x, y, width: right - x, height: bottom - y };
}

/** Wires for React Flow. */
export function flowEdges(
  scene: Scene,
  picked: ReadonlySet<string>,
  before: readonly FlowEdge[],
  label: (wire: WireView) => string,
  far: boolean,
): FlowEdge[] {
  const known = new Map(before.map((edge) => [edge.id, edge]));
  return scene.wires.map((wire) => {
    const edge = known.get(wire.id);
    const selected = picked.has(wire.id);
    // From far away no end of a wire can be taken hold of.
    const reconnectable = !wire.inline && !far;
    const same = edge?.data?.wire === wire && edge.selected === selected && edge.reconnectable === reconnectable;
    if (edge && same) return edge;
    return {
      id: wire.id,
      type: 'wire',
      source: wire.source,
      sourceHandle: wire.inline ? outputOf(scene, wire.source) : wire.output,
      target: wire.target,
      targetHandle: wire.port,
      data: { wire, ...lanes(wire, scene), far },
      selected,
      selectable: !wire.inline,
      focusable: false,
      reconnectable,
      ariaLabel: label(wire),
    };
  });
}

function lanes({ source, output, target, port }: WireView, { byPath }: Scene): Omit<Lanes, 'far'> {
  const to = byPath.get(target);
  const index = Math.max(0, to?.inputs.findIndex(({ name }) => name === port) ?? 0);
  const from = Math.max(0, byPath.get(source)?.outputs.findIndex(({ name }) => name === output) ?? 0);
  return { from, to: index, below: to ? portPlace(to, 'input', index).y : 0 };
}

function outputOf(scene: Scene, path: string): string {
  return scene.byPath.get(path)?.outputs[0]?.name ?? '';
}

/** Where the statements' nodes stand now, while they are dragged too. */
export function placesNow(nodes: readonly FlowNode[]): Record<string, Place> {
  const places: Record<string, Place> = {};
  for (const { id, type, position } of nodes) {
    if (type === 'kind' && root(id) === id) places[id] = { x: position.x, y: position.y };
  }
  return places;
}
