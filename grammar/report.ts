// A diagnostic as the terminal shows it: place, message, the source line with a marker, notes and fixes.
import { type Diagnostic, lineColumn, type Severity } from './diagnostic.ts';
import { characterWidth } from './width.ts';

const WIDTH = 100; // columns of source shown; longer lines are clipped around the span
const TAB = 4;
const COLORS: Record<Severity, string> = { error: '\u001b[31m', warning: '\u001b[33m', info: '\u001b[36m' };
const BOLD = '\u001b[1m';
const DIM = '\u001b[2m';
const PLAIN = '\u001b[0m';

/** `FILE:LINE:COLUMN: error CODE: message`, the source line with a marker under the span, then `note:` and `fix:` lines;
 *  no newline at the end. Control and direction-changing characters never reach the terminal. */
export function formatDiagnostic(
  file: string,
  text: string,
  diagnostic: Diagnostic,
  options: { readonly color?: boolean } = {},
): string {
  const paint = (code: string, part: string) => (options.color ? `${code}${part}${PLAIN}` : part);
  const { line, column } = lineColumn(text, diagnostic.span.start);
  const color = COLORS[diagnostic.severity];
  const head =
    paint(BOLD, `${printable(file)}:${line}:${column}:`) +
    ` ${paint(color, `${diagnostic.severity} ${diagnostic.code}:`)} ${printable(diagnostic.message)}`;
  const { source, marker } = excerpt(text, diagnostic);
  const number = String(line).padStart(5);
  const lines = [
    head,
    `${paint(DIM, `${number} |`)} ${source}`.trimEnd(),
    `${paint(DIM, '      |')} ${marker.replace(/\^+/, (part) => paint(color, part))}`,
  ];
  for (const note of diagnostic.notes ?? []) lines.push(`  note: ${printable(note)}`);
  for (const fix of diagnostic.fixes ?? []) lines.push(`  fix: ${printable(fix.title)}`);
  return lines.join('\n');
}

interface Cell {
  readonly shown: string;
  readonly width: number;
}

function excerpt(text: string, { span }: Diagnostic): { source: string; marker: string } {
  const offset = Math.min(span.start, text.length);
  let start = offset;
  while (start > 0 && !isBreak(text.charCodeAt(start - 1))) start--;
  if (start === 0 && text.charCodeAt(0) === 0xfeff) start = 1;
  let end = offset;
  while (end < text.length && !isBreak(text.charCodeAt(end))) end++;
  const before = cells(text.slice(start, offset), 0);
  const inside = cells(text.slice(offset, Math.max(offset, Math.min(span.end, end))), width(before));
  const after = cells(text.slice(Math.max(offset, Math.min(span.end, end)), end), width(before) + width(inside));
  const marked = inside.length > 0 ? inside : after.slice(0, 1);
  // a clipped line keeps at least a third of the window before the span and fills the rest with what follows
  const left = clipStart(before, Math.max(WIDTH - width(inside) - width(after), Math.floor(WIDTH / 3)));
  const cut = left.length < before.length;
  const room = WIDTH - width(left);
  const middle = clipEnd(inside, room);
  const right = clipEnd(after, room - width(middle));
  const full = middle.length === inside.length && right.length === after.length;
  const show = (list: readonly Cell[]) => list.map((cell) => cell.shown).join('');
  const source = (cut ? '…' : '') + show(left) + show(middle) + show(right) + (full ? '' : '…');
  const length = Math.max(1, Math.min(width(marked), inside.length > 0 ? width(middle) : 1));
  return { source, marker: ' '.repeat(width(left) + (cut ? 1 : 0)) + '^'.repeat(length) };
}

const isBreak = (unit: number) => unit === 0x0a || unit === 0x0d;

function cells(text: string, column: number): Cell[] {
  const list: Cell[] = [];
  let at = column;
  for (const character of text) {
    const size = character === '\t' ? TAB - (at % TAB) : UNSAFE.test(character) ? 1 : characterWidth(character);
    list.push({ shown: character === '\t' ? ' '.repeat(size) : printable(character), width: size });
    at += size;
  }
  return list;
}

const width = (list: readonly Cell[]) => list.reduce((sum, cell) => sum + cell.width, 0);

function clipStart(list: readonly Cell[], room: number): readonly Cell[] {
  let from = list.length;
  for (let used = 0; from > 0; from--) {
    used += list[from - 1]?.width ?? 0;
    if (used > room) break;
  }
  return list.slice(from);
}

function clipEnd(list: readonly Cell[], room: number): readonly Cell[] {
  let to = 0;
  for (let used = 0; to < list.length; to++) {
    used += list[to]?.width ?? 0;
    if (used > room) break;
  }
  return list.slice(0, to);
}

// control characters could move the terminal's cursor, direction marks could disguise what a line says
// biome-ignore lint/suspicious/noControlCharactersInRegex: finding control characters is the point
const UNSAFE = /[\u0000-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]|\p{Cs}/u;

const printable = (text: string) => text.replace(new RegExp(UNSAFE, 'gu'), '\ufffd');
