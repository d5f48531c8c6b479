// Small texts for people: durations, numbers, ages, complaints, and text that is safe to show on a terminal.
import type { InputError } from '../nodes/kind.ts';

/** "0.4 s", "42 s", "3 min 20 s", "2 h 05 min". */
export function duration(seconds: number): string {
  if (seconds < 9.95) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${String(whole % 60).padStart(2, '0')} s`;
  return `${Math.floor(whole / 3600)} h ${String(Math.floor((whole % 3600) / 60)).padStart(2, '0')} min`;
}

/** What the user gave wrong where there is no place in a graph: "error CODE: message", and the note below. */
export function complaintText({ complaint: { code, message, note } }: InputError): string {
  return `error ${code}: ${message}${note ? `\n  note: ${note}` : ''}`;
}

/** Cut to `width` characters, the last one an ellipsis where something is missing. */
export function clip(text: string, width: number): string {
  return text.length <= width ? text : `${text.slice(0, Math.max(0, width - 1))}…`;
}

/** Five significant digits, or all before the decimal point, thousands separated. */
export function number(value: number): string {
  return Math.abs(value) < 10000
    ? value.toLocaleString('en', { maximumSignificantDigits: 5 })
    : value.toLocaleString('en', { maximumFractionDigits: 0 });
}

/** Control characters, which could move the cursor or colour the screen, become visible; line breaks and tabs stay. */
export function visible(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: finding control characters is the point
  return text.replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g, '\ufffd');
}

/** Milliseconds of "90m", "12h", "7d", "2w"; null where it is none of these. */
export function parseAge(text: string): number | null {
  const match = /^(\d+(?:\.\d+)?)([mhdw])$/.exec(text);
  if (!match) return null;
  const unit = { m: 60e3, h: 3600e3, d: 86400e3, w: 7 * 86400e3 }[match[2] as 'm' | 'h' | 'd' | 'w'];
  return Number(match[1]) * unit;
}

/** Rows under headings, columns as wide as they need to be. */
export function columns(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, i) => Math.max(...rows.map((row) => (row[i] ?? '').length)));
  return rows
    .map((row) =>
      row
        .map((cell, i) => cell.padEnd(widths[i] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}
