// What a kind's own example gives for each argument: what a first call of it may begin with.
import { parse } from '../../grammar/parse.ts';
import { type Expression, expressions } from '../../grammar/tree.ts';
import { LANGUAGE_VERSION } from '../../grammar/words.ts';
import type { Kind } from '../nodes/kind.ts';

export interface Example {
  readonly value: Expression;
  /** As it is written there. */
  readonly source: string;
}

const known = new WeakMap<Kind, ReadonlyMap<string, Example>>();

/** By name of the input or parameter, also where the example gives it by position. Read once for each kind. */
export function exampleArguments(kind: Kind): ReadonlyMap<string, Example> {
  const found = known.get(kind) ?? read(kind);
  known.set(kind, found);
  return found;
}

function read(kind: Kind): Map<string, Example> {
  const text = `dsk ${LANGUAGE_VERSION}\n${kind.example}\n`;
  const found = new Map<string, Example>();
  const order = kind.positional ?? Object.keys(kind.inputs);
  for (const part of parse(text).document.statements.flatMap(({ value }) => [...expressions(value)])) {
    if (part.type !== 'call' || part.kind.text !== kind.kind) continue;
    let unnamed = 0;
    for (const { name: given, value } of part.arguments) {
      const name = given?.text ?? order[unnamed++];
      if (name !== undefined) found.set(name, { value, source: text.slice(value.span.start, value.span.end) });
    }
  }
  return found;
}
