// New nodes: a name that is free, required parameters from the kind's example, inputs from what is selected.
import { exampleArguments } from '../../engine/language/index.ts';
import type { Kind, Param } from '../../engine/nodes/kind.ts';
import type { PortType } from '../../engine/nodes/values.ts';
import { type ArgumentValue, isName, parse, type Value, valueOf } from '../../grammar/index.ts';
import type { NodeView } from './scene.ts';

/** `base`, or `base_2`, `base_3` and so on where that is taken. */
export function freshName(base: string, taken: ReadonlySet<string>): string {
  const sound = isName(base) && base !== 'dsk' ? base : `${base}_1`;
  if (!taken.has(sound)) return sound;
  const stem = sound.replace(/_\d+$/, '');
  for (let i = 2; ; i++) if (!taken.has(`${stem}_${i}`)) return `${stem}_${i}`;
}

/** The names of all statements of a text, sound or not. */
export function namesIn(text: string): Set<string> {
  return new Set(parse(text).document.statements.map(({ name }) => name.text));
}

/** `node` or `node.output`: how an output is referred to. */
export function referenceTo(node: string, output: string, outputs: readonly { name: string }[]): string {
  return outputs[0]?.name === output ? node : `${node}.${output}`;
}

/**
 * The arguments of a new node.
 * @param inputs references by port: `parts.train`
 */
export function newArguments(kind: Kind, inputs: Readonly<Record<string, string>>): ArgumentValue[] {
  const values = new Map<string, Value>();
  for (const port of Object.keys(kind.inputs)) {
    const reference = inputs[port];
    if (reference !== undefined) values.set(port, { reference });
  }
  for (const name of kind.required ?? []) {
    const value = placeholder(kind, name);
    if (value !== null) values.set(name, value);
  }
  const positional = positions(kind);
  const list: ArgumentValue[] = [];
  while (values.has(positional[list.length] ?? '')) {
    const name = positional[list.length] as string;
    list.push({ value: values.get(name) as Value });
    values.delete(name);
  }
  for (const [name, value] of values) list.push({ name, value });
  return list;
}

/** Arguments that are written without their name: those the kind says, else its first input. */
export function positions(kind: Kind): readonly string[] {
  return kind.positional ?? Object.keys(kind.inputs).slice(0, 1);
}

/** What a required parameter begins with: the value in the kind's example, else its first choice. */
function placeholder(kind: Kind, name: string): Value {
  return exampleValue(kind, name) ?? firstChoice(kind.params[name]);
}

function firstChoice(param: Param | undefined): Value {
  return param?.enum?.[0] ?? null;
}

function exampleValue(kind: Kind, name: string): Value {
  const found = exampleArguments(kind).get(name);
  const read = found && valueOf(found.value);
  // A name in the example stands for something that is not in this graph.
  return read && isPlain(read.value) ? read.value : null;
}

function isPlain(value: Value): boolean {
  if (typeof value !== 'object' || value === null) return true;
  return 'percent' in value || (!('reference' in value) && !('call' in value) && value.every(isPlain));
}

/**
 * References for the inputs of a new node, from nodes that are selected: an output called like the input first, then the first
 * of its type. An optional input that is not the kind's first is filled only by its namesake.
 */
export function inputsFrom(kind: Kind, selected: readonly NodeView[]): Record<string, string> {
  const offers = selected
    .filter(({ owner }) => owner === null)
    .flatMap(({ path, outputs }) =>
      outputs.map(({ name, type }) => ({ name, type, reference: referenceTo(path, name, outputs) })),
    );
  const used = new Set<string>();
  const found: Record<string, string> = {};
  const fill = (port: string, type: PortType, namesakeOnly: boolean) => {
    const fitting = offers.filter((offer) => offer.type === type && !used.has(offer.reference));
    const offer = fitting.find(({ name }) => name === port) ?? (namesakeOnly ? undefined : fitting[0]);
    if (!offer) return;
    used.add(offer.reference);
    found[port] = offer.reference;
  };
  const ports = Object.entries(kind.inputs);
  for (const [port, { type }] of ports) fill(port, type, true);
  for (const [index, [port, { type, optional }]] of ports.entries()) {
    if (found[port] === undefined && (!optional || index === 0)) fill(port, type, false);
  }
  return found;
}
