// In what the graphs of several runs differ: parameters of their nodes, side by side.
import type { Checked } from '../../engine/graph/graph.ts';
import { shown } from '../../engine/graph/words.ts';

export interface Difference {
  readonly node: string;
  /** Null: the node itself is there in some of them only; the values are kinds. */
  readonly parameter: string | null;
  /** As the language writes them, one a run; null where a run has no such node or parameter. */
  readonly values: readonly (string | null)[];
}

/**
 * Differences between the graphs, in the order of the first one.
 * @param needed whether a node has a part in what is compared
 */
export function differencesOf(
  graphs: readonly Checked[],
  needed: (node: string, graph: Checked) => boolean,
): Difference[] {
  const nodes = new Set(
    graphs.flatMap((graph) => [...graph.graph.byPath.keys()].filter((node) => needed(node, graph))),
  );
  const found: Difference[] = [];
  for (const node of nodes) {
    const all = graphs.map(({ graph }) => graph.byPath.get(node) ?? null);
    const kinds = all.map((each) => each?.kind.kind ?? null);
    if (new Set(kinds).size > 1) {
      found.push({ node, parameter: null, values: kinds });
      continue;
    }
    const names = new Set(all.flatMap((each) => Object.keys(each?.params ?? {})));
    for (const parameter of names) {
      const values = all.map((each) => (each && parameter in each.params ? shown(each.params[parameter]) : null));
      if (new Set(values).size > 1) found.push({ node, parameter, values });
    }
  }
  return found;
}

/** All that a node depends on, itself included. */
export function ancestorsOf(node: string, { graph }: Checked): Set<string> {
  const found = new Set<string>();
  const open = [node];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if (found.has(next)) continue;
    found.add(next);
    for (const input of Object.values(graph.byPath.get(next)?.inputs ?? {})) open.push(input.node);
  }
  return found;
}
