// Text to token ids and back: trained on a table, or read from a file.
import type { PreTokenizer } from '../context.ts';
import { type CheckFiles, defineKind, InputError } from '../kind.ts';
import { dataMemory } from '../memory.ts';
import { checkColumns } from '../table.ts';
import type { TableSpec } from '../values.ts';
import { vocabularySize } from '../vocabulary.ts';

interface Params {
  algorithm: 'bpe';
  size: number;
  column: string;
  pre_tokenizer: PreTokenizer;
  special: string[];
  min_frequency: number;
  path?: string;
}

/** 256 bytes and the end of a document. */
const SMALLEST = 257;
/** A special token is a name, not a text. */
const LONGEST_SPECIAL = 100;
const END = '<|endoftext|>';
/** Defaults of the parameters of training. */
const usual = {
  algorithm: 'bpe',
  size: 4096,
  column: 'text',
  pre_tokenizer: 'default',
  special: [] as string[],
  min_frequency: 2,
} as const;

export default defineKind<Params>({
  kind: 'tokenizer',
  stage: 'data',
  group: 'tokens',
  version: 1,
  doc: `Trains a tokenizer on a column of text, or reads one with \`path\`.

Training makes a byte-level BPE (Sennrich et al. 2016, with GPT-2's byte alphabet): the entries are ${END}, the special tokens, the 256 bytes, and then the most frequent pairs of entries, merged one after another until there are \`size\`. Any text can be encoded, so nothing is ever unknown. Equal counts go to the pair of smaller ids, so the result is always the same, and the same as that of Hugging Face's trainer.

Merges never cross the pieces that \`pre_tokenizer\` cuts the text into: words with their leading space, digits in groups of three at most (gpt2: of any length), punctuation, line breaks. deepseek (DeepSeek-V3) cuts Chinese and Japanese apart from other scripts; default is llama3's with marks kept on their letters.

The pieces are counted on all cores, part after part; parts that are done survive a kill. What must fit into memory are the different pieces, about 100 bytes each: gigabytes of text have some millions of them.

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
    pre_tokenizer: {
      description:
        'How text is cut into pieces that merges never cross: as for GPT-2, LLaMA 3 or DeepSeek-V3, or in the way of this program.',
      enum: ['default', 'gpt2', 'llama3', 'deepseek'],
      default: usual.pre_tokenizer,
    },
    special: {
      description: `Tokens besides ${END} that stand for themselves and are never cut, such as "<|user|>"; they get the ids 1, 2, ...`,
      type: 'array',
      items: { type: 'string' },
      default: usual.special,
      advanced: true,
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
      const idle = Object.entries(usual).find(
        ([param, value]) => String(params[param as keyof Params]) !== String(value),
      );
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
    const wrong = specialFault(params);
    if (wrong !== null) {
      error({ code: 'tokenizer-special', message: wrong, at: 'special' });
      return null;
    }
    return { tokenizer: { size: params.size } };
  },
  cost({ params, inputs }) {
    const table = inputs.table as TableSpec | undefined;
    // A vocabulary entry and its merge take about 40 bytes of JSON. In mails every hundredth byte begins a new word, and it takes 100
    // bytes; long texts bring fewer.
    return params.path === undefined
      ? {
          disk: params.size * 40,
          ...(table?.bytesEstimate === undefined ? {} : { memory: dataMemory + table.bytesEstimate }),
        }
      : {};
  },
  reads: ({ params, files }) =>
    params.path === undefined || !files ? [] : files.glob(filePath(params.path, files.glob)).map((file) => file.path),
  async run(context) {
    const { params, artifact, files, tokenizers } = context;
    const out = files.join('tokenizer.json');
    if (params.path !== undefined) {
      const [path] = files.glob(filePath(params.path, (pattern) => files.glob(pattern)));
      if (path === undefined) throw missing(params.path);
      const { size } = await tokenizers.open(path);
      await files.copy(path, out);
      return { tokenizer: { type: 'tokenizer', path: out, size } };
    }
    const table = artifact('table', 'table');
    const { column, pre_tokenizer: preTokenizer, min_frequency: minFrequency } = params;
    const special = [END, ...params.special];
    const options = { column, preTokenizer, size: params.size, special, minFrequency };
    const { size } = await tokenizers.train(table, options, out, context);
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

/** What is wrong with the special tokens, or null. */
function specialFault({ special, size }: Params): string | null {
  for (const [i, token] of special.entries()) {
    if (token === '') return 'a special token has no characters';
    if (token === END) return `${END} is there already, with the id 0`;
    if (special.indexOf(token) < i) return `"${token}" is given twice`;
    if (token.length > LONGEST_SPECIAL)
      return `"${token.slice(0, 40)}..." is longer than ${LONGEST_SPECIAL} characters`;
    if ([...token].length === 1) return `"${token}" is a single character, which every text may have`;
  }
  const least = SMALLEST + special.length;
  return size < least
    ? `with ${special.length} special ${special.length === 1 ? 'token' : 'tokens'} \`size\` must be ${least} at least`
    : null;
}

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
