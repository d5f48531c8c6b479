// What a running kind is given: its checked parameters and inputs, and the services it may use. Kinds import no Node API and no
// TensorFlow; everything that touches the machine stands behind these interfaces.
import type { RowFunction } from '../data/rows/rows.ts';
import type { Source } from './gguf/header.ts';
import type { Complaint } from './kind.ts';
import type { Tensors } from './module.ts';
import type {
  Artifact,
  Artifacts,
  ChatTemplate,
  ColumnType,
  PortType,
  Ref,
  Specs,
  Table,
  TableArtifact,
  ViewArtifact,
} from './values.ts';

export type TableFormat = 'text' | 'csv' | 'json' | 'jsonl' | 'parquet' | 'images' | 'idx';

export interface TableOptions {
  /** text: what makes a row. */
  rows: 'file' | 'paragraph' | 'line';
  /** CSV: one character; default: detected. */
  delimiter?: string;
  /** CSV: whether the first line names the columns. */
  header: boolean;
  /** CSV, JSON: types of columns, where they are not to be told from the first rows. */
  types: Record<string, GivenType>;
  /** Character encoding, such as "windows-1252"; default: detected. */
  encoding?: string;
  /** What becomes of rows that cannot be read. */
  broken: 'error' | 'keep_aside';
  /** The share of them that is too much. */
  maxBroken: number;
}

/** What a table is written as. */
export interface FileShape {
  format: 'csv' | 'jsonl' | 'parquet';
  /** CSV. */
  delimiter: string;
  compression: 'gzip' | 'zstd' | null;
}

/** Types that a column can be given when it is read. */
export type GivenType = 'text' | 'integer' | 'number' | 'boolean' | 'time';

/** A query that a kind makes. What comes from the graph enters it through `literal` and `identifier` (sql.ts) or as `expressions`. */
export interface Query {
  /**
   * Tables by the name under which the query reads them. Each has, besides its own columns, `dsk_row`: the position of the row from
   * 0. What is stored comes in the order the query gives, so a query that joins, groups or sorts ends with an ORDER BY.
   */
  tables: Record<string, Table>;
  /** One SELECT. `dsk_row` must not be among its columns. */
  sql: string;
  /** The graph's expressions that stand in it, in round brackets: checked before the query runs. */
  expressions?: readonly Expression[];
  /** What to say when no row is left; null where an empty table is fine. Default: says so plainly. */
  empty?: Complaint | null;
}

/** A DuckDB expression of a graph. */
export interface Expression {
  text: string;
  /** The parameter it was given in. */
  at: string;
  /** The columns it may name. */
  columns: Record<string, ColumnType>;
  /** What it must give, where that matters. */
  type?: ColumnType;
}

/** Rows through a function of engine/data/rows/, in worker threads. */
export interface RowWork {
  /** The file's name there, without its ending. */
  name: string;
  /** Plain data, handed to the function's `open`. */
  params: unknown;
  /** Columns the function sees. */
  columns: string[];
  /** Columns it makes; one that exists is replaced in its place, new ones come last. */
  makes: Record<string, MadeType>;
  /** Keeps only the columns it makes, so that nothing else of the table is copied. */
  alone?: boolean;
  /** Rows of a part, where the function makes much of each. Default: as many as fit. */
  rows?: number;
}

/** Rows through a function of the kind's own, for what only this process has: a model, a program that runs. */
export interface Through extends Pick<RowWork, 'columns' | 'makes'> {
  /** Rows of a part, which is what is kept when the run is killed. */
  rows: number;
}

/** What a row function can make; the last three are lists. */
export type MadeType = 'text' | 'integer' | 'number' | 'boolean' | 'binary' | 'texts' | 'integers' | 'numbers';

/** What makes texts near-duplicates: MinHash signatures that agree in a band (Broder 1997; Leskovec et al., Mining of Massive Datasets). */
export interface NearWork {
  /** Text columns, compared as one text. */
  columns: string[];
  /** What a shingle is made of, and how many of them. */
  unit: 'word' | 'character';
  size: number;
  bands: number;
  /** Hashes in a band. */
  rows: number;
  seed: number;
  /** Rows that agree in a band count only where their similarity is this at least; null: all count. */
  threshold: number | null;
}

export interface Near {
  /** Row for row beside the table: `dsk_cluster`, the number of the first row of a row's cluster, null where it is alone. */
  clusters: TableArtifact;
  /** For the row function `similarity`. */
  signatures: SignaturePlace;
}

/** Where signatures lie while a step runs. */
export interface SignaturePlace {
  files: string[];
  /** Rows of each file: `start` up to `end`, without it. */
  ranges: { start: number; end: number }[];
  bands: number;
}

/** What long work reports to and listens to: a running kind's context. */
export type Watch = Pick<RunContext<unknown>, 'parts' | 'progress' | 'signal'>;

/** Reading says what it found out, and what it left out. */
export type LoadWatch = Watch & Pick<RunContext<unknown>, 'log' | 'warn'>;

/** DuckDB behind a narrow door: no SQL of the user's runs except checked expressions, without file or network access. */
export interface Tables {
  /**
   * Reads files into a table stored at `outs.table` (Parquet). Rows that cannot be read go to `outs.rejected`: file, line, reason and
   * content; `watch.warn` is told their number and the first. Throws InputError naming file, row and remedy where they are too many,
   * or none is allowed.
   */
  load(
    files: string[],
    format: TableFormat,
    options: TableOptions,
    outs: { table: string; rejected: string },
    watch: LoadWatch,
  ): Promise<{ table: TableArtifact; rejected: TableArtifact }>;
  /**
   * Writes a table to a file of the user's, atomically. In CSV, lists and structs are JSON texts. The table has no binary column unless
   * the format is Parquet.
   */
  save(table: Table, path: string, shape: FileShape, watch: Watch): Promise<void>;
  /**
   * What a query gives, without storing it: for queries that go through their tables row by row and cannot fail, since they run
   * wherever the rows are read, in other steps. The tables are inputs of the step, or files of its result.
   * @param rows how many it gives
   */
  view(query: ViewArtifact['view'], rows: number, watch: Watch): Promise<ViewArtifact>;
  /** Stores a view's rows. */
  stored(view: ViewArtifact, out: string, watch: Pick<Watch, 'signal'>): Promise<TableArtifact>;
  /** Stores what a query gives. */
  query(query: Query, out: string, watch: Watch): Promise<TableArtifact>;
  /**
   * As `query`, for kinds that remove rows: where the query's text column `reason` is null the row goes, without it, to `outs.table`,
   * else to `outs.removed` with `reason` as its last column.
   */
  sieve(
    query: Query,
    outs: { table: string; removed: string },
    watch: Watch,
  ): Promise<{ table: TableArtifact; removed: TableArtifact }>;
  /** A few rows computed from tables: counts, medians. */
  values(query: Omit<Query, 'empty'>, watch: Watch): Promise<Record<string, unknown>[]>;
  /**
   * Which of the numbers 0 .. `below` - 1 a query gives more than once, as a table of bits (see bits.ts). Takes two bits of memory for
   * each, whatever the number of rows.
   * @param query gives one column, UINTEGER without null
   */
  twice(
    query: Pick<Query, 'tables' | 'sql'>,
    below: number,
    out: string,
    watch: Pick<Watch, 'signal'>,
  ): Promise<TableArtifact>;
  /**
   * Sends each row through a function, in parallel, part after part: parts that are done are kept when the run is killed, and the
   * next run goes on with them. Keeps the rows' order.
   */
  map(table: TableArtifact, work: RowWork, out: string, watch: Watch): Promise<TableArtifact>;
  /** As `map`, one part after another, through a function that is given here. */
  through(table: TableArtifact, work: Through, make: RowFunction, out: string, watch: Watch): Promise<TableArtifact>;
  /** Finds near-duplicates, in parallel, part after part as `map`. The signatures stay in the step's folder of parts. */
  near(table: TableArtifact, work: NearWork, out: string, watch: Watch): Promise<Near>;
  /** Keeps the rows for which the DuckDB expression is true. */
  filter(table: Table, where: string, out: string): Promise<TableArtifact>;
  /** Values of a text column, batch by batch, in order; null values are skipped. */
  texts(table: TableArtifact, column: string): AsyncIterable<string[]>;
  /** First rows, for looking at. */
  head(table: Table, count: number): Promise<Record<string, unknown>[]>;
}

/** How text is cut into pieces before merging: the patterns of these models; `default` is LLaMA 3's with marks kept on letters. */
export type PreTokenizer = 'default' | 'gpt2' | 'llama3' | 'deepseek';

/** Programs that a graph names. They run only where the command line allows it (`--allow-commands`). */
export interface Commands {
  /**
   * Starts a program in the graph's folder, without a shell. It reads a JSON object a line, `{"text": "..."}`, and answers each with
   * one, in order; it ends when its input does. The run's end, or an interruption, ends it.
   * @param at the parameter that named it
   * @param timeout seconds without an answer after which it counts as stuck
   */
  open(words: readonly string[], at: string, timeout: number): Promise<Program>;
}

export interface Program {
  /** The texts it answers with. Throws InputError with the program's last words where it fails, or answers with something else. */
  ask(texts: readonly string[]): Promise<string[]>;
  /** Ends its input and waits for it to leave. */
  close(): Promise<void>;
}

/** A loaded tokenizer.json. */
export interface Tokenizer {
  readonly size: number;
  /** Id that marks the end of a document, or null where the vocabulary has none. */
  readonly end: number | null;
  /** Ids that stand for no text, such as "[CLS]". */
  readonly special: ReadonlySet<number>;
  /** Id of an entry; null where there is none. */
  id(entry: string): number | null;
  /** Whether an entry goes on with the word of the one before: it begins with no space, or as WordPiece's with "##". */
  continues(id: number): boolean;
  /** Without special tokens added. */
  encode(text: string): number[];
  decode(ids: number[]): string;
}

/** A turn of a conversation. */
export interface Turn {
  role: 'system' | 'user' | 'assistant';
  content: string;
}

export interface TrainOptions {
  column: string;
  preTokenizer: PreTokenizer;
  /** Entries of the vocabulary, special tokens and bytes among them. */
  size: number;
  /** Ids 0, 1, ... */
  special: readonly string[];
  /** How often a pair must occur to become an entry. */
  minFrequency: number;
}

export interface Tokenizers {
  /**
   * Byte-level BPE (Sennrich et al. 2016; GPT-2's byte alphabet) trained on a column of text, in worker threads; writes a Hugging Face
   * tokenizer.json. Deterministic. Ends with at most `size` entries: fewer where the text gives no more pairs.
   */
  train(table: TableArtifact, options: TrainOptions, out: string, watch: Watch): Promise<{ size: number }>;
  /** Throws InputError for a truncated, hostile or unsupported file. */
  open(path: string): Promise<Tokenizer>;
  /**
   * A conversation as text, up to where the next answer begins.
   * Throws InputError, at parameter `at`, where the template cannot be carried out or does not take it.
   */
  asked(template: ChatTemplate, turns: readonly Turn[], at: string): string;
}

/** Weights on disk: safetensors, and for reading GGUF. Readers check header, offsets and shapes before anything is allocated. */
export interface WeightFiles {
  open(paths: string[]): Promise<WeightReader>;
  /** A file's bytes by position. */
  source(path: string): Source & { close(): void };
  /** Atomic: written beside, synced, renamed. */
  write(path: string, tensors: Iterable<StoredTensor>, metadata?: Record<string, string>): Promise<void>;
}

/** A tensor to be written, row-major, in the type of its values. */
export interface StoredTensor {
  name: string;
  shape: number[];
  values: Float32Array | Int8Array | Int32Array | BigInt64Array;
  /** Float32 values that bfloat16 holds exactly, in two bytes each. */
  as?: 'BF16';
}

export interface WeightReader {
  readonly tensors: ReadonlyMap<string, { dtype: string; shape: number[] }>;
  /** As float32, whatever the stored type; into `into`, which has its size, where that is given. */
  read(name: string, into?: Float32Array): Float32Array;
  /** Its bytes as they are stored (little-endian), whatever the type. */
  raw(name: string): Uint8Array;
  close(): void;
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

/**
 * Token ids of a table's documents on disk, in shards: more than memory holds is fine. Each row is a document, an empty one where
 * the row has no text. Tokens have positions from 0 on in the order of the rows, through all shards.
 */
export interface TokenFiles {
  /**
   * Fills `folder` with the tokens of a table, in worker threads, part after part: parts that are done are kept in `watch.parts` when
   * the run is killed, and the next run goes on with them.
   */
  encode(table: TableArtifact, work: TokenWork, folder: string, watch: Watch): Promise<TokenCounts>;
  /** Opens a folder that `encode` filled. Throws InputError naming the file when one is damaged or cut off. */
  open(folder: string): Promise<TokenReader>;
}

/** Rows to tokens through a function of engine/data/documents/. */
export interface TokenWork {
  /** The file's name there, without its ending. */
  name: string;
  /** Plain data, handed to the function's `open`. */
  params: unknown;
  /** Columns the function sees, in this order. */
  columns: string[];
  /** A tokenizer.json. */
  tokenizer: string;
  /** Whether each token is marked with a byte: odd where it counts for the loss. */
  masked: boolean;
}

export interface TokenCounts {
  tokens: number;
  documents: number;
}

/** Reads by position, without loading all: what was read lately comes from the system's page cache. */
export interface TokenReader {
  /** Tokens. */
  readonly count: number;
  readonly documents: number;
  readonly masked: boolean;
  /** Ids of the tokens start .. start + count - 1. */
  read(start: number, count: number): Int32Array;
  /**
   * A byte for each token of start .. start + count - 1: odd where it counts for the loss. Other bits are as the document function
   * left them. All 1 where nothing is masked.
   */
  mask(start: number, count: number): Uint8Array;
  /** Position of the first token of a document; of `documents`: the count of tokens. So document d is start(d) .. start(d + 1) - 1. */
  start(document: number): number;
  /** The document that holds the token at a position. */
  documentAt(position: number): number;
  close(): void;
}

/** Numbers of a row, always as many: what models take, or are to learn, besides text. */
export type Field =
  /** A picture: height * width * channels values between 0 and 1, row by row. One of another size is scaled to this. */
  | { kind: 'picture'; column: string; shape: readonly [number, number, number] }
  /** `time` moments of a series, the columns' values of each side by side; columns hold lists of that length. */
  | { kind: 'series'; columns: readonly string[]; time: number }
  /** `count` numbers of columns; lists are strung together. */
  | { kind: 'values'; columns: readonly string[]; count: number }
  /** The place of a label among these, as a number. */
  | { kind: 'label'; column: string; labels: readonly string[] };

/** Numbers of a table's rows on disk, to be read by position: more than memory holds is fine. */
export interface RecordFiles {
  /**
   * Fills `folder`, in worker threads, part after part as `TokenFiles.encode`. Throws InputError at `work.port` naming row, value and
   * remedy where a value is missing, or is none that the field can hold.
   */
  encode(table: TableArtifact, work: RecordWork, folder: string, watch: Watch): Promise<void>;
  /** Opens a folder that `encode` filled. Throws InputError where it is damaged. */
  open(folder: string): RecordReader;
}

export interface RecordWork {
  fields: readonly Field[];
  /** Where the table came in. */
  port: string;
}

export interface RecordReader {
  readonly rows: number;
  /** Pictures that were scaled. */
  readonly scaled: number;
  /** Values of a row, one array a field. */
  read(row: number): Float32Array[];
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
  /** @param kept names of what was kept that this checkpoint goes on with */
  save(
    step: number,
    state: Record<string, unknown>,
    tensors: Iterable<{ name: string; shape: number[]; values: Float32Array }>,
    kept?: readonly string[],
  ): Promise<void>;
  /**
   * Keeps tensors beside the checkpoints, for the rest of the step: those that no checkpoint names go with the next save. What bears a
   * name is always the same.
   * @param instead name of what is not needed any more, unless a checkpoint names it
   */
  keep(
    name: string,
    tensors: Iterable<{ name: string; shape: number[]; values: Float32Array }>,
    instead?: string | null,
  ): Promise<void>;
  /** The file of what was kept. Throws where it is not there. */
  kept(name: string): string;
}

export interface RunContext<P> {
  params: P;
  node: string;
  inputs: { [port: string]: Specs[PortType] | undefined };
  /** The output that feeds each connected input. */
  sources: { [port: string]: Ref };
  /** The finished artifact of a connected input; throws for pure parts. */
  artifact<T extends keyof Artifacts>(port: string, type: T): Artifacts[T];
  /** A table as it is, stored or not: for kinds whose `views` says so. */
  table(port: string): Table;
  /** The artifact that a spec refers to (such as an architecture's tokenizer). */
  resolve(ref: Ref): Artifact;
  outputs: { [output: string]: Specs[PortType] };
  files: RunFiles;
  /** A folder for finished parts of long work: it outlives a killed run, and goes when the step is done. Whoever uses it makes it. */
  parts: string;
  tables: Tables;
  tokenizers: Tokenizers;
  weights: WeightFiles;
  tokens: TokenFiles;
  records: RecordFiles;
  commands: Commands;
  /**
   * A result that several steps may need, kept in the cache under the hash of its name and the keys of these outputs: token
   * streams outlive a change of the learning rate. `produce` fills a folder, and may keep finished parts in another, which outlives a
   * killed run; returns where the result is kept.
   */
  memo(name: string, of: Ref[], produce: (folder: string, parts: string) => Promise<void>): Promise<string>;
  /** TensorFlow, loaded at first use. */
  tensors(): Promise<Tensors>;
  kinds: KindLookup;
  checkpoints: Checkpoints;
  progress(progress: Progress): void;
  step(event: StepEvent): void;
  /** Tokens each expert got in a training step, by layer. Too many numbers for every step: report some of them. */
  experts(step: number, load: { [layer: string]: number[] }): void;
  /** The training goes on from an earlier step: what was reported of those after it does not count any more. */
  back(step: number): void;
  /** What the model writes after a prompt, at this step of its training. */
  sample(step: number, prompt: string, text: string): void;
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
