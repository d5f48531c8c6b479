// What travels along the wires: the port types, what is known of a value before anything runs (its spec) and what a
// finished step leaves behind (its artifact).

export const portTypes = [
  'table',
  'tokenizer',
  'hidden',
  'model',
  'optimizer',
  'schedule',
  'objective',
  'attention',
  'ffn',
  'report',
  'file',
] as const;
export type PortType = (typeof portTypes)[number];

/** Names an output of a node whose step produces something at run time. */
export interface Ref {
  node: string;
  output: string;
}

export type ColumnType = 'text' | 'integer' | 'number' | 'boolean' | 'time' | 'list' | 'struct' | 'binary';

/** A table before it exists. `null` stands for what cannot be known yet (an unread file, a filter's row count). */
export interface TableSpec {
  columns: Record<string, ColumnType> | null;
  /** A count that is certain, or null. */
  rows: number | null;
  /** A guess in the same unit, for the plan's costs. */
  rowsEstimate?: number;
  /** Bytes of text the table is expected to hold, for the plan's costs. */
  bytesEstimate?: number;
  /** Where its rows are windows of tokens (see pack): how many tokens are learned in one at most, and whose ids they are. */
  windows?: { context: number; tokenizer: Ref };
}

export interface TokenizerSpec {
  /** Vocabulary size: ids are 0 .. size-1. Null when only running tells. */
  size: number | null;
}

/** A part of a model, such as an attention or a feed-forward network: a kind with its checked parameters. */
export interface Part {
  kind: string;
  params: Record<string, unknown>;
}

export interface BlockSpec {
  repeat: number;
  attention: Part;
  ffn: Part;
  /** RMSNorm's epsilon. */
  eps: number;
}

/** A whole decoder, or (under a `hidden` wire) its beginning. Plain data: hashed, printed and stored as JSON. */
export interface Architecture {
  /** The tokenizer's output it was wired to, or null where a pretrained folder has none. */
  tokenizer: Ref | null;
  vocab: number;
  dim: number;
  /** Standard deviation of the normal distribution that weights are drawn from. */
  init: number;
  blocks: BlockSpec[];
  /** Set by lm_head: final norm and whether the output shares the embedding. */
  head: { eps: number; tied: boolean } | null;
  /** Longest context the model was made for, in tokens, where known (pretrained). */
  context?: number;
}

export interface HiddenSpec {
  architecture: Architecture;
}

export interface ModelSpec {
  architecture: Architecture;
  /** Where the weights come from; null: drawn at random when training starts. */
  weights: Ref | null;
}

/** What is known of each port type's value at check time. Parts are pure: their spec is all there is. */
export interface Specs {
  table: TableSpec;
  tokenizer: TokenizerSpec;
  hidden: HiddenSpec;
  model: ModelSpec;
  optimizer: Part;
  schedule: Part;
  objective: Part;
  attention: Part;
  ffn: Part;
  report: { fields: string[] };
  file: { path: string };
}

export interface TableArtifact {
  type: 'table';
  /** A Parquet file. */
  path: string;
  rows: number;
  columns: Record<string, ColumnType>;
}

export interface TokenizerArtifact {
  type: 'tokenizer';
  /** A Hugging Face tokenizer.json. */
  path: string;
  size: number;
}

export interface ModelArtifact {
  type: 'model';
  architecture: Architecture;
  /** Safetensors files that hold the weights under their Hugging Face names, in order. */
  weights: string[];
  /** tokenizer.json, or null where the model came without one. */
  tokenizer: string | null;
}

export interface ReportArtifact {
  type: 'report';
  values: Record<string, unknown>;
}

export interface FileArtifact {
  type: 'file';
  path: string;
}

/** What a step leaves; paths lie in the step's cache folder, the graph's folder or a package. */
export type Artifact = TableArtifact | TokenizerArtifact | ModelArtifact | ReportArtifact | FileArtifact;

export interface Artifacts {
  table: TableArtifact;
  tokenizer: TokenizerArtifact;
  model: ModelArtifact;
  report: ReportArtifact;
  file: FileArtifact;
}
