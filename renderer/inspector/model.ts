// One field as it stands: what the text gives, what holds where it gives nothing, what is wrong with it, and how to change it.
// Several nodes of one kind share their fields.
import type { Checked, GraphParam } from '../../engine/graph/graph.ts';
import type { Kind } from '../../engine/nodes/kind.ts';
import type { Diagnostic, Expression } from '../../grammar/index.ts';
import { apply, useDocument } from '../document/document.ts';
import { callAt, givenAt } from './argument.ts';
import type { Field } from './fields.ts';
import { shownValue } from './values.ts';
import { makeParam, type Place, removeArgument, together, type Written, writeArgument } from './write.ts';

export interface FieldModel extends Field {
  /** Names the field among all: for drafts and ids. */
  readonly id: string;
  readonly kind: Kind;
  /** Source text of what is given; null where the default holds. */
  readonly source: string | null;
  /** Null where nothing is given, and where several nodes differ. */
  readonly expression: Expression | null;
  /** Several nodes give different values. */
  readonly mixed: boolean;
  /** The param that feeds it. */
  readonly bound: GraphParam | null;
  /** Source text of the default; null where there is none. */
  readonly fallback: string | null;
  readonly problems: readonly Diagnostic[];
  readonly places: readonly (Place & { readonly path: string; readonly given: boolean })[];
}

/** A field of one or several nodes of the same kind. */
export function modelOf(
  field: Field,
  checked: Checked,
  paths: readonly string[],
  all: readonly Diagnostic[],
): FieldModel {
  const { name, param } = field;
  const kind = checked.graph.byPath.get(paths[0] as string)?.kind as Kind;
  const givens = paths.map((path) => givenAt(checked, path, name));
  const [first = null] = givens;
  const mixed = givens.some((given) => given?.source !== first?.source);
  const expression = mixed ? null : (first?.expression ?? null);
  const reference = expression?.type === 'reference' && !expression.output ? expression.name.text : null;
  return {
    ...field,
    id: `${paths.join(' ')} ${name}`,
    kind,
    source: mixed ? null : (first?.source ?? null),
    expression,
    mixed,
    bound: checked.graph.params.find((each) => each.name === reference) ?? null,
    fallback: param.default === undefined || param.default === null ? null : shownValue(param.default),
    problems: paths.flatMap((path) => problemsOf(checked, path, name, all)),
    places: paths.flatMap((path, i) => {
      const node = callAt(checked, path)?.address;
      return node === undefined ? [] : [{ path, node, parameter: givens[i]?.address ?? name, given: !!givens[i] }];
    }),
  };
}

/** What is wrong with one argument: what is reported inside of it, or that it is missing. */
export function problemsOf(checked: Checked, path: string, name: string, all: readonly Diagnostic[]): Diagnostic[] {
  const spans = checked.graph.byPath.get(path)?.spans;
  const whole = spans?.arguments[name]?.whole;
  return all.filter(({ code, message, span }) => {
    if (whole) return span.start >= whole.start && span.end <= whole.end;
    const missing = code === 'param-missing' || code === 'input-missing';
    return missing && span.start === spans?.kind.start && message.includes(`\`${name}\``);
  });
}

/** Source text that stands for the field's value now: given or default. */
export function holding({ source, fallback, bound }: FieldModel): string | null {
  if (bound) return shownValue(bound.value);
  return source ?? fallback;
}

/** Makes edits that were worked out, as one step. Returns what stands against them. */
export function carryOut(written: Written, label: string, join?: string): string | null {
  if ('error' in written) return written.error.message;
  if (written.edits.length > 0) apply(written.edits, { origin: 'inspector', label, ...(join && { join }) });
  return null;
}

const text = () => useDocument.getState().text;

/** Writes source text into the field, in all its nodes. Returns why it cannot be. */
export function write({ id, places }: FieldModel, source: string): string | null {
  return carryOut(together(places.map((place) => writeArgument(text(), place, source))), 'undo.set', `set ${id}`);
}

/** Takes what is given away. */
export function reset({ places }: FieldModel): string | null {
  const given = places.filter((place) => place.given);
  return carryOut(together(given.map((place) => removeArgument(text(), place))), 'undo.reset');
}

/** Feeds the field from a param that there is. */
export function bind({ places }: FieldModel, param: string): string | null {
  return carryOut(together(places.map((place) => writeArgument(text(), place, param))), 'undo.bind');
}

/** Makes a param of the field's value. */
export function bindNew(field: FieldModel, param: string): string | null {
  const [place, ...more] = field.places;
  const source = holding(field);
  if (!place || source === null || more.length > 0) return null;
  return carryOut(makeParam(text(), place, param, source), 'undo.param.make');
}

/** A free name for a param of this field. */
export function paramName(name: string, checked: Checked): string {
  const taken = new Set(checked.document.statements.map((statement) => statement.name.text));
  let free = name;
  for (let i = 2; taken.has(free); i++) free = `${name}_${i}`;
  return free;
}
