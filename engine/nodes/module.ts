// Models as kinds see them: modules made of weights and a forward pass (written in the operations of ops.ts), update rules, and
// the sessions that train and run them. engine/tensor implements these interfaces on tfjs.
import type { Documents, Draw, Ops, Tensor } from './ops.ts';
import type { OptimizerRule } from './optimizer.ts';

export type * from './ops.ts';
export type * from './optimizer.ts';

/** Windows of tokens to learn from or to measure on; n = windows * time. */
export interface Batch {
  /** int32 [n]. */
  ids: Int32Array;
  /** The tokens that follow, int32 [n]. */
  targets: Int32Array;
  /** 1 where a target counts in the loss, 0 where not, float32 [n]. Absent: all count. */
  learned?: Float32Array;
  /**
   * Where windows hold several documents: the place in its window, from 0, at which each token's document begins; -1 for padding,
   * which stands last. int32 [n]. Absent: each window is one document.
   */
  starts?: Int32Array;
}

export interface Weight {
  /** Name within its module; the decoder prefixes the layer. A weight kept whole on disk has its Hugging Face name here. */
  name: string;
  shape: number[];
  /** uniform: between -1 and 1 over the root of the columns, as PyTorch's linear layers. */
  init: 'normal' | 'uniform' | 'ones' | 'zeros';
  /** False: moved only by `update` (such as the router's bias). */
  trained: boolean;
  /** Never changes (beside adapters): no part of a session's state. */
  frozen?: boolean;
  /** Rows looked up by token (`table`), or the last product of all (`head`). Absent: inside the model. */
  use?: 'table' | 'head';
  /** Blocks of rows under their Hugging Face names, when one weight holds several (gate and up; q, k and v). */
  parts?: { name: string; rows: number }[];
}

/** What earlier positions left behind, for generation: per name, rows [batch, past, width]. */
export interface LayerCache {
  extend(name: string, rows: Tensor): Tensor;
  /** What is the same at every position, such as keys of a memory: made at the first. */
  once(name: string, make: () => Tensor): Tensor;
}

/** The last hidden states of an encoder. */
export interface Memory {
  /** [batch * time, dim]. */
  states: Tensor;
  /** Positions of each window. */
  time: number;
  /** Which of them are padding; null: none. */
  documents: Documents | null;
}

export interface Forward {
  ops: Ops;
  batch: number;
  /** Positions in this call. */
  time: number;
  /** Position of the first. */
  start: number;
  /** Where windows hold several documents: positions are those in the documents then. */
  documents: Documents | null;
  weight(name: string): Tensor;
  /**
   * x [n, in] through the linear layer whose weight is `NAME.weight` [out, in] and whose bias, where it has one, is `NAME.bias`. All
   * linear layers of a module go through here: adapters, rounding and whoever looks at their inputs stand in between.
   */
  linear(x: Tensor, name: string, bias?: boolean): Tensor;
  /** The matrix [out, in] that such a layer multiplies with, for what computes with it in another way. */
  matrix(name: string): Tensor;
  cache: LayerCache | null;
  /** What cross-attention reads. */
  memory: Memory | null;
  /** Positions see what comes after them too. */
  both: boolean;
  training: boolean;
  /** What dropout at this place drops; null where nothing is: not in training, or a rate of 0. `name` tells a module's places apart. */
  draw(rate: number, name: string): Draw | null;
  /** Adds to the mean loss that is minimised, not to the one that is reported: scalar. */
  penalty(loss: Tensor): void;
  /** After the step, adds to a weight that is not trained what `delta` makes of `of`, summed over all batches of the step. */
  update(name: string, of: Tensor, delta: (sum: Tensor) => Tensor): void;
  /** A tensor to look at after the step, such as the experts' load: summed over all batches of the step. */
  report(name: string, value: Tensor): void;
}

export interface ModuleContext {
  /** Width of the residual stream. */
  dim: number;
  /** Width of the states that cross-attention reads. Absent: the module is no cross-attention. */
  memory?: number;
}

export interface ModuleCost {
  /** Scalars used for one token (all weights except experts that are not chosen). */
  activeParameters: number;
  /** Floating point operations of the forward pass besides 2 per active parameter (attention scores), for one token at this context. */
  extraFlops: number;
  /** Floats kept for the backward pass, for one token at this context. */
  activations: number;
}

export interface Module {
  weights: Weight[];
  /** x [batch * time, dim] (already normalised) -> [batch * time, dim], without the residual. */
  forward(x: Tensor, f: Forward): Tensor;
  cost(context: number): ModuleCost;
}

/** A stage of what makes hidden states of rows that are not tokens: pictures [height, width, channels], series [time, columns]. */
export interface FrontModule {
  weights: Weight[];
  /** Shape of what it gives for one row; the last axis is that of channels. */
  shape: number[];
  /** [batch, ...shape it was made for] -> [batch, ...shape]. */
  forward(x: Tensor, f: Forward): Tensor;
  /** For one row. */
  cost(): { flops: number; activations: number };
}

/** A tensor that is fed, row-major. */
export interface Input {
  name: string;
  shape: number[];
  dtype: 'int32' | 'float32';
}

/** Values by the names of inputs. */
export type Feeds = Record<string, Int32Array | Float32Array>;

/** A model that can be run: what `decoder()` in decoder.ts makes of an architecture. */
export interface Program {
  weights: Weight[];
  /** Name of the weight [vocab, dim] whose product with the last hidden state gives the logits; null where the head is another. */
  head: string | null;
  /** Name of the bias [vocab] of that product, where it has one. */
  bias: string | null;
  /** Whether its training draws (dropout): then it reads the input `drawn` of draw.ts. */
  draws: boolean;
  /** Shape of a row of the input `front`, float32 [batch, ...shape], and how many hidden states become of it; null where there is none. */
  front: { shape: number[]; positions: number } | null;
  /** Positions there are, where the model adds something for each; null: as many as one likes. */
  places: number | null;
  /**
   * Another model, whose last hidden states this one reads as `memory`. Its inputs have `memory/` in front of their names; see
   * `memoryOf` in decoder.ts.
   */
  encoder: Program | null;
  /**
   * The last hidden states, normalised, [batch * time, dim]. Reads the inputs `ids` int32 [batch * time] where tokens are embedded,
   * `segments` likewise where it has them and they are fed (else all are in the first), and `front`. What a front makes stands
   * before the tokens' states; with a head of tokens it is left out of the result.
   */
  hidden(f: ProgramForward): Tensor;
  /** Of a head of tokens: what is done to hidden states [rows, dim] before the product with `head`. */
  top(f: Hooks, rows: Tensor): Tensor;
  /** Of a head of classes, values or vectors: a row for each window, [batch, labels, columns or dim]. */
  answer(f: ProgramForward, hidden: Tensor): Tensor;
  /** DeepSeek-V3's multi-token prediction. */
  further: Further | null;
}

/** Modules that each predict one token further on (arXiv 2412.19437, section 2.2). They serve training alone. */
export interface Further {
  depth: number;
  /** Share in the loss of the mean of all modules' losses. */
  weight: number;
  /**
   * Module `k` from 1 on: the states that foretell the token k + 1 after each position, normalised for the head (`top`), and as the
   * next module reads them (`states`). [batch * time, dim]
   * @param states those of module k - 1; of the model itself (`hidden`) where k is 1
   * @param ids the tokens k after each position, int32 [batch * time]
   */
  module(f: ProgramForward, k: number, states: Tensor, ids: Tensor): { states: Tensor; top: Tensor };
}

/** What a loss is computed in. */
export interface Hooks {
  ops: Ops;
  training: boolean;
  input(name: string): Tensor;
  /** Whether it is fed. */
  has(name: string): boolean;
  /** By full name. */
  weight(name: string): Tensor;
  cache(layer: number): LayerCache | null;
  /** Looks at what layer 0, 1, ... gives, [batch * time, dim]. Absent: nobody does. */
  layer?(at: number, states: Tensor): void;
  update(name: string, of: Tensor, delta: (sum: Tensor) => Tensor): void;
  report(name: string, value: Tensor): void;
  /** Stands in for a linear layer of this full name; `plain` computes it. Absent: nothing does. */
  linear?(x: Tensor, name: string, plain: (x: Tensor) => Tensor): Tensor;
  /** Stands in for the matrix of a linear layer of this full name. */
  matrix?(name: string, plain: () => Tensor): Tensor;
  /** As in Forward. */
  penalty(loss: Tensor): void;
  /**
   * Runs a part of the model whose inner states need not be kept: they are computed once more in the backward pass. Absent: there is
   * memory for all.
   */
  segment?(body: () => Tensor): Tensor;
}

/** What a model's forward pass is computed in. */
export type ProgramForward = Hooks &
  Pick<Forward, 'batch' | 'time' | 'start' | 'documents'> & { memory?: Memory | null };

/** What training minimises, with all the weights it takes: the model's, and those that are needed for training alone. */
export interface Learning {
  weights: Weight[];
  /** What each step is fed with. */
  inputs: Input[];
  loss(f: Hooks): Loss;
}

export interface Loss {
  /** Sum over all that counts, scalar. */
  sum: Tensor;
  /** How much counts, scalar float32 or a number: the mean is minimised. */
  count: Tensor | number;
}

export interface StepResult {
  /** In float16 nothing was changed, since a gradient was not finite at this scale; loss and norm are not known then. */
  skipped?: boolean;
  loss: number;
  /** Global norm of the gradient before clipping. */
  gradientNorm: number;
  /** What modules reported, by full name. */
  reports: Map<string, Float32Array>;
  /** What was beyond its limit, so that nothing was changed. */
  refused?: 'loss' | 'gradient';
}

/** Above which a step changes nothing; Infinity where there is no limit. */
export interface Limits {
  loss: number;
  /** Of the global norm, before clipping. */
  gradient: number;
}

/** A batch looked at after something went wrong. */
export interface Inspection {
  loss: number;
  /** Norm of the gradient of each weight that has one, by name; not finite where it is not. */
  gradients: Map<string, number>;
}

export interface TrainingOptions {
  learning: Learning;
  /** Values by weight name, [shape] row-major; asked for once. */
  initial(weight: Weight): Float32Array;
  optimizer: OptimizerRule;
  /** Largest global gradient norm, or null. */
  clip: number | null;
  /** Batches of a step: its gradients are those of all of them together. Default: 1. */
  accumulate?: number;
  /**
   * Keep a running mean of each trained weight, in the state as `WEIGHT/average`: each step moves it towards the weight by the scalar
   * `average`. What is measured is the mean.
   */
  average?: boolean;
  /** Keep of each block only what goes in, and compute the rest once more in the backward pass. */
  checkpointing?: boolean;
  /**
   * Products of matrices in bfloat16 or float16, the rest and the weights in float32. In float16 the loss is scaled for the backward
   * pass: down, and the step is skipped, where a gradient is not finite; up after many steps in which none was. Default: all in float32.
   */
  precision?: 'bf16' | 'fp16';
  /** Steps are given limits. */
  limits?: boolean;
  /** Run every step op by op, even where recording is possible. */
  eager?: boolean;
}

export interface TrainingSession {
  /**
   * One step; a mean loss of 0 where nothing counts. Throws NonFiniteError with nothing changed when loss or gradient is not finite.
   * Beyond a limit nothing is changed either, and the result says so.
   */
  step(feeds: Feeds | readonly Feeds[], scalars: Record<string, number>, limits?: Limits): StepResult;
  /** Loss and gradients of batches, whatever they are; nothing updated. */
  inspect(feeds: Feeds | readonly Feeds[]): Inspection;
  /** What the same loss is without training, nothing updated. */
  evaluate(feeds: Feeds): Measured;
  /** All weights that are not frozen, and slots (named `WEIGHT/SLOT`). */
  state(): Iterable<{ name: string; shape: number[]; values: Float32Array }>;
  /** Goes back to such a state. */
  load(values: Map<string, Float32Array>): void;
  dispose(): void;
}

/** A mean loss, and over how much. */
export interface Measured {
  /** 0 where nothing counts. */
  loss: number;
  count: number;
}

/** What is there before the first token. */
export interface Opening {
  /** Texts written side by side. Default: 1. */
  batch?: number;
  /** What a front takes, and what an encoder reads: its inputs with `memory/` before their names. */
  inputs?: (Input & { values: Int32Array | Float32Array })[];
  /** Tokens of each window that an encoder reads. */
  source?: number;
}

export interface Generator {
  /** Feeds tokens, of each text as many, one text behind the other; the logits after the last of each, [batch * vocab]. */
  feed(ids: number[]): Float32Array;
  /** Tokens of each text fed so far. */
  readonly length: number;
  /** How many there may be; absent or null: as many as one likes. */
  readonly places?: number | null;
  dispose(): void;
}

export interface InferenceSession {
  /** Carries `body` out on these inputs; copies of the tensors it gives. */
  run(inputs: (Input & { values: Int32Array | Float32Array })[], body: (f: Hooks) => Tensor[]): Output[];
  /** A loss on these inputs; shapes may differ from call to call. */
  measure(learning: Learning, feeds: Feeds): Measured;
  /** Logits [batch * time, vocab], row-major. */
  logits(ids: Int32Array, batch: number, time: number): Float32Array;
  /** Writes with what earlier positions left behind, and an encoder's states, held. */
  generator(opening?: Opening): Generator;
  dispose(): void;
}

export interface Output {
  shape: number[];
  values: Float32Array | Int32Array;
}

/** The engine's door to TensorFlow. */
export interface Tensors {
  /** False on tfjs's own backend. */
  readonly native: boolean;
  train(options: TrainingOptions): TrainingSession;
  /** @param weights values by weight name; each is asked for once */
  infer(program: Program, weights: (weight: Weight) => Float32Array): InferenceSession;
}

export class NonFiniteError extends Error {
  readonly what: 'loss' | 'gradient';
  constructor(what: 'loss' | 'gradient') {
    super(`the ${what} is not a finite number`);
    this.name = 'NonFiniteError';
    this.what = what;
  }
}
