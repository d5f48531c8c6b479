// What data/format.ts does to columns: looks for values that have no clear meaning, says so, and stores the others in their new form.
import type { RunContext } from './context.ts';
import { isoText, type Reading, readFormats, readUsual } from './dates.ts';
import { InputError } from './kind.ts';
import { identifier, literal } from './sql.ts';
import { withColumns } from './statistics.ts';
import { listed } from './table.ts';
import type { TableArtifact } from './values.ts';
import { instantOf, localTime, offsetText } from './zones.ts';

export interface Params {
  columns: string | string[];
  as: 'text' | 'number' | 'date' | 'datetime' | 'zone';
  unicode?: 'NFC' | 'NFKC';
  case?: 'lower' | 'upper';
  space?: 'trim' | 'collapse';
  style?: keyof typeof styles;
  formats?: string[];
  first?: 'day' | 'month';
  unreadable: 'error' | 'null' | 'keep';
  type: 'time' | 'text';
  from: string;
  to?: string;
  gap: 'error' | 'forward' | 'null';
  overlap: 'error' | 'earlier' | 'later' | 'null';
}

/** Styles of numbers: what parts groups (a character class) and the decimals, and how many digits groups before the last have. */
export const styles = {
  '1,234.56': { group: ',', decimal: '.', digits: 3 },
  '1.234,56': { group: '[.]', decimal: ',', digits: 3 },
  '1 234,56': { group: '[ \u00a0\u2009\u202f]', decimal: ',', digits: 3 },
  "1'234.56": { group: "['\u2019]", decimal: '.', digits: 3 },
  '12,34,567.89': { group: ',', decimal: '.', digits: 2 },
} as const;

type Context = RunContext<Params>;

export function textColumns(context: Context, table: TableArtifact): Promise<TableArtifact> {
  const { params, tables, files } = context;
  const columns = [...listed(params.columns)];
  const { unicode, case: letters, space } = params;
  const options = {
    ...(unicode ? { unicode } : {}),
    ...(letters ? { case: letters } : {}),
    ...(space ? { space } : {}),
  };
  const makes = Object.fromEntries(columns.map((name) => [name, 'text' as const]));
  return tables.map(table, { name: 'tidy', params: options, columns, makes }, files.join('table.parquet'), context);
}

export async function numberColumns(context: Context, table: TableArtifact): Promise<TableArtifact> {
  const { group, decimal, digits } = styles[context.params.style as keyof typeof styles];
  const made: string[] = [];
  for (const name of listed(context.params.columns)) {
    const text = `trim(rows.${identifier(name)}, ${literal(' \t\r\n\u00a0\u202f')})`;
    const whole = `(?:\\d+|\\d{1,${digits}}(?:${group}\\d{${digits}})*${group}\\d{3})`;
    const point = decimal === '.' ? '[.]' : ',';
    const pattern = `[+\\-\u2212]?(?:${whole}(?:${point}\\d*)?|${point}\\d+)(?:[eE][+\\-]?\\d+)?`;
    const digitsOnly = `replace(replace(regexp_replace(${text}, ${literal(group)}, '', 'g'), ${literal(decimal)}, '.'), '\u2212', '-')`;
    const value = `CASE WHEN regexp_full_match(${text}, ${literal(pattern)}) THEN try_cast(${digitsOnly} AS DOUBLE) END`;
    await told(context, table, name, { text, value, other: 'NULL::DOUBLE' }, `no number like ${context.params.style}`);
    made.push(`${value} AS ${identifier(name)}`);
  }
  return store(context, table, made);
}

export async function dateColumns(context: Context, table: TableArtifact): Promise<TableArtifact> {
  const { as, formats, first, type, unreadable } = context.params;
  const made: string[] = [];
  for (const name of listed(context.params.columns)) {
    const own = `rows.${identifier(name)}`;
    const reading = formats ? readFormats(own, formats) : readUsual(own, first);
    // The usual formats leave open which comes first; of formats that were given the first is meant.
    const value = formats ? reading.value : `CASE WHEN ${reading.other} IS NULL THEN ${reading.value} END`;
    await told(
      context,
      table,
      name,
      { text: own, ...reading, value },
      `none of the formats ${formats?.join(', ') ?? 'of dates that are known'}`,
    );
    const kept = unreadable === 'keep' ? own : 'NULL';
    const iso = `CASE WHEN ${value} IS NOT NULL THEN ${isoText(value, as === 'date')} WHEN trim(${own}) <> '' THEN ${kept} END`;
    made.push(`${type === 'text' ? iso : as === 'date' ? `(${value})::DATE` : value} AS ${identifier(name)}`);
  }
  return store(context, table, made);
}

/** Says which values have no meaning, or two; throws for the first one where that is an error. */
async function told(
  context: Context,
  table: TableArtifact,
  column: string,
  { text, value, other }: Reading & { text: string },
  what: string,
): Promise<void> {
  const { params, tables, log, warn } = context;
  const sql = `SELECT count(*) FILTER (dsk_value IS NOT NULL) AS dsk_read,
      count(*) FILTER (dsk_value IS NULL) AS dsk_none, min(dsk_row) FILTER (dsk_value IS NULL) AS dsk_first,
      arg_min(dsk_text, dsk_row) FILTER (dsk_value IS NULL) AS dsk_example,
      arg_min(dsk_other IS NOT NULL, dsk_row) FILTER (dsk_value IS NULL) AS dsk_two,
      count(*) FILTER (dsk_value IS NOT NULL AND dsk_other IS NOT NULL) AS dsk_both,
      arg_min(dsk_text, dsk_row) FILTER (dsk_value IS NOT NULL AND dsk_other IS NOT NULL) AS dsk_twice
    FROM (SELECT rows.dsk_row, left(rows.${identifier(column)}, 200) AS dsk_text, ${value} AS dsk_value, ${other} AS dsk_other
      FROM rows WHERE trim(${text}) <> '')`;
  const [found = {}] = await tables.values({ tables: { rows: table }, sql }, context);
  const both = Number(found.dsk_both);
  if (both > 0) {
    warn(
      `${column}: ${both} values fit several formats that tell different dates, such as ${quoted(found.dsk_twice)}: the first format counts`,
    );
  }
  const none = Number(found.dsk_none);
  const example = `row ${Number(found.dsk_first)} holds ${quoted(found.dsk_example)}`;
  if (none > 0 && params.unreadable === 'error') {
    const two = found.dsk_two === true;
    throw new InputError({
      code: 'value-unreadable',
      message: two
        ? `${column}: ${example}, where the day or the month may come first`
        : `${column}: ${example}, which is ${what}${none > 1 ? `; ${none} values are` : ''}`,
      at: 'columns',
      note: two ? 'say which, as in first: "day"' : 'correct it, or give unreadable: "null"',
    });
  }
  log(
    `${column}: ${Number(found.dsk_read)} values read${none > 0 ? `; ${none} could not be and ${params.unreadable === 'keep' ? 'stay as they are' : 'become null'} (${example})` : ''}`,
  );
}

const quoted = (value: unknown) =>
  JSON.stringify(typeof value === 'string' && value.length > 60 ? `${value.slice(0, 57)}...` : value);

export async function zoneColumns(context: Context, table: TableArtifact): Promise<TableArtifact> {
  const { params } = context;
  const { from, gap, overlap, type } = params;
  const to = params.to as string;
  const columns = listed(params.columns);
  await checkNames(context, [from, to]);
  const made: string[] = [];
  for (const name of columns) {
    const own = `rows.${identifier(name)}`;
    await checkTimes(context, table, name);
    const local = `${own}::TIMESTAMP`;
    const { earlier, later, twice, never } = instantOf(local, from);
    if (from !== 'UTC') await toldClocks(context, table, name, { local, twice, never });
    const utc = overlap === 'later' ? later : earlier;
    const lost = [...(gap === 'null' ? [never] : []), ...(overlap === 'null' ? [twice] : [])].join(' OR ');
    const instant = lost === '' ? utc : `CASE WHEN NOT (${lost}) THEN ${utc} END`;
    const time = localTime(instant, to);
    made.push(
      `${type === 'text' ? `${isoText(time, false)} || ${to === 'UTC' ? `'Z'` : offsetText(time, instant)}` : time} AS ${identifier(name)}`,
    );
  }
  return store(context, table, made);
}

/** The zones are known to DuckDB as well, whose list is its own. */
async function checkNames(context: Context, zones: string[]): Promise<void> {
  const sql = `SELECT lower(name) AS name FROM pg_timezone_names()`;
  const rows = await context.tables.values({ tables: {}, sql }, context);
  const known = new Set(rows.map(({ name }) => name));
  for (const [i, zone] of zones.entries()) {
    if (known.has(zone.toLowerCase())) continue;
    const note = 'try its older name; zones are named as in the IANA database';
    throw new InputError({
      code: 'zone-unknown',
      message: `the time zone ${zone} is not known here`,
      at: i === 0 ? 'from' : 'to',
      note,
    });
  }
}

/** A column of times holds dates with times of day: dates alone have no zone, and instants have one already. */
async function checkTimes(context: Context, table: TableArtifact, column: string): Promise<void> {
  const sql = `SELECT any_value(typeof(${identifier(column)})) AS type FROM (FROM rows LIMIT 1)`;
  const [row] = await context.tables.values({ tables: { rows: table }, sql }, context);
  const type = String(row?.type);
  if (!type.startsWith('TIMESTAMP')) {
    const message = `column \`${column}\` holds ${type === 'DATE' ? 'dates without a time of day' : 'times of day without a date'}, which are in no zone`;
    throw new InputError({ code: 'column-type', message, at: 'columns' });
  }
  const { from } = context.params;
  if (type.endsWith('ZONE') && from !== 'UTC') {
    const message = `column \`${column}\` holds instants, not times in ${from}`;
    throw new InputError({ code: 'param-idle', message, at: 'from', note: 'remove `from`' });
  }
}

async function toldClocks(
  context: Context,
  table: TableArtifact,
  column: string,
  { local, twice, never }: { local: string; twice: string; never: string },
): Promise<void> {
  const { params, tables, log } = context;
  const first = (what: string) =>
    `min(dsk_row) FILTER (${what}) AS ${what}_row, arg_min(dsk_text, dsk_row) FILTER (${what}) AS ${what}_text`;
  const sql = `SELECT count(*) FILTER (dsk_never) AS dsk_nevers, count(*) FILTER (dsk_twice) AS dsk_twices, ${first('dsk_never')}, ${first('dsk_twice')}
    FROM (SELECT rows.dsk_row, (${local})::VARCHAR AS dsk_text, ${never} AS dsk_never, ${twice} AS dsk_twice FROM rows)`;
  const [found = {}] = await tables.values({ tables: { rows: table }, sql }, context);
  const cases = [
    {
      what: 'dsk_never',
      at: 'gap',
      action: params.gap,
      why: 'does not exist there: the clocks went forward',
      told: 'left out',
      fix: 'gap: "forward" moves it as they went',
    },
    {
      what: 'dsk_twice',
      at: 'overlap',
      action: params.overlap,
      why: 'comes twice there: the clocks went back',
      told: 'showed twice',
      fix: 'overlap: "earlier" or "later" says which is meant',
    },
  ];
  for (const { what, at, action, why, told, fix } of cases) {
    const many = Number(found[`${what}s`]);
    if (many === 0) continue;
    const example = `row ${Number(found[`${what}_row`])} holds ${String(found[`${what}_text`])}`;
    if (action === 'error') {
      const message = `${column}: ${example}, which in ${params.from} ${why}`;
      throw new InputError({ code: 'value-unreadable', message, at, note: `${fix}; "null" leaves it out` });
    }
    log(`${column}: times that the clocks ${told}: ${many} (${example}); ${at}: "${action}"`);
  }
}

function store(context: Context, table: TableArtifact, made: string[]): Promise<TableArtifact> {
  const sql = `SELECT ${withColumns(table.columns, listed(context.params.columns), made)} FROM rows`;
  return context.tables.query({ tables: { rows: table }, sql }, context.files.join('table.parquet'), context);
}
