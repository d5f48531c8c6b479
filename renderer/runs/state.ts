// What runs and results look like at each node: the plan of the text as it is, and the run that is shown.
import { create } from 'zustand';
import type { PlanResult } from '../../engine/host/contract.ts';
import type { RunEvent } from '../../engine/run/events.ts';
import type { RunRecord } from '../../engine/run/record.ts';

/** How one node stands: by the run that is going on, otherwise by the plan. */
export interface NodeState {
  state:
    | 'unknown'
    | 'cached'
    | 'stale'
    | 'waiting'
    | 'running'
    | 'done'
    | 'failed'
    | 'interrupted'
    | 'definition'
    | 'skipped';
  /** Why it is stale or what it failed with, in plain words. */
  why: string | null;
  /** 0 to 1, and seconds left, where it runs and they are known. */
  progress: number | null;
  left: number | null;
  /** What it says of itself: "loss 3.214 · 6,200 tokens/s". */
  note: string | null;
  /** Content key of its result, where the plan knows it. */
  key: string | null;
}

export interface RunsState {
  /** Plan of the text as it is; null while it has errors or is not known yet. */
  plan: PlanResult | null;
  /** The run that is shown on the canvas: the one going on, else the one that was picked. */
  run: RunRecord | null;
  /** Newest first. */
  list: readonly RunRecord[];
  progress: { readonly [node: string]: Extract<RunEvent, { event: 'progress' }> };
  nodes: { readonly [path: string]: NodeState };
}

export const useRuns = create<RunsState>()(() => ({ plan: null, run: null, list: [], progress: {}, nodes: {} }));

const unknown: NodeState = { state: 'unknown', why: null, progress: null, left: null, note: null, key: null };

/** The state of one node; components that use it are drawn again only when it changes. */
export function useNodeState(path: string): NodeState {
  return useRuns((state) => state.nodes[path] ?? unknown);
}
