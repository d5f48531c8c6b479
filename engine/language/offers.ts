// What completion can offer: kinds, nodes and their outputs, names of arguments, values of parameters.

import type { Checked, GraphParam, Node } from '../graph/graph.ts';
import { type Kinds, stages } from '../graph/registry.ts';
import { describeParam, literal, shown } from '../graph/words.ts';
import { type Kind, offeredInputs, type Param, type Port } from '../nodes/kind.ts';
import type { PortType, TableSpec } from '../nodes/values.ts';
import { outputsOf } from './calls.ts';
import { exampleArguments } from './example.ts';
import { type Item, item, ordinal, type Piecewise } from './item.ts';
import {
  brief,
  kindMarkdown,
  opening,
  paramMarkdown,
  paramNames,
  portMarkdown,
  resultOf,
  specMarkdown,
} from './markdown.ts';

/** Nodes that a reference at the cursor may name: not the statement itself, nor what depends on it. The nearest above come first. */
export function readable(checked: Checked, statement: string | null, offset: number): Node[] {
  const dependent = new Set(statement === null ? [] : [statement]);
  const nodes: Node[] = [];
  for (const node of checked.graph.nodes) {
    const reads = Object.values(node.inputs).flatMap(({ node: source, via }) => (via ? [source, via.node] : [source]));
    if (statement !== null && reads.some((source) => dependent.has(source))) {
      dependent.add(node.path);
    } else if (!node.owner && !dependent.has(node.path)) nodes.push(node);
  }
  const distance = ({ spans }: Node) =>
    spans.node.start <= offset ? offset - spans.node.start : checked.text.length + spans.node.start - offset;
  return nodes.sort((a, b) => distance(a) - distance(b));
}

/** References to outputs of a type, or to all where `type` is null. */
export function references(nodes: readonly Node[], type: PortType | null, kinds: Kinds, rank = 1): Item[] {
  return nodes.flatMap((node, i) => {
    const outputs = outputsOf(node);
    const fitting = outputs.filter((output) => type === null || output.type === type);
    return fitting.map((output, j) => {
      // Of several parts each is named; a table and what was taken out of it are none.
      const bare = output === outputs[0] && (fitting.length === 1 || output.name === output.type);
      const label = bare ? node.path : `${node.path}.${output.name}`;
      // A model's weights are counted where somebody looks at it, not for each of a thousand.
      const spec = output.spec && 'architecture' in output.spec ? null : output.spec;
      const known = specMarkdown(output.type, spec, kinds);
      return item(bare ? 'node' : 'output', label, rank, {
        detail: `${node.kind.kind} · ${output.type}`,
        documentation: [node.documentation ?? opening(node.kind.doc), known].filter((part) => part !== '').join('\n\n'),
        sort: ordinal(i) + j,
      });
    });
  });
}

export function outputs(node: Node, wanted: PortType | null, kinds: Kinds): Item[] {
  return outputsOf(node).map(({ name, type, spec }, i) =>
    item('output', name, wanted === null || type === wanted ? 0 : 1, {
      detail: type,
      documentation: specMarkdown(type, spec, kinds),
      sort: String(i),
    }),
  );
}

/** Kinds by stage, as calls with what they need. */
export function kindItems(
  list: readonly Kind[],
  options: { nodes: readonly Node[]; piped?: boolean; open?: boolean; rank?: number; name?: (kind: Kind) => string },
): Item[] {
  const { nodes, piped = false, open = false, rank = 0, name } = options;
  return list.map((kind) => {
    const call: Piecewise = open ? [kind.kind] : callOf(kind, nodes, piped);
    const title = name?.(kind);
    return item('kind', kind.kind, rank, {
      detail: `${kind.stage} · ${resultOf(kind)}`,
      documentation: kindMarkdown(kind),
      insert: title === undefined ? call : [{ place: title }, ' = ', ...call],
      sort: String(stages.indexOf(kind.stage)),
    });
  });
}

/** A call with everything a kind needs, in places to be filled in: nodes that fit, and the values of the kind's own example. */
function callOf(kind: Kind, nodes: readonly Node[], piped: boolean): Piecewise {
  const order = kind.positional ?? Object.keys(kind.inputs);
  const needed = [
    ...Object.keys(kind.inputs).filter((name) => kind.inputs[name]?.optional !== true),
    ...(kind.required ?? []),
  ];
  const first = piped ? order.find((name) => kind.inputs[name]) : undefined;
  const names = [...order, ...paramNames(kind), ...Object.keys(kind.inputs)];
  const given = [...new Set(names)].filter((name) => needed.includes(name) && name !== first);
  // Without a name stand those that the kind says so of, else the first; and none behind one that is left out.
  const short = kind.positional ?? order.slice(0, 1);
  const bare = (name: string) =>
    short.includes(name) &&
    short.slice(0, short.indexOf(name)).every((before) => given.includes(before) || before === first);
  const pieces: (string | { place: string })[] = [`${kind.kind}(`];
  given.forEach((name, i) => {
    if (i > 0) pieces.push(', ');
    if (!bare(name)) pieces.push(`${name}: `);
    const port = kind.inputs[name];
    pieces.push({ place: port ? sourceFor(kind, name, port.type, nodes) : exampleOf(kind, name) });
  });
  if (given.length === 0) pieces.push({ place: '' });
  return [...pieces, ')'];
}

/** The nearest node that fits; else the call that stands there in the kind's example; else the port's name. */
function sourceFor(kind: Kind, name: string, type: PortType, nodes: readonly Node[]): string {
  for (const node of nodes) {
    const outputs = outputsOf(node);
    const index = outputs.findIndex((output) => output.type === type);
    if (index >= 0) return index === 0 ? node.path : `${node.path}.${outputs[index]?.name}`;
  }
  const written = exampleArguments(kind).get(name)?.source;
  return written?.endsWith(')') ? written : name;
}

/** A parameter's value in the kind's own example; else its default, or the smallest value that it may have. */
export function exampleOf(kind: Kind, name: string): string {
  return exampleArguments(kind).get(name)?.source ?? fallback(kind.params[name] as Param);
}

function fallback(param: Param): string {
  if (param.default !== undefined && param.default !== null) return literal(param.default);
  if (param.enum?.[0] !== undefined) return literal(param.enum[0]);
  const [type] = [param.type ?? 'string'].flat();
  if (type === 'boolean') return 'true';
  if (type === 'string') return '""';
  if (type === 'array') return '[]';
  return String(param.minimum ?? 1);
}

/** The name of the node in a kind's example, such as `book` for `load`. */
export function exampleName(kind: Kind): string {
  return /^\s*(\w+)\s*=/.exec(kind.example)?.[1] ?? kind.kind;
}

/** Names of inputs and parameters that are not given yet. */
export function labels(kind: Kind, given: (name: string) => boolean, colon: boolean): Item[] {
  const behind = colon ? '' : ': ';
  const ports = offeredInputs(kind.inputs, given)
    .filter((name) => !given(name))
    .map((name) => [name, kind.inputs[name] as Port] as const);
  const params = paramNames(kind).filter((name) => !given(name));
  return [
    ...ports.map(([name, { type, optional }], i) =>
      item('port', name, optional ? 4 : 2, {
        detail: `${type}${optional ? ', optional' : ''}`,
        documentation: portMarkdown(kind, name),
        insert: [name, behind],
        again: true,
        sort: ordinal(i),
      }),
    ),
    ...params.map((name, i) => {
      const param = kind.params[name] as Param;
      const required = kind.required?.includes(name) === true;
      return item('parameter', name, required ? 3 : param.advanced ? 6 : 5, {
        detail: `${brief(param)}${required ? ', required' : ''}`,
        documentation: paramMarkdown(kind, name),
        insert: colon ? [name] : [name, behind, { place: exampleOf(kind, name) }],
        again: !colon && offersValues(param),
        sort: ordinal(i),
      });
    }),
  ];
}

const offersValues = ({ enum: choices, type, format }: Param) =>
  choices !== undefined || [type].flat().includes('boolean') || format === 'column';

/** Values of a parameter: its choices, columns of the table, and the graph's params that fit. */
export function values(
  kind: Kind,
  name: string,
  context: { params: readonly GraphParam[]; table: TableSpec | null; quoted: boolean; single: boolean },
): Item[] {
  const param = kind.params[name] as Param;
  const { params, table, quoted, single } = context;
  const types = [single ? (param.items?.type ?? param.type ?? 'string') : (param.type ?? 'string')].flat();
  const found: Item[] = [];
  const add = (value: unknown, detail: string, i: number) =>
    found.push(
      item('value', literal(value), 0, { detail, documentation: describeParam(name, param), sort: ordinal(i) }),
    );
  for (const [i, choice] of (param.enum ?? []).entries()) add(choice, choice === param.default ? 'default' : '', i);
  if (param.format === 'column') {
    for (const [i, [column, type]] of Object.entries(table?.columns ?? {}).entries()) {
      found.push(item('column', literal(column), 0, { detail: type, sort: ordinal(i) }));
    }
  }
  if (quoted) return found;
  if (types.includes('boolean'))
    for (const value of [true, false]) add(value, value === param.default ? 'default' : '', value ? 0 : 1);
  const { default: standard } = param;
  if (!single && found.length === 0 && standard !== undefined && standard !== null) add(standard, 'default', 0);
  return [...found, ...paramItems(params.filter(({ value }) => fits(value, types)))];
}

export function paramItems(params: readonly GraphParam[]): Item[] {
  return params.map(({ name, value, documentation }, i) =>
    item('param', name, 1, { detail: shown(value), documentation: documentation ?? '', sort: ordinal(i) }),
  );
}

function fits(value: unknown, types: readonly string[]): boolean {
  if (typeof value === 'number')
    return types.includes('number') || (types.includes('integer') && Number.isInteger(value));
  if (Array.isArray(value)) return types.includes('array');
  return types.includes(typeof value);
}
