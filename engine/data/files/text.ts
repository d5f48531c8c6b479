// A file's text, decoded piece by piece, and its lines. Bytes that stand for no character do not end the reading unless the user
// named the encoding: they leave a mark, and whoever makes rows keeps the rows that have one aside.
import { isUtf8 } from 'node:buffer';
import { basename } from 'node:path';
import { InputError } from '../../nodes/kind.ts';
import { bytesOf } from './bytes.ts';
import { openDecoder, openTail } from './encoding.ts';

/** Longest row, in characters: half of what a JavaScript string can hold. */
export const LONGEST = 1 << 28;

/** Stands for bytes that are no character: a code point that no text holds. */
export const BROKEN = '\ufdd0';

/** What is wrong with a row that holds the mark. */
export function badBytes(encoding: string): { reason: string; remedy: string; code: 'file-encoding' } {
  return {
    reason: `there are bytes that are not ${encoding === 'utf-8' ? 'UTF-8' : encoding}`,
    remedy: 'where the whole file is in another encoding, give it, as in encoding: "windows-1252"',
    code: 'file-encoding',
  };
}

export interface Source {
  path: string;
  /** As `knownEncoding` or `detectEncoding` give it. */
  encoding: string;
  /** Whether the user named the encoding: then what does not fit it is an error. */
  strict: boolean;
  /** Told the bytes taken from the disk so far. */
  told?: (bytes: number) => void;
}

/** The text of a file. A byte order mark is dropped. Throws InputError at the first byte that is no such text, where strict. */
export function textOf(source: Source): AsyncGenerator<string> {
  return source.encoding === 'utf-8' ? utf8Text(source) : foreignText(source);
}

async function* utf8Text({ path, strict, told }: Source): AsyncGenerator<string> {
  let line = 1;
  let offset = 0;
  let carry: Buffer = Buffer.alloc(0);
  const decode = (bytes: Buffer): string => {
    const start = offset === 0 && bytes.subarray(0, 3).toString('hex') === 'efbbbf' ? 3 : 0;
    const text = isUtf8(bytes) ? bytes.toString('utf8', start) : damaged(bytes.subarray(start));
    if (strict && text.includes(BROKEN)) throw notUtf8(bytes, path, line, offset);
    if (strict) line += newlines(bytes);
    offset += bytes.length;
    return text;
  };
  for await (const chunk of bytesOf(path, told)) {
    const bytes = carry.length > 0 ? Buffer.concat([carry, chunk]) : chunk;
    const whole = bytes.subarray(0, bytes.length - openTail(bytes));
    carry = Buffer.from(bytes.subarray(whole.length));
    if (whole.length > 0) yield decode(whole);
  }
  if (carry.length > 0) yield decode(carry);
}

/** Text with a mark in each line that holds bytes which are not UTF-8. */
function damaged(bytes: Buffer): string {
  let text = '';
  for (let start = 0; start < bytes.length; ) {
    const end = bytes.indexOf(10, start);
    const line = bytes.subarray(start, end < 0 ? bytes.length : end + 1);
    text += isUtf8(line) ? line.toString('utf8') : BROKEN + line.toString('utf8');
    start += line.length;
  }
  return text;
}

async function* foreignText({ path, encoding, strict, told }: Source): AsyncGenerator<string> {
  const decoder = await openDecoder(encoding);
  // These have U+FFFD as a character of its own; what they break at is half a pair of surrogates.
  const unicode = /^(utf|ucs|gb18030)/.test(encoding);
  let line = 1;
  const checked = (text: string): string => {
    const marked = unicode ? text.replace(/\p{Surrogate}/gu, BROKEN) : text.replaceAll('\ufffd', BROKEN);
    if (!strict) return marked;
    const at = marked.indexOf(BROKEN);
    if (at >= 0) throw notEncoded(path, encoding, line + newlines(Buffer.from(marked.slice(0, at))));
    line += newlines(Buffer.from(text));
    return text;
  };
  let high = '';
  for await (const chunk of bytesOf(path, told)) {
    const text = high + decoder.write(chunk);
    // The first half of a pair waits for the second.
    high = /[\ud800-\udbff]$/.test(text) ? text.slice(-1) : '';
    yield checked(high === '' ? text : text.slice(0, -1));
  }
  const end = high + decoder.end();
  if (end !== '') yield checked(end);
}

/** Lines of a text without their ends, batch by batch. CRLF, LF and CR end a line. */
export async function* lineBatches(source: Source): AsyncGenerator<string[]> {
  let rest: string[] = [];
  let length = 0;
  let held = '';
  for await (const piece of textOf(source)) {
    // A carriage return at the end may be half of a line end: it waits for the next piece.
    const text = held + piece;
    held = text.endsWith('\r') ? '\r' : '';
    const lines = text.slice(0, text.length - held.length).split(/\r\n|\n|\r/);
    const last = lines.pop() ?? '';
    if (lines.length > 0) {
      lines[0] = rest.join('') + (lines[0] as string);
      rest = [];
      length = 0;
      yield lines;
    }
    rest.push(last);
    length += last.length;
    if (length > LONGEST) throw tooLong(source.path);
  }
  const last = rest.join('');
  if (held !== '') yield [last];
  else if (last !== '') yield [last];
}

export function tooLong(path: string): InputError {
  return new InputError({
    code: 'file-broken',
    message: `${basename(path)} has a row of more than ${LONGEST / (1 << 20)} million characters`,
    at: 'path',
    note: 'cut the file into smaller ones; a text may be read with rows: "line" or "paragraph"',
  });
}

function notEncoded(path: string, encoding: string, line: number): InputError {
  return new InputError({
    code: 'file-encoding',
    message: `${basename(path)}:${line}: the text is not ${encoding}: there are bytes that stand for no character`,
    at: 'encoding',
    note: 'give the encoding the file was saved in, or none to have it detected',
  });
}

function notUtf8(bytes: Buffer, path: string, line: number, offset: number): InputError {
  const bad = firstInvalid(bytes);
  const byte = (bytes[bad] ?? 0).toString(16).padStart(2, '0');
  return new InputError({
    code: 'file-encoding',
    message: `${basename(path)}:${line + newlines(bytes.subarray(0, bad))}: byte 0x${byte} (byte ${offset + bad} of the file) is not UTF-8`,
    at: 'encoding',
    note: 'give the encoding the file was saved in, or none to have it detected',
  });
}

/** Offset of the first byte that breaks UTF-8: the longest prefix that is still the start of valid text. */
function firstInvalid(bytes: Buffer): number {
  const valid = (length: number) => {
    const head = bytes.subarray(0, length);
    return isUtf8(head.subarray(0, length - openTail(head)));
  };
  let good = 0;
  let bad = bytes.length;
  while (bad - good > 1) {
    const middle = (good + bad) >> 1;
    if (valid(middle)) good = middle;
    else bad = middle;
  }
  // The sequence that breaks there may have started before.
  return good - openTail(bytes.subarray(0, good));
}

function newlines(bytes: Buffer): number {
  let count = 0;
  for (let at = bytes.indexOf(10); at >= 0; at = bytes.indexOf(10, at + 1)) count++;
  return count;
}
