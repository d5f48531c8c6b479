// Values, types and ranges in plain words, for messages, help and the reference.
import { print, type Value } from '../../grammar/print.ts';
import type { Param } from '../nodes/kind.ts';

/** "a, b or c" */
export function listed(items: readonly string[], word: 'and' | 'or'): string {
  if (items.length < 2) return items.join('');
  return `${items.slice(0, -1).join(', ')} ${word} ${items.at(-1)}`;
}

/** A value as the language writes it, cut where it is long. */
export function shown(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (typeof value === 'string') {
    return literal(value.length > 60 ? `${value.slice(0, 57)}...` : value);
  }
  if (Array.isArray(value)) {
    const items = value.slice(0, 8).map(shown);
    return `[${items.join(', ')}${value.length > 8 ? ', ...' : ''}]`;
  }
  return typeof value === 'object' && value !== null ? JSON.stringify(value) : literal(value);
}

const nouns: Record<string, string> = {
  integer: 'a whole number',
  number: 'a number',
  string: 'a text in quotes',
  boolean: 'true or false',
  array: 'a list',
  null: 'null',
};

/** "a whole number or a text in quotes", of a schema's `type`. */
export function typeNames(type: unknown): string {
  const types = [type].flat().filter((name) => name !== 'null') as string[];
  return listed(
    types.map((name) => nouns[name] ?? name),
    'or',
  );
}

/** "a text in quotes, one of "file" or "line"", "a whole number from 1 to 64", "a list of 2 numbers": what a parameter takes. */
export function takes(param: Param): string {
  if (param.enum) return listed(param.enum.map(shown), 'or');
  if ([param.type].flat().includes('array') && [param.type].flat().length === 1) return takesList(param);
  return `${typeNames(param.type ?? 'string')}${range(param)}`;
}

function takesList(param: Param): string {
  const { minItems, maxItems } = param;
  const count =
    minItems !== undefined && minItems === maxItems
      ? `${minItems} `
      : minItems && maxItems
        ? `${minItems} to ${maxItems} `
        : minItems
          ? `at least ${minItems} `
          : maxItems
            ? `at most ${maxItems} `
            : '';
  const plural: Record<string, string> = {
    integer: 'whole numbers',
    number: 'numbers',
    string: 'texts',
    boolean: 'booleans',
  };
  const item = param.items ? (plural[param.items.type] ?? param.items.type) : 'values';
  return `a list of ${count}${item}${param.items ? range(param.items) : ''}`;
}

/** " from 1 to 64", " of at least 1", " above 0 and at most 1", or nothing. */
export function range(bounds: Pick<Param, 'minimum' | 'maximum' | 'exclusiveMinimum' | 'exclusiveMaximum'>): string {
  const { minimum, maximum, exclusiveMinimum, exclusiveMaximum } = bounds;
  if (minimum !== undefined && maximum !== undefined) return ` from ${minimum} to ${maximum}`;
  const low =
    minimum !== undefined
      ? `of at least ${minimum}`
      : exclusiveMinimum !== undefined
        ? `above ${exclusiveMinimum}`
        : '';
  const high =
    maximum !== undefined ? `at most ${maximum}` : exclusiveMaximum !== undefined ? `below ${exclusiveMaximum}` : '';
  if (low && high) return ` ${low} and ${high}`;
  return low ? ` ${low}` : maximum !== undefined ? ` of ${high}` : high ? ` ${high}` : '';
}

/** "rows takes "file" or "line" (default "file")" */
export function describeParam(name: string, param: Param): string {
  const unit = unitOf(name, param);
  const fallback = param.default === undefined || param.default === null ? '' : ` (default ${shown(param.default)})`;
  return `${name} takes ${takes(param)}${unit}${fallback}: ${firstSentence(param.description)}`;
}

/** ", in tokens", or nothing where the name says it. */
export function unitOf(name: string, { unit }: Param): string {
  return unit && unit !== name ? `, in ${unit}` : '';
}

/** Up to the first full stop that ends a sentence, on one line; in Chinese no space follows it. */
export function firstSentence(text: string): string {
  const line = text.trim().replace(/\s+/g, ' ');
  const end = /[.!?](?=\s|$)|[。！？]/.exec(line);
  return end ? line.slice(0, end.index) : line;
}

const articles: Record<string, string> = { hidden: 'a hidden state', ffn: 'an ffn' };

/** "a table", "an optimizer": a port type in a sentence. */
export function aType(type: string): string {
  return articles[type] ?? `${/^[aeiou]/.test(type) ? 'an' : 'a'} ${type}`;
}

/** A plain value as the language writes it. */
export function literal(value: unknown): string {
  return print(value as Value);
}
