// The objective of sentence vectors: texts that mean the same are near each other, others are not.
import { defineKind } from '../kind.ts';
import { drawsIn } from '../layers.ts';
import type { Layout } from '../learning.ts';
import { answersOf, largestOf } from '../objectives/answers.ts';
import { checkModelRows, wrongHead } from '../objectives/checks.ts';
import type { Objective } from '../objectives/objective.ts';
import { openRows, rowForward, rowInputs } from '../objectives/rows.ts';
import { openTexts, padded, type Texts } from '../objectives/texts.ts';
import { checkColumns } from '../table.ts';
import type { Architecture } from '../values.ts';

interface Params {
  temperature: number;
  positive?: string;
  negative?: string;
}

export default defineKind<Params>({
  kind: 'simcse',
  stage: 'train',
  version: 1,
  doc: `Learning vectors by comparison: what \`train\` does with a model that ends in a vector_head, unless told otherwise. Of each text
another view must be nearer, by the cosine, than those of all other texts of the batch: the loss is the mean cross-entropy over
cosines divided by \`temperature\`. Large batches learn more, since there is more to tell apart.

Without \`positive\` the other view is the same text once more: what differs is what dropout drops, so the model needs some. With it,
it is a text that means the same, from another column, and with \`negative\` the texts of a third one, close but of another meaning, are
among those that must be farther. Source: SimCSE (Gao et al., arXiv 2104.08821).`,
  example: 'near = simcse(temperature: 0.05, positive: "answer")',
  inputs: {},
  outputs: { objective: 'objective' },
  params: {
    temperature: {
      type: 'number',
      exclusiveMinimum: 0,
      default: 0.05,
      description: 'What cosines are divided by: the smaller, the more the nearest of the others count.',
    },
    positive: {
      type: 'string',
      minLength: 1,
      format: 'column',
      description: 'Column with a text that means the same. Default: the text itself once more.',
    },
    negative: {
      type: 'string',
      minLength: 1,
      format: 'column',
      description: 'Column with a text that means something else, though it looks alike. Needs `positive`.',
    },
  },
  infer({ params, error }) {
    if (params.negative !== undefined && params.positive === undefined) {
      error({
        code: 'param-idle',
        at: 'negative',
        message: '`negative` has no meaning without `positive`',
        note: 'name the column with texts that mean the same, too',
      });
      return null;
    }
    return { objective: { kind: 'simcse', params: { ...params } } };
  },
  objective: ({ temperature, positive, negative }): Objective => ({
    unit: 'rows',
    check(given) {
      const { architecture, error, table, batch, learns } = given;
      if (wrongHead(given, 'simcse', 'vector')) return false;
      if (learns && batch !== null && batch < 2) {
        error({
          code: 'objective-wrong',
          at: 'batch',
          message: `a batch of ${batch} has no other texts to tell one from`,
          suggest: { value: 32, title: 'use 32' },
        });
        return false;
      }
      if (positive === undefined && !drops(architecture)) {
        error({
          code: 'objective-wrong',
          at: 'model',
          message: 'this model drops nothing while it is trained, so both views of a text would be the same',
          note: 'give its blocks dropout: 0.1, or name a column with texts that mean the same (positive)',
        });
        return false;
      }
      const others = [positive, negative].filter((column) => column !== undefined);
      if (others.length > 0 && (architecture.vocab === 0 || architecture.front)) {
        error({
          code: 'objective-wrong',
          at: 'objective',
          message: `this model reads more than text, or none: \`${others[0] as string}\` would not do for the other view`,
          note: 'leave `positive` out: each row is then compared with itself',
        });
        return false;
      }
      const complain: typeof error = (complaint) => error({ ...complaint, at: given.port });
      return (
        checkColumns({ error: complain }, table, others, 'objective', 'text') && checkModelRows(given, architecture)
      );
    },
    async open(opening) {
      const { context, architecture, port, size } = opening;
      const rows = await openRows(opening, []);
      const others: Texts[] = [];
      const { tokenizer } = architecture;
      for (const column of [positive, negative])
        if (column !== undefined && tokenizer !== null)
          others.push(await openTexts(context, { port, column, tokenizer, size }));
      const wide = (layout: Layout, chosen?: ArrayLike<number>): Layout => ({
        ...layout,
        context: Math.max(layout.context, ...others.map((texts) => texts.longest(chosen))),
      });
      return {
        ...rows,
        layout: (batch) => wide(rows.layout(batch)),
        layoutOf: (chosen) => wide(rows.layoutOf(chosen), chosen),
        feeds(chosen, layout) {
          if (positive === undefined) {
            const twice = [...Array.from(chosen), ...Array.from(chosen)];
            return rows.feeds(twice, layout);
          }
          const all = [rows.texts as Texts, ...others].flatMap((texts) => Array.from(chosen, texts.ids));
          return { ...rows.feeds(chosen, layout), ...padded(all, layout.context) };
        },
        close() {
          rows.close();
          for (const texts of others) texts.close();
        },
      };
    },
    // Without dropout both views of a text are the same: nothing can be told then.
    ...(positive !== undefined && {
      scores: {
        fields: ['accuracy'],
        open({ architecture }) {
          let [right, rows] = [0, 0];
          return {
            add(session, program, { layout, feeds }) {
              const { batch } = layout;
              const all: Layout = { ...layout, batch: viewsOf(positive, negative) * batch };
              const vectors = answersOf(session, program, architecture, { layout: all, feeds });
              const width = vectors.length / all.batch;
              const unit = Array.from({ length: all.batch }, (_, i) =>
                lengthOne(vectors.subarray(i * width, (i + 1) * width)),
              );
              const others = unit.slice(batch);
              for (const [i, vector] of unit.slice(0, batch).entries()) {
                rows++;
                if (largestOf(others.map((other) => dot(vector, other))) === i) right++;
              }
            },
            values: () => ({ accuracy: rows === 0 ? 0 : right / rows }),
          };
        },
      },
    }),
    learning(program, architecture, layout) {
      const { batch } = layout;
      const views = viewsOf(positive, negative);
      const all: Layout = { ...layout, batch: views * batch };
      return {
        weights: program.weights,
        inputs: rowInputs(program, architecture, all),
        loss(f) {
          const { ops } = f;
          const own = rowForward(f, architecture, all);
          const vectors = ops.unit(program.answer(own, program.hidden(own))); // [views * batch, dim]
          const [texts, others] = ops.split(vectors, [batch, (views - 1) * batch], 0);
          const targets = ops.constant(
            Int32Array.from({ length: batch }, (_, i) => i),
            [batch],
          );
          return { sum: ops.headLoss(ops.scale(texts, 1 / temperature), others, targets), count: batch };
        },
      };
    },
  }),
});

/** Views of each text in a batch. */
const viewsOf = (positive: string | undefined, negative: string | undefined): number =>
  positive === undefined || negative === undefined ? 2 : 3;

const dot = (a: Float32Array, b: Float32Array): number =>
  a.reduce((sum, value, i) => sum + value * (b[i] as number), 0);

function lengthOne(vector: Float32Array): Float32Array {
  const length = Math.max(Math.sqrt(dot(vector, vector)), 1e-12);
  return vector.map((value) => value / length);
}

/** Whether anything is dropped while it is trained. */
function drops({ blocks, embedded, head }: Architecture): boolean {
  const answer = head !== null && 'dropout' in head ? (head.dropout ?? 0) : 0;
  return (embedded?.dropout ?? 0) > 0 || answer > 0 || blocks.some(drawsIn);
}
