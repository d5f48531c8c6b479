// The run's folder, `.dsk/runs/ID/`: the graph as run, plan.json, run.json (how it stands), events.jsonl (what happened),
// tensorboard/ and, when something broke, error.log. The run writes it, everybody else reads it.
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { TEMPORARY, temporaryName } from '../data/atomic.ts';
import type { Results, RunEvent, Status } from './events.ts';
import { type Folders, names, runId } from './folders.ts';
import { alive, type ProcessName, thisProcess } from './process.ts';

/** run.json. */
export interface RunRecord {
  format: 1;
  run: string;
  /** The graph's file name, in the folder that `.dsk` lies in. */
  file: string;
  status: Status;
  process: ProcessName;
  /** ISO 8601, UTC. */
  started: string;
  ended: string | null;
  exit: number | null;
  /** Why it failed. */
  message?: string;
  versions: Record<string, string>;
  /** TensorFlow's threads in an operation and whether oneDNN is on: results are bit-identical only where both agree. Null until
   *  TensorFlow is loaded. */
  threads: number | null;
  oneDnn: boolean | null;
  steps: StepRecord[];
  results: Results;
}

export interface StepRecord {
  node: string;
  kind: string;
  key: string;
  status: 'cached' | 'waiting' | 'running' | 'done' | 'failed' | 'interrupted';
  seconds?: number;
  /** Peak resident set while it ran, and what the plan expected, in bytes. */
  memory?: number;
  expectedMemory?: number;
  /** Last training step and its loss. */
  step?: number;
  loss?: number;
  /** The run and step whose checkpoint it went on from. */
  resumed?: { run: string; step: number };
}

export interface RunFolder {
  readonly id: string;
  readonly path: string;
  readonly record: RunRecord;
  append(event: RunEvent): void;
  /** Writes run.json as `record` stands. */
  save(): void;
}

/** Makes the folder of a new run; it appears complete. */
export function openRunFolder(
  where: Folders,
  start: Pick<RunRecord, 'file' | 'versions' | 'steps'> & { text: string; plan: unknown; now: Date },
): RunFolder {
  mkdirSync(where.runs, { recursive: true });
  let id = runId(start.now);
  while (existsSync(join(where.runs, id))) id = runId(start.now);
  const path = join(where.runs, id);
  const { text, plan, now, ...rest } = start;
  const record: RunRecord = {
    format: 1,
    run: id,
    ...rest,
    status: 'running',
    process: thisProcess(),
    started: now.toISOString(),
    ended: null,
    exit: null,
    threads: null,
    oneDnn: null,
    results: {},
  };
  const draft = temporaryName(path);
  try {
    mkdirSync(draft);
    writeFileSync(join(draft, 'graph.dsk'), text);
    writeFileSync(join(draft, 'plan.json'), `${JSON.stringify(plan, null, 2)}\n`);
    writeFileSync(join(draft, 'events.jsonl'), '');
    writeWhole(join(draft, 'run.json'), record);
    renameSync(draft, path);
  } catch (error) {
    rmSync(draft, { recursive: true, force: true });
    throw error;
  }
  const events = join(path, 'events.jsonl');
  return {
    id,
    path,
    record,
    save: () => writeWhole(join(path, 'run.json'), record),
    append: (event) => appendFileSync(events, `${JSON.stringify(event)}\n`),
  };
}

/** Waits for nothing, so that it can be called on the way out of a process; readers see the old text or the new. */
function writeWhole(path: string, value: unknown): void {
  const draft = temporaryName(path);
  try {
    writeFileSync(draft, `${JSON.stringify(value, null, 2)}\n`);
    renameSync(draft, path);
  } catch (error) {
    rmSync(draft, { force: true });
    throw error;
  }
}

/** A run as it stands now: one that says `running` and whose process is gone has `died`. Null where run.json cannot be read. */
export function readRun(where: Folders, id: string): RunRecord | null {
  let record: unknown;
  try {
    record = JSON.parse(readFileSync(join(where.runs, id, 'run.json'), 'utf8'));
  } catch {
    return null; // killed before the first save, or not a run's folder
  }
  if (!isRecord(record)) return null;
  if (record.status !== 'running' || alive(record.process) !== false) return record;
  const ended = lastSign(join(where.runs, id));
  return {
    ...record,
    status: 'died',
    ended,
    steps: record.steps.map((step) => ({ ...step, status: stopped(step.status) })),
  };
}

/** Folders come from elsewhere, and so may what lies in them. */
function isRecord(value: unknown): value is RunRecord {
  const { format, run, status, started, process, steps, results } = (value ?? {}) as Partial<RunRecord>;
  return (
    format === 1 &&
    [run, status, started, process?.host].every((each) => typeof each === 'string') &&
    Number.isInteger(process?.pid) &&
    Array.isArray(steps) &&
    steps.every((step) => typeof step?.node === 'string') &&
    typeof results === 'object' &&
    results !== null
  );
}

/** All runs of the folder, oldest first. */
export function readRuns(where: Folders): RunRecord[] {
  return names(where.runs)
    .filter((name) => !name.startsWith(TEMPORARY))
    .map((name) => readRun(where, name))
    .filter((record) => record !== null);
}

function stopped(status: StepRecord['status']): StepRecord['status'] {
  return status === 'running' ? 'interrupted' : status;
}

/** When a dead run last wrote something. */
function lastSign(folder: string): string {
  const newest = ['events.jsonl', 'run.json']
    .map((name) => join(folder, name))
    .filter((path) => existsSync(path))
    .map((path) => statSync(path).mtimeMs);
  return new Date(Math.max(...newest)).toISOString();
}
