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
  /** The template that its text was written by, where it holds conversations (see chat); null where a file has yet to tell. */
  chat?: ChatTemplate | null;
}

/** How conversations are written as text. */
export interface ChatTemplate {
  /** Jinja. */
  template: string;
  /** What it calls bos_token and eos_token. */
  bos: string;
  eos: string;
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

/** RMSNorm (a gain) or LayerNorm (mean taken off; a gain and a bias). */
export type NormKind = 'rms' | 'layer';

/** Equal layers. What is optional is left out where it is as in a decoder like LLaMA's, so that keys stay as they were. */
export interface BlockSpec {
  repeat: number;
  attention: Part;
  ffn: Part;
  /** The norms' epsilon. */
  eps: number;
  /** Default: rms. */
  norm?: NormKind;
  /** `post`: norm after the sum with the residual (Vaswani et al. 2017; BERT). Default: before each part. */
  place?: 'post';
  /** Every position sees all others (an encoder). Default: only those before it. */
  both?: true;
  /** Share of a part's outputs dropped while training, before the sum with the residual. */
  dropout?: number;
  /** Attention over `Architecture.memory`, between attention and feed-forward. */
  cross?: Part;
}

/** What is added to vectors of tokens for their place. */
export interface Positions {
  kind: 'learned' | 'sinusoidal';
  /** Places there are. */
  size: number;
}

/** Turns rows that are not tokens into the first hidden states. */
export interface Front {
  /** A kind with `front`: convolutions over a picture, a linear map of a series. */
  parts: Part[];
  /** Of the rows: [height, width, channels] of pictures, [time, columns] of series. */
  shape: number[];
  /** Columns of the table that hold them. */
  columns: string[];
}

/** Where a model's last hidden states lead. */
export type Head = { eps: number; norm?: NormKind | 'none' } & (
  | {
      /** A score for every token. */
      kind?: 'tokens';
      tied: boolean;
      bias?: true;
      /** BERT's: dense, GELU and LayerNorm in front. */
      transform?: true;
      /** DeepSeek-V3's multi-token prediction: modules that each predict one token further on, and their share in the loss. */
      further?: { depth: number; weight: number };
    }
  | ({ kind: 'classes'; labels: string[] } & Pooled)
  | ({ kind: 'values'; columns: string[] } & Pooled)
  | ({ kind: 'vector' } & Pooled)
);

export interface Pooled {
  tied: false;
  pool: Pool;
  /** BERT's: a linear layer and tanh behind the pooling. */
  dense?: true;
  /** Share of the pooled vector dropped while training. */
  dropout?: number;
}

/** How the states of all positions become one vector: the first's, the last's, their mean; each padded position left out. */
export type Pool = 'first' | 'last' | 'mean';

/** A whole model, or (under a `hidden` wire) its beginning. Plain data: hashed, printed and stored as JSON. */
export interface Architecture {
  /** The tokenizer's output it was wired to, or null where a pretrained folder has none, or rows are no text. */
  tokenizer: Ref | null;
  /** 0 where nothing is embedded. */
  vocab: number;
  dim: number;
  /** Standard deviation of the normal distribution that weights are drawn from. */
  init: number;
  blocks: BlockSpec[];
  /** Set by a head. */
  head: Head | null;
  /** Longest context the model was made for, in tokens, where known (pretrained). */
  context?: number;
  positions?: Positions;
  /** BERT's segments: rows of a table of which one is added to each token's vector. */
  segments?: number;
  /** Norm of the sum of a token's vectors, and the share dropped while training. */
  embedded?: { norm?: NormKind; eps?: number; dropout?: number };
  /** Instead of tokens, or before them (its states stand first). */
  front?: Front;
  /** The encoder whose last hidden states cross-attention reads. Its own head is null; `final` is its last norm. */
  memory?: Architecture & { final?: NormKind };
  /** Low-rank adapters (Hu et al. 2021) beside linear layers. */
  adapters?: Adapters;
  /** Where linear layers are stored in fewer bits (see `quantize`). */
  quantized?: Quantized;
}

/** LoRA: linear layers whose name ends in one of `targets` get `scale` B A x added. */
export interface Adapters {
  rank: number;
  /** alpha / rank. */
  scale: number;
  dropout: number;
  targets: string[];
}

/** How `quantize` stored a model's matrices. */
export interface Quantized {
  bits: 8 | 4;
  /** Columns that share a scale; null: a whole row does. */
  group: number | null;
  /** Names of layers, or ends of names, that stay as they are. */
  skip: string[];
  /** Inputs of linear layers are rounded to 8 bits too: each row by its own range, or all by one that was found in calibration. */
  inputs?: 'dynamic' | 'static';
}

export interface HiddenSpec {
  architecture: Architecture;
}

export interface ModelSpec {
  architecture: Architecture;
  /** Where the weights come from; null: drawn at random when training starts. */
  weights: Ref | null;
  /** The form of the conversations that it learned, where it did; null where a file has yet to tell. */
  chat?: ChatTemplate | null;
  /** What it was trained for, where it was. */
  objective?: Part;
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

/**
 * A table that is not stored: its rows are computed where they are read, and stored as a whole only once something needs them so
 * (see `views` in kind.ts).
 */
export interface ViewArtifact {
  type: 'table';
  rows: number;
  columns: Record<string, ColumnType>;
  view: {
    /** What the query reads, by name; each has `dsk_row` besides its own columns. */
    tables: Record<string, Table>;
    /** One SELECT, which gives the rows in order: without a join, as DuckDB promises no order behind one, or with ORDER BY. */
    sql: string;
    /** Those of the tables that are bits of row numbers (see bits.ts): the query has the bit of one as `dsk_bit_NAME(number)`. */
    bits?: string[];
  };
}

/** A table's rows, stored or not. */
export type Table = TableArtifact | ViewArtifact;

export function isView(table: Table): table is ViewArtifact {
  return 'view' in table;
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
export type Artifact = Table | TokenizerArtifact | ModelArtifact | ReportArtifact | FileArtifact;

export interface Artifacts {
  table: TableArtifact;
  tokenizer: TokenizerArtifact;
  model: ModelArtifact;
  report: ReportArtifact;
  file: FileArtifact;
}
