// Statements and the calls inside them become nodes: kind, checked parameters, connected inputs. Each node is read on its own;
// order.ts brings them into order afterwards.
import type { Diagnostic } from '../../grammar/diagnostic.ts';
import type { Argument, Call, Document, Expression, NodeStatement } from '../../grammar/tree.ts';
import type { Kind } from '../nodes/kind.ts';
import { assign } from './arguments.ts';
import type { GraphCode } from './codes.ts';
import { connect, givers, needs, typeFits } from './connect.ts';
import type { Input, Node } from './graph.ts';
import type { Kinds } from './registry.ts';
import { meant, type Report, replace } from './report.ts';
import { checkParams, missing, type ParamComplaint, withDefaults } from './schema.ts';
import type { Scope } from './scope.ts';
import { valueOf } from './value.ts';
import { describeParam, literal, shown, typeNames } from './words.ts';

/** A node as read; `sound` is false when it, or something written inside it, has an error. */
export interface ReadNode {
  readonly node: Node;
  readonly sound: boolean;
}

/** Reads all nodes, in the order of the text, inline ones before what they are written in. */
export function readNodes(
  document: Document,
  syntax: readonly Diagnostic[],
  scope: Scope,
  kinds: Kinds,
  report: Report,
): ReadNode[] {
  const nodes: ReadNode[] = [];
  const reader: Reader = {
    scope,
    kinds,
    report,
    nodes,
    skipped: false,
    broken: syntax.filter(({ severity }) => severity === 'error'),
  };
  for (const statement of document.statements) {
    if (statement.type !== 'node') continue;
    const { name, value } = statement;
    if (value.type === 'call') {
      const own = scope.nodes.get(name.text) === statement;
      if (own) readCall(value, name.text, null, { ...reader, skipped: statement.skip !== null }, statement);
      else readStray(value, name.text, reader); // a second node of that name: its mistakes count, the node does not
    } else if (value.type === 'reference') {
      scope.used.add(value.name.text);
      report.error('statement-value', value.span, `a node is a call, such as \`kind(...)\`, and this is only a name`, {
        notes: [`to use \`${value.name.text}\`, name it where it is needed instead of \`${name.text}\``],
      });
    } else if (value.type !== 'error') {
      report.error('statement-value', value.span, 'a node is a call, such as `kind(...)`, and this is a plain value', {
        fixes: [
          replace(
            { start: name.span.start, end: name.span.start },
            'param ',
            `make it a param: \`param ${name.text} = ...\``,
          ),
        ],
      });
    }
  }
  return nodes;
}

interface Reader {
  readonly scope: Scope;
  readonly kinds: Kinds;
  readonly report: Report;
  readonly nodes: ReadNode[];
  /** Whether the statement is not run. */
  readonly skipped: boolean;
  /** Errors of the syntax: a call with one inside may well have the arguments that seem to be missing. */
  readonly broken: readonly Diagnostic[];
}

/** Reads a call and what is written inside it. Null where its kind is unknown. */
function readCall(
  call: Call,
  path: string,
  owner: Node['owner'],
  reader: Reader,
  statement: Pick<NodeStatement, 'documentation' | 'span' | 'skip'> = {
    documentation: null,
    span: call.span,
    skip: null,
  },
): ReadNode | null {
  const { kinds, report, scope } = reader;
  const kind = kinds.get(call.kind.text);
  if (!kind) {
    if (call.kind.text !== '') reportKind(call, reader);
    for (const [index, argument] of call.arguments.entries()) {
      readStray(argument.value, `${path}.${argument.name?.text ?? index}`, reader);
    }
    return null;
  }
  const before = report.diagnostics.length;
  const assigned = assign(call, kind, scope, report);
  for (const argument of assigned.stray) readStray(argument.value, `${path}.${argument.name?.text ?? 'extra'}`, reader);

  const idle = reader.skipped && owner === null; // it needs nothing of its own
  const inputs: Record<string, Input> = {};
  const given: Record<string, unknown> = {};
  const free = new Set<string>(); // inputs whose place `null` keeps
  let sound = true;
  for (const [name, argument] of assigned.byName) {
    const port = kind.inputs[name];
    if (port) {
      const empty = argument.value.type === 'null' && (port.optional || idle);
      if (empty) {
        free.add(name);
        continue;
      }
      const input = readInput(argument.value, `${path}.${name}`, { name, port, kind }, path, reader);
      if (input) inputs[name] = input;
      else sound = false;
    } else {
      const value = readParam(argument, name, kind, reader);
      if (value) given[name] = value.value;
      else sound = false;
    }
  }
  const required = new Set([...assigned.byName.keys(), ...assigned.meant]);
  if (!idle && reportMissing(call, kind, required, reader)) sound = false;
  for (const complaint of checkParams(kind, given)) {
    reportParam(complaint, assigned.byName.get(complaint.at) as Argument, reader);
  }
  sound &&= report.diagnostics.length === before;
  const node: Node = {
    path,
    owner,
    kind,
    skipped: reader.skipped,
    params: withDefaults(kind, given),
    given: new Set([...assigned.byName.keys()].filter((name) => !free.has(name))),
    inputs,
    outputs: null,
    documentation: statement.documentation,
    spans: {
      node: statement.span,
      skip: statement.skip,
      kind: call.kind.span,
      parentheses: call.parentheses,
      arguments: Object.fromEntries(
        [...assigned.byName].map(([name, argument]) => [name, { whole: argument.span, value: argument.value.span }]),
      ),
    },
  };
  const result = { node, sound };
  reader.nodes.push(result);
  return result;
}

function readInput(
  value: Expression,
  path: string,
  target: Parameters<typeof connect>[1],
  owner: string,
  reader: Reader,
) {
  const { scope, kinds, report } = reader;
  if (value.type !== 'call') return connect(value, target, scope, kinds, report);
  const inline = readCall(value, path, { node: owner, port: target.name }, reader);
  if (!inline) return null;
  const { kind } = inline.node;
  const [output, type] = Object.entries(kind.outputs)[0] as [string, Node['kind']['outputs'][string]];
  if (!typeFits(type, `what \`${kind.kind}\` gives`, value.kind.span, kind, target, kinds, report)) return null;
  return { node: path, output, span: value.span };
}

function readParam(argument: Argument, name: string, kind: Kind, { scope, report }: Reader) {
  const param = kind.params[name] as Kind['params'][string];
  const texts = param.enum ? param.enum.map(String) : [param.type].flat().includes('string') ? null : [];
  const value = valueOf(argument.value, scope, report, `\`${name}\``, texts);
  if (!value?.percent || [param.type ?? 'number'].flat().includes('number')) return value;
  report.error('param-type', argument.value.span, `\`${name}\` must be ${typeNames(param.type)}, not a percentage`, {
    notes: [describeParam(name, param)],
  });
  return null;
}

/** Reads what stands where nothing is expected, for the errors in it and the names it uses. */
function readStray(value: Expression, path: string, reader: Reader): void {
  if (value.type === 'call') {
    const aside: ReadNode[] = [];
    readCall(value, path, null, { ...reader, nodes: aside });
  } else if (value.type === 'reference') reader.scope.used.add(value.name.text);
  else if (value.type === 'list') for (const item of value.items) readStray(item, path, reader);
}

function reportKind(call: Call, { kinds, report, scope }: Reader): void {
  const { text: name, span } = call.kind;
  const hint = meant(
    name,
    span,
    kinds.list.map((kind) => kind.kind),
  );
  const isNode = scope.nodes.has(name)
    ? `\`${name}\` is a node of this graph: without brackets it stands for its result`
    : null;
  report.error('kind-unknown', span, `there is no node kind \`${name}\`${hint.text}`, {
    notes: [isNode, hint.text ? null : '`dsk nodes` lists the kinds'],
    fixes: [hint.fix],
  });
}

/** Whether something is missing. In a call that the parser stumbled over, what seems missing may only not have been read. */
function reportMissing(call: Call, kind: Kind, given: ReadonlySet<string>, { broken, kinds, report }: Reader): boolean {
  const inputs = Object.entries(kind.inputs).filter(([name, port]) => !port.optional && !given.has(name));
  const params = missing(kind, given);
  if (broken.some(({ span }) => call.span.start <= span.start && span.start <= call.span.end)) {
    return inputs.length + params.length > 0;
  }
  for (const [name, port] of inputs) {
    report.error('input-missing', call.kind.span, `${needs({ name, port, kind })}, and none is given`, {
      notes: [givers(port.type, kinds)],
    });
  }
  for (const name of params) {
    report.error('param-missing', call.kind.span, `\`${kind.kind}\` needs its parameter \`${name}\``, {
      notes: [describeParam(name, kind.params[name] as Kind['params'][string])],
    });
  }
  return inputs.length + params.length > 0;
}

function reportParam(complaint: ParamComplaint, argument: Argument, { report, scope }: Reader): void {
  const { item, suggest } = complaint;
  const whole = argument.value;
  const value = (item !== undefined && whole.type === 'list' && whole.items[item]) || whole;
  const param = value.type === 'reference' ? scope.params.get(value.name.text) : null;
  const direct = item === undefined || value !== whole;
  report.error(complaint.code as GraphCode, value.span, complaint.message, {
    notes: [
      complaint.note,
      param && value.type === 'reference' ? `\`${param.name.text}\` is ${shown(scope.value(value)?.value)}` : null,
    ],
    fixes: [suggest && direct && value.type !== 'reference' ? replace(value.span, literal(suggest.value)) : null],
  });
}
