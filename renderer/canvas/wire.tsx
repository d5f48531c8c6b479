// Wires: in the colour of what they carry, dashed where the check refused them. An inline node's is a clamp at its owner's side.
import { memo } from 'react';
import { BaseEdge, type EdgeProps, getBezierPath } from 'reactflow';
import type { FlowEdge, Lanes } from './flow.ts';
import { dock } from './geometry.ts';

export const WireLine = memo(function WireLine(props: EdgeProps<FlowEdge>) {
  const { sourceX, sourceY, targetX, targetY, sourcePosition, targetPosition, data } = props;
  const wire = data?.wire;
  const className = `canvas-wire type-${wire?.type ?? 'any'}${wire?.sound === false ? ' wrong' : ''}`;
  if (wire?.inline) {
    return <path className={`${className} inline`} d={clamp(sourceX, sourceY, targetX, targetY)} fill="none" />;
  }
  const back = targetX < sourceX - 180 && data !== undefined;
  const path = back
    ? around(sourceX, sourceY, targetX, targetY, data)
    : getBezierPath({ sourceX, sourceY, targetX, targetY, sourcePosition, targetPosition })[0];
  if (data?.far) return <path className={`react-flow__edge-path ${className}`} d={path} fill="none" />;
  return <BaseEdge path={path} className={className} interactionWidth={16} />;
});

/** From an inline node's left side up to the port above. */
function clamp(x1: number, y1: number, x2: number, y2: number): string {
  const left = Math.min(x1, x2) - dock.indent * 0.4;
  const bend = 6;
  return `M${x1},${y1} H${left + bend} Q${left},${y1} ${left},${y1 - bend} V${y2 + bend} Q${left},${y2} ${left + bend},${y2} H${x2}`;
}

/** Space between a node's top and the wires that run above it, and between wires that run side by side. */
const lane = { above: 76, apart: 7, side: 20 };

/** A wire that goes back runs between the nodes and above its goal, where a curve would cross what stands between. */
function around(x1: number, y1: number, x2: number, y2: number, { from, to, below }: Lanes): string {
  const right = x1 + lane.side + from * lane.apart;
  const left = x2 - lane.side - to * lane.apart;
  const y = y2 - below - lane.above - to * lane.apart;
  return rounded([
    [x1, y1],
    [right, y1],
    [right, y],
    [left, y],
    [left, y2],
    [x2, y2],
  ]);
}

/** A line through points, its corners rounded. */
function rounded(points: readonly (readonly [number, number])[]): string {
  const [[x, y] = [0, 0]] = points;
  let path = `M${x},${y}`;
  for (let i = 1; i < points.length - 1; i++) {
    const [[ax, ay], [bx, by], [cx, cy]] = points.slice(i - 1, i + 2) as [
      [number, number],
      [number, number],
      [number, number],
    ];
    const before = Math.hypot(bx - ax, by - ay);
    const after = Math.hypot(cx - bx, cy - by);
    const radius = Math.min(14, before / 2, after / 2);
    const [px, py] = toward(bx, by, ax, ay, radius, before);
    const [qx, qy] = toward(bx, by, cx, cy, radius, after);
    path += ` L${px},${py} Q${bx},${by} ${qx},${qy}`;
  }
  const [ex, ey] = points[points.length - 1] as readonly [number, number];
  return `${path} L${ex},${ey}`;
}

function toward(x: number, y: number, tx: number, ty: number, by: number, of: number): [number, number] {
  return of === 0 ? [x, y] : [x + ((tx - x) * by) / of, y + ((ty - y) * by) / of];
}
