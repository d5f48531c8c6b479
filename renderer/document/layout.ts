// Where nodes stand: kept beside the text in NAME.layout.json. Nodes without a place are laid out by the canvas.
import type { Layout } from '../../engine/host/contract.ts';

export type Place = Layout['nodes'][string];
/** Places by node path; null takes a place away. */
export type Positions = { readonly [path: string]: Place | null };

export const emptyLayout: Layout = { format: 1, nodes: {} };

/** The layout with these places changed. */
export function moved(layout: Layout, positions: Positions): Layout {
  const nodes = { ...layout.nodes };
  for (const [path, place] of Object.entries(positions)) {
    if (place === null) delete nodes[path];
    else nodes[path] = place;
  }
  return { ...layout, nodes };
}

/** The places as they are now of those that are about to change. */
export function placesOf(layout: Layout, paths: Iterable<string>): Positions {
  return Object.fromEntries([...paths].map((path) => [path, layout.nodes[path] ?? null]));
}

/** Places of a node and the inline nodes in it, under its new name. */
export function renamedPlaces(layout: Layout, from: string, to: string): Positions {
  const changed: Record<string, Place | null> = {};
  for (const [path, place] of Object.entries(layout.nodes)) {
    if (path !== from && !path.startsWith(`${from}.`)) continue;
    changed[path] = null;
    changed[to + path.slice(from.length)] = place;
  }
  return changed;
}
