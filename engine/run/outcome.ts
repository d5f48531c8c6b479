// What a run leaves for readers: the values of its reports, or what a bug report needs.
import type { Artifact } from '../nodes/values.ts';
import type { Results } from './events.ts';
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
