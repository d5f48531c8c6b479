// The line at the bottom: how the graph stands, and what the lower panel would show of it.
import { CircleAlert, CircleCheck, TriangleAlert } from 'lucide-react';
import { diagnosticsOf, useDocument } from '../document/document.ts';
import { useWords } from '../words/index.ts';
import { changeView, tabs, useView } from './view.ts';

export function StatusLine() {
  const t = useWords();
  const errors = useDocument((state) => diagnosticsOf(state).filter(({ severity }) => severity === 'error').length);
  const warnings = useDocument((state) => diagnosticsOf(state).filter(({ severity }) => severity === 'warning').length);
  const nodes = useDocument((state) => state.good?.graph.nodes.length ?? 0);
  const { panel, tab } = useView();
  return (
    <footer className="status-line">
      <button
        type="button"
        className="status-item"
        aria-label={errors + warnings === 0 ? undefined : t('app.status.problems', { errors, warnings })}
        onClick={() => changeView({ panel: !(panel && tab === 'problems'), tab: 'problems' })}
      >
        {errors + warnings === 0 && <CircleCheck size={13} className="good" aria-hidden />}
        {errors > 0 && <CircleAlert size={13} className="bad" aria-hidden />}
        {errors > 0 && errors}
        {warnings > 0 && <TriangleAlert size={13} className="warn" aria-hidden />}
        {warnings > 0 && warnings}
        {errors + warnings === 0 && t('app.status.sound')}
      </button>
      <span className="status-item">{t('app.status.nodes', { count: nodes })}</span>
      <span className="status-gap" />
      {tabs.map((each) => (
        <button
          key={each}
          type="button"
          className="status-item"
          aria-pressed={panel && tab === each}
          onClick={() => changeView({ panel: !(panel && tab === each), tab: each })}
        >
          {t(`tab.${each}`)}
        </button>
      ))}
    </footer>
  );
}
