// SQL that kinds with statistics share (outliers, impute): columns as numbers, groups of rows, values that are known beforehand.
import { identifier, literal } from './sql.ts';

/** SQL: a column's value as a double; NaN counts as missing, as in pandas. */
export function number(column: string): string {
  return `CASE WHEN NOT isnan(${column}::DOUBLE) THEN ${column}::DOUBLE END`;
}

/** SQL: a column's value as a double, null where it is not finite. */
export function finite(column: string): string {
  return `CASE WHEN isfinite(${column}::DOUBLE) THEN ${column}::DOUBLE END`;
}

/** SQL: a number of JavaScript's, every digit of it. */
export function constant(value: number | null): string {
  return value === null ? 'NULL::DOUBLE' : `${literal(String(value))}::DOUBLE`;
}

/** SQL: whether two tables' rows are in one group (null is a value like any other); true without groups. */
export function sameGroup(left: string, right: string, by: readonly string[]): string {
  if (by.length === 0) return 'true';
  return by
    .map((name) => `${left}.${identifier(name)} IS NOT DISTINCT FROM ${right}.${identifier(name)}`)
    .join(' AND ');
}

/** SQL: GROUP BY these columns; nothing without them. */
export function groupBy(by: readonly string[]): string {
  return by.length === 0 ? '' : ` GROUP BY ${by.map(identifier).join(', ')}`;
}

/**
 * SQL: all columns of `rows`, some of them made anew ("... AS name"). A list of its own, since DuckDB takes the square of the number
 * of columns for `* REPLACE`.
 */
export function withColumns(
  all: Readonly<Record<string, unknown>>,
  names: readonly string[],
  made: readonly string[],
): string {
  const own = new Map(names.map((name, i) => [name, made[i] as string]));
  return Object.keys(all)
    .map((name) => own.get(name) ?? `rows.${identifier(name)}`)
    .join(', ');
}

/** Columns of one query, at most: DuckDB's time for statistics grows with the square of their number. */
const SOME = 500;

/** What a query says of each column, asked for some columns after another. */
export async function someAtATime<R>(
  columns: readonly string[],
  ask: (some: readonly string[]) => Promise<R[]>,
): Promise<R[]> {
  const all: R[] = [];
  for (let at = 0; at < columns.length; at += SOME) all.push(...(await ask(columns.slice(at, at + SOME))));
  return all;
}

/** A number for people: six digits. */
export function short(value: number): string {
  return String(Number(value.toPrecision(6)));
}

/** Lines about columns that are said one by one: the first twenty, and how many more there are. */
export function sayEach(lines: readonly string[], say: (line: string) => void): void {
  for (const line of lines.slice(0, 20)) say(line);
  if (lines.length > 20) say(`and so on for ${lines.length - 20} more columns`);
}
