// The canvas: the graph as nodes and wires. It draws the last text that parsed; each gesture becomes an edit of the text.
import { useEffect, useRef, useState } from 'react';
import {
  Background,
  BackgroundVariant,
  type Connection,
  type EdgeChange,
  type FinalConnectionState,
  ReactFlow,
  ReactFlowProvider,
  SelectionMode,
  useReactFlow,
  useStoreApi,
} from 'reactflow';
import 'reactflow/dist/base.css';
import { select, useDocument } from '../document/document.ts';
import { kinds } from '../kinds.ts';
import { useWords } from '../words/index.ts';
import { root } from './arrange.ts';
import { Complaint, LooseWire, reasonBetween } from './complaint.tsx';
import { Controls } from './controls.tsx';
import { Empty } from './empty.tsx';
import { fittingInput, fittingOutput } from './fits.ts';
import { around, type FlowEdge, type FlowNode } from './flow.ts';
import { FrameView } from './frame.tsx';
import { docked, grid } from './geometry.ts';
import {
  add,
  commitPlaces,
  connect,
  disconnect,
  moveIn,
  moveOut,
  nodeAt,
  onlyUse,
  reconnect,
  refuse,
} from './gestures.ts';
import { handleKeys } from './keys.ts';
import { CanvasMenu, showMenuFor } from './menu.tsx';
import { MiniMap } from './minimap.tsx';
import { KindNodeView } from './node.tsx';
import { NoteDialog } from './note.tsx';
import { openSearch, openWire } from './open-search.ts';
import { kindFormat } from './palette.tsx';
import { SearchPopup } from './search.tsx';
import { detailAt, flowId, pointer, useCanvas, useDetail, useFlow, view } from './state.ts';
import { refreshEdges, restore, startSync, takeChanges } from './sync.ts';
import { startClipboard } from './transfer.ts';
import { WireLine } from './wire.tsx';
import './canvas.css';

const nodeTypes = { kind: KindNodeView, frame: FrameView };
const edgeTypes = { wire: WireLine };
const multiSelect = ['Shift', 'Control', 'Meta'];
const snapGrid: [number, number] = [grid, grid];
const fitting = { padding: 0.12, maxZoom: 1 };

export function Canvas() {
  return (
    <ReactFlowProvider>
      <Flow />
    </ReactFlowProvider>
  );
}

function Flow() {
  const t = useWords();
  // geometry.ts knows all sizes and ports. React Flow would measure each node that comes into sight, and where no ports are drawn
  // (far away) find none.
  const store = useStoreApi();
  useState(() => store.setState({ updateNodeInternals: () => {} }));
  const element = useRef<HTMLDivElement>(null);
  const nodes = useFlow((state) => state.nodes);
  const edges = useFlow((state) => state.edges);
  const snap = useCanvas((state) => state.snap);
  const minimap = useCanvas((state) => state.minimap);
  const said = useCanvas((state) => state.said);
  const flow = useReactFlow<FlowNode, FlowEdge>();
  const empty =
    useDocument((state) => state.good !== null && state.good.graph.nodes.length === 0) && nodes.length === 0;
  useEffect(() => {
    view.flow = flow;
    view.element = element.current;
    startSync();
    const stops = [startClipboard(), followSelection(), showFile()];
    return () => {
      view.flow = null;
      view.element = null;
      for (const stop of stops) stop();
    };
  }, [flow]);
  return (
    <CanvasMenu>
      <div
        className="canvas"
        ref={element}
        onKeyDown={handleKeys}
        onPointerMove={(event) => {
          pointer.x = event.clientX;
          pointer.y = event.clientY;
          pointer.inside = true;
        }}
        onPointerLeave={() => {
          pointer.inside = false;
        }}
        onClick={(event) => isPane(event.target) && letGo()}
        onDoubleClick={(event) => {
          if (isPane(event.target)) openSearch({ x: event.clientX, y: event.clientY });
        }}
        onDragOver={(event) => {
          if (!event.dataTransfer.types.includes(kindFormat)) return;
          event.preventDefault();
          event.dataTransfer.dropEffect = 'copy';
        }}
        onDrop={(event) => {
          const kind = kinds.get(event.dataTransfer.getData(kindFormat));
          if (!kind) return;
          event.preventDefault();
          add(kind, flow.screenToFlowPosition({ x: event.clientX - 60, y: event.clientY - 20 }));
        }}
      >
        <ReactFlow<FlowNode, FlowEdge>
          id={flowId}
          nodes={nodes}
          edges={edges}
          nodeTypes={nodeTypes}
          edgeTypes={edgeTypes}
          onNodesChange={takeChanges}
          onEdgesChange={takeEdgeChanges}
          onConnect={onConnect}
          onConnectStart={startWire}
          onConnectEnd={endWire}
          isValidConnection={isValid}
          onReconnect={onReconnect}
          onReconnectStart={onReconnectStart}
          onReconnectEnd={onReconnectEnd}
          onNodeDrag={showDropTarget}
          onNodeDragStop={endDrag}
          onSelectionDragStop={endSelectionDrag}
          onNodeContextMenu={showMenuFor.node}
          onEdgeContextMenu={showMenuFor.wire}
          onPaneContextMenu={showMenuFor.pane}
          onSelectionContextMenu={showMenuFor.selection}
          onMove={(_, { zoom }) => showDetail(zoom)}
          onMoveEnd={keepView}
          connectionLineComponent={LooseWire}
          onlyRenderVisibleElements
          elevateNodesOnSelect
          zoomOnDoubleClick={false}
          connectOnClick={false}
          deleteKeyCode={null}
          selectionKeyCode="Shift"
          multiSelectionKeyCode={multiSelect}
          selectionMode={SelectionMode.Partial}
          disableKeyboardA11y
          snapToGrid={snap}
          snapGrid={snapGrid}
          minZoom={0.02}
          maxZoom={2}
          connectionRadius={24}
          nodeDragThreshold={3}
          fitViewOptions={fitting}
          proOptions={{ hideAttribution: true }}
          tabIndex={0}
          aria-label={t('canvas.label')}
        >
          <Dots />
          <Controls />
          {minimap && <MiniMap />}
        </ReactFlow>
        <Complaint />
        {empty && <Empty />}
        <div className="visually-hidden" role="status" aria-live="polite">
          {said}
        </div>
      </div>
      <SearchPopup />
      <NoteDialog />
    </CanvasMenu>
  );
}

/** The grid, as long as its dots can be told apart. */
function Dots() {
  const far = useDetail(({ detail }) => detail === 'far');
  return far ? null : <Background variant={BackgroundVariant.Dots} gap={2 * grid} size={1.6} />;
}

function isPane(target: EventTarget): boolean {
  return (target as HTMLElement).classList.contains('react-flow__pane');
}

/** A click on nothing selects nothing. React Flow would ignore the first one after a wire was dropped there. */
function letGo(): void {
  select([], 'canvas');
  useFlow.setState({ picked: [] });
  refreshEdges();
}

function showDetail(zoom: number): void {
  const detail = detailAt(zoom);
  if (view.element) view.element.dataset.detail = detail;
  if (useDetail.getState().detail === detail) return;
  useDetail.setState({ detail });
  refreshEdges();
}

function takeEdgeChanges(changes: EdgeChange<FlowEdge>[]): void {
  const picked = new Set(useFlow.getState().picked);
  for (const change of changes) {
    if (change.type !== 'select') continue;
    if (change.selected) picked.add(change.id);
    else picked.delete(change.id);
  }
  useFlow.setState({ picked: [...picked] });
  refreshEdges();
}

const ends = ({ source, sourceHandle, target, targetHandle }: Connection) => ({
  from: { node: source, port: sourceHandle ?? '' },
  to: { node: target, port: targetHandle ?? '' },
});

/** The wire whose end is being dragged, which is not to stand in its own way. */
let dragged: FlowEdge | null = null;

function isValid(connection: Connection | FlowEdge): boolean {
  const { from, to } = ends(connection as Connection);
  const source = { nodeId: from.node, id: from.port, type: 'source' as const };
  return reasonBetween(source, { nodeId: to.node, id: to.port, type: 'target' }) === null;
}

function onConnect(connection: Connection): void {
  const { from, to } = ends(connection);
  connect(from, to);
}

function startWire(
  _: unknown,
  {
    nodeId,
    handleId,
    handleType,
  }: { nodeId: string | null; handleId: string | null; handleType: 'source' | 'target' | null },
): void {
  const node = useFlow.getState().scene.byPath.get(nodeId ?? '');
  const ports = handleType === 'source' ? node?.outputs : node?.inputs;
  const type = ports?.find(({ name }) => name === handleId)?.type ?? 'any';
  if (!view.element) return;
  view.element.dataset.wire = type;
  view.element.dataset.wireFrom = handleType ?? '';
}

/** A wire that was let go: on a node it goes to the first port that fits, on nothing it asks what to add. */
function endWire(event: MouseEvent | TouchEvent, { fromHandle, toHandle, isValid }: FinalConnectionState): void {
  delete view.element?.dataset.wire;
  delete view.element?.dataset.wireFrom;
  if (!fromHandle || isValid || dragged) return;
  if (toHandle) {
    const reason =
      toHandle.nodeId === fromHandle.nodeId && toHandle.id === fromHandle.id
        ? null
        : reasonBetween(fromHandle, toHandle);
    if (reason) refuse(reason);
    return;
  }
  const { scene } = useFlow.getState();
  const touch = 'changedTouches' in event ? event.changedTouches[0] : event;
  if (!touch || !view.flow) return;
  const screen = { x: touch.clientX, y: touch.clientY };
  const end = { node: fromHandle.nodeId, port: fromHandle.id ?? '' };
  const on = nodeAt(view.flow.screenToFlowPosition(screen), '');
  const target = on === null || on === end.node ? undefined : scene.byPath.get(on);
  if (on === end.node) return;
  if (!target) return openWire(end, fromHandle.type === 'source' ? 'output' : 'input', screen);
  if (fromHandle.type === 'source') {
    const port = fittingInput(end, target, scene, kinds);
    // A node that is written in a port stands for it: what is dropped on it takes its place.
    const own = target.owner;
    if (port !== null) connect(end, { node: target.path, port });
    else if (own) connect(end, own);
    else refuse({ key: 'canvas.why.noInput', values: { node: target.path } });
  } else {
    const port = fittingOutput(end, target, scene, kinds);
    if (port !== null) connect({ node: target.path, port }, end);
    else refuse({ key: 'canvas.why.noOutput', values: { node: target.path } });
  }
}

function onReconnectStart(_: unknown, edge: FlowEdge): void {
  dragged = edge;
}

function onReconnect(edge: FlowEdge, connection: Connection): void {
  const { from, to } = ends(connection);
  if (edge.data) reconnect(edge.data.wire, from, to);
}

/** A wire's end that was dropped on nothing is taken off. */
function onReconnectEnd(_: unknown, edge: FlowEdge, __: unknown, state: FinalConnectionState): void {
  dragged = null;
  delete view.element?.dataset.wire;
  delete view.element?.dataset.wireFrom;
  if (state.isValid) return;
  if (state.toHandle && state.fromHandle) {
    const reason = reasonBetween(state.fromHandle, state.toHandle);
    if (reason) refuse(reason);
  } else if (edge.data) disconnect([edge.data.wire]);
}

/** Distance that takes an inline node out of its port. */
const pull = 48;

function dropTarget(node: FlowNode): string | null {
  if (node.type !== 'kind' || node.data.view.owner) return null;
  const use = onlyUse(node.id);
  const { scene } = useFlow.getState();
  const user = use && scene.byPath.get(use.node);
  const place = use && view.flow?.getInternalNode(use.node)?.internals.positionAbsolute;
  if (!use || !user || !place || !view.flow) return null;
  const at = view.flow.screenToFlowPosition(pointer);
  const box = docked(user, scene);
  const over = at.x > place.x && at.x < place.x + box.width && at.y > place.y && at.y < place.y + box.height;
  return over ? use.node : null;
}

function showDropTarget(_: unknown, node: FlowNode, nodes: FlowNode[]): void {
  const target = nodes.length === 1 ? dropTarget(node) : null;
  if (target === (view.element?.dataset.drop ?? null)) return;
  for (const each of view.element?.querySelectorAll('.canvas-drop') ?? []) each.classList.remove('canvas-drop');
  if (!view.element) return;
  if (target === null) delete view.element.dataset.drop;
  else {
    view.element.dataset.drop = target;
    view.element.querySelector(`[data-id="${CSS.escape(target)}"]`)?.classList.add('canvas-drop');
  }
}

function endDrag(_: unknown, node: FlowNode, nodes: FlowNode[]): void {
  const target = nodes.length === 1 ? dropTarget(node) : null;
  showDropTarget(null, node, []);
  if (target !== null) {
    moveIn(node.id);
    restore();
    return;
  }
  const inline = nodes.length === 1 && node.type === 'kind' && node.data.view.owner !== null;
  if (inline) {
    const home = useFlow.getState().scene.byPath.get(root(node.id));
    const from = home && docked(home, useFlow.getState().scene);
    const at = view.flow?.getInternalNode(node.id)?.internals.positionAbsolute;
    const owner = view.flow?.getInternalNode(root(node.id))?.internals.positionAbsolute;
    if (from && at && owner) {
      const apart =
        at.x > owner.x + from.width - 60 + pull ||
        at.x < owner.x - pull ||
        at.y > owner.y + from.height + pull ||
        at.y < owner.y - pull;
      if (apart) moveOut(node.id, at);
    }
    restore();
    return;
  }
  endSelectionDrag();
}

function endSelectionDrag(): void {
  commitPlaces();
  restore();
}

/** Brings what another view selected into sight. */
function followSelection(): () => void {
  return useDocument.subscribe((now, before) => {
    if (now.selection === before.selection || now.selectedBy === 'canvas' || now.selection.length === 0) return;
    // After the nodes of the same change have their places.
    requestAnimationFrame(() => showSelection());
  });
}

function showSelection(): void {
  const { selection } = useDocument.getState();
  const { scene } = useFlow.getState();
  const box = around([...new Set(selection.map(root))], scene, useDocument.getState().layout.nodes);
  const bounds = view.element?.getBoundingClientRect();
  if (!box || !view.flow || !bounds) return;
  const start = view.flow.flowToScreenPosition(box);
  const end = view.flow.flowToScreenPosition({ x: box.x + box.width, y: box.y + box.height });
  const seen = start.x >= bounds.left && start.y >= bounds.top && end.x <= bounds.right && end.y <= bounds.bottom;
  if (seen) return;
  const zoom = Math.min(1, Math.max(0.5, view.flow.getZoom()));
  void view.flow.setCenter(box.x + box.width / 2, box.y + Math.min(box.height, 400) / 2, { zoom, duration: 320 });
}

/** Where the user went in which file, for when the canvas is opened again beside the text or without it. */
let kept: { file: unknown; x: number; y: number; zoom: number } | null = null;

/** Remembers the middle of what is seen. Moves without an event are the canvas' own. */
function keepView(event: MouseEvent | TouchEvent | null): void {
  const box = view.element?.getBoundingClientRect();
  if (!event || !box || !view.flow) return;
  const at = view.flow.screenToFlowPosition({ x: box.left + box.width / 2, y: box.top + box.height / 2 });
  kept = { file: useDocument.getState().file?.path, ...at, zoom: view.flow.getZoom() };
}

/** Another file is shown as a whole, an empty one as it is, so that the first node does not jump; a file that was seen before is
 *  shown where it was left. */
function showFile(): () => void {
  let shown: unknown = null;
  const show = () => {
    const { file, good } = useDocument.getState();
    const { nodes, scene } = useFlow.getState();
    // The scene comes before the nodes that are made of it.
    if (good === null || shown === file?.path || (scene.nodes.length > 0 && nodes.length === 0)) return;
    shown = file?.path;
    const left = kept?.file === file?.path ? kept : null;
    if (left) requestAnimationFrame(() => void view.flow?.setCenter(left.x, left.y, { zoom: left.zoom }));
    else if (nodes.length > 0) requestAnimationFrame(() => void view.flow?.fitView(fitting));
    else void view.flow?.setViewport({ x: 0, y: 0, zoom: 1 });
  };
  show();
  return useFlow.subscribe(show);
}
