// Connects an input: finds the output that an argument names, and checks that it is of the input's type.
import type { Fix, Span } from '../../grammar/diagnostic.ts';
import type { Call, Expression, Reference } from '../../grammar/tree.ts';
import type { Kind, Port } from '../nodes/kind.ts';
import type { PortType } from '../nodes/values.ts';
import type { Kinds } from './registry.ts';
import { meant, type Report, replace } from './report.ts';
import type { Scope } from './scope.ts';
import { aType, listed, shown } from './words.ts';

/** An input's name, its port, and the kind it belongs to. */
export interface Target {
  readonly name: string;
  readonly port: Port;
  readonly kind: Kind;
}

/** The output an input is connected to, or null where that fails (reported). Inline calls are not for this function. */
export function connect(
  value: Exclude<Expression, Call>,
  target: Target,
  scope: Scope,
  kinds: Kinds,
  report: Report,
): { node: string; output: string; span: Span } | null {
  if (value.type === 'error') return null;
  if (value.type === 'reference') return connectReference(value, target, scope, kinds, report);
  const found = value.type === 'list' ? 'a list' : shown(value.type === 'null' ? null : value.value);
  const asKind = value.type === 'text' ? callFix(value.value, value.span, target, kinds) : null;
  report.error('input-value', value.span, `${needs(target)}, not ${found}`, {
    notes: [asKind ? null : givers(target.port.type, kinds)],
    fixes: [asKind],
  });
  return null;
}

function connectReference(reference: Reference, target: Target, scope: Scope, kinds: Kinds, report: Report) {
  const { text: name, span } = reference.name;
  scope.used.add(name);
  if (scope.params.has(name)) {
    report.error('input-value', reference.span, `${needs(target)}, and \`${name}\` is a param`, {
      notes: [givers(target.port.type, kinds)],
    });
    return null;
  }
  const statement = scope.nodes.get(name);
  if (!statement) {
    const asKind = callFix(name, reference.span, target, kinds);
    const hint = asKind ? null : meant(name, span, scope.nodes.keys());
    report.error('name-undefined', span, `there is no node \`${name}\`${hint?.text ?? ''}`, {
      notes: [
        asKind
          ? `\`${name}\` is a node kind: brackets make a node of it`
          : hint?.text
            ? null
            : givers(target.port.type, kinds),
      ],
      fixes: [asKind ?? hint?.fix],
    });
    return null;
  }
  if (statement.value.type !== 'call') return null; // reported at the statement
  const source = kinds.get(statement.value.kind.text);
  if (!source) return null; // reported there too
  const output = reference.output?.text ?? (Object.keys(source.outputs)[0] as string);
  const type = source.outputs[output];
  if (!type || !Object.hasOwn(source.outputs, output)) {
    const place = reference.output?.span ?? span;
    const names = Object.keys(source.outputs);
    const hint = meant(output, place, names);
    report.error('output-unknown', place, `\`${name}\` has no output \`${output}\`${hint.text}`, {
      notes: [hint.text ? null : `\`${source.kind}\` gives ${listed(names, 'and')}`],
      fixes: [hint.fix ?? (names.length === 1 ? replace(reference.span, name) : null)],
    });
    return null;
  }
  if (
    !typeFits(
      type,
      `\`${reference.output ? `${name}.${output}` : name}\``,
      reference.span,
      source,
      target,
      kinds,
      report,
    )
  ) {
    return null;
  }
  return { node: name, output, span: reference.span };
}

/** Whether an output of this type may feed the input; reports where it may not. */
export function typeFits(
  type: PortType,
  what: string,
  span: Span,
  source: Kind,
  target: Target,
  kinds: Kinds,
  report: Report,
): boolean {
  if (type === target.port.type) return true;
  const others = Object.keys(source.outputs).filter((name) => source.outputs[name] === target.port.type);
  const elsewhere = others.length === 1 && what.startsWith('`') ? others[0] : undefined;
  const base = /^`([^.`]+)/.exec(what)?.[1];
  report.error('input-type', span, `${needs(target)}, and ${what} is ${aType(type)}`, {
    notes: [elsewhere ? null : givers(target.port.type, kinds)],
    fixes: [elsewhere && base ? replace(span, `${base}.${elsewhere}`) : null],
  });
  return false;
}

export function needs({ name, port, kind }: Target): string {
  return `the input \`${name}\` of \`${kind.kind}\` needs ${aType(port.type)}`;
}

/** Which kinds give a port type. */
export function givers(type: PortType, kinds: Kinds): string | null {
  const names = kinds.list.flatMap((kind) => {
    const index = Object.values(kind.outputs).indexOf(type);
    if (index < 0) return [];
    return [index === 0 ? `\`${kind.kind}\`` : `\`${kind.kind}\` (output \`${Object.keys(kind.outputs)[index]}\`)`];
  });
  if (names.length === 0) return null;
  return `${aType(type)} comes from ${listed(names.slice(0, 8), 'or')}`;
}

function callFix(name: string, span: Span, target: Target, kinds: Kinds): Fix | null {
  const fits = Object.values(kinds.get(name)?.outputs ?? {})[0] === target.port.type;
  return fits ? replace(span, `${name}()`) : null;
}
