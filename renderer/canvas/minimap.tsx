// The map in the corner: all nodes as small blocks and what is seen as a frame. Painted on one bitmap, so that a thousand nodes cost
// no more elements than one.
import { useEffect, useRef } from 'react';
import { useStoreApi } from 'reactflow';
import { useWords } from '../words/index.ts';
import { root } from './arrange.ts';
import type { FlowNode } from './flow.ts';
import { useFlow, view } from './state.ts';

const size = { width: 184, height: 124, edge: 10 };
/** Milliseconds between two paintings while nodes move. */
const pace = 120;

export function MiniMap() {
  const t = useWords();
  const canvas = useRef<HTMLCanvasElement>(null);
  const shown = useRef<HTMLDivElement>(null);
  const store = useStoreApi();
  /** From the canvas to the map. */
  const scale = useRef({ x: 0, y: 0, by: 1 });
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | null = null;
    // Panning only moves the frame; the nodes are painted again when they change.
    const frame = () => {
      const { transform, width, height } = store.getState();
      const [left, top, zoom] = transform;
      const { x, y, by } = scale.current;
      if (!shown.current) return;
      const at = { x: (-left / zoom - x) * by, y: (-top / zoom - y) * by };
      shown.current.style.transform = `translate(${at.x}px, ${at.y}px)`;
      shown.current.style.width = `${(width / zoom) * by}px`;
      shown.current.style.height = `${(height / zoom) * by}px`;
    };
    const draw = () => {
      timer = null;
      if (canvas.current) scale.current = paint(canvas.current, useFlow.getState().nodes);
      frame();
    };
    const soon = () => {
      timer ??= setTimeout(draw, pace);
    };
    const theme = new MutationObserver(soon);
    theme.observe(document.documentElement, { attributes: true, attributeFilter: ['data-theme'] });
    const stops = [
      useFlow.subscribe((now, before) => now.nodes !== before.nodes && soon()),
      store.subscribe((now, before) => {
        if (now.transform !== before.transform || now.width !== before.width || now.height !== before.height) frame();
      }),
    ];
    draw();
    return () => {
      if (timer !== null) clearTimeout(timer);
      theme.disconnect();
      for (const stop of stops) stop();
    };
  }, [store]);
  const go = (event: React.PointerEvent) => {
    if (event.buttons !== 1 || !canvas.current || !view.flow) return;
    const box = canvas.current.getBoundingClientRect();
    const { x, y, by } = scale.current;
    const at = { x: (event.clientX - box.left) / by + x, y: (event.clientY - box.top) / by + y };
    void view.flow.setCenter(at.x, at.y, { zoom: view.flow.getZoom() });
  };
  return (
    <div className="canvas-minimap nopan nowheel" style={{ width: size.width, height: size.height }}>
      <canvas
        ref={canvas}
        style={{ width: size.width, height: size.height }}
        role="img"
        aria-label={t('canvas.map')}
        onPointerDown={(event) => {
          event.currentTarget.setPointerCapture(event.pointerId);
          go(event);
        }}
        onPointerMove={go}
      />
      <div className="canvas-minimap-seen" ref={shown} />
    </div>
  );
}

/** Paints the nodes. @returns where the canvas' origin and unit are on the map */
function paint(canvas: HTMLCanvasElement, nodes: readonly FlowNode[]): { x: number; y: number; by: number } {
  const ratio = window.devicePixelRatio || 1;
  if (canvas.width !== size.width * ratio) {
    canvas.width = size.width * ratio;
    canvas.height = size.height * ratio;
  }
  const context = canvas.getContext('2d');
  if (!context) return { x: 0, y: 0, by: 1 };
  const shown = nodes.filter(({ type, id }) => type === 'kind' && root(id) === id);
  let [left, top, right, bottom] = [Infinity, Infinity, -Infinity, -Infinity];
  for (const { position, width = 0, height = 0 } of shown) {
    left = Math.min(left, position.x);
    top = Math.min(top, position.y);
    right = Math.max(right, position.x + width);
    bottom = Math.max(bottom, position.y + height);
  }
  if (shown.length === 0) [left, top, right, bottom] = [0, 0, 1, 1];
  const by = Math.min(
    0.12,
    (size.width - 2 * size.edge) / Math.max(1, right - left),
    (size.height - 2 * size.edge) / Math.max(1, bottom - top),
  );
  // In the middle of the map.
  const x = left - (size.width / by - (right - left)) / 2;
  const y = top - (size.height / by - (bottom - top)) / 2;
  const style = getComputedStyle(canvas);
  const colour = (name: string) => style.getPropertyValue(name);
  const colours = {
    data: colour('--stage-data'),
    model: colour('--stage-model'),
    train: colour('--stage-train'),
    deliver: colour('--stage-deliver'),
    unknown: colour('--ink-3'),
  };
  const accent = colour('--accent');
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.clearRect(0, 0, size.width, size.height);
  for (const node of shown) {
    if (node.type !== 'kind') continue;
    context.fillStyle = node.selected ? accent : colours[node.data.view.stage ?? 'unknown'];
    context.globalAlpha = node.selected ? 1 : 0.62;
    context.beginPath();
    context.roundRect(
      (node.position.x - x) * by,
      (node.position.y - y) * by,
      Math.max(2, (node.width ?? 0) * by),
      Math.max(1.5, (node.height ?? 0) * by),
      1.5,
    );
    context.fill();
  }
  return { x, y, by };
}
