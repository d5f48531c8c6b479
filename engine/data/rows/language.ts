// The language of texts, how sure that is, and why a row is not wanted for it.
import { findLanguage } from '../language.ts';
import { defineRows } from './rows.ts';

interface Params {
  column: string;
  /** Languages to keep; empty for all. */
  keep: string[];
  /** Null where no row is removed. */
  min_score: number | null;
  /** Columns to make. */
  language: string;
  score: string;
  reason: string | null;
}

export default defineRows<Params>({
  open({ column, keep, min_score, language, score, reason }) {
    const wanted = keep.length > 1 ? `${keep.slice(0, -1).join(', ')} or ${keep.at(-1)}` : keep[0];
    return (batch) => {
      const found = (batch[column] as (string | null)[]).map((text) => findLanguage(text ?? ''));
      const columns: Record<string, unknown[]> = {
        [language]: found.map((each) => each.language),
        [score]: found.map((each) => Math.round(each.score * 1e4) / 1e4),
      };
      if (reason === null) return { columns };
      columns[reason] = found.map(({ language, score }) => {
        if (language === null) return `language: none found, ${wanted ?? 'one'} wanted`;
        const said = `language: ${language} (${score.toFixed(2)})`;
        if (wanted !== undefined && !keep.includes(language)) return `${said}, ${wanted} wanted`;
        return score < (min_score as number) ? `${said}, at least ${min_score} wanted` : null;
      });
      return { columns };
    };
  },
});
