// Lets a trained model write.
import { decoder, decoderCost } from '../decoder.ts';
import { defineKind, InputError } from '../kind.ts';
import { inferenceMemory } from '../memory.ts';
import { generateText } from '../sample.ts';
import type { ModelArtifact, ModelSpec } from '../values.ts';
import { openWeights } from '../weights.ts';

interface Params {
  prompt: string;
  temperature: number;
  top_p: number;
  max_tokens: number;
  seed: number;
}

export default defineKind<Params>({
  kind: 'generate',
  stage: 'train',
  version: 1,
  doc: `Text that a trained model writes after a prompt. Keys and values of earlier tokens are cached; with mla that is only one
latent and one rotary key per token and layer.`,
  example: 'sample = generate(trained, prompt: "The whale", temperature: 0.8, max_tokens: 60)',
  inputs: { model: { type: 'model', doc: 'A trained model.' } },
  outputs: { report: 'report' },
  params: {
    prompt: { type: 'string', default: '', description: 'Text to go on from; empty starts a new document.' },
    temperature: {
      type: 'number',
      minimum: 0,
      default: 0.8,
      description: '0 always takes the most likely token, 1 draws as the model says.',
    },
    top_p: {
      type: 'number',
      exclusiveMinimum: 0,
      maximum: 1,
      default: 0.95,
      description: 'Draw only from the likeliest tokens that together have this probability.',
    },
    max_tokens: { type: 'integer', minimum: 1, default: 100, unit: 'tokens', description: 'Most tokens to write.' },
    seed: { type: 'integer', minimum: 0, default: 0, description: 'Another seed, another text.' },
  },
  infer({ inputs, error }) {
    const { architecture, weights } = inputs.model as ModelSpec;
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
              message: 'this model came without a tokenizer, so it cannot read or write text',
            },
      );
      return null;
    }
    return { report: { fields: ['text', 'prompt'] } };
  },
  cost({ inputs, kinds }) {
    const { architecture } = inputs.model as ModelSpec;
    return { memory: inferenceMemory(decoderCost(kinds, architecture, 1), 1) };
  },
  async run(context) {
    const { params, signal } = context;
    const { architecture } = context.inputs.model as ModelSpec;
    const model = context.artifact('model', 'model') as ModelArtifact;
    if (model.tokenizer === null)
      throw new InputError({ code: 'no-tokenizer', at: 'model', message: 'this model came without a tokenizer' });
    const tokenizer = await context.tokenizers.open(model.tokenizer);
    const program = decoder(context.kinds, architecture);
    const tensors = await context.tensors();
    const session = tensors.infer(program, await openWeights(context.weights, program.weights, model.weights));
    const generator = session.generator();
    try {
      const sampling = {
        temperature: params.temperature,
        topP: params.top_p,
        maxTokens: params.max_tokens,
        seed: params.seed,
      };
      let text = '';
      for (const piece of generateText(generator, tokenizer, params.prompt, sampling, () => signal.aborted)) {
        text += piece;
        context.progress({ done: generator.length, total: params.max_tokens, unit: 'tokens' });
      }
      signal.throwIfAborted();
      return { report: { type: 'report', values: { text: params.prompt + text, prompt: params.prompt } } };
    } finally {
      generator.dispose();
      session.dispose();
    }
  },
});
