// Texts judged by published rules for quality: why each is not wanted, and what is left of the others.

import type { Limits } from '../quality/limits.ts';
import type { RuleSet } from '../quality/standard.ts';
import { openJudge } from '../quality/standard.ts';
import type { Splitting } from '../words.ts';
import { defineRows } from './rows.ts';

interface Params {
  column: string;
  rules: RuleSet[];
  without: string[];
  words: Splitting;
  stop_words: string[];
  short_line: number;
  limits: Limits;
  /** Column for the reason. */
  reason: string;
}

export default defineRows<Params>({
  open({ column, rules, without, words, stop_words, short_line, limits, reason }) {
    const standard = { limits, stopWords: new Set(stop_words), shortLine: short_line, without: new Set(without) };
    const judge = openJudge(rules, standard, words);
    return (batch) => {
      const verdicts = (batch[column] as (string | null)[]).map((text) =>
        text === null ? { reason: 'quality: there is no text', text } : judge(text),
      );
      const reasons = verdicts.map((verdict) => verdict.reason);
      const columns = { [reason]: reasons };
      if (!rules.includes('c4')) return { columns };
      return { columns: { [column]: verdicts.map((verdict) => verdict.text), ...columns } };
    };
  },
});
