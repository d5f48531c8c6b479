// What the columns of a table hold: counts, range, the most frequent values, and how numbers or the lengths of texts are spread.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Session } from '../data/duckdb.ts';
import { identifier } from '../nodes/sql.ts';
import type { ColumnType, Table } from '../nodes/values.ts';
import type { ColumnStatistics } from './contract.ts';
import { cut, mostColumns, reading } from './rows.ts';

const bins = 24;
const mostTop = 8;
const longest = 200;
/** Up to here distinct values are counted; in larger tables estimated (HyperLogLog). */
const counted = 200_000;

/** Of the columns from number `from` on, as many as are looked at at once. */
export async function tableStatistics(table: Table, from = 0): Promise<ColumnStatistics[]> {
  const temp = await mkdtemp(join(tmpdir(), 'dsk-'));
  try {
    return await reading({ temp, memory: 1e9 }, table, async (s, source) => {
      const found: ColumnStatistics[] = [];
      for (const [name, type] of Object.entries(table.columns).slice(from, from + mostColumns))
        found.push(await columnStatistics(s, table, source, name, type));
      return found;
    });
  } finally {
    await rm(temp, { recursive: true, force: true });
  }
}

async function columnStatistics(
  s: Session,
  table: Table,
  from: string,
  name: string,
  type: ColumnType,
): Promise<ColumnStatistics> {
  const column = identifier(name);
  const ordered = type !== 'list' && type !== 'struct' && type !== 'binary';
  // NaN and infinities take part in counts, but would leave nothing of a mean or a histogram.
  const numeric = type === 'integer' || type === 'number';
  const finite = numeric ? `CASE WHEN isfinite(${column}::DOUBLE) THEN ${column}::DOUBLE END` : 'NULL::DOUBLE';
  // Of what may be long, hashes are counted: they take no memory.
  const plain = ordered ? column : `hash(${column})`;
  const different =
    table.rows > counted
      ? `approx_count_distinct(${plain})`
      : `count(DISTINCT CASE WHEN ${column} IS NOT NULL THEN ${plain} END)`;
  const [row = {}] = await s.rows(`SELECT count(*) AS rows, count(${column}) AS present,
    ${different} AS different,
    ${ordered && type !== 'boolean' ? `min(${column})::VARCHAR AS low, max(${column})::VARCHAR AS high` : 'NULL AS low, NULL AS high'},
    avg(${finite}) AS mean FROM ${from}`);
  const rows = Number(row.rows);
  const present = Number(row.present);
  return {
    name,
    type,
    rows,
    missing: rows - present,
    distinct: Math.min(present, Number(row.different)),
    min: bound(row.low, type),
    max: bound(row.high, type),
    mean: typeof row.mean === 'number' && Number.isFinite(row.mean) ? row.mean : null,
    histogram: await histogram(s, from, column, type, finite),
    top: await top(s, from, column, type),
  };
}

/** Numbers as such where JSON can say them. */
function bound(value: unknown, type: ColumnType): string | number | null {
  if (typeof value !== 'string') return null;
  if (type === 'text' || type === 'time') return cut(value, longest);
  const number = Number(value);
  const exact = type === 'integer' ? Number.isSafeInteger(number) : Number.isFinite(number);
  return exact ? number : value;
}

async function histogram(
  s: Session,
  from: string,
  column: string,
  type: ColumnType,
  finite: string,
): Promise<ColumnStatistics['histogram']> {
  const measure = measures[type];
  if (!measure) return null;
  const { of } = measure;
  const value = measure.value?.(column) ?? finite;
  const [range] = await s.rows(`SELECT min(v) AS low, max(v) AS high FROM (SELECT ${value} AS v FROM ${from})`);
  const [low, high] = [range?.low, range?.high];
  if (typeof low !== 'number' || typeof high !== 'number') return null;
  // Whole numbers in a small range get a bar each.
  const whole = type !== 'number' && type !== 'time' && high - low < bins ? high - low + 1 : null;
  const counts = new Array<number>(whole ?? (low === high ? 1 : bins)).fill(0);
  // Halves, since a range may span all doubles. Where all values are equal there is one bin, whatever its width.
  const half = whole === null ? high / 2 - low / 2 || 1 : whole / 2;
  const rows =
    await s.rows(`SELECT least(${counts.length - 1}, floor((v / 2 - (${low / 2})) / ${half} * ${counts.length} + 1e-9))::INTEGER AS bin,
    count(*) AS count FROM (SELECT ${value} AS v FROM ${from}) WHERE v IS NOT NULL GROUP BY bin`);
  for (const { bin, count } of rows) counts[Math.max(0, Number(bin))] = Number(count);
  return { from: low, to: high, counts, of };
}

type Histogram = NonNullable<ColumnStatistics['histogram']>;

/** What is spread, by type, and the SQL for it; numbers are taken as they are where finite. */
const measures: Partial<Record<ColumnType, { of: Histogram['of']; value?: (column: string) => string }>> = {
  integer: { of: 'values' },
  number: { of: 'values' },
  text: { of: 'lengths', value: (column) => `length(${column}::VARCHAR)::DOUBLE` },
  list: { of: 'elements', value: (column) => `len(${column})::DOUBLE` },
  binary: { of: 'bytes', value: (column) => `octet_length(${column}::BLOB)::DOUBLE` },
  // Of dates and times alone: a time of day or an interval is no moment. Infinite ones are on no scale.
  time: {
    of: 'times',
    value: (column) =>
      `CASE WHEN isfinite(try_cast(${column}::VARCHAR AS TIMESTAMP)) THEN epoch_ms(try_cast(${column}::VARCHAR AS TIMESTAMP))::DOUBLE END`,
  },
};

/** Counted by hash, so that long texts take no memory; the values are fetched for the few that count. */
async function top(s: Session, from: string, column: string, type: ColumnType): Promise<ColumnStatistics['top']> {
  if (type === 'binary') return [];
  const rows = await s.rows(`WITH counted AS (
      SELECT hash(${column}) AS h, count(*) AS n FROM ${from} WHERE ${column} IS NOT NULL
      GROUP BY h ORDER BY n DESC, h LIMIT ${mostTop})
    SELECT any_value(left(${column}::VARCHAR, ${longest + 1})) AS value, any_value(n) AS n
    FROM ${from} JOIN counted ON hash(${column}) = h WHERE ${column} IS NOT NULL GROUP BY h ORDER BY n DESC, value`);
  if (Number(rows[0]?.n) <= 1) return []; // where each is there once, none is frequent
  return rows.map(({ value, n }) => ({ value: cut(String(value), longest), rows: Number(n) }));
}
