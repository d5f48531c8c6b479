// Which wire may go where: the engine's own rule for types, and no circles. What does not fit comes with the reason.
import { typeFits } from '../../engine/graph/connect.ts';
import type { Kinds } from '../../engine/graph/registry.ts';
import { newReport } from '../../engine/graph/report.ts';
import type { Kind } from '../../engine/nodes/kind.ts';
import type { PortType } from '../../engine/nodes/values.ts';
import type { Key, Values } from '../words/index.ts';
import { root } from './arrange.ts';
import type { NodeView, Scene } from './scene.ts';

export interface End {
  readonly node: string;
  readonly port: string;
}

/** A reason as a text of renderer/words. */
export interface Reason {
  readonly key: Key;
  readonly values: Values;
}

const nowhere = { start: 0, end: 0 };

/** Whether an output of this type may feed an input of a kind, by the rule of engine/graph. */
export function feeds(type: PortType, source: Kind, target: Kind, port: string, kinds: Kinds): boolean {
  const input = target.inputs[port];
  if (!input) return false;
  return typeFits(type, '', nowhere, source, { name: port, port: input, kind: target }, kinds, newReport());
}

/** Why a wire cannot go from an output to an input; null where it can. */
export function whyNot(from: End, to: End, scene: Scene, kinds: Kinds): Reason | null {
  const source = scene.byPath.get(from.node);
  const target = scene.byPath.get(to.node);
  if (!source || !target) return { key: 'canvas.why.gone', values: {} };
  if (root(from.node) === root(to.node)) return { key: 'canvas.why.self', values: { node: root(from.node) } };
  if (dependsOn(from.node, to.node, scene)) {
    return { key: 'canvas.why.circle', values: { source: root(from.node), target: root(to.node) } };
  }
  const sourceKind = kinds.get(source.kind);
  const targetKind = kinds.get(target.kind);
  // What an unknown kind takes and gives is not known either: nothing speaks against it.
  if (!sourceKind || !targetKind) return null;
  const type = sourceKind.outputs[from.port];
  const input = targetKind.inputs[to.port];
  if (!type || !input) return { key: 'canvas.why.gone', values: {} };
  if (feeds(type, sourceKind, targetKind, to.port, kinds)) return null;
  return { key: 'canvas.why.type', values: { port: to.port, takes: input.type, gives: type } };
}

/** Whether a node reads another one, directly or through others. */
export function dependsOn(path: string, on: string, { wires }: Pick<Scene, 'wires'>): boolean {
  const sources = new Map<string, string[]>();
  for (const { source, target } of wires) {
    const list = sources.get(root(target));
    if (list) list.push(root(source));
    else sources.set(root(target), [root(source)]);
  }
  const goal = root(on);
  const seen = new Set<string>();
  const stack = [root(path)];
  for (let next = stack.pop(); next !== undefined; next = stack.pop()) {
    if (next === goal) return true;
    if (seen.has(next)) continue;
    seen.add(next);
    for (const source of sources.get(next) ?? []) if (source !== next) stack.push(source);
  }
  return false;
}

/** The input of a node that a wire dropped on it goes to: a free one before one that has something, in the kind's order. */
export function fittingInput(from: End, target: NodeView, scene: Scene, kinds: Kinds): string | null {
  const fitting = target.inputs.filter(({ name }) => !whyNot(from, { node: target.path, port: name }, scene, kinds));
  return (fitting.find(({ fed }) => fed === null) ?? fitting[0])?.name ?? null;
}

/** The output of a node that a wire from an input, dropped on it, comes from. */
export function fittingOutput(to: End, source: NodeView, scene: Scene, kinds: Kinds): string | null {
  return source.outputs.find(({ name }) => !whyNot({ node: source.path, port: name }, to, scene, kinds))?.name ?? null;
}

/** Kinds that have an input for a type, or give it: those for whom it is the first port before the others. */
export function kindsThatFit(type: PortType, side: 'input' | 'output', { list }: Kinds): Kind[] {
  const ports = (kind: Kind): PortType[] =>
    side === 'input' ? Object.values(kind.inputs).map((port) => port.type) : Object.values(kind.outputs);
  const rank = (kind: Kind) => ports(kind).indexOf(type);
  return list.filter((kind) => rank(kind) >= 0).sort((a, b) => Math.sign(rank(a)) - Math.sign(rank(b)));
}
