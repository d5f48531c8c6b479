// What deleting nodes and wires means for the text: references go, or go on to what the deleted node read.
import type { Checked } from '../../engine/graph/graph.ts';
import type { Kinds } from '../../engine/graph/registry.ts';
import type { GraphEdit } from '../../grammar/index.ts';
import { root } from './arrange.ts';
import { referenceTo } from './fresh.ts';
import { editPath, positionOf } from './places.ts';
import type { NodeView, Scene, WireView } from './scene.ts';

/**
 * Edits that delete nodes, inline ones by emptying their port.
 * @param reconnect whether what read a node now reads what fed it, where that is of the same type
 */
export function removal(
  paths: readonly string[],
  reconnect: boolean,
  scene: Scene,
  checked: Checked,
  kinds: Kinds,
): GraphEdit[] {
  const gone = new Set(paths.filter((path) => root(path) === path && scene.byPath.has(path)));
  const edits: GraphEdit[] = [];
  for (const path of gone) {
    const source = reconnect ? through(path, gone, scene) : null;
    edits.push({ type: 'delete', name: path, ...(source !== null && { reconnect: source }) });
  }
  const inline = paths.filter((path) => root(path) !== path && !gone.has(root(path)));
  for (const path of inline) {
    const owner = scene.byPath.get(path)?.owner;
    if (!owner || inline.includes(owner.node)) continue;
    edits.push(emptying(owner.node, owner.port, null, checked, kinds));
  }
  return edits;
}

/** The edit that takes a wire away. */
export function cut({ target, port, item }: WireView, checked: Checked, kinds: Kinds): GraphEdit {
  return emptying(target, port, item, checked, kinds);
}

function emptying(path: string, port: string, item: number | null, checked: Checked, kinds: Kinds): GraphEdit {
  const position = positionOf(checked, kinds, path, port);
  const place = { ...(position !== undefined && { position }), ...(item !== null && { item }) };
  return { type: 'disconnect', node: editPath(checked, kinds, path), port, ...place };
}

/** What users of a node can read instead, past nodes that go as well; null where nothing of that type feeds it. */
function through(path: string, gone: ReadonlySet<string>, scene: Scene): string | null {
  const seen = new Set<string>();
  let at = path;
  for (;;) {
    if (seen.has(at)) return null;
    seen.add(at);
    const node = scene.byPath.get(at);
    const wire = node && passing(node, scene);
    if (!wire) return null;
    if (!gone.has(wire.source)) {
      return referenceTo(wire.source, wire.output, scene.byPath.get(wire.source)?.outputs ?? []);
    }
    at = wire.source;
  }
}

/** The wire whose value a node hands on: the first input of the type that all its used outputs have. */
export function passing(node: NodeView, { wires }: Pick<Scene, 'wires'>): WireView | null {
  const types = new Set(wires.filter(({ source }) => source === node.path).map(({ type }) => type));
  const [type = node.outputs[0]?.type ?? null] = types;
  if (types.size > 1 || type === null) return null;
  const ports = node.inputs.filter((port) => port.type === type).map(({ name }) => name);
  return wires.find((wire) => wire.target === node.path && !wire.inline && wire.port === ports[0]) ?? null;
}
