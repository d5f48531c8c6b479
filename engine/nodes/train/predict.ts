// What a trained model says of each row of a table.
import type { MadeType, RunContext } from '../context.ts';
import { decoder, decoderCost } from '../decoder.ts';
import { defineKind, type InferContext, InputError } from '../kind.ts';
import { inferenceMemory } from '../memory.ts';
import type { InferenceSession, Program } from '../module.ts';
import { answersOf, largestOf, shares } from '../objectives/answers.ts';
import { checkModelRows } from '../objectives/checks.ts';
import { openRows, type Rows } from '../objectives/rows.ts';
import { memoryFeeds, write, writingMarks } from '../objectives/writing.ts';
import { checkNewColumn } from '../table.ts';
import type { Architecture, ColumnType, ModelArtifact, ModelSpec, TableSpec, TokenizerArtifact } from '../values.ts';
import { openWeights } from '../weights.ts';

interface Params {
  column: string;
  context?: number;
  batch: number;
  to: string;
  max_tokens?: number;
}

/** Rows of a part, which is what is kept when the run is killed. */
const PART = 2048;
/** Tokens that are written where nothing else is said. */
const WRITTEN = 64;

export default defineKind<Params>({
  kind: 'predict',
  stage: 'train',
  version: 1,
  doc: `What a trained model says of each row, in new columns of the table. The rows need no labels or targets.

Behind a class_head: the likeliest label, \`NAME_probability\`, and \`NAME_probabilities\`: those of all labels, in the head's order.

Behind a value_head: the number; with several columns, \`NAME_COLUMN\` for each.

Behind a vector_head: the vector, as a list.

With an encoder and an lm_head: the text that is written, the likeliest token each time.

Scores of it against a column of the table: \`compare\`.`,
  example: `calm    = class_head(sparse, labels: ["calm", "storm"])
learned = train(calm, parts.train, optimizer: adamw(), objective: classification(label: "text"), steps: 100)
told    = predict(learned, parts.valid)`,
  inputs: {
    model: { type: 'model', doc: 'A trained model.' },
    table: { type: 'table', doc: 'Rows that it is asked about.' },
  },
  outputs: { table: 'table' },
  positional: ['model', 'table'],
  lineage: () => ({ from: ['table'] }),
  params: {
    column: {
      type: 'string',
      minLength: 1,
      default: 'text',
      format: 'column',
      description: 'Column with the text, where the model reads one.',
    },
    context: {
      type: 'integer',
      minimum: 1,
      unit: 'tokens',
      description: 'Longer texts are cut there. Default: the context of the training.',
    },
    batch: { type: 'integer', minimum: 1, default: 32, unit: 'rows', description: 'Rows at a time.', unkeyed: true },
    to: { type: 'string', minLength: 1, default: 'prediction', description: 'Name of the new column.' },
    max_tokens: {
      type: 'integer',
      minimum: 1,
      unit: 'tokens',
      description: `Where text is written: most tokens of one. Default: ${WRITTEN}.`,
    },
  },
  infer(context) {
    const { params, inputs, error, warn } = context;
    const { architecture, weights } = inputs.model as ModelSpec;
    const table = inputs.table as TableSpec;
    if (weights === null) {
      error({
        code: 'untrained-model',
        at: 'model',
        message: 'this model has not been trained: its weights would be random',
        note: 'wire it through train(...) first',
      });
      return null;
    }
    const made = madeBy(architecture, params.to);
    if (made === null) {
      error({
        code: 'objective-wrong',
        at: 'model',
        message: 'this model foretells the next token, and has nothing to say of a row as a whole',
        note: 'generate(MODEL, prompt: ...) lets it write',
      });
      return null;
    }
    if (params.max_tokens !== undefined && !writes(architecture)) {
      error({ code: 'param-idle', at: 'max_tokens', message: 'this model writes no text', note: 'remove it' });
      return null;
    }
    const { column, context: most = null } = params;
    const given = {
      architecture,
      table,
      port: 'table',
      column,
      context: most,
      batch: null,
      learns: false,
      error,
      warn,
    };
    if (!checkModelRows(given, architecture.memory ?? architecture)) return null;
    const taken = Object.keys(table.columns ?? {});
    if (!Object.keys(made).every((name) => checkNewColumn(context, name, taken, 'to'))) return null;
    const types = Object.entries(made).map(([name, type]): [string, ColumnType] => [
      name,
      type === 'numbers' ? 'list' : (type as ColumnType),
    ]);
    return { table: { ...table, columns: table.columns && { ...table.columns, ...Object.fromEntries(types) } } };
  },
  cost({ params, inputs, kinds }: InferContext<Params>) {
    const { architecture } = inputs.model as ModelSpec;
    const tokens = params.context ?? architecture.context ?? 1;
    return { memory: inferenceMemory(decoderCost(kinds, architecture, tokens), params.batch * tokens) };
  },
  async run(context) {
    const { params, tables, files, signal } = context;
    const { architecture } = context.inputs.model as ModelSpec;
    const model = context.artifact('model', 'model') as ModelArtifact;
    const table = context.artifact('table', 'table');
    const made = madeBy(architecture, params.to);
    const [first] = Object.keys(table.columns);
    if (made === null || first === undefined) throw new Error('checked before: there is something to say of rows');
    const size = params.context ?? architecture.context ?? 128;
    const read = architecture.memory ?? architecture;
    const opening = { context, architecture: read, port: 'table', column: params.column, size, learns: false };
    const program = decoder(context.kinds, architecture);
    const tensors = await context.tensors();
    const rows = await openRows(opening, []);
    const session = tensors.infer(program, await openWeights(context.weights, program.weights, model.weights));
    try {
      const say = await sayer(context, architecture, program, session, rows);
      const through = async (from: number, count: number): Promise<Record<string, unknown[]>> => {
        const all = Object.fromEntries(Object.keys(made).map((name): [string, unknown[]] => [name, []]));
        for (let done = 0; done < count; done += params.batch) {
          signal.throwIfAborted();
          const chosen = Array.from({ length: Math.min(params.batch, count - done) }, (_, i) => from + done + i);
          for (const [name, values] of Object.entries(say(chosen))) all[name]?.push(...values);
          await new Promise<void>((resolve) => setImmediate(resolve));
        }
        return all;
      };
      const asked = await tables.through(
        table,
        { columns: [first], makes: made, rows: PART },
        async (batch, from) => ({ columns: await through(from, (batch[first] as unknown[]).length) }),
        files.join('table.parquet'),
        context,
      );
      return { table: asked };
    } finally {
      session.dispose();
      rows.close();
    }
  },
});

const writes = ({ head, memory }: Architecture): boolean =>
  head !== null && (head.kind ?? 'tokens') === 'tokens' && memory !== undefined;

/** The new columns; null where a model says nothing of rows. */
function madeBy(architecture: Architecture, to: string): Record<string, MadeType> | null {
  const { head } = architecture;
  if (head?.kind === 'classes')
    return { [to]: 'text', [`${to}_probability`]: 'number', [`${to}_probabilities`]: 'numbers' };
  if (head?.kind === 'values')
    return Object.fromEntries(
      head.columns.map((column): [string, MadeType] => [head.columns.length === 1 ? to : `${to}_${column}`, 'number']),
    );
  if (head?.kind === 'vector') return { [to]: 'numbers' };
  return writes(architecture) ? { [to]: 'text' } : null;
}

/** What is said of some rows, in the columns of `madeBy`. */
async function sayer(
  context: RunContext<Params>,
  architecture: Architecture,
  program: Program,
  session: InferenceSession,
  rows: Rows,
): Promise<(chosen: number[]) => Record<string, unknown[]>> {
  const { to, max_tokens: most = WRITTEN } = context.params;
  const { head, tokenizer: ref } = architecture;
  if (head !== null && (head.kind ?? 'tokens') !== 'tokens') {
    const names = Object.keys(madeBy(architecture, to) ?? {});
    return (chosen) => {
      const layout = rows.layoutOf(chosen);
      const answers = answersOf(session, program, architecture, { layout, feeds: rows.feeds(chosen, layout) });
      const width = answers.length / chosen.length;
      const each = chosen.map((_, i) => answers.subarray(i * width, (i + 1) * width));
      if (head.kind === 'vector') return { [to]: each };
      if (head.kind === 'values')
        return Object.fromEntries(names.map((name, c): [string, unknown[]] => [name, each.map((values) => values[c])]));
      const labels = head.kind === 'classes' ? head.labels : [];
      const likely = each.map(shares);
      return {
        [to]: likely.map((row) => labels[largestOf(row)]),
        [`${to}_probability`]: likely.map((row) => row[largestOf(row)]),
        [`${to}_probabilities`]: likely,
      };
    };
  }
  if (ref === null)
    throw new InputError({ code: 'no-tokenizer', at: 'model', message: 'this model came without a tokenizer' });
  const tokenizer = await context.tokenizers.open((context.resolve(ref) as TokenizerArtifact).path);
  const marks = writingMarks(tokenizer);
  return (chosen) => {
    const source = rows.layoutOf(chosen);
    const feeds = memoryFeeds(rows.feeds(chosen, source));
    const written = write(session, program, architecture, { source, feeds, ...marks, most });
    return { [to]: written.map((ids) => tokenizer.decode(ids)) };
  };
}
