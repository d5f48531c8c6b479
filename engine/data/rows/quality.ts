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
}

/** Makes `reason`, and `edited` where a good text is not as it was. */
export default defineRows<Params>({
  open({ column, rules, without, words, stop_words, short_line, limits }) {
    const standard = { limits, stopWords: new Set(stop_words), shortLine: short_line, without: new Set(without) };
    const judge = openJudge(rules, standard, words);
    return (batch) => {
      const texts = batch[column] as (string | null)[];
      const verdicts = texts.map((text) =>
        text === null ? { reason: 'quality: there is no text', text } : judge(text),
      );
      return {
        columns: {
          reason: verdicts.map(({ reason }) => reason),
          edited: verdicts.map(({ text }, i) => (text === texts[i] ? null : text)),
        },
      };
    };
  },
});
