// Training: the loop over steps, with validation, checkpoints and progress.

import { averaged, averageShare } from '../averaging.ts';
import type { RunContext } from '../context.ts';
import { decoder, decoderCost } from '../decoder.ts';
import { drawn } from '../draw.ts';
import { type DefiningKind, defineKind } from '../kind.ts';
import type { Layout } from '../learning.ts';
import { trainingMemory } from '../memory.ts';
import {
  type Feeds,
  type Learning,
  NonFiniteError,
  type OptimizerRule,
  type Schedule,
  type TrainingSession,
  type Weight,
} from '../module.ts';
import { type Examples, joined, objectiveOf, objectivePart } from '../objectives/objective.ts';
import { orderOf } from '../objectives/order.ts';
import { scaled } from '../objectives/scale.ts';
import { taught } from '../templates.ts';
import { warnOfTwice } from '../twice.ts';
import type { Architecture, ModelArtifact, ModelSpec, Part, TableSpec } from '../values.ts';
import { baseFiles, initialValues, openWeights, toStored } from '../weights.ts';

interface Params {
  steps: number;
  context: number;
  batch: number;
  accumulate?: number;
  clip: number;
  ema?: number;
  checkpointing?: boolean;
  seed: number;
  column: string;
  validate_every?: number;
  validate_batches: number;
  checkpoint_every?: number;
}

export default defineKind<Params>({
  kind: 'train',
  stage: 'train',
  version: 1,
  doc: `Trains a model to predict the next token of a table's text. All texts are joined into one stream, each followed by the
end-of-document token, and cut into windows of \`context\` tokens; every pass goes through them in a new random order. Rows of
\`pack\` are taken as the windows they are. Where rows say what is learned (see \`chat\`), the loss is the mean over that. On a machine
with TensorFlow's native library each step is one call into a compiled graph. Interrupted, it goes on exactly where it was with
\`dsk run --resume\`.`,
  example: `trained = train(model, parts.train, valid: parts.valid, optimizer: adamw(lr: 3e-3),
            schedule: warmup_cosine(warmup: 10%), context: 128, batch: 8, steps: 300)`,
  inputs: {
    model: { type: 'model', doc: 'A new model, or a trained one to go on with.' },
    data: { type: 'table', doc: 'Text to learn from, or windows as `pack` makes them.', use: 'learn' },
    valid: {
      type: 'table',
      doc: 'Text to measure the loss on while training, never learned from.',
      optional: true,
      use: 'measure',
    },
    objective: {
      type: 'objective',
      doc: 'What it is trained for. Default: what the model was trained for, else what goes with its shape: `causal` with an lm_head (`masked` where tokens see all others, `seq2seq` behind an encoder), `classification`, `regression` or `simcse` with the head of that kind.',
      optional: true,
    },
    optimizer: { type: 'optimizer', doc: 'How gradients move the weights.' },
    schedule: { type: 'schedule', doc: 'Course of the learning rate. Default: constant.', optional: true },
  },
  outputs: { model: 'model', report: 'report' },
  positional: ['model', 'data'],
  params: {
    steps: { type: 'integer', minimum: 1, unit: 'steps', description: 'Updates of the weights.' },
    context: {
      type: 'integer',
      minimum: 1,
      maximum: 1_048_576,
      default: 128,
      unit: 'tokens',
      description: 'Tokens the model looks at together.',
    },
    batch: {
      type: 'integer',
      minimum: 1,
      maximum: 65_536,
      default: 8,
      unit: 'windows',
      description: 'Windows per step.',
    },
    accumulate: {
      type: 'integer',
      minimum: 1,
      maximum: 65_536,
      unit: 'batches',
      description:
        'Batches that a step learns from, one after another: as one of that many times the size, in the memory of one. Default: 1.',
    },
    clip: {
      type: 'number',
      minimum: 0,
      default: 1,
      description: 'Scale gradients down to this global norm; 0 leaves them as they are.',
    },
    ema: {
      type: 'number',
      exclusiveMinimum: 0,
      exclusiveMaximum: 1,
      description:
        'Keep a running mean of the weights, which is what results and what is measured: the part of itself that it keeps at each step, 0.999; less in the beginning. Default: none.',
    },
    checkpointing: {
      type: 'boolean',
      description:
        'Keep of each layer only what goes in, and compute the rest once more on the way back: about a third slower, in much less memory. Default: false.',
    },
    seed: { type: 'integer', minimum: 0, default: 0, description: 'Draws first weights and the order of the windows.' },
    column: { type: 'string', minLength: 1, default: 'text', format: 'column', description: 'Column with the text.' },
    validate_every: {
      type: 'integer',
      minimum: 1,
      unit: 'steps',
      description: 'Steps between two measurements on the validation text. Default: a tenth of all steps.',
      unkeyed: true,
    },
    validate_batches: {
      type: 'integer',
      minimum: 1,
      default: 8,
      unit: 'batches',
      description: 'How much validation text each of these measurements reads.',
      advanced: true,
    },
    checkpoint_every: {
      type: 'integer',
      minimum: 1,
      unit: 'steps',
      description: 'Steps between two checkpoints. Default: a tenth of all steps; an interrupted run saves one too.',
      advanced: true,
      unkeyed: true,
    },
  },
  required: ['steps'],

  infer({ params, inputs, node, kinds, error, warn }) {
    const spec = inputs.model as ModelSpec;
    const { architecture } = spec;
    const part = objectivePart(kinds, spec, inputs.objective as Part | undefined);
    const objective = objectiveOf(kinds, part);
    const check = (port: 'data' | 'valid'): boolean => {
      const { column, context, batch } = params;
      const table = inputs[port] as TableSpec;
      const learns = port === 'data';
      return objective.check({ architecture, table, port, column, context, batch, learns, error, warn });
    };
    let fine = check('data');
    if (inputs.valid) fine = check('valid') && fine;
    if (!fine) return null;
    return {
      model: {
        architecture: { ...architecture, ...(readsText(architecture) && { context: params.context }) },
        weights: { node, output: 'model' },
        ...taught(spec, inputs.data as TableSpec),
        objective: part,
      },
      report: { fields: ['loss', 'valid_loss', 'steps', objective.unit] },
    };
  },

  cost({ params, inputs, kinds }) {
    const { architecture } = inputs.model as ModelSpec;
    const cost = decoderCost(kinds, architecture, params.context);
    const tokens = params.batch * params.context;
    return {
      parameters: cost.parameters,
      activeParameters: cost.activeParameters,
      ...(architecture.adapters && { trainable: cost.trainable }),
      steps: params.steps,
      flops: 3 * cost.forwardFlops * tokens, // the backward pass costs twice the forward pass
      memory: trainingMemory(cost, architecture, tokens),
      disk: 4 * cost.trainable,
    };
  },

  async run(context) {
    const { params, files } = context;
    const spec = context.inputs.model as ModelSpec;
    const { architecture, weights: start } = spec;
    const objective = objectiveOf(
      context.kinds,
      objectivePart(context.kinds, spec, context.inputs.objective as Part | undefined),
    );
    const open = (port: string, like?: Examples): Promise<Examples> =>
      objective.open({
        context,
        architecture,
        port,
        column: params.column,
        size: params.context,
        learns: port === 'data',
        ...(like && { like }),
      });
    const data = await open('data');
    const held = context.inputs.valid ? await open('valid', data) : null;
    if (held) await warnOfTwice(context, 'data', 'valid', params.column);
    const program = decoder(context.kinds, architecture);
    const initial =
      start === null
        ? (weight: Weight) => initialValues(weight, architecture.init, params.seed)
        : await openWeights(context.weights, program.weights, (context.resolve(start) as ModelArtifact).weights);
    const update = wired(context, 'optimizer');
    const optimizer = update.kind?.optimizer?.(update.params);
    if (optimizer === undefined) throw new Error('checked before: there is an optimizer');
    const course = wired(context, 'schedule');
    const schedule: Schedule = course.kind?.schedule?.(course.params) ?? (() => 1);
    const tensors = await context.tensors();
    const { accumulate = 1 } = params;
    const layout = joined(data.layout(params.batch), held && held.layout(params.batch));
    const learning = objective.learning(program, architecture, layout);
    const scale = scaled(architecture, data.scale);
    const session = tensors.train({
      learning,
      initial: start === null ? initial : (weight) => scale.learned(weight, initial(weight)),
      optimizer,
      clip: params.clip > 0 ? params.clip : null,
      accumulate,
      average: params.ema !== undefined,
      checkpointing: params.checkpointing,
    });
    const rows = orderOf(data.count, params.batch * accumulate, params.seed);
    const feed = feeder(learning, params.seed);
    const source: Source = {
      unit: objective.unit,
      size: accumulate * (objective.unit === 'tokens' ? params.batch * params.context : params.batch),
      at(step) {
        const drawn = rows(step);
        return Array.from({ length: accumulate }, (_, i) => {
          const number = (step - 1) * accumulate + i + 1; // of the batch
          const own = drawn.slice(i * params.batch, (i + 1) * params.batch);
          return feed(number, data.feeds(own, layout, `${params.seed} ${number}`));
        });
      },
      held: held && heldFeeds(held, layout, params.validate_batches, feed),
    };
    try {
      const outcome = await loop(context, session, source, optimizer, schedule);
      const path = files.join(architecture.adapters ? 'adapter.safetensors' : 'model.safetensors');
      await context.weights.write(path, stored(program.weights, session, params.ema !== undefined, scale.stored), {
        format: 'pt',
      });
      return {
        model: {
          type: 'model',
          architecture: (context.outputs.model as ModelSpec).architecture,
          weights: [...(start === null ? [] : baseFiles(context.resolve(start) as ModelArtifact)), path],
          tokenizer: architecture.tokenizer && (context.resolve(architecture.tokenizer) as { path: string }).path,
        },
        report: { type: 'report', values: outcome },
      };
    } finally {
      session.dispose();
      data.close();
      held?.close();
    }
  },
});

/** Whether a model, or the encoder that it reads, takes tokens. */
const readsText = ({ vocab, memory }: Architecture): boolean => vocab > 0 || (memory !== undefined && memory.vocab > 0);

type Context = RunContext<Params>;

/** The code behind an optimizer or schedule that is wired to a port. */
function wired(context: Context, port: string): { kind: DefiningKind | undefined; params: Record<string, unknown> } {
  const spec = context.inputs[port] as Part | undefined;
  return { kind: spec && (context.kinds.get(spec.kind) as DefiningKind | undefined), params: spec?.params ?? {} };
}

function* stored(
  weights: Weight[],
  session: TrainingSession,
  average: boolean,
  as: (weight: Weight, values: Float32Array) => Float32Array,
): Generator<{ name: string; shape: number[]; values: Float32Array }> {
  const byName = new Map(weights.map((weight) => [weight.name, weight]));
  for (const { name, values } of session.state()) {
    const mean = averaged(name);
    const weight = average && mean === null && byName.get(name)?.trained ? undefined : byName.get(mean ?? name);
    if (weight !== undefined) yield* toStored(weight, as(weight, values));
  }
}

async function loop(
  context: Context,
  session: TrainingSession,
  source: Source,
  optimizer: OptimizerRule,
  schedule: Schedule,
): Promise<Record<string, unknown>> {
  const { params, signal, checkpoints } = context;
  const { steps } = params;
  const tenth = Math.max(1, Math.round(steps / 10));
  const validateEvery = params.validate_every ?? tenth;
  const checkpointEvery = params.checkpoint_every ?? tenth;
  const { unit, size } = source;

  let done = 0;
  let loss = Number.NaN;
  let validLoss: number | null = null;
  const resumed = await checkpoints.resume();
  if (resumed !== null) {
    const reader = await context.weights.open([resumed.weights]);
    const state = new Map<string, Float32Array>();
    for (const name of reader.tensors.keys()) state.set(name, reader.read(name));
    reader.close();
    session.load(state);
    done = resumed.step;
    loss = Number(resumed.state.loss);
    validLoss = resumed.state.valid_loss === null ? null : Number(resumed.state.valid_loss);
  }
  const save = (): Promise<void> => checkpoints.save(done, { loss, valid_loss: validLoss }, session.state());

  const scalars = (step: number, factor: number): Record<string, number> => ({
    ...optimizer.scalars(step, factor),
    ...(params.ema !== undefined && { average: averageShare(params.ema, step) }),
  });
  let recent: { at: number; step: number }[] = [];
  while (done < steps) {
    if (signal.aborted) {
      await save();
      signal.throwIfAborted();
    }
    const step = done + 1;
    const factor = schedule(step, steps);
    const result = attempt(session, source.at(step), scalars(step, factor), step, params);
    done = step;
    loss = result.loss;
    const now = performance.now();
    recent = [...recent.slice(-20), { at: now, step }];
    const span = recent[recent.length - 1].at - recent[0].at;
    const rate = span > 0 ? (1000 * size * (step - recent[0].step)) / span : 0;
    if (source.held !== null && (step % validateEvery === 0 || step === steps))
      validLoss = validation(session, source.held, step);
    const loads = expertLoads(result.reports);
    context.step({
      step,
      loss,
      learning_rate: optimizer.rate(step, factor),
      gradient_norm: result.gradientNorm,
      ...(rate > 0 && { [`${unit}_per_second`]: Math.round(rate) }),
      ...(validLoss !== null && (step % validateEvery === 0 || step === steps) && { valid_loss: validLoss }),
      ...expertImbalance(loads),
    });
    if (Object.keys(loads).length > 0 && showsLoads(step, steps)) context.experts(step, loads);
    context.progress({
      done: step,
      total: steps,
      unit: 'steps',
      note: `loss ${loss.toFixed(3)}${validLoss === null ? '' : ` · valid ${validLoss.toFixed(3)}`}${rate > 0 ? ` · ${Math.round(rate).toLocaleString('en')} ${unit}/s` : ''}`,
    });
    if (step % checkpointEvery === 0 && step < steps) await save();
    await new Promise<void>((resolve) => setImmediate(resolve)); // let signals and timers in
  }
  return { loss, ...(validLoss !== null && { valid_loss: validLoss }), steps, [unit]: steps * size };
}

function attempt(
  session: TrainingSession,
  feeds: readonly Feeds[],
  scalars: Record<string, number>,
  step: number,
  params: Params,
): ReturnType<TrainingSession['step']> {
  try {
    return session.step(feeds, scalars);
  } catch (error) {
    if (!(error instanceof NonFiniteError)) throw error;
    throw new TrainingFailure(
      `at step ${step} the ${error.what} is not a finite number; the weights are those after step ${step - 1}`,
      [
        'a lower learning rate (lr) or a longer warmup usually helps',
        ...(params.clip === 0 ? ['clip: 1.0 keeps single bad batches from throwing the weights off'] : []),
        `look at the rows around this batch: windows ${(step - 1) * params.batch * (params.accumulate ?? 1)} on, in the order of seed ${params.seed}`,
      ],
    );
  }
}

/** A run that failed for a reason the user can act on. */
export class TrainingFailure extends Error {
  readonly notes: string[];
  constructor(message: string, notes: string[]) {
    super(message);
    this.name = 'TrainingFailure';
    this.notes = notes;
  }
}

/** What a training run looks through. */
export interface Source {
  /** What is counted, and how much of it a step goes through. */
  unit: 'tokens' | 'rows';
  size: number;
  /** The batches of step 1, 2, ...: they depend on nothing but the step. */
  at(step: number): Feeds[];
  /** Batches to measure on, the same at each time; null: none. */
  held: (() => Iterable<Feeds>) | null;
}

/** Adds what dropout draws from, where there is any. */
function feeder({ inputs }: Learning, seed: number): (step: number, feeds: Feeds) => Feeds {
  const draws = inputs.some(({ name }) => name === drawn.name);
  return (step, feeds) => (draws ? { ...feeds, [drawn.name]: Int32Array.of(seed, step) } : feeds);
}

/** The first batches of the held-out rows. */
function heldFeeds(
  held: Examples,
  layout: Layout,
  most: number,
  feed: (step: number, feeds: Feeds) => Feeds,
): () => Iterable<Feeds> {
  const size = layout.batch;
  const batches = Math.max(1, Math.min(most, Math.floor(held.count / size)));
  return function* feeds() {
    for (let b = 0; b < batches; b++) {
      const rows = Array.from({ length: size }, (_, row) => (b * size + row) % held.count);
      yield feed(0, held.feeds(rows, layout, `held ${b}`));
    }
  };
}

/** Mean loss over what counts of held-out batches, after `step` updates. */
function validation(session: TrainingSession, held: () => Iterable<Feeds>, step: number): number {
  let total = 0;
  let counted = 0;
  for (const feeds of held()) {
    const { loss, count } = session.evaluate(feeds);
    total += loss * count;
    counted += count;
  }
  if (!Number.isFinite(total)) {
    throw new TrainingFailure(`after step ${step} the loss on the validation text is not a finite number`, [
      'the weights have run away: a lower learning rate (lr) or a longer warmup usually helps',
    ]);
  }
  return total / Math.max(1, counted);
}

/** Whether what the experts got in a step is reported: evenly, about as often as a picture of it has columns, and at both ends. */
export function showsLoads(step: number, steps: number): boolean {
  return step === 1 || step === steps || step % Math.ceil(steps / 256) === 0;
}

/** Tokens each expert got, by layer. */
function expertLoads(reports: Map<string, Float32Array>): Record<string, number[]> {
  const loads: Record<string, number[]> = {};
  for (const [name, load] of reports) {
    const layer = /layers\.(\d+)\./.exec(name)?.[1];
    if (name.endsWith('.load') && layer !== undefined) loads[layer] = [...load];
  }
  return loads;
}

/** Of each layer with experts: the busiest expert's load over the mean (1 is perfect balance). */
function expertImbalance(loads: Record<string, number[]>): Record<string, number> {
  return Object.fromEntries(
    Object.entries(loads).map(([layer, load]) => {
      const mean = load.reduce((sum, value) => sum + value, 0) / load.length;
      return [`expert_imbalance/layer_${layer}`, Math.max(...load) / mean];
    }),
  );
}
