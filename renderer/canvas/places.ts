// Finds calls in the syntax tree by a node's path, and says how an edit names one of its ports.
import type { Checked } from '../../engine/graph/graph.ts';
import type { Kinds } from '../../engine/graph/registry.ts';
import { type Call, partAt, unnamedArguments } from '../../grammar/index.ts';
import { positions } from './fresh.ts';
import { namedArguments } from './scene.ts';

/** The call of a node: `trained`, `trained.optimizer`. */
export function callAt({ document }: Pick<Checked, 'document'>, path: string): Call | null {
  const [name, ...steps] = path.split('.');
  const statement = document.statements.find((each) => each.type === 'node' && each.name.text === name);
  let found = statement?.value;
  for (const step of steps) found = found && partAt(found, step);
  return found?.type === 'call' ? found : null;
}

/**
 * The same node by a path that edits understand: where an inline node is written without the port's name, by its position.
 */
export function editPath(checked: Checked, kinds: Kinds, path: string): string {
  const [name = '', ...ports] = path.split('.');
  let call = callAt(checked, name);
  let shown = name;
  let written = name;
  for (const port of ports) {
    if (!call) return path;
    const found = namedArguments(call, kinds.get(call.kind.text), checked.graph.byPath.get(shown));
    const argument = found.find((each) => each.name === port)?.argument;
    const index = unnamedArguments(call).findIndex((each) => each === argument);
    shown += `.${port}`;
    written += `.${index < 0 ? port : index}`;
    call = argument?.value.type === 'call' ? argument.value : null;
  }
  return written;
}

/** Where a port is, or can be, written without its name; undefined where it is to be named. */
export function positionOf(checked: Checked, kinds: Kinds, path: string, port: string): number | undefined {
  const call = callAt(checked, editPath(checked, kinds, path));
  if (!call) return undefined;
  const kind = kinds.get(call.kind.text);
  const named = namedArguments(call, kind, checked.graph.byPath.get(path));
  const unnamed = unnamedArguments(call);
  const given = named.find(({ name }) => name === port);
  if (given) return given.argument.name ? undefined : unnamed.indexOf(given.argument);
  if (!kind) return undefined;
  const order = positions(kind);
  const index = order.indexOf(port);
  const before = named.filter(({ argument }) => argument.name === null).map(({ name }) => name);
  const follows = index === before.length && before.every((name, i) => name === order[i]);
  return index >= 0 && follows ? index : undefined;
}
