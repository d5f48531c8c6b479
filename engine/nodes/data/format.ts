// Values brought into one form: text, numbers written in the ways of several countries, dates, time zones.
import { closest } from '../../../grammar/diagnostic.ts';
import { wrongSpecifier } from '../dates.ts';
import { dateColumns, numberColumns, type Params, styles, textColumns, zoneColumns } from '../formatting.ts';
import { defineKind, type InferContext } from '../kind.ts';
import { checkColumns, listed, tableCost } from '../table.ts';
import type { ColumnType, TableSpec } from '../values.ts';

/** What a parameter belongs to, and what it is where nothing is said. */
const belongs: [keyof Params, readonly Params['as'][], unknown][] = [
  ['unicode', ['text'], undefined],
  ['case', ['text'], undefined],
  ['space', ['text'], undefined],
  ['style', ['number'], undefined],
  ['formats', ['date', 'datetime'], undefined],
  ['first', ['date', 'datetime'], undefined],
  ['unreadable', ['number', 'date', 'datetime'], 'error'],
  ['type', ['date', 'datetime', 'zone'], 'time'],
  ['from', ['zone'], 'UTC'],
  ['to', ['zone'], undefined],
  ['gap', ['zone'], 'error'],
  ['overlap', ['zone'], 'error'],
];

export default defineKind<Params>({
  kind: 'format',
  stage: 'data',
  group: 'clean',
  version: 1,
  doc: `Brings the values of columns into one form: text, numbers, dates, or times of another zone. Null stays null, and the order of the rows stays.

\`as: "text"\`: \`unicode\` normalises (NFC, NFKC: Unicode Standard Annex 15), \`case\` makes small or capital letters (Unicode's full mapping), \`space\` removes white space at the ends (trim) and makes one space of each run of it (collapse).

\`as: "number"\`: numbers written with separators, in one \`style\`, which stands for itself: "1.234,56" reads 1234.56 and -7 and "1.234.567" but not 1234.5. Groups have three digits (in "12,34,567.89" two and a last one of three) or there are none; "1 234,56" takes all kinds of spaces.

\`as: "date"\` and \`as: "datetime"\`: dates of mixed formats. \`formats\` are tried in their order, written as for strptime (\`%d.%m.%Y %H:%M\`); when a later one would tell another date, a warning says so. Without \`formats\` the usual ones are tried: ISO 8601, \`5 March 2024\`, \`Mar 5, 2024\`, \`05-Mar-2024\`, each also with a time of day and an offset, and \`5/3/2024\`, where \`first\` says whether the day or the month comes first. It is never guessed: without \`first\`, 5/3/2024 counts as unreadable and 25/3/2024 does not; with \`first: "day"\`, 3/25/2024 does. Years have four digits, unless a format has \`%y\` (69 to 99 are 1969 to 1999). A value with an offset becomes UTC; \`date\` drops the time of day. The result is a column of times, or ISO 8601 text with \`type: "text"\`.

A number or date that cannot be read is an error that names the row and the value; \`unreadable: "null"\` makes it null and \`unreadable: "keep"\` leaves it as it is (in text). Text that is empty or blank becomes null.

\`as: "zone"\`: times of one zone (\`from\`) as the clocks of another (\`to\`) show them, by the IANA database with its daylight saving times: from UTC to Europe/Berlin and back. A local time that does not exist, because clocks were set forward, or that comes twice, because they were set back, is an error unless \`gap\` and \`overlap\` say what it means; "forward" moves it by the hour that was left out. With \`type: "text"\` the result is ISO 8601 text with its offset.`,
  example:
    'stocks = load("npm:vega-datasets/data/stocks.csv")\ndated = format(stocks, columns: "date", as: "date", formats: ["%b %d %Y"])',
  inputs: { table: { type: 'table', doc: 'Rows whose values are formatted.' } },
  outputs: { table: 'table' },
  required: ['columns', 'as'],
  params: {
    columns: {
      description: 'Column or columns: of text, or for zones of times.',
      type: ['string', 'array'],
      items: { type: 'string' },
      minItems: 1,
      format: 'column',
    },
    as: { description: 'What the values are.', enum: ['text', 'number', 'date', 'datetime', 'zone'] },
    unicode: { description: 'Unicode normal form of text.', enum: ['NFC', 'NFKC'] },
    case: { description: 'Small or capital letters.', enum: ['lower', 'upper'] },
    space: {
      description: 'White space: none at the ends, or besides single spaces within.',
      enum: ['trim', 'collapse'],
    },
    style: {
      description: 'How numbers are written.',
      enum: ['1,234.56', '1.234,56', '1 234,56', "1'234.56", '12,34,567.89'],
    },
    formats: {
      description: 'Formats of dates, tried in order. Default: the usual ones.',
      type: 'array',
      items: { type: 'string' },
      minItems: 1,
    },
    first: { description: 'Whether in 5/3/2024 the day or the month comes first.', enum: ['day', 'month'] },
    unreadable: {
      description: 'What becomes of values that cannot be read: an error, null, or what they are.',
      enum: ['error', 'null', 'keep'],
      default: 'error',
    },
    type: {
      description: 'What dates and times become: a column of times, or ISO 8601 text.',
      enum: ['time', 'text'],
      default: 'time',
    },
    from: { description: 'Zone of the times, such as "Europe/Berlin".', type: 'string', minLength: 1, default: 'UTC' },
    to: { description: 'Zone that they are wanted in, such as "UTC".', type: 'string', minLength: 1 },
    gap: {
      description: 'What a local time becomes that the clocks left out.',
      enum: ['error', 'forward', 'null'],
      default: 'error',
      advanced: true,
    },
    overlap: {
      description: 'What a local time becomes that the clocks showed twice.',
      enum: ['error', 'earlier', 'later', 'null'],
      default: 'error',
      advanced: true,
    },
  },
  infer(context) {
    const table = context.inputs.table as TableSpec;
    if (!check(context, table)) return null;
    const { as, type } = context.params;
    const made: ColumnType = as === 'number' ? 'number' : as === 'text' || type === 'text' ? 'text' : 'time';
    const columns = table.columns && { ...table.columns };
    if (columns) for (const name of listed(context.params.columns)) columns[name] = made;
    return { table: { ...table, columns } };
  },
  cost: ({ outputs }) => tableCost(outputs.table as TableSpec),
  async run(context) {
    const table = context.artifact('table', 'table');
    const { as } = context.params;
    if (as === 'text') return { table: await textColumns(context, table) };
    if (as === 'number') return { table: await numberColumns(context, table) };
    if (as === 'zone') return { table: await zoneColumns(context, table) };
    return { table: await dateColumns(context, table) };
  },
});

function check(context: InferContext<Params>, table: TableSpec): boolean {
  const { params, error } = context;
  const { as } = params;
  for (const [name, where, usual] of belongs) {
    if (where.includes(as) || params[name] === undefined || params[name] === usual) continue;
    const message = `\`${name}\` has no meaning for as: "${as}"`;
    error({ code: 'param-idle', message, at: name, note: `it belongs to ${where.join(', ')}; remove it` });
    return false;
  }
  if (!checkColumns(context, table, listed(params.columns), 'columns', as === 'zone' ? 'time' : 'text')) return false;
  if (as === 'text') return checkText(context);
  if (as === 'zone') return checkZones(context);
  if (as === 'number' && params.style === undefined) {
    const note = `one of ${Object.keys(styles)
      .map((style) => JSON.stringify(style))
      .join(', ')}`;
    error({ code: 'param-missing', message: 'nothing says how the numbers are written', at: 'style', note });
    return false;
  }
  return checkReading(context);
}

function checkText({ params, error }: InferContext<Params>): boolean {
  if (params.unicode !== undefined || params.case !== undefined || params.space !== undefined) return true;
  const note = 'give `unicode`, `case` or `space`';
  error({ code: 'param-missing', message: 'nothing says what is done to the text', at: 'as', note });
  return false;
}

function checkReading({ params, error }: InferContext<Params>): boolean {
  const { as, formats, first, unreadable, type } = params;
  if (formats !== undefined && first !== undefined) {
    error({
      code: 'param-idle',
      message: '`first` has no meaning beside `formats`',
      at: 'first',
      note: 'remove one of them',
    });
    return false;
  }
  for (const format of formats ?? []) {
    const wrong = wrongSpecifier(format);
    if (wrong === null && format.includes('%')) continue;
    const message =
      wrong === null ? `"${format}" has no place for a date` : `"${wrong}" is nothing that a format may hold`;
    error({
      code: 'param-format',
      message,
      at: 'formats',
      note: 'as for strptime: %Y-%m-%d, %d.%m.%y %H:%M, %b %d %Y',
    });
    return false;
  }
  if (unreadable === 'keep' && (as === 'number' || type !== 'text')) {
    const note = as === 'number' ? 'make it null' : 'give type: "text", or make it null';
    error({
      code: 'param-idle',
      message: `a text cannot be kept in a column of ${as === 'number' ? 'numbers' : 'times'}`,
      at: 'unreadable',
      note,
    });
    return false;
  }
  return true;
}

function checkZones({ params, error }: InferContext<Params>): boolean {
  const { from, to, gap, overlap } = params;
  if (to === undefined) {
    error({
      code: 'param-missing',
      message: 'no zone is named to go to',
      at: 'to',
      note: 'such as "UTC" or "Europe/Berlin"',
    });
    return false;
  }
  for (const [at, zone] of [
    ['from', from],
    ['to', to],
  ] as const) {
    if (isZone(zone)) continue;
    const near = closest(zone, Intl.supportedValuesOf('timeZone'));
    error({
      code: 'zone-unknown',
      message: `there is no time zone ${zone}`,
      at,
      note: near
        ? `did you mean ${near}?`
        : 'zones are named as in the IANA database: Europe/Berlin, America/New_York, UTC',
      ...(near ? { suggest: { value: near, title: `use ${near}` } } : {}),
    });
    return false;
  }
  if (from.toLowerCase() === to.toLowerCase() && params.type === 'time') {
    error({ code: 'param-idle', message: `the times are in ${to} already`, at: 'to' });
    return false;
  }
  if (from === 'UTC' && (gap !== 'error' || overlap !== 'error')) {
    const at = gap !== 'error' ? 'gap' : 'overlap';
    error({
      code: 'param-idle',
      message: `\`${at}\` has no meaning for times in UTC: each exists once`,
      at,
      note: 'remove it',
    });
    return false;
  }
  return true;
}

/** A name of the IANA database: not an offset, which DuckDB does not take for a zone. */
function isZone(name: string): boolean {
  if (!/^[A-Za-z]/.test(name)) return false;
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch (error) {
    if (error instanceof RangeError) return false;
    throw error;
  }
}
