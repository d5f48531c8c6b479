// Brings nodes into dependency order and finds cycles.
import type { Node } from './graph.ts';
import type { Report } from './report.ts';

/**
 * Every node after those it reads, otherwise in the order given.
 * @returns the order, and the paths of nodes that lie on a cycle or behind one (cycles are reported, each once)
 */
export function order(nodes: readonly Node[], report: Report): { ordered: Node[]; cyclic: Set<string> } {
  const byPath = new Map(nodes.map((node) => [node.path, node]));
  const ordered: Node[] = [];
  const cyclic = new Set<string>();
  const state = new Map<string, 'open' | 'done'>();
  // a stack of our own: a pipeline of ten thousand nodes must not exhaust the call stack
  const open: { node: Node; inputs: Node['inputs'][string][] }[] = [];
  const enter = (node: Node) => {
    state.set(node.path, 'open');
    open.push({ node, inputs: Object.values(node.inputs) });
  };
  for (const root of nodes) {
    if (state.has(root.path)) continue;
    enter(root);
    for (let top = open.at(-1); top; top = open.at(-1)) {
      const input = top.inputs.shift();
      if (!input) {
        open.pop();
        state.set(top.node.path, 'done');
        ordered.push(top.node);
        continue;
      }
      const source = byPath.get(input.node);
      if (!source) continue;
      if (!state.has(source.path)) enter(source);
      else if (state.get(source.path) === 'open') {
        const start = open.findIndex(({ node }) => node.path === source.path);
        const path = open.slice(start).map(({ node }) => node.path);
        for (const each of path) cyclic.add(each);
        const trail = [...path].reverse();
        report.error('name-cycle', input.span, `\`${source.path}\` depends on itself`, {
          notes: [
            `${[trail.at(-1), ...trail].map((each) => `\`${each}\``).join(' <- ')}: one of these has to read something else`,
          ],
        });
      }
    }
  }
  return { ordered, cyclic };
}
