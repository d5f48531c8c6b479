// Edits of one call: parameters set and removed, inputs connected and disconnected.
import type { TextEdit } from '../diagnostic.ts';
import { tick } from '../literal.ts';
import type { ReferenceValue } from '../print.ts';
import {
  type Call,
  type Expression,
  findArgument,
  type ListLiteral,
  type Statement,
  unnamedArguments,
} from '../tree.ts';
import { isWord } from '../words.ts';
import type { ConnectEdit, DisconnectEdit, RemoveEdit, SetEdit } from './edit.ts';
import { locate, locateCall } from './locate.ts';
import { prune } from './prune.ts';
import { printed, rewrite } from './rewrite.ts';
import { insertEntry, sequenceOf } from './sequence.ts';
import { Refusal, type Source } from './source.ts';

export function setParameter(source: Source, { node, parameter, value }: SetEdit): TextEdit[] {
  if (parameter === null) {
    const { statement, expression } = locate(source, node);
    return rewrite(source, statement, expression, value);
  }
  const { statement, call } = locateCall(source, node);
  const argument = findArgument(call, parameter);
  if (argument) return rewrite(source, statement, argument.value, value);
  return addNamed(source, statement, call, parameter, printed(value, call));
}

export function removeParameter(source: Source, { node, parameter }: RemoveEdit): TextEdit[] {
  const { statement, call } = locateCall(source, node);
  const argument = findArgument(call, parameter);
  if (!argument) throw new Refusal('edit-unknown', `${tick(node)} has no ${tick(parameter)} to remove`, call.span);
  return prune(source, statement, (part) => part === argument.value);
}

export function connect(source: Source, edit: ConnectEdit): TextEdit[] {
  const { statement, call } = locateCall(source, edit.node);
  const value: ReferenceValue = { reference: edit.source };
  const argument = portArgument(call, edit);
  if (argument) {
    if (edit.item === undefined) return rewrite(source, statement, argument.value, value);
    return connectItem(source, statement, argument.value, edit.item, value);
  }
  const entry = edit.item === undefined ? printed(value, call) : printed([value], call);
  const unnamed = unnamedArguments(call);
  if (edit.position !== undefined && edit.position === unnamed.length) {
    const index = unnamed.filter(({ piped }) => !piped).length;
    const entries = call.arguments.filter(({ piped }) => !piped);
    const behind = entries.findIndex(({ name }) => name !== null);
    return insertEntry(
      source,
      statement,
      sequenceOf(call),
      behind < 0 ? entries.length : Math.max(behind, index),
      entry,
    );
  }
  return addNamed(source, statement, call, edit.port, entry);
}

/** Puts a reference into a list of inputs. A single input becomes a list when a second one comes. */
function connectItem(
  source: Source,
  statement: Statement,
  value: Expression,
  item: number,
  reference: ReferenceValue,
): TextEdit[] {
  if (value.type === 'list') {
    const old = value.items[item];
    if (old) return rewrite(source, statement, old, reference);
    return insertEntry(source, statement, sequenceOf(value), value.items.length, printed(reference, value));
  }
  if (item === 0 || value.type === 'null') return rewrite(source, statement, value, reference);
  const { start, end } = value.span;
  return [
    { start, end: start, text: '[' },
    { start: end, end, text: `, ${printed(reference, value)}]` },
  ];
}

export function disconnect(source: Source, edit: DisconnectEdit): TextEdit[] {
  const { statement, call } = locateCall(source, edit.node);
  const argument = portArgument(call, edit);
  const value = argument?.value;
  const target = value?.type === 'list' && edit.item !== undefined ? itemOf(value, edit.item) : value;
  if (!target) {
    const place = edit.item === undefined ? tick(edit.port) : `item ${edit.item} of ${tick(edit.port)}`;
    throw new Refusal('edit-unknown', `nothing is connected to ${place} of ${tick(edit.node)}`, call.span);
  }
  return prune(source, statement, (part) => part === target);
}

const itemOf = (list: ListLiteral, item: number): Expression | undefined => list.items[item];

/** The argument that feeds a port: by its name, else at its position among the inputs without a name. */
function portArgument(call: Call, { port, position }: { readonly port: string; readonly position?: number }) {
  const named = call.arguments.find(({ name }) => name?.text === port);
  return named ?? (position === undefined ? undefined : unnamedArguments(call)[position]);
}

function addNamed(source: Source, statement: Statement, call: Call, name: string, value: string): TextEdit[] {
  if (!isWord(name)) throw new Refusal('edit-name', `${tick(name)} is no name of a parameter`, call.span);
  const sequence = sequenceOf(call);
  return insertEntry(source, statement, sequence, sequence.entries.length, `${name}: ${value}`);
}
