// The beginning of a model that reads pictures.
import { beginning, type FrontParams, frontParams } from '../fronts.ts';
import { defineKind } from '../kind.ts';

interface Params extends FrontParams {
  column: string;
  height: number;
  width: number;
  channels: number;
}

const side = { type: 'integer', minimum: 1, maximum: 8192, unit: 'pixels' } as const;

export default defineKind<Params>({
  kind: 'picture',
  stage: 'model',
  version: 1,
  doc: `A model's beginning for pictures: every place of a picture in the column (PNG or another form that the column holds; \`image\` makes
them of lists of numbers) becomes a hidden state, by a learned linear map of its channels. Few models want so many states: convolutions or patches (see \`convolution\`) come next. Blocks, a head, or an embedding
whose tokens stand behind the picture follow.`,
  example: 'digit = picture(column: "pixels", height: 28, width: 28, dim: 64)',
  inputs: {},
  outputs: { hidden: 'hidden' },
  params: {
    column: { type: 'string', minLength: 1, description: 'Column with the pictures.' },
    height: { ...side, description: 'Rows of a picture.' },
    width: { ...side, description: 'Columns of a picture.' },
    channels: {
      type: 'integer',
      minimum: 1,
      maximum: 4,
      default: 1,
      description: 'Numbers of each pixel: 1 for grey, 3 for red, green and blue.',
    },
    ...frontParams,
  },
  required: ['column', 'height', 'width', 'dim'],
  infer: ({ params }) => ({
    hidden: beginning(params, [params.height, params.width, params.channels], [params.column]),
  }),
});
