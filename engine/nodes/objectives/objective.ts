// What a model is trained for: which rows of a table it learns from, what they are fed as, and the loss. A kind of port type
// `objective` gives one; where none is wired to a training, the model's shape tells which it is.
import type { KindLookup, RunContext } from '../context.ts';
import type { DefiningKind, InferContext } from '../kind.ts';
import type { Layout } from '../learning.ts';
import type { Feeds, InferenceSession, Learning, Program } from '../module.ts';
import type { Architecture, ModelSpec, Part, Ref, TableSpec } from '../values.ts';

export interface Objective {
  /** What its rows are called where they are counted. */
  unit: 'tokens' | 'rows';
  /** Complains where model and table do not fit it; true when all is well as far as is known. */
  check(given: Check): boolean;
  /** Rows of a table, ready to be fed. Throws InputError for what they should not hold. */
  open(given: Opening): Promise<Examples>;
  learning(program: Program, architecture: Architecture, layout: Layout): Learning;
  /** What `evaluate` says besides loss and count. Absent: nothing. */
  scores?: {
    fields: string[];
    open(given: Opening): Promise<Scorer> | Scorer;
  };
}

/** Scores of a table, batch by batch. */
export interface Scorer {
  /** Looks at a batch, as it was fed for the loss. */
  add(session: InferenceSession, program: Program, batch: Fed): void;
  values(): Record<string, unknown>;
}

export interface Fed {
  layout: Layout;
  feeds: Feeds;
}

export interface Check extends Pick<InferContext<unknown>, 'error' | 'warn'> {
  architecture: Architecture;
  table: TableSpec;
  port: string;
  /** Column with the text that the model reads. */
  column: string;
  /** Most tokens at once; null: as many as the model was trained with. */
  context: number | null;
  /** Rows of a step; null where it is not told. */
  batch: number | null;
  /** Whether it is learned from; else measured on. */
  learns: boolean;
}

export interface Opening {
  context: RunContext<unknown>;
  architecture: Architecture;
  port: string;
  column: string;
  /** Most tokens at once. */
  size: number;
  /** Whether they are learned from; else measured on. */
  learns: boolean;
  /** The rows that are learned from, where these are to be measured on. */
  like?: Examples;
}

/** A table's rows as an objective feeds them: read when they are needed. */
export interface Examples {
  readonly count: number;
  /** A layout in which so many of them, whichever, fit. */
  layout(batch: number): Layout;
  /** One in which these fit. */
  layoutOf(rows: ArrayLike<number>): Layout;
  /** Depends on rows, layout and `draw` alone: the words that what is drawn at random is seeded with. */
  feeds(rows: ArrayLike<number>, layout: Layout, draw: string): Feeds;
  /** Where values are learned in another scale than they are stored in (see `regression`). */
  readonly scale?: Scale;
  close(): void;
}

/** Of each column: a value is learned as (value - mean) / deviation. */
export interface Scale {
  mean: number[];
  deviation: number[];
}

/** A layout in which batches of both fit. */
export function joined(a: Layout, b: Layout | null): Layout {
  if (b === null) return a;
  return {
    batch: a.batch,
    context: Math.max(a.context, b.context),
    ...((a.learned || b.learned) && { learned: true }),
    ...((a.documents || b.documents) && { documents: true }),
    ...(a.source !== undefined && { source: Math.max(a.source, b.source ?? 0) }),
  };
}

/** The kind of objective that a model's shape goes with. */
function usual({ head, memory, blocks }: Architecture): string {
  if (head?.kind === 'classes') return 'classification';
  if (head?.kind === 'values') return 'regression';
  if (head?.kind === 'vector') return 'simcse';
  if (memory) return 'seq2seq';
  return blocks.some(({ both }) => both) ? 'masked' : 'causal';
}

/** The objective wired to a node, else the one the model was trained for, else that of its shape with the defaults. */
export function objectivePart(
  kinds: KindLookup,
  { architecture, objective }: Pick<ModelSpec, 'architecture' | 'objective'>,
  given: Part | undefined,
): Part {
  if (given !== undefined) return given;
  if (objective !== undefined) return objective;
  const kind = usual(architecture);
  const defaults = Object.entries(kinds.get(kind)?.params ?? {}).filter(
    ([, { default: value }]) => value !== undefined,
  );
  return { kind, params: Object.fromEntries(defaults.map(([name, param]) => [name, param.default])) };
}

export function objectiveOf(kinds: KindLookup, { kind, params }: Part): Objective {
  const found = kinds.get(kind) as DefiningKind | undefined;
  if (found?.objective === undefined) throw new Error(`kind ${kind} is no objective`);
  return found.objective(params);
}

/** Whether a tokenizer's output is the same as another's. */
export const sameRef = (a: Ref, b: Ref): boolean => a.node === b.node && a.output === b.output;
