// Plain values to source text and back: what an editor's form or a program hands over, without places.
import type { Expression } from './tree.ts';
import { isReserved, isWord } from './words.ts';

/** A value without its place in a text. */
export type Value = number | string | boolean | null | readonly Value[] | PercentValue | ReferenceValue | CallValue;

/** `5%` is `{ percent: 5 }`. */
export interface PercentValue {
  readonly percent: number;
}

/** `name` or `name.output`. */
export interface ReferenceValue {
  readonly reference: string;
}

export interface CallValue {
  readonly call: string;
  readonly arguments?: readonly ArgumentValue[];
}

export interface ArgumentValue {
  readonly name?: string;
  readonly value: Value;
}

/** Source text of a value, on one line. Throws a RangeError that names the part which has no source text: a number that is
 *  not finite, a name that is none. */
export function print(value: Value): string {
  if (value === null) return 'null';
  if (typeof value === 'boolean') return String(value);
  if (typeof value === 'number') return printNumber(value);
  if (typeof value === 'string') return printText(value);
  if ('percent' in value) return `${printNumber(value.percent)}%`;
  if ('reference' in value) return printReference(value.reference);
  if ('call' in value) return `${name(value.call, 'kind')}(${(value.arguments ?? []).map(printArgument).join(', ')})`;
  return `[${value.map(print).join(', ')}]`;
}

export function printArgument({ name: label, value }: ArgumentValue): string {
  return label === undefined ? print(value) : `${word(label, 'parameter name')}: ${print(value)}`;
}

/** The shortest text that reads as exactly this number. */
export function printNumber(value: number): string {
  if (!Number.isFinite(value)) throw new RangeError(`${value} cannot be written: only finite numbers can`);
  if (Object.is(value, -0)) return '-0';
  return String(value).replace('e+', 'e');
}

/** The shortest percentage that reads as exactly this number: 0.05 is `5%`. */
export function printPercent(value: number): string {
  const [, sign = '', whole = '', fraction = '', exponent = '0'] =
    /^(-?)(\d+)(?:\.(\d+))?(?:e([+-]?\d+))?$/.exec(printNumber(value)) ?? [];
  const power = Number(exponent) + 2;
  if (exponent !== '0') return `${sign}${whole}${fraction ? `.${fraction}` : ''}e${power}%`;
  const digits = fraction.padEnd(2, '0');
  const left = `${whole}${digits.slice(0, 2)}`.replace(/^0+(?=\d)/, '');
  const right = digits.slice(2);
  return `${sign}${left}${right ? `.${right}` : ''}%`;
}

const ESCAPES: Record<string, string> = { '\n': '\\n', '\t': '\\t', '"': '\\"', '\\': '\\\\' };

/** A text value in double quotes; what cannot be seen is written as `\u{…}`, except the
 *  joiners that some scripts and emoji need. */
export function printText(value: string): string {
  // a lone surrogate has no number of its own in a text file; the replacement character is what UTF-8 would make of it
  const sound = value.replace(/\p{Cs}/gu, '\ufffd');
  const escaped = sound.replace(/(?![\u200c\u200d])["\\\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, (character) => {
    return ESCAPES[character] ?? `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`;
  });
  return `"${escaped}"`;
}

function printReference(reference: string): string {
  const parts = reference.split('.');
  if (parts.length > 2) throw new RangeError(`"${reference}" is no reference: write node or node.output`);
  return parts.map((part, i) => (i === 0 ? name(part, 'name') : word(part, 'output'))).join('.');
}

function name(text: string, what: string): string {
  if (isReserved(text)) throw new RangeError(`"${text}" is a word of the language and no ${what}`);
  return word(text, what);
}

function word(text: string, what: string): string {
  if (!isWord(text)) throw new RangeError(`"${text}" is no ${what}: it has letters, digits and _ only`);
  return text;
}

/** The value an expression stands for, or null where a part of it could not be read. */
export function valueOf(expression: Expression): { value: Value } | null {
  switch (expression.type) {
    case 'number':
      return { value: expression.percent ? { percent: percentOf(expression.text) } : expression.value };
    case 'text':
    case 'boolean':
      return { value: expression.value };
    case 'null':
      return { value: null };
    case 'reference':
      return {
        value: {
          reference: [expression.name, ...(expression.output ? [expression.output] : [])].map((n) => n.text).join('.'),
        },
      };
    case 'list': {
      const items = expression.items.map(valueOf);
      return items.every((item) => item !== null) ? { value: items.map((item) => item.value) } : null;
    }
    case 'call': {
      const list: ArgumentValue[] = [];
      for (const argument of expression.arguments) {
        const read = valueOf(argument.value);
        if (!read) return null;
        list.push(argument.name ? { name: argument.name.text, value: read.value } : { value: read.value });
      }
      return { value: { call: expression.kind.text, arguments: list } };
    }
    case 'error':
      return null;
  }
}

const percentOf = (text: string) => Number(text.replaceAll('_', '').slice(0, -1));
