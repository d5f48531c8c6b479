// Text as the search for duplicates sees it: small letters without diacritics, every number a 0, and single spaces where
// punctuation and white space stood. As `simplify_text` of datatrove does it (https://github.com/huggingface/datatrove), but for all
// of Unicode's punctuation and symbols instead of a list of them.

const WORD = 0;
const GAP = 1;
const DIGIT = 2;
const MARK = 3;
/** Of a character of two code units. */
const HALF = 4;
const UNKNOWN = 255;
const SPACE = 32;
const ZERO = 48;
/** Between the whole and the fraction of a number: Latin, Arabic, and the decimal separator symbols. */
const DECIMAL = new Set([...'.,،٫⎖⎗⎘'].map((sign) => sign.charCodeAt(0)));

/** What a UTF-16 code unit is, filled in as texts bring them. */
const kinds = new Uint8Array(65536).fill(UNKNOWN);
/** What stands for an ASCII character. */
const ascii = Uint8Array.from({ length: 128 }, (_, unit) => {
  const kind = kindOf(String.fromCharCode(unit));
  return kind === GAP ? SPACE : kind === DIGIT ? ZERO : String.fromCharCode(unit).toLowerCase().charCodeAt(0);
});
let scratch = new Uint16Array(1 << 16);
/** Code units kept for the next text; longer ones get memory of their own. */
const MOST_SCRATCH = 1 << 22;

/** The simplified text as UTF-16 code units. Valid until the next call. */
export function simplifyUnits(text: string): Uint16Array {
  const units = room(text.length);
  let count = 0;
  // Most texts are ASCII all through, or to some length.
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit > 127) return simplifyFolded(text.toLowerCase().normalize('NFD'));
    const simple = ascii[unit] as number;
    if (simple === SPACE) {
      if (count > 0 && units[count - 1] !== SPACE) units[count++] = SPACE;
    } else {
      units[count++] = simple;
      if (simple === ZERO) i = numberEnd(text, i + 1, true) - 1;
    }
  }
  return units.subarray(0, count > 0 && units[count - 1] === SPACE ? count - 1 : count);
}

/** The simplified text. */
export function simplifyText(text: string): string {
  return decoder.decode(simplifyUnits(text));
}

const decoder = new TextDecoder('utf-16le', { ignoreBOM: true });

/** The same for a text whose letters are small already and whose diacritics stand apart. */
function simplifyFolded(text: string): Uint16Array {
  const units = room(text.length);
  let count = 0;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    let kind = kinds[unit] as number;
    if (kind === UNKNOWN) kind = kinds[unit] = kindOf(String.fromCharCode(unit));
    const pair = kind === HALF ? (text.codePointAt(i) as number) > 0xffff : false;
    if (pair) kind = kindOf(String.fromCodePoint(text.codePointAt(i) as number));
    if (kind === GAP) {
      if (count > 0 && units[count - 1] !== SPACE) units[count++] = SPACE;
    } else if (kind === DIGIT) {
      units[count++] = ZERO;
      i = numberEnd(text, pair ? i + 2 : i + 1, true) - 1;
      continue;
    } else if (kind !== MARK) {
      units[count++] = unit;
      if (pair) units[count++] = text.charCodeAt(i + 1);
    }
    if (pair) i++;
  }
  return units.subarray(0, count > 0 && units[count - 1] === SPACE ? count - 1 : count);
}

/** Where the number ends that goes on at `i`: digits, and once a decimal separator with digits behind it. */
function numberEnd(text: string, i: number, whole: boolean): number {
  while (i < text.length && digit(text, i)) i++;
  return whole && DECIMAL.has(text.charCodeAt(i)) && digit(text, i + 1) ? numberEnd(text, i + 1, false) : i;
}

function digit(text: string, i: number): boolean {
  const unit = text.charCodeAt(i);
  return unit < 128 ? unit >= 48 && unit <= 57 : unit > 127 && kindOf(text[i] as string) === DIGIT;
}

function kindOf(character: string): number {
  if (/^\p{Cs}/u.test(character)) return HALF;
  if (/\p{Nd}/u.test(character)) return DIGIT;
  if (/\p{Mn}/u.test(character)) return MARK;
  return /[\p{P}\p{S}\p{Z}\p{Cc}]/u.test(character) ? GAP : WORD;
}

function room(length: number): Uint16Array {
  if (length > MOST_SCRATCH) return new Uint16Array(length);
  if (length > scratch.length) scratch = new Uint16Array(Math.min(MOST_SCRATCH, 2 * length));
  return scratch;
}
