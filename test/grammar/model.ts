// A graph as plain data, and the edits done to it directly: the referee for edits of texts. Shares no code with them.
import type { Document, Expression, GraphEdit, Value } from '../../grammar/index.ts';

export type Datum =
  | { number: number }
  | { text: string }
  | { word: boolean | null }
  | { reference: string; output: string | null }
  | { list: Datum[] }
  | { kind: string; inputs: Datum[]; named: Record<string, Datum> };

export interface Item {
  type: 'node' | 'param';
  skipped: boolean;
  documentation: string | null;
  value: Datum;
}

export type Graph = Record<string, Item>;

export function graphOf(document: Document): Graph {
  const graph: Graph = {};
  for (const statement of document.statements) {
    const { name, type, documentation, value } = statement;
    if (graph[name.text]) throw new Error(`${name.text} twice`);
    const skipped = statement.type === 'node' && statement.skip !== null;
    graph[name.text] = { type, skipped, documentation, value: datumOf(value) };
  }
  return graph;
}

function datumOf(part: Expression): Datum {
  switch (part.type) {
    case 'number':
      return { number: part.value };
    case 'text':
      return { text: part.value };
    case 'boolean':
      return { word: part.value };
    case 'null':
      return { word: null };
    case 'reference':
      return { reference: part.name.text, output: part.output?.text ?? null };
    case 'list':
      return { list: part.items.map(datumOf) };
    case 'call': {
      const inputs = part.arguments.filter(({ name }) => name === null).map(({ value }) => datumOf(value));
      const named: Record<string, Datum> = {};
      for (const { name, value } of part.arguments) if (name) named[name.text] = datumOf(value);
      return { kind: part.kind.text, inputs, named };
    }
    case 'error':
      throw new Error('an error expression in a sound text');
  }
}

export function fromValue(value: Value): Datum {
  if (value === null || typeof value === 'boolean') return { word: value };
  if (typeof value === 'number') return { number: value };
  if (typeof value === 'string') return { text: value };
  if ('percent' in value) return { number: hundredth(value.percent) };
  if ('reference' in value) {
    const [reference = '', output = null] = value.reference.split('.');
    return { reference, output };
  }
  if ('call' in value) {
    const list = value.arguments ?? [];
    return {
      kind: value.call,
      inputs: list.filter(({ name }) => name === undefined).map((argument) => fromValue(argument.value)),
      named: Object.fromEntries(
        list.flatMap(({ name, value: inner }) => (name === undefined ? [] : [[name, fromValue(inner)]])),
      ),
    };
  }
  return { list: value.map(fromValue) };
}

/** A hundredth, rounded once: 0.1 gives 0.001 and not 0.1 / 100. */
function hundredth(percent: number): number {
  const [digits = '', exponent = '0'] = String(percent).split('e');
  return Number(`${digits}e${Number(exponent) - 2}`);
}

/** What lies at a path, and how to put something else there. */
export function at(graph: Graph, path: string): { value: Datum; put: (value: Datum) => void } {
  const [name = '', ...steps] = path.split('.');
  const item = graph[name] as Item;
  let place = { value: item.value, put: (value: Datum) => void (item.value = value) };
  for (const step of steps) {
    const outer = place.value;
    let holder: Datum[] | Record<string, Datum>;
    if ('list' in outer) holder = outer.list;
    else if ('kind' in outer) holder = /^\d+$/.test(step) ? outer.inputs : outer.named;
    else throw new Error(`no ${step} in ${path}`);
    const inside = holder as Record<string, Datum>;
    place = { value: inside[step] as Datum, put: (value: Datum) => void (inside[step] = value) };
  }
  return place;
}

type CallDatum = Extract<Datum, { kind: string }>;

/** The graph after an edit; changes its argument. */
export function change(graph: Graph, edit: GraphEdit): Graph {
  switch (edit.type) {
    case 'set': {
      const path = edit.parameter === null ? edit.node : `${edit.node}.${edit.parameter}`;
      at(graph, path).put(fromValue(edit.value));
      return graph;
    }
    case 'remove':
      return prune(graph, [at(graph, `${edit.node}.${edit.parameter}`).value]);
    case 'rename':
      for (const item of Object.values(graph)) {
        walk(item.value, (part) => {
          if ('reference' in part && part.reference === edit.from) part.reference = edit.to;
        });
      }
      return Object.fromEntries(
        Object.entries(graph).map(([name, item]) => [name === edit.from ? edit.to : name, item]),
      );
    case 'connect':
      connect(graph, edit);
      return graph;
    case 'disconnect': {
      const call = at(graph, edit.node).value as CallDatum;
      const value = (call.named[edit.port] ?? call.inputs[edit.position ?? -1]) as Datum;
      return prune(graph, ['list' in value && edit.item !== undefined ? (value.list[edit.item] as Datum) : value]);
    }
    case 'add': {
      const value = fromValue({ call: edit.kind, arguments: edit.arguments });
      return {
        ...graph,
        [edit.name]: { type: 'node', skipped: false, documentation: edit.documentation ?? null, value },
      };
    }
    case 'add-param': {
      const value = fromValue(edit.value);
      return {
        ...graph,
        [edit.name]: { type: 'param', skipped: false, documentation: edit.documentation ?? null, value },
      };
    }
    case 'delete': {
      const { [edit.name]: _, ...rest } = graph;
      const users: Datum[] = [];
      for (const item of Object.values(rest)) {
        walk(item.value, (part) => {
          if ('reference' in part && part.reference === edit.name) users.push(part);
        });
      }
      if (edit.reconnect === undefined) return prune(rest, users);
      for (const user of users) Object.assign(user, fromValue({ reference: edit.reconnect }));
      return rest;
    }
    case 'skip':
      (graph[edit.node] as Item).skipped = edit.skip;
      return graph;
    case 'wrap': {
      const { value, put } = at(graph, edit.node);
      put({ reference: edit.name, output: null });
      return { ...graph, [edit.name]: { type: 'node', skipped: false, documentation: null, value } };
    }
    case 'unwrap': {
      const { [edit.name]: gone, ...rest } = graph;
      for (const item of Object.values(rest)) {
        item.value = mapDatum(item.value, (part) => {
          return 'reference' in part && part.reference === edit.name ? (gone as Item).value : part;
        });
      }
      return rest;
    }
  }
}

function connect(graph: Graph, edit: Extract<GraphEdit, { type: 'connect' }>): void {
  const call = at(graph, edit.node).value as CallDatum;
  const reference = fromValue({ reference: edit.source });
  const named = call.named[edit.port];
  const position = named ? undefined : edit.position;
  const old = named ?? (position === undefined ? undefined : call.inputs[position]);
  let fresh: Datum;
  if (edit.item === undefined) fresh = reference;
  else if (!old) fresh = { list: [reference] };
  else if ('list' in old) {
    const list = [...old.list];
    list[Math.min(edit.item, list.length)] = reference;
    fresh = { list };
  } else if (edit.item === 0 || ('word' in old && old.word === null)) fresh = reference;
  else fresh = { list: [old, reference] };
  if (position !== undefined && position <= call.inputs.length) call.inputs[position] = fresh;
  else call.named[edit.port] = fresh;
}

const NULL: Datum = { word: null };

/** Removes parts by identity; inputs in front of others become null, lists that lose their last item go too. */
function prune(graph: Graph, gone: readonly Datum[]): Graph {
  const visit = (part: Datum): Datum | null => {
    if (gone.includes(part)) return null;
    if ('list' in part) {
      const list = part.list.map(visit).filter((item) => item !== null);
      return list.length === 0 && part.list.length > 0 ? null : { list };
    }
    if ('kind' in part) {
      const inputs = part.inputs.map(visit);
      while (inputs.length > 0 && inputs.at(-1) === null) inputs.pop();
      const named: Record<string, Datum> = {};
      for (const [name, value] of Object.entries(part.named)) {
        const left = visit(value);
        if (left) named[name] = left;
      }
      return { kind: part.kind, inputs: inputs.map((input) => input ?? NULL), named };
    }
    return part;
  };
  return Object.fromEntries(
    Object.entries(graph).map(([name, item]) => [name, { ...item, value: visit(item.value) ?? NULL }]),
  );
}

export function walk(part: Datum, see: (part: Datum, path: string) => void, path = ''): void {
  see(part, path);
  const step = (name: string | number) => (path === '' ? String(name) : `${path}.${name}`);
  if ('list' in part) part.list.forEach((item, i) => void walk(item, see, step(i)));
  if ('kind' in part) {
    part.inputs.forEach((input, i) => void walk(input, see, step(i)));
    for (const [name, value] of Object.entries(part.named)) walk(value, see, step(name));
  }
}

function mapDatum(part: Datum, replace: (part: Datum) => Datum): Datum {
  const fresh = replace(part);
  if (fresh !== part) return fresh;
  if ('list' in part) return { list: part.list.map((item) => mapDatum(item, replace)) };
  if ('kind' in part) {
    const named = Object.entries(part.named).map(([name, value]): [string, Datum] => [name, mapDatum(value, replace)]);
    return { ...part, inputs: part.inputs.map((input) => mapDatum(input, replace)), named: Object.fromEntries(named) };
  }
  return part;
}
