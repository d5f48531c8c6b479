// Runs the kinds' shape rules over an ordered graph: what comes out of every node, as far as that is known before anything runs.
import type { Diagnostic, Fix, Span } from '../../grammar/diagnostic.ts';
import { type CheckFiles, type Complaint, InputError, type InferContext } from '../nodes/kind.ts';
import type { Module, ModuleContext } from '../nodes/module.ts';
import type { Part, PortType, Specs } from '../nodes/values.ts';
import type { Graph, Node } from './graph.ts';
import type { Kinds } from './registry.ts';
import { diagnosticOf, replace } from './report.ts';
import { literal } from './words.ts';

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
    module: (part, context) => moduleOf(part, context, kinds),
    ...report,
  };
}

/** Builds the module of an attention, an ffn or another part of a model. */
export function moduleOf(part: Part, context: ModuleContext, kinds: Kinds): Module {
  const kind = kinds.get(part.kind);
  if (!kind || !('module' in kind) || !kind.module) throw new Error(`the kind "${part.kind}" is no part of a model`);
  return kind.module(part.params, context);
}

/** Whether all inputs of a node are known, so that its own rule can say something new. */
function ready(node: Node, graph: Pick<Graph, 'byPath'>): boolean {
  return Object.values(node.inputs).every((input) => graph.byPath.get(input.node)?.outputs?.[input.output]);
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
  if (!ready(node, graph)) return [];
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
    say('error')(error.complaint);
  }
  const failed = diagnostics.some((diagnostic) => diagnostic.severity === 'error');
  if (!outputs && !failed)
    throw new Error(`the kind "${node.kind.kind}" says nothing of ${node.path} and reports no error`);
  node.outputs = failed ? null : outputs;
  return diagnostics;
}

/** A kind's complaint, at the place of the argument it is about. */
export function fromComplaint(severity: 'error' | 'warning', complaint: Complaint, node: Node): Diagnostic {
  const place = complaint.at === null ? undefined : node.spans.arguments[complaint.at];
  const span: Span = place?.value ?? node.spans.kind;
  return diagnosticOf(severity, complaint.code, span, complaint.message, {
    notes: [complaint.note],
    fixes: [place && complaint.suggest ? suggested(place.value, complaint.suggest) : null],
  });
}

function suggested(span: Span, suggest: NonNullable<Complaint['suggest']>): Fix {
  return replace(span, literal(suggest.value), suggest.title);
}
