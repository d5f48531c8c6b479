// The contract of a node kind: one file default-exports one `Kind`, and palette, forms, validation, completion, `dsk nodes`,
// docs and the plan derive from it. A kind either defines (a pure part of a model or recipe) or runs (a step of the plan).
import type { KindLookup, RunContext, TableFormat, TableOptions } from './context.ts';
import type { FrontModule, Module, ModuleContext, OptimizerRule, Schedule } from './module.ts';
import type { Objective } from './objectives/objective.ts';
import type { Artifact, ColumnType, PortType, Specs } from './values.ts';

export interface Port {
  type: PortType;
  doc: string;
  optional?: boolean;
  /** The input that has to be connected before this one is offered: one of many (see inputs.ts). */
  after?: string;
  /** What is done with the rows that come in here: a model must not be measured on rows it has learned (see engine/graph/leaks.ts). */
  use?: 'learn' | 'measure';
}

/** Names of the inputs that are offered when these are connected: of many that stand in for a list, the next one only. */
export function offeredInputs(inputs: Record<string, Port>, given: (name: string) => boolean): string[] {
  return Object.keys(inputs).filter((name) => {
    const after = inputs[name]?.after;
    return after === undefined || given(after) || given(name);
  });
}

/** Whether an input is one of many that stand in for a list, and not the first of them: help leaves it out. */
export function isFurther(inputs: Record<string, Port>, name: string): boolean {
  const after = inputs[name]?.after;
  return after !== undefined && inputs[after]?.after !== undefined;
}

/** A parameter: JSON Schema (2020-12) with what forms and help need besides. */
export interface Param {
  description: string;
  type?:
    | 'integer'
    | 'number'
    | 'string'
    | 'boolean'
    | 'array'
    | ('integer' | 'number' | 'string' | 'boolean' | 'array')[];
  enum?: readonly (string | number)[];
  default?: unknown;
  minimum?: number;
  maximum?: number;
  exclusiveMinimum?: number;
  exclusiveMaximum?: number;
  minLength?: number;
  minItems?: number;
  maxItems?: number;
  items?: { type: 'integer' | 'number' | 'string' | 'boolean'; minimum?: number; maximum?: number };
  /** Shown behind the number: "tokens", "rows", "bytes" ... */
  unit?: string;
  /** How an editor should offer the text: a path inside the graph's folder, a DuckDB expression, a column of the first table. */
  format?: 'path' | 'expression' | 'column';
  /** Sorted after the common ones. */
  advanced?: boolean;
  /**
   * Whether the parameter only changes how the work is done or reported, not its result: left out of the content key. Or so as long as
   * none of these parameters is given.
   */
  unkeyed?: boolean | { unless: readonly string[] };
}

/** Headings within a stage, in reading order. */
export const groups = ['read', 'rows', 'clean', 'text', 'augment', 'tokens'] as const;
export type Group = (typeof groups)[number];

/** Says what is wrong with one argument. `at` is a parameter's or port's name, or null for the node as a whole. */
export interface Complaint {
  code: string;
  message: string;
  at: string | null;
  note?: string;
  /** A value that would be right, offered as a fix. */
  suggest?: { value: unknown; title: string };
  /** Parameters of the node that would be right together, given or not: each offered as a fix. */
  fixes?: { set: Record<string, number | string | boolean>; title: string }[];
}

export interface InferContext<P> {
  params: P;
  /** Spec of each connected input; an optional port that is not connected is absent. */
  inputs: { [port: string]: Specs[PortType] | undefined };
  /** Name of this node in the graph, for `Ref`s to its own outputs. */
  node: string;
  /** The output that feeds each connected input. */
  sources: { [port: string]: { node: string; output: string } };
  /** Reads at check time; null in places without files (the editor's page). Nothing is executed or written. */
  files: CheckFiles | null;
  /** The registry: parts of a model find the code of other parts by name. */
  kinds: KindLookup;
  /** Report an error (the graph is wrong) or a warning. */
  error(complaint: Complaint): void;
  warn(complaint: Complaint): void;
}

/** What checking may look at. Paths are as written in the graph; errors are returned as complaints by the implementations' caller. */
export interface CheckFiles {
  /** Bytes of main memory that a run may take here. Absent: not known. */
  readonly memory?: number;
  /**
   * Files a pattern names: a path or glob inside the graph's folder, or `npm:PACKAGE/PATTERN`. Sorted.
   * Throws PathError for a path outside the graph's folder (not allowed) or a package that is not installed.
   */
  glob(pattern: string): { path: string; bytes: number }[];
  /** Throws PathError where the graph may not write this path; with `own` as in RunFiles. */
  output(path: string, own?: readonly string[]): void;
  /**
   * Throws InputError, at parameter `at`, where the graph may not run programs, or there is none of this name. Gives the files of the
   * graph's folder that the command names, as written: the result depends on them.
   */
  command(words: readonly string[], at: string): string[];
  /** The whole of a small text file, or null if it does not exist. */
  text(path: string, limitBytes?: number): string | null;
  /** Bytes of a file that `glob` found, from a place on; throws RangeError where it ends before. */
  bytes(path: string, at: number, length: number): Uint8Array;
  /** Column names and types of a file, from its head. Throws InputError where it cannot be read. */
  columns(path: string, format: TableFormat, options: TableOptions): Promise<Record<string, ColumnType>>;
  /**
   * The type of a DuckDB expression over these columns, or null where only running tells (it works on lists, structs or times).
   * Throws InputError, at parameter `at` ("where" unless given), where it is not a pure expression over them.
   */
  expression(expression: string, columns: Record<string, ColumnType>, at?: string): Promise<ColumnType | null>;
}

/** Costs of a step, before it runs. All optional: what is not known is not shown. */
export interface Cost {
  rows?: number;
  /** Scalars in the model's weights; `active` of them are used for one token. */
  parameters?: number;
  activeParameters?: number;
  /** Those that training moves, where it is not all of them. */
  trainable?: number;
  /** Floating point operations of one training step (forward and backward), or of the whole step where it is no training. */
  flops?: number;
  steps?: number;
  /** Bytes of main memory while it runs (the process' resident set), at most. */
  memory?: number;
  /** Bytes it leaves on disk. */
  disk?: number;
}

/** Specs by output; null where an error makes them unknowable. */
export type Inferred = { [output: string]: Specs[PortType] } | null;

interface Common<P> {
  kind: string;
  stage: 'data' | 'model' | 'train' | 'deliver';
  /** Where a stage has many kinds: the heading this one stands under in the palette, `dsk nodes` and the reference. */
  group?: Group;
  /** Raised when the same inputs would give another result: part of the content key. */
  version: number;
  /** First sentence: what it does. Then what a user must know, and the source (paper, file format). */
  doc: string;
  /** A statement or two that use it, parsed and checked in a test. Names not defined in it are taken from the quickstart example. */
  example: string;
  inputs: Record<string, Port>;
  /**
   * First is what a bare reference means. A kind that takes rows out of its table gives them as `removed`, with a last text column
   * `reason`: a short sentence, led by the rule and a colon where there are several ("gopher: 12% of the lines are bullets, at most
   * 9% may be"). Reasons that differ only in numbers and quoted texts are counted as one where they are shown.
   */
  outputs: Record<string, PortType>;
  params: Record<string, Param>;
  required?: (keyof P & string)[];
  /** What positional arguments stand for, in order. Default: the inputs in order. */
  positional?: string[];
  /** How rows get through to its tables. Default: those of its first input, each once at most. */
  lineage?(params: P): Lineage;
  /** Shape rule: specs of the outputs, or null where an error makes them unknowable (report it). */
  infer(context: InferContext<P>): Inferred | Promise<Inferred>;
}

/**
 * How rows get through a kind, for finding out where one that is learned is measured on as well. Where a kind has several tables, a
 * row is in one of them only.
 */
export interface Lineage {
  /** The inputs whose rows its tables have. Default: the first. */
  from?: readonly string[];
  /** Rows that are more than those that came in: changed copies, or the same again. */
  adds?: 'copies' | 'repeats';
  /** Nothing that came in twice goes out twice. */
  unique?: boolean;
  /** Rows are left out, although there is no table of those. */
  part?: boolean;
  /** Of several tables: rows that belong together (of a time, of a group) are in the same one. */
  together?: boolean;
}

/** A pure kind: its inferred spec is its value; it takes no step of its own. */
export interface DefiningKind<P = Record<string, unknown>> extends Common<P> {
  /** For attention, ffn: the computation. */
  module?(params: P, context: ModuleContext): Module;
  /** For fronts: a stage that works on rows of this shape. */
  front?(params: P, shape: number[]): FrontModule;
  /** For optimizers. */
  optimizer?(params: P): OptimizerRule;
  /** For schedules. */
  schedule?(params: P): Schedule;
  /** For objectives. */
  objective?(params: P): Objective;
}

/** A kind whose node is a step of the plan. */
export interface RunningKind<P = Record<string, unknown>> extends Common<P> {
  cost?(context: InferContext<P> & { outputs: { [output: string]: Specs[PortType] } }): Cost;
  /**
   * Files outside the graph that the result depends on (their bytes go into the content key), as written in the graph or found
   * with `files.glob`.
   */
  reads?(context: InferContext<P>): string[];
  /** False for steps that must happen again although nothing changed because what they write lies outside the cache (see export). */
  cached?: boolean;
  /**
   * For kinds without an output `removed` whose table output is their table input without some rows, the others unchanged and in
   * order: why those are gone. The editor finds them, and shows them with the reason.
   */
  removes?(params: P): Removal;
  /**
   * Whether it takes tables that are not stored, by `context.table`: for kinds that read them through `Tables` alone, by queries, and
   * do so a few times at most. Where this is not so, a table that is a view is stored before the kind runs, once for all such kinds.
   */
  views?(params: P): boolean;
  run(context: RunContext<P>): Promise<{ [output: string]: Artifact }>;
}

/** Why rows are no longer there: a DuckDB expression is not true for them. */
export interface Removal {
  unless: string;
}

export type Kind<P = Record<string, unknown>> = DefiningKind<P> | RunningKind<P>;

/** Identity with types: `export default defineKind<Params>({...})`. */
export function defineKind<P>(kind: Kind<P>): Kind<P> {
  return kind;
}

export function runs(kind: Kind): kind is RunningKind {
  return 'run' in kind;
}

/**
 * A problem with what the user gave, found while running: becomes a diagnostic at the named parameter or port of the node.
 * (Anything else that is thrown counts as a failed run.)
 */
export class InputError extends Error {
  readonly complaint: Complaint;
  constructor(complaint: Complaint) {
    super(complaint.message);
    this.name = 'InputError';
    this.complaint = complaint;
  }
}
