// Sizes of nodes and places of ports, in the canvas' pixels at zoom 1. Known from the text alone, so that nothing has to be
// measured before wires can be drawn; canvas.css keeps to the same numbers.
import type { NodeView, Scene } from './scene.ts';

export const grid = 12;
export const width = 240;
export const inlineWidth = 222;
const head = 44;
const inlineHead = 30;
const row = 22;
const setting = 19;
const padding = 6;
const foot = 26;
/** Between a node and the inline nodes below it, and how far these are set in. */
export const dock = { gap: 6, indent: 18 };
/** Given parameters that are shown; the rest is counted. */
export const shownSettings = 5;

/** The handle's square around a port, which is larger than what is drawn. */
export const handle = 18;

export interface Box {
  readonly width: number;
  readonly height: number;
}

export function sizeOf(view: NodeView): Box {
  const rows = rowCount(view);
  const lines = Math.min(view.settings.length, shownSettings + 1);
  const height =
    headOf(view) +
    (rows > 0 ? rows * row + padding : 0) +
    (lines > 0 ? lines * setting + padding : 0) +
    (view.runs && !view.owner ? foot : 0) +
    (rows + lines > 0 ? padding : 0);
  return { width: view.owner ? inlineWidth : width, height };
}

function headOf(view: NodeView): number {
  return view.owner ? inlineHead : head;
}

/** Rows of ports; an inline node gives its one result at its head. */
function rowCount({ inputs, outputs, owner }: NodeView): number {
  return Math.max(inputs.length, owner ? 0 : outputs.length);
}

/** Centre of a port, from the node's upper left corner. */
export function portPlace(view: NodeView, side: 'input' | 'output', index: number): { x: number; y: number } {
  if (side === 'output' && view.owner) return { x: 0, y: inlineHead / 2 };
  const y = headOf(view) + padding + index * row + row / 2;
  return { x: side === 'input' ? 0 : sizeOf(view).width, y };
}

/** Where each inline node stands, from its owner's upper left corner, and how large all is together. */
export function docked(
  view: NodeView,
  scene: Pick<Scene, 'byPath'>,
): Box & { places: Map<string, { x: number; y: number }> } {
  const own = sizeOf(view);
  const places = new Map<string, { x: number; y: number }>();
  let bottom = own.height;
  let right = own.width;
  for (const path of view.inline) {
    const inner = scene.byPath.get(path);
    if (!inner) continue;
    const box = docked(inner, scene);
    places.set(path, { x: dock.indent, y: bottom + dock.gap });
    bottom += dock.gap + box.height;
    right = Math.max(right, dock.indent + box.width);
  }
  return { width: right, height: bottom, places };
}
