// Text as the search for duplicates sees it: small letters without diacritics, every number a 0, and single spaces where
// punctuation and white space stood. As `simplify_text` of datatrove does it (https://github.com/huggingface/datatrove), but for all
// of Unicode's punctuation and symbols instead of a list of them.

const WORD = 0;
const GAP = 1;
const DIGIT = 2;
const MARK = 3;
const UNKNOWN = 255;
const SPACE = 32;
const ZERO = 48;
/** Between the whole and the fraction of a number: Latin, Arabic, and the decimal separator symbols. */
const DECIMAL = new Set([...'.,،٫⎖⎗⎘'].map((sign) => sign.charCodeAt(0)));

/** What a UTF-16 code unit is, filled in as texts bring them. */
const known = new Uint8Array(65536).fill(UNKNOWN);
let scratch = new Uint16Array(1 << 16);
/** Code units kept for the next text; longer ones get memory of their own. */
const MOST_SCRATCH = 1 << 22;

/** The simplified text as UTF-16 code units. Valid until the next call. */
export function simplifyUnits(text: string): Uint16Array {
  return simplify(text, false);
}

/** The simplified text. */
export function simplifyText(text: string): string {
  return decoder.decode(simplifyUnits(text));
}

const decoder = new TextDecoder('utf-16le', { ignoreBOM: true });

/** `folded`: whether letters are small and diacritics stand apart; done when the first character that is not ASCII turns up. */
function simplify(text: string, folded: boolean): Uint16Array {
  const { length } = text;
  // A decoded character never gives more than it had, except for the space before it.
  const units = room(length);
  let count = 0;
  let gap = false;
  for (let i = 0; i < length; i++) {
    let unit = text.charCodeAt(i);
    if (unit > 127 && !folded) return simplify(text.toLowerCase().normalize('NFD'), true);
    let kind = known[unit] as number;
    if (kind === UNKNOWN) kind = known[unit] = kindOf(String.fromCharCode(unit));
    if (unit > 0xd7ff && unit < 0xdc00 && i + 1 < length) {
      const point = text.codePointAt(i) as number;
      if (point > 0xffff) {
        kind = kindOf(String.fromCodePoint(point));
        if (kind === WORD) {
          if (gap && count > 0) units[count++] = SPACE;
          gap = false;
          units[count++] = unit;
          unit = text.charCodeAt(i + 1);
        }
        i++;
      }
    }
    if (kind === GAP) gap = true;
    else if (kind !== MARK) {
      if (gap && count > 0) units[count++] = SPACE;
      gap = false;
      if (kind === DIGIT) {
        units[count++] = ZERO;
        i = numberEnd(text, i + 1, true) - 1;
      } else units[count++] = unit > 64 && unit < 91 ? unit + 32 : unit;
    }
  }
  return units.subarray(0, count);
}

/** Where the number ends that goes on at `i`: digits, and once a decimal separator with digits behind it. */
function numberEnd(text: string, i: number, whole: boolean): number {
  while (i < text.length && digit(text, i)) i++;
  return whole && DECIMAL.has(text.charCodeAt(i)) && digit(text, i + 1) ? numberEnd(text, i + 1, false) : i;
}

function digit(text: string, i: number): boolean {
  const unit = text.charCodeAt(i);
  return unit < 128 ? unit >= 48 && unit <= 57 : !Number.isNaN(unit) && /\p{Nd}/u.test(text[i] as string);
}

function kindOf(character: string): number {
  if (/\p{Nd}/u.test(character)) return DIGIT;
  if (/\p{Mn}/u.test(character)) return MARK;
  return /[\p{P}\p{S}\p{Z}\p{Cc}]/u.test(character) ? GAP : WORD;
}

function room(length: number): Uint16Array {
  if (length > MOST_SCRATCH) return new Uint16Array(length);
  if (length > scratch.length) scratch = new Uint16Array(Math.min(MOST_SCRATCH, 2 * length));
  return scratch;
}
