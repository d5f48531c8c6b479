// Measures a model on text it has not learned from.
import { checkTextColumn, tokenStream } from '../corpus.ts';
import { decoder, decoderCost } from '../decoder.ts';
import { defineKind } from '../kind.ts';
import { inferenceMemory } from '../memory.ts';
import type { ModelArtifact, ModelSpec, TableSpec } from '../values.ts';
import { openWeights } from '../weights.ts';

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
tokens that do not overlap.`,
  example: 'score = evaluate(trained, parts.valid)',
  inputs: {
    model: { type: 'model', doc: 'A trained model.' },
    data: { type: 'table', doc: 'Text to measure on.', use: 'measure' },
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
    if (!checkTextColumn(inputs.data as TableSpec, params.column, 'data', error)) return null;
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
    const stream = await tokenStream(context, 'data', architecture.tokenizer, params.column, 2);
    const program = decoder(context.kinds, architecture);
    const tensors = await context.tensors();
    const session = tensors.infer(program, await openWeights(context.weights, program.weights, model.weights));
    try {
      const size = params.context ?? architecture.context ?? 128;
      const total = stream.count - 1;
      let sum = 0;
      for (let start = 0; start < total; ) {
        signal.throwIfAborted();
        // Whole windows in batches; what is left at the end is one shorter window.
        const whole = Math.floor((total - start) / size);
        const [batch, time] = whole > 0 ? [Math.min(whole, params.batch), size] : [1, total - start];
        const tokens = stream.read(start, batch * time + 1);
        sum += session.loss({ ids: tokens.slice(0, -1), targets: tokens.slice(1) }, batch, time) * batch * time;
        start += batch * time;
        const loss = sum / start;
        context.progress({ done: start, total, unit: 'tokens', note: `loss ${loss.toFixed(3)}` });
        await new Promise<void>((resolve) => setImmediate(resolve));
      }
      const loss = sum / total;
      return { report: { type: 'report', values: { loss, perplexity: Math.exp(loss), tokens: total } } };
    } finally {
      session.dispose();
      stream.close();
    }
  },
});
