// The language of texts, as columns, and rows of other languages removed.
import { closest } from '../../../grammar/diagnostic.ts';
import { defineKind, type InferContext, type Inferred } from '../kind.ts';
import { checkColumns, checkNewColumn, listed, partOf, tableCost } from '../table.ts';
import type { ColumnType, TableSpec } from '../values.ts';
import { beside, judged, parted } from '../verdicts.ts';

interface Params {
  column: string;
  keep?: string | string[];
  min_score?: number;
  name: string;
}

/** Languages that are told apart. */
export const languages =
  'am ar az be bg bn ca cs da de el en es et eu fa fi fr gu he hi hr hu hy is it ja ka kn ko ku lo lt lv ml mr ms nl no or pa pl pt ro ru sk sl sq sr sv ta te th tl tr uk ur vi yo zh'.split(
    ' ',
  );

const MIN_SCORE = 0.6;

const removes = ({ keep, min_score }: Params) => keep !== undefined || min_score !== undefined;

export default defineKind<Params>({
  kind: 'language',
  stage: 'data',
  group: 'text',
  version: 1,
  doc: `Tells the language of each text, and removes rows of other languages than those to \`keep\`.

Adds two columns: the language as ISO 639-1 code, such as "en" (null where nothing tells, as in numbers or an empty text), and a score from 0 to 1. With neither \`keep\` nor \`min_score\` that is all, and there is no \`removed\`.

Detection is by n-grams (ELD with its large set, 60 languages), at up to four places of a text; addresses and codes do not count. The score says how usual the n-grams are in the language, so it is no probability: running text has 0.7 to 0.85, lists and mixed languages about 0.6 to 0.7, encoded data below 0.3. datatrove's 0.65 is on fastText's scale. Single words and names are often mistaken, and so are languages that are nearly the same (Danish and Norwegian). Each worker holds the n-grams, 150 MB of memory.`,
  example: 'english = language(book, keep: "en")',
  inputs: { table: { type: 'table', doc: 'Rows with texts.' } },
  outputs: { table: 'table', removed: 'table' },
  params: {
    column: { description: 'Column with the text.', type: 'string', default: 'text', format: 'column' },
    keep: {
      description: 'Language or languages to keep, as in "en" or ["en", "de"]. Default: all.',
      type: ['string', 'array'],
      items: { type: 'string' },
      minItems: 1,
    },
    min_score: {
      description: `Rows with a lower score are removed. Default: ${MIN_SCORE} with \`keep\`, else none are.`,
      type: 'number',
      minimum: 0,
      maximum: 1,
    },
    name: {
      description: 'Column for the language; the one for the score has `_score` after it.',
      type: 'string',
      minLength: 1,
      default: 'language',
      advanced: true,
    },
  },
  infer(context): Inferred {
    const table = context.inputs.table as TableSpec;
    const { params } = context;
    if (!check(context, table)) return null;
    const added: Record<string, ColumnType> = { [params.name]: 'text', [`${params.name}_score`]: 'number' };
    const columns = table.columns && { ...table.columns, ...added };
    if (!removes(params)) return { table: { ...table, columns } };
    const removed = { ...partOf(table, 0.1), columns: columns && { ...columns, reason: 'text' as const } };
    return { table: { ...partOf(table, 0.9), columns }, removed };
  },
  cost: ({ outputs }) => tableCost(...Object.values(outputs).map((spec) => spec as TableSpec)),
  async run(context) {
    const { params, artifact, tables, files, log } = context;
    const table = artifact('table', 'table');
    const min_score = removes(params) ? (params.min_score ?? MIN_SCORE) : null;
    const work = { column: params.column, keep: listed(params.keep), min_score };
    const makes = { language: 'text', score: 'number', reason: 'text' } as const;
    const verdicts = await judged(context, table, 'language', work, [params.column], makes);
    const sql = `SELECT coalesce(language, 'none') AS language, count(*) AS count FROM verdicts GROUP BY 1 ORDER BY 2 DESC, 1`;
    const counts = await tables.values({ tables: { verdicts }, sql }, context);
    const found = counts.map(({ language, count }) => `${String(language)} ${Number(count)}`).join(', ');
    log(`found: ${found}`);
    const added: [string, string][] = [
      ['language', params.name],
      ['score', `${params.name}_score`],
    ];
    if (min_score === null) {
      const query = { tables: { rows: table, verdicts }, sql: beside({}, added) };
      return { table: await tables.query(query, files.join('table.parquet'), context) };
    }
    const empty = {
      code: 'data-empty',
      message: `none of ${table.rows} rows is in a language that is wanted`,
      at: params.keep === undefined ? 'min_score' : 'keep',
      note: `found: ${found}`,
    };
    const made = await parted(context, table, verdicts, { added, empty });
    log(`${made.removed.rows} of ${table.rows} rows are removed`);
    return made;
  },
});

function check(context: InferContext<Params>, table: TableSpec): boolean {
  const { params, error } = context;
  if (!checkColumns(context, table, [params.column], 'column', 'text')) return false;
  const taken = Object.keys(table.columns ?? {});
  for (const name of [params.name, `${params.name}_score`]) {
    if (!checkNewColumn(context, name, taken, 'name')) return false;
  }
  if (removes(params) && !checkNewColumn(context, 'reason', taken, 'table')) return false;
  const wrong = listed(params.keep).find((language) => !languages.includes(language));
  if (wrong === undefined) return true;
  const near = closest(wrong, languages);
  error({
    code: 'param-choice',
    message: `"${wrong}" is none of the languages that are told apart`,
    at: 'keep',
    note: `${near ? `did you mean "${near}"? ` : ''}There are ${languages.join(', ')}`,
  });
  return false;
}
