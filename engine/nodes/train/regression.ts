// The objective of models that foretell numbers.
import type { RunContext } from '../context.ts';
import { defineKind, InputError } from '../kind.ts';
import { input } from '../learning.ts';
import { valueScores } from '../objectives/answers.ts';
import { checkModelRows, wrongHead } from '../objectives/checks.ts';
import type { Objective, Scale } from '../objectives/objective.ts';
import { openRows, rowForward, rowInputs } from '../objectives/rows.ts';
import { identifier } from '../sql.ts';
import { checkColumns } from '../table.ts';
import type { Architecture } from '../values.ts';

interface Params {
  loss: 'mse' | 'huber';
  delta?: number;
  scale: boolean;
}

export default defineKind<Params>({
  kind: 'regression',
  stage: 'train',
  version: 1,
  doc: `Foretelling numbers: what \`train\` does with a model that ends in a value_head, unless told otherwise. Each row is learned by
itself. The head names the columns with the numbers; a column may hold lists of one number, as \`windows\` with a horizon of 1 makes
them. The loss is the mean squared error, or Huber's (Huber 1964), which counts large errors less; both as in torch.

Numbers are learned with their mean taken off and divided by their deviation, as they are in the rows that are learned, unless
\`scale\` is false; so the loss is in these units. What the trained model gives is in the table's.`,
  example: 'told = regression(loss: "huber", delta: 0.5)',
  inputs: {},
  outputs: { objective: 'objective' },
  params: {
    loss: { enum: ['mse', 'huber'], default: 'mse', description: 'What is made of the distance to the right number.' },
    delta: {
      type: 'number',
      exclusiveMinimum: 0,
      description: 'huber: the distance from which on an error counts by its size, not its square. Default: 1.',
    },
    scale: {
      type: 'boolean',
      default: true,
      description: 'Learn numbers with a mean of 0 and a deviation of 1. False: as they are.',
    },
  },
  infer({ params, error }) {
    if (params.delta !== undefined && params.loss !== 'huber') {
      error({
        code: 'param-idle',
        at: 'delta',
        message: '`delta` belongs to huber',
        note: 'remove it, or add loss: "huber"',
      });
      return null;
    }
    return { objective: { kind: 'regression', params: { ...params } } };
  },
  objective: ({ loss, delta = 1, scale }): Objective => ({
    unit: 'rows',
    check(about) {
      const { architecture, table, port, error } = about;
      if (wrongHead(about, 'regression', 'values')) return false;
      const { head } = architecture;
      if (head?.kind !== 'values') return false;
      const types = ['number', 'integer', 'list'] as const;
      const complain: typeof error = (complaint) => error({ ...complaint, at: port });
      return checkColumns({ error: complain }, table, head.columns, port, types) && checkModelRows(about, architecture);
    },
    async open(opening) {
      const columns = columnsOf(opening.architecture);
      const rows = await openRows(opening, [{ kind: 'values', columns, count: columns.length }]);
      const taken = opening.like?.scale ?? null;
      const own = scale && opening.learns ? await scaleOf(opening.context, opening.port, columns) : taken;
      return {
        ...rows,
        feeds(chosen, layout) {
          const [values] = rows.fields(chosen) as [Float32Array];
          const learned = own
            ? values.map((value, i) => {
                const column = i % columns.length;
                return (value - (own.mean[column] as number)) / (own.deviation[column] as number);
              })
            : values;
          return { ...rows.feeds(chosen, layout), values: learned };
        },
        ...(own && { scale: own }),
      };
    },
    scores: {
      fields: ['rmse', 'mae', 'r2'],
      open: ({ architecture }) => valueScores(architecture, columnsOf(architecture)),
    },
    learning(program, architecture, layout) {
      const { length } = columnsOf(architecture);
      return {
        weights: program.weights,
        inputs: [...rowInputs(program, architecture, layout), input('values', [layout.batch, length])],
        loss(f) {
          const own = rowForward(f, architecture, layout);
          const answer = program.answer(own, program.hidden(own)); // [batch, columns]
          return {
            sum: f.ops.squaredError(answer, f.input('values'), { delta: loss === 'huber' ? delta : null }),
            count: layout.batch * length,
          };
        },
      };
    },
  }),
});

function columnsOf({ head }: Architecture): string[] {
  if (head?.kind !== 'values') throw new Error('checked before: the model ends in a value_head');
  return head.columns;
}

/** Mean and deviation of columns, or of lists of one number in them: sums that do not depend on threads. */
async function scaleOf(context: RunContext<unknown>, port: string, columns: readonly string[]): Promise<Scale> {
  const table = context.artifact(port, 'table');
  const value = (column: string): string =>
    `${identifier(column)}${table.columns[column] === 'list' ? '[1]' : ''}::DOUBLE`;
  const [first] = await context.tables.values(
    {
      tables: { rows: table },
      sql: `SELECT ${columns.map((column, i) => `fsum(${value(column)}) / count(${value(column)}) AS m${i}`).join(', ')} FROM rows`,
    },
    context,
  );
  const mean = columns.map((_, i) => Number(first?.[`m${i}`]));
  const [second] = await context.tables.values(
    {
      tables: { rows: table },
      sql: `SELECT ${columns.map((column, i) => `sqrt(fsum((${value(column)} - (${mean[i] as number})) ** 2) / count(${value(column)})) AS s${i}`).join(', ')} FROM rows`,
    },
    context,
  );
  const deviation = columns.map((_, i) => Number(second?.[`s${i}`]));
  for (const [i, column] of columns.entries())
    if (!((deviation[i] as number) > 0))
      throw new InputError({
        code: 'value-unusable',
        at: port,
        message: `all rows of \`${port}\` have the same \`${column}\` (${mean[i] as number}): there is nothing to learn`,
        note: 'take the column out of the value_head',
      });
  return { mean, deviation };
}
