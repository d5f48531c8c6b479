// Text in one form: Unicode normalisation, case, white space.

export interface TidyOptions {
  /** Unicode Standard Annex 15. */
  unicode?: 'NFC' | 'NFKC';
  case?: 'lower' | 'upper';
  /** trim: none at the ends. collapse: besides, a single space for each run. */
  space?: 'trim' | 'collapse';
}

/** By Unicode's White_Space property, which JavaScript's \s is not. */
const white = /\p{White_Space}/u;
const runs = /\p{White_Space}+/gu;

/** The text in the form asked for. Case is changed as Unicode's full mapping has it ("ß" becomes "SS"), in no language's own way. */
export function tidy(text: string, { unicode, case: letters, space }: TidyOptions): string {
  let result = unicode ? text.normalize(unicode) : text;
  if (letters) {
    result = letters === 'lower' ? result.toLowerCase() : result.toUpperCase();
    if (unicode) result = result.normalize(unicode);
  }
  if (space === 'collapse') result = result.replace(runs, ' ');
  return space ? trimmed(result) : result;
}

/** Without white space at the ends: looked for from there, since a pattern would try every run inside a long text. */
function trimmed(text: string): string {
  let start = 0;
  let end = text.length;
  while (start < end && white.test(text.charAt(start))) start++;
  while (end > start && white.test(text.charAt(end - 1))) end--;
  return text.slice(start, end);
}
