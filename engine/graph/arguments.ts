// Reads a call's arguments: which input or parameter each one is for, by its name or by its position.
import type { Argument, Call, Expression } from '../../grammar/tree.ts';
import type { Kind } from '../nodes/kind.ts';
import { meant, type Report } from './report.ts';
import type { Scope } from './scope.ts';
import { listed } from './words.ts';

/** The argument for each input and parameter that is given one. */
export interface Assigned {
  readonly byName: ReadonlyMap<string, Argument>;
  /** Arguments that are for nothing (reported). */
  readonly stray: readonly Argument[];
  /** Inputs and parameters that a stray argument was probably meant for: not to be reported as missing. */
  readonly meant: ReadonlySet<string>;
}

export function assign(call: Call, kind: Kind, scope: Scope, report: Report): Assigned {
  const byName = new Map<string, Argument>();
  const stray: Argument[] = [];
  const probably = new Set<string>();
  const order = kind.positional ?? Object.keys(kind.inputs);
  const taken = new Set<string>();
  for (const argument of call.arguments) {
    if (argument.name) continue;
    const name = slot(order, taken, kind, argument.value, scope);
    if (name === null) {
      stray.push(argument);
      report.error('argument-extra', argument.value.span, extra(kind, order), { notes: [others(call, kind, order)] });
      continue;
    }
    taken.add(name);
    byName.set(name, argument);
  }
  for (const argument of call.arguments) {
    if (!argument.name) continue;
    const { text: name, span } = argument.name;
    if (!isArgument(kind, name)) {
      stray.push(argument);
      const names = [...Object.keys(kind.inputs), ...Object.keys(kind.params)];
      const free = names.filter((each) => !call.arguments.some((other) => other.name?.text === each));
      const hint = meant(name, span, free);
      if (hint.name) probably.add(hint.name);
      report.error('argument-unknown', span, `\`${kind.kind}\` has no input or parameter \`${name}\`${hint.text}`, {
        notes: [hint.name ? null : `\`${kind.kind}\` takes ${listed(names, 'and')}`],
        fixes: [hint.fix],
      });
    } else if (taken.has(name)) {
      report.error('argument-duplicate', span, `\`${name}\` is given twice, by its position and by its name`, {
        notes: [`positional arguments of \`${kind.kind}\` stand for ${order.join(', ')}, in this order`],
      });
      stray.push(argument);
    } else if (byName.has(name))
      stray.push(argument); // the parser reports a name given twice
    else byName.set(name, argument);
  }
  return { byName, stray, meant: probably };
}

function isArgument(kind: Kind, name: string): boolean {
  return Object.hasOwn(kind.inputs, name) || Object.hasOwn(kind.params, name);
}

/** The next free place: a value's is a parameter, a node's is an input; where there is none of its sort, any. */
function slot(order: readonly string[], taken: ReadonlySet<string>, kind: Kind, value: Expression, scope: Scope) {
  const free = order.filter((name) => !taken.has(name));
  const sort = sortOf(value, scope);
  const fitting = free.find((name) => sort === null || (sort === 'node') === Object.hasOwn(kind.inputs, name));
  return fitting ?? free[0] ?? null;
}

function sortOf(value: Expression, scope: Scope): 'node' | 'value' | null {
  if (value.type === 'error') return null;
  if (value.type === 'call') return 'node';
  if (value.type !== 'reference') return 'value';
  return scope.nodes.has(value.name.text) ? 'node' : scope.params.has(value.name.text) ? 'value' : null;
}

function extra(kind: Kind, order: readonly string[]): string {
  if (order.length === 0) return `\`${kind.kind}\` takes no positional arguments: write this one as \`NAME: VALUE\``;
  const count = order.length === 1 ? 'one positional argument' : `${order.length} positional arguments`;
  return `\`${kind.kind}\` takes ${count} (${order.join(', ')}): write this one as \`NAME: VALUE\``;
}

function others(call: Call, kind: Kind, order: readonly string[]): string | null {
  const given = new Set([...order, ...call.arguments.map((argument) => argument.name?.text)]);
  const names = [...Object.keys(kind.inputs), ...Object.keys(kind.params)].filter((name) => !given.has(name));
  return names.length > 0 ? `it also takes ${listed(names, 'and')}` : null;
}
