// Checking a graph, one phase a line: text -> syntax tree -> names -> nodes -> order -> shapes. Runs in Node and in the browser;
// it executes nothing and writes nothing.
import type { Diagnostic, Span } from '../../grammar/diagnostic.ts';
import { parse } from '../../grammar/parse.ts';
import { type CheckFiles, runs } from '../nodes/kind.ts';
import type { Checked, Graph, Node } from './graph.ts';
import { inferNode } from './infer.ts';
import { leaks } from './leaks.ts';
import { readNodes } from './nodes.ts';
import { order, trail } from './order.ts';
import type { Kinds } from './registry.ts';
import { newReport, type Report } from './report.ts';
import { readScope, type Scope } from './scope.ts';
import { passedOutputs, passSkipped } from './skip.ts';

export interface CheckOptions {
  kinds: Kinds;
  /** Reads at check time; null where there are no files (the editor's page): what depends on them then stays unknown. */
  files: CheckFiles | null;
  /** Values for params, as expressions: what `--set name=value` gives. */
  set?: Readonly<Record<string, string>>;
}

/**
 * Everything that can be known about a graph before it runs.
 * @throws SetError for a `set` that names no param or is no value
 */
export async function check(text: string, options: CheckOptions): Promise<Checked> {
  const { kinds, files, set = {} } = options;
  const { document, diagnostics: syntax } = parse(text);
  const report = newReport();
  const { scope, params } = readScope(text, document, set, report);
  const read = passSkipped(readNodes(document, syntax, scope, kinds, report), report);
  const nodes = new Map(read.map(({ node }) => [node.path, node]));
  const cyclic = new Set<string>();
  const inputs = (path: string) =>
    Object.values(nodes.get(path)?.inputs ?? {}).map(({ node, span }) => ({ to: node, span }));
  const paths = order(nodes.keys(), inputs, (path, { to, span }) => {
    for (const each of path) cyclic.add(each);
    const notes = [`${trail(path)}: one of these has to read something else`];
    report.error('name-cycle', span, `\`${to}\` depends on itself`, { notes });
  });
  const ordered = paths.map((path) => nodes.get(path) as Node);
  const graph: Graph = { nodes: ordered, byPath: nodes, params };
  const unsound = new Set(read.filter(({ sound }) => !sound).map(({ node }) => node.path));
  const shapes: Diagnostic[] = [];
  for (const node of ordered) {
    if (unsound.has(node.path) || cyclic.has(node.path)) continue;
    if (node.skipped) {
      node.outputs = passedOutputs(node, nodes);
      continue;
    }
    shapes.push(...(await inferNode(node, graph, kinds, files)));
  }
  shapes.push(...leaks(graph));
  if (syntax.length === 0) warnUnused(scope, ordered, report);
  const diagnostics = [...syntax, ...report.diagnostics, ...shapes].sort((a, b) => a.span.start - b.span.start);
  return { text, document, graph, diagnostics };
}

/** Definitions without a use. A step that nothing reads is a result, and fine; what has an error has enough to say. */
function warnUnused(scope: Scope, nodes: readonly Node[], report: Report): void {
  const wrong = ({ span }: { span: Span }) =>
    report.diagnostics.some((diagnostic) => span.start <= diagnostic.span.start && diagnostic.span.end <= span.end);
  for (const [name, statement] of scope.params) {
    if (scope.used.has(name) || wrong(statement)) continue;
    report.warn('unused-param', statement.name.span, `nothing uses the param \`${name}\``);
  }
  for (const { path, owner, kind, skipped } of nodes) {
    const statement = scope.nodes.get(path);
    if (owner || skipped || !statement || runs(kind) || scope.used.has(path) || wrong(statement)) continue;
    const notes = [`\`${kind.kind}\` only describes; it takes effect where a step such as training uses it`];
    report.warn('unused-node', statement.name.span, `nothing uses \`${path}\``, { notes });
  }
}
