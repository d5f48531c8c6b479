// What a running kind is given: its checked parameters and inputs, and the services it may use. Kinds import no Node API and no
// TensorFlow; everything that touches the machine stands behind these interfaces.
import type { Tensors } from './module.ts';
import type { Artifact, Artifacts, ColumnType, PortType, Ref, Specs, TableArtifact } from './values.ts';

export type TableFormat = 'text' | 'csv' | 'jsonl' | 'parquet';

export interface TableOptions {
  /** text: what makes a row. */
  rows?: 'file' | 'paragraph' | 'line';
  /** CSV: one character; default: detected. */
  delimiter?: string;
  header?: boolean;
  /** CSV: columns to keep as text, whatever their values look like. */
  text?: string[];
  /** Character encoding, such as "utf-8" (the default) or "windows-1252". */
  encoding?: string;
}

/** DuckDB behind a narrow door: no SQL of the user's runs except checked expressions, without file or network access. */
export interface Tables {
  /** Reads files into a table stored at `out` (Parquet). Throws InputError naming file, row and remedy for broken input. */
  load(files: string[], format: TableFormat, options: TableOptions, out: string): Promise<TableArtifact>;
  /** Keeps the rows for which the DuckDB expression is true. */
  filter(table: TableArtifact, where: string, out: string): Promise<TableArtifact>;
  /** Keeps the first of the rows that are equal in these columns (all columns when empty). */
  dedup(table: TableArtifact, by: string[], out: string): Promise<TableArtifact>;
  /** Deals rows out by a hash of their position and the seed; each part keeps the order. Fractions sum to 1. */
  split(table: TableArtifact, fractions: number[], seed: number, outs: string[]): Promise<TableArtifact[]>;
  /** Values of a text column, batch by batch, in order; null values are skipped. */
  texts(table: TableArtifact, column: string): AsyncIterable<string[]>;
  /** First rows, for looking at. */
  head(table: TableArtifact, count: number): Promise<Record<string, unknown>[]>;
}

/** A loaded tokenizer.json. */
export interface Tokenizer {
  readonly size: number;
  /** Id that marks the end of a document, or null where the vocabulary has none. */
  readonly end: number | null;
  /** Without special tokens added. */
  encode(text: string): number[];
  decode(ids: number[]): string;
}

export interface Tokenizers {
  /**
   * Byte-level BPE (Sennrich et al. 2016; GPT-2's byte alphabet) trained on the texts; writes a Hugging Face tokenizer.json.
   * Deterministic. Ends with at most `size` entries: fewer where the text gives no more pairs.
   */
  train(
    texts: AsyncIterable<string[]>,
    options: { size: number; special: string[]; minFrequency: number },
    out: string,
    progress?: (fraction: number) => void,
  ): Promise<{ size: number }>;
  /** Throws InputError for a truncated, hostile or unsupported file. */
  open(path: string): Promise<Tokenizer>;
}

/** Weights on disk: safetensors. Readers check header, offsets and shapes before anything is allocated. */
export interface WeightFiles {
  open(paths: string[]): Promise<WeightReader>;
  /** Atomic: written beside, synced, renamed. */
  write(
    path: string,
    tensors: Iterable<{ name: string; shape: number[]; values: Float32Array }>,
    metadata?: Record<string, string>,
  ): Promise<void>;
}

export interface WeightReader {
  readonly tensors: ReadonlyMap<string, { dtype: string; shape: number[] }>;
  /** As float32, whatever the stored type (F32, F16, BF16, F64). */
  read(name: string): Promise<Float32Array>;
  close(): Promise<void>;
}

/** Files of a running step. */
export interface RunFiles {
  /** Where this step's results go; renamed into the cache when the step succeeds, removed when it fails. */
  readonly folder: string;
  /** A path inside `folder`. */
  join(...parts: string[]): string;
  /** Resolves a path of the graph for reading; throws InputError when it is missing or outside the graph's folder. */
  input(path: string): string;
  /** Files of a pattern, as at check time. */
  glob(pattern: string): string[];
  /**
   * Resolves a path of the graph for writing, inside the graph's folder. `own`: names in a folder that is about to be replaced as
   * a whole; throws InputError where it holds others.
   */
  output(path: string, own?: readonly string[]): string;
  readText(path: string): Promise<string>;
  /** Atomic. */
  writeText(path: string, text: string): Promise<void>;
  /** Atomic. */
  copy(from: string, to: string): Promise<void>;
  /** Publishes a finished folder at `to` by renaming `from`; an older one there is replaced. */
  publish(from: string, to: string): Promise<void>;
}

/** Token ids of a whole table on disk: more than memory holds is fine. */
export interface TokenFiles {
  /** Writes `FOLDER/tokens.bin` (little-endian uint32) batch by batch. */
  write(folder: string, batches: AsyncIterable<Uint32Array>): Promise<{ count: number }>;
  open(folder: string): Promise<TokenReader>;
}

export interface TokenReader {
  readonly count: number;
  /** Ids start .. start + count - 1. */
  read(start: number, count: number): Int32Array;
  close(): void;
}

export interface Progress {
  /** In `unit`s. */
  done: number;
  total: number;
  unit: string;
  /** Shown beside the bar: "loss 3.21 · 8,100 tokens/s". */
  note?: string;
}

/** Numbers of one training step; also written to TensorBoard under their names. */
export interface StepEvent {
  step: number;
  [scalar: string]: number;
}

/** Where an interrupted step goes on from. Checkpoints are written atomically, the newest two kept. */
export interface Checkpoints {
  /** The newest, when the run was started with `--resume` and there is one for the same content key. */
  resume(): Promise<{ step: number; state: Record<string, unknown>; weights: string } | null>;
  save(
    step: number,
    state: Record<string, unknown>,
    tensors: Iterable<{ name: string; shape: number[]; values: Float32Array }>,
  ): Promise<void>;
}

export interface RunContext<P> {
  params: P;
  node: string;
  inputs: { [port: string]: Specs[PortType] | undefined };
  /** The output that feeds each connected input. */
  sources: { [port: string]: Ref };
  /** The finished artifact of a connected input; throws for pure parts. */
  artifact<T extends keyof Artifacts>(port: string, type: T): Artifacts[T];
  /** The artifact that a spec refers to (such as an architecture's tokenizer). */
  resolve(ref: Ref): Artifact;
  outputs: { [output: string]: Specs[PortType] };
  files: RunFiles;
  tables: Tables;
  tokenizers: Tokenizers;
  weights: WeightFiles;
  tokens: TokenFiles;
  /**
   * A result that several steps may need, kept in the cache under the hash of its name and the keys of these outputs: token
   * streams outlive a change of the learning rate. `produce` fills a folder; returns where it is kept.
   */
  memo(name: string, of: Ref[], produce: (folder: string) => Promise<void>): Promise<string>;
  /** TensorFlow, loaded at first use. */
  tensors(): Promise<Tensors>;
  kinds: KindLookup;
  checkpoints: Checkpoints;
  progress(progress: Progress): void;
  step(event: StepEvent): void;
  /** Tokens each expert got in a training step, by layer. Too many numbers for every step: report some of them. */
  experts(step: number, load: { [layer: string]: number[] }): void;
  /** One line for the run's log. */
  log(message: string): void;
  warn(message: string): void;
  /** Set when the user interrupts: leave at the next safe point, saving what is needed to resume (throw signal.reason after). */
  signal: AbortSignal;
}

/** The registry as kinds see it: parts of a model find the code of other parts by name. */
export interface KindLookup {
  get(kind: string): import('./kind.ts').Kind | undefined;
}

export type { ColumnType };
