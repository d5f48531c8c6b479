// Which language a text is written in, by the n-grams of several places in it. Detection is ELD's (Nito T.M.), with its large set of
// n-grams in 60 languages; it looks at about 350 bytes of letters at a time.
import { eld } from 'eld/large';

export interface Found {
  /** ISO 639-1, or null where nothing tells. */
  language: string | null;
  /** From 0 to 1: how usual the text's n-grams are in that language. */
  score: number;
}

/** Characters that one look is given, and looks at a text. */
const LOOK = 1000;
const MOST_LOOKS = 4;

let detector: typeof eld | null = null;

/** Addresses and codes in it do not count. */
export function findLanguage(text: string): Found {
  if (detector === null) {
    detector = eld.newInstance();
    detector.enableTextCleanup(true);
  }
  const sums = new Map<string, number>();
  let looks = 0;
  for (const start of places(text)) {
    const result = detector.detect(text.slice(start, start + LOOK));
    if (result.language === '') continue;
    looks++;
    for (const [language, score] of Object.entries(result.getScores())) {
      sums.set(language, (sums.get(language) ?? 0) + score);
    }
  }
  let best: Found = { language: null, score: 0 };
  for (const [language, sum] of sums) {
    if (sum / looks > best.score) best = { language, score: sum / looks };
  }
  return best;
}

/** Where to look: all of a short text, else evenly over it, from where a word begins. */
function places(text: string): number[] {
  const looks = Math.min(MOST_LOOKS, Math.max(1, Math.ceil(text.length / LOOK)));
  return Array.from({ length: looks }, (_, i) => {
    const start = looks === 1 ? 0 : Math.floor(((text.length - LOOK) * i) / (looks - 1));
    if (start === 0) return 0;
    const space = text.slice(start, start + 50).search(/\s/);
    return space < 0 ? start : start + space;
  });
}
