// Texts judged by sets of rules, one after another, each with its usual thresholds.
import { codePoints, openWords, type Splitting } from '../words.ts';
import { c4 } from './c4.ts';
import { fineweb } from './fineweb.ts';
import { gopher } from './gopher.ts';
import type { Judged, Reason, Standard } from './limits.ts';
import { repetition } from './repetition.ts';

export type RuleSet = 'repetition' | 'gopher' | 'c4' | 'fineweb';

export interface Verdict {
  /** The first rule that the text does not meet, and why. */
  reason: Reason;
  /** What is left of a text that meets all: c4 leaves its good lines. Else the text as it came. */
  text: string;
}

/** A judge for texts. Words are kept in mind from text to text, so one judge should see many. */
export function openJudge(
  sets: readonly RuleSet[],
  standard: Standard,
  splitting: Splitting,
): (text: string) => Verdict {
  const words = openWords(splitting);
  return (original) => {
    let text = original;
    let judged: Judged | null = null;
    const seen = (): Judged => {
      judged ??= { text, length: codePoints(text), words, ...words.split(text) };
      return judged;
    };
    for (const set of sets) {
      let reason: Reason = null;
      if (set === 'gopher') reason = gopher(seen(), standard);
      else if (set === 'repetition') reason = repetition(seen(), standard);
      else if (set === 'fineweb') reason = fineweb(seen(), standard);
      else {
        const left = c4(text, words, standard);
        reason = left.reason;
        // Counting sentences cut other texts into words.
        judged = null;
        if (left.reason === null) text = left.text;
      }
      if (reason !== null) return { reason, text: original };
    }
    return { reason: null, text };
  };
}
