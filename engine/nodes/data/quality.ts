// Texts filtered by the published rules for the quality of web text.

import { closest } from '../../../grammar/diagnostic.ts';
import type { RunContext } from '../context.ts';
import { defineKind, type InferContext, type Inferred, type Param } from '../kind.ts';
import { identifier } from '../sql.ts';
import { checkColumns, checkNewColumn, partOf, tableCost } from '../table.ts';
import type { ColumnType, TableArtifact, TableSpec } from '../values.ts';
import { beside, judged, parted } from '../verdicts.ts';

/** Sets of rules, in FineWeb's order. */
const sets = ['repetition', 'gopher', 'c4', 'fineweb'] as const;

/** Rules with a threshold: parameters of their own, under the names that reasons begin with. */
const limits = {
  repetition_max_paragraphs: share('paragraphs that repeat an earlier one', 0.3),
  repetition_max_paragraph_text: share('the characters that stand in repeated paragraphs', 0.2),
  repetition_max_lines: share('lines that repeat an earlier one', 0.3),
  repetition_max_line_text: share('the characters that stand in repeated lines', 0.2),
  repetition_top_ngrams: shares('the most frequent 2, 3 and 4 words in a row take up', [0.2, 0.18, 0.16]),
  repetition_ngrams: shares('repeated runs of 5, 6, 7, 8, 9 and 10 words take up', [0.15, 0.14, 0.13, 0.12, 0.11, 0.1]),
  gopher_min_words: whole('Fewest words (punctuation not counted).', 50, 'words'),
  gopher_max_words: whole('Most words (punctuation not counted).', 100_000, 'words'),
  gopher_min_word_length: amount('Least mean length of words.', 3, 'characters'),
  gopher_max_word_length: amount('Greatest mean length of words.', 10, 'characters'),
  gopher_max_symbols: amount('Most number signs, and most ellipses, for each word.', 0.1),
  gopher_max_bullets: share('lines that begin with a bullet or dash', 0.9),
  gopher_max_ellipses: share('lines that end in an ellipsis', 0.3),
  gopher_min_letters: share('words with a letter in them', 0.8, 'Smallest'),
  gopher_min_stop_words: whole('How many different words of `stop_words` there must be.', 2, 'words'),
  c4_max_word_length: whole('A line with a longer word is cut out.', 1000, 'characters'),
  c4_min_line_words: whole('A line with fewer words is cut out.', 3, 'words'),
  c4_min_sentences: whole('Fewest sentences in the lines that are left.', 5),
  fineweb_min_ended_lines: share('lines that end as a sentence does', 0.12, 'Smallest'),
  fineweb_max_short_lines: share('short lines', 0.67),
  fineweb_max_repeated_text: share('the characters that stand in repeated lines', 0.01),
  fineweb_max_line_breaks: amount('Most line breaks for each word.', 0.3),
} satisfies Record<string, Param>;

/** Rules without one: they are left out by name. */
const switches = ['c4_citations', 'c4_ending', 'c4_lorem_ipsum', 'c4_javascript', 'c4_brace', 'c4_policy'];
const rules = [...Object.keys(limits), ...switches];

/** English words that running text is full of. */
const stopWords = ['the', 'be', 'to', 'of', 'and', 'that', 'have', 'with'];
/** What belongs to one rule. */
const parts: Record<string, string> = { stop_words: 'gopher_min_stop_words', short_line: 'fineweb_max_short_lines' };

type Limits = Record<keyof typeof limits, number | number[]>;

interface Params extends Limits {
  column: string;
  rules: string[];
  without: string[];
  action: 'drop' | 'mark';
  name: string;
  words: 'english' | 'unicode';
  stop_words: string[];
  short_line: number;
}

export default defineKind<Params>({
  kind: 'quality',
  stage: 'data',
  group: 'text',
  version: 1,
  doc: `Removes rows whose text does not read like written language, by the published rules that web text is cleaned with.

\`repetition\` and \`gopher\`: the rules of Gopher (Rae et al. 2021, arXiv:2112.11446, appendix A.1) against repeated text, and for number and length of words, symbols, bullets, ellipses, letters and stop words. \`c4\`: those of C4 (Raffel et al. 2020, arXiv:1910.10683). \`fineweb\`: those that FineWeb adds (Penedo et al. 2024, arXiv:2406.17557). The default applies all in FineWeb's order. Thresholds and decisions are those of datatrove's GopherRepetitionFilter, GopherQualityFilter, C4QualityFilter and FineWebQualityFilter.

The sets are applied in the order they are named, and the first rule that a text does not meet is its reason: it stands before a colon, under the name by which its threshold is set or \`without\` leaves it out.

\`c4\` also edits: a text that passes is left with its good lines only. Citations such as [12] go (\`c4_citations\`), and so do lines that do not end in . ! ? or a quotation mark (\`c4_ending\`), have too long a word or too few words, or speak of javascript (\`c4_javascript\`) or of cookies and terms of use (\`c4_policy\`). Texts with "lorem ipsum" or a curly bracket in a good line are removed (\`c4_lorem_ipsum\`, \`c4_brace\`), and those with too few sentences left. The sets after it see the edited text. Removed rows keep their text as it came.

Rules for \`english\` count words as spaCy's English tokenizer does, which datatrove uses. For scripts without spaces between words take \`unicode\`; for other languages than English give \`stop_words\` of it, or leave \`gopher_min_stop_words\` out.`,
  example: 'good = quality(book, rules: ["gopher", "repetition"], gopher_min_words: 20)',
  inputs: { table: { type: 'table', doc: 'Rows with texts.' } },
  outputs: { table: 'table', removed: 'table' },
  params: {
    column: { description: 'Column with the text.', type: 'string', default: 'text', format: 'column' },
    rules: {
      description: 'Sets of rules, in the order they are applied: repetition, gopher, c4, fineweb.',
      type: 'array',
      items: { type: 'string' },
      minItems: 1,
      default: [...sets],
    },
    without: {
      description: 'Single rules to leave out, by the names that reasons begin with, such as "c4_brace".',
      type: 'array',
      items: { type: 'string' },
      default: [],
    },
    action: {
      description: 'Whether rows are removed, or all kept and marked with the reason in a column.',
      enum: ['drop', 'mark'],
      default: 'drop',
    },
    name: {
      description: 'Column that `action: "mark"` adds: the reason, or null for a good text.',
      type: 'string',
      minLength: 1,
      default: 'quality',
      advanced: true,
    },
    words: {
      description: 'How text is cut into words: as English, or by the rules and dictionaries of Unicode.',
      enum: ['english', 'unicode'],
      default: 'english',
    },
    stop_words: {
      description: 'Words that running text of the language is full of, for `gopher_min_stop_words`.',
      type: 'array',
      items: { type: 'string' },
      minItems: 1,
      default: stopWords,
      advanced: true,
    },
    short_line: {
      description: 'Longest line that is a short one, for `fineweb_max_short_lines`.',
      type: 'integer',
      minimum: 0,
      default: 30,
      unit: 'characters',
      advanced: true,
    },
    ...limits,
  },
  infer(context): Inferred {
    const table = context.inputs.table as TableSpec;
    if (!check(context, table)) return null;
    const { action, name } = context.params;
    const withColumn = (name: string): Record<string, ColumnType> | null =>
      table.columns && { ...table.columns, [name]: 'text' };
    if (action === 'mark') return { table: { ...table, columns: withColumn(name) } };
    return { table: partOf(table, 0.6), removed: { ...partOf(table, 0.4), columns: withColumn('reason') } };
  },
  cost: ({ outputs }) => tableCost(...Object.values(outputs).map((spec) => spec as TableSpec)),
  async run(context) {
    const { params, artifact, tables, files, log } = context;
    const table = artifact('table', 'table');
    const { column, rules, without, words, stop_words, short_line } = params;
    const limit = Object.fromEntries(Object.keys(limits).map((name) => [name, params[name as keyof Limits]]));
    const work = { column, rules, without, words, stop_words, short_line, limits: limit };
    const verdicts = await judged(context, table, 'quality', work, [column], { reason: 'text', edited: 'text' });
    const edits = rules.includes('c4');
    const replaced = edits ? { [column]: `coalesce(verdicts.edited, rows.${identifier(column)})` } : {};
    const { sum, found } = await counted(context, verdicts);
    if (edits) log('c4: good texts hold their good lines only');
    if (params.action === 'mark') {
      const sql = beside(replaced, [['reason', params.name]]);
      const marked = await tables.query(
        { tables: { rows: table, verdicts }, sql },
        files.join('table.parquet'),
        context,
      );
      log(`${sum} of ${table.rows} rows do not meet the rules${found && `: ${found}`}`);
      return { table: marked };
    }
    const empty = {
      code: 'data-empty',
      message: `none of ${table.rows} rows meets the rules`,
      at: 'rules',
      note: `removed: ${found}; leave rules out, or look at the rows with action: "mark"`,
    };
    const made = await parted(context, table, verdicts, { replaced, empty });
    log(`${made.removed.rows} of ${table.rows} rows are removed${found && `: ${found}`}`);
    return made;
  },
});

/** How many rows the rules speak against, and each of them, as a text. */
async function counted(context: RunContext<Params>, verdicts: TableArtifact): Promise<{ sum: number; found: string }> {
  const sql = `SELECT split_part(reason, ':', 1) AS rule, count(*) AS count FROM verdicts WHERE reason IS NOT NULL
    GROUP BY 1 ORDER BY 2 DESC, 1`;
  const counts = await context.tables.values({ tables: { verdicts }, sql }, context);
  return {
    sum: counts.reduce((total, { count }) => total + Number(count), 0),
    found: counts.map(({ rule, count }) => `${String(rule)} ${Number(count)}`).join(', '),
  };
}

function check(context: InferContext<Params>, table: TableSpec): boolean {
  const { params, error } = context;
  const { action, name } = params;
  if (!checkColumns(context, table, [params.column], 'column', 'text')) return false;
  const taken = Object.keys(table.columns ?? {});
  if (
    action === 'mark'
      ? !checkNewColumn(context, name, taken, 'name')
      : !checkNewColumn(context, 'reason', taken, 'table')
  ) {
    return false;
  }
  const idle = (at: string, why: string) => {
    error({ code: 'param-idle', message: `\`${at}\` has no meaning ${why}`, at, note: 'remove it' });
    return false;
  };
  if (action !== 'mark' && name !== 'quality') return idle('name', 'unless rows are marked');
  if (!known(context, params.rules, sets, 'rules', 'set of rules')) return false;
  if (!known(context, params.without, rules, 'without', 'rule')) return false;
  const isUsed = (rule: string) =>
    params.rules.some((set) => rule.startsWith(`${set}_`)) && !params.without.includes(rule);
  for (const rule of params.without) {
    if (!params.rules.some((set) => rule.startsWith(`${set}_`)))
      return idle('without', `for ${rule}, whose set is not applied`);
  }
  const changed = Object.entries({ ...limits, stop_words: { default: stopWords }, short_line: { default: 30 } });
  for (const [param, { default: usual }] of changed) {
    const rule = parts[param] ?? param;
    const given = params[param as keyof Params];
    if (isUsed(rule) || JSON.stringify(given) === JSON.stringify(usual)) continue;
    return idle(param, `where ${rule === param ? 'that rule' : rule} is not applied`);
  }
  return true;
}

/** Reports names that are none of these, and those that stand twice. */
function known(
  context: InferContext<Params>,
  given: string[],
  names: readonly string[],
  at: string,
  what: string,
): boolean {
  const wrong = given.find((name) => !names.includes(name));
  if (wrong !== undefined) {
    const near = closest(wrong, names);
    context.error({
      code: 'param-choice',
      message: `there is no ${what} "${wrong}"`,
      at,
      note: near ? `did you mean "${near}"?` : `there are ${names.join(', ')}`,
      ...(near
        ? { suggest: { value: given.map((name) => (name === wrong ? near : name)), title: `use "${near}"` } }
        : {}),
    });
    return false;
  }
  const twice = given.find((name, i) => given.indexOf(name) !== i);
  if (twice === undefined) return true;
  context.error({ code: 'param-idle', message: `"${twice}" is named twice`, at, note: 'remove one' });
  return false;
}

function share(of: string, usual: number, which = 'Greatest'): Param {
  return {
    description: `${which} share of ${of}.`,
    type: 'number',
    minimum: 0,
    maximum: 1,
    default: usual,
    advanced: true,
  };
}

function shares(what: string, usual: number[]): Param {
  return {
    description: `Greatest shares of the text that ${what}.`,
    type: 'array',
    items: { type: 'number', minimum: 0, maximum: 1 },
    minItems: usual.length,
    maxItems: usual.length,
    default: usual,
    advanced: true,
  };
}

function whole(description: string, usual: number, unit?: string): Param {
  return { description, type: 'integer', minimum: 0, default: usual, ...(unit ? { unit } : {}), advanced: true };
}

function amount(description: string, usual: number, unit?: string): Param {
  return { description, type: 'number', minimum: 0, default: usual, ...(unit ? { unit } : {}), advanced: true };
}
