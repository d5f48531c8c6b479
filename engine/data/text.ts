// Text files as rows: decoding with errors that say where, line ends, and what makes a row. Files are read piece by piece.
import { isUtf8 } from 'node:buffer';
import { createReadStream, createWriteStream } from 'node:fs';
import { basename } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { TextDecoder } from 'node:util';
import { InputError } from '../nodes/kind.ts';

const PIECE = 1 << 20;
/** Longest row, in characters: half of what a JavaScript string can hold. */
const LONGEST = 1 << 28;

export type RowUnit = 'file' | 'paragraph' | 'line';

/** Rows of a text file, batch by batch. A byte order mark and carriage returns before line feeds are dropped. */
export async function* textRows(path: string, unit: RowUnit, encoding: string): AsyncGenerator<string[]> {
  if (unit === 'file') {
    let text = '';
    for await (const piece of decoded(path, encoding)) {
      text += piece;
      tooLong(text, path);
    }
    text = text.replace(/\r\n?/g, '\n');
    if (text.trim() !== '') yield [text];
    return;
  }
  let paragraph: string[] = [];
  for await (const lines of lineBatches(path, encoding)) {
    const rows: string[] = [];
    for (const line of lines) {
      const blank = line.trim() === '';
      if (unit === 'line') {
        if (!blank) rows.push(line);
      } else if (!blank) paragraph.push(line.trim());
      else if (paragraph.length > 0) {
        rows.push(paragraph.join(' '));
        paragraph = [];
      }
    }
    if (rows.length > 0) yield rows;
  }
  if (paragraph.length > 0) yield [paragraph.join(' ')];
}

/** Lines of a file without their ends, batch by batch. */
export async function* lineBatches(path: string, encoding: string): AsyncGenerator<string[]> {
  let rest = '';
  for await (const piece of decoded(path, encoding)) {
    // A carriage return at the end may be half of a line end: it waits for the next piece.
    const held = piece.endsWith('\r') ? 1 : 0;
    const lines = (rest + piece.slice(0, piece.length - held)).split(/\r\n|\n|\r/);
    rest = (lines.pop() ?? '') + (held ? '\r' : '');
    tooLong(rest, path);
    if (lines.length > 0) yield lines;
  }
  if (rest !== '') yield rest.split(/\r\n|\n|\r/);
}

function tooLong(row: string, path: string): void {
  if (row.length <= LONGEST) return;
  throw new InputError({
    code: 'file-broken',
    message: `${basename(path)} has a row of more than ${LONGEST / (1 << 20)} million characters`,
    at: 'rows',
    note: 'cut the file into smaller ones, or read it with rows: "line" or "paragraph"',
  });
}

/** Throws InputError for an encoding that this machine does not know. */
export function decoderFor(encoding: string): TextDecoder {
  try {
    return new TextDecoder(encoding, { fatal: true });
  } catch {
    throw new InputError({
      code: 'file-encoding',
      message: `there is no encoding "${encoding}"`,
      at: 'encoding',
      note: 'common ones: "utf-8", "utf-16le", "windows-1252" (Western Europe), "windows-1251" (Cyrillic), "shift_jis", "gb18030", "big5"',
    });
  }
}

/** The text of a file, piece by piece. Throws InputError at the first byte that is no such text. */
export async function* decoded(path: string, encoding: string): AsyncGenerator<string> {
  const decoder = decoderFor(encoding);
  const utf8 = decoder.encoding === 'utf-8';
  let line = 1;
  let offset = 0;
  let carry: Buffer = Buffer.alloc(0);
  for await (const chunk of createReadStream(path, { highWaterMark: PIECE })) {
    const bytes = carry.length > 0 ? Buffer.concat([carry, chunk as Buffer]) : (chunk as Buffer);
    if (!utf8) {
      yield decodePiece(decoder, bytes, path, offset);
      offset += bytes.length;
      continue;
    }
    const whole = bytes.subarray(0, bytes.length - openTail(bytes));
    checkUtf8(whole, path, line, offset);
    carry = Buffer.from(bytes.subarray(whole.length));
    line += newlines(whole);
    offset += whole.length;
    yield decoder.decode(whole, { stream: true });
  }
  if (utf8) checkUtf8(carry, path, line, offset);
  const end = utf8 ? '' : decodePiece(decoder, null, path, offset);
  if (end !== '') yield end;
}

function decodePiece(decoder: TextDecoder, bytes: Buffer | null, path: string, offset: number): string {
  try {
    return bytes ? decoder.decode(bytes, { stream: true }) : decoder.decode();
  } catch {
    throw new InputError({
      code: 'file-encoding',
      message: `${basename(path)} is not ${decoder.encoding}: bytes after ${offset} stand for no character`,
      at: 'encoding',
      note: 'give the encoding the file was saved in',
    });
  }
}

/** Checks a file's bytes (about `limit` of them), which other readers take from there. */
export async function checkUtf8File(path: string, limit = Number.POSITIVE_INFINITY): Promise<void> {
  let read = 0;
  for await (const piece of decoded(path, 'utf-8')) {
    read += piece.length;
    if (read >= limit) return;
  }
}

/** Writes `path` as UTF-8 to `out`: all of it, or about `limit` characters (cut after a line). */
export async function transcode(
  path: string,
  encoding: string,
  out: string,
  limit = Number.POSITIVE_INFINITY,
): Promise<void> {
  await pipeline(head(decoded(path, encoding), limit), createWriteStream(out));
}

async function* head(pieces: AsyncIterable<string>, limit: number): AsyncGenerator<string> {
  let left = limit;
  for await (const piece of pieces) {
    yield piece.length < left ? piece : piece.slice(0, piece.lastIndexOf('\n') + 1);
    left -= piece.length;
    if (left <= 0) return;
  }
}

function checkUtf8(bytes: Buffer, path: string, line: number, offset: number): void {
  if (offset === 0) byteOrderMark(bytes, path);
  const nul = bytes.indexOf(0);
  if (isUtf8(bytes) && nul < 0) return;
  const bad = isUtf8(bytes) ? nul : firstInvalid(bytes);
  const at = line + newlines(bytes.subarray(0, bad));
  const byte = bytes[bad] ?? 0;
  const name = basename(path);
  if (byte === 0) {
    throw new InputError({
      code: 'file-encoding',
      message: `${name}:${at}: a NUL byte (byte ${offset + bad}): this is no UTF-8 text`,
      at: 'encoding',
      note: 'a file saved by Windows may need encoding: "utf-16le"; a binary file is no text',
    });
  }
  throw new InputError({
    code: 'file-encoding',
    message: `${name}:${at}: byte 0x${byte.toString(16).padStart(2, '0')} (byte ${offset + bad} of the file) is not UTF-8`,
    at: 'encoding',
    note: 'if the text comes from an older Western program, try encoding: "windows-1252"; otherwise give the encoding it was saved in',
    suggest: { value: 'windows-1252', title: 'read it as windows-1252' },
  });
}

function byteOrderMark(bytes: Buffer, path: string): void {
  const mark = bytes.subarray(0, 2).toString('hex');
  const encoding = mark === 'fffe' ? 'utf-16le' : mark === 'feff' ? 'utf-16be' : null;
  if (!encoding) return;
  throw new InputError({
    code: 'file-encoding',
    message: `${basename(path)}:1: the file is ${encoding.toUpperCase()}, not UTF-8 (it says so in its first bytes)`,
    at: 'encoding',
    note: `give encoding: "${encoding}"`,
    suggest: { value: encoding, title: `read it as ${encoding}` },
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

/** Bytes at the end that may start a character which goes on in the next piece. */
function openTail(bytes: Buffer): number {
  for (let back = 1; back <= Math.min(3, bytes.length); back++) {
    const byte = bytes[bytes.length - back] as number;
    if ((byte & 0xc0) === 0x80) continue;
    const length = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : byte >= 0xc0 ? 2 : 1;
    return length > back ? back : 0;
  }
  return 0;
}

function newlines(bytes: Buffer): number {
  let count = 0;
  for (let at = bytes.indexOf(10); at >= 0; at = bytes.indexOf(10, at + 1)) count++;
  return count;
}
