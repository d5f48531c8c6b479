// Which outputs may feed an input: those of its type, of nodes that do not depend on it.
import type { Checked } from '../../engine/graph/graph.ts';
import type { PortType } from '../../engine/nodes/values.ts';

const rootOf = (path: string) => path.split('.')[0] as string;

/** References to all outputs of a type that may feed a node, in the order of the graph: `parts` for a first output, `parts.valid`. */
export function sourcesFor(type: PortType, path: string, checked: Pick<Checked, 'graph'>): string[] {
  const below = dependents(rootOf(path), checked);
  return checked.graph.nodes.flatMap((node) => {
    if (node.owner || below.has(node.path)) return [];
    return Object.entries(node.kind.outputs).flatMap(([output, given], i) => {
      const absent = node.outputs !== null && !Object.hasOwn(node.outputs, output);
      if (given !== type || absent) return [];
      // Of several parts each is named; a table and what was taken out of it are none.
      const bare = i === 0 && (count(node.kind.outputs, type) === 1 || output === type);
      return [bare ? node.path : `${node.path}.${output}`];
    });
  });
}

function count(outputs: { [name: string]: PortType }, type: PortType): number {
  return Object.values(outputs).filter((each) => each === type).length;
}

/** The statement itself and all that read it, directly or through others. */
function dependents(name: string, { graph }: Pick<Checked, 'graph'>): Set<string> {
  const found = new Set([name]);
  // Nodes stand after all they read, so one pass finds everything; inline nodes stand before their owners.
  for (const node of graph.nodes) {
    const reads = Object.values(node.inputs).flatMap(({ node: source, via }) => (via ? [source, via.node] : [source]));
    if (reads.some((source) => found.has(rootOf(source)))) found.add(rootOf(node.path));
  }
  return found;
}
