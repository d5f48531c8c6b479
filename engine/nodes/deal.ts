// Dealing rows out: what `split`, `sample`, `shuffle` and `mix` share. Draws are hashes of a seed and the row's position or value (MD5,
// the same on every machine and with every version), so they never depend on threads or on the order in which rows arrive.
import type { Tables, Watch } from './context.ts';
import { type InferContext, InputError, type Param } from './kind.ts';
import { identifier, literal } from './sql.ts';
import { checkColumns } from './table.ts';
import type { TableArtifact, TableSpec } from './values.ts';

/** How rows are dealt out; at random where no column is named. */
export interface Deal {
  seed: number;
  /** The first part gets the oldest rows, the last the newest. */
  time?: string;
  /** Rows with one value here stay together. */
  group?: string;
  /** Each part gets its share of the rows of each value. */
  stratify?: string;
}

export function seedParam(description: string): Param {
  return { description, type: 'integer', default: 0, minimum: 0, maximum: 4294967295, advanced: true };
}

/** SQL: a number of 128 bits for each row; sorted by it, rows are in a random order. */
export function randomOrder(seed: number, row = 'dsk_row'): string {
  return `md5_number(concat(${Math.floor(seed)}::BIGINT, ':', ${row}))`;
}

/** SQL: a random number of 128 bits for each value of a column. Null is a value like any other. */
function randomOf(column: string, seed: number): string {
  const text = `${identifier(column)}::VARCHAR`;
  return `md5_number(concat(${Math.floor(seed)}::BIGINT, CASE WHEN ${text} IS NULL THEN ';' ELSE ':' END, ${text}))`;
}

/** Reports what is wrong with the columns a deal names; true when all is well. */
export function checkDeal<P>(context: InferContext<P>, table: TableSpec, deal: Deal): boolean {
  const named = (['time', 'group', 'stratify'] as const).filter((name) => deal[name] !== undefined);
  const [first, second] = named;
  if (first && second) {
    const note = 'rows are dealt out by one column; remove the other';
    context.error({
      code: 'param-idle',
      message: `\`${second}\` has no meaning beside \`${first}\``,
      at: second,
      note,
    });
    return false;
  }
  if (!first) return true;
  if (first === 'time' && deal.seed !== 0) {
    const note = 'by time nothing is drawn; remove it';
    context.error({ code: 'param-idle', message: '`seed` has no meaning beside `time`', at: 'seed', note });
    return false;
  }
  return checkColumns(
    context,
    table,
    [deal[first] as string],
    first,
    first === 'time' ? ['time', 'integer', 'number'] : undefined,
  );
}

/**
 * Rows of each part: fractions of the whole, rounded down, with at least one row for each fraction above 0; what is left goes to the
 * first part. Throws InputError when there are too few rows.
 */
export function partSizes(rows: number, fractions: readonly number[]): number[] {
  const sizes = fractions.map((fraction) => (fraction > 0 ? Math.max(1, Math.floor(rows * fraction + 1e-9)) : 0));
  const others = sizes.slice(1).reduce((sum, size) => sum + size, 0);
  if (others >= rows) {
    throw new InputError({
      code: 'data-few',
      message: `the table has ${rows} ${rows === 1 ? 'row' : 'rows'}: too few to split into ${fractions.filter((f) => f > 0).length} parts`,
      at: 'table',
      note: 'smaller rows make more of them, as in load(..., rows: "paragraph")',
    });
  }
  sizes[0] = rows - others;
  return sizes;
}

/**
 * Stores each part's rows, in their order, under `outs` (null: not at all), and gives those it stored. Sizes are exact, except by group, where they are as near as whole groups
 * allow, and at least one group.
 * @param sizes rows of each part, at least one; they add up to the table's
 */
export async function dealOut(
  table: TableArtifact,
  sizes: readonly number[],
  deal: Deal,
  outs: readonly (string | null)[],
  tables: Tables,
  watch: Watch,
): Promise<TableArtifact[]> {
  const whole = { whole: table };
  const ask = (sql: string) => tables.values({ tables: whole, sql }, watch);
  const parts = await (deal.stratify !== undefined
    ? stratified(sizes, deal.stratify, deal.seed)
    : deal.group !== undefined
      ? grouped(sizes, deal.group, deal.seed, ask)
      : deal.time !== undefined
        ? timed(sizes, deal.time, ask)
        : drawn(sizes, deal.seed, ask));
  const made: TableArtifact[] = [];
  for (const [i, out] of outs.entries()) {
    if (out === null) continue;
    const sql = `SELECT * EXCLUDE dsk_row FROM whole WHERE ${parts[i]}`;
    made.push(await tables.query({ tables: whole, sql }, out, watch));
  }
  return made;
}

type Ask = (sql: string) => Promise<Record<string, unknown>[]>;

/** Where each part but the last ends, in rows. */
function ends(sizes: readonly number[]): number[] {
  let sum = 0;
  return sizes.slice(0, -1).map((size) => (sum += size));
}

/** SQL: the rows at which parts begin, in the order of `by`. (A sort with LIMIT 1 OFFSET keeps a heap of that many rows: far slower.) */
function placed(by: string, rows: string, sizes: readonly number[]): string {
  const numbered = `SELECT *, row_number() OVER (ORDER BY ${by}) - 1 AS place FROM (${rows})`;
  return `SELECT * FROM (${numbered}) WHERE place IN (${ends(sizes).join(', ')}) ORDER BY place`;
}

/** A part is a range of the random numbers, cut where its count of rows is reached: exact sizes, and each part is one plain pass. */
async function drawn(sizes: readonly number[], seed: number, ask: Ask): Promise<string[]> {
  const order = randomOrder(seed);
  const found = await ask(
    `SELECT cut::VARCHAR AS cut FROM (${placed('cut', `SELECT ${order} AS cut FROM whole`, sizes)})`,
  );
  return ranges(
    order,
    found.map(({ cut }) => `${cut}::UHUGEINT`),
  );
}

/** Rows of one time are told apart by their position. */
async function timed(sizes: readonly number[], column: string, ask: Ask): Promise<string[]> {
  const time = identifier(column);
  const [missing] = await ask(`SELECT count(*) FILTER (${time} IS NULL) AS rows FROM whole`);
  if (Number(missing?.rows) > 0) {
    throw new InputError({
      code: 'data-missing',
      message: `column \`${column}\` has no time in ${missing?.rows} rows`,
      at: 'time',
      note: `fill it (\`impute\`), or leave these rows out: filter(..., where: "${column} IS NOT NULL")`,
    });
  }
  const rows = `SELECT ${time} AS time, dsk_row AS row FROM whole`;
  const found = await ask(
    `SELECT time::VARCHAR AS time, typeof(time) AS type, row FROM (${placed('time, row', rows, sizes)})`,
  );
  const cuts = found.map((row) => {
    const cut = `CAST(${literal(String(row.time))} AS ${row.type})`;
    return `(${time} > ${cut} OR (${time} = ${cut} AND dsk_row >= ${row.row}))`;
  });
  return Array.from({ length: sizes.length }, (_, i) => between(cuts[i - 1], cuts[i]));
}

/** Groups in a random order fill one part after another; a group belongs where its middle row falls. */
async function grouped(sizes: readonly number[], column: string, seed: number, ask: Ask): Promise<string[]> {
  const order = randomOf(column, seed);
  const groups = `(SELECT g, sum(n) OVER (ORDER BY g) - n / 2 AS middle, row_number() OVER (ORDER BY g) - 1 AS place
    FROM (SELECT ${order} AS g, count(*) AS n FROM whole GROUP BY g))`;
  const counts = ends(sizes).map((end, i) => `count(*) FILTER (middle < ${end}) AS c${i}`);
  const [counted = {}] = await ask(`SELECT ${['count(*) AS total', ...counts].join(', ')} FROM ${groups}`);
  const total = Number(counted.total);
  if (total < sizes.length) {
    throw new InputError({
      code: 'data-few',
      message: `column \`${column}\` has ${total === 1 ? 'one value' : `${total} values`}: too few groups for ${sizes.length} parts`,
      at: 'group',
      note: 'a group is never torn apart; name a column with more values',
    });
  }
  const cuts: string[] = [];
  let before = 0;
  for (const i of ends(sizes).keys()) {
    // At least one group for this part and for each that follows.
    before = Math.min(Math.max(Number(counted[`c${i}`]), before + 1), total - (sizes.length - 1 - i));
    const [row] = await ask(`SELECT g::VARCHAR AS cut FROM ${groups} WHERE place = ${before}`);
    cuts.push(`${row?.cut}::UHUGEINT`);
  }
  return ranges(order, cuts);
}

function ranges(value: string, cuts: readonly string[]): string[] {
  const reached = cuts.map((cut) => `${value} >= ${cut}`);
  return Array.from({ length: cuts.length + 1 }, (_, i) => between(reached[i - 1], reached[i]));
}

/** SQL: one condition is met, and the other not yet. */
function between(from: string | undefined, to: string | undefined): string {
  return `${from ?? 'true'} AND NOT (${to ?? 'false'})`;
}

/**
 * Each value's rows are dealt out by themselves: a part gets its share of them rounded down, and the rows that are missing to its size
 * go to the values that were rounded down most (the method of largest remainders), to rarer ones before others. The first part gets what is left.
 */
function stratified(sizes: readonly number[], column: string, seed: number): string[] {
  const rows = sizes.reduce((sum, size) => sum + size, 0);
  const strata = [`s0 AS (SELECT c, count(*)::HUGEINT AS n, 0::HUGEINT AS e0 FROM dealt GROUP BY c)`];
  for (const [i, size] of sizes.slice(1).entries()) {
    const share = `n * ${size} // ${rows}`;
    // Only values that have a row to spare take part in the rest.
    const place = `row_number() OVER (ORDER BY e${i} + ${share} < n DESC, n * ${size} % ${rows} DESC, n, c)`;
    const rest = `${size} - sum(${share}) OVER ()`;
    strata.push(`s${i + 1} AS (SELECT *, e${i} + ${share} + (${place} <= ${rest})::INTEGER AS e${i + 1} FROM s${i})`);
  }
  const last = sizes.length - 1;
  const of = (condition: string) => `dsk_row IN (WITH
    dealt AS (SELECT dsk_row, ${randomOf(column, seed)} AS c, row_number() OVER (PARTITION BY ${randomOf(column, seed)} ORDER BY ${randomOrder(seed)}, dsk_row) AS k FROM whole),
    ${strata.join(',\n    ')}
    SELECT dsk_row FROM dealt JOIN s${last} USING (c) WHERE ${condition}) ORDER BY dsk_row`;
  return sizes.map((_, i) => of(i === 0 ? `k > e${last}` : `k > e${i - 1} AND k <= e${i}`));
}
