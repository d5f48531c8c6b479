// Texts as windows of tokens, ready for training.

import type { RowWork } from '../context.ts';
import { isLearned, tokensOf } from '../corpus.ts';
import { type Complaint, defineKind, InputError } from '../kind.ts';
import { carried, checkColumns, rowCount } from '../table.ts';
import type { TableSpec } from '../values.ts';

interface Params {
  context: number;
  documents: 'joined' | 'packed' | 'padded';
  long: 'parts' | 'cut';
  column: string;
}

/** Documents are packed together that begin in the same stretch of this many tokens, about: enough of them to fill windows well. */
const STRETCH = 1 << 20;
/** Characters of text a token stands for, about. */
const CHARACTERS = 4;

export default defineKind<Params>({
  kind: 'pack',
  stage: 'data',
  group: 'tokens',
  version: 1,
  doc: `Makes windows of tokens from a column of text: rows that \`train\` and \`evaluate\` take as they are, tokenised once and shared between runs.

\`joined\`: all texts in one stream, each followed by the end-of-document token, cut into windows; a window may hold the end of one text and the beginning of another, and attention sees both. DeepSeek-V3 was trained so (arXiv 2412.19437, 4.1), and so does \`train\` with rows of text. \`packed\`: whole texts together in a window, by best-fit decreasing (Ding et al., arXiv 2404.10830); attention does not reach from one into another, positions begin anew in each, and none is foretold from the one before. \`padded\`: a text a window, the rest left empty, which costs time and teaches nothing. A text longer than a window is cut into parts, or \`long: "cut"\` leaves out its end.

A window has \`context\` tokens to be foretold. Columns: \`tokens\` holds the ids, \`documents\` how many of them belong to each text (its last token foretells nothing), and where the table says what is learned (see \`chat\`), \`learned\` from where to where in \`tokens\`. Windows in which nothing is learned are left out. Shuffling is done in training.`,
  example: 'packed = pack(clean, vocab, context: 512, documents: "packed")',
  inputs: {
    table: { type: 'table', doc: 'Texts, or conversations as `chat` writes them.' },
    tokenizer: { type: 'tokenizer', doc: 'The vocabulary: the one of the model.' },
  },
  outputs: { table: 'table' },
  required: ['context'],
  params: {
    context: {
      description: 'Tokens the model looks at together, as in `train`.',
      type: 'integer',
      minimum: 1,
      maximum: 1_048_576,
      unit: 'tokens',
    },
    documents: {
      description: 'How texts share windows.',
      enum: ['joined', 'packed', 'padded'],
      default: 'joined',
    },
    long: {
      description: 'What becomes of a text that is longer than a window, unless they are joined.',
      enum: ['parts', 'cut'],
      default: 'parts',
    },
    column: { description: 'Column with the text.', type: 'string', minLength: 1, default: 'text', format: 'column' },
  },
  infer(context) {
    const { params, inputs, sources, error } = context;
    const table = inputs.table as TableSpec;
    if (!checkColumns(context, table, [params.column], 'column', 'text')) return null;
    if (params.documents === 'joined' && params.long !== 'parts') {
      error({
        code: 'param-idle',
        message: '`long` has no meaning where texts are joined',
        at: 'long',
        note: 'remove it, or take documents: "packed"',
      });
      return null;
    }
    const tokens = table.bytesEstimate === undefined ? undefined : table.bytesEstimate / CHARACTERS;
    const texts = params.documents === 'padded' ? (rowCount(table) ?? 0) : 0;
    return {
      table: {
        columns: {
          tokens: 'list',
          documents: 'list',
          ...(isLearned(table) ? { learned: 'list' as const } : {}),
        },
        rows: null,
        ...(tokens === undefined
          ? {}
          : { rowsEstimate: Math.max(1, texts, Math.round(tokens / params.context)), bytesEstimate: 4 * tokens }),
        ...carried(table),
        windows: { context: params.context, tokenizer: sources.tokenizer as { node: string; output: string } },
      },
    };
  },
  // The table holds about two bytes a token; the tokens that runs share hold two to four.
  cost: ({ outputs }) => {
    const { rowsEstimate: rows, bytesEstimate: bytes } = outputs.table as TableSpec;
    return {
      ...(rows === undefined ? {} : { rows }),
      ...(bytes === undefined ? {} : { disk: Math.round(1.5 * bytes) }),
    };
  },
  async run(context) {
    const { params, artifact, sources, tables, files, tokens, parts, log } = context;
    const table = artifact('table', 'table');
    const learned = isLearned(table);
    const folder = await tokensOf(
      context,
      'table',
      sources.tokenizer as { node: string; output: string },
      params.column,
    );
    const reader = await tokens.open(folder);
    const { count } = reader;
    reader.close();
    const stretch = Math.max(1, Math.round(STRETCH / params.context)) * params.context;
    const stretches = await tables.query(
      {
        tables: {},
        sql: `SELECT range AS stretch FROM range(${Math.ceil(count / stretch)}) ORDER BY range`,
        empty: nothing(params),
      },
      `${parts}/stretches.parquet`,
      context,
    );
    const work: RowWork = {
      name: 'pack',
      params: { folder, context: params.context, documents: params.documents, cut: params.long === 'cut', stretch },
      columns: ['stretch'],
      makes: { tokens: 'integers', documents: 'integers', ...(learned ? { learned: 'integers' } : {}) },
      alone: true,
      rows: 1,
    };
    const packed = await tables.map(stretches, work, files.join('table.parquet'), context).catch((error: unknown) => {
      throw error instanceof InputError && error.complaint.code === 'data-empty'
        ? new InputError(nothing(params))
        : error;
    });
    const [sums] = await tables.values(
      {
        tables: { rows: packed },
        sql: 'SELECT sum(len(tokens) - len(documents))::DOUBLE AS filled, sum(len(documents))::DOUBLE AS pieces FROM rows',
      },
      context,
    );
    const share = Number(sums?.filled) / (packed.rows * params.context);
    log(
      `${count} tokens in ${packed.rows} windows of ${params.context}, ${(100 * share).toFixed(1)}% filled${
        params.documents === 'packed' ? `, ${(Number(sums?.pieces) / packed.rows).toFixed(1)} texts in each` : ''
      }`,
    );
    return { table: packed };
  },
});

const nothing = ({ context, documents }: Params): Complaint => ({
  code: 'data-few',
  message:
    documents === 'joined'
      ? `the table's text has nothing to learn in a whole window of ${context} tokens`
      : 'the table has no text with anything to learn',
  at: 'table',
  note: 'give more text or a smaller context',
});
