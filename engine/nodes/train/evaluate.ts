// Measures a model on text it has not learned from.
import type { RunContext, TokenReader } from '../context.ts';
import { areWindows, tokenStream, windowTokens } from '../corpus.ts';
import { decoder, decoderCost } from '../decoder.ts';
import { defineKind, InputError } from '../kind.ts';
import { layoutOf, windowFeeds } from '../learning.ts';
import { inferenceMemory } from '../memory.ts';
import type { Batch, InferenceSession, Program } from '../module.ts';
import { type Objective, type Opening, objectiveOf, objectivePart } from '../objectives/objective.ts';
import type { ModelArtifact, ModelSpec, Part, TableSpec } from '../values.ts';
import { openWeights } from '../weights.ts';
import { countOf, counts, emptyBatch, packedWindows } from '../windows.ts';

interface Params {
  context?: number;
  batch: number;
  column: string;
}

export default defineKind<Params>({
  kind: 'evaluate',
  stage: 'train',
  version: 1,
  doc: `Mean loss of a model over all of a table, and scores that go with what it was trained for (its objective).

causal: cross-entropy in nats per token, and perplexity, over all text in windows of \`context\` tokens that do not overlap. Rows of
\`pack\` are taken as the windows they are. Where rows say what is learned (see \`chat\`), only that counts; \`tokens\` says how many.

masked: the same over tokens that are hidden, always the same ones, and the share that is found (accuracy).

classification: accuracy, F1 as the mean over classes (macro) and weighted by their rows, precision, recall and F1 of each class.

regression: root of the mean squared error, mean absolute error, and the share of the variance that is foretold, in the table's units.

seq2seq: perplexity, and the share of rows for which the model, taking the likeliest token each time, writes exactly the target.

simcse: the share of rows whose other view is the nearest of its batch.`,
  example: 'score = evaluate(trained, parts.valid)',
  inputs: {
    model: { type: 'model', doc: 'A trained model.' },
    data: { type: 'table', doc: 'Rows to measure on, or windows as `pack` makes them.', use: 'measure' },
    objective: {
      type: 'objective',
      doc: 'What is measured. Default: what the model was trained for.',
      optional: true,
    },
  },
  outputs: { report: 'report' },
  positional: ['model', 'data'],
  params: {
    context: {
      type: 'integer',
      minimum: 1,
      unit: 'tokens',
      description: 'Window. Default: the context of the training.',
    },
    batch: {
      type: 'integer',
      minimum: 1,
      default: 8,
      unit: 'windows',
      description: 'Windows at a time.',
      unkeyed: true,
    },
    column: { type: 'string', minLength: 1, default: 'text', format: 'column', description: 'Column with the text.' },
  },
  infer({ params, inputs, kinds, error, warn }) {
    const spec = inputs.model as ModelSpec;
    const { architecture, weights } = spec;
    const objective = objectiveOf(kinds, objectivePart(kinds, spec, inputs.objective as Part | undefined));
    const { column, context = null } = params;
    const table = inputs.data as TableSpec;
    const given = { architecture, table, port: 'data', column, context, batch: null, learns: false, error, warn };
    if (!objective.check(given)) return null;
    if (weights === null) {
      error({
        code: 'untrained-model',
        at: 'model',
        message: 'this model has not been trained: its weights would be random',
        note: 'wire it through train(...) first',
      });
      return null;
    }
    return {
      report: {
        fields:
          objective.unit === 'tokens'
            ? ['loss', 'perplexity', 'tokens']
            : ['loss', ...(objective.scores?.fields ?? []), 'rows'],
      },
    };
  },
  cost({ params, inputs, kinds }) {
    const { architecture } = inputs.model as ModelSpec;
    const context = params.context ?? (inputs.data as TableSpec).windows?.context ?? architecture.context ?? 128;
    const cost = decoderCost(kinds, architecture, context);
    return { memory: inferenceMemory(cost, params.batch * context) };
  },
  async run(context) {
    const spec = context.inputs.model as ModelSpec;
    const part = objectivePart(context.kinds, spec, context.inputs.objective as Part | undefined);
    const objective = objectiveOf(context.kinds, part);
    const model = context.artifact('model', 'model') as ModelArtifact;
    const program = decoder(context.kinds, spec.architecture);
    const tensors = await context.tensors();
    const session = tensors.infer(program, await openWeights(context.weights, program.weights, model.weights));
    try {
      const values =
        objective.unit === 'tokens'
          ? await measureTokens(context, session, objective, program)
          : await measureRows(context, session, objective, program);
      return { report: { type: 'report', values } };
    } finally {
      session.dispose();
    }
  },
});

type Context = RunContext<Params>;

/** Loss over all tokens of a stream, or of windows. */
async function measureTokens(
  context: Context,
  session: InferenceSession,
  objective: Objective,
  program: Program,
): Promise<Record<string, unknown>> {
  const { params, signal } = context;
  const { architecture } = context.inputs.model as ModelSpec;
  const { tokenizer } = architecture;
  if (tokenizer === null) throw new Error('checked before: the model has a tokenizer');
  const size = params.context ?? (context.inputs.data as TableSpec).windows?.context ?? architecture.context ?? 128;
  const { reader, batches } = areWindows(context.artifact('data', 'table'))
    ? windowBatches(await windowTokens(context, 'data', tokenizer), size, params.batch)
    : textBatches(await tokenStream(context, 'data', tokenizer, params.column, 2), size, params.batch);
  try {
    let [sum, total] = [0, 0];
    for (const { batch, windows, time, done } of batches) {
      signal.throwIfAborted();
      const counted = countOf(batch);
      if (counted > 0) {
        const layout = layoutOf(batch, windows, time);
        const learning = objective.learning(program, architecture, layout);
        sum += session.measure(learning, windowFeeds(batch, layout)).loss * counted;
      }
      total += counted;
      context.progress({
        done,
        total: reader.count,
        unit: 'tokens',
        ...(total > 0 && { note: `loss ${(sum / total).toFixed(3)}` }),
      });
      await new Promise<void>((resolve) => setImmediate(resolve));
    }
    if (total === 0)
      throw new InputError({
        code: 'data-few',
        at: 'data',
        message: 'nothing in the table counts: there is no loss to take',
        note: 'its column `learned` says what counts',
      });
    const loss = sum / total;
    return { loss, perplexity: Math.exp(loss), tokens: total };
  } finally {
    reader.close();
  }
}

/** Loss and scores over all rows; those of a batch are as long as its longest. */
async function measureRows(
  context: Context,
  session: InferenceSession,
  objective: Objective,
  program: Program,
): Promise<Record<string, unknown>> {
  const { params, signal } = context;
  const { architecture } = context.inputs.model as ModelSpec;
  const opening: Opening = {
    context,
    architecture,
    port: 'data',
    column: params.column,
    size: params.context ?? architecture.context ?? 128,
    learns: false,
  };
  const examples = await objective.open(opening);
  try {
    const scorer = await objective.scores?.open(opening);
    let [sum, total] = [0, 0];
    for (let first = 0; first < examples.count; first += params.batch) {
      signal.throwIfAborted();
      const size = Math.min(params.batch, examples.count - first);
      const rows = Array.from({ length: size }, (_, i) => first + i);
      const layout = examples.layoutOf(rows);
      const feeds = examples.feeds(rows, layout, 'evaluate');
      const quiet = objective.learning({ ...program, draws: false }, architecture, layout);
      const { loss, count } = session.measure(quiet, feeds);
      sum += loss * count;
      total += count;
      scorer?.add(session, program, { layout, feeds });
      context.progress({
        done: first + size,
        total: examples.count,
        unit: 'rows',
        note: `loss ${(sum / Math.max(1, total)).toFixed(3)}`,
      });
      await new Promise<void>((resolve) => setImmediate(resolve));
    }
    const loss = sum / Math.max(1, total);
    const more = scorer?.values() ?? {};
    return {
      loss,
      ...(objective.scores?.fields.includes('perplexity') && { perplexity: Math.exp(loss) }),
      ...more,
      rows: examples.count,
    };
  } finally {
    examples.close();
  }
}

interface Piece {
  batch: Batch;
  windows: number;
  time: number;
  /** Tokens of the reader that are through with it. */
  done: number;
}

/** All of a stream: whole windows in batches; what is left at the end is one shorter window. */
function textBatches(
  reader: TokenReader,
  size: number,
  most: number,
): { reader: TokenReader; batches: Iterable<Piece> } {
  function* batches(): Generator<Piece> {
    const total = reader.count - 1;
    for (let start = 0; start < total; ) {
      const whole = Math.floor((total - start) / size);
      const [windows, time] = whole > 0 ? [Math.min(whole, most), size] : [1, total - start];
      const tokens = reader.read(start, windows * time + 1);
      const learned = reader.masked
        ? { learned: Float32Array.from(reader.mask(start + 1, windows * time), (byte) => byte & counts) }
        : {};
      start += windows * time;
      yield {
        batch: { ids: tokens.slice(0, -1), targets: tokens.slice(1), ...learned },
        windows,
        time,
        done: start + 1,
      };
    }
  }
  return { reader, batches: batches() };
}

/** All windows of rows that are such. */
function windowBatches(
  reader: TokenReader,
  size: number,
  most: number,
): { reader: TokenReader; batches: Iterable<Piece> } {
  const all = packedWindows(reader, size, 'data');
  function* batches(): Generator<Piece> {
    for (let first = 0; first < all.count; first += most) {
      const windows = Math.min(most, all.count - first);
      const batch = emptyBatch(all, windows);
      for (let row = 0; row < windows; row++) all.fill(first + row, batch, row);
      yield { batch, windows, time: size, done: Math.round((reader.count * (first + windows)) / all.count) };
    }
  }
  return { reader, batches: batches() };
}
