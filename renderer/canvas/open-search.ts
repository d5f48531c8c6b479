// Opens the search for a kind to add: at the pointer, in the middle, or for the loose end of a wire.
import { runs } from '../../engine/nodes/kind.ts';
import { kinds } from '../kinds.ts';
import { type End, kindsThatFit } from './fits.ts';
import { pointer, type Search, useCanvas, useFlow, view } from './state.ts';

/** At the pointer where it is over the canvas; otherwise the new node comes beside what is selected. */
export function openSearch(screen?: { x: number; y: number }): void {
  const box = view.element?.getBoundingClientRect();
  if (!box || !view.flow) return;
  const place = screen ?? (pointer.inside ? { x: pointer.x, y: pointer.y } : null);
  const shown = place ?? { x: box.left + box.width / 2 - 160, y: box.top + box.height / 4 };
  const at = place && view.flow.screenToFlowPosition(place);
  useCanvas.setState({ search: { screen: shown, at, wire: null, inline: false } });
}

/** For a wire that ends in nothing. */
export function openWire(end: End, side: 'input' | 'output', screen: { x: number; y: number }, inline = false): void {
  const node = useFlow.getState().scene.byPath.get(end.node);
  if (!node || !view.flow) return;
  const ports = side === 'input' ? node.inputs : node.outputs;
  const type = ports.find(({ name }) => name === end.port)?.type ?? null;
  const at = view.flow.screenToFlowPosition(screen);
  const wire: Search['wire'] = { end, side, type };
  useCanvas.setState({ search: { screen, at, wire, inline } });
}

/** A port that was clicked: what may stand there. Parts that only define something are written into the port itself. */
export function openPort(
  end: End,
  side: 'input' | 'output',
  { clientX: x, clientY: y }: { clientX: number; clientY: number },
) {
  const node = useFlow.getState().scene.byPath.get(end.node);
  const type = node?.inputs.find(({ name }) => name === end.port)?.type;
  const parts = type !== undefined && type !== null && kindsThatFit(type, 'output', kinds).every(isPart);
  openWire(end, side, { x, y }, side === 'input' && parts);
}

function isPart(kind: Parameters<typeof runs>[0]): boolean {
  return !runs(kind) && Object.keys(kind.inputs).length === 0;
}
