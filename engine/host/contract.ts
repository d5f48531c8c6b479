// What the editor may ask of the host, and what the host tells it: JSON-RPC 2.0 over Electron's bridge or a WebSocket. One table
// of methods with the types of both sides; schemas.ts has the JSON Schema every request is checked against.
import type { Diagnostic } from '../../grammar/diagnostic.ts';
import type { Cost } from '../nodes/kind.ts';
import type { Architecture, ColumnType, PortType, Specs } from '../nodes/values.ts';
import type { RunEvent } from '../run/events.ts';
import type { RunRecord } from '../run/record.ts';

/** Positions beside the text, NAME.layout.json: in the canvas' pixels at zoom 1, by path of the node. What is missing is laid out. */
export interface Layout {
  format: 1;
  nodes: { [path: string]: { x: number; y: number } };
}

/** Kept by the host, so that they outlive a browser's origin. Unknown names are kept, not interpreted. */
export interface Settings {
  theme: 'system' | 'light' | 'dark';
  language: 'system' | 'en' | 'zh';
  /** Write the file itself a second after the last edit. Drafts for recovery are written in any case. */
  autosave: boolean;
  /** Widths, open panes and the like. */
  view: { [name: string]: unknown };
}

export interface Hello {
  /** Dsk's version. */
  version: string;
  platform: string;
  /** The graph to open first, absolute, or null for the start page. */
  file: string | null;
  settings: Settings;
}

export interface Example {
  /** quickstart */
  name: string;
  path: string;
  /** First `##` documentation of the text. */
  line: string;
  text: string;
}

export interface OpenFile {
  /** Absolute. */
  path: string;
  folder: string;
  /** File name. */
  name: string;
  text: string;
  /** SHA-256 of the bytes on disk. */
  version: string;
  writable: boolean;
  layout: Layout | null;
  /** What a crashed editor had not saved, where that differs from the file. */
  draft: { text: string; time: string /** Version of the file it was made from. */; base: string } | null;
  /** Whether this folder may be run without asking. */
  trusted: boolean;
}

export type Saved =
  | { saved: true; version: string }
  | { saved: false /** The file as it is now. */; text: string; version: string };

export interface Entry {
  name: string;
  path: string;
  folder: boolean;
  bytes: number;
}

export interface CheckResult {
  diagnostics: readonly Diagnostic[];
  /** Specs by node path and output; a node whose specs are unknowable is absent. */
  outputs: { [path: string]: { [output: string]: Specs[PortType] } };
}

export interface PlanStep {
  node: string;
  kind: string;
  key: string;
  status: 'cached' | 'run';
  why: string[];
  needs: string[];
  cost: Cost;
  rows: { output: string; rows: number | null; estimate: boolean }[];
  /** Expected, or null where it never ran. */
  seconds: number | null;
}

export interface PlanResult {
  steps: PlanStep[];
  definitions: { node: string; kind: string; parameters: number | null }[];
  totals: { seconds: number | null; memory: number | null; disk: number | null };
  /** What the machine has, in bytes: a run that needs more will not get through. */
  machine: { memory: number };
}

/** A node as it was planned for a run, params that were set for that run included. */
export interface PlannedNode {
  kind: string;
  /** Those that its result depends on. */
  params: { [name: string]: unknown };
  /** Nodes whose outputs it reads. */
  reads: string[];
}

export interface RunDetails {
  record: RunRecord;
  /** The graph as it was run. */
  text: string;
  /** Nodes of the graph as they were run; empty where plan.json cannot be read. */
  nodes: { [node: string]: PlannedNode };
  /** Content of error.log, or null. */
  error: string | null;
  /** What run.events has got to: pass it to run.follow to miss nothing. In bytes of events.jsonl. */
  next: number;
  /** Last progress of each node that has begun. */
  progress: { [node: string]: Extract<RunEvent, { event: 'progress' }> };
  /** All events but steps and progress, oldest first, at most 1000 (the last ones). */
  events: RunEvent[];
}

/** Scalars of a training node, one array a name, all as long as `step`. NaN travels as null. */
export interface Series {
  step: number[];
  /** Seconds since the run began. */
  at: number[];
  columns: { [name: string]: (number | null)[] };
  /** Tokens each expert got, by layer, at the steps where it was reported: `load[layer][row][expert]`. */
  experts: { step: number[]; load: { [layer: string]: number[][] } };
}

/** A stored result, by output of the node. */
export type ArtifactView =
  | { type: 'table'; rows: number; columns: { [name: string]: ColumnType } }
  | { type: 'tokenizer'; size: number }
  | { type: 'model'; architecture: Architecture; tokenizer: boolean }
  | { type: 'report'; values: { [name: string]: unknown } }
  | { type: 'file'; path: string };

export interface ResultView {
  node: string;
  kind: string;
  created: string;
  seconds: number;
  artifacts: { [output: string]: ArtifactView };
}

/**
 * A value as JSON: long texts are cut and end in an ellipsis, long lists as well; whole numbers beyond 2^53 and times come as text. In
 * binary columns a picture is an ImageCell, anything else its size in words.
 */
export type Cell = string | number | boolean | null | Cell[] | { [name: string]: Cell };

/** A picture: small, as a data URL, and what it is in full. */
export type ImageCell = { image: string; width: number; height: number; bytes: number };

export interface Rows {
  /** From the one that was asked for on; at most 100 are sent at once. */
  columns: { name: string; type: ColumnType }[];
  /** `index` is the row's number in the table, from 0. */
  rows: { index: number; cells: Cell[] }[];
  total: number;
}

export interface RemovedRows extends Rows {
  /** By row of `rows`: why it was removed, in plain words. */
  reasons: string[];
}

/** What a step took out of its table. */
export interface Removal {
  /** Rows of the node's table input. */
  before: number;
  removed: number;
  /** The removed rows' own columns. */
  columns: { [name: string]: ColumnType };
  /** The most frequent first, at most 100. */
  reasons: Reason[];
  /** Whether rows of one reason can be asked for. */
  apart: boolean;
}

/** Reasons that differ only in their numbers and quoted texts. */
export interface Reason {
  /** With those left open: asks for the rows. */
  reason: string;
  /** As it is said, where it is the same for all rows. */
  shown: string;
  rows: number;
}

export interface ColumnStatistics {
  name: string;
  type: ColumnType;
  rows: number;
  missing: number;
  /** Approximate. */
  distinct: number;
  min: string | number | null;
  max: string | number | null;
  mean: number | null;
  /**
   * Equal bins from `from` to `to`: of numbers, of times (milliseconds since 1970), of the lengths of texts in characters and of lists
   * in elements, of binary data in bytes.
   */
  histogram: {
    from: number;
    to: number;
    counts: number[];
    of: 'values' | 'times' | 'lengths' | 'elements' | 'bytes';
  } | null;
  /** Most frequent values, cut as in Rows. */
  top: { value: string; rows: number }[];
}

export interface Token {
  id: number;
  /** As the tokenizer writes it, bytes that are no text shown as in `<0xE2>`. */
  text: string;
}

export interface Methods {
  'host.hello': { params: Record<string, never>; result: Hello };
  'host.settings': { params: { settings: Partial<Settings> }; result: Settings };
  'examples.list': { params: Record<string, never>; result: Example[] };

  'file.open': { params: { path: string }; result: OpenFile };
  /** Writes when the file still has the version `base`, or is not there (any more); otherwise says what is there. */
  'file.save': { params: { path: string; text: string; base: string | null }; result: Saved };
  'file.layout': { params: { path: string; layout: Layout }; result: null };
  /** Keeps (or with null drops) what is not saved, outside the graph's folder. */
  'file.draft': { params: { path: string; text: string | null; base: string }; result: null };
  /** Ends the watch that file.open began. */
  'file.close': { params: { path: string }; result: null };
  'file.list': {
    params: { folder: string | null /** Such as ".dsk" or ".csv"; empty: all. */; extensions: string[] };
    result: { folder: string; parent: string | null; entries: Entry[] };
  };
  /** A new file: empty, or a copy of an example with the data beside it. Without a path, a free name in the user's own graphs' folder. */
  'file.create': { params: { example: string | null; path: string | null }; result: { path: string } };
  'file.recent': {
    params: Record<string, never>;
    result: { path: string; name: string; folder: string; opened: string; exists: boolean }[];
  };

  /** As the check in the page, with the files at hand. */
  'graph.check': { params: { path: string; text: string }; result: CheckResult };
  /** Null where the graph has errors (see graph.check). */
  'graph.plan': {
    params: { path: string; text: string; to: string | null; fresh: boolean };
    result: PlanResult | null;
  };

  /** Lets the graphs of a folder be run. */
  'trust.grant': { params: { folder: string }; result: null };
  /** Runs the file as it is on disk, in a process of its own. Fails with `untrusted` until the folder is trusted. */
  'run.start': {
    params: { path: string; to: string | null; fresh: boolean; resume: boolean; set: { [name: string]: string } };
    result: { run: string };
  };
  /** As Ctrl-C; `hard` as a second one. */
  'run.stop': { params: { path: string; run: string; hard: boolean }; result: null };
  /** Newest first, of all graphs in the file's folder. */
  'run.list': { params: { path: string }; result: RunRecord[] };
  'run.read': { params: { path: string; run: string }; result: RunDetails };
  /** Tells of the run in `run.events` notifications until it ends or run.unfollow. */
  'run.follow': { params: { path: string; run: string; from: number }; result: null };
  'run.unfollow': { params: { path: string; run: string }; result: null };
  'run.series': { params: { path: string; run: string; node: string }; result: Series };

  /** A stored result by its content key (from graph.plan or run.list), or null where there is none. */
  'result.read': { params: { path: string; key: string }; result: ResultView | null };
  /** `from`: the first column that is wanted. */
  'table.rows': {
    params: { path: string; key: string; output: string; offset: number; limit: number; from: number };
    result: Rows;
  };
  /** Of the columns from number `from` on, at most 100. */
  'table.statistics': {
    params: { path: string; key: string; output: string; from: number };
    result: ColumnStatistics[];
  };
  /** What the step took out of its table, or null for kinds that make other rows of it. */
  'table.removal': { params: { path: string; key: string }; result: Removal | null };
  /** The rows that were taken out; with a reason, those of it. */
  'table.removed': {
    params: { path: string; key: string; reason: string | null; offset: number; limit: number; from: number };
    result: RemovedRows | null;
  };
  'tokenizer.encode': {
    params: { path: string; key: string; output: string; text: string };
    result: { tokens: Token[]; characters: number };
  };

  /** Lets a trained model write on from a prompt, in a process of its own; `generate.text` and `generate.end` follow. */
  'generate.start': {
    params: {
      path: string;
      key: string;
      output: string;
      prompt: string;
      temperature: number;
      topP: number;
      maxTokens: number;
      seed: number;
    };
    result: { id: string };
  };
  'generate.stop': { params: { id: string }; result: null };
}

export type Method = keyof Methods;

export interface Notifications {
  /** Somebody else changed or removed the file (text null). */
  'file.changed': { path: string; text: string | null; version: string };
  /** A run of this folder began, ended or died, whoever started it. */
  'runs.changed': { folder: string };
  'run.events': { path: string; run: string; events: RunEvent[]; next: number };
  'generate.text': { id: string; text: string };
  'generate.end': { id: string; status: 'finished' | 'stopped' | 'failed'; message: string | null; seconds: number };
}

export type Notification = keyof Notifications;

/** Codes of errors that a caller tells apart; `data.code` of the JSON-RPC error, whose `message` is for the user. */
export type HostErrorCode =
  | 'not-found'
  | 'not-allowed'
  | 'not-text'
  | 'exists'
  | 'untrusted'
  | 'locked'
  | 'graph-errors'
  | 'no-result'
  | 'damaged'
  | 'unavailable'
  | 'failed'
  /** A newer request of the same kind took its place (graph.check, graph.plan). */
  | 'outdated'
  | 'bad-request';
