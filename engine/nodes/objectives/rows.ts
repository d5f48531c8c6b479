// Rows as a model takes them: texts, pictures, series, or a picture and a text; and what else of them is to be learned.
import type { Field } from '../context.ts';
import { drawn } from '../draw.ts';
import { input, type Layout, windowForward } from '../learning.ts';
import type { Feeds, Hooks, Input, Program, ProgramForward } from '../module.ts';
import type { Architecture, Ref } from '../values.ts';
import type { Opening } from './objective.ts';
import { openTexts, padded, type Texts } from './texts.ts';

export interface Rows {
  readonly count: number;
  /** Null where the model reads none. */
  readonly texts: Texts | null;
  layout(batch: number): Layout;
  layoutOf(rows: ArrayLike<number>): Layout;
  /** What the model reads. */
  feeds(rows: ArrayLike<number>, layout: Layout): Feeds;
  /** Values of each further field, one row behind the other. */
  fields(rows: ArrayLike<number>): Float32Array[];
  close(): void;
}

/** The fields of a model's front. */
function frontFields({ front }: Architecture): Field[] {
  if (front === undefined) return [];
  const { shape, columns } = front;
  const [a = 1, b = 1, c = 1] = shape;
  return shape.length === 3
    ? [{ kind: 'picture', column: columns[0] as string, shape: [a, b, c] }]
    : [{ kind: 'series', columns, time: a }];
}

/**
 * Opens the rows of a table for a model: its texts and what its front takes, and `further` fields besides.
 * Throws InputError naming the row where a value is missing or unusable.
 */
export async function openRows(
  { context, architecture, port, column, size }: Opening,
  further: readonly Field[],
): Promise<Rows> {
  const { tokenizer, vocab } = architecture;
  const table = context.artifact(port, 'table');
  const own = frontFields(architecture);
  const fields = [...own, ...further];
  const folder =
    fields.length === 0
      ? null
      : await context.memo(`records 1 ${JSON.stringify(fields)}`, [context.sources[port] as Ref], (to, parts) =>
          context.records.encode(table, { fields, port }, to, { ...context, parts }),
        );
  const texts = vocab > 0 && tokenizer !== null ? await openTexts(context, { port, column, tokenizer, size }) : null;
  const records = folder === null ? null : context.records.open(folder);
  if (records && records.scaled > 0)
    context.log(`${records.scaled} pictures of \`${port}\` are of another size than the model's and are scaled`);
  const layout = (batch: number, context: number): Layout => ({
    batch,
    context,
    ...(texts && { documents: true }),
  });
  /** The values of fields, one row behind the other. */
  const valuesOf = (rows: ArrayLike<number>, first: number, count: number): Float32Array[] => {
    const read = Array.from(rows, (row) => records?.read(row) ?? []);
    return Array.from({ length: count }, (_, field) => {
      const each = read.map((values) => values[first + field] as Float32Array);
      const width = each[0]?.length ?? 0;
      const all = new Float32Array(width * each.length);
      for (const [i, values] of each.entries()) all.set(values, i * width);
      return all;
    });
  };
  return {
    count: table.rows,
    texts,
    layout: (batch) => layout(batch, texts?.longest() ?? 0),
    layoutOf: (rows) => layout(rows.length, texts?.longest(rows) ?? 0),
    feeds(rows, { context: time }) {
      const [front] = valuesOf(rows, 0, own.length);
      return {
        ...(texts && padded(Array.from(rows, texts.ids), time)),
        ...(front && { front }),
      };
    },
    fields: (rows) => valuesOf(rows, own.length, further.length),
    close() {
      texts?.close();
      records?.close();
    },
  };
}

/** What a model is fed with for a batch of rows, dropout's draws included. */
export function rowInputs(program: Program, { vocab }: Architecture, { batch, context }: Layout): Input[] {
  const tokens = [batch * context];
  return [
    ...(vocab > 0 ? [input('ids', tokens, 'int32'), input('starts', tokens, 'int32')] : []),
    ...(program.front ? [input('front', [batch, ...program.front.shape])] : []),
    ...(program.draws ? [drawn] : []),
  ];
}

/** A forward pass over such a batch. */
export function rowForward(f: Hooks, { vocab }: Architecture, { batch, context }: Layout): ProgramForward {
  return windowForward(f, batch, context, vocab > 0 ? f.ops.documents(f.input('starts'), batch, context) : null);
}
