// Phone numbers: international ones (+44 20 7946 0018), and those written as in one of some regions ((212) 555-0123). What is a valid
// number is told by libphonenumber's metadata; dates, order numbers and other bare digits are left alone.
import { type CountryCode, getCountryCallingCode, parsePhoneNumberFromString } from 'libphonenumber-js/max';
import { matches, type Span } from './spans.ts';

const candidate =
  /(?<![\p{L}\p{N}_@/=.$€£#&%+*-])(?:\+\s?)?(?:\(\+?\d{1,4}\)|\d)(?:[ \t\u00a0().\-\u2010-\u2013/]{0,3}\d){5,16}(?![\p{L}\p{N}_@%=]|[-./:]\d)/gu;
/** 2001-06-30, 30.06.2001, 6/30/01, anywhere in it. */
const date =
  /(?<!\d)(?:(?:19|20)\d\d([-./])[01]?\d\1[0-3]?\d|[0-3]?\d([-./ ])[0-3]?\d\2(?:(?:19|20)\d\d|\d\d))(?!\d|[-./ ]\d)|(?<!\d)(?:19|20)\d\d([-./])[01]?\d\3[0-3]?\d(?!\d)/;
const years = /^(?:19|20)\d\d\s?[-\u2010-\u2013/]\s?(?:19|20)?\d\d$/;
const address = /^\d{1,3}(?:\.\d{1,3}){3}$/;

/** @param regions ISO 3166 codes of the regions whose national forms count */
export function phones(text: string, regions: readonly string[]): Generator<Span> {
  return matches(text, candidate, (found) => phoneLength(found, regions));
}

/** How much of some digits is a phone number: without what stands behind white space where need be. 0 where none is. */
function phoneLength(found: string, regions: readonly string[]): number {
  if (!isInternational(found) && !isGrouped(found)) return 0;
  for (let end = found.length; end > 0; end = found.slice(0, end).search(/\s+\S*$/)) {
    if (isPhone(found.slice(0, end), regions)) return end;
  }
  return 0;
}

const isInternational = (found: string) => found.includes('+') || found.startsWith('00');

/** Bare digits are seldom a phone number: national ones are told by their groups, of which only the prefix may be a single digit. */
const isGrouped = (found: string) => /^\(?(?:[01]\D+\d|\d)\d+\D+\d\d/.test(found);

function isPhone(found: string, regions: readonly string[]): boolean {
  const digits = found.replace(/\D/g, '');
  if (digits.length < 7 || digits.length > 15) return false;
  if (found.includes('+')) return isValid(`+${digits}`);
  if (date.test(found) || years.test(found) || address.test(found)) return false;
  if (digits.startsWith('00')) return digits.length > 9 && isValid(`+${digits.slice(2)}`);
  const groups = found.match(/\d+/g) as string[];
  if (groups.length < 2 || groups.slice(1).some((group) => group.length < 2)) return false;
  const american = /^(?:1,?)?\d{3},\d{3},\d{4}$/.test(groups.join(','));
  return regions.some((region) => (american || !isAmerican(region)) && isValid(digits, region as CountryCode));
}

/** North American numbers are always written 3-3-4. */
const isAmerican = (region: string) => getCountryCallingCode(region as CountryCode) === '1';

function isValid(number: string, region?: CountryCode): boolean {
  return parsePhoneNumberFromString(number, region)?.isValid() ?? false;
}
