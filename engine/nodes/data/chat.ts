// Conversations as text to train on, with the places of the answers.
import { defineKind, type InferContext } from '../kind.ts';
import { checkColumns, checkNewColumn, partOf, tableCost } from '../table.ts';
import { builtIn, largestConfig, templateFiles, templateOf } from '../templates.ts';
import type { ChatTemplate, TableSpec } from '../values.ts';

interface Params {
  messages?: string;
  role?: string;
  content?: string;
  prompt?: string;
  answer?: string;
  system?: string;
  template?: keyof typeof builtIn;
  path?: string;
  jinja?: string;
  bos?: string;
  eos?: string;
  learn: 'answers' | 'last';
}

export default defineKind<Params>({
  kind: 'chat',
  stage: 'data',
  group: 'tokens',
  version: 1,
  doc: `Writes conversations as text by a chat template, and notes where the answers stand: what a model trained on the rows learns.

A conversation is a list of messages, each with a role and a text, as JSONL files hold them (\`messages\` with \`role\` and \`content\`; for ShareGPT's \`messages: "conversations", role: "from", content: "value"\`), or two columns, \`prompt\` and \`answer\`. Rows without an answer, with empty messages or with roles that nobody knows are in \`removed\`, with the reason.

The template is Jinja, as in a tokenizer_config.json: the one of a model's folder (\`path\`), one given as \`jinja\`, or one by name. \`plain\` writes "User: ..." and "Assistant: ..." and ends each answer with the end-of-document token, which tokenizers trained here have; \`chatml\`, \`deepseek\` and \`llama3\` need tokenizers that know their marks. Templates see the conversation, bos_token and eos_token, and no clock; one that takes too long is an error.

The new column \`text\` holds the conversation, \`learned\` the places of the answers in it: from, to, from, to ... in characters. \`train\`, \`evaluate\` and \`pack\` take the loss on these places only. With \`{% generation %}\` in a template an answer is what that says, as in transformers; else what the conversation up to the answer has more than what the model would be asked with, its end mark included. A template that writes an answer in another way once the conversation goes on (some leave out thoughts) is an error; \`learn: "last"\` then learns each conversation's last answer.`,
  example: 'rows = load("data/talks.jsonl")\ntalks = chat(rows, template: "plain")',
  inputs: { table: { type: 'table', doc: 'Conversations, one a row.' } },
  outputs: { table: 'table', removed: 'table' },
  params: {
    messages: {
      description: 'Column with the list of messages (or with such a list as JSON text). Default: `messages`.',
      type: 'string',
      minLength: 1,
      format: 'column',
    },
    role: { description: 'Name of the role in a message. Default: `role`.', type: 'string', minLength: 1 },
    content: { description: 'Name of the text in a message. Default: `content`.', type: 'string', minLength: 1 },
    prompt: {
      description: 'Column with what is asked, instead of messages. Needs `answer`.',
      type: 'string',
      minLength: 1,
      format: 'column',
    },
    answer: { description: 'Column with the answer to `prompt`.', type: 'string', minLength: 1, format: 'column' },
    system: {
      description: 'System message for conversations that have none.',
      type: 'string',
      minLength: 1,
      advanced: true,
    },
    template: { description: 'A template by name. Default: plain.', enum: Object.keys(builtIn) },
    path: {
      description: 'A folder with a chat template, a tokenizer_config.json or a .jinja file.',
      type: 'string',
      minLength: 1,
      format: 'path',
    },
    jinja: { description: 'The template itself.', type: 'string', minLength: 1, advanced: true },
    bos: {
      description:
        'What the template calls bos_token. Default: as its tokenizer_config.json or the named template has it.',
      type: 'string',
      advanced: true,
    },
    eos: {
      description: 'What it calls eos_token. Default: as for bos; with `jinja` "<|endoftext|>".',
      type: 'string',
      advanced: true,
    },
    learn: {
      description: 'Whether all answers of a conversation are learned or its last one.',
      enum: ['answers', 'last'],
      default: 'answers',
    },
  },
  infer(context) {
    const { inputs } = context;
    const table = inputs.table as TableSpec;
    if (!checkTemplate(context) || !checkSource(context, table)) return null;
    const taken = Object.keys(table.columns ?? {});
    if (!['text', 'learned', 'reason'].every((name) => checkNewColumn(context, name, taken, 'table'))) return null;
    const chat = givenTemplate(context);
    const made = partOf(table, 1);
    const { columns } = table;
    return {
      table: { ...made, chat, columns: columns && { ...columns, text: 'text', learned: 'list' } },
      removed: {
        ...partOf(table, 0.05),
        columns: columns && { ...columns, text: 'text', learned: 'list', reason: 'text' },
      },
    };
  },
  cost: ({ outputs }) => tableCost(outputs.table as TableSpec, outputs.table as TableSpec),
  reads({ params, files }) {
    if (params.path === undefined || !files) return [];
    const { jinja, config } = templateFiles(params.path, files.glob);
    return [jinja, config].flatMap((file) => (file === null ? [] : files.glob(file).map(({ path }) => path)));
  },
  async run(context) {
    const { params, artifact, tables, files, log, parts } = context;
    const table = artifact('table', 'table');
    const pair = params.prompt !== undefined;
    const { messages = 'messages', role = 'role', content = 'content', prompt, answer } = params;
    const { chat } = context.outputs.table as TableSpec;
    if (!chat) throw new Error('checked before: there is a template');
    const made = await tables.map(
      table,
      {
        name: 'chat',
        params: {
          ...chat,
          source: pair ? { prompt, answer } : { messages, role, content },
          system: params.system ?? null,
          last: params.learn === 'last',
          at: params.jinja !== undefined ? 'jinja' : params.path !== undefined ? 'path' : 'template',
        },
        columns: pair ? [prompt as string, answer as string] : [messages],
        makes: { text: 'text', learned: 'integers', reason: 'text' },
      },
      `${parts}/chat.parquet`,
      context,
    );
    const outs = { table: files.join('table.parquet'), removed: files.join('removed.parquet') };
    const sql = 'SELECT * EXCLUDE dsk_row FROM rows ORDER BY dsk_row';
    const empty = {
      code: 'data-empty',
      message: `none of ${table.rows} rows holds a conversation with an answer`,
      at: 'table',
      note: 'the reason of the first is: ',
    };
    const [first] = await tables.values(
      { tables: { rows: made }, sql: 'SELECT reason FROM rows WHERE reason IS NOT NULL ORDER BY dsk_row LIMIT 1' },
      context,
    );
    empty.note += String(first?.reason);
    const result = await tables.sieve({ tables: { rows: made }, sql, empty }, outs, context);
    log(`${result.table.rows} of ${table.rows} rows are conversations with an answer`);
    return result;
  },
});

function checkTemplate({ params, error }: InferContext<Params>): boolean {
  const given = (['template', 'path', 'jinja'] as const).filter((name) => params[name] !== undefined);
  const [, second] = given;
  if (second === undefined) return true;
  error({
    code: 'param-idle',
    message: `\`${given[0]}\` and \`${second}\` both give a template`,
    at: second,
    note: 'remove one of them',
  });
  return false;
}

function checkSource(context: InferContext<Params>, table: TableSpec): boolean {
  const { params, error } = context;
  const { messages, role, content, prompt, answer } = params;
  const pair = prompt !== undefined || answer !== undefined;
  if (!pair) return checkColumns(context, table, [messages ?? 'messages'], 'messages', ['list', 'text']);
  const idle = Object.entries({ messages, role, content }).find(([, value]) => value !== undefined);
  if (idle) {
    error({
      code: 'param-idle',
      message: `\`${idle[0]}\` has no meaning beside \`prompt\` and \`answer\``,
      at: idle[0],
      note: 'a conversation is a list of messages, or two columns',
    });
    return false;
  }
  const missing = prompt === undefined ? 'prompt' : answer === undefined ? 'answer' : null;
  if (missing !== null) {
    error({ code: 'param-missing', message: `\`${missing}\` is missing beside the other column`, at: missing });
    return false;
  }
  const fine = checkColumns(context, table, [prompt as string], 'prompt', 'text');
  return checkColumns(context, table, [answer as string], 'answer', 'text') && fine;
}

/** The template, by what the parameters say; null where its file cannot be looked at. */
function givenTemplate({ params, files }: Pick<InferContext<Params>, 'params' | 'files'>): ChatTemplate | null {
  const { path, bos, eos } = params;
  const named = { ...(bos === undefined ? {} : { bos }), ...(eos === undefined ? {} : { eos }) };
  if (params.jinja !== undefined) return { template: params.jinja, bos: '', eos: '<|endoftext|>', ...named };
  if (path === undefined) return { ...builtIn[params.template ?? 'plain'], ...named };
  if (files === null) return null;
  const { jinja, config } = templateFiles(path, files.glob);
  const text = (file: string | null): string | null => file && files.text(file, largestConfig);
  return { ...templateOf(path, text(jinja), text(config)), ...named };
}
