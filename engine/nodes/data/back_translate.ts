// Augments text: copies that went into another language and came back.
import { isMarked, marks, withCopies } from '../augment.ts';
import type { Program, RunContext } from '../context.ts';
import { copyRows } from '../copies.ts';
import { decoder } from '../decoder.ts';
import { defineKind, type InferContext, InputError, type Param } from '../kind.ts';
import { generateText } from '../sample.ts';
import { checkColumns, tableCost } from '../table.ts';
import type { ModelSpec, TableSpec } from '../values.ts';
import { openWeights } from '../weights.ts';

interface Params {
  column: string;
  to_command?: string[];
  back_command?: string[];
  to_prompt?: string;
  back_prompt?: string;
  max_tokens: number;
  timeout: number;
  originals: boolean;
}

type Way = 'to' | 'back';

const command = (description: string): Param => ({
  description,
  type: 'array',
  items: { type: 'string' },
  minItems: 1,
});
const prompt = (description: string): Param => ({ description, type: 'string', minLength: 1 });
/** What stands for the text in a prompt. */
const place = '{text}';
/** Rows that are kept together when a run is killed. */
const part = 128;

export default defineKind<Params>({
  kind: 'back_translate',
  stage: 'data',
  group: 'augment',
  version: 1,
  doc: `Adds copies of the rows whose text was translated into another language and back, which says the same in other words.

Each way is gone by a program or by a model. A program is a list of words, \`to_command: ["python3", "translate.py", "en-pt"]\`, started once without a shell, in the graph's folder. It reads a JSON object a line, \`{"text": "..."}\`, answers each in order with one of the same form, flushes after each, and leaves when its input ends. Programs run only with \`dsk run --allow-commands\`, never in the studio. Files of the graph's folder that the command names count in the key of the result.

A model (\`to\`, \`back\`) is one that the graph has trained on texts such as \`en: The whale. pt: A baleia.\`: it writes on from its prompt, here \`to_prompt: "en: {text} pt:"\`, until the text ends, always with the likeliest token. The models of Dsk read and write one sequence (decoder-only), so this is how they translate.

A copy that comes back as it went, or empty, is left out (the method: Sennrich et al. 2016, Edunov et al. 2018). Two columns tell the rows apart: \`augmented\` is null for a row itself; \`original\` is the position of the row a copy was made from. Split first, and augment \`train\` alone.`,
  example:
    'more = back_translate(parts.train, to: trained, to_prompt: "en: {text} pt:", back: trained, back_prompt: "pt: {text} en:")',
  inputs: {
    table: { type: 'table', doc: 'Rows to make copies of.' },
    to: { type: 'model', doc: 'Translates into the other language. Instead of `to_command`.', optional: true },
    back: { type: 'model', doc: 'Translates back. Instead of `back_command`.', optional: true },
  },
  outputs: { table: 'table' },
  positional: ['table'],
  params: {
    column: { description: 'Column with the text.', type: 'string', minLength: 1, default: 'text', format: 'column' },
    to_command: command('Program, with its arguments, that translates into the other language.'),
    back_command: command('Program, with its arguments, that translates back.'),
    to_prompt: prompt('What the model `to` writes on from; `{text}` stands for the text.'),
    back_prompt: prompt('What the model `back` writes on from; `{text}` stands for the text.'),
    max_tokens: {
      description: 'Most tokens that a model writes for a text.',
      type: 'integer',
      default: 256,
      minimum: 1,
      unit: 'tokens',
      advanced: true,
    },
    timeout: {
      description: 'How long a program may be silent while an answer is due before it counts as stuck.',
      type: 'number',
      default: 60,
      exclusiveMinimum: 0,
      maximum: 86_400,
      unit: 'seconds',
      advanced: true,
      unkeyed: true,
    },
    originals: {
      description: 'Whether the rows themselves are kept beside their copies.',
      type: 'boolean',
      default: true,
    },
  },
  lineage: () => ({ adds: 'copies' }),
  infer(context) {
    const table = context.inputs.table as TableSpec;
    const ways = (['to', 'back'] as const).map((way) => checkWay(context, way));
    const fine = checkColumns(context, table, [context.params.column], 'column', 'text');
    if (checkIdle(context)) return null;
    const made = withCopies(context, table, { copies: 1, originals: context.params.originals });
    return fine && made && !ways.includes(false) ? { table: made } : null;
  },
  cost: ({ outputs }) => tableCost(outputs.table as TableSpec),
  reads: ({ params, files }) =>
    files === null
      ? []
      : (['to_command', 'back_command'] as const).flatMap((at) => (params[at] ? files.command(params[at], at) : [])),
  async run(context) {
    const { params, artifact, files, tables, log } = context;
    const table = artifact('table', 'table');
    const { column, originals } = params;
    const translators: Program[] = [];
    try {
      for (const way of ['to', 'back'] as const) translators.push(await open(context, way));
      const columns = [column, ...(isMarked(table.columns) ? Object.keys(marks) : [])];
      const makes = { [column]: 'text', augmented: 'text', original: 'integer' } as const;
      const made = await tables.through(
        table,
        { columns, makes, rows: part },
        async (batch, first) => {
          const texts = batch[column] as (string | null)[];
          const asked = texts.flatMap((text, at) => (text === null || text.trim() === '' ? [] : [{ text, at }]));
          let said = asked.map(({ text }) => text);
          for (const translator of translators) said = await translator.ask(said);
          const back = new Map(
            asked.map(({ at, text }, i) => [at, said[i]?.trim() === text.trim() ? '' : said[i]?.trim()]),
          );
          const work = { kind: 'back_translate', copies: 1, originals, seed: 0 };
          return copyRows(batch, first, [column], work, (at) => (back.get(at) ? [back.get(at)] : null));
        },
        files.join('table.parquet'),
        context,
      );
      const added = made.rows - (originals ? table.rows : 0);
      log(`${added} of ${table.rows} texts came back in other words`);
      return { table: made };
    } finally {
      for (const translator of translators) await translator.close();
    }
  },
});

/** Reports parameters of models without one, and of programs without one. */
function checkIdle({ params, sources, error }: InferContext<Params>): boolean {
  const models = sources.to !== undefined || sources.back !== undefined;
  const programs = sources.to === undefined || sources.back === undefined;
  const idle =
    !models && params.max_tokens !== 256 ? 'max_tokens' : !programs && params.timeout !== 60 ? 'timeout' : null;
  if (!idle) return false;
  const what = idle === 'timeout' ? 'programs' : 'models';
  error({ code: 'param-idle', message: `\`${idle}\` is for ${what}`, at: idle, note: 'remove it' });
  return true;
}

/** True when it is said in one way how to translate. */
function checkWay(context: InferContext<Params>, way: Way): boolean {
  const { params, inputs, sources, files, error } = context;
  const words = params[`${way}_command`];
  const text = params[`${way}_prompt`];
  const say = (code: string, message: string, at: string | null, note: string) => {
    error({ code, message, at, note });
    return false;
  };
  if (sources[way] === undefined) {
    if (words === undefined) {
      const what = way === 'to' ? 'into the other language' : 'back';
      const note = `give ${way}_command, a program, or ${way}, a model that the graph has trained`;
      return say('input-missing', `it is not said what translates ${what}`, null, note);
    }
    if (text !== undefined)
      return say('param-idle', `\`${way}_prompt\` has no meaning for a program`, `${way}_prompt`, 'remove it');
    files?.command(words, `${way}_command`);
    return true;
  }
  if (words !== undefined) {
    const note = 'keep one of them';
    return say('param-idle', `\`${way}_command\` has no meaning beside the model \`${way}\``, `${way}_command`, note);
  }
  const { architecture, weights } = inputs[way] as ModelSpec;
  if (weights === null) {
    return say('untrained-model', 'this model has not been trained', way, 'wire it through train(...) first');
  }
  if (architecture.tokenizer === null) {
    return say('no-tokenizer', 'this model came without a tokenizer', way, 'it can neither read nor write text');
  }
  if (text === undefined || text.split(place).length !== 2) {
    const message = text === undefined ? 'a model needs a prompt' : `a prompt has ${place} once`;
    return say(
      text === undefined ? 'param-missing' : 'param-range',
      message,
      text === undefined ? way : `${way}_prompt`,
      `as it was trained to, such as ${way}_prompt: "en: ${place} pt:"`,
    );
  }
  return true;
}

function open(context: RunContext<Params>, way: Way): Promise<Program> {
  const { params, commands } = context;
  const words = params[`${way}_command`];
  return words ? commands.open(words, `${way}_command`, params.timeout) : openModel(context, way);
}

/** A model of the graph, asked text by text. */
async function openModel(context: RunContext<Params>, way: Way): Promise<Program> {
  const { params, signal } = context;
  const { architecture } = context.inputs[way] as ModelSpec;
  const model = context.artifact(way, 'model');
  if (model.tokenizer === null)
    throw new InputError({ code: 'no-tokenizer', at: way, message: 'this model came without a tokenizer' });
  const tokenizer = await context.tokenizers.open(model.tokenizer);
  const program = decoder(context.kinds, architecture);
  const tensors = await context.tensors();
  const session = tensors.infer(program, await openWeights(context.weights, program.weights, model.weights));
  const sampling = { temperature: 0, topP: 1, maxTokens: params.max_tokens, seed: 0 };
  const [before = '', behind = ''] = (params[`${way}_prompt`] as string).split(place);
  return {
    async ask(texts) {
      const answers: string[] = [];
      for (const text of texts) {
        signal.throwIfAborted();
        const generator = session.generator();
        try {
          answers.push(
            [...generateText(generator, tokenizer, before + text + behind, sampling, () => signal.aborted)].join(''),
          );
        } finally {
          generator.dispose();
        }
        await new Promise<void>((resolve) => setImmediate(resolve)); // let signals in
      }
      return answers;
    },
    close: async () => session.dispose(),
  };
}
