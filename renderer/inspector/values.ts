// What is typed into a field, read as the language reads it, and written as the language writes it.
import { checkParams } from '../../engine/graph/schema.ts';
import { describeParam } from '../../engine/graph/words.ts';
import type { Kind, Param } from '../../engine/nodes/kind.ts';
import { readNumber } from '../../grammar/literal.ts';
import { type Expression, parse, printNumber, printPercent, printText } from '../../grammar/index.ts';

/** Source text for what was typed; with a fault, it is no value at all. `value` is what it stands for. */
export type Reading = { readonly source: string; readonly value: unknown } | { readonly fault: string };

/** A number as typed: `3e-3`, `5%`, `1_000`. Its spelling stays. */
export function readTyped(typed: string): Reading {
  const source = typed.trim().replace(/^[−–]/, '-');
  const read = readNumber(source);
  return 'value' in read ? { source, value: read.value } : { fault: read.message };
}

/** Any value of the language as typed: text in quotes, numbers, lists, names of params. */
export function readSource(typed: string): Reading {
  const source = typed.trim();
  const { document, diagnostics } = parse(`dsk 1\nparam x = ${source}`);
  const [only] = document.statements;
  const fault = diagnostics.find(({ severity }) => severity === 'error')?.message;
  if (fault !== undefined) return { fault };
  if (!only || document.statements.length > 1 || document.comments.length > 0) {
    return { fault: `\`${source}\` is not one value` };
  }
  return { source, value: plain(only.value) };
}

/** The plain value of an expression without names; undefined where it has some. */
function plain(expression: Expression): unknown {
  if (expression.type === 'list') return expression.items.map(plain);
  if (expression.type === 'reference' || expression.type === 'call' || expression.type === 'error') return undefined;
  return expression.type === 'null' ? null : expression.value;
}

/** Why a value is wrong for a parameter, as the check will say it; null where it is right. */
export function complaintOf(
  kind: Pick<Kind, 'kind' | 'params' | 'required'>,
  name: string,
  { value, source }: { readonly value: unknown; readonly source: string },
): string | null {
  const param = kind.params[name] as Param;
  if (source.endsWith('%') && ![param.type ?? 'number'].flat().includes('number')) return describeParam(name, param);
  return checkParams(kind, { [name]: value })[0]?.message ?? null;
}

/** A text as source. Over lines, one that stands between triple quotes stays there; `old` is what is written now. */
export function textSource(value: string, old: string): string {
  if (!old.startsWith('"""') || !value.includes('\n')) return printText(value);
  const indent = /(?:^|\n)([ \t]*)"""$/.exec(old)?.[1] ?? '';
  const lines = value.split('\n').map((line) => (line === '' ? '' : indent + line.replaceAll('\\', '\\\\')));
  const source = `"""\n${lines.join('\n')}\n${indent}"""`;
  // What cannot stand in such lines, as three quotes, is written with escapes.
  const read = readSource(source);
  return 'value' in read && read.value === value ? source : printText(value);
}

/** The number a step up or down from here, spelled like it, and kept in its range. `size`: 1 a small step, 10 a large one. */
export function stepped(source: string, param: Param, integer: boolean, direction: 1 | -1, size: 1 | 10): string {
  const read = readNumber(source);
  const value = 'value' in read ? read.value : 0;
  const percent = 'value' in read && read.percent;
  const step = (integer ? 1 : percent ? Math.max(0.01, magnitude(value)) : magnitude(value, param)) * size;
  // Away from the noise of binary fractions.
  const moved = Number((value + direction * step).toPrecision(12));
  return spelled(within(moved, value, param), source, percent);
}

/** A tenth of the number's leading digit's worth: 0.003 moves by 0.0001, 40 by 1. */
function magnitude(value: number, param?: Param): number {
  if (value !== 0) return 10 ** (Math.floor(Math.log10(Math.abs(value)) + 1e-9) - 1);
  return param?.maximum !== undefined && param.maximum <= 1 ? 0.01 : 0.1;
}

/** A bound that does not belong to the range is not stepped on. */
function within(moved: number, before: number, param: Param): number {
  const { minimum, maximum, exclusiveMinimum, exclusiveMaximum } = param;
  if (exclusiveMinimum !== undefined && moved <= exclusiveMinimum) return before;
  if (exclusiveMaximum !== undefined && moved >= exclusiveMaximum) return before;
  return Math.min(maximum ?? Number.POSITIVE_INFINITY, Math.max(minimum ?? Number.NEGATIVE_INFINITY, moved));
}

function spelled(value: number, like: string, percent: boolean): string {
  if (percent) return printPercent(Number(value.toPrecision(12)));
  if (/e/i.test(like)) return value === 0 ? '0' : value.toExponential().replace('e+', 'e');
  return printNumber(value);
}

/** A value as source text, for defaults and params. */
export function shownValue(value: unknown): string {
  if (typeof value === 'number') return printNumber(value);
  if (typeof value === 'string') return printText(value);
  if (Array.isArray(value)) return `[${value.map(shownValue).join(', ')}]`;
  return String(value);
}

/** The texts of a list expression; null where one of them is something else. */
export function textsOf(expression: Expression): string[] | null {
  if (expression.type === 'text') return [expression.value];
  if (expression.type !== 'list') return null;
  const items = expression.items.map((item) => (item.type === 'text' ? item.value : null));
  return items.includes(null) ? null : (items as string[]);
}

/** Each item of a list as it is written in `source`, which begins at `start` of the text; null for other values. */
export function itemsOf(expression: Expression, source: string, start: number): string[] | null {
  if (expression.type !== 'list') return null;
  return expression.items.map(({ span }) => source.slice(span.start - start, span.end - start));
}

/** Whether a list's items are all plain numbers, so that each gets a field of its own. */
export function numeric(expression: Expression): boolean {
  return expression.type === 'list' && expression.items.every(({ type }) => type === 'number');
}
