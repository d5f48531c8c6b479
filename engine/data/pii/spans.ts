// Where personal data stands in a text. Each finder gives its places in order and without overlaps.

/** Characters `start` up to `end`, without it. */
export interface Span {
  start: number;
  end: number;
}

/** The matches that are accepted, as far as `accepts` says; behind what is not, it goes on after the next white space. */
export function* matches(text: string, pattern: RegExp, accepts: (found: string) => number): Generator<Span> {
  pattern.lastIndex = 0;
  for (let match = pattern.exec(text); match; match = pattern.exec(text)) {
    const length = accepts(match[0]);
    const { index } = match;
    if (length > 0) {
      pattern.lastIndex = index + length;
      yield { start: index, end: index + length };
    } else {
      const space = match[0].search(/\s/);
      if (space > 0) pattern.lastIndex = index + space;
    }
  }
}

/** For `accepts`: all of it, or nothing. */
export const whole = (found: string, accepted: boolean): number => (accepted ? found.length : 0);
