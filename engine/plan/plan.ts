// Graph -> plan: the steps in order, each with its content key, what it will cost, and whether its result is there already.
// A plan is a value; making one reads files and the cache, runs nothing and writes nothing.
import { statSync } from 'node:fs';
import { closest } from '../../grammar/diagnostic.ts';
import type { GraphFiles } from '../graph/files.ts';
import type { Graph, Node } from '../graph/graph.ts';
import { contextOf } from '../graph/infer.ts';
import type { Kinds } from '../graph/registry.ts';
import { type Cost, runs } from '../nodes/kind.ts';
import { isView, type PortType, type Specs } from '../nodes/values.ts';
import {
  cacheFolder,
  type Entry,
  entryFault,
  type FileRecord,
  isFault,
  type Origin,
  readEntries,
  readEntry,
  type Source,
} from './cache.ts';
import { costOf, parametersOf, type Rows, retaining, rowsOf, secondsOf, type Totals, totals } from './costs.ts';
import { type Digests, digestsPath, openDigests } from './digests.ts';
import { ancestors, originOf } from './keys.ts';
import { differences } from './why.ts';

export interface Plan {
  /** In the order they run. */
  steps: Step[];
  /** Parts of models and recipes: they take no step of their own. */
  definitions: Definition[];
  /** Nodes that the text says to skip, in the order of the graph. */
  skipped: string[];
  totals: Totals;
}

/** Something the run does: a node whose kind runs. */
export interface Step extends Origin {
  /** `run`: it will be carried out. */
  status: 'cached' | 'run';
  /** Why it runs; empty when cached. */
  why: string[];
  /** What is wrong with its stored result where that was changed since it was written, or null. */
  fault: string | null;
  /** Steps whose results it uses, directly or through definitions, in order. */
  needs: string[];
  /** Definitions it uses, in dependency order. */
  definitions: Origin[];
  files: FileRecord[];
  outputs: { readonly [output: string]: Specs[PortType] };
  cost: Cost;
  rows: Rows[];
  /** Expected from when it last ran, or null where it never did. */
  seconds: number | null;
  /** The cached result, where the status is `cached`. */
  entry: Entry | null;
}

export interface Definition extends Origin {
  /** Scalars of this part alone; null for what has none. */
  parameters: number | null;
}

export interface PlanOptions {
  kinds: Kinds;
  files: GraphFiles;
  /** Only this node and what it depends on. */
  to?: string;
  /** Run everything again. */
  fresh?: boolean;
  /** Default: those stored beside the graph. */
  digests?: Digests;
}

interface Status {
  entry: Entry | null;
  why: string[];
  fault?: string | null;
}

/** `--to` names no node of the graph that can be run. */
export class ToError extends Error {
  constructor(to: string, graph: Graph) {
    super(toFault(to, graph));
    this.name = 'ToError';
  }
}

function toFault(to: string, graph: Graph): string {
  if (graph.byPath.get(to)?.skipped) return `\`${to}\` is skipped: take \`skip\` away from it to run it`;
  const paths = [...graph.byPath.keys()];
  const near = closest(to, paths);
  const names = paths.filter((path) => !path.includes('.'));
  return `the graph has no node \`${to}\`: ${near ? `did you mean \`${near}\`?` : `it has ${names.join(', ')}`}`;
}

/**
 * Plans a graph that was checked without errors.
 * @throws ToError where `to` names no node
 * @throws InputError where a file cannot be read any more
 */
export async function plan(graph: Graph, options: PlanOptions): Promise<Plan> {
  const { files, to } = options;
  if (to !== undefined && graph.byPath.get(to)?.skipped !== false) throw new ToError(to, graph);
  const cache = cacheFolder(files.folder);
  const digests = options.digests ?? openDigests(digestsPath(cache));
  const wanted = to === undefined ? null : ancestors(graph, to);
  const nodes = graph.nodes.filter(({ path, skipped }) => !skipped && (wanted === null || wanted.has(path)));
  const skipped = graph.nodes.filter((node) => node.skipped && !node.owner && wanted === null).map(({ path }) => path);
  const before = readEntries(cache);

  const keys = new Map<string, string>();
  const definitions = new Map<string, Definition>();
  const steps: Step[] = [];
  for (const node of nodes) {
    if (!node.outputs) throw new Error(`the graph has errors at ${node.path}: it cannot be planned`);
    const read = await filesOf(node, graph, options, digests);
    const origin = originOf(node, keys, read);
    keys.set(node.path, origin.key);
    if (runs(node.kind)) steps.push(await stepOf(node, origin, read));
    else definitions.set(node.path, { ...origin, parameters: parametersOf(node, graph, options.kinds) });
  }
  const retained = retaining(steps);
  return { steps: retained, definitions: [...definitions.values()], skipped, totals: totals(retained) };

  async function stepOf(node: Node, origin: Origin, read: FileRecord[]): Promise<Step> {
    const { folded, needs } = through(origin, definitions, graph);
    const now = { ...origin, definitions: folded, files: read };
    const newest = before.find((entry) => entry.node === node.path);
    const { entry, why, fault = null } = again(needs, await status(now, newest));
    const cost = await costOf(node, graph, options);
    return {
      ...now,
      status: entry ? 'cached' : 'run',
      why,
      fault,
      needs,
      outputs: node.outputs ?? {},
      cost,
      rows: rowsOf(node, entry),
      seconds: secondsOf(cost, entry ?? newest ?? null),
      entry,
    };
  }

  /** A result that is computed from others' where it is read holds only as long as those do. */
  function again(needs: readonly string[], found: Status): Status {
    if (!found.entry || !Object.values(found.entry.artifacts).some((one) => one.type === 'table' && isView(one))) {
      return found;
    }
    const anew = steps.find(({ node, status }) => status === 'run' && needs.includes(node));
    return anew ? { entry: null, why: [`stored result not used: it is computed from \`${anew.node}\``] } : found;
  }

  async function status(
    now: Origin & { definitions: Origin[]; files: FileRecord[] },
    newest: Entry | undefined,
  ): Promise<Status> {
    const kind = graph.byPath.get(now.node)?.kind;
    if (options.fresh) return { entry: null, why: ['asked to run again'] };
    if (kind && runs(kind) && kind.cached === false) return { entry: null, why: ['writes outside the cache'] };
    const found = readEntry(cache, now.key);
    if (found) {
      const fault = isFault(found) ? found : await entryFault(files.folder, found, digests);
      if (!fault) return { entry: found as Entry, why: [] };
      const { what, tampered } = fault;
      const remedy = `a run stops here until \`dsk clean --entry ${now.key.slice(0, 12)}\` removes it`;
      return tampered
        ? { entry: null, why: [`stored result cannot be trusted: ${what}; ${remedy}`], fault: what }
        : { entry: null, why: [`stored result not used: ${what}`] };
    }
    if (!newest) return { entry: null, why: ['never run'] };
    const why = differences(now, newest);
    return { entry: null, why: why.length > 0 ? why : ['its last result is of an older Dsk'] };
  }
}

/** Definitions a node uses, through others as well, and the steps behind them. */
function through(origin: Origin, definitions: ReadonlyMap<string, Definition>, graph: Graph) {
  const found = new Set<string>();
  const open: Source[] = Object.values(origin.inputs);
  for (let next = open.shift(); next; next = open.shift()) {
    if (found.has(next.node)) continue;
    found.add(next.node);
    open.push(...Object.values(definitions.get(next.node)?.inputs ?? {}));
  }
  const ordered = graph.nodes.filter((node) => found.has(node.path)).map((node) => node.path);
  const folded = ordered.flatMap((path) => {
    const definition = definitions.get(path);
    if (!definition) return [];
    const { parameters: _, ...rest } = definition;
    return [rest];
  });
  return { folded, needs: ordered.filter((path) => !definitions.has(path)) };
}

/** The files a node reads outside the graph, with their digests. */
async function filesOf(
  node: Node,
  graph: Graph,
  { kinds, files }: PlanOptions,
  digests: Digests,
): Promise<FileRecord[]> {
  if (!runs(node.kind) || !node.kind.reads) return [];
  const ignore = () => {}; // complaints were reported by the check
  const names = node.kind.reads(contextOf(node, graph, kinds, files, { error: ignore, warn: ignore }));
  const records: FileRecord[] = [];
  for (const path of names) {
    const full = files.locate(path);
    records.push({ path: files.name(full), bytes: statSync(full).size, sha256: await digests.of(full) });
  }
  return records;
}
