// What the canvas shows of a checked text: nodes with their ports and given values, wires, inline nodes at their owner's port.
// Read from the syntax tree, so that unknown kinds and wrong wires are drawn as well and nothing that was written is lost.
import type { Checked, Node } from '../../engine/graph/graph.ts';
import type { Kinds, Stage } from '../../engine/graph/registry.ts';
import { type Kind, offeredInputs, type Port, runs } from '../../engine/nodes/kind.ts';
import type { PortType } from '../../engine/nodes/values.ts';
import type { Argument, Call, Diagnostic, Expression, NodeStatement, Severity, Span } from '../../grammar/index.ts';
import { type Section, sections } from './groups.ts';

export interface PortView {
  readonly name: string;
  /** Null where the kind is unknown. */
  readonly type: PortType | null;
  readonly doc: string;
  readonly required: boolean;
  /** What feeds it; `wrong` where something is written that cannot. */
  readonly fed: 'wire' | 'inline' | 'wrong' | null;
  /** The inline node's kind, or what is wrongly written. */
  readonly text: string | null;
}

export interface Problem {
  readonly severity: Severity;
  readonly message: string;
}

export interface NodeView {
  readonly path: string;
  /** A statement's name; an inline node has none of its own and is called by its kind. */
  readonly title: string;
  readonly kind: string;
  /** Null where the kind is unknown. */
  readonly stage: Stage | null;
  readonly owner: { readonly node: string; readonly port: string } | null;
  /** Whether it is a step of the plan, with a state to show. */
  readonly runs: boolean;
  readonly skipped: boolean;
  readonly documentation: string | null;
  readonly inputs: readonly PortView[];
  readonly outputs: readonly { readonly name: string; readonly type: PortType | null }[];
  /** Parameters as the text gives them, in its order. */
  readonly settings: readonly { readonly name: string; readonly value: string }[];
  readonly problems: readonly Problem[];
  /** Paths of the inline nodes at its ports, in the order of the text. */
  readonly inline: readonly string[];
}

export interface WireView {
  readonly id: string;
  readonly source: string;
  readonly output: string;
  readonly target: string;
  readonly port: string;
  /** Its place in a list of inputs. */
  readonly item: number | null;
  readonly type: PortType | null;
  /** False where the check refused it. */
  readonly sound: boolean;
  /** Between an inline node and the port it is written at. */
  readonly inline: boolean;
}

export interface Scene {
  /** An inline node after its owner. */
  readonly nodes: readonly NodeView[];
  readonly byPath: ReadonlyMap<string, NodeView>;
  readonly wires: readonly WireView[];
  readonly sections: readonly Section[];
}

export const emptyScene: Scene = { nodes: [], byPath: new Map(), wires: [], sections: [] };

/** The first output's name; of an unknown kind nothing is known. */
const unnamed = 'result';

interface Reader {
  readonly checked: Checked;
  readonly kinds: Kinds;
  readonly statements: ReadonlyMap<string, NodeStatement>;
  readonly nodes: NodeView[];
  readonly wires: WireView[];
  /** Outputs of unknown kinds, as far as they are used. */
  readonly used: ReadonlyMap<string, ReadonlySet<string>>;
  readonly problems: ReadonlyMap<string, readonly Problem[]>;
}

/**
 * The picture of a text. `diagnostics` are those of this very text.
 * Parts equal to those of `before` are the same objects, so that only what changed is drawn again.
 */
export function sceneOf(
  checked: Checked,
  kinds: Kinds,
  diagnostics: readonly Diagnostic[],
  before: Scene = emptyScene,
): Scene {
  const statements = new Map<string, NodeStatement>();
  for (const statement of checked.document.statements) {
    if (statement.type === 'node' && statement.value.type === 'call' && !statements.has(statement.name.text)) {
      statements.set(statement.name.text, statement);
    }
  }
  const calls = [...statements].flatMap(([name, { value, span }]) => [...callsIn(value as Call, name, span)]);
  const reader: Reader = {
    checked,
    kinds,
    statements,
    nodes: [],
    wires: [],
    used: usedOutputs(checked, statements),
    problems: problemsByPath(calls, diagnostics),
  };
  for (const [name, { value, documentation }] of statements) readCall(value as Call, name, null, documentation, reader);
  const nodes = reader.nodes.map((node) => same(before.byPath.get(node.path), node));
  const known = new Map(before.wires.map((wire) => [wire.id, wire]));
  const wires = reader.wires.map((wire) => same(known.get(wire.id), wire));
  return { nodes, byPath: new Map(nodes.map((node) => [node.path, node])), wires, sections: sections(checked) };
}

function same<T>(before: T | undefined, now: T): T {
  return before !== undefined && JSON.stringify(before) === JSON.stringify(now) ? before : now;
}

function readCall(
  call: Call,
  path: string,
  owner: NodeView['owner'],
  documentation: string | null,
  reader: Reader,
): void {
  const { checked, kinds, nodes, wires } = reader;
  const kind = kinds.get(call.kind.text);
  const node = checked.graph.byPath.get(path);
  const inline: string[] = [];
  const settings: NodeView['settings'][number][] = [];
  const fed = new Map<string, Pick<PortView, 'fed' | 'text'>>();
  const inner: (() => void)[] = [];
  for (const { name, argument } of namedArguments(call, kind, node)) {
    const { value } = argument;
    const text = shortened(checked.text, value.span);
    if (kind ? !Object.hasOwn(kind.inputs, name) : !mayFeed(value, reader)) {
      if (value.type !== 'error') settings.push({ name, value: text });
      continue;
    }
    if (value.type === 'null') continue;
    if (value.type === 'call') {
      const below = `${path}.${name}`;
      inline.push(below);
      fed.set(name, { fed: 'inline', text: value.kind.text });
      const sound = !node || node.skipped || node.inputs[name] !== undefined || !kinds.get(value.kind.text);
      wires.push(wire(below, '', path, name, null, portType(kind, name), sound, true));
      inner.push(() => readCall(value, below, { node: path, port: name }, null, reader));
      continue;
    }
    const items = value.type === 'list' ? value.items : [value];
    const found = items.flatMap((item, i) => {
      if (item.type !== 'reference') return [];
      const source = reader.statements.get(item.name.text);
      if (!source) return [];
      const from = kinds.get((source.value as Call).kind.text);
      const output = item.output?.text ?? (from ? (Object.keys(from.outputs)[0] as string) : unnamed);
      if (from && !Object.hasOwn(from.outputs, output)) return [];
      const sound = !node || node.skipped || !from || node.inputs[name] !== undefined;
      const type = from?.outputs[output] ?? portType(kind, name);
      return [wire(item.name.text, output, path, name, value.type === 'list' ? i : null, type, sound, false)];
    });
    wires.push(...found);
    fed.set(name, found.length === items.length ? { fed: 'wire', text: null } : { fed: 'wrong', text });
  }
  nodes.push({
    path,
    title: owner ? call.kind.text : path,
    kind: call.kind.text,
    stage: kind?.stage ?? null,
    owner,
    runs: kind !== undefined && runs(kind),
    skipped: node?.skipped ?? false,
    documentation,
    inputs: portsOf(kind, fed),
    outputs: kind
      ? Object.entries(kind.outputs).map(([name, type]) => ({ name, type }))
      : [...(reader.used.get(path) ?? [unnamed])].map((name) => ({ name, type: null })),
    settings,
    problems: reader.problems.get(path) ?? [],
    inline,
  });
  for (const read of inner) read();
}

function portsOf(kind: Kind | undefined, fed: ReadonlyMap<string, Pick<PortView, 'fed' | 'text'>>): PortView[] {
  const open = { fed: null, text: null };
  if (!kind) {
    return [...fed].map(([name, feed]) => ({ name, type: null, doc: '', required: false, ...feed }));
  }
  return offeredInputs(kind.inputs, (name) => fed.has(name)).map((name) => {
    const { type, doc, optional } = kind.inputs[name] as Port;
    return { name, type, doc, required: !optional, ...(fed.get(name) ?? open) };
  });
}

function portType(kind: Kind | undefined, port: string): PortType | null {
  return kind?.inputs[port]?.type ?? null;
}

function wire(
  source: string,
  output: string,
  target: string,
  port: string,
  item: number | null,
  type: PortType | null,
  sound: boolean,
  inline: boolean,
): WireView {
  const id = `${source}:${output}>${target}:${port}${item === null ? '' : `:${item}`}`;
  return { id, source, output, target, port, item, type, sound, inline };
}

/** Whether an argument of an unknown kind is an input: it names a node or makes one. */
function mayFeed(value: Expression, { statements }: Reader): boolean {
  if (value.type === 'list') return value.items.length > 0 && value.items.every((item) => item.type === 'reference');
  return value.type === 'call' || (value.type === 'reference' && statements.has(value.name.text));
}

/** The arguments of a call with the name of the input or parameter each is for. */
export function namedArguments(
  call: Call,
  kind: Kind | undefined,
  node: Node | undefined,
): { name: string; argument: Argument }[] {
  const starts = new Map(
    Object.entries(node?.spans.arguments ?? {}).map(([name, { whole }]) => [whole.start, name] as const),
  );
  const order = kind ? (kind.positional ?? Object.keys(kind.inputs)) : [];
  let position = 0;
  return call.arguments.map((argument) => {
    const index = argument.name ? null : position++;
    const name = starts.get(argument.span.start) ?? argument.name?.text ?? order[index ?? 0] ?? String(index);
    return { name, argument };
  });
}

/** All calls of a statement with their paths and places, outer ones first. */
function* callsIn(call: Call, path: string, span: Span): Generator<{ path: string; span: Span }> {
  yield { path, span };
  for (const [index, { name, value }] of call.arguments.entries()) {
    if (value.type === 'call') yield* callsIn(value, `${path}.${name?.text ?? index}`, value.span);
  }
}

/** Problems by the innermost node they lie in. */
function problemsByPath(
  calls: readonly { path: string; span: Span }[],
  diagnostics: readonly Diagnostic[],
): Map<string, Problem[]> {
  const found = new Map<string, Problem[]>();
  const sorted = [...calls].sort((a, b) => a.span.start - b.span.start || b.span.end - a.span.end);
  for (const { span, severity, message } of diagnostics) {
    let low = 0;
    let high = sorted.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((sorted[middle] as { span: Span }).span.start <= span.start) low = middle + 1;
      else high = middle;
    }
    let at = low - 1;
    while (at >= 0 && (sorted[at] as { span: Span }).span.end < span.end) at--;
    const path = sorted[at]?.path;
    if (path === undefined) continue;
    const list = found.get(path);
    if (list) list.push({ severity, message });
    else found.set(path, [{ severity, message }]);
  }
  return found;
}

/** The outputs by which nodes of unknown kinds are used elsewhere. */
function usedOutputs({ document }: Checked, statements: ReadonlyMap<string, NodeStatement>): Map<string, Set<string>> {
  const used = new Map<string, Set<string>>();
  const stack: Expression[] = document.statements.map(({ value }) => value);
  for (let next = stack.pop(); next; next = stack.pop()) {
    if (next.type === 'call') for (const { value } of next.arguments) stack.push(value);
    if (next.type === 'list') stack.push(...next.items);
    if (next.type !== 'reference' || !statements.has(next.name.text)) continue;
    const outputs = used.get(next.name.text) ?? new Set();
    used.set(next.name.text, outputs.add(next.output?.text ?? unnamed));
  }
  return used;
}

function shortened(text: string, { start, end }: Span): string {
  const line = text.slice(start, end).replace(/\s+/g, ' ');
  return line.length > 60 ? `${line.slice(0, 59)}…` : line;
}
