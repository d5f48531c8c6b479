// Times from one zone into another, in SQL (data/format.ts). Where clocks are set forward some local times do not exist, where they
// are set back some come twice: both are told, and neither depends on how a library happens to choose.
import { literal } from './sql.ts';

/** A local time's instant, in SQL. */
export interface Instant {
  /** UTC, without a zone; where the time comes twice the earlier, where it does not exist as far behind the change as it is behind it by the clock. */
  earlier: string;
  /** As `earlier`, of two instants the later. */
  later: string;
  twice: string;
  never: string;
}

/** SQL: the local time in a zone at an instant in UTC. */
export function localTime(utc: string, zone: string): string {
  return zone === 'UTC' ? utc : `timezone(${literal(zone)}, timezone('UTC', ${utc}))`;
}

/**
 * The instants that a local time may stand for: by the offsets a day before and a day after, of which those count that lead back to
 * the time. Python's zoneinfo: `earlier` is fold 0, `later` fold 1 where the time comes twice.
 */
export function instantOf(local: string, zone: string): Instant {
  if (zone === 'UTC') return { earlier: local, later: local, twice: 'false', never: 'false' };
  const by = (day: string) => `(${local} - (${localTime(day, zone)} - ${day}))`;
  const before = by(`(${local} - INTERVAL 1 DAY)`);
  const after = by(`(${local} + INTERVAL 1 DAY)`);
  const fits = (utc: string) => `${localTime(utc, zone)} = ${local}`;
  const one = (both: string) =>
    `CASE WHEN ${fits(before)} AND ${fits(after)} THEN ${both}(${before}, ${after}) WHEN ${fits(after)} THEN ${after} ELSE ${before} END`;
  return {
    earlier: one('least'),
    later: one('greatest'),
    twice: `(${fits(before)} AND ${fits(after)} AND ${before} <> ${after})`,
    never: `(NOT ${fits(before)} AND NOT ${fits(after)})`,
  };
}

/** SQL: the offset of a local time from UTC as ISO 8601 writes it. */
export function offsetText(local: string, utc: string): string {
  const seconds = `date_diff('second', ${utc}, ${local})`;
  const part = (unit: number, of: number) => `lpad((abs(${seconds}) // ${unit} % ${of})::VARCHAR, 2, '0')`;
  const odd = `CASE WHEN ${seconds} % 60 <> 0 THEN ':' || ${part(1, 60)} ELSE '' END`;
  return `CASE WHEN ${seconds} < 0 THEN '-' ELSE '+' END || ${part(3600, 100)} || ':' || ${part(60, 60)} || ${odd}`;
}
