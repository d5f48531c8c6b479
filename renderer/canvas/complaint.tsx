// While a wire is dragged: the line itself, and beside the pointer why the port under it does not take it.
import { type ConnectionLineComponentProps, getBezierPath, useConnection } from 'reactflow';
import { kinds } from '../kinds.ts';
import { useWords } from '../words/index.ts';
import { type Reason, whyNot } from './fits.ts';
import type { FlowNode } from './flow.ts';
import { reasonWords } from './gestures.ts';
import { pointer, useFlow } from './state.ts';

export function LooseWire(props: ConnectionLineComponentProps<FlowNode>) {
  const { fromX, fromY, toX, toY, fromPosition, toPosition, connectionStatus } = props;
  const [path] = getBezierPath({
    sourceX: fromX,
    sourceY: fromY,
    sourcePosition: fromPosition,
    targetX: toX,
    targetY: toY,
    targetPosition: toPosition,
  });
  return <path className={`canvas-loose ${connectionStatus ?? ''}`} d={path} fill="none" />;
}

export function Complaint() {
  const t = useWords();
  const reason = useConnection((connection): Reason | null => {
    const { inProgress, fromHandle, toHandle, isValid } = connection;
    if (!inProgress || isValid || !fromHandle || !toHandle) return null;
    return reasonBetween(fromHandle, toHandle);
  });
  if (!reason) return null;
  return (
    <div className="tooltip canvas-complaint" role="alert" style={{ left: pointer.x + 14, top: pointer.y + 14 }}>
      {t(reason.key, reasonWords(reason.values))}
    </div>
  );
}

interface HandleLike {
  nodeId: string;
  id?: string | null;
  type: 'source' | 'target';
}

/** Why two ports cannot be connected; null where they can. */
export function reasonBetween(a: HandleLike, b: HandleLike): Reason | null {
  const end = ({ nodeId, id }: HandleLike) => ({ node: nodeId, port: id ?? '' });
  if (a.type === b.type) {
    return { key: a.type === 'source' ? 'canvas.why.outputs' : 'canvas.why.inputs', values: {} };
  }
  const [from, to] = a.type === 'source' ? [a, b] : [b, a];
  return whyNot(end(from), end(to), useFlow.getState().scene, kinds);
}
