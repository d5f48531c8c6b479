// Text to token ids and back: trained on a table, or read from a file.
import { type CheckFiles, defineKind, InputError } from '../kind.ts';
import { dataMemory } from '../memory.ts';
import { checkColumns } from '../table.ts';
import type { TableSpec } from '../values.ts';
import { vocabularySize } from '../vocabulary.ts';

interface Params {
  algorithm: 'bpe';
  size: number;
  column: string;
  min_frequency: number;
  path?: string;
}

/** 256 bytes and the end of a document. */
const SMALLEST = 257;
const END = '<|endoftext|>';
/** Defaults of the parameters of training. */
const usual = { algorithm: 'bpe', size: 4096, column: 'text', min_frequency: 2 } as const;

export default defineKind<Params>({
  kind: 'tokenizer',
  stage: 'data',
  group: 'tokens',
  version: 1,
  doc: `Trains a tokenizer on a column of text, or reads one with \`path\`.

Training makes a byte-level BPE (Sennrich et al. 2016, with GPT-2's byte alphabet): the entries are ${END}, the 256 bytes, and then the most frequent pairs of entries, merged one after another until there are \`size\`. Words keep their leading space, digits come in groups of three at most. Any text can be encoded, so nothing is ever unknown. Equal counts go to the pair of smaller ids, so the result is always the same, and the same as that of Hugging Face's trainer.

The result is a Hugging Face tokenizer.json. With \`path\`, such a file (or a folder with one) is read as it is; its model is a BPE, WordPiece or Unigram.`,
  example: 'vocab = tokenizer(parts.train, algorithm: "bpe", size: 2048)',
  inputs: { table: { type: 'table', doc: 'Texts to train on. Not with `path`.', optional: true } },
  outputs: { tokenizer: 'tokenizer' },
  params: {
    algorithm: { description: 'How the vocabulary is made.', enum: ['bpe'], default: usual.algorithm },
    size: {
      description: 'Entries of the vocabulary: common words become one token, and the model gets a row for each entry.',
      type: 'integer',
      default: usual.size,
      minimum: SMALLEST,
      maximum: 1_000_000,
      unit: 'entries',
    },
    column: {
      description: 'Column of the table that holds the text.',
      type: 'string',
      minLength: 1,
      default: usual.column,
      format: 'column',
    },
    min_frequency: {
      description: 'How often a pair must occur to become an entry.',
      type: 'integer',
      default: usual.min_frequency,
      minimum: 1,
      advanced: true,
    },
    path: {
      description: 'A tokenizer.json, or a folder with one, to read instead of training.',
      type: 'string',
      minLength: 1,
      format: 'path',
    },
  },
  infer(context) {
    const { params, inputs, files, error } = context;
    const table = inputs.table as TableSpec | undefined;
    if (params.path !== undefined && table) {
      error({
        code: 'param-idle',
        message: 'a tokenizer that is read from a file is not trained: the table would be ignored',
        at: 'table',
        note: 'remove the table, or `path`',
      });
      return null;
    }
    if (params.path !== undefined) {
      const idle = Object.entries(usual).find(([param, value]) => params[param as keyof Params] !== value);
      if (idle) {
        error({
          code: 'param-idle',
          message: `a tokenizer that is read from a file is not trained: \`${idle[0]}\` would be ignored`,
          at: idle[0],
          note: `remove it, or \`path\``,
        });
        return null;
      }
      return { tokenizer: { size: files ? sizeOf(params.path, files) : null } };
    }
    if (!table) {
      error({
        code: 'input-missing',
        message: 'a tokenizer needs a table to train on, or a `path` to read from',
        at: null,
        note: 'as in tokenizer(parts.train, size: 2048), or tokenizer(path: "tokenizer.json")',
      });
      return null;
    }
    if (!checkColumns(context, table, [params.column], 'column', 'text')) return null;
    return { tokenizer: { size: params.size } };
  },
  cost({ params, inputs }) {
    const table = inputs.table as TableSpec | undefined;
    // A vocabulary entry and its merge take about 40 bytes of JSON; training holds each distinct word, about a tenth of the text.
    return params.path === undefined
      ? {
          disk: params.size * 40,
          ...(table?.bytesEstimate === undefined ? {} : { memory: dataMemory + 4 * table.bytesEstimate }),
        }
      : {};
  },
  reads: ({ params, files }) =>
    params.path === undefined || !files ? [] : files.glob(filePath(params.path, files.glob)).map((file) => file.path),
  async run({ params, artifact, files, tables, tokenizers, progress }) {
    const out = files.join('tokenizer.json');
    if (params.path !== undefined) {
      const [path] = files.glob(filePath(params.path, (pattern) => files.glob(pattern)));
      if (path === undefined) throw missing(params.path);
      const { size } = await tokenizers.open(path);
      await files.copy(path, out);
      return { tokenizer: { type: 'tokenizer', path: out, size } };
    }
    const table = artifact('table', 'table');
    const texts = tables.texts(table, params.column);
    const options = { size: params.size, special: [END], minFrequency: params.min_frequency };
    const { size } = await tokenizers.train(texts, options, out, (fraction) =>
      progress({ done: Math.round(fraction * params.size), total: params.size, unit: 'entries' }),
    );
    if (size < params.size) {
      throw new InputError({
        code: 'tokenizer-size',
        message: `the text gives ${size} entries, not ${params.size}`,
        at: 'size',
        note: `give more text, a smaller \`min_frequency\` (now ${params.min_frequency}), or size: ${size}`,
        suggest: { value: size, title: `use ${size} entries` },
      });
    }
    return { tokenizer: { type: 'tokenizer', path: out, size } };
  },
});

const LARGEST = 256e6;

/** Size of the vocabulary in a file, which is read but not loaded. */
function sizeOf(path: string, files: CheckFiles): number {
  const text = files.text(filePath(path, files.glob), LARGEST);
  if (text === null) throw missing(path);
  try {
    return vocabularySize(JSON.parse(text));
  } catch (error) {
    throw new InputError({
      code: 'tokenizer-broken',
      message: `${path} is no usable tokenizer: ${(error as Error).message}`,
      at: 'path',
      note: 'a tokenizer.json as Hugging Face writes it is needed',
    });
  }
}

/** A folder stands for the tokenizer.json in it. */
function filePath(path: string, glob: (pattern: string) => unknown[]): string {
  const inside = `${path.replace(/\/+$/, '')}/tokenizer.json`;
  return glob(inside).length > 0 ? inside : path;
}

function missing(path: string): InputError {
  return new InputError({
    code: 'path-missing',
    message: `there is no tokenizer at ${path}`,
    at: 'path',
    note: 'name a tokenizer.json, or a folder with one',
  });
}
