// Tables with very many columns are looked at a hundred at a time.
import { ChevronLeft, ChevronRight } from 'lucide-react';
import { useWords } from '../words/index.ts';

/** As many as the host sends at once. */
export const mostColumns = 100;

export function SomeColumns(props: { from: number; total: number; go: (from: number) => void }) {
  const { from, total, go } = props;
  const t = useWords();
  if (total <= mostColumns) return null;
  const last = Math.min(total, from + mostColumns);
  return (
    <div className="results-some" role="group" aria-label={t('table.columns.some')}>
      <button
        type="button"
        className="button quiet icon"
        aria-label={t('table.columns.before')}
        disabled={from === 0}
        onClick={() => go(Math.max(0, from - mostColumns))}
      >
        <ChevronLeft size={14} aria-hidden />
      </button>
      <span aria-live="polite">{t('table.columns.of', { first: from + 1, last, total })}</span>
      <button
        type="button"
        className="button quiet icon"
        aria-label={t('table.columns.after')}
        disabled={last === total}
        onClick={() => go(last)}
      >
        <ChevronRight size={14} aria-hidden />
      </button>
    </div>
  );
}
