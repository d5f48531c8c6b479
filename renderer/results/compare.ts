// In what the graphs of several runs differ: parameters of their nodes, side by side, those that were set for a run included.
import type { PlannedNode } from '../../engine/host/contract.ts';
import { shown } from '../../engine/graph/words.ts';

export type Nodes = { readonly [node: string]: PlannedNode };

export interface Difference {
  readonly node: string;
  /** Null: the node itself is there in some of them only, or of another kind; the values are kinds. */
  readonly parameter: string | null;
  /** As the language writes them, one a run; null where a run has no such node or parameter. */
  readonly values: readonly (string | null)[];
}

/** Differences between the graphs in all that a node of them depends on. */
export function differencesOf(graphs: readonly Nodes[], node: string): Difference[] {
  const names = new Set(graphs.flatMap((graph) => [...ancestorsOf(node, graph)]));
  const found: Difference[] = [];
  for (const name of names) {
    const all = graphs.map((graph) => graph[name] ?? null);
    const kinds = all.map((each) => each?.kind ?? null);
    if (new Set(kinds).size > 1) {
      found.push({ node: name, parameter: null, values: kinds });
      continue;
    }
    for (const parameter of new Set(all.flatMap((each) => Object.keys(each?.params ?? {})))) {
      const values = all.map((each) => (each && parameter in each.params ? shown(each.params[parameter]) : null));
      if (new Set(values).size > 1) found.push({ node: name, parameter, values });
    }
  }
  return found;
}

/** All that a node depends on, itself first. */
function ancestorsOf(node: string, graph: Nodes): Set<string> {
  const found = new Set<string>();
  const open = [node];
  for (let next = open.shift(); next !== undefined; next = open.shift()) {
    if (found.has(next) || !graph[next]) continue;
    found.add(next);
    open.push(...graph[next].reads);
  }
  return found;
}
