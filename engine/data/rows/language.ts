// The language of texts, how sure that is, and why a row is not wanted for it.
import { findLanguage } from '../language.ts';
import { defineRows } from './rows.ts';

interface Params {
  column: string;
  /** Languages to keep; empty for all. */
  keep: string[];
  /** Null where no row is removed. */
  min_score: number | null;
}

/** Makes `language`, `score` and `reason`. */
export default defineRows<Params>({
  open({ column, keep, min_score }) {
    const wanted = keep.length > 1 ? `${keep.slice(0, -1).join(', ')} or ${keep.at(-1)}` : keep[0];
    return (batch) => {
      const found = (batch[column] as (string | null)[]).map((text) => findLanguage(text ?? ''));
      const reasons = found.map(({ language, score }) => {
        if (min_score === null) return null;
        if (language === null) return `language: none found, ${wanted ?? 'one'} wanted`;
        const said = `language: ${language} (${score.toFixed(2)})`;
        if (wanted !== undefined && !keep.includes(language)) return `${said}, ${wanted} wanted`;
        return score < min_score ? `${said}, at least ${min_score} wanted` : null;
      });
      return {
        columns: {
          language: found.map((each) => each.language),
          score: found.map((each) => Math.round(each.score * 1e4) / 1e4),
          reason: reasons,
        },
      };
    };
  },
});
