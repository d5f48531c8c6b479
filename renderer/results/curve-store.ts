// The curves that are looked at: read once from the host, then taken further by the events of the run that is followed.
import { useEffect } from 'react';
import { create } from 'zustand';
import type { RunEvent } from '../../engine/run/events.ts';
import { useDocument } from '../document/document.ts';
import { ask, HostError } from '../host.ts';
import { onRunEnd, onRunEvents } from '../runs/follow.ts';
import { append, type Curves, curvesOf } from '../runs/series.ts';

interface Loaded {
  readonly run: string;
  readonly node: string;
  /** Null until they are read. */
  curves: Curves | null;
  reading: boolean;
  /** What came while they were read. */
  pending: RunEvent[];
  message: string | null;
}

const loaded = new Map<string, Loaded>();
/** Counts what changed in each of them: the arrays themselves grow in place. */
const useVersions = create<{ versions: { readonly [key: string]: number } }>()(() => ({ versions: {} }));

const keyOf = (run: string, node: string) => `${run} ${node}`;

function changed(key: string): void {
  const { versions } = useVersions.getState();
  useVersions.setState({ versions: { ...versions, [key]: (versions[key] ?? 0) + 1 } });
}

async function load(path: string, run: string, node: string): Promise<void> {
  const key = keyOf(run, node);
  // What is shown stays until the answer is there.
  const entry: Loaded = {
    run,
    node,
    curves: loaded.get(key)?.curves ?? null,
    reading: true,
    pending: [],
    message: null,
  };
  loaded.set(key, entry);
  try {
    const curves = curvesOf(await ask('run.series', { path, run, node }));
    append(curves, node, entry.pending);
    entry.curves = curves;
  } catch (error) {
    if (!(error instanceof HostError)) throw error;
    entry.message = error.message;
  }
  entry.pending = [];
  entry.reading = false;
  changed(key);
}

onRunEvents((run, events) => {
  for (const [key, entry] of loaded) {
    if (entry.run !== run) continue;
    if (entry.reading) for (const event of events) entry.pending.push(event);
    else if (entry.curves && append(entry.curves, entry.node, events)) changed(key);
  }
});

onRunEnd((run) => {
  const path = useDocument.getState().file?.path;
  for (const entry of loaded.values()) if (entry.run === run && path !== undefined) void load(path, run, entry.node);
});

useDocument.subscribe((now, before) => {
  if (now.file?.folder !== before.file?.folder) loaded.clear();
});

export interface Shown {
  readonly run: string;
  readonly curves: Curves | null;
  readonly message: string | null;
  readonly version: number;
}

/** Curves of one node in several runs; read when first asked for. */
export function useCurves(runs: readonly string[], node: string | null): readonly Shown[] {
  const versions = useVersions((state) => state.versions);
  const path = useDocument((state) => state.file?.path ?? null);
  const wanted = runs.join(' ');
  useEffect(() => {
    if (path === null || node === null || wanted === '') return;
    for (const run of wanted.split(' ')) if (!loaded.has(keyOf(run, node))) void load(path, run, node);
  }, [path, wanted, node]);
  if (node === null) return [];
  return runs.map((run) => {
    const key = keyOf(run, node);
    const entry = loaded.get(key);
    return { run, curves: entry?.curves ?? null, message: entry?.message ?? null, version: versions[key] ?? 0 };
  });
}
