// Deduplication: of equal rows, of texts that are equal but for how they are written, and of near-duplicates (MinHash).
import { bandsFor, thresholdOf } from '../bands.ts';
import { bit, bitsQuery, joinBits } from '../bits.ts';
import type { Query, RunContext } from '../context.ts';
import { defineKind, type InferContext, InputError } from '../kind.ts';
import { identifier } from '../sql.ts';
import { checkColumns, checkNewColumn, listed, partOf, tableCost } from '../table.ts';
import type { ColumnType, Table, TableArtifact, TableSpec } from '../values.ts';

interface Params {
  by?: string | string[];
  method: 'exact' | 'normalized' | 'minhash';
  keep: 'first' | 'longest' | 'best';
  best?: string;
  hash?: 'md5' | 'sha256' | 'xxhash';
  shingle?: 'word' | 'character';
  size?: number;
  threshold?: number;
  permutations?: number;
  bands?: number;
  rows?: number;
  verify?: boolean;
  seed?: number;
}

type Columns = Record<string, ColumnType>;

/** Parameters that mean something for one method only. */
const own = {
  exact: [],
  normalized: ['hash'],
  minhash: ['shingle', 'size', 'threshold', 'permutations', 'bands', 'rows', 'verify', 'seed'],
} as const;

const textOf = (columns: Columns): string[] => Object.keys(columns).filter((name) => columns[name] === 'text');

export default defineKind<Params>({
  kind: 'dedup',
  stage: 'data',
  group: 'clean',
  version: 2,
  doc: `Removes rows that repeat others: equal rows, or texts that are nearly the same.

\`exact\`: equal in the named columns, or in all; case and spaces count, and null equals null. \`normalized\`: texts that are equal once case, punctuation, white space, diacritics and the digits of numbers are set aside, told apart by a hash. \`minhash\`: texts that share most of their shingles (runs of words or characters of the normalized text), found by MinHash signatures cut into bands (Broder 1997): texts of similarity s (shared shingles among all of both) are found with probability 1 - (1 - s^rows)^bands. 14 bands of 8 rows over 5-word shingles, as in datatrove, find 50% of the pairs of similarity 0.69, and 90% at 0.79. Texts linked through others are one cluster. A text of fewer words than a shingle has repeats one with the same words; one without any word repeats none.

Of each group one row stays, in its place; the others are in \`removed\`, with the number of the row that stayed as \`cluster\`, and a reason. \`report\` counts clusters. Repeated text makes a model learn it by heart and lets validation text leak into training, so this belongs before \`split\`.`,
  example:
    'clean = dedup(book, by: "text")\nfresh = dedup(clean, by: "text", method: "minhash", keep: "longest", verify: true)',
  inputs: { table: { type: 'table', doc: 'Rows to look through.' } },
  outputs: { table: 'table', removed: 'table', report: 'report' },
  params: {
    by: {
      description:
        'Column or columns to compare. Default: all for `exact`; for the others the only column of text, or `text`.',
      type: ['string', 'array'],
      items: { type: 'string' },
      minItems: 1,
      format: 'column',
    },
    method: {
      description: 'What counts as a repetition.',
      enum: ['exact', 'normalized', 'minhash'],
      default: 'exact',
    },
    keep: {
      description:
        'Which row of a group stays: the first, the one with most characters in its columns of text, or the best by `best`. The first of those on a par.',
      enum: ['first', 'longest', 'best'],
      default: 'first',
    },
    best: {
      description: 'For `keep: "best"`: a number for each row; the row with the largest stays. Null is the smallest.',
      type: 'string',
      minLength: 1,
      format: 'expression',
    },
    hash: {
      description: 'For `normalized`: the hash of the text. Default: sha256. xxhash has 64 bits and is the fastest.',
      enum: ['md5', 'sha256', 'xxhash'],
      advanced: true,
    },
    shingle: {
      description: 'For `minhash`: what shingles are made of. Default: word. Character suits scripts without spaces.',
      enum: ['word', 'character'],
    },
    size: {
      description: 'For `minhash`: length of a shingle. Default: 5 words, or 24 characters.',
      type: 'integer',
      minimum: 1,
      maximum: 1000,
    },
    threshold: {
      description:
        'For `minhash`: similarity from which texts count as near-duplicates. Sets `bands` and `rows`, unless these are given: then it is for `verify`. Default: about (1/bands)^(1/rows), 0.72.',
      type: 'number',
      exclusiveMinimum: 0,
      maximum: 1,
    },
    permutations: {
      description: 'For `minhash` with `threshold`: hashes in a signature, cut into bands and rows. Default: 112.',
      type: 'integer',
      minimum: 2,
      maximum: 4096,
      advanced: true,
    },
    bands: {
      description: 'For `minhash`: bands of a signature. More of them find less similar texts. Default: 14.',
      type: 'integer',
      minimum: 1,
      maximum: 1024,
      advanced: true,
    },
    rows: {
      description: 'For `minhash`: hashes in a band. More of them find only more similar texts. Default: 8.',
      type: 'integer',
      minimum: 1,
      maximum: 512,
      advanced: true,
    },
    verify: {
      description:
        'For `minhash`: whether the texts that bands bring together are compared, shingle by shingle, and count only from `threshold` on. Default: false. Takes disk space of about the size of the texts while it runs.',
      type: 'boolean',
    },
    seed: {
      description: 'For `minhash`: draws the permutations. Default: 1.',
      type: 'integer',
      minimum: 0,
      advanced: true,
    },
  },
  lineage: () => ({ unique: true }),
  async infer(context) {
    const table = context.inputs.table as TableSpec;
    if (!(await check(context, table))) return null;
    const columns = table.columns && { ...table.columns, cluster: 'integer' as const, reason: 'text' as const };
    return {
      table: partOf(table, 1),
      removed: { ...partOf(table, 0.1), columns },
      report: { fields: ['rows', 'removed', 'clusters', 'largest'] },
    };
  },
  cost: ({ outputs }) => tableCost(outputs.table as TableSpec, outputs.removed as TableSpec),
  async run(context) {
    const { params, artifact, tables, log } = context;
    const table = artifact('table', 'table');
    const pairs = await pairsOf(context, table);
    const reason = reasonOf(params, Object.hasOwn(pairs.columns, 'similarity'));
    const kept = await without(context, table, pairs);
    const removed = await tables.view(
      {
        tables: { rows: table, pairs },
        sql: `SELECT rows.* EXCLUDE (dsk_row), pairs.other AS cluster, ${reason} AS reason
          FROM rows JOIN pairs ON pairs.row = rows.dsk_row ORDER BY rows.dsk_row`,
      },
      pairs.rows,
      context,
    );
    const [counted] = await tables.values(
      {
        tables: { pairs },
        sql: 'SELECT count(*) AS clusters, max(n) + 1 AS largest FROM (SELECT count(*) AS n FROM pairs GROUP BY other)',
      },
      context,
    );
    const [clusters, largest] = [Number(counted?.clusters), Number(counted?.largest ?? 1)];
    const groups =
      clusters === 0 ? '' : ` in ${clusters} ${clusters === 1 ? 'group' : 'groups'}, the largest of ${largest} rows`;
    log(`${removed.rows} of ${table.rows} rows repeated others${groups}`);
    return {
      table: kept,
      removed,
      report: { type: 'report', values: { rows: table.rows, removed: removed.rows, clusters, largest } },
    };
  },
});

async function check(context: InferContext<Params>, table: TableSpec): Promise<boolean> {
  const { params, error, files } = context;
  const { columns } = table;
  const idle = (at: keyof Params, why: string, note = 'remove it') => {
    error({ code: 'param-idle', message: `\`${at}\` has no meaning ${why}`, at, note });
    return false;
  };
  for (const [method, names] of Object.entries(own)) {
    const given = names.find((name) => method !== params.method && params[name] !== undefined);
    if (given) return idle(given, `for \`${params.method}\``, `it is for \`method: "${method}"\``);
  }
  if (params.keep === 'best' && params.best === undefined) {
    error({ code: 'param-missing', message: 'what is best is not said', at: 'best', note: 'such as `best: "score"`' });
    return false;
  }
  if (params.best !== undefined && params.keep !== 'best') return idle('best', 'unless `keep` is "best"');
  const by = listed(params.by);
  if (params.keep !== 'first' && params.method === 'exact' && by.length === 0) {
    return idle('keep', 'among rows that are equal in all columns', 'name the columns to compare: `by: ...`');
  }
  const wrong = bandsFault(params);
  if (wrong) {
    error(wrong);
    return false;
  }
  const taken = Object.keys(columns ?? {});
  if (!['cluster', 'reason'].every((name) => checkNewColumn(context, name, taken, 'table'))) return false;
  if (!checkColumns(context, table, by, 'by', params.method === 'exact' ? undefined : 'text')) return false;
  if (!columns) return true;
  if (params.method !== 'exact' && compared(params, columns).length === 0) {
    error(noColumn(columns));
    return false;
  }
  if (params.keep === 'longest' && textOf(columns).length === 0) {
    return idle('keep', 'in a table without text', 'use `best` with an expression');
  }
  if (params.best === undefined || !files) return true;
  const type = await files.expression(params.best, columns, 'best');
  if (type === null || type === 'integer' || type === 'number') return true;
  error({
    code: 'expression-type',
    message: `\`${params.best}\` gives ${type === 'boolean' ? 'true or false' : type}, not a number`,
    at: 'best',
    note: type === 'time' ? 'a time as a number: `epoch(...)`' : 'cast it: `(...)::DOUBLE`',
  });
  return false;
}

/** Says what is wrong with how signatures are to be cut, if anything is: nothing given is left without effect. */
function bandsFault({ threshold, permutations, bands, rows, verify }: Params) {
  const cut = bands !== undefined || rows !== undefined;
  if (cut && threshold !== undefined && !verify) {
    return {
      code: 'param-idle',
      message: '`threshold` has no meaning beside `bands` and `rows`, which set it',
      at: 'threshold',
      note: 'remove one or the other, or compare the texts: `verify: true`',
    };
  }
  if (permutations === undefined || (threshold !== undefined && !cut)) return null;
  const product = (bands ?? 14) * (rows ?? 8);
  if (permutations === product) return null;
  return {
    code: 'minhash-cut',
    message: `${bands ?? 14} bands of ${rows ?? 8} rows take ${product} permutations, not ${permutations}`,
    at: 'permutations',
    note: 'remove it; with `threshold` instead of bands and rows, it says how many to cut',
  };
}

function cutting({ threshold, permutations, bands, rows }: Params) {
  const derived = threshold !== undefined && bands === undefined && rows === undefined;
  return derived ? bandsFor(threshold, permutations ?? 112) : { bands: bands ?? 14, rows: rows ?? 8 };
}

/** The columns that are compared; none where that is not clear. */
function compared({ by, method }: Params, columns: Columns): string[] {
  if (by !== undefined) return listed(by);
  if (method === 'exact') return Object.keys(columns);
  const texts = textOf(columns);
  return texts.length === 1 ? texts : texts.filter((name) => name === 'text');
}

function noColumn(columns: Columns) {
  const texts = textOf(columns);
  return {
    code: texts.length > 0 ? 'param-missing' : 'column-type',
    message: texts.length > 0 ? 'which column to compare is not said' : 'the table has no column of text',
    at: texts.length > 0 ? 'by' : 'table',
    note: `columns${texts.length > 0 ? ' of text' : ''}: ${(texts.length > 0 ? texts : Object.keys(columns)).join(', ')}`,
  };
}

/** Rows that go (`row`) and the one that stays instead (`other`), by number; for near-duplicates with their similarity. */
async function pairsOf(context: RunContext<Params>, table: TableArtifact): Promise<TableArtifact> {
  const { params, tables, files, parts } = context;
  const columns = compared(params, table.columns);
  if (columns.length === 0) throw new InputError(noColumn(table.columns));
  if (params.method === 'exact') {
    // Long texts are told apart by their SHA-256, so that they need not be in memory; null stays null.
    const keys = columns.map((name) => {
      const own = `rows.${identifier(name)}`;
      if (table.columns[name] !== 'text') return own;
      return `CASE WHEN strlen(${own}::VARCHAR) <= 64 THEN ${own}::VARCHAR ELSE '#' || sha256(${own}::VARCHAR) END`;
    });
    // A short hash finds those that may repeat others: mostly few, and only they are compared in full.
    const slots = slotsFor(table.rows);
    const hash = `hash(${columns.map((name) => `rows.${identifier(name)}`).join(', ')}) & ${slots - 1}`;
    const hashes = { tables: { rows: table }, sql: `SELECT (${hash})::UINTEGER FROM rows` };
    const repeated = await tables.twice(hashes, slots, `${parts}/twice.parquet`, context);
    const slot = `(${hash})::BIGINT`;
    const where = `${joinBits('repeated', slot)} WHERE ${bit('repeated', slot)} = 1`;
    return choose(context, table, { keys, more: { repeated }, where });
  }
  if (params.method === 'normalized') {
    const work = { name: 'fingerprint', params: { columns, hash: params.hash ?? 'sha256' }, columns, alone: true };
    const made = await tables.map(
      table,
      { ...work, makes: { dsk_fingerprint: 'text' } },
      `${parts}/fingerprints.parquet`,
      context,
    );
    return choose(context, table, { keys: ['beside.dsk_fingerprint'], more: { beside: made }, where: '' });
  }
  const cut = cutting(params);
  const unit = params.shingle ?? 'word';
  const threshold = params.verify ? (params.threshold ?? thresholdOf(cut)) : null;
  const work = {
    ...cut,
    columns,
    unit,
    size: params.size ?? (unit === 'word' ? 5 : 24),
    seed: params.seed ?? 1,
    threshold,
  };
  const { clusters, signatures } = await tables.near(table, work, `${parts}/clusters.parquet`, context);
  const where = 'WHERE beside.dsk_cluster IS NOT NULL';
  const pairs = await choose(context, table, { keys: ['beside.dsk_cluster'], more: { beside: clusters }, where });
  if (pairs.rows === 0) return pairs;
  const similarity = { name: 'similarity', params: signatures, columns: ['row', 'other'] };
  return tables.map(pairs, { ...similarity, makes: { similarity: 'number' } }, files.join('similar.parquet'), context);
}

/** The rows that are not among the pairs' first. */
async function without(context: RunContext<Params>, table: TableArtifact, pairs: TableArtifact): Promise<Table> {
  const { tables, files } = context;
  const all = 'SELECT rows.* EXCLUDE (dsk_row) FROM rows';
  if (pairs.rows === 0) return tables.view({ tables: { rows: table }, sql: all }, table.rows, context);
  const made = { tables: { pairs }, sql: bitsQuery('pairs', 'row', table.rows) };
  const gone = await tables.query(made, files.join('gone.parquet'), context);
  const view = { tables: { rows: table, gone }, sql: `${all} WHERE dsk_bit_gone(rows.dsk_row) = 0`, bits: ['gone'] };
  return tables.view(view, table.rows - pairs.rows, context);
}

/** How many values a hash of rows has: a power of two, so many that few rows have one in common by chance. */
function slotsFor(rows: number): number {
  return 2 ** Math.min(30, Math.max(16, Math.ceil(Math.log2(8 * Math.max(1, rows)))));
}

/** Of the rows that are equal in the keys, chooses the one that stays. `more`: what keys and `where` read; `beside` row for row. */
function choose(
  context: RunContext<Params>,
  table: TableArtifact,
  { keys, more, where }: { keys: string[]; more: Record<string, TableArtifact>; where: string },
): Promise<TableArtifact> {
  const { params, tables, files } = context;
  const named = keys.map((_, i) => `dsk_key${i}`);
  const score = scoreOf(params, table.columns);
  const order = score === null ? 'row' : 'score DESC NULLS LAST, row';
  const query: Query = {
    tables: { rows: table, ...more },
    sql: `WITH keyed AS (
        SELECT rows.dsk_row AS row, ${keys.map((key, i) => `${key} AS ${named[i]}`).join(', ')}, ${score ?? 'NULL'} AS score
        FROM rows ${more.beside ? 'POSITIONAL JOIN beside' : ''} ${where}),
      chosen AS (SELECT row, first_value(row) OVER (PARTITION BY ${named.join(', ')} ORDER BY ${order}) AS other FROM keyed)
      SELECT row, other FROM chosen WHERE row <> other ORDER BY row`,
    expressions:
      params.best === undefined ? [] : [{ text: params.best, at: 'best', columns: table.columns, type: 'number' }],
    empty: null,
  };
  return tables.query(query, files.join('pairs.parquet'), context);
}

function scoreOf({ keep, best }: Params, columns: Columns): string | null {
  if (keep === 'first') return null;
  if (keep === 'longest')
    return textOf(columns)
      .map((name) => `coalesce(length(rows.${identifier(name)}), 0)`)
      .join(' + ');
  return `CASE WHEN isnan((\n${best}\n)::DOUBLE) THEN NULL ELSE (\n${best}\n)::DOUBLE END`;
}

function reasonOf({ method, by }: Params, similar: boolean): string {
  const row = "'row ' || pairs.other";
  if (method === 'minhash') {
    return similar ? `'near-duplicate of ' || ${row} || format(' (similarity {:.2f})', pairs.similarity)` : row;
  }
  const names = listed(by).join(', ').replaceAll("'", "''");
  if (method === 'normalized')
    return `'says the same as ' || ${row} || ' but for case, punctuation, numbers or spaces'`;
  return `'${names === '' ? 'the same in all columns' : `same ${names}`} as ' || ${row}`;
}
