// Pictures from lists of numbers.
import type { PixelParams } from '../../data/rows/image.ts';
import { defineKind } from '../kind.ts';
import { checkColumns, checkNewColumn, tableCost } from '../table.ts';
import type { TableSpec } from '../values.ts';

export default defineKind<PixelParams>({
  kind: 'image',
  stage: 'data',
  group: 'read',
  version: 1,
  doc: `Makes pictures (PNG) from lists of numbers: a value for each pixel, row by row from the upper left, or three of them for red, green and blue.

Many data sets keep small pictures in this form. \`windows\` cuts a list that holds several of them, one behind another, into one each. Values between \`black\` and \`white\` become shades of grey; what is beyond, black or white; a missing value is black.`,
  example: 'pixels = load("pixels.parquet")\npictures = image(pixels, column: "pixels", width: 28)',
  inputs: { table: { type: 'table', doc: 'Rows with lists of pixel values.' } },
  outputs: { table: 'table' },
  required: ['column', 'width'],
  params: {
    column: { description: 'Column with the lists.', type: 'string', minLength: 1, format: 'column' },
    to: { description: 'Column for the pictures.', type: 'string', minLength: 1, default: 'image' },
    width: { description: 'Width of the pictures.', type: 'integer', minimum: 1, maximum: 65_535, unit: 'pixels' },
    height: {
      description: 'Height of the pictures. Default: as many rows as a list has.',
      type: 'integer',
      minimum: 1,
      maximum: 65_535,
      unit: 'pixels',
    },
    channels: { description: 'Values of a pixel: 1 for grey, 3 for colour.', enum: [1, 3], default: 1 },
    black: { description: 'The value that is black.', type: 'number', default: 0 },
    white: { description: 'The value that is white (255 where pixels are bytes).', type: 'number', default: 1 },
  },
  infer(context) {
    const { params, inputs, error } = context;
    const table = inputs.table as TableSpec;
    if (params.black === params.white) {
      const message = 'black and white are the same value';
      error({ code: 'param-range', message, at: 'white', note: 'such as black: 0, white: 255' });
      return null;
    }
    if (!checkColumns(context, table, [params.column], 'column', 'list')) return null;
    const taken = params.to === params.column ? [] : Object.keys(table.columns ?? {});
    if (!checkNewColumn(context, params.to, taken, 'to')) return null;
    return { table: { ...table, columns: table.columns && { ...table.columns, [params.to]: 'binary' } } };
  },
  cost: ({ outputs }) => tableCost(outputs.table as TableSpec),
  async run(context) {
    const { params, artifact, tables, files } = context;
    const work = { name: 'image', params, columns: [params.column], makes: { [params.to]: 'binary' as const } };
    return { table: await tables.map(artifact('table', 'table'), work, files.join('table.parquet'), context) };
  },
});
