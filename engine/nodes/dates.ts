// Dates and times in texts of several formats, read in SQL (data/format.ts). A text that could be two dates is neither.
import { literal } from './sql.ts';

/** What may stand behind % in a format, as strptime has it. */
const specifiers = 'aAbBdfHIjmMpSyYz%';

/** The first thing in a format that is no specifier, such as "%Q"; null where there is none. */
export function wrongSpecifier(format: string): string | null {
  const wrong = [...format.matchAll(/%(.?)/gs)].find(([, letter]) => !letter || !specifiers.includes(letter));
  return wrong ? wrong[0] : null;
}

/** Years first, and months by name: nobody needs to say which number is the day. */
const plain = ['%Y-%m-%d', '%Y/%m/%d', '%Y.%m.%d'].concat(
  ['%d %b %Y', '%d %B %Y', '%b %d %Y', '%B %d %Y', '%d-%b-%Y', '%d-%B-%Y'],
  ['%a %d %b %Y', '%A %d %B %Y', '%a %b %d %Y', '%A %B %d %Y'],
);
const dayFirst = ['%d/%m/%Y', '%d.%m.%Y', '%d-%m-%Y'];
const monthFirst = ['%m/%d/%Y', '%m.%d.%Y', '%m-%d-%Y'];
const times = ['', ' %H:%M', ' %H:%M:%S', ' %H:%M:%S.%f', ' %I:%M %p', ' %I:%M:%S %p'];
const zoned = [' %H:%M%z', ' %H:%M:%S%z', ' %H:%M:%S.%f%z', ' %H:%M %z', ' %H:%M:%S %z'];

/** How a text is read, in SQL: timestamps, null where it is no date. */
export interface Reading {
  /** What it means. */
  value: string;
  /** What it could mean as well; null where it is clear. */
  other: string;
}

/**
 * Reads a text by these formats, in their order: the first that fits counts, and `other` is what a later one makes of it. Values with
 * an offset become UTC.
 */
export function readFormats(text: string, formats: readonly string[]): Reading {
  const readings = formats.map((format) => parse(ofZulu(text, format), [format]));
  const value = firstOf(readings);
  const others = readings.slice(1).map((reading) => `CASE WHEN ${reading} <> ${value} THEN ${reading} END`);
  return { value, other: firstOf(others) };
}

/**
 * Reads a text by the usual formats: ISO 8601, months by their English names, and numbers such as 3/4/2024. Where nothing says
 * whether the day or the month comes first, such numbers have two meanings unless one of them is no date.
 */
export function readUsual(text: string, first: 'day' | 'month' | undefined): Reading {
  // "March 5, 2024", "2024-03-05T10:00Z", "20240305"
  let tidy = `regexp_replace(replace(trim(${text}), ',', ' '), '(\\d)[Tt](\\d)', '\\1 \\2')`;
  tidy = `regexp_replace(${tidy}, '^(\\d{4})(\\d{2})(\\d{2})(\\s|$)', '\\1-\\2-\\3\\4')`;
  tidy = ofZulu(`regexp_replace(${tidy}, '\\s+', ' ', 'g')`, '%z');
  const all = (dates: readonly string[]) => {
    const ways = (ends: readonly string[]) => dates.flatMap((date) => ends.map((end) => `${date}${end}`));
    return firstOf([parse(tidy, ways(times)), parse(tidy, ways(zoned))]);
  };
  const [sure, day, month] = [all(plain), all(dayFirst), all(monthFirst)];
  if (first) return { value: firstOf([sure, first === 'day' ? day : month]), other: 'NULL::TIMESTAMP' };
  return { value: firstOf([sure, day, month]), other: `CASE WHEN ${month} <> ${day} THEN ${month} END` };
}

/** The first format that fits. Years have four digits where they are said to: strptime takes "24" for the year 24. */
function parse(text: string, formats: readonly string[]): string {
  const read = `try_strptime(${text}, [${formats.map(literal).join(', ')}])::TIMESTAMP`;
  return `CASE WHEN year(${read}) >= 1000 THEN ${read} END`;
}

/** "Z" for an offset of zero is unknown to strptime. */
function ofZulu(text: string, format: string): string {
  return format.includes('%z') ? `regexp_replace(${text}, '(\\d) ?[Zz]$', '\\1+00:00')` : text;
}

function firstOf(values: readonly string[]): string {
  return values.length === 0 ? 'NULL::TIMESTAMP' : `coalesce(${values.join(', ')})`;
}

/** SQL: a timestamp in ISO 8601, the time of day with it unless `date`. */
export function isoText(time: string, date: boolean): string {
  if (date) return `strftime(${time}, '%Y-%m-%d')`;
  const fraction = `CASE WHEN extract('microsecond' FROM ${time}) % 1000000 <> 0 THEN rtrim(strftime(${time}, '.%f'), '0') ELSE '' END`;
  return `strftime(${time}, '%Y-%m-%dT%H:%M:%S') || ${fraction}`;
}
