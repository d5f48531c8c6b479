// Dependency order, and the cycles that stand against it: of nodes, and of params.
import type { Span } from '../../grammar/diagnostic.ts';

/** That something reads something else. */
export interface Edge {
  readonly to: string;
  readonly span: Span;
}

/**
 * Every name after those it reads, otherwise in the order given. Edges to unknown names count for nothing.
 * @param cycle told of each cycle once: the names on it, each read by the next one, and the edge that closes it
 */
export function order(
  names: Iterable<string>,
  edges: (name: string) => readonly Edge[],
  cycle: (path: readonly string[], closing: Edge) => void,
): string[] {
  const known = new Set(names);
  const ordered: string[] = [];
  const state = new Map<string, 'open' | 'done'>();
  const cyclic = new Set<string>();
  // a stack of our own: a chain of ten thousand names must not exhaust the call stack
  const open: { name: string; rest: Edge[] }[] = [];
  const enter = (name: string) => {
    state.set(name, 'open');
    open.push({ name, rest: [...edges(name)].reverse() });
  };
  for (const root of known) {
    if (state.has(root)) continue;
    enter(root);
    for (let top = open.at(-1); top; top = open.at(-1)) {
      const edge = top.rest.pop();
      if (!edge) {
        open.pop();
        state.set(top.name, 'done');
        ordered.push(top.name);
      } else if (known.has(edge.to) && !state.has(edge.to)) enter(edge.to);
      else if (state.get(edge.to) === 'open' && !(cyclic.has(edge.to) && cyclic.has(top.name))) {
        const start = open.findIndex(({ name }) => name === edge.to);
        const path = open.slice(start).map(({ name }) => name);
        for (const name of path) cyclic.add(name);
        cycle(path.reverse(), edge);
      }
    }
  }
  return ordered;
}

/** "`a` -> `b` -> `a`": what reads what on a cycle, cut where it is long. */
export function trail(path: readonly string[]): string {
  const round = [...path].reverse();
  const shown = round.length > 8 ? [...round.slice(0, 4), null, ...round.slice(-3)] : round;
  return [...shown, round[0]].map((name) => (name === null ? '...' : `\`${name}\``)).join(' -> ');
}
