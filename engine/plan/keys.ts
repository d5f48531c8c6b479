// Content keys: two nodes have one key exactly when their results are the same by construction. A key covers kind, version,
// parameters, the keys of the inputs and the bytes of files read, but no names and no layout of the text.
import { hashValue } from '../data/hash.ts';
import type { Graph, Node } from '../graph/graph.ts';
import type { FileRecord, Origin, Source } from './cache.ts';

/** Raised when the way keys are made changes, which makes all cached results old. */
const scheme = 1;

/**
 * @param keys of all nodes before this one
 * @param files what the node reads, in the order it reads them
 */
export function originOf(node: Node, keys: ReadonlyMap<string, string>, files: readonly FileRecord[]): Origin {
  const params = keyedParams(node);
  const inputs: Record<string, Source> = {};
  for (const [port, { node: source, output }] of Object.entries(node.inputs)) {
    inputs[port] = { node: source, output, key: keys.get(source) as string };
  }
  const key = hashValue({
    scheme,
    kind: node.kind.kind,
    version: node.kind.version,
    params,
    inputs: Object.fromEntries(
      Object.entries(inputs).map(([port, source]) => [port, `${source.key}.${source.output}`]),
    ),
    files: files.map(({ sha256 }) => sha256),
  });
  return { node: node.path, kind: node.kind.kind, version: node.kind.version, params, inputs, key };
}

/** Parameters that have a say in the result. */
export function keyedParams(node: Pick<Node, 'kind' | 'params'>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(node.params).filter(([name]) => {
      const unkeyed = node.kind.params[name]?.unkeyed ?? false;
      return typeof unkeyed === 'boolean' ? !unkeyed : unkeyed.unless.some((other) => node.params[other] !== undefined);
    }),
  );
}

/** A node and all nodes it depends on, in the graph's order. */
export function ancestors(graph: Graph, path: string): Set<string> {
  const found = new Set<string>();
  const open = [path];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if (found.has(next)) continue;
    found.add(next);
    const node = graph.byPath.get(next);
    open.push(...Object.values(node?.inputs ?? {}).map((input) => input.node));
  }
  return found;
}
