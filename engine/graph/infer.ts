// Runs the kinds' shape rules over an ordered graph: what comes out of every node, as far as that is known before anything runs.
import type { Diagnostic, Fix, Span, TextEdit } from '../../grammar/diagnostic.ts';
import { type CheckFiles, type Complaint, type InferContext, InputError } from '../nodes/kind.ts';
import type { PortType, Specs } from '../nodes/values.ts';
import type { Graph, Node } from './graph.ts';
import type { Kinds } from './registry.ts';
import { diagnosticOf, replace } from './report.ts';
import { listed, literal } from './words.ts';

/** What a kind's `infer`, `cost` and `reads` are given for this node. */
export function contextOf(
  node: Node,
  graph: Pick<Graph, 'byPath'>,
  kinds: Kinds,
  files: CheckFiles | null,
  report: Pick<InferContext<never>, 'error' | 'warn'>,
): InferContext<Record<string, unknown>> {
  const inputs: Record<string, Specs[PortType]> = {};
  const sources: InferContext<never>['sources'] = {};
  for (const [port, input] of Object.entries(node.inputs)) {
    const spec = graph.byPath.get(input.node)?.outputs?.[input.output];
    if (spec) inputs[port] = spec;
    sources[port] = { node: input.node, output: input.output };
  }
  return {
    params: node.params,
    inputs,
    node: node.path,
    sources,
    files,
    kinds,
    ...report,
  };
}

/** Whether all inputs of a node are known, so that its own rule can say something new. */
function ready(node: Node, graph: Pick<Graph, 'byPath'>): boolean {
  return Object.values(node.inputs).every((input) => graph.byPath.get(input.node)?.outputs?.[input.output]);
}

/** Outputs that a source's kind has in general, and does not give with its parameters. */
function absentOutputs(node: Node, graph: Pick<Graph, 'byPath'>): Diagnostic[] {
  return Object.values(node.inputs).flatMap(({ node: path, output, span }) => {
    const source = graph.byPath.get(path);
    if (!source?.outputs || Object.hasOwn(source.outputs, output)) return [];
    const message = `\`${path}\` gives no \`${output}\` with its parameters`;
    return [
      diagnosticOf('error', 'output-absent', span, message, {
        notes: [`it gives ${listed(Object.keys(source.outputs), 'and')}`],
      }),
    ];
  });
}

/**
 * Fills in the node's `outputs`, or leaves null where there is an error.
 * @returns what the kind reports
 */
export async function inferNode(
  node: Node,
  graph: Pick<Graph, 'byPath'>,
  kinds: Kinds,
  files: CheckFiles | null,
): Promise<Diagnostic[]> {
  const absent = absentOutputs(node, graph);
  if (absent.length > 0 || !ready(node, graph)) return absent;
  const diagnostics: Diagnostic[] = [];
  const say = (severity: 'error' | 'warning') => (complaint: Complaint) => {
    diagnostics.push(fromComplaint(severity, complaint, node));
  };
  const context = contextOf(node, graph, kinds, files, { error: say('error'), warn: say('warning') });
  let outputs: Node['outputs'] = null;
  try {
    outputs = await node.kind.infer(context);
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    say('error')(atPath(error.complaint, node));
  }
  const failed = diagnostics.some((diagnostic) => diagnostic.severity === 'error');
  // Without files (in the editor's page) a kind that reads them may know nothing, and have nothing to complain of.
  if (!outputs && !failed && files !== null)
    throw new Error(`the kind "${node.kind.kind}" says nothing of ${node.path} and reports no error`);
  node.outputs = failed ? null : outputs;
  return diagnostics;
}

/** What a kind found in files and did not place: it is about the only path the node was given. */
export function atPath(complaint: Complaint, node: Node): Complaint {
  return { ...complaint, at: complaint.at ?? pathParam(node) };
}

function pathParam(node: Node): string | null {
  const paths = Object.keys(node.kind.params).filter(
    (name) => node.kind.params[name]?.format === 'path' && node.given.has(name),
  );
  return paths.length === 1 ? (paths[0] ?? null) : null;
}

/** A kind's complaint, at the place of the argument it is about; of one that was not given, at the node's path or kind. */
export function fromComplaint(severity: 'error' | 'warning', complaint: Complaint, node: Node): Diagnostic {
  const { arguments: given, kind } = node.spans;
  const place = complaint.at === null ? undefined : given[complaint.at];
  const instead = complaint.at === null ? undefined : given[pathParam(node) ?? ''];
  const span: Span = (place ?? instead)?.value ?? kind;
  return diagnosticOf(severity, complaint.code, span, complaint.message, {
    notes: [complaint.note],
    fixes: [
      place && complaint.suggest ? suggested(place.value, complaint.suggest) : null,
      ...(complaint.fixes ?? []).map(({ set, title }) => ({ title, edits: setting(node, set) })),
    ],
  });
}

/** Gives parameters these values: in their places, or behind the last argument. */
function setting(node: Node, set: Record<string, unknown>): TextEdit[] {
  const { arguments: given, parentheses } = node.spans;
  const last = Math.max(parentheses.start + 1, ...Object.values(given).map(({ whole }) => whole.end));
  const added: string[] = [];
  const edits: TextEdit[] = [];
  for (const [name, value] of Object.entries(set)) {
    const place = given[name];
    if (place) edits.push({ ...place.value, text: literal(value) });
    else added.push(`${name}: ${literal(value)}`);
  }
  const separator = Object.keys(given).length > 0 ? ', ' : '';
  return added.length === 0 ? edits : [...edits, { start: last, end: last, text: `${separator}${added.join(', ')}` }];
}

function suggested(span: Span, suggest: NonNullable<Complaint['suggest']>): Fix {
  return replace(span, literal(suggest.value), suggest.title);
}
