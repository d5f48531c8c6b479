// Models as kinds see them: the operations a forward pass is written in, modules made of weights and a forward pass, update
// rules, and the sessions that train and run them. engine/tensor implements these interfaces on tfjs.

/** A tensor on the device. Shapes in comments read [rows, columns]; n stands for batch * time. */
export interface Tensor {
  readonly shape: number[];
  readonly dtype: string;
}

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

/** Documents that share windows, as a forward pass needs them. */
export interface Documents {
  /** As in Batch, int32 [n]. */
  starts: Tensor;
  /** Place of each token in its document, int32 [n]. */
  positions: Tensor;
  /** 1 for tokens, 0 for padding, float32 [n]. */
  real: Tensor;
}

/** Rotary position embedding: inverse frequencies with YaRN's scaling already applied. */
export interface Rope {
  /** One per pair of channels, radians per position. */
  frequencies: number[];
  /** Factor on cos and sin (YaRN's attention factor; 1 without). */
  factor: number;
  /** True: rotates channels (2i, 2i+1), as DeepSeek does; false: (i, i + d/2), as LLaMA does. */
  interleaved: boolean;
}

export interface RouteSpec {
  /** Experts each token goes to. */
  active: number;
  groups: number;
  /** Groups that may be chosen from. */
  activeGroups: number;
  /** Weights of the chosen sum to `scale` when set; raw scores times `scale` otherwise. */
  normalize: boolean;
  scale: number;
}

export interface Routing {
  /** Chosen experts, int32 [n, active]. */
  experts: Tensor;
  /** Their weights, float32 [n, active]; differentiable. */
  weights: Tensor;
  /** Tokens each expert got, float32 [experts]. */
  load: Tensor;
}

/** Differentiable operations, each with a backward pass of its own. */
export interface Ops {
  /** Rows of table [vocab, dim] at ids int32 [n] -> [n, dim]. */
  embed(table: Tensor, ids: Tensor): Tensor;
  /** x [n, in] times weight [out, in] transposed, plus bias [out] -> [n, out]. */
  linear(x: Tensor, weight: Tensor, bias?: Tensor): Tensor;
  /** x / sqrt(mean(x^2) + eps) * gain over the last axis (Zhang & Sennrich 2019). */
  rmsNorm(x: Tensor, gain: Tensor, eps: number): Tensor;
  add(a: Tensor, b: Tensor): Tensor;
  /** x times a number. */
  scale(x: Tensor, factor: number): Tensor;
  /** Sum of all elements, scalar. */
  total(x: Tensor): Tensor;
  /** silu(gate) * up, all [n, h] (Shazeer 2020). */
  swiglu(gate: Tensor, up: Tensor): Tensor;
  /** Cuts an axis (the last one unless given) into pieces of these sizes. */
  split(x: Tensor, sizes: number[], axis?: number): Tensor[];
  reshape(x: Tensor, shape: number[]): Tensor;
  transpose(x: Tensor, axes: number[]): Tensor;
  concat(xs: Tensor[], axis: number): Tensor;
  /** Repeats axis of length 1. */
  repeat(x: Tensor, axis: number, count: number): Tensor;
  /** Batched product over the last two axes. */
  matmul(a: Tensor, b: Tensor, transposeA?: boolean, transposeB?: boolean): Tensor;
  /** What `starts`, int32 [batch * time], says of a batch. */
  documents(starts: Tensor, batch: number, time: number): Documents;
  /**
   * x [batch, time, heads, d] rotated (Su et al. 2021): at positions at .. at + time - 1, or at these, int32 [batch * time], all
   * below `time`.
   */
  rope(x: Tensor, rope: Rope, at: number | Tensor): Tensor;
  /**
   * Causal softmax(q k^T scale) v. q [batch, heads, time, d], k [batch, kv, past, d], v [batch, kv, past, dv] with kv dividing
   * heads and past >= time (queries are the last positions) -> [batch, heads, time, dv]. With `documents`, where past is time, no
   * token sees another document's.
   */
  attention(q: Tensor, k: Tensor, v: Tensor, scale: number, documents?: Documents | null): Tensor;
  /**
   * DeepSeek-V3's router: sigmoid scores; the bias takes part in the choice only. x [n, dim], gate [experts, dim], bias [experts].
   * The load counts no padding.
   */
  route(x: Tensor, gate: Tensor, bias: Tensor, spec: RouteSpec, documents?: Documents | null): Routing;
  /** Dropless SwiGLU experts: x [n, dim], gate and up E x [h, dim], down E x [dim, h] -> weighted sum [n, dim]. */
  experts(x: Tensor, routing: Routing, weights: { gate: Tensor[]; up: Tensor[]; down: Tensor[] }): Tensor;
  /**
   * Sum over rows of -log softmax(x head^T)[target], scalar. x [n, dim], head [vocab, dim], targets int32 [n]; rows times `learned`
   * [n] where that is given. Works through the rows in pieces: logits and their gradient never stand in memory as a whole.
   */
  headLoss(x: Tensor, head: Tensor, targets: Tensor, learned?: Tensor | null): Tensor;
  /** Sign of (mean - x) times speed: DeepSeek-V3's bias update from expert loads (no gradient). */
  balance(load: Tensor, speed: number): Tensor;
}

export interface Weight {
  /** Name within its module; the decoder prefixes the layer. A weight kept whole on disk has its Hugging Face name here. */
  name: string;
  shape: number[];
  init: 'normal' | 'ones' | 'zeros';
  /** False: moved only by `update` (such as the router's bias). */
  trained: boolean;
  /** Blocks of rows under their Hugging Face names, when one weight holds several (gate and up; q, k and v). */
  parts?: { name: string; rows: number }[];
}

/** What earlier positions left behind, for generation: per name, rows [batch, past, width]. */
export interface LayerCache {
  extend(name: string, rows: Tensor): Tensor;
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
  cache: LayerCache | null;
  /** What cross-attention reads. */
  memory: Memory | null;
  training: boolean;
  /** Adds `delta` to a weight that is not trained, after the step. */
  update(name: string, delta: Tensor): void;
  /** A tensor to look at after the step, such as the experts' load. */
  report(name: string, value: Tensor): void;
}

export interface ModuleContext {
  /** Width of the residual stream. */
  dim: number;
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

/** Scalars and state of an optimizer, and its update in terms of primitives that exist natively and in plain tfjs. */
export interface OptimizerRule {
  /** State tensors per weight, starting at zero. */
  slots: string[];
  /** Scalars fed at step 1, 2, ... for this learning-rate factor. */
  scalars(step: number, factor: number): Record<string, number>;
  /** One weight's update; called once while recording. `decays` is false for gains and biases (rank < 2). */
  update<S>(u: Updates<S>, scalar: (name: string) => S, decays: boolean): void;
  /** Learning rate at factor 1, for reports. */
  rate: number;
}

/** Update primitives on the weight at hand. `S` stands for a scalar fed at each step: a graph edge natively, a tensor elsewhere. */
export interface Updates<S> {
  /** w -= amount * w. */
  decay(amount: S): void;
  /**
   * Adam (Kingma & Ba 2015) on slots `m` and `v`:
   * m += (g - m)(1 - beta1); v += (g^2 - v)(1 - beta2); w -= rate * m / (sqrt(v) + epsilon).
   * Bias correction is the caller's, inside `rate` and `epsilon`.
   */
  adam(m: string, v: string, scalars: { rate: S; beta1: number; beta2: number; epsilon: S }): void;
}

/** Factor on the learning rate at step 1 .. steps. */
export type Schedule = (step: number, steps: number) => number;

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
  /**
   * The last hidden state, normalised, [batch * time, dim]. Reads the inputs `ids` int32 [batch * time] (where tokens are embedded), and
   * others by the architecture: see decoder.ts.
   */
  hidden(f: ProgramForward): Tensor;
}

/** What a loss is computed in. */
export interface Hooks {
  ops: Ops;
  training: boolean;
  input(name: string): Tensor;
  /** By full name. */
  weight(name: string): Tensor;
  cache(layer: number): LayerCache | null;
  update(name: string, delta: Tensor): void;
  report(name: string, value: Tensor): void;
  /** Stands in for a linear layer of this full name; `plain` computes it. Absent: nothing does. */
  linear?(x: Tensor, name: string, plain: (x: Tensor) => Tensor): Tensor;
}

/** What a model's forward pass is computed in. */
export type ProgramForward = Hooks & Pick<Forward, 'batch' | 'time' | 'start' | 'documents'>;

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
  loss: number;
  /** Global norm of the gradient before clipping. */
  gradientNorm: number;
  /** What modules reported, by full name. */
  reports: Map<string, Float32Array>;
}

export interface TrainingOptions {
  learning: Learning;
  /** Values by weight name, [shape] row-major; asked for once. */
  initial(weight: Weight): Float32Array;
  optimizer: OptimizerRule;
  /** Largest global gradient norm, or null. */
  clip: number | null;
  /** Run every step op by op, even where recording is possible. */
  eager?: boolean;
}

export interface TrainingSession {
  /**
   * One step; a mean loss of 0 where nothing counts. Throws NonFiniteError with nothing changed when loss or gradient is not finite.
   */
  step(feeds: Feeds, scalars: Record<string, number>): StepResult;
  /** What the same loss is without training, nothing updated. */
  evaluate(feeds: Feeds): Measured;
  /** All weights and slots (named `WEIGHT/SLOT`). */
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

export interface Generator {
  /** Feeds tokens, returns the logits [vocab] after the last one. */
  feed(ids: number[]): Float32Array;
  /** Tokens fed so far. */
  readonly length: number;
  dispose(): void;
}

export interface InferenceSession {
  /** Carries `body` out on these inputs; copies of the tensors it gives. */
  run(inputs: (Input & { values: Int32Array | Float32Array })[], body: (f: Hooks) => Tensor[]): Output[];
  /** A loss on these inputs; shapes may differ from call to call. */
  measure(learning: Learning, feeds: Feeds): Measured;
  /** Logits [batch * time, vocab], row-major. */
  logits(ids: Int32Array, batch: number, time: number): Float32Array;
  generator(): Generator;
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
