// What a run leaves for readers: the values of its reports, or what a bug report needs.
import type { Node } from '../graph/graph.ts';
import type { Artifact } from '../nodes/values.ts';
import type { Results, StepRows } from './events.ts';
import type { StepRecord } from './record.ts';

/** Values of all reports, and where files were written, by node. */
export function results(artifacts: ReadonlyMap<string, Record<string, Artifact>>): Results {
  const found: Results = {};
  for (const [node, outputs] of artifacts) {
    for (const artifact of Object.values(outputs)) {
      if (artifact.type === 'report') found[node] = { ...found[node], ...artifact.values };
      if (artifact.type === 'file') found[node] = { ...found[node], path: artifact.path };
    }
  }
  return found;
}

/** Rows of the tables a node read and made, from the artifacts there are; null where it has to do with none. */
export function stepRows(
  { path, kind, inputs }: Pick<Node, 'path' | 'kind' | 'inputs'>,
  artifacts: ReadonlyMap<string, Record<string, Artifact>>,
): StepRows | null {
  const rows: StepRows = { in: {}, out: {} };
  for (const port of Object.keys(kind.inputs)) {
    const source = inputs[port];
    const artifact = source && artifacts.get(source.node)?.[source.output];
    if (artifact?.type === 'table') rows.in[port] = artifact.rows;
  }
  for (const [output, artifact] of Object.entries(artifacts.get(path) ?? {})) {
    if (artifact.type === 'table') rows.out[output] = artifact.rows;
  }
  const [before] = Object.values(rows.in);
  const [after] = Object.values(rows.out);
  if (after === undefined) return null;
  if (rows.out.removed !== undefined) rows.removed = rows.out.removed;
  else if ('removes' in kind && before !== undefined) rows.removed = before - after;
  return rows;
}

/** error.log: what a bug report needs. */
export function report(error: unknown, step: StepRecord | null): string {
  const stack = error instanceof Error ? (error.stack ?? error.message) : String(error);
  const cause = error instanceof Error && error.cause !== undefined ? `\ncaused by: ${String(error.cause)}` : '';
  return `${stack}${cause}\n\nstep: ${JSON.stringify(step, null, 2)}\n`;
}

/** To milliseconds. */
export function round(seconds: number): number {
  return Math.round(seconds * 1000) / 1000;
}
