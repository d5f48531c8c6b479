// The lower panel: results of the selected node, curves, runs, plan, problems.
import { X } from 'lucide-react';
import { Tabs } from 'radix-ui';
import { diagnosticsOf, useDocument } from '../document/document.ts';
import { CurvesPanel } from '../results/curves.tsx';
import { ResultPanel } from '../results/panel.tsx';
import { PlanPanel } from '../runs/plan.tsx';
import { RunsPanel } from '../runs/panel.tsx';
import { useWords } from '../words/index.ts';
import { Guard } from './guard.tsx';
import { Problems } from './problems.tsx';
import { changeView, type Tab, tabs, useView } from './view.ts';

const panels: Record<Tab, React.ComponentType> = {
  result: ResultPanel,
  curves: CurvesPanel,
  runs: RunsPanel,
  plan: PlanPanel,
  problems: Problems,
};

export function LowerPanel() {
  const t = useWords();
  const tab = useView((state) => state.tab);
  const problems = useDocument((state) => diagnosticsOf(state).length);
  return (
    <Tabs.Root
      className="lower-panel"
      role="region"
      aria-label={t('app.panel')}
      value={tab}
      onValueChange={(value) => changeView({ tab: value as Tab })}
    >
      <div className="lower-panel-bar">
        <Tabs.List className="tabs" aria-label={t('app.panel')}>
          {tabs.map((each) => (
            <Tabs.Trigger key={each} className="tab" value={each}>
              {t(`tab.${each}`)}
              {each === 'problems' && problems > 0 && <span className="count">{problems}</span>}
            </Tabs.Trigger>
          ))}
        </Tabs.List>
        <button
          type="button"
          className="button quiet icon"
          aria-label={t('app.close')}
          onClick={() => changeView({ panel: false })}
        >
          <X size={15} />
        </button>
      </div>
      {tabs.map((each) => {
        const Content = panels[each];
        return (
          <Tabs.Content key={each} className="lower-panel-content" value={each} tabIndex={-1}>
            <Guard>
              <Content />
            </Guard>
          </Tabs.Content>
        );
      })}
    </Tabs.Root>
  );
}
