// Expressions where a plain value belongs: parameters of nodes and values of params.

import { closest } from '../../grammar/diagnostic.ts';
import type { Expression, Reference } from '../../grammar/tree.ts';
import { meant, type Report, replace } from './report.ts';
import type { Scope, Value } from './scope.ts';
import { literal } from './words.ts';

/**
 * The plain value of an expression, references to params followed. Null where there is none; then that is reported, here or by
 * the parser.
 * @param taker what takes the value, for messages: "`size`", "a param"
 * @param texts texts the taker would accept, to recognise one without its quotes; null when it takes any text
 */
export function valueOf(
  expression: Expression,
  scope: Scope,
  report: Report,
  taker: string,
  texts: readonly string[] | null = [],
): Value | null {
  switch (expression.type) {
    case 'number':
      return { value: expression.value, percent: expression.percent };
    case 'text':
    case 'boolean':
      return { value: expression.value, percent: false };
    case 'null':
      return { value: null, percent: false };
    case 'list': {
      const items = expression.items.map((item) => valueOf(item, scope, report, `an item of ${taker}`, texts));
      return items.includes(null) ? null : { value: items.map((item) => item?.value), percent: false };
    }
    case 'reference':
      return referenced(expression, scope, report, taker, texts);
    case 'call':
      report.error(
        'param-node',
        expression.span,
        `${taker} takes a plain value, and \`${expression.kind.text}(...)\` is a node`,
      );
      return null;
    case 'error':
      return null;
  }
}

function referenced(
  reference: Reference,
  scope: Scope,
  report: Report,
  taker: string,
  texts: readonly string[] | null,
): Value | null {
  const { text: name } = reference.name;
  scope.used.add(name);
  if (scope.nodes.has(name)) {
    report.error('param-node', reference.span, `${taker} takes a plain value, and \`${name}\` is a node`);
    return null;
  }
  if (!scope.params.has(name)) {
    reportUndefined(reference, scope, report, texts);
    return null;
  }
  if (reference.output) {
    const { text: output } = reference.output;
    report.error(
      'output-unknown',
      reference.output.span,
      `the param \`${name}\` is a plain value and has no output \`${output}\``,
      {
        fixes: [replace(reference.span, name)],
      },
    );
    return null;
  }
  return scope.value(reference);
}

/** No such param; it may be a text without its quotes, or a slip. */
function reportUndefined(reference: Reference, scope: Scope, report: Report, texts: readonly string[] | null): void {
  const { text: name, span } = reference.name;
  const hint = meant(name, span, scope.params.keys());
  const text = texts === null ? (hint.name === null ? name : null) : texts.includes(name) ? name : closest(name, texts);
  if (text === null || (text !== name && hint.name !== null)) {
    report.error('name-undefined', span, `there is no param \`${name}\`${hint.text}`, {
      notes: [hint.name === null ? `a line such as \`param ${name} = ...\` would define it` : null],
      fixes: [hint.fix],
    });
  } else {
    report.error('name-undefined', span, `there is no param \`${name}\`, did you mean the text ${literal(text)}?`, {
      notes: ['text values stand in quotes'],
      fixes: [replace(reference.span, literal(text))],
    });
  }
}
