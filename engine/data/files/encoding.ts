// Which character encoding a file is in, where nobody says so, and decoders by name. A byte order mark decides; then whether the
// bytes are UTF-8; then what letters are frequent (chardet, after ICU's detector).
import { isUtf8 } from 'node:buffer';
import { basename } from 'node:path';
import { InputError } from '../../nodes/kind.ts';
import { compressionOf, headOf, samplesOf } from './bytes.ts';

const HEAD = 1 << 20;
const SAMPLES = 16;
const SAMPLE = 64 << 10;
/** As much of what is not ASCII as the detector is shown. */
const TELLING = 64 << 10;

/** Of 100: below, the detector means that it does not know. */
const LEAST = 5;

/** The detector's name for what a wider encoding of the same bytes is decoded as. */
const wider: Record<string, string> = {
  'iso-8859-1': 'windows-1252',
  'iso-8859-9': 'windows-1254',
  ascii: 'utf-8',
};

/** A decoder of one file: what stands for no character becomes U+FFFD. */
export interface Decoder {
  write(bytes: Buffer): string;
  end(): string;
}

/** The encoding of a file, by its head and by samples from all over it. Throws InputError for what is no text. */
export async function detectEncoding(path: string): Promise<string> {
  const head = await headOf(path, HEAD);
  const packed = (await compressionOf(path)) !== null;
  const samples = packed || head.length < HEAD ? [] : await samplesOf(path, SAMPLES, SAMPLE);
  return encodingOf(head, samples, basename(path));
}

/** As `detectEncoding`, of bytes. */
export async function encodingOf(head: Buffer, samples: readonly Buffer[], name: string): Promise<string> {
  const marked = markOf(head);
  if (marked !== null) return marked;
  if (head.includes(0)) {
    const wide = wideOf(head);
    if (wide !== null) return wide;
    if (tooManyNuls(head)) throw noText(name);
  }
  const parts = [head, ...samples];
  if (head.includes(27) && /\x1b\$[@AB]|\x1b\([BJ]/.test(head.toString('latin1'))) {
    const found = await guess(head.subarray(0, TELLING));
    if (found?.startsWith('iso-2022')) return found;
  }
  if (parts.every(mostlyUtf8)) return 'utf-8';
  const telling = foreignLines(parts);
  const found = await guess(telling);
  if (found === null) {
    throw new InputError({
      code: 'file-encoding',
      message: `${name} is not UTF-8, and its bytes do not tell which encoding it is in`,
      at: 'encoding',
      note: 'give the encoding the file was saved in, such as encoding: "windows-1252"',
    });
  }
  return found;
}

function markOf(head: Buffer): string | null {
  const mark = head.subarray(0, 4).toString('hex');
  if (mark.startsWith('efbbbf')) return 'utf-8';
  if (mark === 'fffe0000') return 'utf-32le';
  if (mark === '0000feff') return 'utf-32be';
  if (mark.startsWith('fffe')) return 'utf-16le';
  return mark.startsWith('feff') ? 'utf-16be' : null;
}

/** UTF-16 and UTF-32 without a mark: line ends, spaces and digits have their zeros always in the same places. */
function wideOf(head: Buffer): string | null {
  const zeros = [0, 0, 0, 0];
  const length = Math.min(head.length - (head.length % 4), 1 << 16);
  for (let i = 0; i < length; i++) if (head[i] === 0) zeros[i % 4] = (zeros[i % 4] as number) + 1;
  const [a, b, c, d] = zeros.map((count) => count / Math.max(1, length / 4)) as [number, number, number, number];
  if (length >= 4 && c > 0.9 && d > 0.9 && a < 0.1) return 'utf-32le';
  if (length >= 4 && a > 0.9 && b > 0.9 && d < 0.1) return 'utf-32be';
  if (head.length % 2 !== 0 && head.length < HEAD) return null;
  const few = 0.02;
  if (b + d > 2 * few && a + c < 0.2 * (b + d)) return fits(head, 'utf-16le') ? 'utf-16le' : null;
  if (a + c > 2 * few && b + d < 0.2 * (a + c)) return fits(head, 'utf-16be') ? 'utf-16be' : null;
  return null;
}

function fits(head: Buffer, encoding: string): boolean {
  try {
    new TextDecoder(encoding, { fatal: true }).decode(head.subarray(0, head.length - (head.length % 2)), {
      stream: true,
    });
    return true;
  } catch {
    return false; // a pair of surrogates that is none: no such text
  }
}

function tooManyNuls(head: Buffer): boolean {
  let nuls = 0;
  for (let at = head.indexOf(0); at >= 0; at = head.indexOf(0, at + 1)) nuls++;
  return nuls > Math.max(8, head.length / 1000);
}

function noText(name: string): InputError {
  return new InputError({
    code: 'file-encoding',
    message: `${name} is no text: it is full of NUL bytes`,
    at: 'path',
    note: 'give `format` where the name says something else than the content; a binary file is no text',
  });
}

/** Whether what is not ASCII is UTF-8, but for a few damaged places: their rows are broken, the file is not. */
function mostlyUtf8(bytes: Buffer): boolean {
  // A sample may begin and end within a character.
  let start = 0;
  while (start < 3 && ((bytes[start] ?? 0) & 0xc0) === 0x80) start++;
  const whole = bytes.subarray(start, bytes.length - openTail(bytes));
  if (isUtf8(whole)) return true;
  let good = 0;
  let bad = 0;
  for (const character of new TextDecoder('utf-8').decode(whole)) {
    if (character === '\ufffd') bad++;
    else if (character > '\x7f') good++;
  }
  return good > 20 * bad;
}

/** Bytes at the end that may start a character which goes on in the next piece. */
export function openTail(bytes: Buffer): number {
  for (let back = 1; back <= Math.min(3, bytes.length); back++) {
    const byte = bytes[bytes.length - back] as number;
    if ((byte & 0xc0) === 0x80) continue;
    const length = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : byte >= 0xc0 ? 2 : 1;
    return length > back ? back : 0;
  }
  return 0;
}

/** Lines that hold more than ASCII: a detector that counts letters sees little in a long page with a few of them. */
function foreignLines(parts: readonly Buffer[]): Buffer {
  const lines: Buffer[] = [];
  let length = 0;
  for (const bytes of parts) {
    for (let start = 0; start < bytes.length && length < TELLING; ) {
      const end = bytes.indexOf(10, start);
      const line = bytes.subarray(start, end < 0 ? bytes.length : end + 1);
      start += line.length;
      if (line.every((byte) => byte < 128)) continue;
      lines.push(line.subarray(0, TELLING - length));
      length += line.length;
    }
  }
  return Buffer.concat(lines);
}

/** The likeliest encoding in which every byte is a character; null where none is likely. */
async function guess(bytes: Buffer): Promise<string | null> {
  const { analyse } = await import('chardet');
  const iconv = (await import('iconv-lite')).default;
  for (const { name, confidence } of analyse(bytes)) {
    const encoding = wider[name.toLowerCase()] ?? name.toLowerCase();
    if (confidence < LEAST || encoding === 'utf-8') continue;
    if (!iconv.encodingExists(encoding) && browserDecoder(encoding) === null) continue;
    const decoder = await openDecoder(encoding);
    // No end(): the bytes may be cut within a character. C1 controls are in no text.
    if (!/[\ufffd\x80-\x9f]/.test(decoder.write(bytes))) return encoding;
  }
  return null;
}

/** The name under which an encoding is decoded. Throws InputError for one that is not known. */
export async function knownEncoding(name: string): Promise<string> {
  const plain = name.trim().toLowerCase();
  if (/^utf-?8$/.test(plain)) return 'utf-8';
  const iconv = (await import('iconv-lite')).default;
  if (iconv.encodingExists(plain) && !/^(base64|hex|internal|binary)$/.test(plain)) return plain;
  if (browserDecoder(plain)) return plain;
  throw new InputError({
    code: 'file-encoding',
    message: `there is no encoding "${name}"`,
    at: 'encoding',
    note: 'common ones: "utf-8", "utf-16le", "windows-1252" (Western Europe), "windows-1251" (Cyrillic), "shift_jis", "euc-jp", "gb18030", "big5", "euc-kr"',
  });
}

/** Opens a decoder; `encoding` as `knownEncoding` gives it. A byte order mark is dropped. */
export async function openDecoder(encoding: string): Promise<Decoder> {
  const iconv = (await import('iconv-lite')).default;
  if (iconv.encodingExists(encoding)) {
    const decoder = iconv.getDecoder(encoding, { stripBOM: true });
    return { write: (bytes) => decoder.write(bytes), end: () => decoder.end() ?? '' };
  }
  // ISO-2022-JP, which switches its tables by escape sequences, is known to browsers and so to Node.
  const decoder = browserDecoder(encoding);
  if (!decoder) throw new Error(`no decoder for ${encoding}`);
  return { write: (bytes) => decoder.decode(bytes, { stream: true }), end: () => decoder.decode() };
}

function browserDecoder(encoding: string): TextDecoder | null {
  try {
    return new TextDecoder(encoding);
  } catch {
    return null; // RangeError: the name stands for no encoding
  }
}
