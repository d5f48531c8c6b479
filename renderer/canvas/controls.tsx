// Zoom, fit, tidy, grid and map: small buttons in the corner.
import { Grid2x2, type LucideIcon, Map as MapIcon, Maximize, Minus, Plus, Wand } from 'lucide-react';
import { useReactFlow, useStore } from 'reactflow';
import { type Key, useWords } from '../words/index.ts';
import { tidy } from './gestures.ts';
import { useCanvas } from './state.ts';

export function Controls() {
  const t = useWords();
  const flow = useReactFlow();
  const snap = useCanvas((state) => state.snap);
  const minimap = useCanvas((state) => state.minimap);
  const zoom = useStore(({ transform }) => Math.round(100 * transform[2]));
  const button = (title: Key, Icon: LucideIcon, run: () => void, pressed?: boolean) => (
    <button
      type="button"
      className="button quiet icon"
      title={t(title)}
      aria-label={t(title)}
      aria-pressed={pressed}
      onClick={run}
    >
      <Icon size={15} />
    </button>
  );
  return (
    <div className="canvas-controls nopan" role="toolbar" aria-label={t('canvas.controls')}>
      {button('canvas.zoomOut', Minus, () => void flow.zoomOut({ duration: 150 }))}
      <button
        type="button"
        className="button quiet canvas-zoom"
        title={t('canvas.zoomReset')}
        onClick={() => void flow.zoomTo(1, { duration: 200 })}
      >
        {zoom}%
      </button>
      {button('canvas.zoomIn', Plus, () => void flow.zoomIn({ duration: 150 }))}
      {button('canvas.fit', Maximize, () => void flow.fitView({ duration: 300, padding: 0.12, maxZoom: 1 }))}
      <span className="canvas-controls-line" />
      {button('canvas.tidy', Wand, tidy)}
      {button('canvas.snap', Grid2x2, () => useCanvas.setState({ snap: !snap }), snap)}
      {button('canvas.map', MapIcon, () => useCanvas.setState({ minimap: !minimap }), minimap)}
    </div>
  );
}
