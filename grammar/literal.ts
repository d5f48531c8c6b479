// What text and number literals stand for.
import type { Span, TextEdit } from './diagnostic.ts';

/** A mistake inside a literal, offsets relative to the literal. */
export interface LiteralFault {
  readonly span: Span;
  readonly message: string;
  readonly fix?: { readonly title: string; readonly edit: TextEdit };
}

const ESCAPES: Record<string, string> = { n: '\n', t: '\t', '"': '"', '\\': '\\' };

/** The text between quotes with its escapes replaced. `content` starts at `offset` of the literal. */
export function unescape(content: string, offset: number): { value: string; faults: LiteralFault[] } {
  const faults: LiteralFault[] = [];
  const value = content.replace(/\\(u\{[^}\r\n"]*\}?|[^]|$)/gu, (sequence: string, body: string, at: number) => {
    const plain = ESCAPES[body];
    if (plain !== undefined) return plain;
    const start = offset + at;
    const span = { start, end: start + sequence.length };
    const digits = /^u\{([0-9a-fA-F_]{1,8})\}$/.exec(body)?.[1]?.replaceAll('_', '');
    const code = digits ? Number.parseInt(digits, 16) : Number.NaN;
    if (code <= 0x10ffff && !(code >= 0xd800 && code < 0xe000)) return String.fromCodePoint(code);
    if (body.startsWith('u')) {
      faults.push({
        span,
        message: `${tick(sequence)} is no character: write its number in hexadecimal, like \`\\u{e9}\``,
      });
    } else {
      const edit = { start, end: start, text: '\\' };
      faults.push({
        span,
        message: `${tick(sequence)} stands for nothing: there are \`\\n\`, \`\\t\`, \`\\"\`, \`\\\\\` and \`\\u{…}\``,
        fix: { title: 'write two backslashes for a backslash', edit },
      });
    }
    return sequence;
  });
  return { value, faults };
}

/** The lines of a block text without the indentation of the closing quotes. A line break right after the opening quotes
 *  and the one before the closing quotes' own line do not count; lines end with \n whatever the file uses. */
export function dedent(content: string): string {
  const lines = content.split(/\r\n|\n|\r/);
  if (lines.length === 1) return content;
  if (lines[0]?.trim() === '') lines.shift();
  const last = lines.at(-1) ?? '';
  const indent = last.trim() === '' ? last : '';
  if (last.trim() === '') lines.pop();
  return lines.map((line) => (line.startsWith(indent) ? line.slice(indent.length) : line.trimStart())).join('\n');
}

const NUMBER = /^([+-]?)(\d+(?:_\d+)*)(\.\d+(?:_\d+)*)?(?:[eE]([+-]?\d+))?(%?)$/;

/** The value of a number literal (`5%` is 0.05, rounded once), or why it is none and what to write. */
export function readNumber(image: string): { value: number; percent: boolean } | { message: string; instead?: string } {
  const parts = NUMBER.exec(image);
  if (parts) {
    const [, sign = '', whole = '', fraction = '', exponent = '0', percent = ''] = parts;
    const power = Number(exponent) - (percent ? 2 : 0);
    const value = Number(`${sign}${whole}${fraction}e${power}`.replaceAll('_', ''));
    if (Number.isFinite(value)) return { value, percent: percent !== '' };
    return { message: `${tick(image)} is larger than any number this program can hold (about 1.8e308)` };
  }
  const instead = repair(image);
  const message = `${tick(image)} is not a number`;
  return instead ? { message: `${message}: write ${tick(instead)}`, instead } : { message };
}

const UNITS: Record<string, number> = { k: 3, K: 3, M: 6, m: 6, B: 9, G: 9 };

function repair(image: string): string | null {
  const unit = /^([+-]?\d{1,15})([kKmMBG])$/.exec(image);
  if (unit?.[1]) return `${unit[1]}${'0'.repeat(UNITS[unit[2] ?? ''] ?? 0)}`;
  const tidy = image
    .replace(/^([+-]?)\./, '$10.')
    .replace(/\.(?=$|[eE%])/, '')
    .replace(/_+/g, '_')
    .replace(/_(?=\D|$)|\b_|(?<=\D)_/g, '');
  if (NUMBER.test(tidy)) return tidy;
  const radix = /^0(?:[xX][0-9a-fA-F]{1,12}|[bB][01]{1,48}|[oO][0-7]{1,16})$/.test(image) ? Number(image) : null;
  return radix === null ? null : String(radix);
}

/** A piece of the text as a message shows it: in backticks, at most 30 characters, on one line. */
export function tick(piece: string): string {
  const line = piece.replace(/[\r\n]+/g, ' ');
  const characters = [...line.slice(0, 80)];
  return `\`${characters.length > 30 ? `${characters.slice(0, 29).join('')}…` : line}\``;
}
