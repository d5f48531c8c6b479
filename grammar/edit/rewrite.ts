// Changes an expression in place into a value with few edits, so that what is the same keeps its spelling and comments.
import type { TextEdit } from '../diagnostic.ts';
import {
  type ArgumentValue,
  type CallValue,
  print,
  printArgument,
  printPercent,
  type Value,
  valueOf,
} from '../print.ts';
import type { Call, Expression, ListLiteral, Statement } from '../tree.ts';
import { cutEdits, cutEntries, insertEntry, sequenceOf } from './sequence.ts';
import { Refusal, type Source } from './source.ts';

/** Edits that make the expression stand for the value. */
export function rewrite(source: Source, statement: Statement, part: Expression, value: Value): TextEdit[] {
  const now = valueOf(part);
  const wanted = printed(value, part);
  if (now && print(now.value) === print(value)) return [];
  if (part.type === 'number' && typeof value === 'number') {
    if (Object.is(part.value, value)) return [];
    return [{ ...part.span, text: part.percent ? printPercent(value) : wanted }];
  }
  if (part.type === 'list' && isList(value)) return rewriteList(source, statement, part, value);
  if (part.type === 'call' && isCall(value) && value.call === part.kind.text) {
    const edits = rewriteCall(source, statement, part, value.arguments ?? []);
    if (edits) return edits;
  }
  return [{ ...part.span, text: wanted }];
}

/** Source text of a value; refuses what has none. */
export function printed(value: Value, at: { readonly span: { readonly start: number; readonly end: number } }): string {
  try {
    return print(value);
  } catch (error) {
    if (error instanceof RangeError) throw new Refusal('edit-value', error.message, at.span);
    throw error;
  }
}

const isList = (value: Value): value is readonly Value[] => Array.isArray(value);

const isCall = (value: Value): value is CallValue => typeof value === 'object' && value !== null && 'call' in value;

function rewriteList(source: Source, statement: Statement, list: ListLiteral, values: readonly Value[]): TextEdit[] {
  const shared = Math.min(list.items.length, values.length);
  const edits = list.items.slice(0, shared).flatMap((item, i) => rewrite(source, statement, item, values[i] as Value));
  const sequence = sequenceOf(list);
  const more = values.slice(shared).map(print).join(', ');
  if (more) edits.push(...insertEntry(source, statement, sequence, list.items.length, more));
  const gone = new Set(list.items.map((_, i) => i).slice(shared));
  if (gone.size > 0) edits.push(...cutEdits(source.text, cutEntries(source, sequence, gone)));
  return edits;
}

/** Null where the arguments differ in more than values, added last ones and removed named ones. */
function rewriteCall(
  source: Source,
  statement: Statement,
  call: Call,
  values: readonly ArgumentValue[],
): TextEdit[] | null {
  const names = call.arguments.map(({ name }) => name?.text);
  const wanted = values.map(({ name }) => name);
  const stays = names.map((name) => (name === undefined ? true : wanted.includes(name)));
  const kept = call.arguments.filter((_, i) => stays[i]);
  const more = values.slice(kept.length);
  const shifted = kept.some(({ name }, i) => name?.text !== wanted[i]);
  if (shifted || more.some(({ name }) => name === undefined) || (more.length > 0 && stays.includes(false))) return null;
  const edits = kept.flatMap(({ value }, i) => rewrite(source, statement, value, (values[i] as ArgumentValue).value));
  const sequence = sequenceOf(call);
  const entries = call.arguments.filter(({ piped }) => !piped);
  if (more.length > 0) {
    edits.push(...insertEntry(source, statement, sequence, entries.length, more.map(printArgument).join(', ')));
  }
  const gone = new Set(entries.flatMap((argument, i) => (kept.includes(argument) ? [] : [i])));
  if (gone.size > 0) edits.push(...cutEdits(source.text, cutEntries(source, sequence, gone)));
  return edits;
}
