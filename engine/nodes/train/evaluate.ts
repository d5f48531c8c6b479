// Measures a model on text it has not learned from.
import type { TokenReader } from '../context.ts';
import { areWindows, checkRows, tokenStream, windowTokens } from '../corpus.ts';
import { decoder, decoderCost } from '../decoder.ts';
import { defineKind, InputError } from '../kind.ts';
import { causal, layoutOf, windowFeeds } from '../learning.ts';
import { inferenceMemory } from '../memory.ts';
import type { Batch } from '../module.ts';
import type { ModelArtifact, ModelSpec, TableSpec } from '../values.ts';
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
  doc: `Mean loss (cross-entropy in nats per token) and perplexity of a model over all of a table's text, in windows of \`context\`
tokens that do not overlap. Rows of \`pack\` are taken as the windows they are. Where rows say what is learned (see \`chat\`), only
that counts; \`tokens\` says how many they were.`,
  example: 'score = evaluate(trained, parts.valid)',
  inputs: {
    model: { type: 'model', doc: 'A trained model.' },
    data: { type: 'table', doc: 'Text to measure on, or windows as `pack` makes them.', use: 'measure' },
  },
  outputs: { report: 'report' },
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
  infer({ params, inputs, error }) {
    const { architecture, weights } = inputs.model as ModelSpec;
    const { tokenizer } = architecture;
    if (!checkRows(inputs.data as TableSpec, params.column, 'data', tokenizer, params.context ?? null, error))
      return null;
    if (weights === null || architecture.tokenizer === null) {
      error(
        weights === null
          ? {
              code: 'untrained-model',
              at: 'model',
              message: 'this model has not been trained: its weights would be random',
              note: 'wire it through train(...) first',
            }
          : {
              code: 'no-tokenizer',
              at: 'model',
              message: 'this model came without a tokenizer, so text cannot be turned into its tokens',
            },
      );
      return null;
    }
    return { report: { fields: ['loss', 'perplexity', 'tokens'] } };
  },
  cost({ params, inputs, kinds }) {
    const { architecture } = inputs.model as ModelSpec;
    const context = params.context ?? architecture.context ?? 128;
    const cost = decoderCost(kinds, architecture, context);
    return { memory: inferenceMemory(cost, params.batch * context) };
  },
  async run(context) {
    const { params, signal } = context;
    const { architecture } = context.inputs.model as ModelSpec;
    if (architecture.tokenizer === null) throw new Error('checked before: the model has a tokenizer');
    const model = context.artifact('model', 'model') as ModelArtifact;
    const size = params.context ?? (context.inputs.data as TableSpec).windows?.context ?? architecture.context ?? 128;
    const { reader, batches } = areWindows(context.artifact('data', 'table'))
      ? windowBatches(await windowTokens(context, 'data', architecture.tokenizer), size, params.batch)
      : textBatches(await tokenStream(context, 'data', architecture.tokenizer, params.column, 2), size, params.batch);
    const program = decoder(context.kinds, architecture);
    const tensors = await context.tensors();
    const session = tensors.infer(program, await openWeights(context.weights, program.weights, model.weights));
    try {
      let [sum, total] = [0, 0];
      for (const { batch, windows, time, done } of batches) {
        signal.throwIfAborted();
        const counted = countOf(batch);
        if (counted > 0) {
          const layout = layoutOf(batch, windows, time);
          sum += session.measure(causal(program, layout), windowFeeds(batch, layout)).loss * counted;
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
      return { report: { type: 'report', values: { loss, perplexity: Math.exp(loss), tokens: total } } };
    } finally {
      session.dispose();
      reader.close();
    }
  },
});

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
