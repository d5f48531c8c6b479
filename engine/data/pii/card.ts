// Numbers of payment cards: 13 to 19 digits, alone or in groups, that begin as an issuer's do and end in the right check digit
// (ISO/IEC 7812).
import { matches, type Span, whole } from './spans.ts';

const digits = /(?<![\w.,$€£#/=+-])\d(?:[ -]?\d){12,18}(?![\w]|[-.,]\d)/g;
/** Visa, Mastercard, American Express, Diners, Discover, JCB, UnionPay and Maestro: beginnings and lengths. */
const issuers: [RegExp, number[]][] = [
  [/^4/, [13, 16, 19]],
  [/^(?:5[1-5]|222[1-9]|22[3-9]|2[3-6]|27[01]|2720)/, [16]],
  [/^3[47]/, [15]],
  [/^(?:30[0-5]|3095|3[689])/, [14, 16, 17, 18, 19]],
  [/^(?:6011|64[4-9]|65|62|81)/, [16, 17, 18, 19]],
  [/^35(?:2[89]|[3-8])/, [16, 17, 18, 19]],
  [/^(?:50|5[6-8]|6[37])/, [16, 18, 19]],
];

export function cards(text: string): Generator<Span> {
  return matches(text, digits, (found) => {
    const plain = found.replace(/[ -]/g, '');
    // One separator throughout.
    if (found.includes(' ') && found.includes('-')) return 0;
    return whole(
      found,
      issuers.some(([begin, lengths]) => begin.test(plain) && lengths.includes(plain.length)) && luhn(plain),
    );
  });
}

/** The check digit: every second digit from the right doubled, the digits of all summed, a multiple of 10. */
export function luhn(digits: string): boolean {
  let sum = 0;
  for (let i = 0; i < digits.length; i++) {
    const digit = Number(digits[digits.length - 1 - i]);
    sum += i % 2 === 0 ? digit : digit < 5 ? digit * 2 : digit * 2 - 9;
  }
  return sum % 10 === 0;
}
