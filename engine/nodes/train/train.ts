// Training: the loop over steps, with validation, checkpoints and progress.

import { averaged, averageOf } from '../averaging.ts';
import type { RunContext } from '../context.ts';
import { decoder, decoderCost } from '../decoder.ts';
import { drawn } from '../draw.ts';
import { type DefiningKind, defineKind } from '../kind.ts';
import type { Layout } from '../learning.ts';
import { type Source, train } from '../loop.ts';
import type { Feeds, Learning, Program, Schedule, TrainingSession, Weight } from '../module.ts';
import { type Examples, joined, objectiveOf, objectivePart } from '../objectives/objective.ts';
import { orderOf } from '../objectives/order.ts';
import { scaled } from '../objectives/scale.ts';
import { generateText } from '../sample.ts';
import { estimateOf, tooLarge } from '../sparing.ts';
import { bestName } from '../standing.ts';
import { listed } from '../table.ts';
import { taught } from '../templates.ts';
import { warnOfTwice } from '../twice.ts';
import type { Architecture, ModelArtifact, ModelSpec, Part, ReportArtifact, TableSpec } from '../values.ts';
import { checkWatching, refuses, type Watching, watching } from '../watching.ts';
import { baseFiles, fromStored, initialValues, openWeights, toStored } from '../weights.ts';

export interface Params extends Watching {
  steps: number;
  context: number;
  batch: number;
  accumulate?: number;
  clip: number;
  ema?: number;
  checkpointing?: boolean;
  precision?: 'fp32' | 'bf16' | 'fp16';
  seed: number;
  column: string;
  validate_batches: number;
}

export default defineKind<Params>({
  kind: 'train',
  stage: 'train',
  version: 1,
  doc: `Trains a model on the rows of a table. What is learned of them says the objective: with \`causal\`, the default behind an
lm_head, the next token. All texts are joined into one stream then, each followed by the end-of-document token, and cut into windows of
\`context\` tokens; rows of \`pack\` are taken as the windows they are; where rows say what is learned (see \`chat\`), the loss is the mean
over that. With the other objectives each row is learned by itself: texts of more than \`context\` tokens are cut, which the run says.

Every pass goes through all windows, or rows, in a new random order. On a machine with TensorFlow's native library each step is one
call into a compiled graph. Interrupted, it goes on exactly where it was with \`dsk run --resume\`.`,
  example: `trained = train(model, parts.train, valid: parts.valid, optimizer: adamw(lr: 3e-3),
            schedule: warmup_cosine(warmup: 10%), context: 128, batch: 8, steps: 300)`,
  inputs: {
    model: { type: 'model', doc: 'A new model, or a trained one to go on with.' },
    data: { type: 'table', doc: 'Rows to learn from, or windows as `pack` makes them.', use: 'learn' },
    valid: {
      type: 'table',
      doc: 'Rows to measure the loss on while training, never learned from.',
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
      description: 'Windows, or rows, per step.',
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
      unkeyed: true,
    },
    precision: {
      enum: ['fp32', 'bf16', 'fp16'],
      description:
        'What products of matrices are computed in: bfloat16 and float16 take half the memory for what is kept of them, and less time where the processor has them. Weights, norms, softmax and losses stay float32; with fp16 the loss is scaled, and steps whose gradient overflows are skipped. Default: fp32.',
    },
    seed: {
      type: 'integer',
      minimum: 0,
      default: 0,
      description: 'Draws first weights, the order of the rows, and what else is drawn.',
    },
    column: { type: 'string', minLength: 1, default: 'text', format: 'column', description: 'Column with the text.' },
    validate_batches: {
      type: 'integer',
      minimum: 1,
      default: 8,
      unit: 'batches',
      description: 'How much validation text each of these measurements reads.',
      advanced: true,
    },
    ...watching,
  },
  required: ['steps'],

  infer({ params, inputs, node, files, kinds, error, warn }) {
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
    fine = checkWatching(params, inputs.valid !== undefined, architecture, error) && fine;
    if (!fine) return null;
    if (files?.memory !== undefined) {
      const large = tooLarge(
        estimateOf(kinds, architecture, inputs.optimizer as Part | undefined),
        params,
        files.memory,
      );
      if (large) warn(large);
    }
    return {
      model: {
        architecture: { ...architecture, ...(readsText(architecture) && { context: params.context }) },
        weights: { node, output: 'model' },
        ...taught(spec, inputs.data as TableSpec),
        objective: part,
      },
      report: {
        fields: ['loss', 'valid_loss', ...(params.keep === 'best' ? ['best_step'] : []), 'steps', objective.unit],
      },
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
      // The backward pass costs twice the forward pass, which checkpointing carries out once more.
      flops: (params.checkpointing ? 4 : 3) * cost.forwardFlops * tokens * (params.accumulate ?? 1),
      memory: estimateOf(kinds, architecture, inputs.optimizer as Part | undefined)(params),
      disk: 4 * cost.trainable,
    };
  },

  run: (context) => runTraining(context),
});

/** What a training learns from besides its table: a teacher (see distil). */
export interface Lesson {
  learning: Learning;
  /** Values of weights that are no part of the model. */
  initial(weight: Weight): Float32Array | null;
  /** Further inputs for these rows; for none, where the model is only measured. */
  feeds(rows: readonly number[] | null): Feeds;
  close(): void;
}

/** What a lesson is made for. */
export interface Learner {
  program: Program;
  layout: Layout;
  /** What is minimised without it. */
  learning: Learning;
  /** Rows of the table. */
  data: Examples;
  /** Those of each step. */
  rows(step: number): number[];
}

/** Trains the model at port `model`, as `train` does; with a lesson, on that. */
export async function runTraining<P extends Params>(
  context: RunContext<P>,
  lesson?: (learner: Learner) => Promise<Lesson>,
): Promise<{ model: ModelArtifact; report: ReportArtifact }> {
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
  /** What adapters stand beside, for whoever needs it again. */
  const base =
    architecture.adapters && start !== null && listed(params.samples).length > 0
      ? await context.weights.open((context.resolve(start) as ModelArtifact).weights)
      : null;
  const update = wired(context, 'optimizer');
  const optimizer = update.kind?.optimizer?.(update.params);
  if (optimizer === undefined) throw new Error('checked before: there is an optimizer');
  const course = wired(context, 'schedule');
  const schedule: Schedule = course.kind?.schedule?.(course.params) ?? (() => 1);
  const tensors = await context.tensors();
  const { accumulate = 1, precision = 'fp32' } = params;
  if (precision !== 'fp32' && !tensors.native)
    context.warn(`without TensorFlow's native library all is computed in float32, not in ${precision}`);
  const layout = joined(data.layout(params.batch), held && held.layout(params.batch));
  const rows = orderOf(data.count, params.batch * accumulate, params.seed);
  const alone = objective.learning(program, architecture, layout);
  const teaching = lesson ? await lesson({ program, layout, learning: alone, data, rows }) : null;
  const learning = teaching?.learning ?? alone;
  const scale = scaled(architecture, data.scale);
  const first = start === null ? initial : (weight: Weight) => scale.learned(weight, initial(weight));
  const session = tensors.train({
    learning,
    initial: (weight) => teaching?.initial(weight) ?? first(weight),
    optimizer,
    clip: params.clip > 0 ? params.clip : null,
    accumulate,
    average: params.ema !== undefined,
    checkpointing: params.checkpointing,
    precision: tensors.native && params.precision !== 'fp32' ? params.precision : undefined,
    limits: refuses(params),
  });
  const feed = feeder(learning, params.seed);
  const source: Source = {
    unit: objective.unit,
    size: accumulate * (objective.unit === 'tokens' ? params.batch * params.context : params.batch),
    at(step) {
      const drawn = rows(step);
      return Array.from({ length: accumulate }, (_, i) => {
        const number = (step - 1) * accumulate + i + 1; // of the batch
        const own = drawn.slice(i * params.batch, (i + 1) * params.batch);
        return { ...feed(number, data.feeds(own, layout, `${params.seed} ${number}`)), ...teaching?.feeds(own) };
      });
    },
    held:
      held &&
      heldFeeds(held, layout, params.validate_batches, (step, feeds) => ({
        ...feed(step, feeds),
        ...teaching?.feeds(null),
      })),
  };
  const average = params.ema !== undefined;
  const results = () => stored(program.weights, session, average, scale.stored);
  try {
    const outcome = await train(context, { session, optimizer, schedule, results, sample: await sampler() }, source);
    const path = files.join(architecture.adapters ? 'adapter.safetensors' : 'model.safetensors');
    if (outcome.best !== null) await files.copy(context.checkpoints.kept(bestName(outcome.best)), path);
    else await context.weights.write(path, results(), { format: 'pt' });
    return {
      model: {
        type: 'model',
        architecture: (context.outputs.model as ModelSpec).architecture,
        weights: [...(start === null ? [] : baseFiles(context.resolve(start) as ModelArtifact)), path],
        tokenizer: architecture.tokenizer && (context.resolve(architecture.tokenizer) as { path: string }).path,
      },
      report: { type: 'report', values: outcome.report },
    };
  } finally {
    session.dispose();
    teaching?.close();
    base?.close();
    data.close();
    held?.close();
  }

  /** Writes after the prompts, with the weights as they are; null where there are none. */
  async function sampler(): Promise<((step: number) => void) | null> {
    const prompts = listed(params.samples);
    if (prompts.length === 0 || architecture.tokenizer === null) return null;
    const { path } = context.resolve(architecture.tokenizer) as { path: string };
    const tokenizer = await context.tokenizers.open(path);
    const sampling = { temperature: 0.8, topP: 0.95, maxTokens: params.sample_tokens ?? 40, seed: params.seed };
    return (step) => {
      const now = new Map([...session.state()].map(({ name, values }) => [name, values]));
      const writer = tensors.infer(
        program,
        (weight) =>
          (average && now.get(averageOf(weight.name))) ||
          now.get(weight.name) ||
          (base ? fromStored(weight, base) : first(weight)),
      );
      try {
        for (const prompt of prompts) {
          const generator = writer.generator();
          const text = [...generateText(generator, tokenizer, prompt, sampling)].join('');
          generator.dispose();
          context.sample(step, prompt, text);
        }
      } finally {
        writer.dispose();
      }
    };
  }
}

/** Whether a model, or the encoder that it reads, takes tokens. */
const readsText = ({ vocab, memory }: Architecture): boolean => vocab > 0 || (memory !== undefined && memory.vocab > 0);

type Context = Omit<RunContext<Params>, 'params'> & { params: Params };

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
