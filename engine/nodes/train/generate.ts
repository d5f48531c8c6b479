// Lets a trained model write.
import type { RunContext, Turn } from '../context.ts';
import { decoder, decoderCost } from '../decoder.ts';
import { type Complaint, defineKind, type InferContext, InputError } from '../kind.ts';
import { inferenceMemory } from '../memory.ts';
import { generateText } from '../sample.ts';
import type { ChatTemplate, ModelArtifact, ModelSpec } from '../values.ts';
import { openWeights } from '../weights.ts';

interface Params {
  prompt: string;
  messages?: string | string[];
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
latent and one rotary key per token and layer.

With \`messages\` it answers a conversation, written in the form that the model learned: by the template of the \`chat\` behind its
training, or by the one in the folder of a \`pretrained\` model. The answer ends with the template's end mark; a system message that
\`chat\` added is to be given here too.`,
  example: 'sample = generate(trained, prompt: "The whale", temperature: 0.8, max_tokens: 60)',
  inputs: { model: { type: 'model', doc: 'A trained model.' } },
  outputs: { report: 'report' },
  params: {
    prompt: { type: 'string', default: '', description: 'Text to go on from; empty starts a new document.' },
    messages: {
      type: ['string', 'array'],
      items: { type: 'string' },
      minItems: 1,
      description:
        'A conversation to answer, instead of `prompt`: "user: ...", or a list of such texts; roles are system, user and assistant.',
    },
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
  infer(context) {
    const { params, inputs, error } = context;
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
    if (params.messages === undefined) return { report: { fields: ['text', 'prompt'] } };
    return checkMessages(context) ? { report: { fields: ['answer', 'text', 'prompt'] } } : null;
  },
  cost({ inputs, kinds }) {
    const { architecture } = inputs.model as ModelSpec;
    return { memory: inferenceMemory(decoderCost(kinds, architecture, 1), 1) };
  },
  async run(context) {
    const { params, signal } = context;
    const { architecture, chat } = context.inputs.model as ModelSpec;
    const model = context.artifact('model', 'model') as ModelArtifact;
    if (model.tokenizer === null)
      throw new InputError({ code: 'no-tokenizer', at: 'model', message: 'this model came without a tokenizer' });
    const tokenizer = await context.tokenizers.open(model.tokenizer);
    const { prompt, until } = asked(context, chat ?? null);
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
        until,
      };
      let text = '';
      for (const piece of generateText(generator, tokenizer, prompt, sampling, () => signal.aborted)) {
        text += piece;
        context.progress({ done: generator.length, total: params.max_tokens, unit: 'tokens' });
      }
      signal.throwIfAborted();
      const answer = params.messages === undefined ? {} : { answer: text.trim() };
      return { report: { type: 'report', values: { ...answer, text: prompt + text, prompt } } };
    } finally {
      generator.dispose();
      session.dispose();
    }
  },
});

/** What the model goes on from, and the text that ends its answer ('' where only the end of the document does). */
function asked(
  { params: { prompt, messages }, tokenizers }: RunContext<Params>,
  chat: ChatTemplate | null,
): { prompt: string; until: string } {
  if (messages === undefined) return { prompt, until: '' };
  if (chat === null) throw new Error('checked before: the model has a chat template');
  const turns = [messages].flat().map(turnOf);
  return { prompt: tokenizers.asked(chat, turns as Turn[], 'messages'), until: chat.eos };
}

/** "user: Hello" as a turn, or null where the text begins with no role. */
function turnOf(text: string): Turn | null {
  const found = /^\s*(system|user|assistant):\s*([^]*)$/.exec(text);
  return found && { role: found[1] as Turn['role'], content: found[2] as string };
}

function checkMessages({ params, inputs, error }: InferContext<Params>): boolean {
  const wrong = (complaint: Omit<Complaint, 'at'>): false => {
    error({ at: 'messages', ...complaint });
    return false;
  };
  if (params.prompt !== '')
    return wrong({
      code: 'param-idle',
      message: '`prompt` and `messages` both say what to go on from',
      note: 'remove one of them',
    });
  if ((inputs.model as ModelSpec).chat === undefined)
    return wrong({
      code: 'no-template',
      message: 'this model has learned no conversations: nothing says how to write them',
      note: 'train it on the rows of chat(...), or give `prompt`',
    });
  const given = [params.messages as string | string[]].flat();
  const turns = given.map(turnOf);
  const odd = turns.findIndex((turn) => turn === null || turn.content === '');
  if (odd >= 0)
    return wrong({
      code: 'param-pair',
      message: `"${given[odd]?.slice(0, 60)}" does not say who speaks, or says nothing`,
      note: 'a message is "system: ...", "user: ..." or "assistant: ..."',
    });
  if (turns.at(-1)?.role === 'user') return true;
  return wrong({
    code: 'param-choice',
    message: `the last message is of the ${turns.at(-1)?.role}: there is nothing to answer`,
    note: 'end with a message of the user',
  });
}
