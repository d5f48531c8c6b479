// Finds models that would be measured on rows they have learned from, or on rows that were made up: augmenting belongs to what is
// learned, behind the split. Kinds say how rows get through them (`lineage`) and what an input is for (`use`); nothing here knows one.
import type { Diagnostic } from '../../grammar/diagnostic.ts';
import type { Lineage } from '../nodes/kind.ts';
import type { Graph, Input, Node } from './graph.ts';
import { diagnosticOf } from './report.ts';

/** An output of a node, where its rows are looked at. */
type Place = Pick<Input, 'node' | 'output'>;

const name = ({ node, output }: Place, graph: Graph) =>
  Object.keys(graph.byPath.get(node)?.kind.outputs ?? {})[0] === output ? node : `${node}.${output}`;

/** A warning for each input that is measured on and should not be. */
export function leaks(graph: Graph): Diagnostic[] {
  const found: Diagnostic[] = [];
  for (const node of graph.nodes) {
    if (node.skipped) continue;
    for (const [port, { use }] of Object.entries(node.kind.inputs)) {
      const input = node.inputs[port];
      if (use !== 'measure' || !input) continue;
      const lessons = learned(node, graph);
      const leak = added(input, node, lessons, graph) ?? shared(input, port, node, lessons, graph);
      if (leak) found.push(diagnosticOf('warning', 'leak', input.span, leak.message, { notes: [leak.note] }));
    }
  }
  return found;
}

interface Leak {
  message: string;
  note: string;
}

/** What a node learns from, or one that it depends on. */
interface Lesson {
  learner: Node;
  place: Place;
}

/** Copies on the way to what is measured on, or rows that repeat before they are dealt out to both. */
function added(measured: Place, { path }: Node, lessons: readonly Lesson[], graph: Graph): Leak | null {
  const known = new Map(lessons.flatMap(({ place }) => [...behind(place, graph)]));
  /** Whether the node gives these rows to what is measured on, and others to what is learned. */
  const parts = (node: Node, { output }: Place) =>
    dealsOut(node) &&
    Object.keys(node.kind.outputs).some((o) => o !== output && known.has(key({ node: node.path, output: o })));
  const seen = new Set<string>();
  const open: { place: Place; dealt: Node | null; unique: boolean }[] = [
    { place: measured, dealt: null, unique: false },
  ];
  for (let next = open.shift(); next; next = open.shift()) {
    const { place } = next;
    const node = graph.byPath.get(place.node);
    if (!node) continue;
    const lineage = lineageOf(node);
    const { adds, together = false } = lineage;
    if (adds === 'copies') {
      const { dealt } = next;
      return {
        message: `\`${path}\` would be measured on rows that \`${node.path}\` (${node.kind.kind}) has made up`,
        note: dealt
          ? `split first, then augment what is learned: \`${node.path}\` belongs behind \`${dealt.path}\`, on its ${firstOutput(dealt)}`
          : 'measure on rows as they are, and augment what is learned alone',
      };
    }
    if (next.dealt && !next.unique && (adds === 'repeats' || joinsItself(node, lineage, graph))) {
      return {
        message: `\`${path}\` may be measured on rows that were learned: \`${node.path}\` (${node.kind.kind}) gives rows more than once, and \`${next.dealt.path}\` deals them out`,
        note: `\`${node.path}\` belongs behind \`${next.dealt.path}\``,
      };
    }
    const dealt = parts(node, place) && !together ? node : next.dealt;
    const unique = next.unique || lineage.unique === true;
    for (const source of sources(node, lineage)) {
      const key = `${source.node} ${source.output} ${dealt ? 1 : 0} ${unique ? 1 : 0}`;
      if (seen.has(key)) continue;
      seen.add(key);
      open.push({ place: source, dealt, unique });
    }
  }
  return null;
}

/** Whether a node puts the rows of several tables together of which two have the same ones. */
function joinsItself(node: Node, lineage: Lineage, graph: Graph): boolean {
  const tables = sources(node, lineage);
  return tables.some((a, i) => tables.slice(i + 1).some((b) => common(a, b, graph) !== null));
}

/** A table of which two others are certain to have the same rows, or null. */
function common(a: Place, b: Place, graph: Graph): Place | null {
  const [wholeA, wholeB] = [whole(a, graph), whole(b, graph)];
  return (
    [...behind(a, graph).values()].find((each) => wholeB.has(key(each))) ??
    [...behind(b, graph).values()].find((each) => wholeA.has(key(each))) ??
    null
  );
}

/** Rows that are certain to be both learned and measured on. */
function shared(measured: Place, port: string, node: Node, lessons: readonly Lesson[], graph: Graph): Leak | null {
  for (const { learner, place } of lessons) {
    const both = common(measured, place, graph);
    if (!both) continue;
    const rows = name(both, graph);
    return {
      message:
        learner === node
          ? `\`${node.path}\` would be measured on rows it learns from: \`${port}\` has rows of \`${rows}\`, and so has what it learns`
          : `\`${node.path}\` would measure on rows that \`${learner.path}\` has learned from: both have rows of \`${rows}\``,
      note: `what a model has seen makes the loss look better than it is: set rows aside with split, before anything else reads \`${rows}\``,
    };
  }
  return null;
}

function learned(node: Node, graph: Graph): Lesson[] {
  const found: Lesson[] = [];
  const seen = new Set([node.path]);
  const open = [node];
  for (let next = open.shift(); next; next = open.shift()) {
    for (const [port, input] of Object.entries(next.inputs)) {
      if (next.kind.inputs[port]?.use === 'learn') found.push({ learner: next, place: input });
      const source = graph.byPath.get(input.node);
      if (!source || seen.has(source.path)) continue;
      seen.add(source.path);
      open.push(source);
    }
  }
  return found;
}

const key = ({ node, output }: Place) => `${node} ${output}`;

/** Tables whose rows are all in this one, itself first. */
function whole(place: Place, graph: Graph): Map<string, Place> {
  return walk(place, graph, (node, lineage) => !dealsOut(node) && !lineage.part && !('removes' in node.kind));
}

/** Tables that rows of this one come from, itself first. */
function behind(place: Place, graph: Graph): Map<string, Place> {
  return walk(place, graph, () => true);
}

function walk(place: Place, graph: Graph, through: (node: Node, lineage: Lineage) => boolean): Map<string, Place> {
  const found = new Map([[key(place), place]]);
  for (const each of found.values()) {
    const node = graph.byPath.get(each.node);
    if (!node) continue;
    const lineage = lineageOf(node);
    if (!through(node, lineage)) continue;
    for (const source of sources(node, lineage)) found.set(key(source), source);
  }
  return found;
}

const lineageOf = (node: Node): Lineage => node.kind.lineage?.(node.params) ?? {};

function sources(node: Node, { from }: Lineage): Place[] {
  const ports = from ?? Object.keys(node.kind.inputs).slice(0, 1);
  return ports.flatMap((port) => node.inputs[port] ?? []);
}

/** Whether rows go to one of several tables. */
const dealsOut = ({ kind }: Node) => Object.values(kind.outputs).filter((type) => type === 'table').length > 1;

const firstOutput = ({ kind }: Node) => Object.keys(kind.outputs)[0] as string;
