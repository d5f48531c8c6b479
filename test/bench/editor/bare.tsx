// React Flow alone with as many default nodes as the address asks for: what opening a canvas costs at least.
import { createRoot } from 'react-dom/client';
import { ReactFlow } from 'reactflow';
import 'reactflow/dist/style.css';

const count = Number(location.hash.slice(1));
const across = Math.ceil(Math.sqrt(count));
const nodes = Array.from({ length: count }, (_, i) => ({
  id: String(i),
  position: { x: (i % across) * 200, y: Math.floor(i / across) * 80 },
  data: { label: `node ${i}` },
}));
const edges = nodes.slice(1).map(({ id }, i) => ({ id: `e${id}`, source: String(i), target: id }));

createRoot(document.getElementById('root') as HTMLElement).render(
  <ReactFlow nodes={nodes} edges={edges} fitView minZoom={0.05} />,
);
