// Random graphs, written down in random layouts, and random edits of them.
import fc from 'fast-check';
import type { ArgumentValue, GraphEdit, Value } from '../../grammar/index.ts';
import { type Datum, type Graph, walk } from './model.ts';

const NAMES = [
  'a',
  'skip',
  'b',
  'book',
  'clean',
  'parts',
  'trained',
  'x1',
  '_',
  'naïve',
  '日本語',
  'длинное_имя',
  'very_long_name_of_a_node',
];
const KINDS = ['load', 'dedup', 'transformer_block', 'mla', 'f', 'données', 'adamw'];
const PARAMETERS = ['rows', 'by', 'dim', 'valid', 'param', 'null', 'größe', 'optimizer', 'in'];
const OUTPUTS = ['train', 'valid', 'true', 'out'];
const TEXTS = [
  '',
  'x',
  'a "quoted" \\ text',
  'length(text) > 200 # no comment',
  "l'été",
  '😀 日本',
  '\n\t',
  '|> ) ] , =',
  'y'.repeat(70),
];
const NUMBERS = [0, 1, 300, 3e-3, 0.95, -1.5, 1e21, 5e-324, 123456789.125, -0];

/** Draws one of a list, a number below a bound, a yes with a chance. */
export interface Draw {
  one<T>(list: readonly T[]): T;
  below(bound: number): number;
  yes(percent: number): boolean;
}

export function drawing(g: fc.GeneratorValue): Draw {
  const below = (bound: number) => g(fc.nat, { max: Math.max(0, bound - 1) });
  return {
    below,
    one: <T>(list: readonly T[]) => list[below(list.length)] as T,
    yes: (percent) => below(100) < percent,
  };
}

export function randomValue(draw: Draw, names: readonly string[], depth: number): Value {
  const choice = draw.below(depth > 0 ? 12 : 7);
  if (choice === 0) return draw.one(TEXTS);
  if (choice === 1) return draw.one(NUMBERS);
  if (choice === 2) return { percent: draw.one([5, 10, 0.1, 12.5, 300, 1e-7]) };
  if (choice === 3) return draw.one([true, false, null]);
  if (choice <= 6) return randomReference(draw, names);
  if (choice <= 8) return Array.from({ length: draw.below(4) }, () => randomValue(draw, names, depth - 1));
  return { call: draw.one(KINDS), arguments: randomArguments(draw, names, depth - 1) };
}

export function randomReference(draw: Draw, names: readonly string[]): { reference: string } {
  const name = draw.one(names);
  return { reference: draw.yes(30) ? `${name}.${draw.one(OUTPUTS)}` : name };
}

function randomArguments(draw: Draw, names: readonly string[], depth: number): ArgumentValue[] {
  const list: ArgumentValue[] = Array.from({ length: draw.below(3) }, () => ({
    value: randomValue(draw, names, depth),
  }));
  for (const name of PARAMETERS) if (draw.yes(22)) list.push({ name, value: randomValue(draw, names, depth) });
  return list;
}

export interface Planned {
  readonly type: 'node' | 'param';
  readonly skipped: boolean;
  readonly name: string;
  readonly value: Value;
  readonly documentation: string[];
}

export function randomStatements(draw: Draw): Planned[] {
  const most = draw.one([10, 20, 40, 60]);
  const used = NAMES.filter(() => draw.yes(most));
  return used.map((name) => {
    const type = draw.yes(15) ? 'param' : 'node';
    const call = { call: draw.one(KINDS), arguments: randomArguments(draw, NAMES, 2) };
    const value = type === 'param' || draw.yes(8) ? randomValue(draw, NAMES, 1) : call;
    return {
      type,
      skipped: type === 'node' && draw.yes(12),
      name,
      value,
      documentation: draw.yes(20) ? [`Words on ${name}.`, `More on ${name}.`].slice(draw.below(2)) : [],
    };
  });
}

export interface Written {
  readonly text: string;
  /** Comments in order, no two alike, with the statement each belongs to; null for those of nobody. */
  readonly comments: { readonly text: string; readonly owner: string | null }[];
}

/** Writes statements down with random spaces, lines, comments, line endings and spellings. */
export function write(draw: Draw, statements: readonly Planned[]): Written {
  const ending = draw.one(['\n', '\n', '\r\n']);
  const comments: { text: string; owner: string | null }[] = [];
  const airy = draw.yes(50);
  const comment = (owner: string | null, mark = '#') => {
    const text = `${mark} c${comments.length}.${draw.one(['', ' ünï', ' f(x: 1,', ' "'])}`;
    comments.push({ text, owner });
    return text;
  };
  const blank = () => draw.one(['', ' ', '\t', '  ']);
  const space = (owner: string, inside: boolean, least = ''): string => {
    if (!airy || draw.yes(70)) return least;
    if (!inside || draw.yes(40)) return least + blank();
    const lines = [
      draw.yes(30) ? ` ${comment(owner)}` : '',
      ...(draw.yes(20) ? [`  ${comment(owner)}`] : []),
      draw.one(['', '    ', '\t']),
    ];
    return lines.join(ending);
  };
  const literal = (value: number): string => {
    const text = Object.is(value, -0) ? '-0' : String(value);
    return draw.yes(20) && value >= 1000 && value < 1e15 ? text.replace(/^(-?\d)(\d)/, '$1_$2') : text;
  };
  const expression = (value: Value, owner: string, inside: boolean): string => {
    if (value === null || typeof value === 'boolean') return String(value);
    if (typeof value === 'number') return literal(value);
    if (typeof value === 'string') return quoted(draw, value);
    if ('percent' in value) return `${literal(value.percent)}%`;
    const gap = (least = '') => space(owner, true, least);
    if ('reference' in value) return value.reference;
    if ('call' in value) {
      const list = [...(value.arguments ?? [])];
      let head = '';
      const [first] = list;
      if (first && first.name === undefined && draw.yes(25)) {
        list.shift();
        const between = draw.yes(40) ? ending + blank() : space(owner, inside, ' ');
        head = `${expression(first.value, owner, inside)}${between}|>${space(owner, inside, ' ')}`;
      }
      const inner = list.map(({ name, value: part }) => {
        const label = name === undefined ? '' : `${name}${gap()}:${gap(' ')}`;
        return gap(' ') + label + expression(part, owner, true) + gap();
      });
      const comma = inner.length > 0 && draw.yes(15) ? `,${gap()}` : '';
      return `${head}${value.call}${space(owner, inside)}(${inner.join(',').replace(/^ /, '')}${comma})`;
    }
    const items = value.map((item) => gap(' ') + expression(item, owner, true) + gap());
    return `[${items.join(',').replace(/^ /, '')}${items.length > 0 && draw.yes(15) ? `,${gap()}` : ''}]`;
  };
  let text = draw.yes(15) ? '\ufeff' : '';
  if (draw.yes(30)) text += comment(null) + ending + ending;
  text += `dsk 1${draw.yes(30) ? `  ${comment(null)}` : ''}`;
  for (const { type, skipped, name, value, documentation } of statements) {
    text += ending.repeat(1 + (draw.yes(40) ? 1 + draw.below(2) : 0));
    if (draw.yes(15)) text += comment(null) + ending + ending;
    if (draw.yes(20)) text += comment(name) + ending;
    for (const line of documentation) {
      comments.push({ text: `## ${line}`, owner: name });
      text += `${draw.yes(10) ? '  ' : ''}## ${line}${ending}`;
    }
    if (draw.yes(15)) text += comment(name) + ending;
    if (draw.yes(5)) text += '  ';
    const word = type === 'param' ? 'param' : 'skip';
    const head = type === 'param' || skipped ? `${word}${' '.repeat(1 + draw.below(2))}${name}` : name;
    text += `${head}${' '.repeat(1 + draw.below(3))}= ${expression(value, name, false)}`;
    if (draw.yes(20)) text += `${blank()} ${comment(name, draw.one(['#', '##', '####']))}`;
  }
  if (draw.yes(20)) text += ending + ending + comment(null);
  if (draw.yes(80)) text += ending.repeat(1 + draw.below(3));
  comments.sort((a, b) => text.indexOf(a.text) - text.indexOf(b.text));
  return { text, comments };
}

function quoted(draw: Draw, value: string): string {
  const body = value
    .replace(/["\\]/g, '\\$&')
    .replaceAll('\n', '\\n')
    .replaceAll('\t', draw.one(['\\t', '\\u{9}', '\t']));
  return draw.yes(10) && !value.includes('"') ? `"""${body}"""` : `"${body}"`;
}

/** An edit that the graph allows, or null where it has no place for the kind of edit drawn. */
export function randomEdit(draw: Draw, graph: Graph): GraphEdit | null {
  const names = Object.keys(graph);
  if (names.length === 0) return randomAdd(draw);
  const calls: { path: string; call: Extract<Datum, { kind: string }> }[] = [];
  for (const [name, { value }] of Object.entries(graph)) {
    walk(value, (part, path) => {
      if ('kind' in part) calls.push({ path: path === '' ? name : `${name}.${path}`, call: part });
    });
  }
  const kind = draw.one([
    'set',
    'set',
    'remove',
    'rename',
    'connect',
    'disconnect',
    'add',
    'delete',
    'wrap',
    'unwrap',
    'skip',
  ] as const);
  if (kind === 'rename') return { type: 'rename', from: draw.one(names), to: draw.one(['fresh', 'neu_ü', 'q1']) };
  if (kind === 'add') return randomAdd(draw);
  if (kind === 'delete') {
    const name = draw.one(names);
    const other = names.filter((one) => one !== name);
    if (other.length === 0 || draw.yes(60)) return { type: 'delete', name };
    return { type: 'delete', name, reconnect: randomReference(draw, other).reference };
  }
  if (kind === 'skip') {
    const nodes = names.filter((name) => graph[name]?.type === 'node');
    return nodes.length === 0 ? null : { type: 'skip', node: draw.one(nodes), skip: draw.yes(50) };
  }
  if (kind === 'unwrap') return randomUnwrap(draw, graph);
  if (kind === 'wrap') {
    const inline = calls.filter(({ path }) => path.includes('.'));
    return inline.length === 0 ? null : { type: 'wrap', node: draw.one(inline).path, name: 'fresh' };
  }
  const params = names.filter((name) => graph[name]?.type === 'param');
  if (kind === 'set' && params.length > 0 && draw.yes(15)) {
    return { type: 'set', node: draw.one(params), parameter: null, value: randomValue(draw, NAMES, 1) };
  }
  if (calls.length === 0) return null;
  const { path: node, call } = draw.one(calls);
  const given = [...Object.keys(call.named), ...call.inputs.map((_, i) => String(i))];
  if (kind === 'set') {
    const parameter = draw.one([...PARAMETERS, ...given, ...given]);
    const value =
      draw.yes(40) && call.named[parameter] ? nudged(draw, call.named[parameter]) : randomValue(draw, NAMES, 2);
    return { type: 'set', node, parameter, value };
  }
  if (kind === 'remove') return given.length === 0 ? null : { type: 'remove', node, parameter: draw.one(given) };
  const port = draw.one([...PARAMETERS, ...Object.keys(call.named)]);
  const place = {
    ...(draw.yes(60) ? { position: draw.below(call.inputs.length + 2) } : {}),
    ...(draw.yes(35) ? { item: draw.below(4) } : {}),
  };
  const edit = { node, port, ...place };
  if (kind === 'connect') return { type: 'connect', ...edit, source: randomReference(draw, NAMES).reference };
  const value = call.named[port] ?? call.inputs[edit.position ?? -1];
  if (!value || ('list' in value && edit.item !== undefined && edit.item >= value.list.length)) return null;
  return { type: 'disconnect', ...edit };
}

function randomAdd(draw: Draw): GraphEdit {
  const documentation = draw.yes(30) ? { documentation: 'Added.\nHere' } : {};
  if (draw.yes(25)) return { type: 'add-param', name: 'fresh', value: randomValue(draw, NAMES, 1), ...documentation };
  return {
    type: 'add',
    name: 'fresh',
    kind: draw.one(KINDS),
    arguments: randomArguments(draw, NAMES, 2),
    ...documentation,
  };
}

function randomUnwrap(draw: Draw, graph: Graph): GraphEdit | null {
  const uses = new Map<string, { plain: boolean; by: string }[]>();
  for (const [by, { value }] of Object.entries(graph)) {
    walk(value, (part) => {
      if (!('reference' in part)) return;
      uses.set(part.reference, [...(uses.get(part.reference) ?? []), { plain: part.output === null, by }]);
    });
  }
  const fit = Object.entries(graph).filter(([name, { value, skipped }]) => {
    const [use, ...more] = uses.get(name) ?? [];
    return 'kind' in value && !skipped && use?.plain === true && use.by !== name && more.length === 0;
  });
  return fit.length === 0 ? null : { type: 'unwrap', name: draw.one(fit)[0] };
}

const isList = (value: Value): value is readonly Value[] => Array.isArray(value);

/** A value that differs little from another. */
function nudged(draw: Draw, datum: Datum): Value {
  const value = plain(datum);
  if (isList(value)) {
    const list = [...value];
    if (draw.yes(40)) list.pop();
    else if (draw.yes(50)) list.push(draw.one(NUMBERS));
    else if (list.length > 0) list[draw.below(list.length)] = draw.one(TEXTS);
    return list;
  }
  if (typeof value === 'object' && value !== null && 'call' in value) {
    const list = [...(value.arguments ?? [])];
    const free = PARAMETERS.filter((name) => list.every((argument) => argument.name !== name));
    if (draw.yes(40)) list.pop();
    else if (draw.yes(50)) list.push({ name: draw.one(free), value: draw.one(TEXTS) });
    else if (list.length > 0)
      list.splice(draw.below(list.length), 1, { name: draw.one(free), value: draw.one(NUMBERS) });
    const inputs = list.filter(({ name }) => name === undefined);
    return { call: value.call, arguments: [...inputs, ...list.filter(({ name }) => name !== undefined)] };
  }
  return typeof value === 'number' ? draw.one(NUMBERS) : value;
}

function plain(datum: Datum): Value {
  if ('number' in datum) return datum.number;
  if ('text' in datum) return datum.text;
  if ('word' in datum) return datum.word;
  if ('reference' in datum) return { reference: datum.output ? `${datum.reference}.${datum.output}` : datum.reference };
  if ('list' in datum) return datum.list.map(plain);
  const named = Object.entries(datum.named).map(([name, value]) => ({ name, value: plain(value) }));
  return { call: datum.kind, arguments: [...datum.inputs.map((value) => ({ value: plain(value) })), ...named] };
}
