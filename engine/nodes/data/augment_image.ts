// Augments pictures: rotated, scaled, cropped, flipped, recoloured and noisy copies.
import type { ImageChanges } from '../../data/image.ts';
import { type CopyParams, copyColumn, copyParams, marksDoc, withCopies } from '../augment.ts';
import { defineKind } from '../kind.ts';
import { checkColumns, tableCost } from '../table.ts';
import type { TableSpec } from '../values.ts';

interface Params extends CopyParams, ImageChanges {
  column: string;
}

const limit = (description: string, maximum: number, unit?: string) =>
  ({ description, type: 'number', default: 0, minimum: 0, maximum, ...(unit ? { unit } : {}) }) as const;

const black = '#000000';
const changes = ['rotate', 'scale', 'crop', 'brightness', 'contrast', 'saturation', 'hue', 'noise'] as const;

export default defineKind<Params>({
  kind: 'augment_image',
  stage: 'data',
  group: 'augment',
  version: 1,
  doc: `Adds copies of the rows with the picture rotated, scaled, cropped, flipped, recoloured or with noise, by amounts that are drawn for each copy.

Each parameter is how far a change may go: \`rotate: 15\` draws an angle between -15 and 15 degrees, \`scale: 10%\` a factor between 90% and 110%; 0 leaves it out. A copy gets all that are given, in the order of the parameters. Size and format of a picture stay (what is no JPEG, PNG or WebP becomes PNG). A grey picture stays grey, so \`saturation\` and \`hue\` do nothing to it; a transparent one gets transparent edges instead of \`background\`. The work is done by sharp (libvips).

${marksDoc}`,
  example: 'photos = load("photos.parquet")\nmore = augment_image(photos, rotate: 15, noise: 2%, copies: 3)',
  inputs: { table: { type: 'table', doc: 'Rows with pictures to make copies of.' } },
  outputs: { table: 'table' },
  params: {
    column: {
      description: 'Column with the pictures: the bytes of a JPEG, PNG or WebP file.',
      type: 'string',
      minLength: 1,
      default: 'image',
      format: 'column',
    },
    rotate: limit('Angle, clockwise or against.', 180, 'degrees'),
    scale: limit('How much larger or smaller, as a share of the size; the middle stays where it is.', 0.9),
    crop: limit('How much of width and height is cut off; what is left is scaled back to the size.', 0.9),
    flip: {
      description: 'Which mirror images there are, each for half of the copies.',
      enum: ['none', 'horizontal', 'vertical', 'both'],
      default: 'none',
    },
    brightness: limit('How much brighter or darker.', 1),
    contrast: limit('How much more or less contrast.', 1),
    saturation: limit('How much stronger or weaker the colours.', 1),
    hue: limit('How far colours turn on the colour wheel.', 180, 'degrees'),
    noise: limit('Standard deviation of Gaussian noise, as a share of the range from black to white.', 1),
    background: {
      description: 'Colour of what comes into view beyond the edges: red, green and blue in hexadecimal.',
      type: 'string',
      default: black,
      minLength: 1,
      advanced: true,
    },
    ...copyParams,
  },
  lineage: () => ({ adds: 'copies' }),
  infer(context) {
    const { params, inputs, error } = context;
    const table = inputs.table as TableSpec;
    if (changes.every((change) => params[change] === 0) && params.flip === 'none') {
      error({
        code: 'param-idle',
        message: 'no change is asked for, so the copies would be as the pictures are',
        at: null,
        note: 'as in rotate: 15, scale: 10%, noise: 2%',
      });
      return null;
    }
    if (params.background !== black && params.rotate === 0 && params.scale === 0) {
      error({
        code: 'param-idle',
        message: 'nothing comes into view beyond the edges without `rotate` or `scale`',
        at: 'background',
        note: 'remove it',
      });
      return null;
    }
    if (!/^#([\da-f]{3}|[\da-f]{6})$/i.test(params.background)) {
      error({
        code: 'param-range',
        message: `"${params.background}" is no colour`,
        at: 'background',
        note: 'red, green and blue in hexadecimal: "#ffffff" is white',
      });
      return null;
    }
    const fine = checkColumns(context, table, [params.column], 'column', 'binary');
    const made = withCopies(context, table, params);
    return fine && made ? { table: made } : null;
  },
  cost: ({ outputs }) => tableCost(outputs.table as TableSpec),
  async run(context) {
    return { table: await copyColumn(context, 'augment_image', 'binary', 'there is no picture in the table') };
  },
});
