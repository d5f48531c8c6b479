// Which runs have curves to show: a step whose result was taken from the cache has its curves in the run that made it.
import type { RunRecord } from '../../engine/run/record.ts';

export interface Source {
  readonly run: string;
  readonly node: string;
}

/** Steps of a run that trained, in it or (where it took their results from the cache) in an earlier run. */
export function sourcesOf(record: RunRecord, list: readonly RunRecord[]): Source[] {
  return record.steps.flatMap(({ node, key, status, step }) => {
    if (step !== undefined && status !== 'cached') return [{ run: record.run, node }];
    if (status !== 'cached') return [];
    const maker = list.find((other) =>
      other.steps.some((each) => each.key === key && each.status !== 'cached' && each.step !== undefined),
    );
    const made = maker?.steps.find((each) => each.key === key);
    return maker && made ? [{ run: maker.run, node: made.node }] : [];
  });
}

/** What is shown first: curves of the run in front, else of the newest run of this file that has some. */
export function firstSource(
  shown: RunRecord | null,
  list: readonly RunRecord[],
  file: string,
  node: string | null,
  trains: (node: string) => boolean,
): { sources: readonly Source[]; source: Source | null } {
  // A run that has yet to come to its training: its curves are waited for, not those of an earlier run shown as if they were its.
  const coming = shown?.steps.filter(
    (step) => (step.status === 'waiting' || step.status === 'running') && trains(step.node),
  );
  if (shown?.status === 'running' && coming && coming.length > 0) {
    const sources = [...sourcesOf(shown, list), ...coming.map((step) => ({ run: shown.run, node: step.node }))].filter(
      (each, i, all) => all.findIndex((other) => other.node === each.node) === i,
    );
    const chosen = sources.find((each) => each.node === node) ?? sources.find((each) => each.node === coming[0]?.node);
    return { sources, source: chosen ?? null };
  }
  const candidates = [
    ...(shown ? [shown] : []),
    ...list.filter((record) => record.file === file && record.run !== shown?.run),
  ];
  for (const record of candidates) {
    const sources = sourcesOf(record, list);
    const [first] = sources;
    if (!first) continue;
    const running = record.steps.find(({ status }) => status === 'running')?.node;
    const chosen = sources.find((each) => each.node === node) ?? sources.find((each) => each.node === running);
    return { sources, source: chosen ?? sources[sources.length - 1] ?? first };
  }
  return { sources: [], source: null };
}
