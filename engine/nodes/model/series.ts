// The beginning of a model that reads series of numbers.
import { beginning, type FrontParams, frontParams } from '../fronts.ts';
import { defineKind } from '../kind.ts';

interface Params extends FrontParams {
  columns: string[];
  time: number;
}

export default defineKind<Params>({
  kind: 'series',
  stage: 'model',
  version: 1,
  doc: `A model's beginning for series: every column holds a list of \`time\` numbers, and what stands at one time in all of them becomes
a hidden state, by a learned linear map. Convolutions over time (see \`convolution\`), blocks and a head follow.`,
  example: 'weather = series(columns: ["pressure", "wind"], time: 48, dim: 64)',
  inputs: {},
  outputs: { hidden: 'hidden' },
  params: {
    columns: {
      type: 'array',
      items: { type: 'string' },
      minItems: 1,
      maxItems: 10_000,
      description: 'Columns with the lists of numbers.',
    },
    time: { type: 'integer', minimum: 1, maximum: 1_048_576, unit: 'values', description: 'Length of the lists.' },
    ...frontParams,
  },
  required: ['columns', 'time', 'dim'],
  infer({ params, error }) {
    const { columns, time } = params;
    const twice = columns.find((column, i) => columns.indexOf(column) < i);
    if (twice !== undefined) {
      error({ code: 'name-twice', at: 'columns', message: `the column ${twice} stands there twice` });
      return null;
    }
    return { hidden: beginning(params, [time, columns.length], columns) };
  },
});
