// Lays nodes out from left to right in ranks (dagre), inline nodes below what they are written in.
import * as dagre from '@dagrejs/dagre';
import type { Graph } from '../../engine/graph/graph.ts';
import type { Place } from '../document/layout.ts';
import { type Box, docked, grid, width } from './geometry.ts';
import type { Scene } from './scene.ts';

/** What is used of dagre, whose own types cannot be resolved by Node's rules. */
interface Ranks {
  setGraph(label: { rankdir: 'LR'; ranksep: number; nodesep: number; ranker: string }): void;
  setDefaultEdgeLabel(make: () => object): void;
  setNode(name: string, label: Partial<Box>): void;
  setParent(name: string, parent: string): void;
  setEdge(from: string, to: string): void;
  node(name: string): { x?: number; y?: number };
}
const { Graph: RankedGraph, layout } = dagre as unknown as {
  Graph: new (options: { compound: boolean }) => Ranks;
  layout(ranks: Ranks): void;
};

interface Boxes {
  readonly boxes: ReadonlyMap<string, Box>;
  readonly links: readonly { readonly from: string; readonly to: string }[];
  /** Nodes that belong together, by name of the group. */
  readonly groups?: readonly { readonly id: string; readonly nodes: readonly string[] }[];
}

export type Places = Record<string, Place>;

const gaps = { ranks: 72, nodes: 36, rows: 120 };

/** Places for all statements of a graph, without regard to what they look like. */
export function arrange(graph: Graph): Places {
  const roots = graph.nodes.filter(({ owner }) => owner === null);
  const boxes = new Map(roots.map(({ path }) => [path, { width, height: 130 }]));
  const links = graph.nodes.flatMap(({ path, inputs }) =>
    Object.values(inputs).map(({ node }) => ({ from: root(node), to: root(path) })),
  );
  return ranked({ boxes, links });
}

/** Places for the statements of a scene, or for those named. */
export function arrangeScene(scene: Scene, only: ReadonlySet<string> | null = null): Places {
  const roots = scene.nodes.filter(({ path, owner }) => owner === null && (only === null || only.has(path)));
  const boxes = new Map(roots.map((view) => [view.path, docked(view, scene)]));
  const links = scene.wires.map(({ source, target }) => ({ from: root(source), to: root(target) }));
  const rows = rowsOf([...boxes.keys()], scene);
  if (rows.length > 1 && boxes.size > many) return stacked(rows, boxes, links);
  const places = ranked({ boxes, links, groups: scene.sections });
  const { width, height } = extent(places, boxes);
  return rows.length > 1 && width > longest * height ? stacked(rows, boxes, links) : places;
}

/** From so many nodes on, groups are laid out each by itself and ranks in the quickest way. */
const many = 250;

/** Times its height that a picture may be wide, before its groups are put below each other. */
const longest = 2.6;

/** Nodes by group, those before the first group at the top. */
function rowsOf(paths: readonly string[], { sections }: Scene): string[][] {
  const section = new Map(sections.flatMap(({ id, nodes }) => nodes.map((path) => [path, id] as const)));
  const rows = new Map<string, string[]>();
  for (const path of paths) {
    const id = section.get(path) ?? '';
    const row = rows.get(id);
    if (row) row.push(path);
    else rows.set(id, [path]);
  }
  return [...rows.values()];
}

/** Each row laid out by itself, one below the other, as the groups stand in the text. */
function stacked(rows: readonly string[][], boxes: Boxes['boxes'], links: Boxes['links']): Places {
  const places: Places = {};
  let top = 0;
  for (const row of rows) {
    const own = new Map(row.map((path) => [path, boxes.get(path) as Box]));
    const laid = hung(ranked({ boxes: own, links }), own, links);
    const box = extent(laid, own);
    for (const [path, { x, y }] of Object.entries(laid)) {
      places[path] = { x: snapped(x - box.x), y: snapped(y - box.y + top) };
    }
    top += box.height + gaps.rows;
  }
  return places;
}

/**
 * The ranks of a row all begin at the top, so that heads stand side by side and wires between them run straight. What is fed from
 * other rows comes first: its wires arrive from above.
 */
function hung(places: Places, boxes: Boxes['boxes'], links: Boxes['links']): Places {
  const fed = new Set(links.filter(({ from, to }) => boxes.has(to) && !boxes.has(from)).map(({ to }) => to));
  const ranks = new Map<number, string[]>();
  for (const [path, { x }] of Object.entries(places)) ranks.set(x, [...(ranks.get(x) ?? []), path]);
  const found: Places = {};
  for (const [x, paths] of ranks) {
    const y = (path: string) => (places[path] as Place).y;
    paths.sort((a, b) => Number(fed.has(b)) - Number(fed.has(a)) || y(a) - y(b));
    let top = 0;
    for (const path of paths) {
      found[path] = { x, y: top };
      top += (boxes.get(path) as Box).height + gaps.nodes;
    }
  }
  return found;
}

function extent(places: Places, boxes: Boxes['boxes']): { x: number; y: number } & Box {
  const all = Object.entries(places).map(([path, place]) => ({ ...place, ...(boxes.get(path) as Box) }));
  const x = Math.min(...all.map((box) => box.x));
  const y = Math.min(...all.map((box) => box.y));
  return {
    x,
    y,
    width: Math.max(...all.map((box) => box.x + box.width)) - x,
    height: Math.max(...all.map((box) => box.y + box.height)) - y,
  };
}

/** Places for nodes of which only the names are known, and which reads which. */
export function arrangeNames(names: readonly string[], links: Boxes['links']): Places {
  return ranked({ boxes: new Map(names.map((name) => [name, { width, height: 130 }])), links });
}

/** The statement a path belongs to. */
export function root(path: string): string {
  const end = path.indexOf('.');
  return end < 0 ? path : path.slice(0, end);
}

function ranked({ boxes, links, groups = [] }: Boxes): Places {
  const ranks = new RankedGraph({ compound: true });
  // Network simplex takes seconds where there are many nodes; a tight tree hardly looks different.
  const ranker = boxes.size > many ? 'longest-path' : 'network-simplex';
  ranks.setGraph({ rankdir: 'LR', ranksep: gaps.ranks, nodesep: gaps.nodes, ranker });
  ranks.setDefaultEdgeLabel(() => ({}));
  for (const [path, { width, height }] of boxes) ranks.setNode(path, { width, height });
  for (const { id, nodes } of groups) {
    const inside = nodes.filter((path) => boxes.has(path));
    if (inside.length < 2 || boxes.size > many) continue;
    ranks.setNode(id, {});
    for (const path of inside) ranks.setParent(path, id);
  }
  for (const { from, to } of links) if (from !== to && boxes.has(from) && boxes.has(to)) ranks.setEdge(from, to);
  layout(ranks);
  const places: Places = {};
  for (const [path, box] of boxes) {
    const { x = 0, y = 0 } = ranks.node(path);
    places[path] = { x: snapped(x - box.width / 2), y: snapped(y - box.height / 2) };
  }
  return places;
}

export function snapped(value: number): number {
  return Math.round(value / grid) * grid;
}

/**
 * Places for the nodes that have none. Where most are without one all are laid out; otherwise each comes to the right of what it
 * reads, or to the left of what reads it, and below what stands there already.
 */
export function missingPlaces(scene: Scene, places: Readonly<Record<string, Place>>): Places {
  const roots = scene.nodes.filter(({ owner }) => owner === null);
  const missing = roots.filter(({ path }) => !places[path]);
  if (missing.length === 0) return {};
  if (missing.length === roots.length) return arrangeScene(scene);
  const taken = roots.flatMap((view) => {
    const place = places[view.path];
    return place ? [{ ...place, ...boxOf(view.path, scene) }] : [];
  });
  const found: Places = {};
  const at = (path: string) => found[path] ?? places[path];
  for (const view of inOrder(
    missing.map(({ path }) => path),
    scene,
  )) {
    const sources = scene.wires.filter(({ target, source }) => root(target) === view && root(source) !== view);
    const users = scene.wires.filter(({ source, target }) => root(source) === view && root(target) !== view);
    const box = boxOf(view, scene);
    const before = sources.flatMap(({ source }) => at(root(source)) ?? []);
    const behind = users.flatMap(({ target }) => at(root(target)) ?? []);
    const start =
      before.length > 0
        ? { x: Math.max(...before.map(({ x }) => x)) + width + gaps.ranks, y: before[0]?.y ?? 0 }
        : behind.length > 0
          ? { x: Math.min(...behind.map(({ x }) => x)) - box.width - gaps.ranks, y: behind[0]?.y ?? 0 }
          : { x: Math.min(...taken.map(({ x }) => x)), y: Math.max(...taken.map(({ y, height }) => y + height)) + 60 };
    const place = freePlace(start, box, taken);
    found[view] = place;
    taken.push({ ...place, ...box });
  }
  return found;
}

function boxOf(path: string, scene: Scene): Box {
  const view = scene.byPath.get(path);
  return view ? docked(view, scene) : { width, height: 100 };
}

/** What is read before what reads it. */
function inOrder(paths: readonly string[], { wires }: Scene): string[] {
  const wanted = new Set(paths);
  const done = new Set<string>();
  const sources = new Map<string, string[]>();
  for (const { source, target } of wires) {
    sources.set(root(target), [...(sources.get(root(target)) ?? []), root(source)]);
  }
  const visit = (path: string) => {
    if (done.has(path) || !wanted.has(path)) return;
    done.add(path);
    for (const source of sources.get(path) ?? []) visit(source);
    ordered.push(path);
  };
  const ordered: string[] = [];
  for (const path of paths) visit(path);
  return ordered;
}

/** The nearest place from `start` downwards where a box covers no other. */
export function freePlace(
  start: { x: number; y: number },
  box: Box,
  taken: readonly ({ x: number; y: number } & Box)[],
): Place {
  const x = snapped(start.x);
  let y = snapped(start.y);
  for (let moved = true; moved; ) {
    moved = false;
    for (const other of taken) {
      const apart =
        x + box.width + grid <= other.x ||
        other.x + other.width + grid <= x ||
        y + box.height + grid <= other.y ||
        other.y + other.height + grid <= y;
      if (apart) continue;
      y = snapped(other.y + other.height + gaps.nodes);
      moved = true;
    }
  }
  return { x, y };
}
