// What runs and results look like at each node: the plan of the text as it is, and the run that is shown.
import { create } from 'zustand';
import type { PlanResult } from '../../engine/host/contract.ts';
import type { RunRecord } from '../../engine/run/record.ts';
import type { Overall } from './pace.ts';
import type { Progress, Watched } from './watched.ts';

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

export interface RunOptions {
  /** Run this node and what it needs; null: everything. */
  to: string | null;
  /** Make all results again. */
  fresh: boolean;
  /** Go on from the newest checkpoint. */
  resume: boolean;
  /** Values of params, as expressions. */
  set: { [name: string]: string };
}

/** What stands in the way of a run, or ended one: shown until it is closed. */
export interface Trouble {
  kind: 'locked' | 'graph-errors' | 'not-started' | 'failed' | 'died' | 'interrupted';
  message: string;
  /** What to try. */
  notes: readonly string[];
  /** The run that ended, where it is about one. */
  run: string | null;
}

export interface RunsState {
  /** Plan of the text as it is; null while it has errors or is not known yet. */
  plan: PlanResult | null;
  /** How the plan stands: `errors` where the graph cannot be planned, `failed` where planning itself did not work. */
  planning: 'none' | 'waiting' | 'ready' | 'errors' | 'failed';
  planMessage: string | null;
  /** Content keys by node, of the last plan there was: results stay in sight while the text has an error. */
  keys: { readonly [node: string]: string };
  /** The run that is shown on the canvas: the one going on, else the one that was picked. */
  run: RunRecord | null;
  /** All that is known of that run. */
  watched: Watched | null;
  /** Milliseconds of this machine's clock when the last event of it came. */
  seen: number;
  /** Newest first. */
  list: readonly RunRecord[];
  progress: { readonly [node: string]: Progress };
  nodes: { readonly [path: string]: NodeState };
  overall: Overall | null;
  /** Runs whose curves are compared, the first being the one in front; ids. */
  compared: readonly string[];
  /** A run being started: the button waits. */
  starting: boolean;
  /** The stop that was asked for. */
  stopping: 'no' | 'asked' | 'hard';
  trouble: Trouble | null;
  /** What waits for the folder to be trusted. */
  asking: { folder: string; go: () => Promise<void> } | null;
}

export const nothing: RunsState = {
  plan: null,
  planning: 'none',
  planMessage: null,
  keys: {},
  run: null,
  watched: null,
  seen: 0,
  list: [],
  progress: {},
  nodes: {},
  overall: null,
  compared: [],
  starting: false,
  stopping: 'no',
  trouble: null,
  asking: null,
};

export const useRuns = create<RunsState>()(() => nothing);

const unknown: NodeState = { state: 'unknown', why: null, progress: null, left: null, note: null, key: null };

/** The state of one node; components that use it are drawn again only when it changes. */
export function useNodeState(path: string): NodeState {
  return useRuns((state) => state.nodes[path] ?? unknown);
}

/** Whether the run that is shown is going on. */
export function isRunning(state: RunsState): boolean {
  return state.run?.status === 'running';
}
