// The page that is measured: our canvas, or React Flow alone with default nodes in the same places and the same edges.
import { createRoot } from 'react-dom/client';
import { type Edge, type Node, ReactFlow, type ReactFlowInstance, useEdgesState, useNodesState } from 'reactflow';
import 'reactflow/dist/style.css';
import { Canvas } from '../../../renderer/canvas/canvas.tsx';
import { useFlow, view } from '../../../renderer/canvas/state.ts';
import { openDocument } from '../../../renderer/document/document.ts';
import '../../../renderer/theme.css';

declare global {
  interface Window {
    show(which: 'ours' | 'bare', text: string): Promise<{ nodes: number; edges: number }>;
    zoom(zoom: number | null): Promise<void>;
    /** Milliseconds from each movement of the pointer until it is seen, while it drags a node or the pane. */
    drag(from: 'node' | 'pane', frames: number): Promise<number[]>;
  }
}

const element = document.getElementById('root') as HTMLElement;
let root = createRoot(element);
let flow: ReactFlowInstance | null = null;
const wait = (time: number) => new Promise((done) => setTimeout(done, time));
const frame = () => new Promise<number>((done) => requestAnimationFrame(done));

window.show = async (which, text) => {
  root.unmount();
  root = createRoot(element);
  root.render(<Canvas />);
  await openDocument({ path: '/large.dsk', folder: '/', name: 'large.dsk', writable: true, trusted: true }, text, null);
  await wait(500);
  const { nodes, edges, scene } = useFlow.getState();
  const shown = nodes.filter(({ type }) => type === 'kind');
  if (which === 'bare') {
    const plain = shown.map(({ id, data }): Node => {
      const place = view.flow?.getInternalNode(id)?.internals.positionAbsolute ?? { x: 0, y: 0 };
      return { id, position: { ...place }, data: { label: 'view' in data ? data.view.title : id } };
    });
    const lines = scene.wires.map(({ id, source, target }): Edge => ({ id, source, target }));
    root.unmount();
    root = createRoot(element);
    root.render(<Bare nodes={plain} edges={lines} />);
    await wait(1500);
  } else flow = view.flow as unknown as ReactFlowInstance;
  return { nodes: shown.length, edges: edges.length };
};

function Bare(props: { nodes: Node[]; edges: Edge[] }) {
  const [nodes, , onNodesChange] = useNodesState(props.nodes);
  const [edges, , onEdgesChange] = useEdgesState(props.edges);
  return (
    <ReactFlow
      nodes={nodes}
      edges={edges}
      onNodesChange={onNodesChange}
      onEdgesChange={onEdgesChange}
      minZoom={0.02}
      onInit={(instance) => {
        flow = instance as unknown as ReactFlowInstance;
      }}
    />
  );
}

window.zoom = async (zoom) => {
  if (zoom === null) await flow?.fitView({ padding: 0.02 });
  else {
    const [first] = flow?.getNodes() ?? [];
    const place = first && flow?.getInternalNode(first.id)?.internals.positionAbsolute;
    await flow?.setCenter((place?.x ?? 0) + 900, (place?.y ?? 0) + 900, { zoom });
  }
  await wait(600);
};

window.drag = async (from, frames) => {
  const box = element.getBoundingClientRect();
  const target = from === 'node' ? nodeInMiddle(box) : element.querySelector('.react-flow__pane');
  if (!target) throw new Error(`there is no ${from} to drag`);
  const at = target.getBoundingClientRect();
  // The head of a node; the pane anywhere, as the event names its target.
  let x = from === 'node' ? at.left + at.width / 2 : box.left + box.width / 2;
  let y = from === 'node' ? at.top + Math.min(8, at.height / 2) : box.top + box.height / 2;
  const send = (type: string, to: EventTarget) =>
    to.dispatchEvent(
      new MouseEvent(type, {
        bubbles: true,
        cancelable: true,
        view: window,
        clientX: x,
        clientY: y,
        buttons: 1,
        button: 0,
      }),
    );
  send('mousedown', target);
  const times: number[] = [];
  let last = await frame();
  for (let i = 0; i < frames; i++) {
    // To and fro, so that it stays in sight.
    x += i % 20 < 10 ? 6 : -6;
    y += i % 20 < 10 ? 4 : -4;
    send('mousemove', window);
    // React may draw a movement only after the next frame has begun: the second shows it in any case, so that each is drawn.
    await frame();
    const now = await frame();
    times.push(now - last);
    last = now;
  }
  send('mouseup', window);
  await wait(100);
  return times;
};

function nodeInMiddle(box: DOMRect): Element | null {
  let best: Element | null = null;
  let nearest = Number.POSITIVE_INFINITY;
  for (const node of element.querySelectorAll('.react-flow__node-kind, .react-flow__node-default')) {
    const { left, top, width, height } = node.getBoundingClientRect();
    const distance = Math.hypot(left + width / 2 - box.width / 2, top + height / 2 - box.height / 2);
    // An inline node hangs at another one: dragging it is something else.
    if (distance >= nearest || node.getAttribute('data-id')?.includes('.')) continue;
    nearest = distance;
    best = node;
  }
  return best;
}
