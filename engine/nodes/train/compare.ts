// Scores predictions against what was wanted: labels or texts, in two columns of a table.
import { closest } from '../../../grammar/diagnostic.ts';
import type { RunContext } from '../context.ts';
import { defineKind, type InferContext, type Inferred, InputError } from '../kind.ts';
import { bleu } from '../metrics/bleu.ts';
import { labelScores, type Pair } from '../metrics/labels.ts';
import { rougeTypes } from '../metrics/rouge.ts';
import { identifier } from '../sql.ts';
import { checkColumns, checkNewColumn, columnsParam, listed } from '../table.ts';
import type { Artifact, ColumnType, TableArtifact, TableSpec } from '../values.ts';
import { beside, judged } from '../verdicts.ts';

const metrics = ['accuracy', 'f1', 'bleu', 'rouge'] as const;
type Metric = (typeof metrics)[number];

interface Params {
  prediction: string;
  reference: string | string[];
  metrics: Metric[];
  positive?: string;
  lowercase: boolean;
  stemmer: boolean;
}

/** Labels beyond which F1 is of no use: they are texts. */
const MOST_LABELS = 10_000;
/** Labels whose scores the report lists one by one. */
const LISTED = 30;

const ofTexts = ({ metrics }: Params) => metrics.filter((metric) => metric === 'bleu' || metric === 'rouge');
const ofLabels = ({ metrics }: Params) => metrics.filter((metric) => metric === 'accuracy' || metric === 'f1');
const textColumns = ({ metrics }: Params): string[] => [
  ...(metrics.includes('bleu') ? ['bleu'] : []),
  ...(metrics.includes('rouge') ? rougeTypes : []),
];

export default defineKind<Params>({
  kind: 'compare',
  stage: 'train',
  version: 1,
  doc: `Scores a column of predictions against a column with what was wanted: labels by accuracy and F1, texts by BLEU and ROUGE.

\`accuracy\` is the share of rows where both are the same. \`f1\` gives the mean over labels (\`f1_macro\`), that weighted by the rows of each label (\`f1_weighted\`), that over all rows together (\`f1_micro\`), and precision, recall and F1 of each label where there are few; all as scikit-learn computes them, with 0 where nothing was predicted. With \`positive\`, also precision, recall and F1 of that label.

\`bleu\` is that of the whole table, 0 to 100, as sacrebleu computes it (Post 2018, arXiv:1804.08771; its signature is tok:13a, smooth:exp, eff:no). \`rouge\` gives the mean F of ROUGE-1, ROUGE-2, ROUGE-L and, by lines, ROUGE-Lsum (Lin 2004), from 0 to 1, as Google's rouge-score computes them; they look at the letters a to z and digits alone. With one of these the output \`table\` has each row's own scores as further columns; \`bleu\` is the sentence's there (eff:yes).

Of several references the best counts for each ROUGE, and BLEU takes n-grams of all of them. Rows without a prediction or without any reference are left out, and their number is told.`,
  example: 'score = compare(book, prediction: "text", reference: "text", metrics: ["bleu", "rouge"])',
  inputs: { table: { type: 'table', doc: 'Rows with predictions and references.', use: 'measure' } },
  outputs: { report: 'report', table: 'table' },
  params: {
    prediction: { description: 'Column with what a model said.', type: 'string', format: 'column' },
    reference: columnsParam('Column with what was wanted; for BLEU and ROUGE it may be several.'),
    metrics: {
      description: 'What to compute, of accuracy, f1, bleu and rouge.',
      type: 'array',
      items: { type: 'string' },
      minItems: 1,
    },
    positive: {
      description: 'With `f1`: the label whose precision, recall and F1 are wanted, such as "spam".',
      type: 'string',
    },
    lowercase: { description: 'With `bleu`: upper and lower case are the same.', type: 'boolean', default: false },
    stemmer: {
      description: 'With `rouge`: compares stems of words (Porter 1980, with the changes of NLTK).',
      type: 'boolean',
      default: false,
    },
  },
  required: ['prediction', 'reference', 'metrics'],

  infer(context): Inferred {
    const table = context.inputs.table as TableSpec;
    const { params } = context;
    if (!check(context, table)) return null;
    const report = {
      fields: [
        'rows',
        ...(params.metrics.includes('accuracy') ? ['accuracy'] : []),
        ...(params.metrics.includes('f1') ? ['f1_macro', 'f1_weighted', 'f1_micro', 'labels'] : []),
        ...(params.positive === undefined ? [] : ['precision', 'recall', 'f1']),
        ...textColumns(params),
      ],
    };
    if (ofTexts(params).length === 0) return { report };
    const added = Object.fromEntries(textColumns(params).map((name) => [name, 'number' as ColumnType]));
    return { report, table: { ...table, columns: table.columns && { ...table.columns, ...added } } };
  },

  async run(context): Promise<{ [output: string]: Artifact }> {
    const { params, artifact } = context;
    const table = artifact('table', 'table');
    const { rows, ...labels } = ofLabels(params).length > 0 ? await scoreLabels(context, table) : { rows: 0 };
    if (ofTexts(params).length === 0) return { report: { type: 'report', values: { rows, ...labels } } };
    const texts = await scoreTexts(context, table);
    return { report: { type: 'report', values: { ...labels, ...texts.values } }, table: texts.table };
  },
});

function check(context: InferContext<Params>, table: TableSpec): boolean {
  const { params, error } = context;
  const references = listed(params.reference);
  const wrong = params.metrics.find((metric) => !metrics.includes(metric));
  if (wrong !== undefined) {
    const near = closest(wrong, [...metrics]);
    const note = `${near ? `did you mean "${near}"? ` : ''}There are ${metrics.join(', ')}`;
    error({ code: 'param-choice', message: `"${wrong}" is no metric`, at: 'metrics', note });
    return false;
  }
  const idle = (
    [
      ['positive', 'f1', undefined],
      ['lowercase', 'bleu', false],
      ['stemmer', 'rouge', false],
    ] as const
  ).find(([name, metric, unset]) => params[name] !== unset && !params.metrics.includes(metric));
  if (idle) {
    const [name, metric] = idle;
    const message = `\`${name}\` has no meaning without "${metric}" among the metrics`;
    error({ code: 'param-idle', message, at: name, note: `add "${metric}", or remove it` });
    return false;
  }
  const types: ColumnType[] = ofTexts(params).length > 0 ? ['text'] : ['text', 'integer', 'boolean'];
  const there =
    checkColumns(context, table, [params.prediction], 'prediction', types) &&
    checkColumns(context, table, references, 'reference', types);
  if (!there) return false;
  if (ofLabels(params).length > 0 && references.length > 1) {
    const message = `"${ofLabels(params)[0]}" takes one reference, not ${references.length}`;
    error({ code: 'param-choice', message, at: 'reference', note: 'several are for bleu and rouge' });
    return false;
  }
  const taken = Object.keys(table.columns ?? {});
  return textColumns(params).every((name) => checkNewColumn(context, name, taken, 'table'));
}

type Context = RunContext<Params>;

async function scoreLabels(
  context: Context,
  table: TableArtifact,
): Promise<{ rows: number } & Record<string, unknown>> {
  const { params, tables } = context;
  const [prediction, reference] = [params.prediction, listed(params.reference)[0] as string].map(
    (column) => `CAST(${identifier(column)} AS VARCHAR)`,
  );
  const given = `FROM rows WHERE ${prediction} IS NOT NULL AND ${reference} IS NOT NULL`;
  const [all] = await tables.values(
    {
      tables: { rows: table },
      sql: `SELECT count(*) AS rows, count(*) FILTER (WHERE ${prediction} = ${reference}) AS hits,
        greatest(count(DISTINCT ${prediction}), count(DISTINCT ${reference})) AS labels ${given}`,
    },
    context,
  );
  const [rows, hits, labels] = [all?.rows, all?.hits, all?.labels].map(Number) as [number, number, number];
  leftOut(context, table, rows);
  const accuracy = params.metrics.includes('accuracy') ? { accuracy: hits / rows } : {};
  if (!params.metrics.includes('f1')) return { rows, ...accuracy };
  if (labels > MOST_LABELS) {
    throw new InputError({
      code: 'labels-many',
      message: `there are ${labels} different labels, more than ${MOST_LABELS}`,
      at: 'metrics',
      note: 'F1 is for labels; texts are compared by "bleu" or "rouge", or as a whole by "accuracy"',
    });
  }
  const pairs = await tables.values(
    {
      tables: { rows: table },
      sql: `SELECT ${reference} AS reference, ${prediction} AS prediction, count(*) AS rows ${given} GROUP BY 1, 2 ORDER BY 1, 2`,
    },
    context,
  );
  const scores = labelScores(pairs.map((pair) => ({ ...pair, rows: Number(pair.rows) })) as Pair[]);
  const { f1_macro, f1_weighted, f1_micro } = scores;
  const few = scores.labels.size <= LISTED ? { labels: Object.fromEntries(scores.labels) } : {};
  return { rows, ...accuracy, f1_macro, f1_weighted, f1_micro, ...positive(params, scores.labels), ...few };
}

/** The scores of the label that was asked for. */
function positive({ positive: label }: Params, labels: ReturnType<typeof labelScores>['labels']) {
  if (label === undefined) return {};
  const found = labels.get(label);
  if (found) return { precision: found.precision, recall: found.recall, f1: found.f1 };
  const near = closest(label, [...labels.keys()]);
  throw new InputError({
    code: 'label-unknown',
    message: `no row has the label "${label}"`,
    at: 'positive',
    note: near ? `did you mean "${near}"?` : `the labels are ${[...labels.keys()].slice(0, LISTED).join(', ')}`,
  });
}

async function scoreTexts(
  context: Context,
  table: TableArtifact,
): Promise<{ values: Record<string, unknown>; table: TableArtifact }> {
  const { params, tables, files } = context;
  const { prediction, lowercase, stemmer } = params;
  const references = listed(params.reference);
  const wanted = { bleu: params.metrics.includes('bleu'), rouge: params.metrics.includes('rouge') };
  const columns = textColumns(params);
  const verdicts = await judged(
    context,
    table,
    'compare',
    { prediction, references, lowercase, stemmer, ...wanted },
    [...new Set([prediction, ...references])],
    {
      ...Object.fromEntries(columns.map((column) => [column, 'number' as const])),
      ...(wanted.bleu ? { bleu_counts: 'integers' as const } : {}),
    },
  );
  const sums = [
    `count(${columns[0]}) AS rows`,
    ...(wanted.bleu ? Array.from({ length: 10 }, (_, i) => `sum(bleu_counts[${i + 1}]) AS c${i}`) : []),
    ...(wanted.rouge ? rougeTypes.map((type) => `fsum(${type}) / count(${type}) AS ${type}`) : []),
  ];
  const [all = {}] = await tables.values(
    { tables: { verdicts }, sql: `SELECT ${sums.join(', ')} FROM verdicts` },
    context,
  );
  const rows = Number(all.rows);
  if (ofLabels(params).length === 0) leftOut(context, table, rows);
  const counts = Array.from({ length: 10 }, (_, i) => Number(all[`c${i}`]));
  const values = {
    rows,
    ...(wanted.bleu && { bleu: bleu(countsOf(counts)) }),
    ...(wanted.rouge && Object.fromEntries(rougeTypes.map((type) => [type, Number(all[type])]))),
  };
  const query = { tables: { rows: table, verdicts }, sql: beside({}, columns) };
  return { values, table: await tables.query(query, files.join('table.parquet'), context) };
}

function countsOf([length = 0, reference = 0, ...counts]: number[]) {
  return { length, reference, correct: counts.slice(0, 4), total: counts.slice(4) };
}

/** Says how many rows do not count; where none does there is nothing to tell. */
function leftOut({ warn }: Context, table: TableArtifact, rows: number): void {
  if (rows === 0) {
    throw new InputError({
      code: 'data-empty',
      message: 'no row has both a prediction and a reference',
      at: 'table',
      note: 'there is nothing to compare',
    });
  }
  if (rows < table.rows)
    warn(`${table.rows - rows} of ${table.rows} rows have no prediction or no reference: they are left out`);
}
