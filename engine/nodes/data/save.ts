// Hands a table over to other programs, as a file.
import type { FileShape } from '../context.ts';
import { endingOf, formatOfName, packingOfName } from '../formats.ts';
import { defineKind, InputError } from '../kind.ts';
import { tableCost } from '../table.ts';
import type { TableSpec } from '../values.ts';

interface Params {
  path: string;
  format?: FileShape['format'];
}

const formats: readonly FileShape['format'][] = ['csv', 'jsonl', 'parquet'];

export default defineKind<Params>({
  kind: 'save',
  stage: 'data',
  group: 'read',
  version: 1,
  doc: `Writes a table to a file, for other programs. The format follows from the name: .csv (RFC 4180, with a header), .tsv, .jsonl (an object a line), .parquet; CSV and JSONL with .gz or .zst behind it are compressed. Lists and structs become JSON in CSV. The file appears once it is complete; one of the same name is replaced.`,
  example: 'kept = save(long, path: "out/long.jsonl.gz")',
  inputs: { table: { type: 'table', doc: 'Rows to write.' } },
  outputs: { file: 'file' },
  required: ['path'],
  params: {
    path: { description: "File to write, inside the graph's folder.", type: 'string', minLength: 1, format: 'path' },
    format: { description: 'Format of the file, where its name does not say.', enum: formats },
  },
  cached: false,
  infer({ params, inputs, files, error }) {
    const { format } = shapeOf(params);
    const { columns } = inputs.table as TableSpec;
    const binary = Object.keys(columns ?? {}).filter((name) => columns?.[name] === 'binary');
    if (binary.length > 0 && format !== 'parquet') {
      error({
        code: 'column-type',
        message: `column \`${binary[0]}\` holds bytes, which ${format.toUpperCase()} has no place for`,
        at: 'path',
        note: `write Parquet, or leave the column out with select`,
      });
      return null;
    }
    files?.output(params.path);
    if (files && files.glob(`${params.path}/**/*`).length > 0) {
      error({
        code: 'path-taken',
        message: `${params.path} is a folder, and not replaced`,
        at: 'path',
        note: 'name a file in it',
      });
      return null;
    }
    return { file: { path: params.path } };
  },
  cost: ({ inputs }) => ({ disk: tableCost(inputs.table as TableSpec).disk ?? 0 }),
  views: () => true,
  async run(context) {
    const { params, files, tables } = context;
    const path = files.output(params.path);
    const table = context.table('table');
    await tables.save(table, path, shapeOf(params), context);
    context.log(`${table.rows.toLocaleString('en')} rows written to ${params.path}`);
    return { file: { type: 'file', path } };
  },
});

function shapeOf({ path, format }: Params): FileShape {
  const told = formatOfName(path);
  const found = format ?? formats.find((name) => name === told);
  if (!found) {
    throw new InputError({
      code: 'file-format',
      message: told ? `tables are not written as ${told}` : `the name ${path} does not say which format it has`,
      at: 'path',
      note: 'end it in .csv, .tsv, .jsonl or .parquet, or give `format`',
    });
  }
  const compression = packingOfName(path);
  if (found === 'parquet' && compression !== null) {
    throw new InputError({
      code: 'file-format',
      message: 'a Parquet file is compressed inside, and not once more',
      at: 'path',
      note: 'end its name in .parquet',
    });
  }
  return { format: found, delimiter: endingOf(path) === 'tsv' ? '\t' : ',', compression };
}
