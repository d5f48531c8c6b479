// How English text is cut into words: white space first, then brackets, quotes and other punctuation off both ends, then hyphens and
// the like within; web addresses, abbreviations and emoticons stay whole, contractions come apart ("do", "n't").
// The rules are those of spaCy 3's blank English pipeline (https://spacy.io/usage/linguistic-features#how-tokenizer-works), by
// which datatrove's filters count; scripts other than Latin are told by Unicode's properties instead of its tables.
import { exceptions } from './exceptions.ts';

const special = exceptions();
const longestSpecial = Math.max(...[...special.keys()].map((word) => word.length));

const letter = '\\p{L}\\p{M}';
const lower = '\\p{Ll}\\p{Lo}\\p{M}';
const upper = '\\p{Lu}\\p{Lo}\\p{M}';
const quotes = `'"”“\`‘´’‚,„»«「」『』（）〔〕【】《》〈〉⟦⟧`;
const marks = '…,:;!?¿؟¡()\\[\\]\\{\\}<>_#*&。？！，、；：～·।،۔؛٪';
const currency = '$£€¥฿₽﷼₴₠-₿';
const units =
  'km²|km³|km/h|kmh|km|m²|m³|m/s|dm²|dm³|dm|cm²|cm³|cm|mm²|mm³|mm|mph|mbar|mb|mg|m|ha|µm|µg|nm|yd|in|ft|kg|kb|g|gb|t|tb|lb|oz|' +
  'hPa|Pa|MB|M|KB|K|GB|G|TB|T|%';
/** A character of such a class; ordinal signs are letters in Unicode but not here. */
const behind = (characters: string) => `(?<=[${characters}])(?<![ªº])`;
const ahead = (characters: string) => `(?=[${characters}])(?![ªº])`;

const prefix = new RegExp(`^(?:(?:US|[CA])\\$|\\+(?![0-9])|[§%=—–${marks}${quotes}${currency}\\p{So}])`, 'u');
const suffix = new RegExp(
  [
    `(?:['’][sS]|[—–${marks}${quotes}\\p{So}]`,
    '(?<=[0-9])\\+',
    '(?<=°[FfCcKk])\\.',
    `(?<=[0-9])(?:(?:US|[CA])\\$|[${currency}]|${units})`,
    `${behind(`0-9${lower}%²\\-+|?:${marks}${quotes}`)}\\.`,
    `(?<=[${upper}][${upper}])(?<![ªº].?)\\.)$`,
  ].join('|'),
  'u',
);
const infix = new RegExp(
  [
    '\\.\\.+|…|\\p{So}',
    '(?<=[0-9])[+\\-*^](?=[0-9\\-])',
    `${behind(lower + quotes)}\\.${ahead(upper + quotes)}`,
    `${behind(letter)},${ahead(letter)}`,
    `${behind(`${letter}0-9`)}(?:---|--|——|[-–—~])${ahead(letter)}`,
    `${behind(`${letter}0-9`)}[:<>=/]${ahead(letter)}`,
  ].join('|'),
  'gu',
);
const letters = /^[A-Za-z0-9]+$/;
/** After dperini's pattern of web addresses, with optional scheme and user, as spaCy has it. */
const address = new RegExp(
  [
    '^(?:[\\p{L}\\p{N}_+\\-.]{2,}://)?(?:\\S+@)?',
    '(?:(?!(?:10|127)(?:\\.\\d{1,3}){3})(?!(?:169\\.254|192\\.168)(?:\\.\\d{1,3}){2})(?!172\\.(?:1[6-9]|2\\d|3[0-1])(?:\\.\\d{1,3}){2})',
    '(?:[1-9]\\d?|1\\d\\d|2[01]\\d|22[0-3])(?:\\.(?:1?\\d{1,2}|2[0-4]\\d|25[0-5])){2}(?:\\.(?:[1-9]\\d?|1\\d\\d|2[0-4]\\d|25[0-4]))',
    `|(?:(?:[A-Za-z0-9\\u00a1-\\uffff][A-Za-z0-9\\u00a1-\\uffff_\\-]{0,62})?[A-Za-z0-9\\u00a1-\\uffff]\\.)+[${lower}]{2,63})`,
    '(?::\\d{2,5})?(?:[/?#]\\S*)?$',
  ].join(''),
  'u',
);
/** No web address is longer; what is, is not tried. */
const longestAddress = 2000;
/** The longest prefix ("US$"), and what must not follow one. */
const prefixReach = 4;
/** What a suffix can be told from: "…°C." and the longest unit with the digit before it. */
const suffixReach = 12;

/** Special words that the rules would cut, by how they would. */
const cutSpecials = new Map<string, string[]>();
for (const [word, parts] of special) {
  const cut = byRules(word, false);
  if (cut.length > 1) cutSpecials.set(cut.join('\0'), parts);
}
/** Words that such a cut begins with: most texts hold none. */
const beginnings = new Set([...cutSpecials.keys()].map((cut) => cut.slice(0, cut.indexOf('\0'))));
const longestCut = Math.max(...[...cutSpecials.keys()].map((cut) => cut.split('\0').length));

function specialOf(text: string): string[] | undefined {
  return text.length > longestSpecial ? undefined : special.get(text);
}

/** The words of a piece of text without white space. */
export function wordsOf(piece: string): string[] {
  const whole = specialOf(piece);
  if (whole) return whole;
  const words = byRules(piece, true);
  return words.length > 1 ? mended(words) : words;
}

function byRules(piece: string, specials: boolean): string[] {
  const before: string[] = [];
  const after: string[] = [];
  let rest = piece;
  while (rest !== '') {
    if (specials && specialOf(rest)) break;
    const head = prefixLength(rest);
    if (head > 0 && specials && specialOf(rest.slice(head))) {
      before.push(rest.slice(0, head));
      rest = rest.slice(head);
      break;
    }
    const tail = suffixLength(rest.slice(head));
    if (tail > 0 && specials && specialOf(rest.slice(0, -tail))) {
      after.push(rest.slice(-tail));
      rest = rest.slice(0, -tail);
      break;
    }
    if (head === 0 && tail === 0) break;
    if (head > 0) before.push(rest.slice(0, head));
    if (tail > 0) after.push(rest.slice(-tail));
    rest = rest.slice(head, rest.length - tail);
  }
  after.reverse();
  if (rest === '') return [...before, ...after];
  const whole = specials ? specialOf(rest) : undefined;
  return [...before, ...(whole ?? (isAddress(rest) ? [rest] : byInfix(rest))), ...after];
}

/** Length of what comes off the beginning, or 0. */
function prefixLength(text: string): number {
  let dots = 0;
  while (text[dots] === '.') dots++;
  return dots > 1 ? dots : (prefix.exec(text.slice(0, prefixReach))?.[0].length ?? 0);
}

/** Length of what comes off the end, or 0. */
function suffixLength(text: string): number {
  let dots = 0;
  while (text[text.length - 1 - dots] === '.') dots++;
  if (dots > 1) return dots;
  return suffix.exec(text.slice(-suffixReach))?.[0].length ?? 0;
}

function isAddress(text: string): boolean {
  return text.length <= longestAddress && text.includes('.') && address.test(text);
}

function byInfix(text: string): string[] {
  if (letters.test(text)) return [text];
  const words: string[] = [];
  let start = 0;
  // One at the very beginning is no separator.
  infix.lastIndex = 1;
  for (let match = infix.exec(text); match; match = infix.exec(text)) {
    if (match.index > start) words.push(text.slice(start, match.index));
    words.push(match[0]);
    start = infix.lastIndex;
  }
  if (start < text.length) words.push(text.slice(start));
  return words;
}

/** Puts special words right that were cut because something stood beside them (":)" in "well:)"). */
function mended(words: string[]): string[] {
  if (!words.some((word) => beginnings.has(word))) return words;
  const whole: string[] = [];
  for (let at = 0; at < words.length; ) {
    let count = beginnings.has(words[at] as string) ? Math.min(longestCut, words.length - at) : 1;
    let parts: string[] | undefined;
    for (; count > 1 && !parts; count--) parts = cutSpecials.get(words.slice(at, at + count).join('\0'));
    whole.push(...(parts ?? [words[at] as string]));
    at += parts ? count + 1 : 1;
  }
  return whole;
}
