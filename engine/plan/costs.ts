// What the steps of a plan will take: rows, parameters, floating point operations, memory, disk, time.
import type { Graph, Node } from '../graph/graph.ts';
import { contextOf } from '../graph/infer.ts';
import type { Kinds } from '../graph/registry.ts';
import { decoderWeights } from '../nodes/decoder.ts';
import { type Cost, runs } from '../nodes/kind.ts';
import type { Weight } from '../nodes/module.ts';
import type { Architecture, TableSpec } from '../nodes/values.ts';
import type { Entry } from './cache.ts';
import type { PlanOptions, Step } from './plan.ts';

/** Rows of one table a step gives. */
export interface Rows {
  output: string;
  count: number;
  /** False: a guess. */
  exact: boolean;
}

export interface Totals {
  run: number;
  cached: number;
  /** Bytes of main memory, of the step that takes most among those that run; null where none says. */
  memory: number | null;
  /** Bytes written to disk by the steps that run. */
  disk: number;
  /** Floating point operations of all steps that run. */
  flops: number;
  /** Null where one of the steps that run was never measured. */
  seconds: number | null;
}

/**
 * The same steps, with the memory that earlier steps of the run keep: allocators give little back to the system, so a step that
 * follows a training starts from the training's size.
 */
export function retaining(steps: readonly Step[]): Step[] {
  let kept = 0;
  return steps.map((step) => {
    const { memory } = step.cost;
    if (step.status !== 'run' || memory === undefined) return step;
    kept = Math.max(kept, memory);
    return { ...step, cost: { ...step.cost, memory: kept } };
  });
}

export async function costOf(node: Node, graph: Graph, { kinds, files }: PlanOptions): Promise<Cost> {
  if (!runs(node.kind) || !node.kind.cost || !node.outputs) return {};
  const ignore = () => {}; // complaints were reported by the check
  const context = contextOf(node, graph, kinds, files, { error: ignore, warn: ignore });
  return node.kind.cost({ ...context, outputs: { ...node.outputs } });
}

/**
 * Trained scalars that a definition adds: of a model's part, what it adds to the model; of an attention or ffn, those of one
 * layer in the first block that uses it. Null for what has no weights.
 */
export function parametersOf(node: Node, graph: Graph, kinds: Kinds): number | null {
  const [first] = Object.keys(node.outputs ?? {});
  const spec = first === undefined ? null : node.outputs?.[first];
  if (!spec) return null;
  if ('architecture' in spec) {
    const before = Object.values(node.inputs).map((input) => graph.byPath.get(input.node)?.outputs?.[input.output]);
    const inherited = before.flatMap((each) =>
      each && 'architecture' in each ? [count(each.architecture, kinds)] : [],
    );
    return count(spec.architecture, kinds) - inherited.reduce((sum, each) => sum + each, 0);
  }
  if (!('module' in node.kind) || !node.kind.module) return null;
  for (const user of graph.nodes) {
    const uses = Object.values(user.inputs).some((input) => input.node === node.path);
    const model = uses && Object.values(user.outputs ?? {}).find((each) => 'architecture' in each);
    if (!model) continue;
    const weights = node.kind.module(node.params, { dim: model.architecture.dim }).weights;
    return sum(weights);
  }
  return null;
}

function count(architecture: Architecture, kinds: Kinds): number {
  return sum(decoderWeights(kinds, architecture));
}

function sum(weights: readonly Weight[]): number {
  const trained = weights.filter((weight) => weight.trained);
  return trained.reduce((total, { shape }) => total + shape.reduce((size, extent) => size * extent, 1), 0);
}

/** Rows of the step's tables: counted where it is cached, otherwise what its kind expects. */
export function rowsOf(node: Node, entry: Entry | null): Rows[] {
  const rows: Rows[] = [];
  for (const [output, type] of Object.entries(node.kind.outputs)) {
    if (type !== 'table') continue;
    const artifact = entry?.artifacts[output];
    const spec = node.outputs?.[output] as TableSpec | undefined;
    if (artifact?.type === 'table') rows.push({ output, count: artifact.rows, exact: true });
    else if (typeof spec?.rows === 'number') rows.push({ output, count: spec.rows, exact: true });
    else if (spec?.rowsEstimate !== undefined) rows.push({ output, count: spec.rowsEstimate, exact: false });
  }
  return rows;
}

/** Seconds when the node last ran, in proportion to the operations where both are known. */
export function secondsOf(cost: Cost, before: Entry | null): number | null {
  if (!before) return null;
  const [now, then] = [work(cost), work(before.cost)];
  return now !== null && then !== null && then > 0 ? (before.seconds * now) / then : before.seconds;
}

function work({ flops, steps = 1 }: Cost): number | null {
  return flops === undefined ? null : flops * steps;
}

export function totals(steps: readonly Step[]): Totals {
  const running = steps.filter((step) => step.status === 'run');
  const memory = running.flatMap(({ cost }) => (cost.memory === undefined ? [] : [cost.memory]));
  const all = (of: (step: Step) => number) => running.reduce((total, step) => total + of(step), 0);
  return {
    run: running.length,
    cached: steps.length - running.length,
    memory: memory.length > 0 ? Math.max(...memory) : null,
    disk: all(({ cost }) => cost.disk ?? 0),
    flops: all(({ cost }) => work(cost) ?? 0),
    seconds: running.some((step) => step.seconds === null) ? null : all((step) => step.seconds ?? 0),
  };
}
